"""Account groups: made, renamed, filled and deleted; an account is in one at most; months keep who was in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.charges.assignments import Target, assign_plan
from app.charges.models import Level
from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.groups import (
    add_group,
    change_group,
    delete_group,
    find_group,
    group_rows,
    groups_in,
    members_of,
)
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from tests.charges.steps import DECEMBER, NOVEMBER, NOW, OCTOBER, add_account, add_plan, provider, working
from tests.worlds import World


def put(group: AccountGroup, customer: Any, *ids: int, from_month: Any = None) -> None:
    change_group(
        group,
        customer=customer,
        name=group.name,
        account_ids=ids,
        from_month=from_month,
        version=group.version,
    )


def test_an_account_is_in_one_group_at_most_and_months_keep_who_was_in_them(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world) as customer:
        one, two = add_account(customer, 1), add_account(customer, 2)
        first = add_group(customer, provider(), name="First", account_ids=[one.id, two.id])
        second = add_group(customer, provider(), name="Second", account_ids=[two.id], from_month=NOVEMBER)

        assert members_of(customer, provider()) == {one.id: first, two.id: second}
        assert groups_in([one.id, two.id], OCTOBER) == {one.id: first.id, two.id: first.id}
        assert groups_in([one.id, two.id], NOVEMBER) == {one.id: first.id, two.id: second.id}
        put(first, customer)
        assert {row.group.name: row.accounts for row in group_rows(customer)} == {"First": 0, "Second": 1}


def test_a_locked_month_keeps_its_groups(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        account = add_account(customer, 1)
        group = add_group(customer, provider(), name="Production")
        lock_month(NOVEMBER, [Lockable(Subject.CUSTOMER, customer.id)], cause="S-1", now=NOW)

        with pytest.raises(Invalid) as refused:
            put(group, customer, account.id, from_month=NOVEMBER)

        assert refused.value.field == "counts_from"
        put(group, customer, account.id, from_month=DECEMBER)
        assert groups_in([account.id], NOVEMBER) == {}
        assert groups_in([account.id], DECEMBER) == {account.id: group.id}


def test_only_accounts_of_the_customer_and_provider_come_into_a_group(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        other = add_account(customer, 1, "azure")

        for stranger in (world.north.other_account.id, other.id):
            with pytest.raises(Invalid):
                add_group(customer, provider(), name=f"With {stranger}", account_ids=[stranger])


def test_a_group_with_a_plan_stays_and_one_without_goes(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        account = add_account(customer, 1)
        group = add_group(customer, provider(), name="Production", account_ids=[account.id])
        plan = add_plan("Managed", type="fixed", amount=Decimal(10))
        (row,) = assign_plan(customer, plan.id, to=Target(Level.GROUP, group_id=group.id))

        with pytest.raises(Invalid, match="1 plan is assigned to Production"):
            delete_group(group, customer=customer)
        db.session.delete(row)
        db.session.flush()
        delete_group(group, customer=customer)

        assert db.session.scalars(select(AccountGroup)).all() == []
        assert members_of(customer, provider()) == {}


def test_a_group_of_another_customer_does_not_exist(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        group = add_group(customer, provider(), name="Production")
        other = db.session.get(type(customer), world.north.other_customer.id)

        with pytest.raises(NotVisible):
            find_group(other, group.id)


def test_a_group_is_made_renamed_and_filled_on_its_pages(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.sales)
    url = f"/customers/{world.north.customer.id}/groups/"
    form = {"name": "Production", "account_ids": [str(world.north.account.id)], "counts_from": "always"}

    added = client.post(url + "add/", form | {"provider_id": str(_aws(flask_app))})
    again = client.post(url + "add/", form | {"provider_id": str(_aws(flask_app)), "name": "PRODUCTION"})
    (group,) = _groups(flask_app, world)
    renamed = client.post(f"{url}{group.id}/", form | {"name": "Live", "version": "1"})

    assert (added.status_code, again.status_code, renamed.status_code) == (302, 422, 302)
    assert "exists already" in again.text
    assert "Live" in client.get(url).text
    page = client.get(f"{url}{group.id}/").text
    assert f'name="account_ids" value="{world.north.account.id}" checked' in page


def _aws(app: Any) -> int:
    with app.app_context():
        return provider().id


def _groups(app: Any, world: World) -> list[AccountGroup]:
    with working(app, world):
        return list(db.session.scalars(select(AccountGroup)))
