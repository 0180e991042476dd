"""Usage lines summed by everything a price can depend on: once per day of use, and once per billing month.

Amounts are decimals and nothing is rounded, so a sum of sums is the sum of the lines, to the last digit
(docs/pricing.md#for-developers). Overflow is an error of the engine, never a wrong number.
"""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from app.usage.columns import AMOUNT, COUNT_NAMES, FILE_KEY_NAMES, SUM_NAMES
from app.usage.store import copy_to, parquet

_KEYS = ", ".join(FILE_KEY_NAMES)
_SUMS = ", ".join(f"sum({name})::{AMOUNT} AS {name}" for name in SUM_NAMES)
_LINES_COUNTED = "count(*) AS lines, (count(*) FILTER (WHERE is_list_missing))::BIGINT AS lines_without_list"
_COUNTS_ADDED = ", ".join(f"sum({name})::BIGINT AS {name}" for name in COUNT_NAMES)


def days_of(lines: str) -> str:
    """Return the SELECT that sums lines (a table, view or subquery) by key and day of use."""
    return f"SELECT {_KEYS}, usage_date, {_SUMS}, {_LINES_COUNTED} FROM {lines} GROUP BY {_KEYS}, usage_date"  # noqa: S608


def months_of(days: str) -> str:
    """Return the SELECT that sums days by key: account by account, as they are priced."""
    return f"SELECT {_KEYS}, {_SUMS}, {_COUNTS_ADDED} FROM {days} GROUP BY {_KEYS} ORDER BY account, {_KEYS}"  # noqa: S608


def months_of_lines(lines: str) -> str:
    """Return the SELECT that sums lines by key, days left out."""
    return f"SELECT {_KEYS}, {_SUMS}, {_LINES_COUNTED} FROM {lines} GROUP BY {_KEYS}"  # noqa: S608


def write_rollups(connection: DuckDBPyConnection, folder: Path) -> None:
    """Write days.parquet and months.parquet beside the lines.parquet of a folder."""
    lines = parquet(folder / "lines.parquet")
    copy_to(connection, days_of(lines), folder / "days.parquet")
    days = parquet(folder / "days.parquet")
    # Small groups in the order of accounts: who asks for one reads a few rows only.
    copy_to(connection, months_of(days), folder / "months.parquet", group=32_768)
