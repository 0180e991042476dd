"""Credits are used oldest first, never below 0, and a ledger keeps what happened to them."""

from datetime import date

import pytest

from app.rating.credits import (
    Credit,
    CreditEntry,
    EntryKind,
    credits_of,
    reversal_of,
    use_credits,
)
from app.rating.problems import InvalidAmount, InvalidCredit, InvalidMonth, ProblemCode
from app.rating.reasons import ReasonCode, reason
from tests.rating.making import NOVEMBER, OCTOBER, D

MAY, JUNE = date(2026, 5, 4), date(2026, 6, 1)


def credit(number: int, remaining: str, on: date = MAY, **given: object) -> Credit:
    return Credit(**({"id": number, "remaining": D(remaining), "currency": "USD", "granted_on": on} | given))  # type: ignore[arg-type]


def entry(number: int, kind: EntryKind, amount: str, **given: object) -> CreditEntry:
    return CreditEntry(
        **({"credit_id": number, "kind": kind, "amount": D(amount), "currency": "USD", "on": MAY} | given)
    )  # type: ignore[arg-type]


def test_oldest_credit_is_used_first_and_the_rest_is_carried_over() -> None:
    plan = use_credits(
        [credit(3, "50.00", JUNE), credit(2, "30.00"), credit(1, "20.00")], D("60.00"), "USD", OCTOBER
    )

    assert [(one.credit.id, str(one.amount), str(one.remaining)) for one in plan.uses] == [
        (1, "20.00", "0.00"),
        (2, "30.00", "0.00"),
        (3, "10.00", "40.00"),
    ]
    assert plan.unused == ()


@pytest.mark.parametrize("due", ["0.00", "-5.00"])
def test_credit_is_not_used_where_nothing_is_due(due: str) -> None:
    plan = use_credits([credit(1, "20.00")], D(due), "USD", OCTOBER)

    assert plan.uses == ()
    assert [one.reason for one in plan.unused] == [reason(ReasonCode.NOTHING_LEFT_TO_PAY)]


def test_credit_waits_for_its_first_month_and_currency() -> None:
    waiting = [credit(1, "5.00", first_month=NOVEMBER), credit(2, "5.00", currency="EUR"), credit(3, "0.00")]

    plan = use_credits([*waiting, credit(4, "5.00", first_month=OCTOBER)], D("60.00"), "USD", OCTOBER)

    assert [one.credit.id for one in plan.uses] == [4]
    assert [(one.credit.id, one.reason) for one in plan.unused] == [
        (1, reason(ReasonCode.NOT_YET, first_month=NOVEMBER)),
        (2, reason(ReasonCode.OTHER_CURRENCY, currency="EUR")),
    ]


def test_ledger_says_what_is_left() -> None:
    left = credits_of(
        [
            entry(2, EntryKind.GRANTED, "10.00", on=JUNE, first_month=NOVEMBER),
            entry(1, EntryKind.GRANTED, "100.00"),
            entry(1, EntryKind.USED, "60.00"),
            entry(1, EntryKind.RELEASED, "15.00"),
            entry(1, EntryKind.REVERSED, "5.00"),
        ]
    )

    assert left == (credit(1, "50.00"), credit(2, "10.00", JUNE, first_month=NOVEMBER))


def test_ledger_refuses_entries_without_a_grant() -> None:
    with pytest.raises(InvalidCredit) as refused:
        credits_of([entry(9, EntryKind.USED, "1.00")])

    assert (refused.value.code, refused.value.parameters) == (ProblemCode.UNKNOWN_CREDIT, {"id": 9})


def test_ledger_refuses_to_take_more_than_there_is() -> None:
    with pytest.raises(InvalidCredit) as refused:
        credits_of([entry(1, EntryKind.GRANTED, "1.00"), entry(1, EntryKind.USED, "1.01")])

    assert refused.value.code is ProblemCode.NEGATIVE


def test_ledger_refuses_another_currency() -> None:
    with pytest.raises(InvalidCredit) as refused:
        credits_of([entry(1, EntryKind.GRANTED, "1.00"), entry(1, EntryKind.USED, "1.00", currency="EUR")])

    assert refused.value.parameters == {"expected": "USD", "given": "EUR"}


def test_wrong_credit_is_taken_back_by_an_entry() -> None:
    wrong = credit(1, "40.00")

    assert reversal_of(wrong, D("40.00"), JUNE) == entry(1, EntryKind.REVERSED, "40.00", on=JUNE)
    with pytest.raises(InvalidCredit) as refused:
        reversal_of(wrong, D("40.01"), JUNE)
    assert refused.value.code is ProblemCode.REVERSAL_TOO_LARGE
    assert refused.value.parameters == {"remaining": D("40.00")}


def test_use_becomes_an_entry_at_issue() -> None:
    (use,) = use_credits([credit(1, "40.00")], D("15.50"), "USD", OCTOBER).uses

    assert use.entry(JUNE) == entry(1, EntryKind.USED, "15.50", on=JUNE)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0.00", ProblemCode.NOT_POSITIVE),
        ("-1.00", ProblemCode.NOT_POSITIVE),
        ("1.005", ProblemCode.NOT_ROUNDED),
    ],
)
def test_entry_has_a_printable_amount(amount: str, code: ProblemCode) -> None:
    with pytest.raises(InvalidCredit) as refused:
        entry(1, EntryKind.GRANTED, amount)

    assert (refused.value.code, refused.value.field) == (code, "amount")


def test_credit_is_made_of_checked_values() -> None:
    with pytest.raises(InvalidCredit):
        credit(1, "-0.01")
    with pytest.raises(InvalidCredit):
        credit(1, "0.001")
    with pytest.raises(InvalidMonth):
        credit(1, "1.00", first_month=MAY)
    with pytest.raises(TypeError):
        Credit(1, 1.5, "USD", MAY)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        credit(1, "1.00", "2026-05-04")  # type: ignore[arg-type]
    with pytest.raises(InvalidAmount):
        entry(1, EntryKind.GRANTED, "1.00", currency="usd")
    with pytest.raises(TypeError):
        entry(1, EntryKind.GRANTED, "1.00", on=None)
    with pytest.raises(TypeError):
        CreditEntry(1, EntryKind.GRANTED, 1.5, "USD", MAY)  # type: ignore[arg-type]
