"""Named reads of pricebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from app.extensions import db
from app.kernel.folding import fold
from app.kernel.references import count_owners
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.providers.queries import resold_providers


@dataclass(frozen=True, slots=True)
class BookRow:
    """A copy with the number of customers that it prices."""

    book: Pricebook
    customers: int


@dataclass(slots=True)
class ProviderBooks:
    """The books of one provider; ``is_resold`` is False where only old copies are left."""

    provider: Provider
    is_resold: bool = True
    copies: list[BookRow] = field(default_factory=list)


def books_by_provider(*, text: str = "") -> list[ProviderBooks]:
    """Return each resold provider with its copies, then providers of which only copies are left."""
    groups = {one.id: ProviderBooks(one) for one in resold_providers()}
    books = _matching(db.session.scalars(select(Pricebook)).all(), text)
    used = count_owners(db.session, Pricebook, [book.id for book in books])
    for book in sorted(books, key=lambda one: (one.is_retired, fold(one.name), one.id)):
        group = groups.setdefault(book.provider_id, ProviderBooks(book.provider, is_resold=False))
        group.copies.append(BookRow(book, used.get(book.id, 0)))
    return [group for group in groups.values() if group.copies or not text]


def _matching(books: Sequence[Pricebook], text: str) -> list[Pricebook]:
    wanted = fold(text)
    return [book for book in books if wanted in fold(book.name)]
