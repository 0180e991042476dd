"""Whose usage of a month is priced, and how: what pricing asks of records, and nothing of what comes after prices.

Charges, credits and taxes are left out, so a whole month of customers is read with a handful of statements, however
many of them there are. ``inputs`` reads all that a statement needs, customer by customer.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.cloud_accounts.models import AccountPeriod
from app.cloud_accounts.queries import HeldAccount, held_in
from app.customers.models import ProviderEnablement
from app.extensions import db
from app.months.terms import terms_of
from app.pricebooks.models import Pricebook
from app.pricebooks.rating import books_in
from app.rating.assignments import Account
from app.rating.commitments import StatementKind
from app.rating.months import Days
from app.rating.pricebook import Book
from app.statements.inputs import kinds_in, provider_terms
from app.statements.ports import options_in
from app.statements.pricing import Buyer, Held, one_span

#: So many records in one query for their earlier terms.
_AT_ONCE = 500


def buyers_in(
    month: datetime.date, *, payers: Mapping[str, frozenset[str]]
) -> dict[StatementKind, list[Buyer]]:
    """Return all who had an account in a month, for each kind of statement that it has, as they count in it."""
    held: defaultdict[int, list[HeldAccount]] = defaultdict(list)
    for one in held_in(month, AccountPeriod.customer_id.is_not(None)):
        held[one.customer_id].append(one)
    enablements = db.session.scalars(
        select(ProviderEnablement).order_by(ProviderEnablement.provider_id, ProviderEnablement.id)
    ).all()
    said: dict[int, dict[str, Any] | None] = {}
    for start in range(0, len(enablements), _AT_ONCE):
        said |= terms_of(enablements[start : start + _AT_ONCE], month)
    by_customer: defaultdict[int, list[ProviderEnablement]] = defaultdict(list)
    for enablement in enablements:
        by_customer[enablement.customer_id].append(enablement)
    books = books_in(db.session.scalars(select(Pricebook).order_by(Pricebook.id)).all(), month)
    options = options_in(month)
    found: dict[StatementKind, list[Buyer]] = {kind: [] for kind in kinds_in(options)}
    for customer_id, periods in sorted(held.items()):
        accounts, spans = accounts_held(periods, books, month)
        terms = tuple(
            provider_terms(
                one.provider,
                said[one.id] or {},
                books,
                payers.get(one.provider.code, frozenset()),
                options,
            )
            for one in by_customer[customer_id]
        )
        for kind, buyers in found.items():
            buyers.append(Buyer(customer_id, accounts, terms, options.purchase_mode, kind, spans))
    return found


def accounts_held(
    periods: Sequence[HeldAccount], books: Mapping[int, Book], month: datetime.date
) -> tuple[tuple[Account, ...], dict[Held, tuple[Days, ...]]]:
    """Return a customer's accounts once each, with their books, and the days of those that came back in the month."""
    by_account: defaultdict[Held, list[HeldAccount]] = defaultdict(list)
    for one in periods:
        by_account[one.account.provider.code, one.account.account_id].append(one)
    accounts, spans = [], {}
    for (provider, account_id), some in by_account.items():
        days = tuple(one.days for one in some)
        if len(days) > 1:
            spans[provider, account_id] = days
        together = one_span(days, month)
        accounts.append(
            Account(
                provider,
                account_id,
                book=books.get(some[-1].pricebook_id or 0),
                held_from=together.first,
                held_to=together.last,
            )
        )
    return tuple(accounts), spans
