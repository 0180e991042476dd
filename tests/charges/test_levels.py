"""Plans assigned to accounts, groups, customers and all customers: what is refused, what months keep, who is warned."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from app.charges.assignments import (
    DEFAULT,
    Target,
    assign_plan,
    assignments_of,
    change_assignment,
    take_plan_away,
)
from app.charges.models import ChargeAssignment, Level
from app.charges.overview import applied_rows
from app.charges.support import customers_without_support_plan, support_plans_of, this_month
from app.cloud_accounts.groups import add_group
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer
from app.errors import Invalid
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from app.rating.months import month_after
from tests.charges.steps import (
    DECEMBER,
    NOVEMBER,
    NOW,
    OCTOBER,
    add_account,
    add_plan,
    provider,
    without_plans,
    working,
)
from tests.worlds import World

D = Decimal


def spans(customer: Customer | None) -> list[tuple[str, Any, Any]]:
    return [(str(one.plan), one.first_month, one.last_month) for one in assignments_of(customer)]


def test_two_support_plans_for_the_same_are_refused_in_the_same_months_only(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = add_account(customer, 1)
        one = add_plan("One", percent=D(1), is_support_plan=True)
        two = add_plan("Two", percent=D(2), is_support_plan=True)
        for who in (customer, None):
            assign_plan(who, one.id, last_month=OCTOBER)
            with pytest.raises(Invalid, match="has the support plan One already") as refused:
                assign_plan(who, two.id, first_month=OCTOBER)
            assert refused.value.field == "plan_id"
            assign_plan(who, two.id, first_month=NOVEMBER)
        own = Target(Level.ACCOUNT, account_ids=(account.id,))
        assign_plan(customer, one.id, to=own)
        with pytest.raises(Invalid, match="work 1 has the support plan One already"):
            assign_plan(customer, two.id, to=own)


def test_what_no_assignment_can_be(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        plan = add_plan("Plan", percent=D(1))
        once = add_plan("Once", type="fixed", amount=D(10), frequency="one_time")
        over = add_plan("Over", percent=D(1), valid_to=datetime.date(2026, 9, 30))
        not_authorised = add_plan("Azure", "azure", percent=D(1))
        stranger = world.north.other_account.id
        refused = [
            (plan, DEFAULT, NOVEMBER, OCTOBER, "last_month"),
            (once, DEFAULT, None, None, "first_month"),
            (over, DEFAULT, OCTOBER, None, "first_month"),
            (not_authorised, DEFAULT, None, None, "plan_id"),
            (plan, Target(Level.ACCOUNT), None, None, "account_ids"),
            (plan, Target(Level.ACCOUNT, account_ids=(stranger,)), None, None, "account_ids"),
            (plan, Target(Level.GROUP, group_id=999), None, None, "group_id"),
        ]
        for one, target, first, last, field in refused:
            with pytest.raises(Invalid) as found:
                assign_plan(customer, one.id, to=target, first_month=first, last_month=last)
            assert found.value.field == field, one.name


def test_locked_months_keep_their_plans(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        old, new = add_plan("Old", percent=D(1)), add_plan("New", percent=D(2))
        (row,) = assign_plan(customer, old.id)
        lock_month(NOVEMBER, [Lockable(Subject.CUSTOMER, customer.id)], cause="S-1", now=NOW)

        for first, last, field in ((DECEMBER, None, "first_month"), (None, OCTOBER, "last_month")):
            with pytest.raises(Invalid) as refused:
                change_assignment(row, customer=customer, plan_id=old.id, first_month=first, last_month=last)
            assert refused.value.field == field
        for who in (customer, None):  # a default could have reached the customer whose month is locked
            with pytest.raises(Invalid) as refused:
                assign_plan(who, new.id, first_month=NOVEMBER)
            assert refused.value.field == "first_month"
        change_assignment(row, customer=customer, plan_id=new.id, first_month=DECEMBER, last_month=None)
        assert spans(customer) == [("New", DECEMBER, None), ("Old", None, NOVEMBER)]

        ends = {
            name: take_plan_away(customer, one.id)[1]
            for one in assignments_of(customer)
            if (name := str(one))
        }
        assert ends == {"New": None, "Old": NOVEMBER}
        assert spans(customer) == [("Old", None, NOVEMBER)]


def test_the_overview_says_which_level_won_and_what_it_replaced(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        one, two, three = (add_account(customer, number) for number in (1, 2, 3))
        group = add_group(customer, provider(), name="Production", account_ids=[one.id, two.id])
        plans = {name: add_plan(name, percent=D(1)).id for name in ("all", "mine", "group", "own")}
        assign_plan(None, plans["all"])
        assign_plan(customer, plans["mine"])
        assign_plan(customer, plans["group"], to=Target(Level.GROUP, group_id=group.id))
        assign_plan(
            customer, plans["own"], to=Target(Level.ACCOUNT, account_ids=(two.id,)), last_month=NOVEMBER
        )

        def told(month: datetime.date) -> list[tuple[str, list[str], Any, list[str]]]:
            return [
                (row.group, [str(x) for x in row.assignments], row.level, [str(x) for x in row.replaced])
                for row in applied_rows(customer, [one, two, three], month)
            ]

        assert told(NOVEMBER) == [
            ("Production", ["group"], Level.GROUP, ["all", "mine"]),
            ("Production", ["own"], Level.ACCOUNT, ["all", "mine", "group"]),
            ("", ["mine"], Level.CUSTOMER, ["all"]),
        ]
        assert told(DECEMBER)[1] == ("Production", ["group"], Level.GROUP, ["all", "mine"])


def test_warnings_count_every_level_and_only_accounts_that_no_support_plan_reaches(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = db.session.get(CloudAccount, world.north.account.id)
        group = add_group(customer, provider(), name="Production", account_ids=[account.id])
        support = add_plan("Support", percent=D(3), is_support_plan=True).id
        other = add_plan("Other", percent=D(3)).id
        own, in_group = (
            Target(Level.ACCOUNT, account_ids=(account.id,)),
            Target(Level.GROUP, group_id=group.id),
        )

        def is_warned() -> bool:
            db.session.flush()
            query = select(Customer.id).where(customers_without_support_plan(), Customer.id == customer.id)
            by_condition = db.session.scalar(query) is not None
            assert by_condition is bool(support_plans_of([customer])[customer.id].missing)
            return by_condition

        def only(*given: tuple[Customer | None, int, Target]) -> bool:
            given_before = ChargeAssignment.plan_id.in_([support, other])
            for row in db.session.scalars(select(ChargeAssignment).where(given_before)):
                db.session.delete(row)
            db.session.flush()
            for who, plan, target in given:
                assign_plan(who, plan, to=target)
            return is_warned()

        assert only()
        for who, target in ((None, DEFAULT), (customer, DEFAULT), (customer, in_group), (customer, own)):
            assert not only((who, support, target)), target
        # A narrower level without a support plan takes the wider one's away.
        assert only((None, support, DEFAULT), (customer, other, DEFAULT))
        assert only((customer, support, DEFAULT), (customer, other, in_group))
        assert only((customer, support, in_group), (customer, other, own))
        assert not only((customer, other, DEFAULT), (None, other, DEFAULT), (customer, support, own))
        assert support_plans_of([customer])[customer.id].names == ["Support"]
        account.status = CloudAccountStatus.ARCHIVED
        assert not only()
        assert support_plans_of([customer])[customer.id].undecided == [provider()]


def test_a_plan_that_has_ended_is_none(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        (row,) = assignments_of(customer)
        row.last_month = datetime.date(2020, 1, 1)
        db.session.flush()

        assert support_plans_of([customer])[customer.id].missing == [provider()]


def test_a_fee_that_was_charged_once_leaves_the_support_plan_again(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        db.session.execute(update(CloudAccount).values(status=CloudAccountStatus.ARCHIVED))
        account = add_account(customer, 1)
        assign_plan(customer, add_plan("Support", percent=D(3), is_support_plan=True).id)
        fee = add_plan("Setup", type="fixed", amount=D(500), frequency="one_time")
        months = (this_month(), month_after(this_month()))
        to = Target(Level.ACCOUNT, account_ids=(account.id,))

        [setup] = assign_plan(customer, fee.id, to=to, first_month=this_month())
        levels = [applied_rows(customer, [account], month)[0].level for month in months]
        during = support_plans_of([customer])[customer.id].missing
        setup.first_month = month_after(this_month(), -1)
        db.session.flush()

        assert levels == [Level.ACCOUNT, Level.CUSTOMER]
        assert during == [provider()]
        assert support_plans_of([customer])[customer.id].missing == []
