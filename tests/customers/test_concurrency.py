"""Two people at once, with real threads: on PostgreSQL, and on SQLite where writers queue."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.charges.assignments import assign_plan
from app.charges.models import ChargeAssignment, ChargePlan, GlobalAdjustment, PlanKind, PlanType
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.services import archive_account, link_account
from app.customers import lifecycle
from app.customers.models import Customer
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.security import accounts
from app.security.models import User
from app.tenancy.scope import Scope, ScopeKind, system_scope, use_scope
from tests.customers.steps import provider_form
from tests.worlds import World


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads that start together; return their results in order."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        results[index] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(app: Any, *conditions: Any) -> int:
    with app.app_context(), system_scope("test"):
        return db.session.scalar(select(func.count(Customer.id)).where(*conditions)) or 0


def test_the_same_organization_created_at_once_exists_once(
    flask_app: Any, world: World, client_for: Any
) -> None:
    form = {"contact_name": "A", "email": "a@b.example", "country": "DE", "language": "en"}
    spellings = ["Müller Söhne", "MÜLLER SÖHNE", "muller sohne", "Müller  Söhne"]
    clients = [client_for(world.north.ops) for _ in spellings]

    answers = at_once(
        [
            lambda client=client, name=name: (
                client.post("/customers/add", {**form, "organization": name}).status_code
            )
            for client, name in zip(clients, spellings, strict=True)
        ]
    )

    assert sorted(answers) == [302, 422, 422, 422]
    assert count(flask_app, Customer.organization_key == "muller sohne") == 1


def test_an_account_brought_back_by_two_at_once_was_away_once(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), use_scope(Scope(ScopeKind.RESELLER, world.north.id)):
        account = db.session.scalars(
            select(CloudAccount).where(CloudAccount.customer_id == world.north.customer.id)
        ).first()
        assert account is not None
        archive_account(account, today=datetime.date(2026, 9, 3))
        number = account.id
        db.session.commit()
    url = f"/customers/{world.north.customer.id}/accounts/{number}/restore/"
    clients = [client_for(world.north.ops), client_for(world.north.owner)]

    answers = at_once([lambda client=client: client.post(url).status_code for client in clients])

    with flask_app.app_context(), system_scope("test"):
        spans = db.session.scalars(select(CloudAccount.archived_spans).where(CloudAccount.id == number)).one()
    assert sorted(answers) == [302, 409]
    assert [first for first, _last in spans] == ["2026-09-03"]


def test_different_customers_created_at_once_get_different_numbers(
    flask_app: Any, world: World, client_for: Any
) -> None:
    form = {"contact_name": "A", "email": "a@b.example", "country": "DE", "language": "en"}
    clients = [client_for(world.north.ops) for _ in range(6)]

    answers = at_once(
        [
            lambda client=client, n=n: (
                client.post("/customers/add", {**form, "organization": f"New {n}"}).status_code
            )
            for n, client in enumerate(clients)
        ]
    )

    assert answers == [302] * 6
    with flask_app.app_context(), system_scope("test"):
        numbers = db.session.scalars(select(Customer.number).where(Customer.organization.like("New %"))).all()
    assert sorted(numbers) == list(range(1003, 1009))


def test_of_two_who_save_at_once_one_is_told(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), system_scope("test"):
        version = str(db.session.get(Customer, world.north.customer.id).version)
    form = {
        "organization": world.north.customer.name,
        "contact_name": "A",
        "email": "a@b.example",
        "country": "DE",
        "language": "en",
        "version": version,
    }
    url = f"/customers/{world.north.customer.id}/"
    people = [client_for(world.north.ops), client_for(world.north.owner), client_for(world.north.sales)]
    times = [client.opened(url, "opened_at") for client in people]

    answers = at_once(
        [
            lambda client=client, n=n: client.post(
                url, {**form, "phone": f"phone {n}", "opened_at": times[n]}
            )
            for n, client in enumerate(people)
        ]
    )

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [302, 409, 409]
    winner = statuses.index(302)
    name = (world.north.ops, world.north.owner, world.north.sales)[winner].name
    for answer in answers:
        assert answer.status_code == 302 or f"{name} saved this record" in answer.text
        assert answer.status_code == 302 or f">phone {winner}</td>" in answer.text
    assert count(flask_app, Customer.phone == f"phone {winner}") == 1


@pytest.mark.parametrize(
    ("section", "form"),
    [
        ("providers/azure", provider_form()),
        ("charges", {"what": "adjust", "percent": "5", "counts_from": "always", "version": "0"}),
    ],
)
def test_of_two_who_decide_first_at_once_one_is_told(
    section: str, form: dict[str, Any], flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.test_request_context(), use_scope(reseller_of(world)), unit_of_work(db.session):
        for one in db.session.scalars(select(GlobalAdjustment)):
            db.session.delete(one)
    url = f"/customers/{world.north.customer.id}/{section}/"
    people = [client_for(world.north.ops), client_for(world.north.owner), client_for(world.north.sales)]
    times = [client.opened(url, "opened_at") for client in people]

    answers = at_once(
        [
            lambda client=client, n=n: client.post(url, {**form, "opened_at": times[n]})
            for n, client in enumerate(people)
        ]
    )

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [302, 409, 409]
    name = (world.north.ops, world.north.owner, world.north.sales)[statuses.index(302)].name
    for answer in answers:
        assert answer.status_code == 302 or f"{name} saved this record" in answer.text


def race(app: Any, scope: Scope, calls: list[Callable[[Callable[[], None]], str]]) -> list[Any]:
    """Run each call in a unit of work of its own. What a call is given waits a moment for the others to be there too.

    On SQLite they cannot be: the second waits for the first one's commit.
    """
    meeting = threading.Barrier(len(calls))

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.5)

    def work(call: Callable[[Callable[[], None]], str]) -> str:
        with app.test_request_context(), use_scope(scope):
            try:
                with unit_of_work(db.session):
                    return call(meet)
            except (Invalid, WrongState) as refusal:
                return type(refusal).__name__

    return at_once([lambda call=call: work(call) for call in calls])


def reseller_of(world: World) -> Scope:
    return Scope(ScopeKind.RESELLER, world.north.id)


def test_an_invitation_that_two_take_up_at_once_is_used_once(flask_app: Any, world: World) -> None:
    everything = Scope(ScopeKind.SYSTEM)
    with flask_app.test_request_context(), use_scope(everything), unit_of_work(db.session):
        user = db.session.get(User, world.north.sales.id)
        user.password = None
        token = accounts.invite(user, now=utc_now())

    def accept(password: str) -> Callable[[Callable[[], None]], str]:
        def call(meet: Callable[[], None]) -> str:
            accounts.invited_user(token, now=utc_now())  # the page looks before it takes the form
            meet()
            accounts.accept_invitation(token, password=password, now=utc_now())
            return password

        return call

    answers = race(
        flask_app, everything, [accept("rivers bend to the sea"), accept("stones lie in the field")]
    )

    assert answers.count("WrongState") == 1


@pytest.mark.parametrize("whose", ["the customer's", "all customers'"])
def test_two_default_support_plans_assigned_at_once_leave_one(
    whose: str, flask_app: Any, world: World
) -> None:
    with flask_app.test_request_context(), use_scope(reseller_of(world)), unit_of_work(db.session):
        for one in db.session.scalars(select(ChargeAssignment)):
            db.session.delete(one)
        second = ChargePlan(
            name="Second",
            provider=db.session.scalars(select(Provider).where(Provider.code == "aws")).one(),
            kind=PlanKind.CHARGE,
            type=PlanType.PERCENT,
            percent=Decimal(5),
            currency="EUR",
            is_support_plan=True,
        )
        db.session.add(second)
        db.session.flush()
        plans = [world.north.plan.id, second.id]

    def assign(plan_id: int) -> Callable[[Callable[[], None]], str]:
        def call(meet: Callable[[], None]) -> str:
            customer = db.session.get(Customer, world.north.customer.id)
            assign_plan(customer if whose == "the customer's" else None, plan_id)
            meet()
            return "assigned"

        return call

    assert sorted(race(flask_app, reseller_of(world), [assign(one) for one in plans])) == [
        "Invalid",
        "assigned",
    ]


def test_two_accounts_linked_at_once_are_both_found(flask_app: Any, world: World) -> None:
    def link(account_id: str) -> Callable[[Callable[[], None]], str]:
        def call(meet: Callable[[], None]) -> str:
            customer = db.session.get(Customer, world.north.customer.id)
            provider = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
            link_account(customer, provider, account_id=account_id, name="", support_type="", now=utc_now())
            meet()
            return "linked"

        return call

    answers = race(flask_app, reseller_of(world), [link("111122223333"), link("444455556666")])

    assert answers == ["linked", "linked"]
    for account_id in ("111122223333", "444455556666"):
        assert count(flask_app, Customer.search_accounts.contains(account_id)) == 1


def test_an_account_linked_while_its_customer_is_deleted_keeps_the_customer(
    flask_app: Any, world: World
) -> None:
    with flask_app.test_request_context(), use_scope(reseller_of(world)), unit_of_work(db.session):
        for model in (AccountPeriod, CloudAccount):
            for one in db.session.scalars(select(model)):
                db.session.delete(one)
            db.session.flush()
    linked, nobody = threading.Event(), threading.Barrier(2)

    def link(_meet: Callable[[], None]) -> str:
        customer = db.session.get(Customer, world.north.customer.id)
        provider = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
        link_account(customer, provider, account_id="111122223333", name="", support_type="", now=utc_now())
        linked.set()
        with suppress(threading.BrokenBarrierError):
            nobody.wait(timeout=0.5)  # the other one cannot go on before this is saved
        return "linked"

    def delete(_meet: Callable[[], None]) -> str:
        lifecycle.delete_customer(db.session.get(Customer, world.north.customer.id))
        return "deleted"

    def run(call: Callable[[Callable[[], None]], str]) -> Any:
        return race(flask_app, reseller_of(world), [call])[0]

    answers = at_once([lambda: run(link), lambda: linked.wait(timeout=10) and run(delete)])

    assert answers == ["linked", "WrongState"]
    assert count(flask_app, Customer.search_accounts.contains("111122223333")) == 1
