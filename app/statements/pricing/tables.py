"""Small tables of values in DuckDB, for one connection alone: others may share its database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

#: How many rows go to DuckDB in one statement.
BATCH = 20_000
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
        chosen, given = [], []
        for place, (kind, column) in enumerate(zip(columns.values(), values, strict=True), 1):
            taken_apart, value = _sent([_text(one) for one in column], f"${place}")
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


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
