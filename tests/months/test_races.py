"""Two people at once who both change what counts from a month: one waits for the other, and neither for ever."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.charges.assignments import assign_plan
from app.charges.models import ChargePlan
from app.charges.services import change_plan
from app.cloud_accounts.group_models import AccountGroup
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.months.locks import hold_months
from app.pricebooks import rule_services
from app.pricebooks.models import Pricebook
from app.pricebooks.rows import RuleRow
from app.pricebooks.services import change_pricebook
from app.shell.crud import lock_row
from tests.charges.steps import add_plan, provider, without_plans, working
from tests.customers.test_concurrency import race, reseller_of
from tests.pricebooks.steps import cells
from tests.worlds import World

Meet = Callable[[], None]


def test_two_who_have_added_rows_both_come_to_hold_the_months(flask_app: Any, world: World) -> None:
    def adding_to(customer_id: int) -> Callable[[Meet], str]:
        def call(meet: Meet) -> str:
            customer = db.session.get_one(Customer, customer_id)
            db.session.add(
                AccountGroup(
                    reseller_id=customer.reseller_id,
                    customer_id=customer.id,
                    provider=provider(),
                    name="Production",
                )
            )
            db.session.flush()  # the reseller's row is now held against whoever removes it
            meet()
            hold_months()
            return "saved"

        return call

    customers = (world.north.customer, world.north.other_customer)
    assert race(flask_app, reseller_of(world), [adding_to(one.id) for one in customers]) == ["saved"] * 2


def test_a_plan_is_changed_while_somebody_assigns_it(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        plan_id = add_plan("Managed", percent=Decimal(10)).id

    def change(meet: Meet) -> str:
        plan = db.session.get_one(ChargePlan, plan_id)
        lock_row(plan)  # as its form does
        meet()
        terms = {name: getattr(plan, name) for name in plan.__terms__}
        values = terms | {"name": "Managed well", "percent": Decimal(12)}
        return change_plan(plan, provider_id=plan.provider_id, values=values).name

    def assign(meet: Meet) -> str:
        hold_months()
        meet()
        customer = db.session.get_one(Customer, world.north.customer.id)
        return assign_plan(customer, plan_id)[0].level.value

    assert race(flask_app, reseller_of(world), [change, assign]) == ["Managed well", "customer"]


def test_details_and_rules_of_a_book_are_saved_at_once(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_id = world.north.pricebook.id

    def details(meet: Meet) -> str:
        book = db.session.get_one(Pricebook, book_id)
        lock_row(book)  # as their form does
        meet()
        values = {
            name: getattr(book, name)
            for name in ("provider_id", "name", "currency", "match_mode", "is_retired")
        }
        change_pricebook(book, values | {"adjustment_percent": Decimal(-7), "counts_from": None})
        return "details"

    def rules(meet: Meet) -> str:
        def hold_and_meet() -> None:
            hold_months()
            meet()

        monkeypatch.setattr(rule_services, "hold_months", hold_and_meet)
        book = db.session.get_one(Pricebook, book_id)
        row = RuleRow(1, cells(service="EC2"))
        rule_services.save_rules(book, [row], from_month=None, version=book.version, now=utc_now())
        return "rules"

    answers = race(flask_app, reseller_of(world), [details, rules])

    assert answers[0] == "details"
    assert answers[1] in ("rules", "EditConflict"), "it was first, or is told who was"
