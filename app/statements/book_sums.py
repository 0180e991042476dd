"""The month of all customers that a pricebook prices, for what a change of the book would have meant in it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import HeldAccount, held_in
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import reseller_currency
from app.extensions import db
from app.kernel.clock import utc_now
from app.months.terms import terms_of
from app.pricebooks.dry_run import PricedSum, take_sums_from
from app.pricebooks.models import Pricebook
from app.pricebooks.rating import book_in
from app.rating.commitments import ProviderTerms, SellerCost
from app.rating.exchange import Converter
from app.rating.money import ZERO
from app.rating.months import first_day
from app.rating.pricebook import Book, RuleScope
from app.statements import ports
from app.statements.buyers import accounts_held
from app.statements.inputs import provider_terms
from app.statements.month_usage import open_month
from app.statements.pricing import Buyer, KeyedSum, MonthPricing, Naming
from app.usage.queries import last_imported_month


class BookSums:
    """A source of ``app.pricebooks.dry_run``."""

    def last_month(self, book: Pricebook) -> datetime.date | None:
        """Return the last month of the provider that is over, else the one that runs."""
        today = utc_now().date()
        return last_imported_month(book.provider, before=first_day(today)) or last_imported_month(
            book.provider
        )

    def sums(self, book: Pricebook, month: datetime.date, naming: Naming) -> Iterator[PricedSum]:
        """Yield the sums of all customers that the book prices in a month, as fine as ``naming`` tells prices apart."""
        with open_month(month, book.provider) as usage:
            rated = book_in(book, month)
            buyers = _buyers(book, rated, month, usage.payers.get(book.provider.code, frozenset()))
            if not buyers:
                return
            terms = {buyer.id: buyer.terms[0] for buyer in buyers}
            pricing = MonthPricing(
                usage.connection,
                month,
                buyers,
                months=usage.open("months"),
                days=usage.open("days"),
                purchases=usage.purchases,
                naming=naming,
            )
            currency = reseller_currency()
            converter = Converter(currency, ports.exchange_rates_in(month))
            names = _names([one.id for one in buyers])
            for one in pricing.keyed_sums(rated):
                yield _priced(one, names[one.buyer], terms[one.buyer], converter, rated.currency or currency)


def _priced(
    one: KeyedSum, name: str, terms: ProviderTerms, converter: Converter, book_currency: str
) -> PricedSum:
    """In the reseller's currency; what has no exchange rate for the month keeps its own."""
    rate = converter.factor(one.currency)
    is_known = one.currency not in converter.missing
    treatment = one.treatment
    cost = one.billed_cost if terms.seller_cost is SellerCost.BILLED else one.effective_cost
    return PricedSum(
        customer_id=one.buyer,
        customer=name,
        key=one.key,
        basis=one.basis * rate if treatment.is_billed else ZERO,
        quantity=one.quantity if treatment.is_billed else ZERO,
        seller_cost=cost * rate if treatment.counts_cost else ZERO,
        currency=converter.currency if is_known else one.currency,
        scope=treatment.scope if treatment.is_billed else RuleScope.NONE,
        unit_rate=converter.factor(book_currency),
    )


def _buyers(book: Pricebook, rated: Book, month: datetime.date, payers: frozenset[str]) -> list[Buyer]:
    """Return the customers that the book prices in a month, with their accounts at its provider."""
    held: defaultdict[int, list[HeldAccount]] = defaultdict(list)
    for one in held_in(
        month, CloudAccount.provider_id == book.provider_id, AccountPeriod.customer_id.is_not(None)
    ):
        held[one.customer_id].append(one)
    enablements = db.session.scalars(
        select(ProviderEnablement).where(ProviderEnablement.provider_id == book.provider_id)
    ).all()
    said = terms_of(enablements, month)
    by_customer = {one.customer_id: one for one in enablements}
    options = ports.options_in(month)
    found = []
    for customer_id, periods in sorted(held.items()):
        enablement = by_customer.get(customer_id)
        agreed = (said[enablement.id] if enablement else None) or {}
        chosen = agreed.get("pricebook_id")
        if book.id not in {chosen, *(one.pricebook_id for one in periods)}:
            continue
        # Of other books nothing is asked but that they are others.
        ids = {one for one in (chosen, *(one.pricebook_id for one in periods)) if isinstance(one, int)}
        books = {one: rated if one == book.id else Book(one, ZERO) for one in ids}
        accounts, spans = accounts_held(periods, books, month)
        terms = provider_terms(book.provider, agreed, books, payers, options)
        found.append(Buyer(customer_id, accounts, (terms,), options.purchase_mode, spans=spans))
    return found


def _names(ids: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        query = select(Customer.id, Customer.organization).where(Customer.id.in_(ids[start : start + 500]))
        found |= {row.id: row.organization for row in db.session.execute(query)}
    return found


def announce() -> None:
    """Announce it to pricebooks."""
    take_sums_from(BookSums())
