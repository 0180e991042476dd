"""Charge plans: charges and discounts, support plans among them (docs/pricing.md#plans).

``plan_amount`` is the arithmetic of one plan on one base. Which plan an account has is in ``assignments``, and how a
statement's plans become printed lines in ``charges``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.rating.money import (
    ZERO,
    check_decimal,
    check_optional_decimal,
    exactly,
    percent_of,
    round_money,
)
from app.rating.months import Days, check_day, check_month, months
from app.rating.problems import required


class PlanKind(enum.StrEnum):
    """Does the plan add to the statement or take off?"""

    CHARGE = "charge"
    DISCOUNT = "discount"


class PlanType(enum.StrEnum):
    """How the amount comes about."""

    PERCENT = "percent"
    FIXED = "fixed"
    TIERED = "tiered"


class PlanBase(enum.StrEnum):
    """What percentages and bands are of."""

    LIST_COST = "list_cost"
    SELLER_COST = "seller_cost"
    CUSTOMER_COST = "customer_cost"


class PlanScope(enum.StrEnum):
    """Is each account charged by itself, or all it is assigned to by their sum?"""

    PER_ACCOUNT = "per_account"
    SUM = "sum"


class Frequency(enum.StrEnum):
    """How often the plan is charged."""

    MONTHLY = "monthly"
    ONE_TIME = "one_time"


@dataclass(frozen=True, slots=True)
class Band:
    """One slice of the base, above ``from_amount`` up to and with ``to_amount`` (None: all above).

    ``percent`` of the part of the base that is in the band, or ``amount`` once for a base that reaches into it.
    """

    from_amount: Decimal
    to_amount: Decimal | None
    percent: Decimal | None = None
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        check_decimal(self.from_amount, "from_amount")
        for field in ("to_amount", "percent", "amount"):
            check_optional_decimal(getattr(self, field), field)


@dataclass(frozen=True, slots=True)
class Plan:
    """A charge or discount. What is wrong with one says ``plancheck.plan_problems``; nothing wrong is rated.

    ``percent``: of a percent plan (12.5 means 12.5 %). ``amount``: of a fixed plan. ``bands``: of a tiered one. All
    amounts are in ``currency``. It counts in the months from ``first_month`` to ``last_month`` and on the days from
    ``valid_from`` to ``valid_to``, all inclusive, None is open. ``text`` is what the statement's line says.
    """

    id: int
    kind: PlanKind
    type: PlanType
    currency: str
    text: str = ""
    base: PlanBase = PlanBase.LIST_COST
    scope: PlanScope = PlanScope.PER_ACCOUNT
    frequency: Frequency = Frequency.MONTHLY
    percent: Decimal | None = None
    amount: Decimal | None = None
    bands: tuple[Band, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    excluded_services: frozenset[str] = frozenset()
    first_month: date | None = None
    last_month: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_support: bool = False
    #: Fixed amounts and the minimum by the days the plan holds in the month.
    is_prorated: bool = False
    #: Does a percent or tiered plan see fixed charges and discounts of its accounts?
    includes_fixed: bool = False
    #: Does the base hold what third parties sell through the provider?
    includes_marketplace: bool = False

    def __post_init__(self) -> None:
        for field in ("percent", "amount", "minimum", "maximum"):
            check_optional_decimal(getattr(self, field), field)
        for field in ("first_month", "last_month"):
            if getattr(self, field) is not None:
                check_month(getattr(self, field), field)
        for field in ("valid_from", "valid_to"):
            if getattr(self, field) is not None:
                check_day(getattr(self, field), field)

    @property
    def days(self) -> Days:
        """The days on which it holds."""
        return months(self.first_month, self.last_month).together(Days(self.valid_from, self.valid_to))

    @property
    def has_amounts(self) -> bool:
        """Does it need an exchange rate on a statement in another currency?"""
        return bool(self.bands) or any(one is not None for one in (self.amount, self.minimum, self.maximum))

    @exactly
    def converted(self, rate: Decimal, currency: str) -> Plan:
        """Return the plan with all its amounts, the limits of its bands too, in another currency; exactly."""

        def times(value: Decimal | None) -> Decimal | None:
            return None if value is None else value * rate

        return replace(
            self,
            currency=currency,
            amount=times(self.amount),
            minimum=times(self.minimum),
            maximum=times(self.maximum),
            bands=tuple(
                Band(one.from_amount * rate, times(one.to_amount), one.percent, times(one.amount))
                for one in self.bands
            ),
        )


class Limit(enum.StrEnum):
    """What held the computed amount."""

    NONE = "none"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    BASE = "base"  # a discount that would exceed what it is taken off


@dataclass(frozen=True, slots=True)
class Slice:
    """What one band, or the whole of a percent or fixed plan, contributes: ``rate`` percent of ``base``, or ``amount``.

    ``rate`` is None for a fixed amount; its ``amount`` is that of a whole month.
    """

    base: Decimal
    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PlanAmount:
    """What a plan costs: ``amount`` is rounded and never below 0, of a discount too; the rest says how it came."""

    amount: Decimal
    base: Decimal
    slices: tuple[Slice, ...]
    limit: Limit
    days: int
    days_in_month: int


@exactly
def plan_amount(plan: Plan, base: Decimal, *, days: int = 1, days_in_month: int = 1) -> PlanAmount:
    """Return what a plan charges or takes off on a base, in the plan's currency.

    ``days`` of ``days_in_month`` count where the plan is pro-rated: for its fixed amounts and its minimum. A base
    below 0 counts as 0. Minimum and maximum apply last, and a discount never exceeds its base.
    """
    check_decimal(base, "base", decimals=200, digits=60)
    seen = max(base, ZERO)
    slices = tuple(_slices(plan, seen))
    part, whole = (days, days_in_month) if plan.is_prorated else (1, 1)
    # All times the days of the month, so that nothing is divided before the one rounding.
    amount = sum((one.amount * (part if one.rate is None else whole) for one in slices), ZERO)
    limit = Limit.NONE
    if plan.minimum is not None and amount < plan.minimum * part:
        amount, limit = plan.minimum * part, Limit.MINIMUM
    if plan.maximum is not None and amount > plan.maximum * whole:
        amount, limit = plan.maximum * whole, Limit.MAXIMUM
    if plan.kind is PlanKind.DISCOUNT and amount > seen * whole:
        amount, limit = seen * whole, Limit.BASE
    rounded = round_money(amount, plan.currency, divided_by=whole)
    return PlanAmount(rounded, seen, slices, limit, part, whole)


def _slices(plan: Plan, base: Decimal) -> list[Slice]:
    if plan.type is PlanType.FIXED:
        return [Slice(base, None, required(plan.amount, "amount"))]
    if plan.type is PlanType.PERCENT:
        percent = required(plan.percent, "percent")
        return [Slice(base, percent, percent_of(percent, base))]
    ordered = sorted(plan.bands, key=lambda one: one.from_amount)
    return [_slice(band, base) for band in ordered if base > band.from_amount or band is ordered[0]]


def _slice(band: Band, base: Decimal) -> Slice:
    inside = (base if band.to_amount is None else min(base, band.to_amount)) - band.from_amount
    if band.percent is not None:
        return Slice(inside, band.percent, percent_of(band.percent, inside))
    return Slice(inside, None, required(band.amount, "amount"))


def version_for(versions: tuple[Plan, ...], month: date) -> Plan | None:
    """Return which of a plan's dated versions prices a month: the one on its first day, else the first one after.

    A month has one price table. None where no version holds on any day of the month.
    """
    held = [one for one in versions if one.days.in_month(month)]
    return min(held, key=lambda one: (max(one.days.first or month, month), one.id), default=None)
