"""Two statements at once never use more of a credit than there is: with real threads, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from app.credits import queries, services
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import use_scope
from tests.customers.test_concurrency import race, reseller_of
from tests.worlds import World

MONTH = date(2026, 11, 1)


def test_statements_issued_at_once_share_what_is_left(flask_app: Any, world: World) -> None:
    def customer() -> Customer:
        found: Customer = db.session.get(Customer, world.north.customer.id)
        return found

    values = {"amount": Decimal(100), "currency": "EUR", "comment": "", "first_month": None}
    with flask_app.test_request_context(), use_scope(reseller_of(world)), unit_of_work(db.session):
        credit_id = services.grant_credit(customer(), values, now=utc_now()).id

    def issue(number: int) -> Callable[[Callable[[], None]], str]:
        def call(meet: Callable[[], None]) -> str:
            services.preview(customer(), Decimal(60), "EUR", MONTH)  # everybody sees the whole credit
            meet()
            plan = services.use_credits_on(
                customer(),
                statement=f"S-{number}",
                due=Decimal(60),
                currency="EUR",
                month=MONTH,
                now=utc_now(),
            )
            return str(sum(one.amount for one in plan.uses))

        return call

    def take_back(meet: Callable[[], None]) -> str:
        meet()
        services.reverse_credit(customer(), credit_id, Decimal(50), "wrong", now=utc_now())
        return "50"

    answers = race(flask_app, reseller_of(world), [issue(1), issue(2), issue(3), take_back])

    taken = sum(Decimal(one) for one in answers if one not in ("Invalid", "WrongState"))
    assert taken == 100, answers
    with flask_app.test_request_context(), use_scope(reseller_of(world)):
        assert queries.open_credits(world.north.customer.id) == []
