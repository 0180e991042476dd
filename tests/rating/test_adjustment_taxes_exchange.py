"""The small rules: the global adjustment, taxes, exchange rates."""

from decimal import Decimal

import pytest

from app.rating.adjustment import adjustment_on, check_adjustment
from app.rating.exchange import Converter, ExchangeRate
from app.rating.money import Money
from app.rating.problems import InvalidAdjustment, InvalidAmount, InvalidTax, MissingRate, ProblemCode
from app.rating.taxes import TaxRate, tax_on
from tests.rating.making import OCTOBER, D

VAT, CITY = TaxRate(2, "VAT", D(20)), TaxRate(1, "City", D("1.5"))


@pytest.mark.parametrize(
    ("total", "percent", "amount"),
    [
        ("1220.00", "5", "61.00"),
        ("1220.00", "-5", "-61.00"),
        ("-0.10", "5", "-0.01"),
        ("50.00", "-100", "-50.00"),
    ],
)
def test_adjustment_is_a_percentage_of_the_printed_sum(total: str, percent: str, amount: str) -> None:
    assert str(adjustment_on(D(total), D(percent), "USD")) == amount


def test_adjustment_takes_off_no_more_than_everything() -> None:
    with pytest.raises(InvalidAdjustment) as refused:
        check_adjustment(D("-100.01"))
    assert refused.value.code is ProblemCode.BELOW_MINUS_100
    with pytest.raises(TypeError):
        check_adjustment(5)  # type: ignore[arg-type]


def test_taxes_are_on_the_same_base_and_each_is_rounded() -> None:
    taxes = tax_on(D("10.30"), [VAT, CITY], "USD", is_taxable=True)

    # Together 21.5 % would be 2.21; compound, the city's would be 0.19 as well, but of another base.
    assert [(one.rate.name, one.base, str(one.amount)) for one in taxes] == [
        ("City", D("10.30"), "0.15"),
        ("VAT", D("10.30"), "2.06"),
    ]


def test_tax_is_rounded_once_per_rate() -> None:
    halves = [TaxRate(number, f"Half {number}", D("0.5")) for number in (1, 2)]

    assert [str(one.amount) for one in tax_on(D("1.00"), halves, "USD", is_taxable=True)] == ["0.01", "0.01"]


def test_who_is_not_taxable_has_no_tax_line() -> None:
    assert tax_on(D(100), [VAT], "USD", is_taxable=False) == ()


def test_rate_of_zero_has_a_line_and_a_rate_counts_once() -> None:
    zero = TaxRate(3, "Reverse charge", D(0))

    assert [str(one.amount) for one in tax_on(D(100), [zero, zero], "USD", is_taxable=True)] == ["0.00"]


def test_tax_on_a_negative_base_is_negative() -> None:
    assert tax_on(D("-0.03"), [TaxRate(1, "Half", D(50))], "USD", is_taxable=True)[0].amount == D("-0.02")


@pytest.mark.parametrize(
    ("percent", "code"),
    [
        ("-1", ProblemCode.NEGATIVE),
        ("100.01", ProblemCode.ABOVE_100),
        ("1.23456", ProblemCode.TOO_MANY_DECIMALS),
    ],
)
def test_tax_rate_is_a_percentage(percent: str, code: ProblemCode) -> None:
    with pytest.raises(InvalidTax) as refused:
        TaxRate(1, "VAT", D(percent))

    assert refused.value.code is code


def test_exchange_rate_goes_one_way() -> None:
    rate = ExchangeRate("USD", "EUR", D("0.925"))

    assert rate.convert(Money(D("100.01"), "USD")) == Money(D("92.50925"), "EUR")
    with pytest.raises(InvalidAmount) as refused:
        rate.convert(Money(D(1), "EUR"))
    assert refused.value.parameters == {"expected": "USD", "given": "EUR"}


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_exchange_rate_is_above_zero(rate: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        ExchangeRate("USD", "EUR", D(rate))

    assert refused.value.code is ProblemCode.NOT_POSITIVE


def test_converter_names_every_missing_rate_at_once() -> None:
    converter = Converter("EUR", [ExchangeRate("USD", "EUR", D("0.9")), ExchangeRate("GBP", "USD", D("1.3"))])

    factors = [converter.factor(one) for one in ("EUR", "USD", "GBP", "CHF", "GBP")]

    assert factors == [Decimal(1), D("0.9"), Decimal(1), Decimal(1), Decimal(1)]
    assert list(converter.used) == ["USD"]
    with pytest.raises(MissingRate) as refused:
        converter.check(OCTOBER)
    assert [dict(one.parameters) for one in refused.value.problems] == [
        {"from_currency": "CHF", "to_currency": "EUR", "month": OCTOBER},
        {"from_currency": "GBP", "to_currency": "EUR", "month": OCTOBER},
    ]


def test_converter_goes_on_where_nothing_is_missing() -> None:
    Converter("EUR").check(OCTOBER)
