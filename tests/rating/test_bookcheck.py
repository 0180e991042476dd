"""What is wrong with a pricebook is named by field, and rules that can never win are marked."""

import pytest

from app.rating.bookcheck import book_problems, check_book, rule_problems, shadowed_rules
from app.rating.pricebook import MASTER, MatchMode, PriceRule, RuleKind
from app.rating.problems import InvalidBook, ProblemCode
from tests.rating.making import NOVEMBER, OCTOBER, book, percent_rule, rule


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (rule(1, RuleKind.DEFAULT, "1"), ProblemCode.NOT_WANTED, "value"),
        (rule(1, RuleKind.PERCENT), ProblemCode.MISSING, "value"),
        (percent_rule(1, "-100.0001"), ProblemCode.BELOW_MINUS_100, "value"),
        (percent_rule(1, "1.00001"), ProblemCode.TOO_MANY_DECIMALS, "value"),
        (rule(1, RuleKind.FIXED, "-0.01"), ProblemCode.NEGATIVE, "value"),
        (rule(1, RuleKind.FIXED, "0.00000000001"), ProblemCode.TOO_MANY_DECIMALS, "value"),
        (rule(1, RuleKind.DELTA, "100000000"), ProblemCode.OUT_OF_RANGE, "value"),
        (percent_rule(1, "1", service="Amazon*"), ProblemCode.WILDCARD_NOT_HERE, "service"),
        (percent_rule(1, "1", sku="*"), ProblemCode.WILDCARD_NOT_HERE, "sku"),
        (percent_rule(1, "1", region="eu-*"), ProblemCode.WILDCARD_NOT_HERE, "region"),
        (percent_rule(1, "1", usage_type="*"), ProblemCode.WILDCARD_ALONE, "usage_type"),
        (percent_rule(1, "1", usage_type="Box*:m5*"), ProblemCode.WILDCARD_INSIDE, "usage_type"),
        (
            percent_rule(1, "1", first_month=NOVEMBER, last_month=OCTOBER),
            ProblemCode.END_BEFORE_START,
            "last_month",
        ),
    ],
)
def test_wrong_rule_is_named(wrong: PriceRule, code: ProblemCode, field: str) -> None:
    assert [(one.code, one.field) for one in rule_problems(wrong)] == [(code, field)]


@pytest.mark.parametrize(
    "right",
    [
        rule(1, RuleKind.DEFAULT),
        percent_rule(1, "-100", usage_type="BoxUsage:*", first_month=OCTOBER, last_month=OCTOBER),
        rule(1, RuleKind.FIXED, "0"),
        rule(1, RuleKind.DELTA, "-99999999.0000000001", service="A service nobody knows"),
    ],
)
def test_right_rule_has_no_problems(right: PriceRule) -> None:
    assert rule_problems(right) == ()


def test_book_names_all_problems_of_all_its_rules() -> None:
    wrong = book(
        "-101",
        percent_rule(1, "1"),
        rule(2, RuleKind.FIXED, position=1),
        percent_rule(1, "2", position=3),
        currency="usd",
    )

    assert [(one.code, one.field) for one in book_problems(wrong)] == [
        (ProblemCode.BELOW_MINUS_100, "percent"),
        (ProblemCode.NO_CURRENCY, "currency"),
        (ProblemCode.MISSING, "rules.1.value"),
        (ProblemCode.DUPLICATE_POSITION, "rules.1.position"),
        (ProblemCode.DUPLICATE_ID, "rules.2.id"),
    ]
    assert dict(book_problems(wrong)[3].parameters) == {"position": 1}
    assert dict(book_problems(wrong)[4].parameters) == {"id": 1}
    with pytest.raises(InvalidBook) as refused:
        check_book(wrong)
    assert refused.value.problems == book_problems(wrong)


def test_right_book_passes() -> None:
    check_book(MASTER)
    check_book(book("-100", percent_rule(1, "1"), currency="EUR"))


def test_duplicate_of_a_rule_can_never_win() -> None:
    first, twin, other = (
        percent_rule(1, "1", service="EC2"),
        percent_rule(2, "2", service="EC2"),
        percent_rule(3, "3", service="S3"),
    )

    (found,) = shadowed_rules(book("0", twin, other, first))

    assert (found.rule, found.by, found.is_duplicate) == (twin, first, True)


def test_rule_of_other_months_is_no_duplicate() -> None:
    first = percent_rule(1, "1", service="EC2", last_month=OCTOBER)

    assert shadowed_rules(book("0", first, percent_rule(2, "2", service="EC2", first_month=NOVEMBER))) == ()
    assert shadowed_rules(book("0", first, percent_rule(2, "2", service="EC2"))) == ()


def test_wider_rule_hides_narrower_ones_only_where_the_first_wins() -> None:
    wide = percent_rule(1, "1", usage_type="Box*")
    narrow = [
        percent_rule(2, "2", usage_type="BoxUsage:*", service="EC2"),
        percent_rule(3, "3", usage_type="BoxUsage"),
    ]
    free = [
        percent_rule(4, "4", usage_type="Data"),
        percent_rule(5, "5", service="EC2"),
        percent_rule(6, "6", usage_type="B*"),
    ]
    rules = (wide, *narrow, *free)

    by_position = shadowed_rules(book("0", *rules, match_mode=MatchMode.FIRST_BY_POSITION))

    assert [(one.rule, one.by, one.is_duplicate) for one in by_position] == [
        (one, wide, False) for one in narrow
    ]
    assert shadowed_rules(book("0", *rules)) == ()
