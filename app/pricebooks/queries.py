"""Named reads of pricebooks."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select

from app.extensions import db
from app.kernel.folding import fold
from app.kernel.references import count_owners
from app.months.locks import Lockable, Subject
from app.months.models import EarlierTerms
from app.pricebooks.models import Pricebook, PriceRule
from app.providers.models import Provider
from app.providers.queries import resold_providers


@dataclass(frozen=True, slots=True)
class BookFilter:
    """What the list was asked for; ``state`` is "", active or retired."""

    text: str = ""
    provider: str = ""
    currency: str = ""
    state: str = ""

    @property
    def is_narrowed(self) -> bool:
        return any((self.text, self.provider, self.currency, self.state))

    def admits(self, book: Pricebook) -> bool:
        """Does a book fit?"""
        return (
            fold(self.text) in fold(book.name)
            and self.provider in ("", book.provider.code)
            and self.currency in ("", book.currency)
            and self.state in ("", "retired" if book.is_retired else "active")
        )


@dataclass(frozen=True, slots=True)
class BookRow:
    """A copy with the number of customers that it prices, and of its rules."""

    book: Pricebook
    customers: int
    rules: int


@dataclass(slots=True)
class ProviderBooks:
    """The books of one provider; ``is_resold`` is False where only old copies are left."""

    provider: Provider
    is_resold: bool = True
    copies: list[BookRow] = field(default_factory=list)


def all_books() -> Sequence[Pricebook]:
    """Return every book of the reseller in scope."""
    return db.session.scalars(select(Pricebook)).all()


def books_by_provider(books: Sequence[Pricebook], wanted: BookFilter) -> list[ProviderBooks]:
    """Return each resold provider with its copies, then providers of which only copies are left."""
    groups = {one.id: ProviderBooks(one) for one in resold_providers() if wanted.provider in ("", one.code)}
    fitting = [book for book in books if wanted.admits(book)]
    used = count_owners(db.session, Pricebook, [book.id for book in fitting])
    rules = rule_counts([book.id for book in fitting])
    for book in sorted(fitting, key=lambda one: (one.is_retired, fold(one.name), one.id)):
        group = groups.setdefault(book.provider_id, ProviderBooks(book.provider, is_resold=False))
        group.copies.append(BookRow(book, used.get(book.id, 0), rules.get(book.id, 0)))
    hides_masters = wanted.text or wanted.currency or wanted.state
    return [group for group in groups.values() if group.copies or not hides_masters]


def rule_counts(books: Collection[int]) -> dict[int, int]:
    """Return how many rules books have, those that have ended included."""
    query = (
        select(PriceRule.pricebook_id, func.count(PriceRule.id))
        .where(PriceRule.pricebook_id.in_(books))
        .group_by(PriceRule.pricebook_id)
    )
    return dict(db.session.execute(query).all())


def rules_of_books(books: Collection[int]) -> Sequence[PriceRule]:
    """Return the rules of these books, each book's in their order."""
    query = (
        select(PriceRule)
        .where(PriceRule.pricebook_id.in_(books))
        .order_by(PriceRule.pricebook_id, PriceRule.position, PriceRule.id)
    )
    return db.session.scalars(query).all()


def rules_of(book: Pricebook, *, ending_from: datetime.date | None = None) -> Sequence[PriceRule]:
    """Return the rules of a book in their order; with ``ending_from`` only those that hold in that month or later."""
    query = select(PriceRule).where(PriceRule.pricebook_id == book.id)
    if ending_from is not None:
        query = query.where(or_(PriceRule.last_month.is_(None), PriceRule.last_month >= ending_from))
    return db.session.scalars(query.order_by(PriceRule.position, PriceRule.id)).all()


def months_of(book: Pricebook) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of the book can count."""
    return [Lockable(Subject.PRICEBOOK, book.id)]


def priced_in_earlier_months(book: Pricebook) -> bool:
    """Did any record, of whatever kind, name the book in months before it was changed?"""
    query = select(EarlierTerms.id).where(EarlierTerms.terms["pricebook_id"].as_integer() == book.id)
    return db.session.scalar(query.limit(1)) is not None


def customers_with(book: Pricebook) -> int:
    """Return how many customers a book prices now."""
    return count_owners(db.session, Pricebook, [book.id]).get(book.id, 0)
