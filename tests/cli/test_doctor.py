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
from app.audit.models import AuditEntry
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.cli.conftest import Run, Seed, examine, on_postgresql, on_sqlite
from tests.cli.test_doctor_search import SEARCH_ROWS
from tests.conftest import ENGINE

OPERATIONS = Path(config.ROOT) / "docs" / "operations.md"
LAST_BUT_ONE = list(ScriptDirectory(str(Path(config.ROOT) / "migrations")).walk_revisions())[1].revision


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
    "second_factor_unreadable": (
        "warning",
        1,
        (
            "UPDATE ab_user SET totp_secret = 'of another key', totp_since = CURRENT_TIMESTAMP "
            "WHERE email = 'ops@northcanary.example'",
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
    "account_owner_differs": (
        "error",
        1,
        (
            "UPDATE account_periods SET last_day = '2026-01-31' "
            "WHERE id = (SELECT min(id) FROM account_periods WHERE last_day IS NULL)",
        ),
    ),
    "account_days_overlap": (
        "error",
        1,
        (
            "INSERT INTO account_periods (reseller_id, customer_id, cloud_account_id, last_day, reason) "
            "SELECT reseller_id, customer_id, cloud_account_id, '2026-01-31', '' FROM account_periods "
            "WHERE id = (SELECT min(id) FROM account_periods WHERE last_day IS NULL AND first_day IS NULL)",
        ),
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
