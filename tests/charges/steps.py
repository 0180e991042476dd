"""What tests of plans, assignments and groups begin with."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.charges.models import ChargeAssignment, ChargePlan
from app.charges.overview import charge_inputs
from app.charges.ready_made import ready_made
from app.charges.services import create_plan
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.extensions import db
from app.providers.models import Provider
from app.rating.statement import RatedStatement, StatementInput, rate_statement
from app.rating.usage import UsageLine
from app.tenancy.scope import reseller_scope
from tests.worlds import World

OCTOBER, NOVEMBER, DECEMBER = (datetime.date(2026, month, 1) for month in (10, 11, 12))
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


@contextmanager
def working(app: Any, world: World) -> Iterator[Customer]:
    """The northern reseller at work, with its first customer; all of it is kept."""
    with app.test_request_context(), reseller_scope(world.north.id):
        customer = db.session.get(Customer, world.north.customer.id)
        assert customer is not None
        yield customer
        db.session.commit()


def without_plans(customer: Customer) -> None:
    for row in db.session.scalars(
        select(ChargeAssignment).where(ChargeAssignment.customer_id == customer.id)
    ):
        db.session.delete(row)
    db.session.flush()


def provider(code: str = "aws") -> Provider:
    return db.session.scalars(select(Provider).where(Provider.code == code)).one()


def add_plan(name: str, code: str = "aws", **values: Any) -> ChargePlan:
    """Store a plan through its service; the key of a template may stand for the terms."""
    template = ready_made(values.pop("template", ""))
    full = {"currency": "USD", **(template.values() if template else {}), **values, "name": name}
    return create_plan(provider_id=provider(code).id, values=full)


def add_account(customer: Customer, number: int, code: str = "aws") -> CloudAccount:
    account = CloudAccount(
        customer_id=customer.id,
        provider=provider(code),
        account_id=f"{number:012d}",
        name=f"work {number}",
        created_at=NOW,
    )
    db.session.add(account)
    db.session.flush()
    return account


def rated(
    customer: Customer, spends: dict[CloudAccount, str], month: datetime.date = NOVEMBER, **given: Any
) -> RatedStatement:
    """The statement of a month in which accounts spend this at list price, with what is stored of charges."""
    inputs = charge_inputs(customer, list(spends), month)
    lines = tuple(
        UsageLine(
            provider=account.provider.code,
            account=account.account_id,
            service="EC2",
            quantity=Decimal(1),
            currency="USD",
            list_cost=Decimal(spend),
            effective_cost=Decimal(spend),
            billed_cost=Decimal(spend),
        )
        for account, spend in spends.items()
    )
    values: dict[str, Any] = {
        "month": month,
        "currency": "USD",
        "accounts": inputs.accounts,
        "assignments": inputs.assignments,
        "lines": lines,
    }
    return rate_statement(StatementInput(**(values | given)))
