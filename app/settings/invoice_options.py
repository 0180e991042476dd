"""Invoice Options: how the statements of all customers are made, what moves money from which month on."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.errors import EditConflict, Invalid
from app.extensions import db
from app.months.locks import EVERY_CUSTOMER, hold_months
from app.months.terms import change_terms, terms_in
from app.rating.commitments import PurchaseMode
from app.settings.models import InvoiceOptions, PageSize, PaymentTerm
from app.settings.numbering import check_number_format, number_text

#: What holds until the reseller decides otherwise: what moves money, and counts from a month ...
DEFAULTS: Mapping[str, Any] = {
    "credits_lower_tax_base": True,
    "purchase_mode": PurchaseMode.AMORTISED,
    "includes_marketplace": True,
    "billed_cost_providers": [],
}
#: ... and what holds for every statement that is issued next.
ISSUE_DEFAULTS: Mapping[str, Any] = {
    "payment_term": PaymentTerm.AFTER_ISSUE,
    "payment_days": 30,
    "number_format": "{year}-{number:5}",
    "next_number": 1,
    "notes": "",
    "groups_by_account": True,
    "shows_custom_fields": False,
    "page_size": PageSize.A4,
}


def invoice_options() -> InvoiceOptions | None:
    """Return the options of the reseller in scope, None while the defaults hold."""
    return db.session.scalars(select(InvoiceOptions)).one_or_none()


def options_in(month: datetime.date) -> dict[str, Any]:
    """Return what counts in a month, by the names of ``DEFAULTS``."""
    return options_of([month])[month]


def options_of(months: Iterable[datetime.date]) -> dict[datetime.date, dict[str, Any]]:
    """Return the same for several months; the row is read once."""
    row = invoice_options()
    return {
        month: {**DEFAULTS, **((terms_in(row, month) if row is not None else None) or {})} for month in months
    }


def options_at_issue() -> dict[str, Any]:
    """Return what holds for a statement that is issued now, by the names of ``ISSUE_DEFAULTS``."""
    row = invoice_options()
    return {name: getattr(row, name) if row else value for name, value in ISSUE_DEFAULTS.items()}


def due_on(issued_on: datetime.date, term: PaymentTerm, days: int) -> datetime.date:
    """Return the day on which a statement is due."""
    if term is PaymentTerm.ON_RECEIPT:
        return issued_on
    if term is PaymentTerm.AFTER_ISSUE:
        return issued_on + datetime.timedelta(days=days)
    next_month = (issued_on.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    return next_month + datetime.timedelta(days=days - 1)


def make_options() -> InvoiceOptions:
    """Return a new row that says what the defaults say; whoever calls holds the months."""
    row = InvoiceOptions(
        **{name: list(value) if isinstance(value, list) else value for name, value in DEFAULTS.items()},
        **ISSUE_DEFAULTS,
        counts_from=None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def take_number(issued_on: datetime.date) -> str:
    """Return the reseller's next number, and count on; nobody else gets one until the commit.

    Called in the transaction that issues a statement: a rollback takes nothing, so no number is ever skipped.
    """
    hold_months()
    query = select(InvoiceOptions.id, InvoiceOptions.next_number, InvoiceOptions.number_format)
    row = db.session.execute(query).one_or_none()
    if row is None:
        make_options()
        row = db.session.execute(query).one()
    # Past the record's version: a form that is open meanwhile stays good, and cannot turn it back.
    db.session.execute(
        update(InvoiceOptions)
        .where(InvoiceOptions.id == row.id)
        .values(next_number=row.next_number + 1)
        .execution_options(synchronize_session=False)
    )
    return number_text(row.number_format, row.next_number, issued_on)


def save_invoice_options(
    values: Mapping[str, Any], *, from_month: datetime.date | None, version: int
) -> InvoiceOptions:
    """Change the options; what moves money counts from a month on (None: in all months). ``version`` 0: the first.

    ``values`` holds some or all names of ``DEFAULTS`` and ``ISSUE_DEFAULTS``. Raises ``EditConflict`` for an old form,
    and ``Invalid`` for a number format that is none, a counter that goes back, and where a statement of any customer
    was issued for one of the months.
    """
    hold_months()
    row = db.session.scalars(select(InvoiceOptions).execution_options(populate_existing=True)).one_or_none()
    if (row.version if row else 0) != version:
        raise EditConflict
    if row is None:
        row = make_options()
    if "number_format" in values:
        check_number_format(values["number_format"])
    if "next_number" in values:
        _check_next_number(values["next_number"], row.next_number)
    if not 0 <= values.get("payment_days", 0) <= 365:
        raise Invalid(
            _("Enter a whole number from %(low)s to %(high)s.", low=0, high=365), field="payment_days"
        )
    change_terms(row, values, from_month=from_month, locked_with=[EVERY_CUSTOMER])
    for name in ISSUE_DEFAULTS:
        if name in values and getattr(row, name) != values[name]:
            setattr(row, name, values[name])
    db.session.flush()
    return row


def _check_next_number(wanted: int, now: int) -> None:
    if wanted < now:
        raise Invalid(
            _(
                "Numbers below %(next)s are taken. Enter %(next)s or more; what you skip is never used.",
                next=now,
            ),
            field="next_number",
        )
