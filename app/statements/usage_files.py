# ruff: noqa: S608  (every name in the queries is a constant; what comes from records is a number, or quoted by the store)
"""The usage of a statement line by line, each with its price, as a FOCUS file (docs/documents.md).

The lines are those of the versions that the statement was made of, priced once more by what was agreed: locked months
see to it that this is what it was. Where it is not, because a void statement's month was changed, there is no file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

from flask_babel import gettext as _

from app.cloud_accounts.queries import account_fields
from app.customers.queries import customer_fields
from app.errors import WrongState
from app.rating.commitments import StatementKind
from app.rating.money import ZERO, minor_units
from app.rating.reasons import ReasonCode
from app.statements.documents.focus import NEEDED_COLUMNS, FocusInvoice, invoice_of, write_csv, write_parquet
from app.statements.explaining import parts_of
from app.statements.inputs import agreed_with
from app.statements.models import Kind, Statement
from app.statements.month_usage import MonthUsage, open_month
from app.statements.paper import Field, Paper
from app.statements.pricing import MonthPricing
from app.statements.printing import read_paper
from app.statements.queries import lines_of
from app.statements.rated import pricing_of
from app.usage.places import store
from app.usage.store import copy_to, literal

FileKind = Literal["csv", "parquet"]

_AMOUNT = "DECIMAL(38,18)"
#: Amounts are cut to so many decimals before they are exchanged, so that the product fits.
_BEFORE_EXCHANGE = "DECIMAL(38,12)"
#: So many lines are held in memory until they are written.
_GROUP = 8_192
#: Why a row is priced as it is, where its commitment is the customer's own to see.
_OWN = (ReasonCode.COMMITMENT_OWN, ReasonCode.COMMITMENT_UNUSED, ReasonCode.PURCHASE_FEE)
#: Priced and renamed: what a line gets beside what it has.
_MADE = ("account", "account_name", "list_cost", "customer_cost")
_CARRIED = tuple(one for one in NEEDED_COLUMNS if one not in _MADE)


def has_usage_file(statement: Statement) -> bool:
    """Is there usage behind a statement?"""
    return statement.kind is not Kind.CREDIT_NOTE


def usage_file(statement: Statement, kind: FileKind) -> IO[bytes]:
    """Return the priced usage of a statement as an open temporary file; whoever closes it removes it.

    Raises ``WrongState`` where its lines do not come to what was billed any more.
    """
    paper = read_paper(statement)
    with open_month(statement.month, statement.provider, parts=parts_of(statement)) as usage:
        fees = StatementKind.FEES if statement.kind is Kind.FEES else StatementKind.USAGE
        agreed = agreed_with(
            [statement.customer], statement.month, fees, provider=statement.provider, payers=usage.payers
        )
        pricing = pricing_of(usage, agreed)
        with store().work_folder() as folder:
            priced = folder / "priced.parquet"
            copy_to(usage.connection, _lines(usage, pricing, paper), priced, group=_GROUP)
            lines = f"SELECT * FROM read_parquet({literal(str(priced))})"
            _check(statement, usage, lines)
            written = folder / f"usage.{kind}"
            write = write_csv if kind == "csv" else write_parquet
            write(usage.connection, lines, _invoice(statement, paper), written)
            return _kept(written)


def _kept(path: Path) -> IO[bytes]:
    kept = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    with path.open("rb") as file:
        shutil.copyfileobj(file, kept)
    kept.seek(0)
    return kept


def _lines(usage: MonthUsage, pricing: MonthPricing, paper: Paper) -> str:
    """Return the SELECT of a statement's lines with their prices in its currency."""
    priced = pricing.priced(
        usage.open("lines"), (*_CARRIED, "account", "account_name", "list_cost", "currency")
    )
    own = [str(one.number) for one in pricing.classes if one.treatment.reason.code in _OWN]
    of_books = " ".join(
        f"WHEN {one.number} THEN {literal(one.book.currency)}"
        for one in pricing.classes
        if one.book.currency and one.coefficients.per_unit
    )
    unit_currency = f"CASE class {of_books} ELSE currency END" if of_books else "currency"
    cost = _exchanged("from_cost", "currency", paper)
    quantity_cost = _exchanged("from_quantity", unit_currency, paper)
    return f"""
        SELECT {", ".join(_CARRIED)}, bearer AS account,
            CASE WHEN bearer = account THEN account_name ELSE '' END AS account_name,
            {_exchanged("list_cost", "currency", paper)} AS list_cost,
            CAST({cost} + {quantity_cost} AS {_AMOUNT}) AS customer_cost,
            {f"class IN ({', '.join(own)})" if own else "false"} AS shows_commitment
        FROM ({priced}) WHERE is_billed"""


def _exchanged(amount: str, currency: str, paper: Paper) -> str:
    """Return an amount in the statement's currency, at the rates that the statement names."""
    own = f"CAST({amount} AS {_AMOUNT})"
    rates = " ".join(
        f"WHEN {literal(source)} THEN CAST(CAST({amount} AS {_BEFORE_EXCHANGE}) * {rate:f} AS {_AMOUNT})"
        for source, target, rate in paper.exchange_rates
        if target == paper.currency
    )
    return f"""CASE {currency} WHEN {literal(paper.currency)} THEN {own} {rates}
        ELSE error('no exchange rate') END"""


def _check(statement: Statement, usage: MonthUsage, lines: str) -> None:
    """Refuse where the lines come to something else than what was billed, beyond what each printed line was rounded."""
    found = usage.connection.execute(f"SELECT coalesce(sum(customer_cost), 0) FROM ({lines})").fetchone()
    total: Decimal = found[0] if found else ZERO
    smallest = Decimal(1).scaleb(-minor_units(statement.currency))
    if abs(total - statement.usage_amount) > smallest * (len(lines_of(statement)) + 1):
        raise WrongState(
            _("What this statement was priced by has changed since. Its lines cannot be given any more.")
        )


def _invoice(statement: Statement, paper: Paper) -> FocusInvoice:
    invoice = invoice_of(paper, statement.customer.account_number)
    if not (statement.frozen.get("options") or {}).get("shows_custom_fields"):
        return invoice
    return replace(
        invoice,
        custom_fields=tuple(_exact_fields(statement, paper.header_fields)),
        account_fields=_account_fields(statement),
    )


def _exact_fields(statement: Statement, printed: Iterable[Field]) -> Iterator[Field]:
    """Give the customer's printed fields as they are stored: days in ISO form, whatever the paper's language."""
    kept = (statement.frozen.get("customer") or {}).get("fields") or {}
    names = {one.label: one.name for one in customer_fields(with_retired=True)}
    for label, text in printed:
        yield label, str(kept.get(names.get(label)) or text)


def _account_fields(statement: Statement) -> dict[tuple[str, str], tuple[Field, ...]]:
    """Return the custom fields of the accounts as they were stored, of those that are shown in reports."""
    shown = [one for one in account_fields(with_retired=True) if one.in_billing_reports]
    found = {}
    for account in statement.frozen.get("accounts", []):
        kept = account["fields"] or {}
        values = tuple((one.label, str(kept[one.name])) for one in shown if kept.get(one.name))
        found[account["provider"], account["id"]] = values
    return {name: values for name, values in found.items() if values}
