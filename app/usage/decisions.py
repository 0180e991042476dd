"""What an import asks before it counts: pure, from what was read and what is there.

A person answers a question with yes ("accept"); what is there stays as it is until then.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


class Question(enum.StrEnum):
    """What a person has to decide."""

    REJECTED_ROWS = "rejected_rows"  # rows cannot be used: go on without them? Then the month is incomplete.
    LESS_THAN_HALF = "less_than_half"  # a part is less than half of what it replaces
    OVERLAP = (
        "overlap"  # another source of the same provider and month names the same accounts: billed twice?
    )
    CLOSED_MONTH = "closed_month"  # the month was closed: nothing more was to come
    NEWER_THERE = "newer_there"  # a later delivery was faster, or this one waited: is it still to count?


@dataclass(frozen=True, slots=True)
class Part:
    """One part, as far as questions need it. ``totals``: {currency: {list, effective, billed}}.

    ``delivery`` counts up with every file that arrives.
    """

    provider: str
    source: str
    month: date
    rows: int
    content_hash: str
    totals: Mapping[str, Mapping[str, Decimal]]
    accounts: frozenset[str] = frozenset()
    is_incomplete: bool = False
    delivery: int = 0

    @property
    def key(self) -> tuple[str, str, date]:
        """Which part it is: one version of each is live."""
        return self.provider, self.source, self.month


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it is about, as the page shows it."""

    question: Question
    about: list[dict[str, Any]] = field(default_factory=list)


def is_unchanged(new: Part, old: Part | None, *, has_rejected: bool) -> bool:
    """Does a part say again what is there already?"""
    return old is not None and old.content_hash == new.content_hash and old.is_incomplete == has_rejected


def is_less_than_half(new: Part, old: Part) -> bool:
    """Holds a part less than half of the rows, or of the cost in a currency, that it would replace?"""
    if 2 * new.rows < old.rows:
        return True
    for currency, before in old.totals.items():
        after = new.totals.get(currency, {})
        was, is_now = before.get("effective", Decimal(0)), after.get("effective", Decimal(0))
        if was > 0 and 2 * is_now < was:
            return True
    return False


def questions(
    new: Sequence[Part],
    live: Sequence[Part],
    *,
    rejected: int,
    closed: frozenset[tuple[str, date]] = frozenset(),
) -> list[Asked]:
    """Return what has to be asked before ``new`` replaces what is ``live``; ``closed``: (provider, month)."""
    asked = []
    if rejected:
        asked.append(Asked(Question.REJECTED_ROWS, [{"rows": rejected}]))
    now = {one.key: one for one in live}
    changed = [one for one in new if not is_unchanged(one, now.get(one.key), has_rejected=rejected > 0)]
    smaller = [
        {**_named(one), "rows": one.rows, "rows_before": now[one.key].rows}
        for one in changed
        if one.key in now and is_less_than_half(one, now[one.key])
    ]
    if smaller:
        asked.append(Asked(Question.LESS_THAN_HALF, smaller))
    shared = [
        {**_named(one), "other_source": other.source, "accounts": sorted(both)[:20], "count": len(both)}
        for one in changed
        for other in live
        if (other.provider, other.month) == (one.provider, one.month)
        and other.source != one.source
        and (both := one.accounts & other.accounts)
    ]
    if shared:
        asked.append(Asked(Question.OVERLAP, shared))
    newer = [_named(one) for one in changed if one.key in now and now[one.key].delivery > one.delivery]
    if newer:
        asked.append(Asked(Question.NEWER_THERE, newer))
    late = [_named(one) for one in changed if (one.provider, one.month) in closed]
    if late:
        asked.append(Asked(Question.CLOSED_MONTH, late))
    return asked


def _named(part: Part) -> dict[str, Any]:
    return {"provider": part.provider, "source": part.source, "month": part.month.isoformat()}
