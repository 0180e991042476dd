"""Whether a customer pays tax, and at which rates: from which month on, and what was before (docs/taxes.md)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.customers.models import Customer, CustomerTaxRate
from app.customers.services import check_not_archived, hold_customer
from app.errors import EditConflict, Invalid
from app.extensions import db
from app.months.locks import Lockable, Subject
from app.months.terms import change_terms, earlier_terms
from app.taxes.models import TaxProfile, TaxRate
from app.taxes.suggestions import Place


@dataclass(frozen=True, slots=True)
class ProfileSpan:
    """What a profile said from a month (None: the beginning) to another (None: until further notice)."""

    first_month: datetime.date | None
    last_month: datetime.date | None
    is_taxable: bool
    rates: tuple[TaxRate, ...]


def profile_of(customer: Customer) -> TaxProfile | None:
    """Return the customer's tax profile, None where there was never one: no tax."""
    query = select(TaxProfile).where(TaxProfile.customer_id == customer.id)
    return db.session.scalars(query).one_or_none()


def months_of(customer: Customer) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of the profile can count."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def place_of(customer: Customer) -> Place:
    """Return where the customer is, for suggestions."""
    return Place(customer.country, customer.state, customer.postal_code)


def usable_rates(assigned: Collection[int]) -> Sequence[TaxRate]:
    """Return the rates that can be chosen, and those in use even when they were retired."""
    usable = or_(TaxRate.is_retired.is_(False), TaxRate.id.in_(assigned))
    return db.session.scalars(select(TaxRate).where(usable).order_by(TaxRate.name)).all()


def profile_spans(profile: TaxProfile | None) -> list[ProfileSpan]:
    """Return what the profile says and said, the newest first; nothing while it counts in all months."""
    if profile is None or profile.counts_from is None:
        return []
    earlier = earlier_terms(profile)
    wanted = {one for _first, _last, terms in earlier for one in terms["tax_rate_ids"]}
    query = select(TaxRate).where(TaxRate.id.in_(wanted | set(profile.tax_rate_ids))).order_by(TaxRate.name)
    rates = db.session.scalars(query).all()

    def span(
        first: datetime.date | None, last: datetime.date | None, is_taxable: bool, ids: Collection[int]
    ) -> ProfileSpan:
        return ProfileSpan(first, last, is_taxable, tuple(one for one in rates if one.id in ids))

    newest = span(profile.counts_from, None, profile.is_taxable, profile.tax_rate_ids)
    return [newest] + [
        span(first, last, terms["is_taxable"], terms["tax_rate_ids"]) for first, last, terms in earlier
    ]


def save_tax_profile(
    customer: Customer,
    *,
    is_taxable: bool,
    tax_rate_ids: Iterable[int],
    version: int,
    from_month: datetime.date | None = None,
) -> TaxProfile:
    """Set from a month on (None: in all months) whether a customer pays tax, and at which rates.

    Rates of an untaxed customer are kept for later. ``version`` is 0 for a first profile. Raises ``EditConflict`` for
    an old form, and ``Invalid`` where one of the months is on an issued statement.
    """
    hold_customer(customer)
    check_not_archived(customer)
    profile = profile_of(customer)
    if (profile.version if profile else 0) != version:
        raise EditConflict
    wanted = sorted(set(tax_rate_ids))
    usable = {one.id: one for one in usable_rates(profile.tax_rate_ids if profile else ())}
    if not usable.keys() >= set(wanted):
        raise Invalid(_("Choose tax rates of the list."), field="tax_rate_ids")
    if is_taxable and not wanted:
        raise Invalid(_("Choose at least one tax rate, or switch tax off."), field="tax_rate_ids")
    if profile is None:
        profile = TaxProfile(
            reseller_id=customer.reseller_id,
            customer_id=customer.id,
            customer=customer,
            is_taxable=False,
            tax_rate_ids=[],
            counts_from=None,
        )
        db.session.add(profile)
        db.session.flush()
    if change_terms(
        profile,
        {"is_taxable": is_taxable, "tax_rate_ids": wanted},
        from_month=from_month,
        locked_with=months_of(customer),
    ):
        _link(customer, {one: usable[one] for one in wanted})
    return profile


def _link(customer: Customer, rates: dict[int, TaxRate]) -> None:
    """Let the customer's rows of rates be these."""
    links = {one.tax_rate_id: one for one in customer.tax_links}
    for rate_id in links.keys() - rates.keys():
        db.session.delete(links[rate_id])
    db.session.add_all(
        CustomerTaxRate(
            reseller_id=customer.reseller_id,
            customer_id=customer.id,
            tax_rate_id=rate_id,
            tax_rate=rates[rate_id],
        )
        for rate_id in sorted(rates.keys() - links.keys())
    )
    db.session.flush()
    db.session.expire(customer, ["tax_links"])
