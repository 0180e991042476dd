"""The numbers of docs/pricing.md#plans, through what stores plans, groups and assignments."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.charges.assignments import Target, assign_plan
from app.charges.bands import band_text, read_band
from app.charges.calculator import calculate
from app.charges.models import ChargePlan, Level, PlanType
from app.charges.rating import plan_now, plans_in
from app.charges.ready_made import READY_MADE
from app.charges.services import change_plan, plan_of_values
from app.cloud_accounts.groups import add_group
from app.extensions import db
from app.providers.models import ResellerProvider
from app.rating.commitments import ProviderTerms
from app.rating.plancheck import plan_problems
from app.rating.plans import Band, PlanScope
from app.rating.pricebook import Book, PriceRule, RuleKind
from app.rating.taxes import TaxRate
from app.rating.usage import LineKind, UsageLine
from app.tenancy.scope import system_scope
from tests.charges.steps import (
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    add_account,
    add_plan,
    provider,
    rated,
    without_plans,
    working,
)
from tests.worlds import World

D = Decimal


#: (template, spend of one account, what it costs).
READY = (
    ("aws-business", "85000", "6150.00"),
    ("aws-business", "500", "100.00"),
    ("aws-business", "12000", "1140.00"),
    ("aws-business", "100000", "6900.00"),
    ("aws-business", "300000", "15900.00"),
    ("aws-enterprise", "1200000", "70500.00"),
    ("aws-developer", "500", "29.00"),
    ("aws-developer", "2000", "60.00"),
    ("aws-enterprise-on-ramp", "20000", "5500.00"),
    ("azure-standard", "20000", "100.00"),
    ("google-standard", "500", "29.00"),
    ("google-standard", "2000", "60.00"),
)


def test_templates_that_were_stored_cost_what_is_documented(flask_app: Any, world: World) -> None:
    with working(flask_app, world):
        with system_scope("test"):  # Google is not granted to this reseller
            db.session.add(ResellerProvider(reseller_id=world.north.id, provider=provider("google")))
            db.session.flush()
        for one in READY_MADE:
            add_plan(one.name, one.provider, template=one.key)
        db.session.commit()
        db.session.expire_all()
        plans = {one.name: plan_now(one) for one in db.session.scalars(select(ChargePlan))}

    names = {one.key: one.name for one in READY_MADE}
    found = [
        (key, spend, str(calculate(plans[names[key]], spend=D(spend), accounts=1).total))
        for key, spend, _amount in READY
    ]
    assert found == list(READY)


def test_every_template_can_be_stored_and_comes_back_as_it_was() -> None:
    for one in READY_MADE:
        plan = plan_of_values(one.values())

        assert plan_problems(plan) == (), one.key
        assert tuple(read_band(band_text(band)) for band in plan.bands) == plan.bands


def test_a_band_of_a_fixed_amount_is_charged_once_the_base_reaches_into_it(
    flask_app: Any, world: World
) -> None:
    steps = (
        Band(D(0), D(1000), amount=D(50)),
        Band(D(1000), D(5000), percent=D(2)),
        Band(D(5000), None, amount=D(10)),
    )
    with working(flask_app, world):
        plan = plan_now(add_plan("Steps", type=PlanType.TIERED, bands=steps))

    amounts = {
        spend: str(calculate(plan, spend=D(spend), accounts=1).total)
        for spend in ("0", "1000", "5000", "5000.01")
    }
    assert amounts == {"0": "50.00", "1000": "50.00", "5000": "130.00", "5000.01": "140.00"}


def test_the_narrowest_level_replaces_the_wider_ones(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        one, two = add_account(customer, 1), add_account(customer, 2)
        for percent in ("10", "7", "3"):
            add_plan(f"Plan {percent}", percent=D(percent))
        plans = {one.name: one.id for one in db.session.query(ChargePlan)}
        assign_plan(None, plans["Plan 10"])
        assign_plan(customer, plans["Plan 7"])
        assign_plan(customer, plans["Plan 3"], to=Target(Level.ACCOUNT, account_ids=(two.id,)))

        lines = [
            one for one in rated(customer, {one: "1000", two: "1000"}).lines if one.kind is LineKind.CHARGE
        ]

    assert [str(one.amount) for one in lines] == ["70.00", "30.00"]


def test_a_group_shares_one_fee_over_its_sum(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        accounts = [add_account(customer, number) for number in (1, 2, 3)]
        group = add_group(
            customer, provider(), name="Production", account_ids=[one.id for one in accounts[:2]]
        )
        business = add_plan("Business", template="aws-business", scope=PlanScope.SUM)
        assign_plan(customer, business.id, to=Target(Level.GROUP, group_id=group.id))

        found = rated(customer, dict(zip(accounts, ("9000", "3000", "500"), strict=True)))

    assert [str(one.amount) for one in found.lines if one.kind is LineKind.CHARGE] == ["855.00", "285.00"]


def test_percent_plans_see_usage_and_fixed_charges_where_they_say_so(flask_app: Any, world: World) -> None:
    book = ProviderTerms("aws", book=Book(1, D(10), ()))
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = add_account(customer, 1)
        fixed = add_plan("Ten", type="fixed", amount=D(10))
        tenth = add_plan("A tenth", percent=D(10), base="customer_cost")
        for plan in (fixed, tenth):
            assign_plan(customer, plan.id)
        plain = rated(customer, {account: "100"}, terms=(book,))
        terms = {name: getattr(tenth, name) for name in tenth.__terms__}
        values = terms | {"name": tenth.name, "includes_fixed": True}
        change_plan(tenth, provider_id=tenth.provider_id, values=values)
        with_fixed = rated(customer, {account: "100"}, terms=(book,))

    assert str(plain.total) == "131.00"
    assert str(with_fixed.total) == "132.00"


def test_pro_rated_amounts_count_by_days(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = add_account(customer, 1)
        begins = {"is_prorated": True, "valid_from": datetime.date(2026, 10, 22)}
        managed = add_plan("Managed", type="fixed", amount=D(310), **begins)
        least = add_plan("Least", percent=D(1), minimum=D(100), **begins)
        for plan in (managed, least):
            assign_plan(customer, plan.id)

        found = rated(customer, {account: "0"}, OCTOBER)

    assert [str(one.amount) for one in found.lines if one.kind is LineKind.CHARGE] == ["100.00", "32.26"]


def test_a_new_price_table_counts_from_its_month(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = add_account(customer, 1)
        plan = add_plan("Business", template="aws-business")
        assign_plan(customer, plan.id)
        new = (Band(D(0), None, percent=D(9)),)
        terms = {name: getattr(plan, name) for name in plan.__terms__}
        change_plan(
            plan,
            provider_id=plan.provider_id,
            values=terms | {"name": plan.name, "is_support_plan": True, "bands": new},
            from_month=DECEMBER,
        )

        fees = [
            str(rated(customer, {account: "12000"}, month).charges_amount) for month in (NOVEMBER, DECEMBER)
        ]

        assert fees == ["1140.00", "1080.00"]
        assert plans_in([plan], NOVEMBER)[plan.id].bands[0].percent == 10


def test_the_whole_statement_once(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        without_plans(customer)
        account = add_account(customer, 1)
        plan = add_plan("AWS Business", template="aws-business")
        assign_plan(customer, plan.id)
        storage = UsageLine(
            provider="aws",
            account=account.account_id,
            service="S3",
            quantity=D(1),
            currency="USD",
            list_cost=D(200),
            effective_cost=D(200),
            billed_cost=D(200),
        )
        book = Book(1, D(0), (PriceRule(1, 1, RuleKind.PERCENT, D(-10), service="EC2"),))
        usage = rated(customer, {account: "1000"})
        lines = (*(row.line for row in usage.rows), storage)

        found = rated(
            customer,
            {account: "1000"},
            lines=lines,
            terms=(ProviderTerms("aws", book=book),),
            adjustment_percent=D(5),
            tax_rates=(TaxRate(1, "VAT", D(20)),),
            is_taxable=True,
        )

    assert str(found.charges_amount) == "120.00"
    assert str(found.total) == "1537.20"
