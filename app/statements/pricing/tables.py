"""Small tables of values in DuckDB, for one connection alone: others may share its database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

#: How many rows go to DuckDB in one statement.
BATCH = 20_000
#: Of more rows nobody looks for the columns that tell them apart: that would take longer than it saves.
_MANY = 5_000
#: Stands between values; what has it in it goes over one by one.
_BETWEEN = "\x1f"


def fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Make a temporary table of rows; None stands for NULL where a column is no text.

    Each column goes over as one text that DuckDB takes apart, which is by far the fastest way in.
    """
    making = f"CREATE OR REPLACE TEMP TABLE {table} AS"
    for start in range(0, max(len(rows), 1), BATCH):
        values = list(zip(*rows[start : start + BATCH], strict=True)) or [()] * len(columns)
        chosen: list[str] = []
        given: list[object] = []
        for place, (kind, column) in enumerate(zip(columns.values(), values, strict=True), 1):
            if kind != "VARCHAR" and column and all(one is None for one in column):
                chosen.append(f"${place}::{kind}")
                given.append(None)
                continue
            taken_apart, value = _sent(_texts(column, kind), f"${place}")
            chosen.append(taken_apart if kind == "VARCHAR" else f"nullif({taken_apart}, '')::{kind}")
            given.append(value)
        named = ", ".join(f"{sql} AS {name}" for name, sql in zip(columns, chosen, strict=True))
        connection.execute(f"{making} SELECT {named}", given)
        making = f"INSERT INTO {table}"


def _sent(texts: list[str], place: str) -> tuple[str, object]:
    """Return the SQL that makes rows of a parameter, and the parameter."""
    together = _BETWEEN.join(texts)
    if together.count(_BETWEEN) + 1 != len(texts):  # there are none, or one of them has it in it
        return f"unnest({place}::VARCHAR[])", texts
    return f"unnest(string_split({place}, chr({ord(_BETWEEN)})))", together


def view(connection: duckdb.DuckDBPyConnection, name: str, rows: duckdb.DuckDBPyRelation) -> None:
    """Give rows a name."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {rows.sql_query()}")


def telling_apart(
    rows: Sequence[Sequence[Any]], columns: Sequence[str], first: Sequence[str] = ()
) -> list[str]:
    """Return columns that tell rows, which are all different, apart: few of them, ``first`` always among them.

    Comparing texts is most of what joining takes, and these are enough for it.
    """
    if len(rows) > _MANY:
        return [*columns]
    counts = [len({row[place] for row in rows}) for place in range(len(columns))]
    chosen = [columns.index(one) for one in first]
    seen = len({tuple(row[one] for one in chosen) for row in rows})
    for place in sorted(range(len(columns)), key=lambda one: -counts[one]):
        if seen == len(rows):
            break
        found = len({tuple(row[one] for one in (*chosen, place)) for row in rows})
        if found > seen:
            chosen.append(place)
            seen = found
    return [columns[one] for one in chosen] or [*columns]


def _texts(column: Sequence[Any], kind: str) -> list[str]:
    """Return the values of a column as DuckDB reads them."""
    if kind == "VARCHAR":
        return [one or "" for one in column]
    if kind.startswith("DECIMAL"):
        return ["" if one is None else format(one, "f") for one in column]
    return ["" if one is None else str(one) for one in column]
