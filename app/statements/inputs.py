"""From stored records to what ``rating`` computes with: all that was agreed with customers for a month."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select

from app.charges.models import GlobalAdjustment
from app.charges.overview import ChargeInputs, charge_inputs
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import HeldAccount, held_in
from app.credits.queries import open_credits
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import reseller_currency
from app.extensions import db
from app.months.terms import terms_of
from app.pricebooks.models import Pricebook
from app.pricebooks.rating import books_in
from app.providers.models import Provider
from app.rating.assignments import Account
from app.rating.commitments import ProviderTerms, PurchaseMode, StatementKind
from app.rating.credits import Credit
from app.rating.exchange import ExchangeRate
from app.rating.months import Days
from app.rating.pricebook import Book
from app.rating.statement import StatementInput
from app.rating.usage import UsageLine
from app.statements import ports
from app.statements.pricing import Buyer, Held, one_span
from app.taxes.rating import TaxTerms, tax_terms_of

#: So many ids in one query.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Agreed:
    """All that counts for one customer in a month."""

    customer: Customer
    month: datetime.date
    kind: StatementKind
    provider: Provider | None
    currency: str
    held: tuple[HeldAccount, ...]
    charges: ChargeInputs
    accounts: tuple[Account, ...]
    spans: Mapping[Held, tuple[Days, ...]]
    terms: tuple[ProviderTerms, ...]
    adjustment_percent: Decimal
    taxes: TaxTerms
    credits: tuple[Credit, ...]
    options: ports.Options
    exchange_rates: tuple[ExchangeRate, ...]

    @property
    def buyer(self) -> Buyer:
        """Return what usage is priced with."""
        return Buyer(
            self.customer.id, self.accounts, self.terms, self.options.purchase_mode, self.kind, self.spans
        )

    def statement(self, lines: tuple[UsageLine, ...], purchases: Mapping[str, str]) -> StatementInput:
        """Return what a statement is computed from, with these lines of usage."""
        named = {one.commitment_id for one in lines if one.commitment_id}
        return StatementInput(
            month=self.month,
            currency=self.currency,
            accounts=self._enrolled(lines),
            lines=lines,
            terms=self.terms,
            assignments=self.charges.assignments,
            adjustment_percent=self.adjustment_percent,
            credits=self.credits,
            tax_rates=self.taxes.rates,
            is_taxable=self.taxes.is_taxable,
            credits_lower_tax=self.options.credits_lower_tax,
            purchase_mode=self.options.purchase_mode,
            kind=self.kind,
            exchange_rates=self.exchange_rates,
            purchase_accounts={one: purchases[one] for one in sorted(named & purchases.keys())},
        )

    def _enrolled(self, lines: tuple[UsageLine, ...]) -> tuple[Account, ...]:
        """Return the accounts that charges reach: those that were archived before the month by their usage only."""
        gone = {
            (one.account.provider.code, one.account.account_id)
            for one in self.held
            if one.account.is_gone_in(self.month)
        } - {(one.provider, one.account) for one in lines}
        return tuple(one for one in self.accounts if (one.provider, one.id) not in gone)

    @property
    def books(self) -> dict[int, Book]:
        """Return the books that can price anything here, by id; the master is none."""
        by_provider = {one.provider: one.book for one in self.terms}
        found = [one.book or by_provider.get(one.provider) for one in self.accounts]
        return {one.id: one for one in found if one is not None and one.id}


def agreed_with(
    customers: Sequence[Customer],
    month: datetime.date,
    kind: StatementKind,
    *,
    provider: Provider | None = None,
    payers: Mapping[str, frozenset[str]],
) -> list[Agreed]:
    """Return what was agreed with customers for a month, in their order; everything is read as it counts in it."""
    found: list[Agreed] = []
    for start in range(0, len(customers), _AT_ONCE):
        found += _agreed(customers[start : start + _AT_ONCE], month, kind, provider, payers)
    return found


def _agreed(
    customers: Sequence[Customer],
    month: datetime.date,
    kind: StatementKind,
    provider: Provider | None,
    payers: Mapping[str, frozenset[str]],
) -> list[Agreed]:
    ids = [one.id for one in customers]
    held: defaultdict[int, list[HeldAccount]] = defaultdict(list)
    for one in held_in(month, AccountPeriod.customer_id.in_(ids)):
        if provider is None or one.account.provider_id == provider.id:
            held[one.customer_id].append(one)
    enablements = db.session.scalars(
        select(ProviderEnablement)
        .where(ProviderEnablement.customer_id.in_(ids))
        .order_by(ProviderEnablement.provider_id)
    ).all()
    said = terms_of(enablements, month)
    by_customer: defaultdict[int, list[ProviderEnablement]] = defaultdict(list)
    for enablement in enablements:
        by_customer[enablement.customer_id].append(enablement)
    books = _books(
        {one.pricebook_id for some in held.values() for one in some}
        | {(one or {}).get("pricebook_id") for one in said.values()},
        month,
    )
    adjustments = _adjustments(ids, month)
    taxes = tax_terms_of(ids, month)
    options, rates = ports.options_in(month), ports.exchange_rates_in(month)
    currency = reseller_currency()
    found = []
    for customer in customers:
        own = by_customer[customer.id]
        accounts, spans, charges = _accounts(customer, held[customer.id], month, books)
        found.append(
            Agreed(
                customer=customer,
                month=month,
                kind=kind,
                provider=provider,
                currency=_currency_of(own, provider, currency),
                held=tuple(held[customer.id]),
                charges=charges,
                accounts=accounts,
                spans=spans,
                terms=tuple(
                    provider_terms(
                        one.provider,
                        said[one.id] or {},
                        books,
                        payers.get(one.provider.code, frozenset()),
                        options,
                    )
                    for one in own
                ),
                adjustment_percent=adjustments.get(customer.id, Decimal(0)),
                taxes=taxes[customer.id],
                credits=tuple(open_credits(customer.id)),
                options=options,
                exchange_rates=rates,
            )
        )
    return found


def _currency_of(own: Sequence[ProviderEnablement], provider: Provider | None, currency: str) -> str:
    """A statement of one provider is in the currency that was agreed for it, a united one in the reseller's."""
    if provider is None:
        return currency
    return next((one.currency for one in own if one.provider_id == provider.id), currency)


def _accounts(
    customer: Customer, held: Sequence[HeldAccount], month: datetime.date, books: Mapping[int, Book]
) -> tuple[tuple[Account, ...], dict[Held, tuple[Days, ...]], ChargeInputs]:
    """Return a customer's accounts once each, the days of those that came back, and what is charged for them."""
    rows: dict[int, CloudAccount] = {one.account.id: one.account for one in held}
    charges = charge_inputs(customer, list(rows.values()), month)
    by_name: defaultdict[Held, list[HeldAccount]] = defaultdict(list)
    for one in held:
        by_name[one.account.provider.code, one.account.account_id].append(one)
    accounts, spans = [], {}
    for account in charges.accounts:
        periods = by_name[account.provider, account.id]
        days = tuple(one.days for one in periods)
        if len(days) > 1:
            spans[account.provider, account.id] = days
        together = one_span(days, month)
        book = books.get(periods[-1].pricebook_id or 0)
        accounts.append(replace(account, book=book, held_from=together.first, held_to=together.last))
    return tuple(accounts), spans, charges


def provider_terms(
    provider: Provider,
    said: Mapping[str, object],
    books: Mapping[int, Book],
    payers: frozenset[str],
    options: ports.Options,
) -> ProviderTerms:
    """Return what was agreed at a provider. ``said``: the terms of the customer's row for it in the month."""
    book_id = said.get("pricebook_id")
    return ProviderTerms(
        provider=provider.code,
        book=books.get(book_id) if isinstance(book_id, int) else None,
        passes_reserved=bool(said.get("pass_reserved_instances")),
        passes_savings_plans=bool(said.get("pass_savings_plans")),
        passes_credits=bool(said.get("pass_provider_credits")),
        includes_marketplace=options.includes_marketplace,
        seller_cost=options.seller_cost(provider),
        payer_accounts=payers,
    )


def _books(ids: Collection[object], month: datetime.date) -> dict[int, Book]:
    wanted = sorted(one for one in ids if isinstance(one, int))
    rows = db.session.scalars(select(Pricebook).where(Pricebook.id.in_(wanted))).all() if wanted else []
    return books_in(rows, month)


def _adjustments(ids: Collection[int], month: datetime.date) -> dict[int, Decimal]:
    rows = db.session.scalars(select(GlobalAdjustment).where(GlobalAdjustment.customer_id.in_(ids))).all()
    said = terms_of(rows, month)
    return {one.customer_id: (said[one.id] or {}).get("percent", Decimal(0)) for one in rows}


def kinds_in(options: ports.Options) -> tuple[StatementKind, ...]:
    """Return the kinds of statements that a month has: fees have their own where purchases are billed apart."""
    is_apart = options.purchase_mode is PurchaseMode.FEE_SEPARATE
    return (StatementKind.USAGE, StatementKind.FEES) if is_apart else (StatementKind.USAGE,)
