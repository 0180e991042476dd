"""The tests' own ground: whatever one of them does to the database, the next one finds the world as it was built."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.extensions import db
from tests.access import tables
from tests.conftest import ENGINE, WORLD, Database

on_postgresql = pytest.mark.skipif(ENGINE != "postgresql", reason="asks for what only PostgreSQL has")

DAMAGE = {
    "rows that are new": "INSERT INTO ab_role (name) VALUES ('Visitor')",
    "rows that are changed": "UPDATE customers SET organization = organization || '!'",
    "rows that are gone": "DELETE FROM charge_assignments",
    "rows in another's place": (
        "DELETE FROM global_adjustments WHERE customer_id = (SELECT min(id) FROM customers)",
        "UPDATE global_adjustments SET percent = 7",
    ),
    "a column that is new": "ALTER TABLE providers ADD COLUMN colour VARCHAR(9)",
    "a table that is gone": "DROP TABLE saved_views",
}


def _run(app: Any, *statements: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _bring_back(app: Any, database: Database) -> None:
    assert database.is_dirty
    with app.app_context():
        database.bring(WORLD)
    assert not database.is_dirty


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_the_world_comes_back(damage: str | tuple[str, ...], flask_app: Any, database: Database) -> None:
    before = tables.contents(flask_app)
    _run(flask_app, *((damage,) if isinstance(damage, str) else damage))

    _bring_back(flask_app, database)

    assert tables.contents(flask_app) == before
    assert not {"colour"} & set(tables.rows_of(flask_app, "providers")[0])


def test_the_next_id_is_the_same_again(flask_app: Any, database: Database) -> None:
    ids = []
    for _time in range(2):
        _run(flask_app, "INSERT INTO ab_role (name) VALUES ('Visitor')")
        ids += [row["id"] for row in tables.rows_of(flask_app, "ab_role") if row["name"] == "Visitor"]
        _bring_back(flask_app, database)

    assert ids[0] == ids[1]


def test_rows_lie_where_they_lay(flask_app: Any, database: Database) -> None:
    """Also on their pages: what is read without an order comes in the same one each time."""
    place = "ctid" if ENGINE == "postgresql" else "rowid"
    lay = []
    for _time in range(2):
        _run(flask_app, "UPDATE customers SET version = 7 WHERE id = (SELECT min(id) FROM customers)")
        _bring_back(flask_app, database)
        with flask_app.app_context(), db.engine.connect() as connection:
            lay.append(connection.execute(text(f"SELECT {place}, id FROM customers")).all())  # noqa: S608

    assert lay[0] == lay[1]


@on_postgresql
def test_what_a_test_left_open_does_not_hold_up_the_next(flask_app: Any, database: Database) -> None:
    before = tables.contents(flask_app)
    _run(flask_app, "UPDATE customers SET version = 7")
    with flask_app.app_context():
        left = db.engine.connect()
        left.execute(text("UPDATE customers SET organization = 'Locked'"))

        _bring_back(flask_app, database)

        left.invalidate()
        left.close()
    assert tables.contents(flask_app) == before
