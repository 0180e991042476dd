"""Home's "needs attention", the readiness strip and the customer list tell the same of every customer."""

from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.charges.models import ChargeAssignment, ChargePlan, PlanKind, PlanType
from app.cloud_accounts.models import CloudAccount
from app.customers import queries, services
from app.customers.models import Customer, ProviderEnablement
from app.customers.registry import ATTENTION, LIST_COLUMNS, READINESS
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider, ResellerProvider
from app.tenancy.scope import reseller_scope, system_scope
from tests.conftest import Database
from tests.worlds import World

# The same statements on both engines; each combination of them is many.
pytestmark = pytest.mark.stricter

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
#: A reason for attention and the cell of the strip that warns of the same.
CELLS = {"no_provider": "providers", "on_master": "pricebooks", "no_support_plan": "support_plan"}
AWS = ("never set up", "switched off", "on master", "with a book")
AZURE = ("never set up", "on master")
PLANS = ("none", "support", "other", "retired support", "support of azure")
ACCOUNTS = ("none", "of aws")
COMBINATIONS = list(product(AWS, AZURE, PLANS, ACCOUNTS))


@pytest.fixture
def crowd(flask_app: Any, world: World, database: Database) -> dict[int, tuple[str, ...]]:
    """Customers with every combination of the above, by id."""
    with flask_app.app_context():
        database.bring_built("crowd", lambda: _build_crowd(world))
    with flask_app.app_context(), reseller_scope(world.north.id):
        made = db.session.scalars(select(Customer.id).where(Customer.created_at == NOW).order_by(Customer.id))
        return dict(zip(made, COMBINATIONS, strict=True))


def _build_crowd(world: World) -> None:
    with reseller_scope(world.north.id):
        providers = {one.code: one for one in db.session.scalars(select(Provider))}
        book = db.session.get(Pricebook, world.north.pricebook.id)
        plans = {name: _plan(name, providers) for name in PLANS[1:]}
        for number, combination in enumerate(COMBINATIONS):
            aws, azure, plan, account = combination
            customer = services.create_customer(
                {
                    "organization": f"Number {number}",
                    "contact_name": "A B",
                    "email": "a@b.example",
                    "country": "DE",
                },
                now=NOW,
            )
            for code, state in (("aws", aws), ("azure", azure)):
                if state != "never set up":
                    db.session.add(
                        ProviderEnablement(
                            customer_id=customer.id,
                            provider=providers[code],
                            pricebook=book if state == "with a book" else None,
                            is_authorised=state != "switched off",
                            currency="EUR",
                        )
                    )
            if plan != "none":
                db.session.add(
                    ChargeAssignment(customer_id=customer.id, provider=plans[plan].provider, plan=plans[plan])
                )
            if account == "of aws":
                db.session.add(
                    CloudAccount(
                        customer_id=customer.id,
                        provider=providers["aws"],
                        account_id=f"{customer.id:012d}",
                        created_at=NOW,
                    )
                )
        db.session.commit()


def _plan(name: str, providers: dict[str, Provider]) -> ChargePlan:
    plan = ChargePlan(
        name=name,
        provider=providers["azure" if "azure" in name else "aws"],
        kind=PlanKind.CHARGE,
        type=PlanType.PERCENT,
        percent=Decimal(5),
        currency="EUR",
        is_support_plan="support" in name,
        is_retired="retired" in name,
    )
    db.session.add(plan)
    return plan


def grant_aws(app: Any, world: World, how: str) -> None:
    """Put the reseller in the program of AWS, grant it AWS only, or take it away."""
    mine = ResellerProvider.reseller_id == world.north.id
    aws = select(Provider.id).where(Provider.code == "aws").scalar_subquery()
    with app.app_context(), system_scope("test"):
        where = (mine, ResellerProvider.provider_id == aws)
        statement: Any = delete(ResellerProvider).where(*where)
        if how != "withdrawn":
            statement = (
                update(ResellerProvider)
                .where(*where)
                .values(in_solution_provider_program=how == "in the program")
            )
        db.session.execute(statement.execution_options(synchronize_session=False))
        db.session.commit()


@pytest.mark.parametrize("granted", ["in the program", "granted", "withdrawn"])
def test_strip_list_and_home_agree_about_every_customer(
    granted: str, flask_app: Any, world: World, client_for: Any, crowd: dict[int, tuple[str, ...]]
) -> None:
    grant_aws(flask_app, world, granted)

    with flask_app.test_request_context(), reseller_scope(world.north.id):
        listed = {
            key: {one.id for one in queries.all_customers(queries.CustomerFilter(attention=key), limit=1000)}
            for key in [*CELLS, "any"]
        }
        customers = db.session.scalars(select(Customer)).all()
        cells = {
            key: {one.id for one in customers if READINESS[cell][1](one).is_warning}
            for key, cell in CELLS.items()
        }
        column = LIST_COLUMNS["support_plan"].load(customers)
    home = client_for(world.north.ops).get("/home/").text

    assert set(CELLS) == set(ATTENTION)
    assert {key: {crowd.get(one) for one in listed[key] ^ cells[key]} for key in CELLS} == {
        key: set() for key in CELLS
    }
    assert listed["any"] == set().union(*cells.values())
    assert {key for key, cell in column.items() if "None for" in cell} == cells["no_support_plan"]
    for key, found in cells.items():
        sentence = str(ATTENTION[key].sentence(len(found)))
        assert (sentence in home) is bool(found), key
    without = {crowd[one] for one in cells["no_support_plan"]}
    expected = {
        one
        for one in crowd.values()
        if one[0] in ("on master", "with a book")
        and one[2] not in ("support", "retired support")
        and one[3] == "of aws"
    }
    assert without == (expected if granted == "in the program" else set())
