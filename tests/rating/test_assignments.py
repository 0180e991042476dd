"""Which plans an account has: the narrowest level replaces the wider ones, and never adds."""

from datetime import date

import pytest

from app.rating.assignments import (
    Assignment,
    Level,
    applied_to,
    assignment_problems,
    charged_in,
    check_assignment,
)
from app.rating.plans import Frequency, PlanScope
from app.rating.problems import InvalidPlan, ProblemCode
from tests.rating.making import NOVEMBER, OCTOBER, ONE, TWO, account, assigned, fixed_plan, percent_plan

DEFAULT = assigned(percent_plan("10"), 1, Level.RESELLER)
CUSTOMER = assigned(percent_plan("7"), 2, Level.CUSTOMER)
GROUP = assigned(percent_plan("5"), 3, Level.GROUP, group=8)
OWN = assigned(percent_plan("3"), 4, Level.ACCOUNT, account=ONE)
SEPTEMBER_END = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("assignments", "level", "applied", "replaced"),
    [
        ([DEFAULT, CUSTOMER, GROUP, OWN], Level.ACCOUNT, [4], [1, 2, 3]),
        ([DEFAULT, CUSTOMER, GROUP], Level.GROUP, [3], [1, 2]),
        ([DEFAULT, CUSTOMER], Level.CUSTOMER, [2], [1]),
        ([DEFAULT], Level.RESELLER, [1], []),
        ([], None, [], []),
    ],
)
def test_narrowest_level_replaces_the_wider_ones(
    assignments: list[Assignment], level: Level | None, applied: list[int], replaced: list[int]
) -> None:
    found = applied_to(account(group=8), assignments, OCTOBER)

    assert found.level is level
    assert [one.id for one in found.assignments] == applied
    assert [one.id for one in found.replaced] == replaced


def test_several_plans_of_one_level_apply_together() -> None:
    second = assigned(percent_plan("1", id=2), 9)

    assert [one.id for one in applied_to(account(), [second, CUSTOMER, DEFAULT], OCTOBER).assignments] == [
        2,
        9,
    ]


def test_plan_of_another_account_group_or_provider_does_not_reach() -> None:
    other = [
        assigned(percent_plan("1"), 5, Level.ACCOUNT, account=TWO),
        assigned(percent_plan("1"), 6, Level.GROUP, group=9),
        assigned(percent_plan("1"), 7, provider="azure"),
    ]

    assert applied_to(account(group=8), other, OCTOBER).level is None
    assert applied_to(account(), [GROUP, CUSTOMER], OCTOBER).level is Level.CUSTOMER


@pytest.mark.parametrize(
    "ended",
    [
        assigned(percent_plan("3"), 4, Level.ACCOUNT, account=ONE, valid_to=SEPTEMBER_END),
        assigned(percent_plan("3", last_month=date(2026, 9, 1)), 4, Level.ACCOUNT, account=ONE),
        assigned(percent_plan("3", valid_from=NOVEMBER), 4, Level.ACCOUNT, account=ONE),
    ],
)
def test_plan_that_does_not_hold_in_the_month_replaces_nothing(ended: Assignment) -> None:
    found = applied_to(account(), [ended, CUSTOMER], OCTOBER)

    assert (found.level, found.replaced) == (Level.CUSTOMER, ())


def test_each_account_is_charged_by_itself_or_all_by_their_sum() -> None:
    accounts = [account(TWO), account(ONE), account("3", provider="azure")]
    each = assigned(percent_plan("1"), 1)
    whole = assigned(percent_plan("1", scope=PlanScope.SUM), 2)

    charged = charged_in(accounts, [whole, each], OCTOBER)

    assert [(one.assignment.id, [two.id for two in one.accounts], one.days) for one in charged] == [
        (1, [ONE], 31),
        (1, [TWO], 31),
        (2, [ONE, TWO], 31),
    ]
    assert charged_in([accounts[2]], [whole, each], OCTOBER) == ()


def test_account_with_a_plan_of_its_own_is_not_in_the_sum() -> None:
    whole = assigned(percent_plan("1", scope=PlanScope.SUM), 2, Level.GROUP, group=8)

    charged = charged_in([account(ONE, group=8), account(TWO, group=8)], [whole, OWN], OCTOBER)

    assert [(one.assignment.id, [two.id for two in one.accounts]) for one in charged] == [
        (2, [TWO]),
        (4, [ONE]),
    ]


def test_days_are_those_of_plan_assignment_and_account_together() -> None:
    held = account(held_from=date(2026, 10, 11), held_to=date(2026, 10, 30))
    each = assigned(percent_plan("1", valid_to=date(2026, 10, 25)), 1, valid_from=date(2026, 10, 5))
    whole = assigned(percent_plan("1", scope=PlanScope.SUM), 2, valid_from=date(2026, 10, 5))

    assert [one.days for one in charged_in([held], [each, whole], OCTOBER)] == [15, 27]


def test_account_that_left_before_the_plan_began_is_not_charged() -> None:
    left = account(held_to=date(2026, 10, 4))

    assert charged_in([left], [assigned(percent_plan("1"), valid_from=date(2026, 10, 5))], OCTOBER) == ()


@pytest.mark.parametrize(
    ("given", "held_from", "months"),
    [
        ({"valid_from": date(2026, 10, 20)}, None, [OCTOBER]),
        ({"valid_from": date(2026, 9, 20)}, None, []),
        ({"valid_from": date(2026, 9, 20)}, date(2026, 11, 2), [NOVEMBER]),
        ({"valid_from": date(2026, 10, 20)}, date(2026, 9, 2), [OCTOBER]),
        ({"valid_from": date(2026, 10, 31), "valid_to": date(2026, 10, 31)}, None, [OCTOBER]),
    ],
)
def test_one_time_plan_is_charged_in_the_month_it_begins(
    given: dict, held_from: date | None, months: list
) -> None:
    once = assigned(fixed_plan("50", frequency=Frequency.ONE_TIME), **given)
    mine = account(held_from=held_from)

    assert [month for month in (OCTOBER, NOVEMBER) if charged_in([mine], [once], month)] == months


def test_a_one_time_plan_gives_back_what_it_replaced_once_it_is_charged() -> None:
    setup = assigned(
        fixed_plan("50", frequency=Frequency.ONE_TIME), 9, Level.ACCOUNT, account=ONE, valid_from=OCTOBER
    )
    levels = {
        month.month: applied_to(account(), [setup, CUSTOMER], month).level
        for month in (date(2026, 9, 1), OCTOBER, NOVEMBER)
    }

    assert levels == {9: Level.CUSTOMER, 10: Level.ACCOUNT, 11: Level.CUSTOMER}


def test_one_time_plan_on_the_sum_begins_with_the_plan() -> None:
    once = assigned(fixed_plan("50", frequency=Frequency.ONE_TIME, scope=PlanScope.SUM, first_month=OCTOBER))
    late = account(held_from=NOVEMBER)

    assert charged_in([late], [once], OCTOBER) and not charged_in([late], [once], NOVEMBER)


def test_one_time_plan_that_ended_before_the_account_came_is_not_charged() -> None:
    once = assigned(
        fixed_plan("50", frequency=Frequency.ONE_TIME), valid_from=OCTOBER, valid_to=date(2026, 10, 5)
    )

    assert charged_in([account(held_from=date(2026, 10, 6))], [once], OCTOBER) == ()


def test_one_time_plan_without_a_beginning_is_never_due() -> None:
    once = assigned(fixed_plan("50", frequency=Frequency.ONE_TIME))

    assert charged_in([account()], [once], OCTOBER) == ()


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (assigned(percent_plan("-1")), ProblemCode.NEGATIVE, "plan.percent"),
        (assigned(percent_plan("1"), level=Level.ACCOUNT), ProblemCode.MISSING, "account"),
        (assigned(percent_plan("1"), level=Level.GROUP), ProblemCode.MISSING, "group"),
        (
            assigned(percent_plan("1"), valid_from=NOVEMBER, valid_to=OCTOBER),
            ProblemCode.END_BEFORE_START,
            "valid_to",
        ),
        (assigned(fixed_plan("1", frequency=Frequency.ONE_TIME)), ProblemCode.NO_START, "valid_from"),
    ],
)
def test_wrong_assignment_is_named(wrong: Assignment, code: ProblemCode, field: str) -> None:
    assert [(one.code, one.field) for one in assignment_problems(wrong)] == [(code, field)]
    with pytest.raises(InvalidPlan):
        check_assignment(wrong)


@pytest.mark.parametrize(
    "right",
    [
        DEFAULT,
        CUSTOMER,
        GROUP,
        OWN,
        assigned(fixed_plan("1", frequency=Frequency.ONE_TIME, first_month=OCTOBER)),
    ],
)
def test_right_assignment_passes(right: Assignment) -> None:
    check_assignment(right)


@pytest.mark.parametrize("field", ["valid_from", "valid_to"])
def test_days_are_dates(field: str) -> None:
    with pytest.raises(TypeError):
        assigned(percent_plan("1"), **{field: "2026-10-01"})
    with pytest.raises(TypeError):
        account(**{field.replace("valid", "held"): "2026-10-01"})
