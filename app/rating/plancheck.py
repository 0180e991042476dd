"""What is wrong with a charge plan, before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from app.rating.money import HUNDRED, LARGEST_PERCENT, currency_problems, percent_problems
from app.rating.months import Days, months
from app.rating.plans import Band, Plan, PlanKind, PlanType
from app.rating.problems import InvalidPlan, Problem, ProblemCode, problem, within


def check_plan(plan: Plan) -> None:
    """Refuse a plan that has any problem (``InvalidPlan``)."""
    found = plan_problems(plan)
    if found:
        raise InvalidPlan(*found)


def plan_problems(plan: Plan) -> tuple[Problem, ...]:
    """Return all that is wrong with a plan; fields of its bands are written ``bands.2.to_amount``, the first is 0."""
    return (
        *currency_problems(plan.currency),
        *_value_problems(plan),
        *_limit_problems(plan),
        *_time_problems(plan),
        *_each_band(plan),
        *_bands_together(plan),
    )


def _most(plan: Plan) -> Decimal:
    return HUNDRED if plan.kind is PlanKind.DISCOUNT else LARGEST_PERCENT


def _value_problems(plan: Plan) -> Iterator[Problem]:
    """Each type has its own value and no other."""
    if plan.percent is None:
        if plan.type is PlanType.PERCENT:
            yield problem(ProblemCode.MISSING, "percent")
    elif plan.type is not PlanType.PERCENT:
        yield problem(ProblemCode.NOT_WANTED, "percent")
    else:
        yield from percent_problems(plan.percent, "percent", most=_most(plan))
    if plan.amount is None:
        if plan.type is PlanType.FIXED:
            yield problem(ProblemCode.MISSING, "amount")
    elif plan.type is not PlanType.FIXED:
        yield problem(ProblemCode.NOT_WANTED, "amount")
    elif plan.amount < 0:
        yield problem(ProblemCode.NEGATIVE, "amount")
    if plan.type is PlanType.TIERED and not plan.bands:
        yield problem(ProblemCode.NO_BANDS, "bands")
    if plan.type is not PlanType.TIERED and plan.bands:
        yield problem(ProblemCode.NOT_WANTED, "bands")


def _limit_problems(plan: Plan) -> Iterator[Problem]:
    for field, value in (("minimum", plan.minimum), ("maximum", plan.maximum)):
        if value is not None and value < 0:
            yield problem(ProblemCode.NEGATIVE, field)
    if plan.minimum is not None and plan.maximum is not None and plan.minimum > plan.maximum:
        yield problem(
            ProblemCode.MINIMUM_ABOVE_MAXIMUM, "minimum", minimum=plan.minimum, maximum=plan.maximum
        )


def _time_problems(plan: Plan) -> Iterator[Problem]:
    if months(plan.first_month, plan.last_month).is_backwards:
        yield problem(ProblemCode.END_BEFORE_START, "last_month")
    elif Days(plan.valid_from, plan.valid_to).is_backwards:
        yield problem(ProblemCode.END_BEFORE_START, "valid_to")
    elif plan.days.is_backwards:
        yield problem(ProblemCode.NO_DAYS, "valid_from")


def _each_band(plan: Plan) -> Iterator[Problem]:
    for place, band in enumerate(plan.bands):
        yield from within(f"bands.{place}", _band_problems(band, _most(plan)))


def _band_problems(band: Band, most: Decimal) -> Iterator[Problem]:
    if band.from_amount < 0:
        yield problem(ProblemCode.NEGATIVE, "from_amount")
    if band.to_amount is not None and band.to_amount <= band.from_amount:
        yield problem(ProblemCode.BAND_EMPTY, "to_amount")
    if band.percent is None and band.amount is None:
        yield problem(ProblemCode.BAND_WITHOUT_RATE, "percent")
    if band.percent is not None and band.amount is not None:
        yield problem(ProblemCode.BAND_WITH_TWO_RATES, "amount")
    if band.percent is not None:
        yield from percent_problems(band.percent, "percent", most=most)
    if band.amount is not None and band.amount < 0:
        yield problem(ProblemCode.NEGATIVE, "amount")


def _bands_together(plan: Plan) -> Iterator[Problem]:
    """Bands begin at 0, follow one another without gap or overlap, and the last one is open."""
    ordered = sorted(enumerate(plan.bands), key=lambda one: (one[1].from_amount, one[0]))
    if not ordered:
        return
    place, band = ordered[0]
    if band.from_amount > 0:
        yield problem(
            ProblemCode.BANDS_START_ABOVE_ZERO, f"bands.{place}.from_amount", first=band.from_amount
        )
    for (_, before), (place, band) in pairwise(ordered):
        if before.to_amount is None or before.to_amount > band.from_amount:
            yield problem(
                ProblemCode.BANDS_OVERLAP,
                f"bands.{place}.from_amount",
                from_amount=band.from_amount,
                to_amount=before.to_amount,
            )
        elif before.to_amount < band.from_amount:
            yield problem(
                ProblemCode.BANDS_GAP,
                f"bands.{place}.from_amount",
                from_amount=before.to_amount,
                to_amount=band.from_amount,
            )
    place, band = ordered[-1]
    if band.to_amount is not None:
        yield problem(ProblemCode.BANDS_END, f"bands.{place}.to_amount", last=band.to_amount)
