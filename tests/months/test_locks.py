"""A month that is on an issued statement can no longer change, for the customer and for what its statement used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Invalid
from app.extensions import db
from app.months.locks import (
    Lockable,
    Subject,
    check_open,
    counting_text,
    first_open_month,
    lock_month,
    locked_months,
    unlock_month,
)
from app.months.models import MonthLock
from app.tenancy.scope import reseller_scope
from tests.worlds import World

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CUSTOMER, BOOK = Lockable(Subject.CUSTOMER, 7), Lockable(Subject.PRICEBOOK, 7)


@pytest.fixture
def north(flask_app: Any, world: World) -> Any:
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield world.north
        db.session.rollback()


def test_issuing_locks_the_customer_and_what_its_statement_used(north: Any) -> None:
    lock_month(OCTOBER, [CUSTOMER, BOOK], cause="2026-0001", now=NOW)

    assert locked_months([CUSTOMER]) == [OCTOBER]
    assert locked_months([BOOK]) == [OCTOBER]
    assert locked_months([Lockable(Subject.CUSTOMER, 8)]) == []
    assert locked_months([Lockable(Subject.CHARGE_PLAN, 7)]) == [], "ids of other kinds are others"


def test_a_month_is_locked_once_by_the_first_statement(north: Any) -> None:
    lock_month(OCTOBER, [CUSTOMER, BOOK], cause="2026-0001", now=NOW)
    lock_month(OCTOBER, [Lockable(Subject.CUSTOMER, 8), BOOK], cause="2026-0002", now=NOW)

    causes = {(one.subject, one.subject_id): one.cause for one in db.session.scalars(select(MonthLock))}
    assert causes == {
        (Subject.CUSTOMER, 7): "2026-0001",
        (Subject.CUSTOMER, 8): "2026-0002",
        (Subject.PRICEBOOK, 7): "2026-0001",
    }


def test_a_change_counts_after_the_last_locked_month(north: Any) -> None:
    assert first_open_month([CUSTOMER, BOOK]) is None
    assert counting_text(first_open_month([CUSTOMER])) == ""
    check_open([CUSTOMER], None)
    lock_month(SEPTEMBER, [CUSTOMER], cause="1", now=NOW)
    lock_month(OCTOBER, [BOOK], cause="2", now=NOW)

    assert first_open_month([CUSTOMER]) == OCTOBER
    assert first_open_month([CUSTOMER, BOOK]) == NOVEMBER
    check_open([CUSTOMER, BOOK], NOVEMBER)
    for month in (None, SEPTEMBER, OCTOBER):
        with pytest.raises(Invalid, match="Oct 2026 is on issued statements") as refused:
            check_open([CUSTOMER, BOOK], month)
        assert refused.value.field == "counts_from"
    assert "A change counts from Nov 2026 at the earliest." in counting_text(first_open_month([BOOK]))


def test_a_voided_statement_opens_its_month_again(north: Any) -> None:
    lock_month(OCTOBER, [CUSTOMER, BOOK], cause="1", now=NOW)

    unlock_month(OCTOBER, [CUSTOMER])

    assert first_open_month([CUSTOMER]) is None
    assert locked_months([BOOK]) == [OCTOBER]


def test_another_reseller_has_its_own_months(north: Any, world: World) -> None:
    lock_month(OCTOBER, [CUSTOMER], cause="1", now=NOW)

    with reseller_scope(world.south.id):
        assert first_open_month([CUSTOMER]) is None
        unlock_month(OCTOBER, [CUSTOMER])
    assert locked_months([CUSTOMER]) == [OCTOBER]


def test_nothing_to_lock_locks_nothing(north: Any) -> None:
    lock_month(OCTOBER, [], cause="1", now=NOW)

    assert db.session.scalar(select(func.count(MonthLock.id))) == 0
    assert first_open_month([]) is None
