"""Settings: read once, all faults at once, and production starts strong or not at all."""

import stat
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

import config
from config import VARIABLES, ConfigurationError, check_production, load, load_or_exit, make_local_secret

STRONG = "kZ3vT0_qW9xLr8Yb2NfUe6HsPd1MgCa7JtRo5iKzVlQ"
PRODUCTION = {
    "CLOUDTALLY_ENV": "production",
    "SECRET_KEY": STRONG,
    "CLOUDTALLY_PUBLIC_URL": "https://console.reseller.test",
}


def test_nothing_set_means_one_machine() -> None:
    settings = load({"CLOUDTALLY_INSTANCE": "/nowhere"})

    assert settings["SQLALCHEMY_DATABASE_URI"] == "sqlite:////nowhere/cloudtally.db"
    assert (settings["HOST"], settings["PORT"]) == ("127.0.0.1", 8080)
    assert settings["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=8)
    assert settings["INVITATION_LIFETIME"] == timedelta(hours=72)
    assert (settings["MAX_CONTENT_LENGTH"], settings["MAX_FORM_MEMORY_SIZE"]) == (16 * 1024**2, 4 * 1024**2)
    assert (settings["SESSION_COOKIE_NAME"], settings["SESSION_COOKIE_SECURE"]) == ("cloudtally", False)
    assert (settings["HSTS_SECONDS"], settings["SECRET_KEY"], settings["CLOUDTALLY_PROXY_COUNT"]) == (
        0,
        None,
        0,
    )


def test_every_variable_has_a_readable_default_and_a_meaning() -> None:
    assert all(variable.read(variable.default) is not None and variable.meaning for variable in VARIABLES)
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db/x", "postgresql+psycopg://u:p@db/x"),
        ("postgresql://u:p@db/x?sslmode=require", "postgresql+psycopg://u:p@db/x?sslmode=require"),
        ("postgresql+psycopg://u@db/x", "postgresql+psycopg://u@db/x"),
        ("sqlite:////var/lib/c.db", "sqlite:////var/lib/c.db"),
    ],
)
def test_database_address_gets_the_driver(given: str, used: str) -> None:
    assert load({"DATABASE_URL": given})["SQLALCHEMY_DATABASE_URI"] == used


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            {
                "PORT": "http",
                "DATABASE_URL": "mysql://x",
                "CLOUDTALLY_DEMO": "maybe",
                "CLOUDTALLY_ENV": "production",
                "CLOUDTALLY_PUBLIC_URL": "http://console.reseller.test",
                "CLOUDTALLY_PORTT": "1",
                "CLOUDTALLY_LOGIN_RATE_LIMIT": "often",
            }
        )

    said = " | ".join(caught.value.faults)
    for words in (
        "PORT is a whole number from 1 to 65535",
        "DATABASE_URL starts with",
        "CLOUDTALLY_DEMO is 1 or 0",
        "CLOUDTALLY_PORTT is not a setting",
        "CLOUDTALLY_LOGIN_RATE_LIMIT is a limit",
        "SECRET_KEY is needed",
        "CLOUDTALLY_PUBLIC_URL must be https",
    ):
        assert words in said
    assert len(caught.value.faults) == 7


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8080.5", "", "٨٠", "9" * 20])
def test_ports_that_are_none(port: str) -> None:
    with pytest.raises(ConfigurationError, match="PORT"):
        load({"PORT": port})


@pytest.mark.parametrize(
    "url", ["console.example.com", "ftp://x", "https://", "https://x/path", "https://x/?a=1", "javascript:1"]
)
def test_public_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="CLOUDTALLY_PUBLIC_URL"):
        load({"CLOUDTALLY_PUBLIC_URL": url})


def test_https_address_makes_cookies_and_headers_strict() -> None:
    settings = load({"CLOUDTALLY_PUBLIC_URL": "https://console.reseller.test/"})

    assert settings["CLOUDTALLY_PUBLIC_URL"] == "https://console.reseller.test"
    assert (settings["SESSION_COOKIE_NAME"], settings["SESSION_COOKIE_SECURE"]) == ("__Host-cloudtally", True)
    assert (settings["SESSION_COOKIE_PATH"], settings.get("SESSION_COOKIE_DOMAIN")) == ("/", None)
    assert settings["HSTS_SECONDS"] >= 365 * 24 * 3600
    assert settings["FAB_SAFE_REDIRECT_HOSTS"] == ["console.reseller.test"]


def test_production_with_everything_strong_starts_without_demo() -> None:
    settings = load(PRODUCTION | {"CLOUDTALLY_DEMO": "1"})

    assert settings["SECRET_KEY"] == STRONG
    assert settings["CLOUDTALLY_DEMO"] is False


@pytest.mark.parametrize(
    "secret",
    ["", "short", "a" * 64, "abab" * 12, "change-me-" + STRONG, "my-Secret-Key-" + STRONG, "12345678" * 5],
)
def test_production_refuses_a_weak_secret(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        load(PRODUCTION | {"SECRET_KEY": secret})


@pytest.mark.parametrize("url", ["", "http://console.reseller.test"])
def test_production_refuses_an_address_that_is_not_https(url: str) -> None:
    with pytest.raises(ConfigurationError, match="CLOUDTALLY_PUBLIC_URL"):
        load(PRODUCTION | {"CLOUDTALLY_PUBLIC_URL": url})


def test_production_check_covers_what_was_changed_after_loading() -> None:
    settings = load(PRODUCTION)
    check_production(settings)

    with pytest.raises(ConfigurationError, match="DEBUG and TESTING"):
        check_production(settings | {"TESTING": True})


def test_production_never_takes_the_local_secret(tmp_path: Path) -> None:
    make_local_secret(tmp_path)

    with pytest.raises(ConfigurationError, match="SECRET_KEY is needed"):
        load(PRODUCTION | {"SECRET_KEY": "", "CLOUDTALLY_INSTANCE": str(tmp_path)})


def test_local_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"

    secret = make_local_secret(folder)

    assert len(secret) >= 64
    assert make_local_secret(folder) == secret
    assert load({"CLOUDTALLY_INSTANCE": str(folder)})["SECRET_KEY"] == secret
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


# For each folder on its standard input, a process answers the secret it would use.
STARTER = """
import sys, pathlib, config
for line in sys.stdin:
    print(config.make_local_secret(pathlib.Path(line.strip())), flush=True)
"""


def test_processes_that_start_at_once_use_one_secret(tmp_path: Path) -> None:
    with ExitStack() as stack:
        starters = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", STARTER],
                    cwd=config.ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(4)
        ]
        for folder in (tmp_path / str(number) for number in range(200)):
            for starter in starters:
                starter.stdin.write(f"{folder}\n")
                starter.stdin.flush()
            [secret] = {starter.stdout.readline().strip() for starter in starters}
            assert len(secret) >= 64
            assert (folder / "secret_key").read_text() == secret


def test_an_empty_secret_file_is_said_and_not_used(tmp_path: Path) -> None:
    empty = tmp_path / "secret_key"
    empty.touch()

    with pytest.raises(ConfigurationError, match="secret_key is empty; remove it"):
        config._secret_of_another(empty, tries=2)


def test_database_password_is_in_one_key_only() -> None:
    settings = load({"DATABASE_URL": "postgresql://u:hush-hush@db/x"})

    assert [key for key, value in settings.items() if "hush-hush" in str(value)] == [
        "SQLALCHEMY_DATABASE_URI"
    ]


def test_commands_end_with_status_1_and_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        load_or_exit({"PORT": "x", "CLOUDTALLY_ENV": "test"})

    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert "PORT" in said
    assert "CLOUDTALLY_ENV" in said


def test_other_programs_variables_are_left_alone() -> None:
    load({"PATH": "/bin", "CLOUDTALLY_TEST_DATABASE": "sqlite", "CLOUDTALLY_SAMPLE_DATA": "/x"})


def test_domains_of_senders_are_for_everybody_or_for_one_reseller() -> None:
    given = {"CLOUDTALLY_MAIL_DOMAINS": " Mail.example.com, north:north.example ,"}

    assert config.load(given)["CLOUDTALLY_MAIL_DOMAINS"] == (
        ("", "mail.example.com"),
        ("north", "north.example"),
    )


@pytest.mark.parametrize(
    "domains", ["north", "a@north.example", ":north.example", "north.example/", "*.example"]
)
def test_domains_that_are_none(domains: str) -> None:
    with pytest.raises(config.ConfigurationError, match="CLOUDTALLY_MAIL_DOMAINS is a list such as"):
        config.load({"CLOUDTALLY_MAIL_DOMAINS": domains})


@pytest.mark.parametrize(
    ("port", "tls", "used"),
    [
        ("587", "1", (True, False)),
        ("465", "1", (False, True)),
        ("465", "0", (False, False)),
        ("25", "0", (False, False)),
    ],
)
def test_tls_to_the_mail_server_follows_its_port(port: str, tls: str, used: tuple[bool, bool]) -> None:
    found = config.load({"CLOUDTALLY_MAIL_PORT": port, "CLOUDTALLY_MAIL_TLS": tls})

    assert (found["MAIL_USE_TLS"], found["MAIL_USE_SSL"]) == used


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CLOUDTALLY_RATE_LIMIT_STORAGE"])
def test_redis_without_its_client_is_said_at_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _package: None)
    with pytest.raises(config.ConfigurationError, match=f"{name} needs the package redis"):
        config.load({name: "redis://host:6379/1"})

    monkeypatch.setattr(config, "find_spec", lambda _package: object())
    assert config.load({name: "redis://host:6379/1"})[name] == "redis://host:6379/1"
