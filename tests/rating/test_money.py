"""Amounts are exact, and rounding happens in one place."""

from decimal import ROUND_DOWN, Decimal, FloatOperation, Inexact, localcontext

import pytest

from app.rating.money import (
    EXACT,
    Money,
    check_currency,
    check_decimal,
    decimals_of,
    exactly,
    minor_units,
    percent_of,
    percent_problems,
    round_money,
    share,
)
from app.rating.problems import InvalidAmount, ProblemCode
from tests.rating.making import D


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.004999", "USD", "0.00"),
        ("0.005", "USD", "0.01"),
        ("0.015", "USD", "0.02"),
        ("0.025", "USD", "0.03"),
        ("2.5", "JPY", "3"),
        ("2.4999", "JPY", "2"),
        ("1.2345", "KWD", "1.235"),
        ("1.2344", "KWD", "1.234"),
        ("0.00005", "CLF", "0.0001"),
        ("-0.005", "USD", "-0.01"),
        ("-2.5", "JPY", "-3"),
        ("-0.004", "USD", "0.00"),
        ("0", "USD", "0.00"),
        ("123456789012345678901234.565", "USD", "123456789012345678901234.57"),
    ],
)
def test_amount_is_rounded_half_up_to_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert str(round_money(D(amount), currency)) == rounded


@pytest.mark.parametrize(("currency", "units"), [("JPY", 0), ("XOF", 0), ("USD", 2), ("KWD", 3), ("UYW", 4)])
def test_currency_has_its_minor_units(currency: str, units: int) -> None:
    assert minor_units(currency) == units


@pytest.mark.parametrize(
    ("amount", "by", "rounded"),
    [
        ("1000", 31, "32.26"),
        ("-1000", 31, "-32.26"),
        ("0.03", 2, "0.02"),
        ("0.01", 3, "0.00"),
        ("1", 8, "0.13"),
    ],
)
def test_division_and_rounding_are_one_step(amount: str, by: int, rounded: str) -> None:
    assert str(round_money(D(amount), "USD", divided_by=by)) == rounded


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        ("-10.00", ["1", "1", "1"], ["-3.34", "-3.33", "-3.33"]),
        ("0.05", ["1", "2", "3"], ["0.01", "0.02", "0.02"]),
        ("100.00", ["500", "2000"], ["20.00", "80.00"]),
        ("100.00", ["0", "0"], ["50.00", "50.00"]),
        ("100.00", ["-5", "5"], ["0.00", "100.00"]),
        ("7", ["1", "1"], ["4", "3"]),
        ("0.00", ["1", "2"], ["0.00", "0.00"]),
        # 1.2, 3.6 and 1.2 units: what is left goes to the largest remainder, not to the first.
        ("0.06", ["1", "3", "1"], ["0.01", "0.04", "0.01"]),
    ],
)
def test_shares_go_by_largest_remainder_and_earlier_first(
    total: str, weights: list[str], parts: list[str]
) -> None:
    currency = "USD" if "." in total else "JPY"

    assert [str(one) for one in share(D(total), [D(one) for one in weights], currency)] == parts


def test_sharing_among_nobody_is_refused() -> None:
    with pytest.raises(InvalidAmount) as refused:
        share(D("1.00"), [], "USD")

    assert refused.value.code is ProblemCode.NOTHING_TO_SHARE_AMONG


def test_sharing_what_is_not_rounded_is_refused() -> None:
    with pytest.raises(InvalidAmount) as refused:
        share(D("1.005"), [D(1)], "USD")

    assert refused.value.code is ProblemCode.NOT_ROUNDED
    assert refused.value.parameters == {"currency": "USD"}


@pytest.mark.parametrize("value", [0.1, 1, "1", True, None])
def test_only_decimals_are_numbers(value: object) -> None:
    with pytest.raises(TypeError):
        check_decimal(value, "amount")
    with pytest.raises(TypeError):
        Money(value, "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        round_money(value, "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        share(D(1), [value], "USD")  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("NaN", ProblemCode.NOT_FINITE),
        ("sNaN", ProblemCode.NOT_FINITE),
        ("Infinity", ProblemCode.NOT_FINITE),
        ("-Infinity", ProblemCode.NOT_FINITE),
        ("1e400", ProblemCode.OUT_OF_RANGE),
        ("-1e24", ProblemCode.OUT_OF_RANGE),
        ("1000000000000000000000000.000000000000000000", ProblemCode.OUT_OF_RANGE),
        ("1e-41", ProblemCode.TOO_MANY_DECIMALS),
    ],
)
def test_numbers_that_are_no_amounts_are_refused(value: str, code: ProblemCode) -> None:
    with pytest.raises(InvalidAmount) as refused:
        Money(D(value), "USD")

    assert refused.value.code is code
    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    "value",
    [
        "999999999999999999999999",
        "1e-40",
        "0e500",
        "0e-500",
        "1.50000000000000000000000000000000000000000000",
    ],
)
def test_numbers_at_the_limits_are_amounts(value: str) -> None:
    Money(D(value), "USD")


@pytest.mark.parametrize(
    ("value", "decimals"), [("1.500", 1), ("1.05", 2), ("100", 0), ("1e5", 0), ("0.000", 0), ("10.0", 0)]
)
def test_zeros_at_the_end_are_no_decimals(value: str, decimals: int) -> None:
    assert decimals_of(D(value)) == decimals


@pytest.mark.parametrize("value", ["usd", "US", "USDX", "", "ÄÖÜ", "US\n"])
def test_currency_is_three_capital_letters(value: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        check_currency(value)

    assert refused.value.code is ProblemCode.NO_CURRENCY


def test_currency_is_text() -> None:
    with pytest.raises(TypeError):
        check_currency(840)


@pytest.mark.parametrize(
    ("value", "given", "code"),
    [
        ("12.34567", {}, ProblemCode.TOO_MANY_DECIMALS),
        ("-0.0001", {}, ProblemCode.NEGATIVE),
        ("-100.0001", {"is_signed": True}, ProblemCode.BELOW_MINUS_100),
        ("99900", {}, ProblemCode.TOO_LARGE),
        ("100.0001", {"most": D(100)}, ProblemCode.ABOVE_100),
    ],
)
def test_percentage_out_of_bounds_is_a_problem(value: str, given: dict, code: ProblemCode) -> None:
    assert [one.code for one in percent_problems(D(value), "percent", **given)] == [code]


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("12.3456", {}),
        ("0", {}),
        ("-100", {"is_signed": True}),
        ("99899.9999", {}),
        ("100", {"most": D(100)}),
    ],
)
def test_percentage_at_the_bounds_is_fine(value: str, given: dict) -> None:
    assert percent_problems(D(value), "percent", **given) == ()


def test_percentage_is_what_people_say() -> None:
    assert percent_of(D("12.5"), D("200.10")) == D("25.0125")


def test_result_that_is_not_exact_is_an_error() -> None:
    @exactly
    def third() -> Decimal:
        return Decimal(1) / 3

    with pytest.raises(Inexact):
        third()


def test_binary_fraction_is_an_error_even_in_a_comparison() -> None:
    @exactly
    def is_less() -> bool:
        return Decimal(1) < 1.5

    with pytest.raises(FloatOperation):
        is_less()


def test_context_of_the_thread_changes_nothing() -> None:
    with localcontext() as context:
        context.prec, context.rounding = 2, ROUND_DOWN
        context.traps[Inexact] = False

        assert round_money(D("12345.675"), "USD") == D("12345.68")
        assert Money(D("12345.678"), "USD") + Money(D("0.001"), "USD") == Money(D("12345.679"), "USD")
        assert -Money(D("12345.678"), "USD") == Money(D("-12345.678"), "USD")
        assert share(D("12345.67"), [D("1.0001"), D("2.0002")], "USD") == (D("4115.22"), D("8230.45"))
        assert context.prec == 2
    assert EXACT.prec == 300


def test_money_adds_up() -> None:
    ten, three = Money(D("10.005"), "EUR"), Money(D(3), "EUR")

    assert ten + three == Money(D("13.005"), "EUR")
    assert ten - three == Money(D("7.005"), "EUR")
    assert three * D("0.5") == Money(D("1.5"), "EUR")
    assert three < ten and three <= ten and not ten < three and ten <= ten
    assert ten.rounded() == Money(D("10.01"), "EUR")


@pytest.mark.parametrize(
    "act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b]
)
def test_two_currencies_never_meet(act: object) -> None:
    with pytest.raises(InvalidAmount) as refused:
        act(Money(D(1), "EUR"), Money(D(1), "USD"))  # type: ignore[operator]

    assert refused.value.code is ProblemCode.CURRENCY_DIFFERS
    assert refused.value.parameters == {"expected": "EUR", "given": "USD"}


def test_money_is_not_multiplied_by_a_binary_fraction() -> None:
    with pytest.raises(TypeError):
        Money(D(1), "EUR") * 0.5  # type: ignore[operator]
