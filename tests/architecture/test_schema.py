"""Every table belongs to a reseller and is guarded, or stands on a short list with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect

from app.extensions import db
from app.tenancy.guarded import guarded_mappers, guarded_tables
from app.tenancy.owned import CustomerRule

#: Tables without an owner, each with the reason. Ten at most.
NO_OWNER = {
    "providers": "the platform's catalogue: everybody reads, only the platform writes",
    "resellers": "the owner itself: guarded by its own key",
    "alembic_version": "which migrations have run",
    "customers_fts": "SQLite's index for searching customers: found through customers only",
}

#: The framework's tables of roles and permissions: names and links, the same for all. ``ab_user`` is not among them.
FRAMEWORK = "ab_"

#: Owned tables whose owner may be empty: rows of the platform itself.
PLATFORM_TOO = {
    "ab_user",
    "audit_entries",
    "outgoing_mails",
    "login_policies",
    "login_sessions",
    "recovery_codes",
    "earlier_passwords",
}


def _tables(app: Any) -> dict[str, Any]:
    with app.app_context():
        return dict(db.metadata.tables)


def _is_owned(table: Any) -> bool:
    return "reseller_id" in table.columns


def test_every_table_has_an_owner_or_a_reason(flask_app: Any) -> None:
    without = {
        name
        for name, table in _tables(flask_app).items()
        if not _is_owned(table) and not name.startswith(FRAMEWORK)
    }

    assert sorted(without - set(NO_OWNER)) == [], "give it an owner (app/tenancy/owned.py), or a reason here"
    assert len(NO_OWNER) <= 10


def test_the_database_has_no_table_that_the_models_do_not_know(flask_app: Any) -> None:
    with flask_app.app_context():
        present = set(inspect(db.engine).get_table_names())
        known = set(db.metadata.tables)

    of_the_index = {name for name in present if name.startswith("customers_fts_")}
    assert sorted(present - known - set(NO_OWNER) - of_the_index) == []
    assert sorted(known - present) == []


def test_every_owned_table_is_guarded(flask_app: Any) -> None:
    with flask_app.app_context():
        guarded = {table.name for table in guarded_tables()}

    owned = {name for name, table in _tables(flask_app).items() if _is_owned(table)}
    assert sorted(owned - guarded) == []
    assert "resellers" in guarded


def test_an_owner_is_never_empty_and_is_found_by_an_index(flask_app: Any) -> None:
    for name, table in _tables(flask_app).items():
        if not _is_owned(table):
            continue
        column = table.columns["reseller_id"]
        assert column.nullable == (name in PLATFORM_TOO), name
        first = {next(iter(index.columns)).name for index in table.indexes}
        first |= {next(iter(one.columns)).name for one in table.constraints if len(one.columns)}
        assert "reseller_id" in first, f"{name}: nothing finds the rows of a reseller"


def test_rows_of_a_customer_are_tied_to_customer_and_reseller_at_once(flask_app: Any) -> None:
    for name, table in _tables(flask_app).items():
        if "customer_id" not in table.columns or name == "audit_entries":  # entries outlive what they tell of
            continue
        pairs = [
            [element.parent.name for element in one.elements]
            for one in table.foreign_key_constraints
            if one.referred_table.name == "customers"
        ]
        assert pairs == [["reseller_id", "customer_id"]], name


def test_links_between_owned_tables_cannot_cross_resellers(flask_app: Any) -> None:
    """A plain foreign key from one owned table to another would let the database hold a foreign row."""
    tables = _tables(flask_app)
    crossing = [
        f"{name} -> {one.referred_table.name}"
        for name, table in tables.items()
        if _is_owned(table)
        for one in table.foreign_key_constraints
        if _is_owned(one.referred_table)
        and not one.referred_table.name.startswith(FRAMEWORK)
        and "reseller_id" not in {element.parent.name for element in one.elements}
    ]

    assert crossing == []


def test_a_customers_rows_are_guarded_by_the_customer(flask_app: Any) -> None:
    with flask_app.app_context():
        rules = {mapper.local_table.name: rule for mapper, rule in guarded_mappers().items()}

    for name, table in _tables(flask_app).items():
        if "customer_id" in table.columns and name not in PLATFORM_TOO:
            assert isinstance(rules[name], CustomerRule), name


@pytest.mark.parametrize("kind", ["FLOAT", "REAL", "DOUBLE", "MONEY"])
def test_no_column_holds_an_inexact_number(kind: str, flask_app: Any) -> None:
    found = [
        f"{name}.{column.name}"
        for name, table in _tables(flask_app).items()
        for column in table.columns
        if kind in type(column.type).__name__.upper()
    ]

    assert found == []
