"""The normalised usage line: what every provider's bill becomes, and what its sums are kept by.

docs/usage-store.md. Names follow FOCUS where it has one. Text is '' where there is none, never NULL; amounts are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

AMOUNT = "DECIMAL(38,18)"
TEXT = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file in the store: its name, its type in DuckDB, and what stands in it."""

    name: str
    type: str
    meaning: str


LINE_COLUMNS: tuple[Column, ...] = (
    Column(
        "provider", TEXT, "code of the provider: aws, azure, google, or the name of another one, made simple"
    ),
    Column("source", TEXT, "where the bill came from, a billing account as a rule"),
    Column("month", "DATE", "first day of the billing month"),
    Column("payer", TEXT, "billing account: who the provider bills"),
    Column("account", TEXT, "account, subscription or project that used it"),
    Column("account_name", TEXT, "its name at the provider"),
    Column("usage_date", "DATE", "day of use, UTC"),
    Column("starts_at", "TIMESTAMP", "beginning of the use, UTC"),
    Column("ends_at", "TIMESTAMP", "end of the use, UTC"),
    Column("service", TEXT, "the provider's name of the service"),
    Column("service_category", TEXT, "FOCUS ServiceCategory"),
    Column("sku", TEXT, "the provider's id of what is priced"),
    Column("region", TEXT, "the provider's id of the region"),
    Column("usage_type", TEXT, "the provider's word for what is metered"),
    Column("operation", TEXT, "the provider's word for what was done"),
    Column("description", TEXT, "the provider's text of the line"),
    Column("resource_id", TEXT, "what was used"),
    Column("resource_name", TEXT, "its name"),
    Column("category", TEXT, "a value of rating.usage.Category"),
    Column("is_correction", "BOOLEAN", "does it correct a month that was invoiced before?"),
    Column("pricing_category", TEXT, "standard, committed, dynamic (spot), other, or nothing"),
    Column("commitment_id", TEXT, "reserved instance or savings plan behind it; an ARN at AWS"),
    Column("commitment_kind", TEXT, "reserved, savings_plan, or nothing"),
    Column("commitment_status", TEXT, "none, used, unused"),
    Column("line_type", TEXT, "the provider's own word for the kind of line"),
    Column("is_marketplace", "BOOLEAN", "sold by a third party?"),
    Column("is_carried", "BOOLEAN", "a fee that covered lines carry already?"),
    Column("has_recurring", "BOOLEAN", "does the bill say which part is paid month by month?"),
    Column("unit", TEXT, "unit of the quantity"),
    Column("currency", TEXT, "ISO 4217 code of all costs"),
    Column("quantity", AMOUNT, "what was used"),
    Column("list_cost", AMOUNT, "at the provider's public price on demand"),
    Column("contracted_cost", AMOUNT, "at the negotiated price"),
    Column("effective_cost", AMOUNT, "with commitments spread over what they cover"),
    Column("billed_cost", AMOUNT, "as invoiced"),
    Column("recurring_cost", AMOUNT, "the part that is paid month by month; 0 where has_recurring is false"),
    Column("is_list_missing", "BOOLEAN", "was list cost filled from effective cost, for want of a price?"),
    Column("invoice_id", TEXT, "the provider's invoice"),
    Column("tags", TEXT, "tags as a JSON object"),
)

#: What rollups keep apart: everything a price can depend on, and what people look for.
KEY_NAMES: tuple[str, ...] = (
    "provider",
    "source",
    "month",
    "payer",
    "account",
    "service",
    "sku",
    "region",
    "usage_type",
    "category",
    "is_correction",
    "pricing_category",
    "commitment_id",
    "commitment_kind",
    "commitment_status",
    "line_type",
    "is_marketplace",
    "is_carried",
    "has_recurring",
    "unit",
    "currency",
)
#: What the part says itself: files leave it out, and whoever opens them gets it.
PART_NAMES: tuple[str, ...] = ("provider", "source", "month")
FILE_KEY_NAMES: tuple[str, ...] = tuple(name for name in KEY_NAMES if name not in PART_NAMES)

#: What rollups add up.
SUM_NAMES: tuple[str, ...] = (
    "quantity",
    "list_cost",
    "contracted_cost",
    "effective_cost",
    "billed_cost",
    "recurring_cost",
)
COUNT_NAMES: tuple[str, ...] = ("lines", "lines_without_list")

_BY_NAME = {column.name: column for column in LINE_COLUMNS}
LINE_NAMES: tuple[str, ...] = tuple(_BY_NAME)

_COUNTS = (
    Column("lines", "BIGINT", "how many lines it sums up"),
    Column("lines_without_list", "BIGINT", "for how many of them list cost was filled from effective cost"),
)
MONTH_COLUMNS: tuple[Column, ...] = (*(_BY_NAME[name] for name in (*KEY_NAMES, *SUM_NAMES)), *_COUNTS)
DAY_COLUMNS: tuple[Column, ...] = (
    *(_BY_NAME[name] for name in KEY_NAMES),
    _BY_NAME["usage_date"],
    *(_BY_NAME[name] for name in SUM_NAMES),
    *_COUNTS,
)

#: What a file of each level holds.
LEVELS: dict[str, tuple[Column, ...]] = {
    "lines": LINE_COLUMNS,
    "days": DAY_COLUMNS,
    "months": MONTH_COLUMNS,
}


def type_of(name: str) -> str:
    """Return the DuckDB type of a column of the line."""
    return _BY_NAME[name].type
