"""A record keeps what it said in earlier months, and a change never reaches a month on an issued statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.charges.models import GlobalAdjustment
from app.errors import Invalid
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from app.months.models import EarlierTerms
from app.months.terms import change_terms, earlier_terms, forget_terms, terms_in, terms_of
from app.tenancy.scope import reseller_scope
from tests.worlds import World

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in range(8, 13))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def row(flask_app: Any, world: World) -> Iterator[Any]:
    """The customer's discount of 2 %, which counts in all months."""
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        query = select(GlobalAdjustment).where(GlobalAdjustment.customer_id == world.north.customer.id)
        yield db.session.scalars(query).one()
        db.session.rollback()


def change(row: Any, percent: str, from_month: date | None) -> bool:
    who = Lockable(Subject.CUSTOMER, row.customer_id)
    return change_terms(row, {"percent": Decimal(percent)}, from_month=from_month, locked_with=[who])


def percents(row: Any) -> list[str | None]:
    """What counts in August to December."""
    found = [terms_in(row, month) for month in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER)]
    return [None if one is None else f"{one['percent'].normalize()}" for one in found]


def test_earlier_months_keep_what_they_had(row: Any) -> None:
    assert change(row, "5", OCTOBER)
    assert change(row, "7.5", DECEMBER)

    assert percents(row) == ["-2", "-2", "5", "5", "7.5"]
    assert [(first, last) for first, last, _terms in earlier_terms(row)] == [
        (OCTOBER, NOVEMBER),
        (None, SEPTEMBER),
    ]
    assert row.percent == Decimal("7.5"), "the record itself says what comes"


def test_a_change_in_the_past_replaces_what_was_to_come_after_it(row: Any) -> None:
    change(row, "5", OCTOBER)
    change(row, "7.5", DECEMBER)

    change(row, "1", NOVEMBER)
    assert percents(row) == ["-2", "-2", "5", "1", "1"]

    change(row, "3", OCTOBER)
    assert percents(row) == ["-2", "-2", "3", "3", "3"]

    change(row, "4", None)
    assert percents(row) == ["4"] * 5
    assert db.session.scalar(select(func.count(EarlierTerms.id))) == 0


def test_the_same_again_is_no_change(row: Any) -> None:
    assert not change(row, "-2", OCTOBER)

    assert (row.counts_from, percents(row)) == (None, ["-2"] * 5)


def test_the_same_can_be_made_to_count_earlier(row: Any) -> None:
    change(row, "5", DECEMBER)

    assert change(row, "5", OCTOBER)
    assert percents(row) == ["-2", "-2", "5", "5", "5"]
    assert not change(row, "5", NOVEMBER), "that is so already"
    assert change(row, "5", None)
    assert (row.counts_from, percents(row)) == (None, ["5"] * 5)


def test_a_record_that_counts_from_a_month_says_nothing_before(row: Any) -> None:
    row.counts_from = NOVEMBER

    assert percents(row) == [None, None, None, "-2", "-2"]


def test_a_month_on_an_issued_statement_stays_as_it_is(row: Any) -> None:
    lock_month(OCTOBER, [Lockable(Subject.CUSTOMER, row.customer_id)], cause="1", now=NOW)

    for month in (None, AUGUST, OCTOBER):
        with pytest.raises(Invalid) as refused:
            change(row, "5", month)
        assert refused.value.field == "counts_from"
    assert change(row, "5", NOVEMBER)
    assert percents(row) == ["-2", "-2", "-2", "5", "5"]


def test_many_records_are_looked_up_with_one_statement(row: Any) -> None:
    change(row, "5", DECEMBER)
    other = GlobalAdjustment(customer_id=row.customer_id + 1, percent=Decimal(1), counts_from=None, id=4711)

    found = terms_of([row, other], OCTOBER)

    assert {key: str(one["percent"]) for key, one in found.items() if one} == {row.id: "-2.0000", 4711: "1"}


def test_a_deleted_record_leaves_nothing(row: Any) -> None:
    change(row, "5", DECEMBER)

    forget_terms(row)

    assert db.session.scalar(select(func.count(EarlierTerms.id))) == 0
