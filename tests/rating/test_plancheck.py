"""What is wrong with a plan is named by field."""

from datetime import date

import pytest

from app.rating.plancheck import check_plan, plan_problems
from app.rating.plans import Band, Plan, PlanKind, PlanType
from app.rating.problems import InvalidPlan, ProblemCode
from tests.rating.making import (
    BUSINESS,
    DEVELOPER,
    ENTERPRISE,
    NOVEMBER,
    OCTOBER,
    D,
    bands,
    fixed_plan,
    percent_plan,
    tiered_plan,
)

C = ProblemCode


def bare(kind: PlanType, **given: object) -> Plan:
    return Plan(1, PlanKind.CHARGE, kind, "USD", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "problems"),
    [
        (bare(PlanType.PERCENT), [(C.MISSING, "percent")]),
        (bare(PlanType.FIXED), [(C.MISSING, "amount")]),
        (bare(PlanType.TIERED), [(C.NO_BANDS, "bands")]),
        (percent_plan("1", amount=D(1)), [(C.NOT_WANTED, "amount")]),
        (fixed_plan("1", percent=D(1)), [(C.NOT_WANTED, "percent")]),
        (
            tiered_plan(("0", None, "1"), amount=D(1), percent=D(1)),
            [(C.NOT_WANTED, "percent"), (C.NOT_WANTED, "amount")],
        ),
        (percent_plan("1", bands=bands(("0", None, "1"))), [(C.NOT_WANTED, "bands")]),
        (percent_plan("-1"), [(C.NEGATIVE, "percent")]),
        (percent_plan("1.00001"), [(C.TOO_MANY_DECIMALS, "percent")]),
        (percent_plan("101", kind=PlanKind.DISCOUNT), [(C.ABOVE_100, "percent")]),
        (percent_plan("99900"), [(C.TOO_LARGE, "percent")]),
        (fixed_plan("-1"), [(C.NEGATIVE, "amount")]),
        (percent_plan("1", minimum=D(-2), maximum=D(-1)), [(C.NEGATIVE, "minimum"), (C.NEGATIVE, "maximum")]),
        (percent_plan("1", minimum=D(2), maximum=D(1)), [(C.MINIMUM_ABOVE_MAXIMUM, "minimum")]),
        (percent_plan("1", currency="usd"), [(C.NO_CURRENCY, "currency")]),
        (percent_plan("1", first_month=NOVEMBER, last_month=OCTOBER), [(C.END_BEFORE_START, "last_month")]),
        (
            percent_plan("1", valid_from=date(2026, 10, 2), valid_to=date(2026, 10, 1)),
            [(C.END_BEFORE_START, "valid_to")],
        ),
        (percent_plan("1", first_month=NOVEMBER, valid_to=date(2026, 10, 31)), [(C.NO_DAYS, "valid_from")]),
        (tiered_plan(("5", None, "1")), [(C.BANDS_START_ABOVE_ZERO, "bands.0.from_amount")]),
        (tiered_plan(("0", "10", "1")), [(C.BANDS_END, "bands.0.to_amount")]),
        (tiered_plan(("0", "10", "1"), ("20", None, "2")), [(C.BANDS_GAP, "bands.1.from_amount")]),
        (tiered_plan(("0", "20", "1"), ("10", None, "2")), [(C.BANDS_OVERLAP, "bands.1.from_amount")]),
        (tiered_plan(("10", None, "2"), ("0", "20", "1")), [(C.BANDS_OVERLAP, "bands.0.from_amount")]),
        (tiered_plan(("0", None, "1"), ("10", None, "2")), [(C.BANDS_OVERLAP, "bands.1.from_amount")]),
        (tiered_plan(("0", "0", "1"), ("0", None, "2")), [(C.BAND_EMPTY, "bands.0.to_amount")]),
        (tiered_plan(("-5", None, "1")), [(C.NEGATIVE, "bands.0.from_amount")]),
        (tiered_plan(("0", None, "101"), kind=PlanKind.DISCOUNT), [(C.ABOVE_100, "bands.0.percent")]),
        (tiered_plan(bands=(Band(D(0), None),)), [(C.BAND_WITHOUT_RATE, "bands.0.percent")]),
        (tiered_plan(bands=(Band(D(0), None, D(1), D(1)),)), [(C.BAND_WITH_TWO_RATES, "bands.0.amount")]),
        (tiered_plan(bands=(Band(D(0), None, amount=D(-1)),)), [(C.NEGATIVE, "bands.0.amount")]),
    ],
)
def test_wrong_plan_is_named(plan: Plan, problems: list[tuple[ProblemCode, str]]) -> None:
    assert [(one.code, one.field) for one in plan_problems(plan)] == problems
    with pytest.raises(InvalidPlan):
        check_plan(plan)


def test_gap_overlap_and_end_say_where() -> None:
    gap = tiered_plan(("0", "10", "1"), ("20", "30", "2"), ("25", "40", "3"))

    assert [dict(one.parameters) for one in plan_problems(gap)] == [
        {"from_amount": D(10), "to_amount": D(20)},
        {"from_amount": D(25), "to_amount": D(30)},
        {"last": D(40)},
    ]


@pytest.mark.parametrize(
    "plan",
    [
        BUSINESS,
        ENTERPRISE,
        DEVELOPER,
        fixed_plan("0"),
        percent_plan("150"),
        percent_plan("100", kind=PlanKind.DISCOUNT, minimum=D(1), maximum=D(1)),
        tiered_plan(("10", None, "2"), ("0", "10", "1")),
        tiered_plan(bands=(Band(D(0), D(1), amount=D(0)), Band(D(1), None, percent=D(0)))),
        percent_plan(
            "1",
            first_month=OCTOBER,
            last_month=OCTOBER,
            valid_from=date(2026, 10, 31),
            valid_to=date(2026, 10, 31),
        ),
    ],
)
def test_right_plan_passes(plan: Plan) -> None:
    check_plan(plan)
