"""From rows to what ``app.rating`` computes with: a book as it counts in a month."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from app.months.terms import terms_of
from app.pricebooks.models import Pricebook, PriceRule
from app.pricebooks.queries import rules_of_books
from app.rating import pricebook as rated


def rule_of(row: PriceRule) -> rated.PriceRule:
    """Return one rule."""
    return rated.PriceRule(
        id=row.id,
        position=row.position,
        kind=row.kind,
        value=row.value,
        service=row.service,
        sku=row.sku,
        region=row.region,
        usage_type=row.usage_type,
        first_month=row.first_month,
        last_month=row.last_month,
    )


def book_of(book: Pricebook, rules: Sequence[rated.PriceRule], percent: Decimal | None = None) -> rated.Book:
    """Return a book with these rules; without ``percent`` with the one that it has now."""
    return rated.Book(
        id=book.id,
        percent=book.adjustment_percent if percent is None else percent,
        rules=tuple(rules),
        match_mode=book.match_mode,
        currency=book.currency,
    )


def book_in(book: Pricebook, month: datetime.date) -> rated.Book:
    """Return a book as it counts in a month: with the percent of that month, and all rules, which know their months."""
    return books_in([book], month)[book.id]


def books_in(books: Sequence[Pricebook], month: datetime.date) -> dict[int, rated.Book]:
    """Return the same for many books, by id, with two statements at most."""
    percents = terms_of(books, month)
    rules: defaultdict[int, list[rated.PriceRule]] = defaultdict(list)
    for row in rules_of_books([one.id for one in books]):
        rules[row.pricebook_id].append(rule_of(row))
    found = {}
    for book in books:
        terms = percents[book.id]
        percent = Decimal(0) if terms is None else terms["adjustment_percent"]
        found[book.id] = book_of(book, rules[book.id], percent)
    return found
