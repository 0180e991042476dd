"""Months at the edges: another reseller, a customer, two people at once, and what is no month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.charges.adjustments import adjustment_of, save_adjustment
from app.charges.models import GlobalAdjustment
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import Lockable, Subject, lock_month
from app.months.models import EarlierTerms, MonthLock
from app.months.terms import terms_in
from app.tenancy.scope import Scope, ScopeKind, use_scope
from tests.customers.test_concurrency import race, reseller_of
from tests.worlds import World

OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)


def customer_of(world: World) -> Customer:
    found: Customer = db.session.get(Customer, world.north.customer.id)
    return found


def percent_of(world: World) -> Decimal:
    """What counts in October."""
    terms = terms_in(adjustment_of(customer_of(world)), OCTOBER)
    assert terms is not None
    return Decimal(terms["percent"])


@pytest.fixture
def changed(flask_app: Any, world: World) -> None:
    """The north has a locked month, and terms that counted before."""
    with flask_app.test_request_context(), use_scope(reseller_of(world)), unit_of_work(db.session):
        customer = customer_of(world)
        lock_month(OCTOBER, [Lockable(Subject.CUSTOMER, customer.id)], cause="S-1", now=utc_now())
        save_adjustment(customer, Decimal(5), from_month=DECEMBER, version=1)


def test_another_reseller_sees_neither_locks_nor_what_counted_before(
    flask_app: Any, world: World, changed: None
) -> None:
    with flask_app.test_request_context():
        with use_scope(Scope(ScopeKind.RESELLER, world.south.id)):
            assert db.session.scalars(select(MonthLock)).all() == []
            assert db.session.scalars(select(EarlierTerms)).all() == []
        with use_scope(reseller_of(world)):
            assert len(db.session.scalars(select(MonthLock)).all()) == 1
            assert len(db.session.scalars(select(EarlierTerms)).all()) == 1


def test_no_customer_sees_what_was_agreed_before_not_even_its_own(
    flask_app: Any, world: World, changed: None
) -> None:
    with flask_app.test_request_context():
        for customer in (world.north.customer, world.north.other_customer):
            with use_scope(Scope(ScopeKind.CUSTOMER, world.north.id, customer.id)):
                assert db.session.scalars(select(EarlierTerms)).all() == []
                assert db.session.scalars(select(MonthLock)).all() == []


def test_what_a_statement_froze_still_counts_after_a_change_at_the_same_time(
    flask_app: Any, world: World
) -> None:
    frozen: list[Decimal] = []

    def issue(meet: Callable[[], None]) -> str:
        customer = Lockable(Subject.CUSTOMER, world.north.customer.id)
        lock_month(OCTOBER, [customer], cause="S-1", now=utc_now())
        frozen.append(percent_of(world))
        meet()
        return "issued"

    def change(meet: Callable[[], None]) -> str:
        save_adjustment(customer_of(world), Decimal(5), from_month=OCTOBER, version=1)
        meet()
        return "changed"

    answers = race(flask_app, reseller_of(world), [issue, change])

    with flask_app.test_request_context(), use_scope(reseller_of(world)):
        assert [percent_of(world)] == frozen, answers


@pytest.mark.parametrize(
    "month", ["2026-13", "0000-01", "2026-11-02", "\u0662\u0660\u0662\u0666-11", "None", "", "1e400"]
)
def test_what_is_no_month_is_refused_and_nothing_changes(
    month: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.ops).post(
        f"/customers/{world.north.customer.id}/charges/",
        {"what": "adjust", "percent": "5", "counts_from": month, "version": "1"},
    )

    assert answer.status_code == 422
    with flask_app.test_request_context(), use_scope(reseller_of(world)):
        assert {str(one.percent) for one in db.session.scalars(select(GlobalAdjustment))} == {"-2.0000"}
