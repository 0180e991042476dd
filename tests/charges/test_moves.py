"""An account that goes to another customer leaves its plans and its group behind, and earlier months keep them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.charges.assignments import Target, assign_plan
from app.charges.models import ChargeAssignment, Level
from app.charges.overview import applied_rows
from app.cloud_accounts.groups import add_group, change_group, groups_in
from app.customers.models import Customer
from app.extensions import db
from tests.charges.steps import DECEMBER, NOVEMBER, OCTOBER, add_plan, provider, working
from tests.cloud_accounts.ground import assign, lock, move, noted
from tests.worlds import World


@pytest.mark.parametrize(
    ("since", "last"),
    [("11-10", NOVEMBER), ("11-01", OCTOBER), (None, None)],
    ids=["within", "first", "ever"],
)
def test_what_was_agreed_ends_with_the_month_in_which_the_account_goes(
    since: str | None, last: Any, flask_app: Any, world: World
) -> None:
    with working(flask_app, world) as customer:
        [account] = assign(noted(), customer)
        group = add_group(customer, provider(), name="Production", account_ids=[account.id])
        plan = add_plan("For one account", template="aws-developer", is_support_plan=False)
        assign_plan(customer, plan.id, to=Target(Level.ACCOUNT, account_ids=(account.id,)))

        move(account, db.session.get(Customer, world.north.other_customer.id), since)

        query = select(ChargeAssignment).where(ChargeAssignment.account_id == account.id)
        left = db.session.scalars(query).all()
        assert [one.last_month for one in left] == ([last] if last else [])
        for month in (OCTOBER, NOVEMBER, DECEMBER):
            was_in = last is not None and month <= last
            assert groups_in([account.id], month) == ({account.id: group.id} if was_in else {}), month


def test_the_next_customers_groups_leave_the_months_before_alone(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        other = db.session.get(Customer, world.north.other_customer.id)
        [account] = assign(noted(), customer)
        before = add_group(customer, provider(), name="Production", account_ids=[account.id])
        lock(customer, "10")
        move(account, other, "11-10")
        [shown] = applied_rows(other, [account], NOVEMBER)
        assert shown.group == "", "the month's group is the other customer's: nothing to tell this one"

        mine = add_group(other, provider(), name="Mine", account_ids=[account.id])
        change_group(  # and once more: what was taken over counts in all months again
            mine, customer=other, name="Mine", account_ids=[], from_month=None, version=mine.version
        )
        change_group(
            mine, customer=other, name="Mine", account_ids=[account.id], from_month=None, version=mine.version
        )

        found = [groups_in([account.id], month) for month in (OCTOBER, NOVEMBER, DECEMBER)]
        assert found == [{account.id: before.id}, {account.id: before.id}, {account.id: mine.id}]
