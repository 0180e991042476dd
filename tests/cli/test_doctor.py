"""The doctor finds each seeded fault and nothing else, says it, and mends what it may."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

import config
from app import create_app
from app.audit.models import AuditEntry
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.cli.conftest import Run, Seed, runner_of
from tests.conftest import ENGINE, close_connections, make_settings

OPERATIONS = Path(config.ROOT) / "docs" / "operations.md"
LAST_BUT_ONE = list(ScriptDirectory(str(Path(config.ROOT) / "migrations")).walk_revisions())[1].revision
on_sqlite = pytest.mark.skipif(ENGINE != "sqlite", reason="PostgreSQL keeps the rows of its index itself")
on_postgresql = pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite has an FTS5 table instead")


def examine(run: Run, *options: str) -> dict[str, tuple[str, int]]:
    """Run ``doctor --json`` and return code -> (level, count); the exit status has to fit."""
    result = run("doctor", "--json", *options)
    found = json.loads(result.stdout)
    assert list(found) == ["sound", "faults"]
    for fault in found["faults"]:
        assert list(fault) == ["code", "level", "sentence", "advice", "count"]
        assert fault["sentence"].endswith(".") and "\n" not in fault["sentence"]
        assert fault["advice"]
    assert found["sound"] is all(fault["level"] == "warning" for fault in found["faults"])
    assert result.exit_code == (0 if found["sound"] else 1)
    return {fault["code"]: (fault["level"], fault["count"]) for fault in found["faults"]}


def test_the_tests_own_world_is_sound(run: Run) -> None:
    assert examine(run) == {}
    assert run("doctor").output == "The installation is sound.\n"


#: code: level, count, what no screen does
SEEDED: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "provider_missing": ("warning", 1, ("DELETE FROM providers WHERE code = 'ibm'",)),
    "login_without_role": (
        "error",
        1,
        (
            "DELETE FROM ab_user_role WHERE user_id = (SELECT id FROM ab_user "
            "WHERE email = 'ops@northcanary.example')",
        ),
    ),
    "login_several_roles": (
        "error",
        1,
        (
            "INSERT INTO ab_user_role (id, user_id, role_id) SELECT 9001, ab_user.id, ab_role.id FROM ab_user, ab_role "
            "WHERE email = 'ops@northcanary.example' AND name = 'Reseller Sales'",
        ),
    ),
    "login_role_misplaced": (
        "error",
        1,
        (
            "UPDATE ab_user_role SET role_id = (SELECT id FROM ab_role WHERE name = 'Platform Admin') "
            "WHERE user_id = (SELECT id FROM ab_user "
            "WHERE email = 'ops@northcanary.example')",
        ),
    ),
    "customer_login_without_customer": (
        "error",
        2,
        ("UPDATE ab_user SET customer_id = NULL WHERE email LIKE 'user.%@northcanary.example'",),
    ),
    "login_status_differs": (
        "error",
        1,
        ("UPDATE ab_user SET active = false WHERE email LIKE 'ops@north%'",),
    ),
    "invitation_of_suspended_login": (
        "error",
        1,
        (
            "UPDATE ab_user SET status = 'suspended', active = false, invitation_hash = 'abc', "
            "invitation_expires_at = '2999-01-01 00:00:00' WHERE email = 'ops@northcanary.example'",
        ),
    ),
    "platform_admin_missing": (
        "error",
        1,
        ("UPDATE ab_user SET status = 'suspended', active = false WHERE email = 'ada@platform.example'",),
    ),
    "reseller_without_owner": (
        "error",
        1,
        (
            "UPDATE ab_user SET status = 'suspended', active = false WHERE email = 'owner@northcanary.example'",
        ),
    ),
    "reseller_owner_not_arrived": (
        "warning",
        1,
        (
            "UPDATE ab_user SET status = 'pending_approval', active = false, invitation_hash = 'abc', "
            "invitation_expires_at = '2999-01-01 00:00:00' WHERE email = 'owner@northcanary.example'",
        ),
    ),
    "organization_key_differs": (
        "error",
        1,
        ("UPDATE customers SET organization_key = 'another' WHERE id = 1",),
    ),
    "search_own_differs": ("error", 4, ("UPDATE customers SET search_own = 'another'",)),
    "search_accounts_differs": (
        "error",
        1,
        ("UPDATE customers SET search_accounts = '' WHERE id = 1",),
    ),
    "migrations_missing": (
        "error",
        1,
        (f"UPDATE alembic_version SET version_num = '{LAST_BUT_ONE}'",),  # noqa: S608 - our own revision
    ),
    "database_of_another_version": ("error", 1, ("UPDATE alembic_version SET version_num = '9999'",)),
    "audit_log_not_sealed": (
        "error",
        1,
        (
            "DROP TRIGGER audit_entries_no_update"
            if ENGINE == "sqlite"
            else "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_sealed",
        ),
    ),
    "search_index_missing": (
        "error",
        1,
        ("DROP TRIGGER customers_fts_update" if ENGINE == "sqlite" else "DROP INDEX ix_customers_trigrams",),
    ),
}
MENDED = {
    "invitation_of_suspended_login",
    "organization_key_differs",
    "search_own_differs",
    "search_accounts_differs",
    "audit_log_not_sealed",
    "search_index_missing",
}


@pytest.mark.parametrize("code", SEEDED)
def test_a_seeded_fault_is_found_and_mended_where_that_needs_no_decision(
    run: Run, seed: Seed, code: str
) -> None:
    level, count, damage = SEEDED[code]
    seed(*damage)

    assert examine(run) == {code: (level, count)}
    assert examine(run) == {code: (level, count)}, "looking changed something"
    assert examine(run, "--fix") == ({} if code in MENDED else {code: (level, count)})


def test_a_role_that_was_renamed_is_missing_and_its_people_have_an_unknown_one(run: Run, seed: Seed) -> None:
    seed("UPDATE ab_role SET name = 'Salesperson' WHERE name = 'Reseller Sales'")

    assert examine(run) == {"role_missing": ("error", 1), "login_role_unknown": ("error", 2)}


SEARCH_ROWS = {
    "search_index_rows_missing": (
        2,
        "DELETE FROM customers_fts WHERE rowid IN (SELECT id FROM customers LIMIT 2)",
    ),
    "search_index_rows_extra": (
        1,
        "INSERT INTO customers_fts (rowid, reseller, body) VALUES (999, 'x', 'ghost')",
    ),
    "search_index_rows_differ": (
        1,
        "UPDATE customers_fts SET body = 'another' WHERE rowid = 1",
    ),
}


@on_sqlite
@pytest.mark.parametrize("code", SEARCH_ROWS)
def test_a_search_index_out_of_step_is_found_and_mended(run: Run, seed: Seed, code: str) -> None:
    count, damage = SEARCH_ROWS[code]
    seed(damage)

    assert examine(run) == {code: ("error", count)}
    assert examine(run, "--fix") == {}


@on_sqlite
def test_everything_about_the_search_at_once_is_mended(
    run: Run, seed: Seed, world: Any, client_for: Any
) -> None:
    seed(
        "DROP TRIGGER customers_fts_update",
        "DROP TABLE customers_fts",
        "UPDATE customers SET search_own = '', search_accounts = '', organization_key = 'x' || id",
    )

    assert set(examine(run)) == {
        "search_index_missing",
        "organization_key_differs",
        "search_own_differs",
        "search_accounts_differs",
    }
    assert examine(run, "--fix") == {}
    page = client_for(world.north.ops).get("/customers/list/?q=northcanary").get_data(as_text=True)
    assert world.north.customer.name in page


def _structure(app: Any) -> set[tuple[str, str]]:
    """Name -> definition of what the migrations made by hand."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR name = 'customers_fts'"
        if ENGINE == "sqlite"
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'customers' UNION ALL "
        "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'cloudtally%'"
    )
    with app.app_context(), db.engine.connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(text(query))}


@pytest.mark.parametrize("code", ["audit_log_not_sealed", "search_index_missing"])
def test_mended_structure_is_that_of_the_migrations(run: Run, seed: Seed, flask_app: Any, code: str) -> None:
    before = _structure(flask_app)
    seed(*SEEDED[code][2])

    run("doctor", "--fix")

    assert _structure(flask_app) == before


@on_postgresql
def test_a_seal_that_was_dropped_altogether_is_put_back(run: Run, seed: Seed) -> None:
    seed("DROP TRIGGER audit_entries_sealed ON audit_entries", "DROP FUNCTION cloudtally_refuse_audit_change")

    assert examine(run) == {"audit_log_not_sealed": ("error", 1)}
    assert examine(run, "--fix") == {}


@on_sqlite
def test_a_trigger_that_lets_changes_pass_is_no_seal(run: Run, seed: Seed) -> None:
    seed(
        "DROP TRIGGER audit_entries_no_delete",
        "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT 1; END",
    )

    assert examine(run) == {"audit_log_not_sealed": ("error", 1)}


def test_closing_an_invitation_leaves_an_entry_with_its_reason(run: Run, seed: Seed, flask_app: Any) -> None:
    seed(*SEEDED["invitation_of_suspended_login"][2])

    run("doctor", "--fix")

    with flask_app.app_context(), system_scope("the test looks"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.reason) == ("invitation_closed", "flask doctor --fix")


def test_two_customers_of_one_name_are_left_to_people(run: Run, seed: Seed) -> None:
    """The second one's key cannot be mended while the first one has it."""
    seed(
        "UPDATE customers SET organization = (SELECT c.organization FROM customers c WHERE c.id = 1) WHERE id = 2",
    )

    assert examine(run, "--fix") == {"organization_key_differs": ("error", 1)}


def test_keys_that_wait_for_each_other_are_mended_in_turn(run: Run, seed: Seed) -> None:
    seed(
        "UPDATE customers SET organization_key = 'aside' WHERE id = 2",
        "UPDATE customers SET organization_key = 'other northcanary gmbh' WHERE id = 1",
    )

    assert examine(run)["organization_key_differs"] == ("error", 2)
    assert examine(run, "--fix") == {}


def test_mending_raises_no_version(run: Run, seed: Seed, flask_app: Any) -> None:
    seed("UPDATE customers SET search_own = 'another', version = 7")

    run("doctor", "--fix")

    with flask_app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT max(version) FROM customers")) == 7


def test_a_database_that_is_away_ends_the_examination(tmp_path: Path) -> None:
    app = create_app(make_settings("postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing"))
    app.instance_path = str(tmp_path)
    run = runner_of(app)

    assert examine(run) == {"database_unreachable": ("error", 1)}
    assert "hidden" not in run("doctor").output
    close_connections(app)


def test_a_file_that_is_no_database_is_one(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, only a text\n" * 100, encoding="ascii")
    app = create_app(make_settings(f"sqlite:///{tmp_path / 'text.db'}"))
    app.instance_path = str(tmp_path)

    assert examine(runner_of(app)) == {"database_unreachable": ("error", 1)}
    close_connections(app)


def test_an_empty_database_wants_init_and_then_an_admin(empty_app: Any) -> None:
    run = runner_of(empty_app)

    assert list(examine(run)) == ["migrations_missing"]
    run("init")
    assert examine(run) == {"platform_admin_missing": ("error", 1)}


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_an_instance_folder_that_cannot_be_written(
    run: Run, flask_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(flask_app, "instance_path", str(tmp_path / folder))

    level = "error" if ENGINE == "sqlite" else "warning"
    assert examine(run) == {"instance_folder_not_writable": (level, 1)}


def test_translations_that_are_not_compiled(run: Run, flask_app: Any) -> None:
    source = Path(flask_app.config["BABEL_TRANSLATION_DIRECTORIES"]) / "de" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.touch()

    assert examine(run) == {"translations_not_compiled": ("warning", 1)}


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({"CLOUDTALLY_ENV": "production", "SECRET_KEY": "changeme" * 6}, {"secret_key_weak"}),
        ({"CLOUDTALLY_ENV": "production", "SECRET_KEY": ""}, {"secret_key_weak"}),
        (
            {"CLOUDTALLY_ENV": "production", "CLOUDTALLY_PUBLIC_URL": "http://console.example.com"},
            {"public_address_not_https"},
        ),
        ({"CLOUDTALLY_ENV": "production", "CLOUDTALLY_PUBLIC_URL": ""}, {"public_address_not_https"}),
        ({"CLOUDTALLY_ENV": "production", "TESTING": True}, {"settings_not_for_production"}),
        ({"SECRET_KEY": None}, {"secret_key_missing"}),
        ({"CLOUDTALLY_PUBLIC_URL": "https://console.example.com"}, {"not_production"}),
        ({"CLOUDTALLY_PUBLIC_URL": "http://localhost:8080"}, set()),
    ],
)
def test_settings_that_do_not_fit_the_place(
    run: Run, flask_app: Any, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], codes: set[str]
) -> None:
    if "CLOUDTALLY_ENV" in settings:
        settings = {
            "SECRET_KEY": "kR7wQ2mZ9xT4vB6nH1cJ8dF3gL5pS0yA",
            "CLOUDTALLY_PUBLIC_URL": "https://console.example.com",
            "TESTING": False,
        } | settings
    for name, value in settings.items():
        monkeypatch.setitem(flask_app.config, name, value)

    assert set(examine(run)) == codes


def test_people_read_the_fault_and_what_to_do(run: Run, seed: Seed) -> None:
    seed(
        "DELETE FROM ab_user_role WHERE user_id = (SELECT id FROM ab_user WHERE email = 'ops@northcanary.example')"
    )

    lines = run("doctor").output.splitlines()

    assert lines == [
        "error: 1 login has no role and may do nothing: ops@northcanary.example. (login_without_role)",
        "    Remove the login in the console, or give it one of the roles there.",
        "The installation has faults.",
    ]


def test_fix_says_what_it_mended_beside_the_json(run: Run, seed: Seed) -> None:
    seed("UPDATE customers SET search_own = 'another'")

    result = run("doctor", "--json", "--fix")

    assert json.loads(result.stdout) == {"sound": True, "faults": []}
    assert result.stderr.startswith(
        "Mending: 4 customers are found by words that are not their own: C-1001 of north, "
    )


def _codes() -> set[str]:
    """Every code that a fault is made with."""
    calls = [
        node
        for source in sorted((Path(config.ROOT) / "app" / "doctor").glob("*.py"))
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Fault", "of_rows")
    ]
    firsts = [call.args[0] for call in calls]
    return {first.value for first in firsts if isinstance(first, ast.Constant)} | set(SEARCH_ROWS)


def test_every_code_is_in_the_operations_manual() -> None:
    manual = OPERATIONS.read_text("utf-8")

    assert set(SEEDED) <= _codes()
    assert sorted(code for code in _codes() if f"`{code}`" not in manual) == []
