"""What an import asks before it replaces what is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.usage.decisions import Part, Question, questions

OCTOBER = date(2026, 10, 1)


def part(rows: int = 100, cost: str = "100", **more: object) -> Part:
    sums = {"list": Decimal(cost), "effective": Decimal(cost), "billed": Decimal(cost)}
    common = {"accounts": frozenset({"111111111111"}), "content_hash": f"{rows}-{cost}"}
    return Part("aws", "payer", OCTOBER, rows, totals={"USD": sums}, **(common | more))  # type: ignore[arg-type]


def asked(*new: Part, live: tuple[Part, ...] = (), rejected: int = 0, closed: bool = False) -> list[Question]:
    months = frozenset({("aws", OCTOBER)}) if closed else frozenset()
    return [one.question for one in questions(new, live, rejected=rejected, closed=months)]


def test_a_first_delivery_and_a_larger_one_ask_nothing() -> None:
    assert asked(part()) == []
    assert asked(part(120, "130"), live=(part(),)) == []


def test_rows_that_cannot_be_used_are_asked_about() -> None:
    [one] = questions([part()], [], rejected=3)

    assert (one.question, one.about) == (Question.REJECTED_ROWS, [{"rows": 3}])


def test_less_than_half_of_the_rows_or_of_the_cost_is_asked_about_and_exactly_half_is_not() -> None:
    assert asked(part(50, "50"), live=(part(),)) == []
    assert asked(part(49, "100"), live=(part(),)) == [Question.LESS_THAN_HALF]
    assert asked(part(100, "49.99"), live=(part(),)) == [Question.LESS_THAN_HALF]


def test_the_same_accounts_from_another_source_are_asked_about() -> None:
    other = replace(part(), source="other")
    stranger = replace(other, accounts=frozenset({"222222222222"}))

    assert asked(part(), live=(other,)) == [Question.OVERLAP]
    assert asked(part(), live=(stranger,)) == []
    assert asked(part(), live=(replace(other, month=date(2026, 9, 1)),)) == []


def test_a_closed_month_is_asked_about_unless_nothing_changes() -> None:
    assert asked(part(120), live=(part(),), closed=True) == [Question.CLOSED_MONTH]
    assert asked(part(), live=(part(),), closed=True) == []


def test_what_arrived_earlier_does_not_replace_what_came_later_unasked() -> None:
    later = part(120, "130", delivery=8)

    assert asked(part(delivery=7), live=(later,)) == [Question.NEWER_THERE]
    assert asked(part(delivery=9), live=(later,)) == []
    assert asked(replace(later, delivery=7), live=(later,)) == []  # it says the same
