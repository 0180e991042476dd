"""What a plan charges on a base: percent, fixed, marginal bands, minimum, maximum, part of a month."""

from datetime import date
from decimal import Decimal

import pytest

from app.rating.plans import (
    Band,
    Limit,
    Plan,
    PlanKind,
    PlanType,
    Slice,
    plan_amount,
    version_for,
)
from app.rating.problems import InvalidAmount, InvalidMonth, RatingError
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

#: docs/pricing.md#plans
DOCUMENTED = [
    pytest.param(BUSINESS, "85000", "6150.00", id="AWS Business on 85,000: 6,150.00"),
    pytest.param(BUSINESS, "500", "100.00", id="AWS Business on 500: 100.00"),
    pytest.param(BUSINESS, "12000", "1140.00", id="AWS Business on 12,000: 1,140.00"),
    pytest.param(BUSINESS, "100000", "6900.00", id="AWS Business on 100,000: 6,900.00"),
    pytest.param(BUSINESS, "300000", "15900.00", id="AWS Business on 300,000: 15,900.00"),
    pytest.param(ENTERPRISE, "1200000", "70500.00", id="AWS Enterprise on 1,200,000: 70,500.00"),
    pytest.param(DEVELOPER, "500", "29.00", id="AWS Developer on 500: 29.00"),
    pytest.param(DEVELOPER, "2000", "60.00", id="AWS Developer on 2,000: 60.00"),
]


@pytest.mark.parametrize(("plan", "base", "amount"), DOCUMENTED)
def test_documented_fee(plan: Plan, base: str, amount: str) -> None:
    assert str(plan_amount(plan, D(base)).amount) == amount


@pytest.mark.parametrize(
    ("base", "amount", "slices"),
    [
        ("0", "100.00", [("0", "10", "0")]),
        ("9999.99", "1000.00", [("9999.99", "10", "999.999")]),
        ("10000", "1000.00", [("10000", "10", "1000")]),
        ("10000.01", "1000.00", [("10000", "10", "1000"), ("0.01", "7", "0.0007")]),
        ("85000", "6150.00", [("10000", "10", "1000"), ("70000", "7", "4900"), ("5000", "5", "250")]),
    ],
)
def test_each_slice_has_its_own_rate(base: str, amount: str, slices: list[tuple[str, str, str]]) -> None:
    found = plan_amount(BUSINESS, D(base))

    assert str(found.amount) == amount
    assert list(found.slices) == [Slice(D(part), D(rate), D(value)) for part, rate, value in slices]


def test_bands_may_be_written_in_any_order() -> None:
    steps = [("10000", None, "7"), ("0", "10000", "10")]

    assert plan_amount(tiered_plan(*steps), D(12000)).amount == D("1140.00")  # type: ignore[arg-type]


FIXED_BANDS = tiered_plan(
    bands=(
        Band(D(0), D(1000), amount=D(50)),
        Band(D(1000), D(5000), percent=D(2)),
        Band(D(5000), None, amount=D(10)),
    )
)


@pytest.mark.parametrize(
    ("base", "amount"),
    [
        ("0", "50.00"),
        ("1000", "50.00"),
        ("1000.50", "50.01"),
        ("5000", "130.00"),
        ("5000.01", "140.00"),
        ("9000", "140.00"),
    ],
)
def test_fixed_band_is_charged_once_the_base_reaches_into_it(base: str, amount: str) -> None:
    assert str(plan_amount(FIXED_BANDS, D(base)).amount) == amount


@pytest.mark.parametrize(
    ("plan", "base", "amount", "limit"),
    [
        (percent_plan("10", minimum=D(5)), "49.99", "5.00", Limit.MINIMUM),
        (percent_plan("10", minimum=D(5)), "50.00", "5.00", Limit.NONE),
        (percent_plan("10", maximum=D(5)), "50.00", "5.00", Limit.NONE),
        (percent_plan("10", maximum=D(5)), "50.01", "5.00", Limit.MAXIMUM),
        (percent_plan("10", maximum=D(0)), "50.01", "0.00", Limit.MAXIMUM),
        (percent_plan("10"), "-50", "0.00", Limit.NONE),
        (percent_plan("10", minimum=D(5)), "-50", "5.00", Limit.MINIMUM),
        (fixed_plan("49"), "-50", "49.00", Limit.NONE),
        (fixed_plan("49", kind=PlanKind.DISCOUNT), "30.004", "30.00", Limit.BASE),
        (fixed_plan("49", kind=PlanKind.DISCOUNT), "49", "49.00", Limit.NONE),
        (fixed_plan("49", kind=PlanKind.DISCOUNT), "-1", "0.00", Limit.BASE),
        (percent_plan("10", kind=PlanKind.DISCOUNT, minimum=D(80)), "50", "50.00", Limit.BASE),
        (percent_plan("100", kind=PlanKind.DISCOUNT), "50", "50.00", Limit.NONE),
    ],
)
def test_limits_apply_last_and_a_discount_never_exceeds_its_base(
    plan: Plan, base: str, amount: str, limit: Limit
) -> None:
    found = plan_amount(plan, D(base))

    assert (str(found.amount), found.limit) == (amount, limit)


@pytest.mark.parametrize(
    ("plan", "base", "amount", "limit"),
    [
        (fixed_plan("100", is_prorated=True), "0", "32.26", Limit.NONE),
        (fixed_plan("100"), "0", "100.00", Limit.NONE),
        (percent_plan("10", is_prorated=True), "1000", "100.00", Limit.NONE),
        (percent_plan("10", is_prorated=True, minimum=D(100)), "1", "32.26", Limit.MINIMUM),
        (percent_plan("10", is_prorated=True, minimum=D(100)), "322.60", "32.26", Limit.NONE),
        (percent_plan("10", minimum=D(100)), "1", "100.00", Limit.MINIMUM),
        (percent_plan("10", is_prorated=True, maximum=D(100)), "2000", "100.00", Limit.MAXIMUM),
        (percent_plan("10", is_prorated=True, maximum=D(100)), "500", "50.00", Limit.NONE),
        (fixed_plan("100", is_prorated=True, kind=PlanKind.DISCOUNT), "20", "20.00", Limit.BASE),
        (tiered_plan(is_prorated=True, bands=FIXED_BANDS.bands), "2000", "36.13", Limit.NONE),
    ],
)
def test_ten_of_31_days_pro_rate_fixed_amounts_and_the_minimum(
    plan: Plan, base: str, amount: str, limit: Limit
) -> None:
    found = plan_amount(plan, D(base), days=10, days_in_month=31)

    assert (str(found.amount), found.limit) == (amount, limit)
    assert (found.days, found.days_in_month) == ((10, 31) if plan.is_prorated else (1, 1))


def test_fee_is_rounded_to_the_plan_s_currency() -> None:
    assert str(plan_amount(percent_plan("1.5", currency="JPY"), D(100)).amount) == "2"
    assert str(plan_amount(percent_plan("1.5", currency="KWD"), D("0.3")).amount) == "0.005"


def test_plan_in_another_currency_has_all_its_amounts_in_it() -> None:
    plan = FIXED_BANDS.__class__(
        id=1,
        kind=PlanKind.CHARGE,
        type=PlanType.TIERED,
        currency="USD",
        bands=FIXED_BANDS.bands,
        minimum=D(60),
    )

    converted = plan.converted(D("0.5"), "EUR")

    assert converted.currency == "EUR"
    assert (converted.minimum, converted.maximum, converted.amount) == (D("30.0"), None, None)
    assert converted.bands == (
        Band(D(0), D(500), amount=D(25)),
        Band(D(500), D(2500), percent=D(2)),
        Band(D(2500), None, amount=D(5)),
    )
    assert fixed_plan("3", maximum=D(8)).converted(D(2), "EUR") == fixed_plan(
        "6", maximum=D(16), currency="EUR"
    )


@pytest.mark.parametrize(
    ("plan", "needs"),
    [
        (percent_plan("1"), False),
        (percent_plan("1", minimum=D(0)), True),
        (percent_plan("1", maximum=D(1)), True),
        (fixed_plan("1"), True),
        (BUSINESS, True),
    ],
)
def test_plan_with_amounts_needs_a_rate(plan: Plan, needs: bool) -> None:
    assert plan.has_amounts is needs


def dated(number: int, start: date | None, end: date | None) -> Plan:
    return percent_plan("1", id=number, valid_from=start, valid_to=end)


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([dated(1, None, date(2026, 10, 15)), dated(2, date(2026, 10, 16), None)], 1),
        ([dated(2, date(2026, 10, 16), None)], 2),
        ([dated(3, date(2026, 10, 20), None), dated(2, date(2026, 10, 16), None)], 2),
        ([dated(1, date(2026, 10, 20), None), dated(2, date(2026, 10, 16), None)], 2),
        ([dated(2, None, None), dated(1, date(2026, 1, 1), None)], 1),
        ([dated(1, None, date(2026, 9, 30))], None),
        ([], None),
    ],
)
def test_month_has_the_price_table_of_its_first_day(versions: list[Plan], chosen: int | None) -> None:
    found = version_for(tuple(versions), OCTOBER)

    assert (found.id if found else None) == chosen


def test_days_of_a_plan_are_within_its_months_and_its_dates() -> None:
    plan = percent_plan(
        "1",
        first_month=OCTOBER,
        last_month=NOVEMBER,
        valid_from=date(2026, 10, 5),
        valid_to=date(2026, 12, 24),
    )

    assert (plan.days.first, plan.days.last) == (date(2026, 10, 5), date(2026, 11, 30))


@pytest.mark.parametrize("field", ["amount", "minimum", "maximum", "percent"])
def test_plan_takes_decimals_only(field: str) -> None:
    values = {"id": 1, "kind": PlanKind.CHARGE, "type": PlanType.FIXED, "currency": "USD"}
    with pytest.raises(TypeError):
        Plan(**(values | {field: 0.1}))
    with pytest.raises(InvalidAmount):
        Plan(**(values | {field: D("Infinity")}))


@pytest.mark.parametrize("position", range(4))
def test_band_takes_decimals_only(position: int) -> None:
    values: list[object] = [D(0), D(1), D(1), D(1)]
    values[position] = 0.5
    with pytest.raises(TypeError):
        Band(*values)  # type: ignore[arg-type]


def test_plan_takes_months_and_days() -> None:
    with pytest.raises(InvalidMonth):
        percent_plan("1", first_month=date(2026, 10, 2))
    with pytest.raises(InvalidMonth):
        percent_plan("1", last_month=date(2026, 10, 31))
    with pytest.raises(TypeError):
        percent_plan("1", valid_from="2026-10-02")
    with pytest.raises(TypeError):
        percent_plan("1", valid_to=20261002)


@pytest.mark.parametrize("kind", list(PlanType))
def test_plan_without_its_value_is_not_computed(kind: PlanType) -> None:
    plan = Plan(1, PlanKind.CHARGE, kind, "USD", bands=(Band(D(0), None),) if kind is PlanType.TIERED else ())

    with pytest.raises(RatingError):
        plan_amount(plan, D(1))


def test_base_is_a_decimal() -> None:
    with pytest.raises(TypeError):
        plan_amount(BUSINESS, 1.5)  # type: ignore[arg-type]
    assert isinstance(plan_amount(BUSINESS, D(1)).amount, Decimal)
    assert bands(("0", None, "1")) == (Band(D(0), None, D(1)),)
