"""Budgets: what is used of them, and one mail for each threshold and period."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from app.customers.models import Customer
from app.errors import Invalid
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.notifications.models import OutgoingMail
from app.reports import budgets
from app.reports.models import Budget, BudgetCrossing, BudgetPeriod
from app.usage.models import UsageImport, UsagePart
from app.usage.signals import usage_imported
from tests.statements.world import NOW, OCTOBER, account_of, deliver, usage, working
from tests.worlds import World

DAY = datetime.date
VALUES: dict[str, Any] = {
    "name": "Production", "amount": Decimal(100), "currency": "EUR", "base": "seller", "period": "monthly",
    "thresholds_text": "80 %, 90", "recipients_text": "desk@north.example",
}  # fmt: skip


def budget(**given: Any) -> Budget:
    return budgets.create_budget(VALUES | given, today=DAY(2026, 10, 5))


def mails() -> list[OutgoingMail]:
    query = db.select(OutgoingMail).where(OutgoingMail.event == "budget_exceeded")
    return list(db.session.scalars(query.order_by(OutgoingMail.id)))


def test_each_threshold_is_mailed_once_in_each_period(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        budget(customer=customer.account_number)

        deliver([usage(account, "EC2", "125")])  # costs 75
        assert budgets.check_budgets([OCTOBER], now=NOW) == []
        deliver([usage(account, "EC2", "145")])  # costs 87
        assert [one.threshold for one in budgets.check_budgets([OCTOBER], now=NOW)] == ["80%"]
        deliver([usage(account, "EC2", "200")])  # costs 120
        assert [one.threshold for one in budgets.check_budgets([OCTOBER], now=NOW)] == ["90"]
        assert budgets.check_budgets([OCTOBER], now=NOW) == []

        [first, second] = mails()
        assert (first.recipient, second.recipient) == ("desk@north.example", "desk@north.example")
        assert "EUR 80.00" in first.text
        assert "EUR 87.00" in first.text
        assert customer.organization in first.text


def test_who_raises_a_budget_is_told_anew_and_who_renames_it_is_not(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        one = budget(thresholds_text="80 %")
        deliver([usage(account_of(customer).account_id, "EC2", "150")])  # costs 90

        def told(**given: Any) -> int:
            budgets.change_budget(one, VALUES | {"thresholds_text": "80 %"} | given)
            return len(budgets.check_budgets([OCTOBER], now=NOW))

        assert told() == 1
        assert told(name="Renamed", amount=Decimal(110)) == 0
        assert told(amount=Decimal(1000)) == 0
        assert told(amount=Decimal(100)) == 1
        assert told(base="customer") == 1


def test_a_budget_counts_its_own_provider_customer_and_account_only(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        deliver([usage(account_of(customer).account_id, "EC2", "100")])
        other = db.session.get_one(Customer, world.north.other_customer.id)
        whole = budget(name="All")
        own = budget(name="Own", customer=customer.account_number, base="customer")
        others = budget(name="Others", customer=other.account_number)
        account = budget(name="Account", account="000000000000")

        found = {
            one.budget.name: one
            for one in budgets.spent_now([whole, own, others, account], DAY(2026, 10, 20))
        }

        assert (found["All"].amount, found["All"].percent) == (60, 60)
        assert found["Own"].amount > 60
        assert (found["Others"].amount, found["Account"].amount) == (0, 0)


def test_periods_are_weeks_months_quarters_years_and_days_of_the_own() -> None:
    day = DAY(2026, 11, 25)
    spans = {
        BudgetPeriod.WEEKLY: (DAY(2026, 11, 23), DAY(2026, 11, 29)),
        BudgetPeriod.MONTHLY: (DAY(2026, 11, 1), DAY(2026, 11, 30)),
        BudgetPeriod.QUARTERLY: (DAY(2026, 10, 1), DAY(2026, 12, 31)),
        BudgetPeriod.ANNUAL: (DAY(2026, 1, 1), DAY(2026, 12, 31)),
        BudgetPeriod.CUSTOM: (DAY(2026, 11, 3), DAY(2027, 1, 4)),
    }
    for period, (first, last) in spans.items():
        one = Budget(period=period, first_on=DAY(2026, 11, 3), last_on=DAY(2027, 1, 4))
        assert budgets.span_on(one, day) == budgets.Span(first, last)


def test_a_period_that_was_over_when_the_budget_was_made_is_not_told(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        deliver([usage(account_of(customer).account_id, "EC2", "1000")])
        budgets.create_budget(VALUES, today=DAY(2026, 11, 1))

        assert budgets.check_budgets([OCTOBER], now=NOW) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"thresholds_text": ""}, "thresholds_text"),
        ({"thresholds_text": "eighty"}, "thresholds_text"),
        ({"thresholds_text": "0 %"}, "thresholds_text"),
        ({"recipients_text": "nobody"}, "recipients_text"),
        ({"amount": Decimal(0)}, "amount"),
        ({"customer": "C-999999"}, "customer"),
        ({"period": "custom", "first_on": DAY(2026, 10, 2), "last_on": DAY(2026, 10, 1)}, "last_on"),
    ],
)
def test_what_is_no_budget_is_refused_beside_its_field(
    flask_app: Any, world: World, given: dict[str, Any], field: str
) -> None:
    with working(flask_app, world, kept=False):
        with pytest.raises(Invalid) as refusal:
            budget(**given)
        assert refusal.value.field == field


def test_an_import_is_followed_by_one_look_that_tells_of_a_customers_spend_threshold(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world) as customer:
        customer.spend_threshold_amount, customer.spend_threshold_currency = Decimal(50), "EUR"
        part: UsagePart = deliver([usage(account_of(customer).account_id, "EC2", "100")])
        brought = db.session.get_one(UsageImport, part.import_id)
        usage_imported.send(brought, reseller_id=brought.reseller_id, months=[OCTOBER])
        usage_imported.send(brought, reseller_id=brought.reseller_id, months=[OCTOBER])
    with working(flask_app, world, kept=False):
        jobs = list(db.session.scalars(db.select(Job.id).where(Job.kind == "budgets")))
    with flask_app.app_context():
        for one in jobs:
            work.run(one)

    with working(flask_app, world, kept=False) as customer:
        [crossing] = db.session.scalars(db.select(BudgetCrossing))
        assert (crossing.customer_id, crossing.first_on) == (customer.id, OCTOBER)
        [mail] = mails()
        assert "EUR 50.00" in mail.text
        assert f"/customers/{customer.id}/" in mail.text


def test_without_anything_to_watch_no_job_is_started(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        for one in db.session.scalars(db.select(Customer)):
            one.spend_threshold_amount = None
        part = deliver([usage(account_of(customer).account_id, "EC2", "100")])
        brought = db.session.get_one(UsageImport, part.import_id)

        usage_imported.send(brought, reseller_id=brought.reseller_id, months=[OCTOBER])

        assert not list(db.session.scalars(db.select(Job).where(Job.kind == "budgets")))
