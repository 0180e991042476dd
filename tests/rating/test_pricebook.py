"""Which rule of a pricebook wins, what it makes of a price, and why the others lose."""

from dataclasses import FrozenInstanceError

import pytest

from app.rating.pricebook import (
    MASTER,
    Book,
    BookSource,
    Coefficients,
    LossCode,
    MatchMode,
    PriceKey,
    PriceRule,
    Resolver,
    RuleField,
    RuleKind,
    RuleScope,
    choose_book,
    coefficients_of,
    customer_cost,
    naming_of,
    precedes,
    resolve,
)
from app.rating.problems import InvalidAmount, InvalidMonth, RatingError
from tests.rating.making import NOVEMBER, OCTOBER, D, book, percent_rule, rule

KEY = PriceKey("EC2", "SKU1", "eu-west-1", "BoxUsage:m5.large")


def priced(used: Book, basis: str, quantity: str = "1", key: PriceKey = KEY) -> str:
    coefficients = resolve(used, key, OCTOBER).coefficients
    assert Resolver(used, OCTOBER).coefficients(key) == coefficients
    return str(customer_cost(coefficients, D(basis), D(quantity)).normalize().quantize(D("0.01")))


#: docs/pricing.md#pricebooks
SERVICE, SKU = percent_rule(1, "10", service="EC2"), percent_rule(2, "-50", sku="SKU1")
DOCUMENTED = [
    pytest.param(
        book("0", percent_rule(1, "-10", service="EC2")),
        "100.00",
        "1",
        "90.00",
        id="EC2 list 100.00, rule -10 %: 90.00",
    ),
    pytest.param(
        book("-5", SERVICE, SKU),
        "200.00",
        "1",
        "100.00",
        id="list 200.00, global -5 %, service +10 %, SKU -50 %: 100.00",
    ),
    pytest.param(
        book("-5", SERVICE), "200.00", "1", "220.00", id="list 200.00, global -5 %, service +10 %: 220.00"
    ),
    pytest.param(book("-5"), "200.00", "1", "190.00", id="list 200.00, global -5 %: 190.00"),
    pytest.param(
        book("0", rule(1, RuleKind.DELTA, "0.01")),
        "73.00",
        "730",
        "80.30",
        id="730 hours at list 0.10, delta +0.01: 80.30",
    ),
    pytest.param(
        book("0", rule(1, RuleKind.FIXED, "0.08")),
        "73.00",
        "730",
        "58.40",
        id="730 hours at list 0.10, fixed 0.08: 58.40",
    ),
    pytest.param(
        book("-5", percent_rule(1, "10", service="EC2"), rule(2, RuleKind.DEFAULT, sku="SKU1")),
        "200.00",
        "1",
        "190.00",
        id="list 200.00, global -5 %, service +10 %, SKU default: 190.00",
    ),
    pytest.param(MASTER, "200.00", "1", "200.00", id="list 200.00, master: 200.00"),
]


@pytest.mark.parametrize(("used", "basis", "quantity", "cost"), DOCUMENTED)
def test_documented_price(used: Book, basis: str, quantity: str, cost: str) -> None:
    assert priced(used, basis, quantity) == cost


@pytest.mark.parametrize(
    ("kind", "value", "per_cost", "per_unit"),
    [
        (RuleKind.DEFAULT, None, "0.98", "0"),
        (RuleKind.PERCENT, "12.3456", "1.123456", "0"),
        (RuleKind.PERCENT, "-100", "0", "0"),
        (RuleKind.DELTA, "-0.0000000001", "1", "-0.0000000001"),
        (RuleKind.FIXED, "0.08", "0", "0.08"),
    ],
)
def test_rule_is_two_numbers(kind: RuleKind, value: str | None, per_cost: str, per_unit: str) -> None:
    one = rule(1, kind, value)

    assert coefficients_of(book("-2", one), one) == Coefficients(D(per_cost), D(per_unit), one)


def test_rule_without_its_value_prices_nothing() -> None:
    with pytest.raises(RatingError):
        coefficients_of(MASTER, rule(1, RuleKind.FIXED))


# From the most specific to the least; each wins over all that follow it, whatever the positions are.
BY_SPECIFICITY = [
    {"sku": "SKU1", "usage_type": "BoxUsage:m5.large", "region": "eu-west-1", "service": "EC2"},
    {"sku": "SKU1", "usage_type": "BoxUsage:m5.large", "region": "eu-west-1"},
    {"sku": "SKU1", "usage_type": "BoxUsage:m5.large", "service": "EC2"},
    {"sku": "SKU1", "usage_type": "BoxUsage:m5.large"},
    {"sku": "SKU1", "usage_type": "BoxUsage:*"},
    {"sku": "SKU1", "region": "eu-west-1", "service": "EC2"},
    {"sku": "SKU1"},
    {"usage_type": "BoxUsage:m5.large", "region": "eu-west-1"},
    {"usage_type": "BoxUsage:m5.large"},
    {"usage_type": "BoxUsage:m5.large*", "region": "eu-west-1", "service": "EC2"},
    {"usage_type": "BoxUsage:*", "region": "eu-west-1", "service": "EC2"},
    {"usage_type": "BoxUsage:*", "service": "EC2"},
    {"usage_type": "Box*", "region": "eu-west-1"},
    {"region": "eu-west-1", "service": "EC2"},
    {"region": "eu-west-1"},
    {"service": "EC2"},
    {},
]


@pytest.mark.parametrize("place", range(len(BY_SPECIFICITY)))
def test_most_specific_rule_wins_whatever_its_position(place: int) -> None:
    rules = [percent_rule(100 - number, "1", **names) for number, names in enumerate(BY_SPECIFICITY)]
    used = Book(1, rules=tuple(reversed(rules[place:])))

    assert resolve(used, KEY, OCTOBER).winner is rules[place]
    assert Resolver(used, OCTOBER).coefficients(KEY).rule is rules[place]
    assert all(precedes(used, rules[place], other) for other in rules[place + 1 :])


def test_tie_is_won_by_the_lower_position_then_by_the_lower_id() -> None:
    first = percent_rule(9, "1", service="EC2", position=1)
    twin = percent_rule(10, "2", service="EC2", position=1)
    later = percent_rule(1, "3", service="EC2", position=2)

    found = resolve(book("0", later, twin, first), KEY, OCTOBER)

    assert found.winner is first
    assert [(one.rule.id, one.code, one.field) for one in found.lost] == [
        (10, LossCode.LATER, None),
        (1, LossCode.LATER, None),
    ]


def test_first_by_position_wins_however_wide_it_is() -> None:
    wide, narrow = percent_rule(1, "1"), percent_rule(2, "2", sku="SKU1")
    used = book("0", narrow, wide, match_mode=MatchMode.FIRST_BY_POSITION)

    found = resolve(used, KEY, OCTOBER)

    assert found.winner is wide is Resolver(used, OCTOBER).coefficients(KEY).rule
    assert [(one.rule, one.code) for one in found.lost] == [(narrow, LossCode.LATER)]


def test_every_other_rule_says_why_it_lost() -> None:
    rules = [
        percent_rule(1, "1", sku="SKU2"),
        percent_rule(2, "1", usage_type="DataTransfer*"),
        percent_rule(3, "1", usage_type="BoxUsage"),
        percent_rule(4, "1", region="us-east-1"),
        percent_rule(5, "1", service="ec2"),
        percent_rule(6, "1", first_month=NOVEMBER),
        percent_rule(7, "1", usage_type="Box*"),
        percent_rule(8, "1", usage_type="BoxUsage:*"),
        percent_rule(9, "1"),
    ]

    found = resolve(book("0", *reversed(rules)), KEY, OCTOBER)

    assert found.winner is rules[7]
    assert [(one.rule.id, one.code, one.field) for one in found.lost] == [
        (1, LossCode.DOES_NOT_MATCH, RuleField.SKU),
        (2, LossCode.DOES_NOT_MATCH, RuleField.USAGE_TYPE),
        (3, LossCode.DOES_NOT_MATCH, RuleField.USAGE_TYPE),
        (4, LossCode.DOES_NOT_MATCH, RuleField.REGION),
        (5, LossCode.DOES_NOT_MATCH, RuleField.SERVICE),
        (6, LossCode.NOT_IN_FORCE, None),
        (7, LossCode.LESS_SPECIFIC, RuleField.USAGE_TYPE),
        (9, LossCode.LESS_SPECIFIC, RuleField.USAGE_TYPE),
    ]


def test_without_a_match_the_book_s_percent_holds() -> None:
    found = resolve(book("-5", percent_rule(1, "1", sku="other")), KEY, OCTOBER)

    assert found.winner is None
    assert found.coefficients == Coefficients(D("0.95"), D(0), None)


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, None, True),
        (OCTOBER, OCTOBER, True),
        (None, OCTOBER, True),
        (OCTOBER, None, True),
        (NOVEMBER, None, False),
        (None, OCTOBER.replace(month=9), False),
    ],
)
def test_rule_holds_in_its_months(first: object, last: object, holds: bool) -> None:
    used = book("0", percent_rule(1, "1", first_month=first, last_month=last))

    assert (resolve(used, KEY, OCTOBER).winner is not None) is holds
    assert (Resolver(used, OCTOBER).coefficients(KEY).rule is not None) is holds


def test_row_without_usage_type_or_sku_is_matched_by_rules_that_name_none() -> None:
    plain, named = percent_rule(1, "1", service="Tax"), percent_rule(2, "2", usage_type="A*")
    used = book("0", plain, named)

    assert resolve(used, PriceKey("Tax"), OCTOBER).winner is plain
    assert Resolver(used, OCTOBER).coefficients(PriceKey("Tax")).rule is plain


@pytest.mark.parametrize(
    ("scope", "winner", "lost", "whole"),
    [
        (RuleScope.ALL, 1, [(2, LossCode.LESS_SPECIFIC), (3, LossCode.LESS_SPECIFIC)], False),
        (RuleScope.PERCENT_ONLY, 2, [(1, LossCode.PERCENT_ONLY), (3, LossCode.LESS_SPECIFIC)], False),
        (RuleScope.NAMED, 1, [(2, LossCode.LESS_SPECIFIC), (3, LossCode.NOT_NAMING)], False),
        (
            RuleScope.NONE,
            None,
            [(1, LossCode.NO_RULES), (2, LossCode.NO_RULES), (3, LossCode.NO_RULES)],
            True,
        ),
    ],
)
def test_kind_of_row_lets_in_its_rules(scope: RuleScope, winner: int | None, lost: list, whole: bool) -> None:
    used = book(
        "5",
        rule(1, RuleKind.FIXED, "1", sku="SKU1"),
        percent_rule(2, "2", service="EC2"),
        percent_rule(3, "3"),
    )

    found = resolve(used, KEY, OCTOBER, scope)

    assert (found.winner.id if found.winner else None) == winner
    assert [(one.rule.id, one.code) for one in found.lost] == lost
    assert found.coefficients.is_whole is whole
    assert Resolver(used, OCTOBER).coefficients(KEY, scope) == found.coefficients


@pytest.mark.parametrize(
    ("scope", "per_cost"), [(RuleScope.NAMED, "1"), (RuleScope.NONE, "1"), (RuleScope.PERCENT_ONLY, "1.05")]
)
def test_row_that_no_rule_names_passes_whole_or_at_the_book_s_percent(
    scope: RuleScope, per_cost: str
) -> None:
    assert resolve(book("5", rule(1, RuleKind.DELTA, "1")), KEY, OCTOBER, scope).coefficients == Coefficients(
        D(per_cost), D(0), None, is_whole=scope is not RuleScope.PERCENT_ONLY
    )


@pytest.mark.parametrize("names", [{"region": "eu-west-1"}, {"usage_type": "Box*"}, {}])
def test_rule_names_a_marketplace_row_by_service_or_sku_only(names: dict) -> None:
    used = book("5", percent_rule(1, "-10", **names))

    found = resolve(used, KEY, OCTOBER, RuleScope.NAMED)

    assert [one.code for one in found.lost] == [LossCode.NOT_NAMING]
    assert found.coefficients.per_cost == 1


def test_difference_per_unit_does_not_reach_a_row_that_takes_percentages() -> None:
    used = book("5", rule(1, RuleKind.DELTA, "1", sku="SKU1"))

    assert [one.code for one in resolve(used, KEY, OCTOBER, RuleScope.PERCENT_ONLY).lost] == [
        LossCode.PERCENT_ONLY
    ]


def test_account_s_book_comes_before_the_customer_s_before_the_master() -> None:
    own, customer = book("1"), book("2")

    assert choose_book(own, customer) == (own, BookSource.ACCOUNT)
    assert choose_book(None, customer) == (customer, BookSource.CUSTOMER)
    assert choose_book(None, None) == (MASTER, BookSource.MASTER)


def test_values_are_checked_when_they_are_made() -> None:
    with pytest.raises(TypeError):
        Book(1, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        rule(1, RuleKind.FIXED).__class__(1, 1, RuleKind.FIXED, 0.1)  # type: ignore[arg-type]
    with pytest.raises(InvalidAmount):
        percent_rule(1, "NaN")
    with pytest.raises(InvalidMonth):
        percent_rule(1, "1", first_month=OCTOBER.replace(day=2))
    with pytest.raises(InvalidMonth):
        resolve(MASTER, KEY, OCTOBER.replace(day=2))
    with pytest.raises(InvalidMonth):
        Resolver(MASTER, OCTOBER.replace(day=2))
    with pytest.raises(FrozenInstanceError):
        MASTER.percent = D(1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("named", "told_apart"),
    [
        ({"service": "EC2"}, (False, False, False)),
        ({"sku": "SKU1"}, (True, False, False)),
        ({"region": "eu-west-1"}, (False, True, False)),
        ({"usage_type": "Box*"}, (False, False, True)),
        ({"sku": "SKU1", "first_month": NOVEMBER}, (False, False, False)),
    ],
)
def test_only_what_a_rule_in_force_names_can_change_a_price(named: dict, told_apart: tuple) -> None:
    one = PriceRule(1, 1, RuleKind.PERCENT, D("-10"), **named)

    assert naming_of(Book(1, rules=(one,)), OCTOBER) == told_apart
