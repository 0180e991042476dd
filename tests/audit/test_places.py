"""Where entries of the change log lead, and that they lead nowhere once the record is gone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.customers.models import Customer
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.tenancy.scope import reseller_scope
from tests.worlds import World

CUSTOMER = {"contact_name": "A B", "email": "a@b.example", "country": "DE", "language": "en"}


def links(client: Any, page: str) -> set[str]:
    answer = client.get(page)
    assert answer.status_code == 200
    return set(re.findall(r'href="([^"]+)"', answer.text))


def add_customer(client: Any, name: str) -> int:
    location = client.post("/customers/add", CUSTOMER | {"organization": name}).location
    return int(re.findall(r"\d+", location)[-1])


@pytest.mark.parametrize("page", ["/audit/list/", "/home/"])
def test_entries_of_a_deleted_customer_lead_nowhere(page: str, world: World, client_for: Any) -> None:
    client = client_for(world.north.owner)
    gone, stays = (add_customer(client, name) for name in ("Mistake GmbH", "Keeper GmbH"))
    for one in (gone, stays):
        client.post(
            f"/customers/{one}/providers/aws/",
            {
                "is_authorised": "y",
                "all_services": "all",
                "currency": "EUR",
                "counts_from": "always",
                "version": "0",
            },
        )
    before = links(client, page)

    client.post(f"/customers/{gone}/delete/")
    after = links(client, page)

    assert {f"/customers/{one}/" for one in (gone, stays)} <= before
    assert "Mistake GmbH" in client.get(page).text, "what happened stays on record"
    assert not {link for link in after if link.startswith(f"/customers/{gone}/")}
    assert {f"/customers/{stays}/", f"/customers/{stays}/providers/"} <= after


def test_entries_of_another_deleted_record_lead_nowhere(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.owner)
    with flask_app.app_context(), reseller_scope(world.north.id):
        aws = db.session.get(Pricebook, world.north.pricebook.id).provider_id
    for name in ("Mistake", "Keeper"):
        form = {"provider_id": str(aws), "name": name, "adjustment_percent": "1"}
        client.post("/pricebooks/add", {**form, "currency": "EUR", "match_mode": "most_specific"})
    with flask_app.app_context(), reseller_scope(world.north.id):
        keys = {one.name: one.id for one in db.session.scalars(select(Pricebook))}

    client.post(f"/pricebooks/delete/{keys['Mistake']}")
    after = links(client, "/audit/list/")

    assert f"/pricebooks/{keys['Mistake']}/" not in after
    assert f"/pricebooks/{keys['Keeper']}/" in after


def test_one_statement_asks_for_all_entries(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.owner)
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def count() -> int:
        client.get("/audit/list/?per_page=200")
        seen.clear()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            client.get("/audit/list/?per_page=200")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)

    few = count()
    with flask_app.app_context(), reseller_scope(world.north.id):
        for number in range(20):
            for customer in db.session.scalars(select(Customer)):
                customer.phone = str(number)
            db.session.commit()

    assert count() == few
