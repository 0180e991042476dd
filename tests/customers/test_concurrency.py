"""Two people at once, with real threads: on PostgreSQL, and on SQLite where writers queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.customers.models import Customer
from app.extensions import db
from app.tenancy.scope import system_scope
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

    answers = at_once(
        [
            lambda client=client, n=n: client.post(url, {**form, "phone": f"phone {n}"}).status_code
            for n, client in enumerate(people)
        ]
    )

    assert sorted(answers) == [302, 409, 409]
    winner = answers.index(302)
    assert count(flask_app, Customer.phone == f"phone {winner}") == 1
