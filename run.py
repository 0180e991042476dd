"""Start Cloudtally on this machine: `python run.py`.

Checks first what usually goes wrong and says it in one line, brings the database up to date, loads the demo world into
an empty installation, serves, and stops with everything it started on Ctrl-C, SIGTERM, or when its terminal is closed.
"""

# The first checks have to run on an old Python 3 and without any package: nothing newer is written in this file.
import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

OLDEST, NEWEST = (3, 11), (3, 13)
#: Seconds before a worker that ended is followed by another: one that cannot run is not started without end.
WORKER_PAUSE = 5
PACKAGES = (
    "flask_appbuilder",
    "flask_migrate",
    "sqlalchemy",
    "babel",
    "waitress",
    "xlsxwriter",
    "psycopg",
    "zxcvbn",
    "celery",
    "duckdb",
)


class CannotStart(Exception):
    """Why the product does not start, in one line for the person at the terminal."""


def check_python(version: tuple = tuple(sys.version_info)) -> None:
    """Refuse a Python that the pinned packages were not tested with."""
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        raise CannotStart(
            f"Cloudtally needs Python 3.11, 3.12 or 3.13; this is Python {version[0]}.{version[1]}."
        )


def check_packages(names: tuple = PACKAGES) -> None:
    """Refuse to go on without the packages, and say which command brings them."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        here = os.path.dirname(os.path.abspath(__file__))
        raise CannotStart(
            f"Packages are missing ({', '.join(missing)}). "
            f"Run: {sys.executable} -m pip install -r {os.path.join(here, 'requirements.txt')}"
        )


def check_instance_folder(folder: str) -> None:
    """Make the folder for what the product keeps, and refuse one that cannot be written."""
    probe = os.path.join(folder, f".written-{os.getpid()}")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(probe, "w"):
            pass
        os.remove(probe)
    except OSError as problem:
        raise CannotStart(
            f"The folder {folder} cannot be written ({problem.strerror or problem}). "
            "Set CLOUDTALLY_INSTANCE to one that can."
        ) from None


def reserve(host: str, port: int) -> socket.socket:
    """A socket bound to host and port, so that nobody takes them while the database is brought up to date."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise CannotStart(f"HOST {host} is not an address of this machine.") from None
    if _answers(family, address):
        raise CannotStart(f"Port {port} is in use. Choose another one: PORT={port % 65535 + 1}")
    reserved = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(address)
    except OSError as problem:
        reserved.close()
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({problem.strerror or problem}). "
            f"Choose another one: PORT={port % 65535 + 1}"
        ) from None
    return reserved


def _answers(family: int, address: tuple) -> bool:
    """Whether somebody serves there already; on all addresses when ours is the wildcard."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104 - compared, not bound
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((target, *address[1:])) == 0


def prepare(settings: dict) -> "Flask":
    """The application with an up-to-date database, and with the demo world if it was empty."""
    from app.kernel.translations import compile_catalogs

    try:
        compile_catalogs(Path(settings["BABEL_TRANSLATION_DIRECTORIES"]))
    except OSError as problem:
        say(
            f"Translations could not be brought up to date ({problem.strerror or problem}); going on without."
        )

    from app import create_app
    from app.installation import bring_up_to_date, load_demo

    app = create_app(settings)
    bring_up_to_date(app)
    if settings["CLOUDTALLY_DEMO"]:
        load_demo(app, before=lambda: say("First start: loading the demo world ..."))
    return app


def demo_logins(app: "Flask") -> list:
    """The demo world's logins that still work as printed; none once they were removed or got other passwords."""
    import sqlalchemy as sa
    from werkzeug.security import check_password_hash

    from app.demo import LOGINS
    from app.extensions import db

    users = sa.table("ab_user", sa.column("email"), sa.column("password"), sa.column("active"))
    emails = [email for _role, email, _password, _door in LOGINS]
    query = sa.select(users.c.email, users.c.password).where(
        users.c.email.in_(emails), users.c.active.is_(sa.true())
    )
    with app.app_context(), db.engine.connect() as connection:
        hashes = {row.email: row.password for row in connection.execute(query)}
    return [
        login
        for login in LOGINS
        if login[1] in hashes and hashes[login[1]] and check_password_hash(hashes[login[1]], login[2])
    ]


def say(line: str = "") -> None:
    """One line for the person at the terminal, at once."""
    print(line, flush=True)


def announce(settings: dict, logins: list) -> None:
    """Say where the product is and who can sign in."""
    host = settings["HOST"]
    shown = f"[{host}]" if ":" in host else host
    say()
    say(f"  Cloudtally is ready:  http://{shown}:{settings['PORT']}")
    if logins:
        width = max(len(role) for role, *_rest in logins)
        wide = max(len(email) for _role, email, *_rest in logins)
        say()
        say("  Demo logins (role, email, password, where to sign in):")
        for role, email, password, door in logins:
            say(f"    {role.ljust(width)}  {email.ljust(wide)}  {password}  {door}")
        if host not in ("127.0.0.1", "localhost", "::1"):
            say("  These passwords are public, and other machines can reach this address.")
    say()
    say("  Stop with Ctrl-C.")
    say()


def start_worker(settings: dict) -> subprocess.Popen:
    """Start the process that sends mails and does other work that nobody waits for."""
    schedule = os.path.join(settings["CLOUDTALLY_INSTANCE"], "beat-schedule")
    return subprocess.Popen(  # noqa: S603 - our own interpreter and package
        [
            # Celery warns of root at length; whoever runs the product so has decided it for both processes.
            *(
                sys.executable,
                "-W",
                "ignore:You're running the worker with superuser",
                "-m",
                "celery",
                "--quiet",
                "--app",
                "app.worker",
                "worker",
            ),
            # Threads: a long import keeps no mail waiting.
            *("--pool", "threads", "--concurrency", "4"),
            *("--beat", "--schedule", schedule, "--loglevel", "warning"),
        ],
        cwd=os.path.dirname(os.path.abspath(__file__)),
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the worker in order
    )


def stop_worker(worker: subprocess.Popen) -> None:
    """Let the worker finish what it is at, but not for long: what it leaves is done by the next one."""
    worker.terminate()
    try:
        worker.wait(10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # too long, or Ctrl-C once more
        worker.kill()
        worker.wait()
    _end_group(worker)


class WorkerKeeper(threading.Thread):
    """Keeps a worker running as long as the product does: one that ends, whatever ended it, is followed by another."""

    def __init__(self, settings: dict) -> None:
        super().__init__(name="worker-keeper", daemon=True)
        self.settings = settings
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.worker = start_worker(settings)

    def run(self) -> None:
        """Wait for the worker to end, and start the next one after a pause."""
        while True:
            status = self.worker.wait()
            if self.stopping.wait(WORKER_PAUSE):
                return
            _end_group(self.worker)  # what it had started, if it was killed
            with self.lock:
                if self.stopping.is_set():
                    return
                say(f"The worker ended (status {status}); another one was started.")
                self.worker = start_worker(self.settings)

    def stop(self) -> None:
        """Stop the worker, for good."""
        with self.lock:
            self.stopping.set()
        stop_worker(self.worker)


def _end_group(worker: subprocess.Popen) -> None:
    """End what is left of a worker's session."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)


def serve(app: "Flask", settings: dict, reserved: socket.socket) -> None:
    """Answer requests until the process is told to stop."""
    from waitress.server import create_server

    from app.kernel.large_bodies import DiscardingChannel

    behind_proxy = settings["CLOUDTALLY_PROXY_COUNT"] > 0
    server = create_server(
        app,
        sockets=[reserved],
        threads=settings["CLOUDTALLY_THREADS"],
        ident=None,
        # Larger requests are refused by the application, in words; nothing above this is kept for it.
        max_request_body_size=settings["MAX_CONTENT_LENGTH"] + 1024 * 1024,
        # The application reads as many forwarded headers as there are proxies; without one they are dropped here.
        clear_untrusted_proxy_headers=not behind_proxy,
    )
    server.channel_class = DiscardingChannel
    keeper = WorkerKeeper(settings)
    keeper.start()
    try:
        announce(settings, demo_logins(app))
        server.run()
    finally:
        server.close()
        keeper.stop()


def start() -> None:
    """Check, prepare and serve; raises CannotStart with a line for people."""
    check_python()
    check_packages()
    from config import ConfigurationError, load, make_local_secret

    try:
        settings = load()
        check_instance_folder(settings["CLOUDTALLY_INSTANCE"])
        if not settings["SECRET_KEY"]:
            settings["SECRET_KEY"] = make_local_secret(Path(settings["CLOUDTALLY_INSTANCE"]))
    except ConfigurationError as problem:
        raise CannotStart(str(problem)) from None
    reserved = reserve(settings["HOST"], settings["PORT"])
    try:
        app = _prepared(settings)
        serve(app, settings, reserved)
    finally:
        reserved.close()


def _prepared(settings: dict) -> "Flask":
    """`prepare`, with a database that cannot be used said in one line."""
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    try:
        return prepare(settings)
    except DatabaseError as problem:
        reason = str(problem.orig).strip().splitlines()[0]
        raise CannotStart(f"The database cannot be used: {reason}") from problem
    except CommandError as problem:
        raise CannotStart(f"The database was made by another version of Cloudtally: {problem}") from problem


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run until stopped; answers the exit status."""
    signal.signal(signal.SIGTERM, _stop)
    # Python leaves Ctrl-C alone when a shell started it in the background; stopping has to work there too.
    signal.signal(signal.SIGINT, _stop)
    # A closed terminal tells this process alone: the worker has a session of its own, and would stay.
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _stop)
    try:
        start()
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
