"""Prices the usage of a month for any set of customers, exactly and however many lines it had (docs/statements.md).

Neither half of a price depends on an amount: ``rating`` says once per distinct kind of row what it is priced on and
which rule wins, DuckDB applies the answer to all of them. Rows that are priced alike are summed, so what goes into a
statement is small; and the same answers price single lines, for exports and for "how was this computed".

What makes it quick: texts are compared once. Whatever a price can depend on is numbered first (kinds of rows,
commitments, accounts), and everything after that joins numbers.

- ``values``: what goes in, and what comes out
- ``commitments``: who bears a commitment, and whose it is
- ``selecting``: which rows are whose, as numbers
- ``resolving``: what each kind of row is priced on, and by which rule
- ``month``: ``MonthPricing``, which applies it
- ``tables``: how small tables get into DuckDB

No Flask and no database here: value objects and a DuckDB connection go in.
"""

from app.rating.pricebook import Naming
from app.statements.pricing.commitments import Borne, borne_elsewhere, payers_of, purchase_accounts
from app.statements.pricing.month import MonthPricing
from app.statements.pricing.values import Behind, Buyer, Held, KeyedSum, PriceClass, one_span

__all__ = [
    "Behind",
    "Borne",
    "Buyer",
    "Held",
    "KeyedSum",
    "MonthPricing",
    "Naming",
    "PriceClass",
    "borne_elsewhere",
    "one_span",
    "payers_of",
    "purchase_accounts",
]
