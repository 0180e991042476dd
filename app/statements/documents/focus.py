"""Priced usage as FOCUS 1.2 (FinOps Open Cost and Usage Specification), CSV or Parquet: every line with its price.

The reseller is the invoice's issuer and the customer its billing account. DuckDB writes the file while it reads the
lines, so that a million of them need no more memory than a thousand. What the reseller pays is not in any column, nor
the billing account at the provider, nor a commitment that is not the customer's own.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from duckdb import DuckDBPyConnection

from app.statements.documents.labels import Translate, translator
from app.statements.documents.rows import title_of
from app.statements.paper import Field, Paper, PaperLine

ChargeCategory = Literal["Purchase", "Credit", "Adjustment", "Tax"]

_AMOUNT = "DECIMAL(38,18)"
_SERVICE_CATEGORIES = (
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
)
#: Names by which FOCUS knows the providers whose code the store keeps.
_PROVIDERS = {"aws": "AWS", "azure": "Microsoft", "google": "Google Cloud"}
# Purchases that come back month by month; others happen once.
_RECURRING = ("RIFee", "SavingsPlanRecurringFee", "Recurring")
# What kernel.csv_safe refuses at the beginning of a cell, as lists for SQL.
_FORMULA = ", ".join(f"'{one}'" for one in "=+-@＝＋－＠")
_SKIPPED = "chr(9), chr(10), chr(13)"

#: What the lines have to have; more columns are nobody's business here.
NEEDED_COLUMNS = (
    "provider",
    "account",
    "account_name",
    "usage_date",
    "starts_at",
    "ends_at",
    "service",
    "service_category",
    "sku",
    "region",
    "usage_type",
    "description",
    "resource_id",
    "resource_name",
    "category",
    "is_correction",
    "pricing_category",
    "commitment_id",
    "commitment_kind",
    "commitment_status",
    "line_type",
    "unit",
    "quantity",
    "list_cost",
    "tags",
    "customer_cost",
)


@dataclass(frozen=True, slots=True)
class FocusCharge:
    """What a statement has beside usage: a charge, a discount, a credit, a tax."""

    category: ChargeCategory
    text: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FocusInvoice:
    """Whose usage it is and on which statement it stands; ``number`` is empty for a draft.

    ``usage`` is the printed sum of the usage: with it, a row named Rounding makes the costs of the file add up to the
    statement. ``account_fields`` are the custom fields by provider and account.
    """

    issuer: str
    number: str
    customer_id: str
    customer_name: str
    currency: str
    month: datetime.date
    charges: tuple[FocusCharge, ...] = ()
    usage: Decimal | None = None
    custom_fields: tuple[Field, ...] = ()
    account_fields: Mapping[tuple[str, str], tuple[Field, ...]] = field(default_factory=dict)
    provider_names: Mapping[str, str] = field(default_factory=lambda: dict(_PROVIDERS))


def invoice_of(paper: Paper, customer_id: str, translate: Translate | None = None) -> FocusInvoice:
    """Return the invoice that a paper is, with everything that it bills beside usage.

    The caller adds ``account_fields``, whose accounts a paper knows by their names only.
    """
    translate = translate or translator(paper.language)

    def charges(category: ChargeCategory, lines: Iterable[PaperLine]) -> Iterator[FocusCharge]:
        for line in lines:
            yield FocusCharge(category, line.text or title_of(paper, translate), line.amount)

    taxes = (PaperLine(tax.name, tax.amount) for tax in paper.taxes)
    return FocusInvoice(
        issuer=paper.seller.legal_name or paper.seller.name,
        number=paper.number,
        customer_id=customer_id,
        customer_name=paper.buyer.legal_name or paper.buyer.name,
        currency=paper.currency,
        month=paper.month,
        charges=(
            *charges("Purchase", paper.charges),
            *charges("Adjustment", paper.discounts),
            *charges("Adjustment", paper.adjustment),
            *charges("Credit", paper.credits),
            *charges("Tax", taxes),
        ),
        usage=paper.totals.usage,
        custom_fields=paper.header_fields,
    )


def write_parquet(connection: DuckDBPyConnection, lines: str, invoice: FocusInvoice, path: Path) -> int:
    """Write the lines that the SELECT ``lines`` gives to a Parquet file; return how many rows it has.

    ``lines`` has ``NEEDED_COLUMNS``; ``customer_cost`` and ``list_cost`` are in the invoice's currency. A column
    ``shows_commitment`` says where a commitment is the customer's to see; without it none is shown.
    """
    options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 16384"
    return _copied(connection, _select(connection, lines, invoice, is_text=False), path, options)


def write_csv(connection: DuckDBPyConnection, lines: str, invoice: FocusInvoice, path: Path) -> int:
    """Write the same rows as ``write_parquet`` to a CSV file, where no text is a formula to a spreadsheet."""
    options = "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
    return _copied(connection, _select(connection, lines, invoice, is_text=True), path, options)


def _copied(connection: DuckDBPyConnection, select: str, path: Path, options: str) -> int:
    found = connection.execute(f"COPY ({select}) TO {_literal(str(path))} ({options})").fetchall()
    return int(found[0][0])


def custom_column_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return a column name for each label: ``x_CostCentre``, only plain letters and digits, each only once."""
    names: list[str] = []
    taken: set[str] = set()
    for label in labels:
        plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).encode("ascii", "ignore").decode()
        parts = re.findall(r"[A-Za-z0-9]+", plain)
        stem = "x_" + ("".join(part[0].upper() + part[1:] for part in parts)[:60] or "Field")
        name, count = stem, 1
        while name.lower() in taken:
            count += 1
            name = f"{stem}{count}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def _select(connection: DuckDBPyConnection, lines: str, invoice: FocusInvoice, *, is_text: bool) -> str:
    known = {column[0] for column in connection.execute(f"DESCRIBE {lines}").fetchall()}
    missing = [name for name in NEEDED_COLUMNS if name not in known]
    if missing:
        raise ValueError(f"the lines have no {', '.join(missing)}")
    shown = "shows_commitment" if "shows_commitment" in known else "false"
    needed = ", ".join(NEEDED_COLUMNS)
    every = f"SELECT {needed}, {shown} AS is_shown, false AS is_own FROM ({lines})"
    own = _own_rows(lines, invoice)
    if own:
        every = f"{every} UNION ALL {own}"
    columns = _columns(invoice)
    fields = _field_columns(invoice)
    listed = ", ".join(
        f"{_written(sql, kind) if is_text else _typed(sql, kind)} AS {_name(name)}"
        for name, (kind, sql) in {**columns, **fields}.items()
    )
    with_fields = ""
    if invoice.account_fields:
        with_fields = f" LEFT JOIN ({_fields_table(invoice)}) f ON f.p = l.provider AND f.a = l.account"
    return f"SELECT {listed} FROM ({every}) l{with_fields}"


def _own_rows(lines: str, invoice: FocusInvoice) -> str:
    """The rows of what the statement bills beside usage; the reseller provides them itself."""
    first = f"DATE {_literal(invoice.month.isoformat())}"
    rows = [(one.category, one.text, _amount(one.amount)) for one in invoice.charges]
    if invoice.usage is not None:
        rounding = f"{_amount(invoice.usage)} - (SELECT coalesce(sum(customer_cost), 0) FROM ({lines}))"
        rows.append(("Adjustment", "Rounding", f"CAST({rounding} AS {_AMOUNT})"))
    values = {
        "usage_date": first,
        "starts_at": f"CAST({first} AS TIMESTAMP)",
        "ends_at": f"CAST({first} + INTERVAL 1 MONTH AS TIMESTAMP)",
        "is_correction": "false",
        "quantity": f"CAST(NULL AS {_AMOUNT})",
    }
    selects = []
    for category, text, amount in rows:
        own = {
            **values,
            "category": _literal(category.lower()),
            "service": _literal(text),
            "description": _literal(text),
            "list_cost": amount,
            "customer_cost": amount,
            # A charge of the month is one of something; what is no purchase has no quantity.
            **({"quantity": f"CAST(1 AS {_AMOUNT})", "unit": "'Months'"} if category == "Purchase" else {}),
        }
        listed = ", ".join(own.get(name, "''") for name in NEEDED_COLUMNS)
        selects.append(f"SELECT {listed}, false, true")
    # A rounding that is nothing is no row; its amount is the only one that is not known beforehand.
    if invoice.usage is not None:
        at = NEEDED_COLUMNS.index("customer_cost")
        named = ", ".join((*NEEDED_COLUMNS, "is_shown", "is_own"))
        selects[-1] = f"SELECT * FROM ({selects[-1]}) AS rounding({named}) WHERE {NEEDED_COLUMNS[at]} <> 0"
    return " UNION ALL ".join(selects)


def _columns(invoice: FocusInvoice) -> dict[str, tuple[str, str]]:
    """Every column of the file with its kind and what it is made of, in alphabetical order as FOCUS lists them."""
    month = invoice.month
    following = datetime.date(month.year + month.month // 12, month.month % 12 + 1, 1)
    issuer = _literal(invoice.issuer)
    names = " ".join(
        f"WHEN {_literal(code)} THEN {_literal(name)}" for code, name in invoice.provider_names.items()
    )
    known = f"CASE l.provider {names} ELSE l.provider END" if names else "l.provider"
    provider = f"CASE WHEN l.is_own THEN {issuer} ELSE {known} END"
    category = (
        "CASE l.category WHEN 'usage' THEN 'Usage' WHEN 'purchase' THEN 'Purchase' WHEN 'tax' THEN 'Tax' "
        "WHEN 'credit' THEN 'Credit' WHEN 'refund' THEN 'Credit' WHEN 'discount' THEN 'Credit' "
        "ELSE 'Adjustment' END"
    )
    is_priced = "l.category IN ('usage', 'purchase')"
    commitment = "CASE WHEN l.is_shown THEN nullif(l.commitment_id, '') END"
    is_committed = "l.is_shown AND l.commitment_id <> ''"
    # What follows from no quantity and no price list costs the same in every column.
    list_cost = f"CASE WHEN {is_priced} THEN l.list_cost ELSE l.customer_cost END"
    categories = ", ".join(map(_literal, _SERVICE_CATEGORIES))
    service_category = (
        f"CASE WHEN l.service_category IN ({categories}) THEN l.service_category ELSE 'Other' END"
    )
    return {
        "BilledCost": ("amount", "l.customer_cost"),
        "BillingAccountId": ("text", _literal(invoice.customer_id)),
        "BillingAccountName": ("text", _literal(invoice.customer_name)),
        "BillingCurrency": ("word", _literal(invoice.currency)),
        "BillingPeriodEnd": ("moment", _moment(following)),
        "BillingPeriodStart": ("moment", _moment(month)),
        "ChargeCategory": ("word", category),
        "ChargeClass": ("word", "CASE WHEN l.is_correction THEN 'Correction' END"),
        "ChargeDescription": (
            "text",
            "coalesce(nullif(l.description, ''), nullif(l.usage_type, ''), l.service)",
        ),
        "ChargeFrequency": (
            "word",
            f"CASE WHEN l.category = 'usage' THEN 'Usage-Based' WHEN l.category = 'purchase' AND (l.is_own OR "
            f"l.line_type IN ({', '.join(map(_literal, _RECURRING))})) THEN 'Recurring' ELSE 'One-Time' END",
        ),
        "ChargePeriodEnd": (
            "moment",
            "coalesce(l.ends_at, CAST(l.usage_date + INTERVAL 1 DAY AS TIMESTAMP))",
        ),
        "ChargePeriodStart": ("moment", "coalesce(l.starts_at, CAST(l.usage_date AS TIMESTAMP))"),
        "CommitmentDiscountCategory": (
            "word",
            f"CASE WHEN {is_committed} THEN "
            "CASE l.commitment_kind WHEN 'savings_plan' THEN 'Spend' ELSE 'Usage' END END",
        ),
        "CommitmentDiscountId": ("text", commitment),
        "CommitmentDiscountStatus": (
            "word",
            f"CASE WHEN {is_committed} AND l.category = 'usage' THEN "
            "CASE l.commitment_status WHEN 'unused' THEN 'Unused' ELSE 'Used' END END",
        ),
        "CommitmentDiscountType": (
            "word",
            f"CASE WHEN {is_committed} THEN CASE l.commitment_kind WHEN 'savings_plan' THEN 'Savings Plan' "
            "ELSE 'Reserved Instance' END END",
        ),
        "ContractedCost": ("amount", "l.customer_cost"),
        "EffectiveCost": ("amount", "l.customer_cost"),
        "InvoiceId": ("text", _literal(invoice.number) if invoice.number else "CAST(NULL AS VARCHAR)"),
        "InvoiceIssuerName": ("text", issuer),
        "ListCost": ("amount", list_cost),
        "PricingCategory": (
            "word",
            f"CASE WHEN NOT {is_priced} THEN NULL WHEN l.pricing_category = 'dynamic' THEN 'Dynamic' "
            "WHEN l.pricing_category = 'other' THEN 'Other' "
            f"WHEN l.pricing_category = 'committed' AND {is_committed} THEN 'Committed' ELSE 'Standard' END",
        ),
        "PricingQuantity": ("amount", f"CASE WHEN {is_priced} THEN l.quantity END"),
        "PricingUnit": (
            "text",
            f"CASE WHEN {is_priced} AND l.quantity IS NOT NULL THEN coalesce(nullif(l.unit, ''), 'Units') END",
        ),
        "ProviderName": ("text", provider),
        "PublisherName": ("text", provider),
        "RegionId": ("text", "nullif(l.region, '')"),
        "RegionName": ("text", "nullif(l.region, '')"),
        "ResourceId": ("text", "nullif(l.resource_id, '')"),
        "ResourceName": ("text", "CASE WHEN l.resource_id <> '' THEN nullif(l.resource_name, '') END"),
        "ServiceCategory": ("word", service_category),
        "ServiceName": ("text", f"coalesce(nullif(l.service, ''), {provider})"),
        # Providers' bills do not say it; FOCUS has an "other" for each category.
        "ServiceSubcategory": ("word", f"'Other (' || {service_category} || ')'"),
        "SkuId": (
            "text",
            f"CASE WHEN {is_priced} THEN coalesce(nullif(l.sku, ''), nullif(l.usage_type, ''), l.service) END",
        ),
        "SubAccountId": ("text", "nullif(l.account, '')"),
        "SubAccountName": (
            "text",
            "CASE WHEN l.account <> '' THEN coalesce(nullif(l.account_name, ''), l.account) END",
        ),
        "Tags": ("text", "nullif(l.tags, '')"),
    }


def _field_labels(invoice: FocusInvoice) -> tuple[list[str], list[str]]:
    """The labels of the customer's fields and of the accounts', each once and in order."""
    accounts = dict.fromkeys(label for fields in invoice.account_fields.values() for label, _ in fields)
    return [label for label, _ in invoice.custom_fields], list(accounts)


def _field_columns(invoice: FocusInvoice) -> dict[str, tuple[str, str]]:
    of_customer, of_accounts = _field_labels(invoice)
    names = custom_column_names((*of_customer, *of_accounts))
    values = [_literal(value) if value else "CAST(NULL AS VARCHAR)" for _, value in invoice.custom_fields]
    values += [f"f.f{place}" for place in range(len(of_accounts))]
    return {name: ("text", value) for name, value in zip(names, values, strict=True)}


def _fields_table(invoice: FocusInvoice) -> str:
    """Return the accounts' fields as a table to join: provider, account, and a column for each label."""
    _, labels = _field_labels(invoice)
    rows = []
    for (provider, account), fields in invoice.account_fields.items():
        own = dict(fields)
        cells = (provider, account, *(own.get(label, "") for label in labels))
        rows.append(f"({', '.join(_literal(cell) if cell else 'NULL' for cell in cells)})")
    titles = ", ".join(("p", "a", *(f"f{place}" for place in range(len(labels)))))
    typed = ", ".join(f"CAST({title} AS VARCHAR) AS {title}" for title in titles.split(", "))
    return f"SELECT {typed} FROM (VALUES {', '.join(rows)}) AS fields({titles})"


def _typed(sql: str, kind: str) -> str:
    if kind == "amount":
        return f"CAST({sql} AS {_AMOUNT})"
    if kind == "moment":
        return f"timezone('UTC', {sql})"
    return f"CAST({sql} AS VARCHAR)"


def _written(sql: str, kind: str) -> str:
    """Return the same as text: numbers without zeros at their end, moments in UTC, no text a formula."""
    if kind == "amount":
        return f"rtrim(rtrim(CAST(CAST({sql} AS {_AMOUNT}) AS VARCHAR), '0'), '.')"
    if kind == "moment":
        return f"strftime({sql}, '%Y-%m-%dT%H:%M:%SZ')"
    if kind == "word":
        return f"CAST({sql} AS VARCHAR)"
    first, begins = f"substr(trim({sql}), 1, 1)", f"substr({sql}, 1, 1)"
    return f"CASE WHEN {first} IN ({_FORMULA}) OR {begins} IN ({_SKIPPED}) THEN '''' || {sql} ELSE {sql} END"


def _moment(day: datetime.date) -> str:
    return f"TIMESTAMP {_literal(f'{day.isoformat()} 00:00:00')}"


def _amount(value: Decimal) -> str:
    return f"CAST({_literal(format(value, 'f'))} AS {_AMOUNT})"


def _literal(text: str) -> str:
    escaped = text.replace("\0", "").replace("'", "''")
    return f"'{escaped}'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
