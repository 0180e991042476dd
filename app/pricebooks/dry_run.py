"""What a change of a book would have meant in the last imported month: a port that billing fills with real sums.

A source knows sums of rows that agree in everything a price depends on; this module prices them twice. Nothing here
reads a bill, and until a source announces itself there is nothing to show.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol

from app.pricebooks.models import Pricebook
from app.pricebooks.rating import book_in
from app.rating.money import ZERO, exactly
from app.rating.pricebook import (
    Book,
    Coefficients,
    Naming,
    PriceKey,
    Resolver,
    RuleScope,
    customer_cost,
    naming_of,
)

#: How many keys are shown that move most.
MOST_MOVERS = 10


@dataclass(frozen=True, slots=True)
class PricedSum:
    """A sum of rows of one customer that one rule prices: ``basis`` as docs/pricing.md#which-basis says, unrounded.

    Amounts are in ``currency``; ``unit_rate`` turns one unit of the book's currency into it. ``scope`` is which rules
    the kind of row lets in.
    """

    customer_id: int
    customer: str
    key: PriceKey
    basis: Decimal
    quantity: Decimal
    seller_cost: Decimal
    currency: str
    scope: RuleScope = RuleScope.ALL
    unit_rate: Decimal = Decimal(1)


class SourceOfSums(Protocol):
    """What billing gives: the last month that was imported for a book's customers, and its sums."""

    def last_month(self, book: Pricebook) -> datetime.date | None:
        """Return the month; None while nothing was imported."""

    def sums(self, book: Pricebook, month: datetime.date, naming: Naming) -> Iterable[PricedSum]:
        """Return the sums of all customers that the book prices in that month.

        ``naming``: which of SKU, region and usage type tell prices apart; the others may be left out of the keys.
        """


@dataclass(slots=True)
class Moved:
    """Customer cost before and after, in one currency; margin is what is left of it over seller cost."""

    name: str
    currency: str
    before: Decimal = ZERO
    after: Decimal = ZERO
    seller_cost: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def margin(self) -> Decimal:
        return self.after - self.seller_cost

    @property
    def margin_before(self) -> Decimal:
        return self.before - self.seller_cost


@dataclass(slots=True)
class DryRun:
    """The whole of it: customers and price keys, what moves most first, and a total per currency."""

    month: datetime.date
    totals: list[Moved] = field(default_factory=list)
    customers: list[Moved] = field(default_factory=list)
    movers: list[Moved] = field(default_factory=list)

    @property
    def hit(self) -> list[Moved]:
        """The customers that pay something else."""
        return [one for one in self.customers if one.change]


_SOURCES: list[SourceOfSums] = []


def take_sums_from(source: SourceOfSums | None) -> None:
    """Announce where sums of imported months come from; None takes it back."""
    _SOURCES[:] = [] if source is None else [source]


def last_month(book: Pricebook) -> datetime.date | None:
    """Return the month that a dry run would be of; None while there is none."""
    return _SOURCES[0].last_month(book) if _SOURCES else None


def dry_run(book: Pricebook, before: Book, after: Book) -> DryRun | None:
    """Return what the last imported month cost with one book and would cost with the other; None without a month."""
    month = last_month(book)
    if month is None:
        return None
    old, new = naming_of(before, month), naming_of(after, month)
    naming = (old[0] or new[0], old[1] or new[1], old[2] or new[2])
    return compare(_SOURCES[0].sums(book, month, naming), before, after, month)


def dry_run_with(book: Pricebook, **changes: Any) -> DryRun | None:
    """Return the same for a book whose ``changes`` (fields of ``rating.pricebook.Book``) had counted in that month."""
    month = last_month(book)
    if month is None:
        return None
    before = book_in(book, month)
    return dry_run(book, before, replace(before, **changes))


@exactly
def compare(sums: Iterable[PricedSum], before: Book, after: Book, month: datetime.date) -> DryRun:
    """Return what sums cost with one book and would cost with another."""
    resolvers = Resolver(before, month), Resolver(after, month)
    prices: dict[tuple[PriceKey, RuleScope], list[Coefficients]] = {}
    totals: dict[str, Moved] = {}
    customers: dict[tuple[int, str], Moved] = {}
    movers: dict[tuple[PriceKey, str], Moved] = {}
    for one in sums:
        price = prices.get((one.key, one.scope))
        if price is None:
            price = [resolver.coefficients(one.key, one.scope) for resolver in resolvers]
            prices[one.key, one.scope] = price
        costs = [
            customer_cost(found, one.basis, ZERO) + found.per_unit * one.quantity * one.unit_rate
            for found in price
        ]
        for group in (
            totals.setdefault(one.currency, Moved("", one.currency)),
            customers.setdefault((one.customer_id, one.currency), Moved(one.customer, one.currency)),
            movers.setdefault((one.key, one.currency), Moved(_key_text(one.key), one.currency)),
        ):
            group.before += costs[0]
            group.after += costs[1]
            group.seller_cost += one.seller_cost
    return DryRun(
        month,
        sorted(totals.values(), key=lambda one: one.currency),
        sorted(customers.values(), key=lambda one: (-abs(one.change), one.name)),
        [one for one in sorted(movers.values(), key=lambda one: -abs(one.change)) if one.change][
            :MOST_MOVERS
        ],
    )


def _key_text(key: PriceKey) -> str:
    return " · ".join(part for part in (key.service, key.sku, key.region, key.usage_type) if part)
