"""What saving a grid does to a book's rules: which are changed where they stand, which end, which begin.

Months before the one that a change counts from keep what they had. A rule that reaches into them and is changed ends
with the month before, and its successor begins; one that has nothing in them is changed where it stands. Nothing here
knows the database: rules of ``app.rating`` go in, a ``Plan`` comes out.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from app.pricebooks.rows import NAMES, CellProblem, ReadRows
from app.rating.months import month_after
from app.rating.pricebook import PriceRule
from app.rating.problems import required
from app.shell.formats import month_text

#: What two rules must share to be the same in a month in which both hold.
_SAYS = (*NAMES, "kind", "value")


@dataclass(frozen=True, slots=True)
class Change:
    """One rule before and after, as the change log tells it; None before it was there, or after it was removed."""

    before: PriceRule | None
    after: PriceRule | None


@dataclass(slots=True)
class Plan:
    """What becomes of the rules. ``order`` names all of them in their new order: kept ones by id, new ones by place."""

    deleted: list[int] = field(default_factory=list)
    updated: dict[int, PriceRule] = field(default_factory=dict)
    added: list[PriceRule] = field(default_factory=list)
    order: list[tuple[str, int]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    moved: int = 0
    problems: list[CellProblem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rules are added, changed and removed."""
        return {
            "added": sum(one.before is None for one in self.changes),
            "changed": sum(one.before is not None and one.after is not None for one in self.changes),
            "removed": sum(one.after is None for one in self.changes),
        }

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.moved)


def plan_changes(
    old: Sequence[PriceRule], read: ReadRows, from_month: datetime.date | None, hidden: frozenset[int]
) -> Plan:
    """Return what turns the rules ``old``, in their order, into the rows that were read, from a month on.

    ``from_month`` None means all months. ``hidden`` are the ids of rules that no row could show, as they ended in
    locked months: they stay. Rows whose rule is not in ``old`` are new.
    """
    maker = _Maker(from_month, {rule.id: rule for rule in old})
    wanted = [rule for rule in read.rules if rule is not None]
    places = {rule.id: place for place, rule in enumerate(old)}
    steady = _longest_rising([(places[rule.id], rule.id) for rule in wanted if rule.id in places])
    for place, rule in enumerate(read.rules):
        if rule is not None:
            maker.settle(rule, place, read.rows[place].number, is_moved=rule.id not in steady)
    named = {rule.id for rule in wanted} | {row.id for row in read.rows} | hidden
    for rule in old:
        if rule.id not in named:
            maker.remove(rule)
    plan = maker.plan
    plan.order = _merged([rule.id for rule in old], maker.in_grid, maker.anchors, set(plan.deleted))
    return plan


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Return the ids of the most rules that stand among one another as before: whatever is not in it was moved."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, (place, _id) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(at[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            at.append(index)
        else:
            tails[length], at[length] = place, index
    found: set[int] = set()
    index = at[-1] if at else -1
    while index >= 0:
        found.add(pairs[index][1])
        index = before[index]
    return found


@dataclass(slots=True)
class _Maker:
    """Settles rule by rule what becomes of it."""

    month: datetime.date | None
    old: dict[int, PriceRule]
    plan: Plan = field(default_factory=Plan)
    #: What stands in the grid, in its order, and the kept rules among it that stay where they were.
    in_grid: list[tuple[str, int]] = field(default_factory=list)
    anchors: set[int] = field(default_factory=set)

    def settle(self, rule: PriceRule, place: int, number: int, *, is_moved: bool) -> None:
        old = self.old.get(rule.id)
        if self._is_too_early(old, rule, place, number):
            return
        if old is None:
            self._add(self._from_here(rule))
            self.plan.changes.append(Change(None, rule))
        elif self.month is None or self._begins_here(old):
            self._keep(old, replace(rule, position=old.position), is_moved=is_moved)
        else:
            self._settle_across(old, rule, is_moved=is_moved)

    def _settle_across(self, old: PriceRule, rule: PriceRule, *, is_moved: bool) -> None:
        """Settle a rule that holds in months before the one that the change counts from."""
        month = required(self.month, "from_month")
        says_same = not is_moved and self._says_same(old, rule)
        if self._is_unchanged(old, rule):
            if not is_moved:
                self._keep(old, old, is_moved=False)
                return
            if old.last_month is not None and old.last_month < month:
                return  # it has ended before the change counts: where it stands in the grid says nothing any more
        last_before = month_after(month, -1)
        reaches_month = old.last_month is None or old.last_month >= last_before
        if says_same and rule.first_month == old.first_month and reaches_month:
            self._keep(old, replace(old, last_month=rule.last_month), is_moved=False)
            return
        if reaches_month:
            self.plan.updated[old.id] = replace(old, last_month=last_before)
        first = month if rule.first_month == old.first_month else rule.first_month
        self._add(replace(rule, first_month=first))
        self.plan.changes.append(Change(old, rule))

    def remove(self, old: PriceRule) -> None:
        if self.month is None or self._begins_here(old):
            self.plan.deleted.append(old.id)
        elif old.last_month is None or old.last_month >= self.month:
            self.plan.updated[old.id] = replace(old, last_month=month_after(self.month, -1))
        else:
            return  # it has ended before the change counts: nothing of it is left to take away
        self.plan.changes.append(Change(old, None))

    def _keep(self, old: PriceRule, rule: PriceRule, *, is_moved: bool) -> None:
        if rule != old:
            self.plan.updated[old.id] = rule
            self.plan.changes.append(Change(old, rule))
        elif is_moved:
            self.plan.moved += 1
        if not is_moved:
            self.anchors.add(old.id)
        self.in_grid.append(("kept", old.id))

    def _add(self, rule: PriceRule) -> None:
        self.in_grid.append(("new", len(self.plan.added)))
        self.plan.added.append(rule)

    def _from_here(self, rule: PriceRule) -> PriceRule:
        return replace(rule, first_month=rule.first_month or self.month)

    def _begins_here(self, old: PriceRule) -> bool:
        return self.month is not None and old.first_month is not None and old.first_month >= self.month

    def _is_too_early(self, old: PriceRule | None, rule: PriceRule, place: int, number: int) -> bool:
        """Would the row change what counts before the month? Then say so beside the cell that asks for it."""
        if self.month is None or (old is not None and self._is_unchanged(old, rule)):
            return False
        begins = rule.first_month
        is_own = old is not None and begins == old.first_month and not self._begins_here(old)
        if not is_own and not (old is None and begins is None) and (begins is None or begins < self.month):
            text = _("Changes count from %(month)s. Choose that month or a later one.")
            self._complain(place, number, "first_month", text % {"month": month_text(self.month)})
            return True
        ends = rule.last_month
        earliest = self.month
        if old is not None and not self._begins_here(old) and self._says_same(old, rule):
            earliest = month_after(self.month, -1)  # to end it there is a change of the months after
        if ends is not None and ends < earliest:
            text = _(
                "Changes count from %(month)s, and this rule ends before it. Choose %(earliest)s or later."
            )
            words = {"month": month_text(self.month), "earliest": month_text(earliest)}
            self._complain(place, number, "last_month", text % words)
            return True
        return False

    @staticmethod
    def _is_unchanged(old: PriceRule, rule: PriceRule) -> bool:
        return replace(rule, position=old.position) == old

    @staticmethod
    def _says_same(old: PriceRule, rule: PriceRule) -> bool:
        return all(getattr(old, name) == getattr(rule, name) for name in _SAYS)

    def _complain(self, place: int, number: int, cell: str, text: str) -> None:
        self.plan.problems.append(CellProblem(place, number, cell, text))


def _merged(
    before: Sequence[int], in_grid: Sequence[tuple[str, int]], anchors: set[int], deleted: set[int]
) -> list[tuple[str, int]]:
    """Return one order of all rules: the old one for what stays, the grid's for what it shows."""
    placed_by_grid = {key for kind, key in in_grid if kind == "kept"}
    rest = iter(
        [key for key in before if key not in deleted and (key in anchors or key not in placed_by_grid)]
    )
    found: list[tuple[str, int]] = []
    waiting: list[tuple[str, int]] = []
    for item in in_grid:
        if item[0] == "kept" and item[1] in anchors:
            for key in rest:
                if key == item[1]:
                    break
                found.append(("kept", key))
            found += [*waiting, item]
            waiting = []
        else:
            waiting.append(item)
    return [*found, *(("kept", key) for key in rest), *waiting]
