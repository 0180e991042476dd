"""The file's own total: the column of billed costs added up as it stands, to be compared with what was taken over.

Asked apart from the mapping, of the text of the file, so that a fault of the one does not hide in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from duckdb import DuckDBPyConnection

from app.usage.columns import AMOUNT
from app.usage.delivery import Table, rows_of
from app.usage.formats.sources import fold

#: By format: the columns of costs and of currencies, in the order in which they are looked for. Google Cloud is not
#: among them: its credits stand in a list beside the cost.
_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws": (("lineItem/UnblendedCost",), ("lineItem/CurrencyCode",)),
    "focus": (("BilledCost",), ("BillingCurrency",)),
    "azure": (
        ("costInBillingCurrency", "PreTaxCost", "Cost"),
        ("billingCurrency", "billingCurrencyCode", "Currency"),
    ),
}


def own_totals(connection: DuckDBPyConnection, tables: Sequence[Table]) -> dict[str, Decimal]:
    """Return the sums of the files' own columns by currency; nothing where one of them has no such column.

    What is no number counts as nothing, and so do rows that are no rows: the difference shows in the report.
    """
    totals: dict[str, Decimal] = {}
    for table in tables:
        costs, currencies = _COLUMNS.get(table.format.code, ((), ()))
        cost, currency = _position(table, costs), _position(table, currencies)
        if cost is None or currency is None:
            return {}
        rows = rows_of(table, [cost, currency], [table.path])
        found = connection.execute(
            f"SELECT upper(trim(c{currency})), sum(try_cast(trim(c{cost}) AS {AMOUNT})) FROM ({rows}) "  # noqa: S608
            "WHERE c" + str(currency) + " IS NOT NULL GROUP BY 1"
        ).fetchall()
        for code, total in found:
            totals[code] = totals.get(code, Decimal(0)) + (total or Decimal(0))
    return totals


def _position(table: Table, names: Sequence[str]) -> int | None:
    folded = [fold(name) for name in table.header]
    return next((folded.index(fold(name)) for name in names if fold(name) in folded), None)
