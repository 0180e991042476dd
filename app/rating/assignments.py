"""Which plans an account has, and which level they come from (docs/pricing.md#levels)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.rating.months import Days, check_day, first_day
from app.rating.plancheck import plan_problems
from app.rating.plans import Frequency, Plan, PlanScope
from app.rating.pricebook import Book
from app.rating.problems import InvalidPlan, Problem, ProblemCode, problem, within


@dataclass(frozen=True, slots=True)
class Account:
    """A cloud account of the customer in the month.

    ``book`` is its own pricebook, None where it has none; ``group`` the one account group it is in; ``held_from`` and
    ``held_to`` the days between which it is the customer's, None is open.
    """

    provider: str
    id: str
    group: int | None = None
    book: Book | None = None
    held_from: date | None = None
    held_to: date | None = None

    def __post_init__(self) -> None:
        for field in ("held_from", "held_to"):
            if getattr(self, field) is not None:
                check_day(getattr(self, field), field)

    @property
    def days(self) -> Days:
        """The days on which it is the customer's."""
        return Days(self.held_from, self.held_to)


class Level(enum.StrEnum):
    """Where a plan is assigned, the narrowest first."""

    ACCOUNT = "account"
    GROUP = "group"
    CUSTOMER = "customer"
    RESELLER = "reseller"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A plan that is assigned at one provider: to an account, a group, the customer, or as the reseller's default.

    ``account`` goes with the first, ``group`` with the second level. ``valid_from`` and ``valid_to``: None is open.
    """

    id: int
    plan: Plan
    level: Level
    provider: str
    account: str | None = None
    group: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        for field in ("valid_from", "valid_to"):
            if getattr(self, field) is not None:
                check_day(getattr(self, field), field)

    @property
    def days(self) -> Days:
        """The days on which both the assignment and its plan hold."""
        return self.plan.days.together(Days(self.valid_from, self.valid_to))

    def reaches(self, account: Account) -> bool:
        """Is it about this account?"""
        if self.provider != account.provider:
            return False
        if self.level is Level.ACCOUNT:
            return self.account == account.id
        return self.level is not Level.GROUP or self.group == account.group

    def days_of(self, account: Account) -> Days:
        """Return the days that count for an account: of a plan on the sum, those of everybody."""
        return self.days if self.plan.scope is PlanScope.SUM else self.days.together(account.days)

    def counts_for(self, account: Account, month: date) -> bool:
        """Is it in force for an account in a month? A one-time plan is in the month in which it is charged only."""
        if self.plan.frequency is Frequency.ONE_TIME:
            return _begins_in(self.days_of(account), month)
        return self.days.in_month(month) > 0


def check_assignment(assignment: Assignment) -> None:
    """Refuse an assignment, or its plan, that has any problem (``InvalidPlan``)."""
    found = assignment_problems(assignment)
    if found:
        raise InvalidPlan(*found)


def assignment_problems(one: Assignment) -> tuple[Problem, ...]:
    """Return all that is wrong with an assignment; fields of its plan are written ``plan.minimum``."""
    found = within("plan", plan_problems(one.plan))
    if one.level is Level.ACCOUNT and one.account is None:
        found.append(problem(ProblemCode.MISSING, "account"))
    if one.level is Level.GROUP and one.group is None:
        found.append(problem(ProblemCode.MISSING, "group"))
    if Days(one.valid_from, one.valid_to).is_backwards:
        found.append(problem(ProblemCode.END_BEFORE_START, "valid_to"))
    if one.plan.frequency is Frequency.ONE_TIME and one.days.first is None:
        found.append(problem(ProblemCode.NO_START, "valid_from"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Applied:
    """The plans of an account in a month, from one level; ``replaced`` are those of wider levels. None: no plan."""

    account: Account
    level: Level | None
    assignments: tuple[Assignment, ...]
    replaced: tuple[Assignment, ...]


def applied_to(account: Account, assignments: Iterable[Assignment], month: date) -> Applied:
    """Return what applies to an account: the narrowest level with any assignment in force replaces all wider ones."""
    about = [one for one in assignments if one.reaches(account) and one.counts_for(account, month)]
    about.sort(key=lambda one: one.id)
    level = next((level for level in Level if any(one.level is level for one in about)), None)
    return Applied(
        account,
        level,
        tuple(one for one in about if one.level is level),
        tuple(one for one in about if one.level is not level),
    )


@dataclass(frozen=True, slots=True)
class Charged:
    """A plan that is charged once over some accounts, for so many days of the month."""

    assignment: Assignment
    accounts: tuple[Account, ...]
    days: int


def charged_in(
    accounts: Sequence[Account], assignments: Sequence[Assignment], month: date
) -> tuple[Charged, ...]:
    """Return what is charged in a month: each account by itself, or once over all that a plan on the sum reaches.

    A one-time plan is charged in the month it begins: of the sum, where plan and assignment begin; of an account, where
    the account is the customer's as well. One that never began is not charged.
    """
    ordered = sorted(accounts, key=lambda one: (one.provider, one.id))
    applied = [applied_to(one, assignments, month) for one in ordered]
    found: list[Charged] = []
    for assignment in sorted(assignments, key=lambda one: one.id):
        reached = tuple(one.account for one in applied if assignment in one.assignments)
        if assignment.plan.scope is PlanScope.SUM:
            groups = [(reached, assignment.days)] if reached else []
        else:
            groups = [((one,), assignment.days_of(one)) for one in reached]
        found += [
            Charged(assignment, group, days.in_month(month)) for group, days in groups if days.in_month(month)
        ]
    return tuple(found)


def _begins_in(days: Days, month: date) -> bool:
    return days.first is not None and first_day(days.first) == month and days.in_month(month) > 0
