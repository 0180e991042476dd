"""The console's search finds customers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import select

from app.customers.models import Customer
from app.customers.search import driven_by_trigrams, matching
from app.extensions import db
from app.kernel.folding import fold
from app.shell.finding import Hit


def customers(text: str, most: int) -> Sequence[Hit]:
    """Return customers by all that their list is searched by; number, external id and organization are exact."""
    condition = matching(text)
    if condition is None:
        return []
    query = driven_by_trigrams(select(Customer).where(condition), text).order_by(Customer.organization_key)
    wanted = fold(text)
    found = [_hit(one, wanted) for one in db.session.scalars(query.limit(most))]
    return sorted(found, key=lambda one: not one.is_exact)


def _hit(one: Customer, wanted: str) -> Hit:
    names = {one.organization_key, fold(one.account_number), fold(one.external_id or "")}
    note = " · ".join(part for part in (one.account_number, one.external_id) if part)
    return Hit(
        one.organization,
        url_for("CustomerInformationView.show", customer_id=one.id),
        note,
        is_exact=wanted in names,
    )
