"""Sums of usage that are asked for again and again while somebody moves a control: kept in memory, per process.

What a version of a part holds never changes, so whatever was read of some versions stays true as long as they are the
ones that count. Nothing of it is written anywhere, and the oldest goes first.
"""

from __future__ import annotations

import datetime
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import duckdb

from app.rating.usage import UsageLine
from app.statements.month_usage import files_of, live_parts_until, reading
from app.statements.pricing import Borne, Buyer, MonthPricing, borne_elsewhere, payers_of, purchase_accounts
from app.tenancy.scope import current_scope
from app.usage.models import UsagePart
from app.usage.places import shared_cursor, store
from app.usage.queries import live_parts
from app.usage.store import Level

_T = TypeVar("_T")


class Kept:
    """The last answers, by what they depend on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable, find: Callable[[], _T]) -> _T:
        """Return what is kept under a name, or find and keep it."""
        with self._lock:
            if name in self._answers:
                self._answers.move_to_end(name)
                return cast(_T, self._answers[name])
        found = find()
        with self._lock:
            self._answers[name] = found
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._answers.clear()


#: Lines of customers; each is what a statement is made of, some hundred rows.
KEPT_LINES = Kept(64)
#: Who bought commitments and who pays, of a reseller's months.
_KEPT_FACTS = Kept(32)


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What pricing asks of a month beside its rows. ``parts``: what counts of it now."""

    month: datetime.date
    parts: Sequence[UsagePart]
    purchases: Mapping[str, str]
    payers: Mapping[str, frozenset[str]]
    borne: tuple[Borne, ...]

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(one.version for one in self.parts)


def facts_of(month: datetime.date) -> MonthFacts:
    """Return who bought commitments and who pays, as the usage of a month and of those before it says."""
    parts, until = live_parts(month), live_parts_until(month)

    def find() -> tuple[Mapping[str, str], Mapping[str, frozenset[str]], tuple[Borne, ...]]:
        with reading(), shared_cursor() as cursor:
            kept = store()
            purchases = purchase_accounts(kept.open(files_of(until), "months", cursor))
            rows = kept.open(files_of(parts), "months", cursor)
            return purchases, payers_of(rows), borne_elsewhere(rows, purchases)

    name = (current_scope().reseller_id, tuple(one.version for one in until), month)
    return MonthFacts(month, parts, *_KEPT_FACTS.get(name, find))


def lines_of(facts: MonthFacts, buyer: Buyer) -> tuple[UsageLine, ...]:
    """Return what the statement of a customer is made of, from memory where it was asked for before."""

    def find() -> tuple[UsageLine, ...]:
        with reading(), shared_cursor() as cursor:
            providers = {one.provider for one in buyer.accounts}
            files = [one for one in files_of(facts.parts) if one.provider in providers]
            kept = store()

            def rows(level: Level) -> duckdb.DuckDBPyRelation:
                return kept.open(files, level, cursor)

            pricing = MonthPricing(
                cursor,
                facts.month,
                [buyer],
                months=rows("months"),
                days=rows("days"),
                purchases=facts.purchases,
                borne=facts.borne,
            )
            return pricing.lines()[buyer.id]

    agreed = (
        buyer.id,
        buyer.accounts,
        buyer.terms,
        buyer.mode,
        buyer.kind,
        tuple(sorted(buyer.spans.items())),
    )
    return KEPT_LINES.get((current_scope().reseller_id, facts.month, facts.versions, agreed), find)
