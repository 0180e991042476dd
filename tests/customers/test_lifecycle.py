"""Customers that go: archived, restored, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.customers.models import Customer
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.customers.steps import NEW, one_customer, provider_form, read
from tests.worlds import World


def test_an_archived_customer_is_read_only_until_restored(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client, url = client_for(world.north.sales), f"/customers/{world.north.customer.id}/"

    assert client.post(f"{url}archive/").status_code == 302
    with flask_app.app_context(), system_scope("test"):
        version = str(db.session.get(Customer, world.north.customer.id).version)
    changed = client.post(url, {**NEW, "version": version})
    again = client.post(f"{url}archive/")
    in_list = client.get("/customers/list/").text
    archived = client.get("/customers/list/?status=archived").text
    client.post(f"{url}restore/")

    assert changed.status_code == 409
    assert again.status_code == 409
    assert world.north.customer.name not in in_list
    assert world.north.customer.name in archived
    assert world.north.customer.name in client.get("/customers/list/").text


@pytest.mark.parametrize("path", ["/customers/{}/archive/", "/customers/archive"])
def test_sessions_end_at_archiving_for_good(path: str, world: World, client_for: Any) -> None:
    ops, colleague, other = (
        client_for(one) for one in (world.north.ops, world.north.customer_user, world.north.other_user)
    )
    assert "Good to see you" in colleague.get("/portal/north/").text

    assert (
        ops.post(path.format(world.north.customer.id), {"rowid": [str(world.north.customer.id)]}).status_code
        == 302
    )
    assert ops.post(f"/customers/{world.north.customer.id}/restore/").status_code == 302

    assert "Good to see you" not in colleague.get("/portal/north/").text, "logged out, and to log in anew"
    assert "Good to see you" in other.get("/portal/north/").text, "another customer's people stay"


def test_a_customer_without_history_can_be_deleted_and_one_with_history_cannot(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    client.post("/customers/add", NEW)
    fresh = one_customer(flask_app, NEW["organization"])
    client.post(f"/customers/{fresh.id}/providers/aws/", provider_form())
    client.post(
        f"/customers/{fresh.id}/users/add/",
        {"name": "N", "email": "n@new.example", "password": "three words of mine", "status": "active"},
    )

    offered = "Delete customer" in client.get(f"/customers/{fresh.id}/").text
    not_offered = "Delete customer" in client.get(f"/customers/{world.north.customer.id}/").text
    kept = client.post(f"/customers/{world.north.customer.id}/delete/")
    gone = client.post(f"/customers/{fresh.id}/delete/")

    assert (offered, not_offered) == (True, False)
    assert (kept.status_code, gone.status_code) == (409, 302)
    assert client.get(f"/customers/{fresh.id}/").status_code == 404
    assert not read(flask_app, select(Customer.id).where(Customer.id == fresh.id))
    assert read(
        flask_app,
        select(AuditEntry.id).where(AuditEntry.action == "deleted", AuditEntry.record_type == "customer"),
    )


def test_bulk_archiving_is_all_or_nothing(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)

    foreign = client.post(
        "/customers/archive", {"rowid": [str(world.north.customer.id), str(world.south.customer.id)]}
    )
    untouched = read(
        flask_app, select(func.count()).select_from(Customer).where(Customer.status == "archived")
    )
    own = client.post(
        "/customers/archive", {"rowid": [str(world.north.customer.id), str(world.north.other_customer.id)]}
    )

    assert foreign.status_code == 404
    assert untouched == [(0,)]
    assert own.status_code == 302
