"""Every setting of Cloudtally, and the only reader of the environment.

`load(os.environ)` answers the configuration of one application as a dictionary, or raises `ConfigurationError` with
all faults at once. Each variable is documented beside its default in `VARIABLES`; `.env.example` lists the same.
"""

import math
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from click import ClickException  # flask commands print it as one line instead of a trace

ROOT = Path(__file__).resolve().parent
PREFIX = "CLOUDTALLY_"
_FREE_PREFIXES = ("CLOUDTALLY_TEST_", "CLOUDTALLY_BENCH_")
_MINIMUM_SECRET = 32
_IMPLICIT_TLS = 465
# Secrets that appear in examples and tutorials; a secret containing one of these is nobody's secret.
_WELL_KNOWN = (
    "change-me",
    "changeme",
    "change_me",
    "secret-key",
    "secretkey",
    "example",
    "password",
    "cloudtally",
)


class ConfigurationError(ClickException):
    """The environment holds values that cannot work; `faults` says all of them."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "The configuration cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults)
        )


def _text(value: str) -> str:
    return value.strip()


def _switch(value: str) -> bool:
    word = value.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("is 1 or 0")


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", value.strip()) or not lowest <= int(value) <= highest:
            raise ValueError(f"is a whole number from {lowest} to {highest}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.strip().lower() not in words:
            raise ValueError(f"is one of {', '.join(words)}")
        return value.strip().lower()

    return read


def _folder(value: str) -> Path:
    path = Path(value.strip()).expanduser()
    return path if path.is_absolute() else ROOT / path


def _folder_if_any(value: str) -> str:
    return str(_folder(value)) if value else ""


def _public_url(value: str) -> str:
    url = value.strip().rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url)
    has_more = parts.path or parts.query or parts.fragment
    if parts.scheme not in {"http", "https"} or not parts.hostname or has_more:
        raise ValueError("is an address such as https://console.example.com, without a path")
    return url


def _database_url(value: str) -> str:
    """The address with the driver that is installed; other databases than the two tested ones are refused."""
    url = value.strip()
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url == "" or url.startswith(("postgresql+psycopg://", "sqlite://")):
        return url
    raise ValueError("starts with postgresql:// or sqlite://")


def _rate_limit(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,5} per (second|minute|hour|day)", value.strip()):
        raise ValueError('is a limit such as "5 per minute"')
    return value.strip()


def _store_url(value: str) -> str:
    """An address of a store; the client for Redis is a package of its own."""
    url = value.strip()
    if url.startswith(("redis://", "rediss://")) and find_spec("redis") is None:
        raise ValueError('needs the package redis: "pip install redis"')
    return url


def _mail_domains(value: str) -> tuple[tuple[str, str], ...]:
    """Pairs of nickname and domain; the nickname is empty where every reseller may use the domain."""
    found = []
    for part in value.lower().split(","):
        if not part.strip():
            continue
        nickname, colon, domain = (piece.strip() for piece in part.rpartition(":"))
        if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}", domain) or (colon and not nickname):
            raise ValueError('is a list such as "mail.example.com, north:north.example"')
        found.append((nickname, domain))
    return tuple(found)


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, its default as it would be written, how it is read, what it is for."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


VARIABLES = (
    Variable(
        "CLOUDTALLY_ENV",
        "local",
        _one_of("local", "production"),
        "production checks secrets and addresses and refuses to start when one of them is weak",
    ),
    Variable("HOST", "127.0.0.1", _text, "the address that run.py listens on"),
    Variable("PORT", "8080", _number(1, 65535), "the port that run.py listens on"),
    Variable(
        "DATABASE_URL",
        "",
        _database_url,
        "where the records are: postgresql://user:password@host/name; empty means SQLite in the instance folder",
    ),
    Variable(
        "SECRET_KEY",
        "",
        _text,
        "signs sessions and links, at least 32 random characters; empty means that run.py makes one and keeps it",
    ),
    Variable("CLOUDTALLY_INSTANCE", "instance", _folder, "folder for what the running product keeps"),
    Variable(
        "CLOUDTALLY_TEMPLATE_CACHE",
        "",
        _text,
        "folder for compiled templates, for Cloudtally alone to write to; empty means templates in the instance folder",
    ),
    Variable(
        "CLOUDTALLY_PUBLIC_URL",
        "",
        _public_url,
        "the address people use, such as https://console.example.com; goes into links, cookies and headers",
    ),
    Variable(
        "CLOUDTALLY_PROXY_COUNT",
        "0",
        _number(0, 5),
        "how many proxies stand in front and set X-Forwarded-For, -Proto and -Host; never guessed",
    ),
    Variable(
        "CLOUDTALLY_DEMO",
        "1",
        _switch,
        "1 lets run.py fill an empty installation with the demo world; never in production",
    ),
    Variable("CLOUDTALLY_THREADS", "8", _number(1, 64), "how many requests run.py serves at the same time"),
    Variable("CLOUDTALLY_SESSION_HOURS", "8", _number(1, 168), "hours after which an unused session ends"),
    Variable(
        "CLOUDTALLY_SESSION_ABSOLUTE_HOURS",
        "24",
        _number(1, 720),
        "hours after signing in when every session ends, used or not",
    ),
    Variable(
        "CLOUDTALLY_INVITATION_HOURS", "72", _number(1, 720), "hours for which an invitation link works"
    ),
    Variable(
        "CLOUDTALLY_PASSWORD_RESET_HOURS",
        "1",
        _number(1, 24),
        "hours for which the link to a new password works",
    ),
    Variable(
        "CLOUDTALLY_EMAIL_VALIDATION_HOURS",
        "24",
        _number(1, 168),
        "hours for which the link works that proves the address of a sign-up",
    ),
    Variable(
        "CLOUDTALLY_UNPROVEN_SIGNUP_DAYS",
        "7",
        _number(0, 90),
        "days after the end of that link when a sign-up that nobody proved is removed with what was entered",
    ),
    Variable(
        "CLOUDTALLY_UPLOAD_MB", "16", _number(1, 512), "largest request and therefore largest file, in MB"
    ),
    Variable(
        "CLOUDTALLY_USAGE_FOLDER",
        "",
        _text,
        "folder for imported usage, the same for web and workers; empty means usage in the instance folder",
    ),
    Variable(
        "CLOUDTALLY_USAGE_UPLOAD_MB",
        "4096",
        _number(1, 1_048_576),
        "largest file of usage that can be uploaded, in MB; it arrives in pieces below CLOUDTALLY_UPLOAD_MB",
    ),
    Variable(
        "CLOUDTALLY_USAGE_WATCH_FOLDER",
        "",
        _text,
        "folder whose subfolders, one per reseller's nickname, are looked into for usage; empty means none",
    ),
    Variable(
        "CLOUDTALLY_ANALYSIS_MEMORY_MB",
        "640",
        _number(128, 1_048_576),
        "memory that one process takes for analysing usage, in MB; what does not fit goes to the usage folder",
    ),
    Variable(
        "CLOUDTALLY_ANALYSIS_THREADS",
        "2",
        _number(1, 256),
        "processors that one process takes for analysing usage",
    ),
    Variable(
        "CLOUDTALLY_LOGIN_RATE_LIMIT",
        "5 per minute",
        _rate_limit,
        "how often signing in may fail from one address",
    ),
    Variable(
        "CLOUDTALLY_RATE_LIMIT_STORAGE",
        "memory://",
        _store_url,
        "where rate limits are counted; memory:// counts per process, so several workers need redis://host:6379/0",
    ),
    Variable(
        "CELERY_BROKER_URL",
        "",
        _store_url,
        "what tells the workers of work: redis://host:6379/1; empty means SQLite in the instance folder",
    ),
    Variable("CLOUDTALLY_MAIL_SERVER", "", _text, "SMTP server; empty means that mails wait in the outbox"),
    Variable(
        "CLOUDTALLY_MAIL_PORT",
        "587",
        _number(1, 65535),
        "port of the SMTP server; 465 is TLS from the first byte",
    ),
    Variable(
        "CLOUDTALLY_MAIL_TLS",
        "1",
        _switch,
        "1 speaks TLS to the SMTP server (STARTTLS, except on port 465) and checks its certificate",
    ),
    Variable("CLOUDTALLY_MAIL_USERNAME", "", _text, "user name at the SMTP server"),
    Variable("CLOUDTALLY_MAIL_PASSWORD", "", _text, "password at the SMTP server"),
    Variable(
        "CLOUDTALLY_MAIL_TIMEOUT",
        "30",
        _number(1, 60),
        "seconds after which a silent mail server is given up",
    ),
    Variable("CLOUDTALLY_MAIL_SENDER", "cloudtally@localhost", _text, "the address that mails come from"),
    Variable(
        "CLOUDTALLY_MAIL_DOMAINS",
        "",
        _mail_domains,
        "domains that resellers may send from, comma separated; nickname:domain releases one for one reseller",
    ),
    Variable(
        "CLOUDTALLY_MAIL_KEEP_DAYS",
        "180",
        _number(1, 3650),
        "days after which mails that were sent or given up are removed",
    ),
)
# Read by the Makefile, the tests and .ci/run, never by the running product.
TOOL_VARIABLES = {
    "CLOUDTALLY_TEST_DATABASE": "sqlite or postgresql: the engine that the tests run on",
    "CLOUDTALLY_SAMPLE_DATA": "folder with sample billing files for the tests that read real ones",
}


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The configuration that `environ` (by default the process's) describes; all faults are raised together."""
    environ = os.environ if environ is None else environ
    faults = _unknown_names(environ)
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        given = environ.get(variable.name, variable.default)
        try:
            values[variable.name] = variable.read(given)
        except ValueError as problem:
            faults.append(f"{variable.name} {problem}")
            values[variable.name] = variable.read(variable.default)
    settings = _settings(values)
    faults += production_faults(settings)
    if faults:
        raise ConfigurationError(faults)
    return settings


def _unknown_names(environ: Mapping[str, str]) -> list[str]:
    known = {variable.name for variable in VARIABLES} | set(TOOL_VARIABLES)
    return [
        f"{name} is not a setting of Cloudtally"
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known and not name.startswith(_FREE_PREFIXES)
    ]


def production_faults(settings: Mapping[str, Any]) -> list[str]:
    """What keeps these settings from being used in production; empty outside production."""
    if settings.get("CLOUDTALLY_ENV") != "production":
        return []
    faults = []
    weakness = _weakness(str(settings.get("SECRET_KEY") or ""))
    if weakness:
        faults.append(f"SECRET_KEY {weakness}")
    public_url = str(settings.get("CLOUDTALLY_PUBLIC_URL") or "")
    if not public_url:
        faults.append("CLOUDTALLY_PUBLIC_URL is needed in production")
    elif not public_url.startswith("https://"):
        faults.append("CLOUDTALLY_PUBLIC_URL must be https in production")
    if settings.get("DEBUG") or settings.get("TESTING"):
        faults.append("DEBUG and TESTING must be off in production")
    return faults


def check_production(settings: Mapping[str, Any]) -> None:
    """Refuse settings that production must not start with; for `create_app`, which takes them from anywhere."""
    faults = production_faults(settings)
    if faults:
        raise ConfigurationError(faults)


def secret_file(instance: Path) -> Path:
    """Where an installation on one machine keeps the secret that was made for it."""
    return instance / "secret_key"


def make_local_secret(instance: Path) -> str:
    """The installation's own secret; made on the first call and readable for its owner only.

    Of several processes that start at once one makes it, and all use that one.
    """
    path = secret_file(instance)
    instance.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(48)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _secret_of_another(path)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(secret.encode("ascii"))  # in one piece: a reader finds nothing or all of it
    except BaseException:
        path.unlink()
        raise
    return secret


def _secret_of_another(path: Path, tries: int = 500) -> str:
    """The secret in a file that another process has made, and perhaps not written yet."""
    for _ in range(tries):
        secret = path.read_text(encoding="ascii").strip()
        if secret:
            return secret
        time.sleep(1 / 100)
    raise ConfigurationError([f"{path} is empty; remove it, and the next start makes a new secret"])


def _kept_secret(values: Mapping[str, Any]) -> str | None:
    """The secret that `run.py` made earlier; production gets its secret from the environment only."""
    path = secret_file(values["CLOUDTALLY_INSTANCE"])
    if values["CLOUDTALLY_ENV"] == "production" or not path.is_file():
        return None
    return path.read_text(encoding="ascii").strip() or None


def _weakness(secret: str) -> str:
    """What is wrong with a secret, or nothing."""
    advice = 'python -c "import secrets; print(secrets.token_urlsafe(48))" makes one'
    if not secret:
        return f"is needed in production; {advice}"
    if len(secret) < _MINIMUM_SECRET:
        return f"has fewer than {_MINIMUM_SECRET} characters; {advice}"
    is_repetition = secret in (secret + secret)[1:-1]
    if is_repetition or any(word in secret.lower() for word in _WELL_KNOWN) or _bits(secret) < 80:
        return f"is easy to guess; {advice}"
    return ""


def _bits(secret: str) -> int:
    """A rough measure of randomness: how many bits the mix of characters carries."""
    shares = [secret.count(character) / len(secret) for character in set(secret)]
    return int(-sum(share * math.log2(share) for share in shares) * len(secret))


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that Flask, its extensions and the product read."""
    instance: Path = values["CLOUDTALLY_INSTANCE"]
    public_url: str = values["CLOUDTALLY_PUBLIC_URL"]
    is_https = public_url.startswith("https://")
    own = {variable.name: values[variable.name] for variable in VARIABLES}
    return {
        **own,
        "CLOUDTALLY_INSTANCE": str(instance),
        "CLOUDTALLY_USAGE_FOLDER": str(_folder(values["CLOUDTALLY_USAGE_FOLDER"] or str(instance / "usage"))),
        "CLOUDTALLY_TEMPLATE_CACHE": str(
            _folder(values["CLOUDTALLY_TEMPLATE_CACHE"] or str(instance / "templates"))
        ),
        "CLOUDTALLY_USAGE_WATCH_FOLDER": _folder_if_any(values["CLOUDTALLY_USAGE_WATCH_FOLDER"]),
        "CELERY_BROKER_URL": values["CELERY_BROKER_URL"] or f"sqla+sqlite:///{instance / 'broker.db'}",
        # The demo world's passwords are public.
        "CLOUDTALLY_DEMO": values["CLOUDTALLY_DEMO"] and values["CLOUDTALLY_ENV"] != "production",
        "APP_NAME": "Cloudtally",
        "SECRET_KEY": values["SECRET_KEY"] or _kept_secret(values),
        "DATABASE_URL": None,  # may carry a password; SQLALCHEMY_DATABASE_URI is the one to read
        "SQLALCHEMY_DATABASE_URI": values["DATABASE_URL"] or f"sqlite:///{instance / 'cloudtally.db'}",
        # Cookies and addresses. `__Host-` ties the cookie to this host, and browsers take it over https only.
        "SESSION_COOKIE_NAME": "__Host-cloudtally" if is_https else "cloudtally",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=values["CLOUDTALLY_SESSION_HOURS"]),
        "SESSION_LONGEST_LIFETIME": timedelta(hours=values["CLOUDTALLY_SESSION_ABSOLUTE_HOURS"]),
        "PREFERRED_URL_SCHEME": "https" if is_https else "http",
        "HSTS_SECONDS": 31_536_000 if is_https else 0,
        "FAB_SAFE_REDIRECT_HOSTS": [urlsplit(public_url).netloc] if public_url else _local_hosts(values),
        # Forms. A form field is text; only files may be as large as the whole request.
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as its session
        "MAX_CONTENT_LENGTH": values["CLOUDTALLY_UPLOAD_MB"] * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "INVITATION_LIFETIME": timedelta(hours=values["CLOUDTALLY_INVITATION_HOURS"]),
        "PASSWORD_RESET_LIFETIME": timedelta(hours=values["CLOUDTALLY_PASSWORD_RESET_HOURS"]),
        "EMAIL_VALIDATION_LIFETIME": timedelta(hours=values["CLOUDTALLY_EMAIL_VALIDATION_HOURS"]),
        "UNPROVEN_SIGNUP_KEPT": timedelta(days=values["CLOUDTALLY_UNPROVEN_SIGNUP_DAYS"]),
        # Flask-AppBuilder: tables come from migrations, roles from code, screens and API are our own.
        "AUTH_TYPE": 1,
        "AUTH_ROLE_PUBLIC": "Public",
        "AUTH_USER_REGISTRATION": False,
        # OWASP's Password Storage Cheat Sheet: N 2^15, r 8, p 3, which takes 32 MB while it runs. Passwords that were
        # stored with less are stored anew when their people sign in.
        "FAB_PASSWORD_HASH_METHOD": "scrypt:32768:8:3",
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": values["CLOUDTALLY_LOGIN_RATE_LIMIT"],
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": values["CLOUDTALLY_RATE_LIMIT_STORAGE"],
        "FAB_BASE_TEMPLATE": "shell/base.html",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
        "FAB_API_KEY_ENABLED": False,
        "FAB_API_SWAGGER_UI": False,
        # Languages.
        "LANGUAGES": {
            "en": {"flag": "gb", "name": "English"},
            "de": {"flag": "de", "name": "Deutsch"},
        },
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        # Mail.
        "MAIL_SERVER": values["CLOUDTALLY_MAIL_SERVER"],
        "MAIL_PORT": values["CLOUDTALLY_MAIL_PORT"],
        "MAIL_USE_TLS": values["CLOUDTALLY_MAIL_TLS"] and values["CLOUDTALLY_MAIL_PORT"] != _IMPLICIT_TLS,
        "MAIL_USE_SSL": values["CLOUDTALLY_MAIL_TLS"] and values["CLOUDTALLY_MAIL_PORT"] == _IMPLICIT_TLS,
        "MAIL_USERNAME": values["CLOUDTALLY_MAIL_USERNAME"] or None,
        "MAIL_PASSWORD": values["CLOUDTALLY_MAIL_PASSWORD"] or None,
        "MAIL_SUPPRESS_SEND": False,  # a test that sends names its own server
        "MAIL_DEFAULT_SENDER": values["CLOUDTALLY_MAIL_SENDER"],
    }


def _local_hosts(values: Mapping[str, Any]) -> list[str]:
    """The hosts a person on this machine may have typed."""
    hosts = {"127.0.0.1", "localhost", str(values["HOST"])}
    return sorted(f"{host}:{values['PORT']}" for host in hosts)


def load_or_exit(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`load` for commands: says every fault on standard error and ends with status 1."""
    try:
        return load(environ)
    except ConfigurationError as problem:
        sys.stderr.write(f"{problem}\n")
        raise SystemExit(1) from None
