"""Invoice Options: how the statements of all customers are made, from which month on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.errors import EditConflict
from app.extensions import db
from app.months.locks import EVERY_CUSTOMER, hold_months
from app.months.terms import change_terms, terms_in
from app.settings.models import InvoiceOptions

#: What holds until the reseller decides otherwise.
DEFAULTS: Mapping[str, Any] = {"credits_lower_tax_base": True}


def invoice_options() -> InvoiceOptions | None:
    """Return the options of the reseller in scope, None while the defaults hold."""
    return db.session.scalars(select(InvoiceOptions)).one_or_none()


def options_in(month: datetime.date) -> dict[str, Any]:
    """Return the options that count in a month, by name."""
    row = invoice_options()
    return {**DEFAULTS, **((terms_in(row, month) if row is not None else None) or {})}


def save_invoice_options(
    values: Mapping[str, Any], *, from_month: datetime.date | None, version: int
) -> InvoiceOptions:
    """Change the options from a month on (None: in all months). ``version`` is 0 for a first decision.

    Raises ``EditConflict`` for an old form, and ``Invalid`` where a statement of any customer was issued for one of
    the months.
    """
    hold_months()
    row = db.session.scalars(select(InvoiceOptions).execution_options(populate_existing=True)).one_or_none()
    if (row.version if row else 0) != version:
        raise EditConflict
    if row is None:
        row = InvoiceOptions(**DEFAULTS, counts_from=None)
        db.session.add(row)
        db.session.flush()
    change_terms(row, values, from_month=from_month, locked_with=[EVERY_CUSTOMER])
    return row
