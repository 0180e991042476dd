"""Looks at the database past the guard: how many rows there are, and whether anything changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import MetaData, Table, inspect, select

from app.extensions import db

#: What may come about on a GET, by name: who takes a copy of the customers leaves a trace of it.
TRACES = ("exported",)


def _tables(names: Collection[str] | None = None) -> list[Table]:
    return [
        table
        for table in db.metadata.sorted_tables
        if inspect_names(table.name) and (names is None or table.name in names)
    ]


_names: set[str] = set()
_reflected = MetaData()


def inspect_names(name: str) -> bool:
    """Is there such a table?"""
    if not _names:
        _names.update(inspect(db.engine).get_table_names())
    return name in _names


@lru_cache(maxsize=1)
def _counting() -> str:
    """Return one statement that counts the rows of every table; finished, for it runs after every other request."""
    return " UNION ALL ".join(f"SELECT '{table.name}', count(*) FROM {table.name}" for table in _tables())  # noqa: S608


def counts(app: Any) -> dict[str, int]:
    """Return how many rows each table has."""
    with app.app_context(), db.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(_counting())}


def contents(app: Any, names: Collection[str] | None = None) -> dict[str, str]:
    """Return a hash of the rows of every table, or of those in ``names``, without the traces named above."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in _tables(names):
            query = select(table)
            if "action" in table.columns:
                query = query.where(table.c.action.not_in(TRACES))
            rows = sorted(repr(tuple(row)) for row in connection.execute(query))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of the tables that differ."""
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def rows_of(app: Any, name: str) -> list[dict[str, Any]]:
    """Return all rows of a table, as the database holds them."""
    with app.app_context(), db.engine.connect() as connection:
        if (
            name not in _reflected.tables
        ):  # looking at the structure takes much longer than looking at the rows
            Table(name, _reflected, autoload_with=connection, resolve_fks=False)
        return [dict(row._mapping) for row in connection.execute(select(_reflected.tables[name]))]


def dump(app: Any, names: Collection[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table, or of those in ``names``, in what the engine's driver makes of them."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(
                (dict(row._mapping) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")),  # noqa: S608
                key=repr,
            )
            for table in _tables(names)
        }
