"""Linking cloud accounts: the id's form per provider, one customer at most, found by search."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import normal_account_id
from app.errors import Invalid
from app.extensions import db
from app.providers.models import Provider
from app.tenancy.scope import system_scope
from tests.worlds import World


def accounts(app: Any, account_id: str) -> list[Any]:
    with app.app_context(), system_scope("test"):
        return list(db.session.scalars(select(CloudAccount).where(CloudAccount.account_id == account_id)))


def url_of(world: World, rest: str = "") -> str:
    return f"/customers/{world.north.customer.id}/accounts/{rest}"


@pytest.mark.parametrize(
    ("code", "text", "stored"),
    [
        ("aws", "1234 5678 9012", "123456789012"),
        ("aws", "1234-5678-9012", "123456789012"),
        ("aws", "12345678901", None),
        ("aws", "١٢٣٤٥٦٧٨٩٠١٢", None),
        ("azure", "1F2E3D4C-5b6a-4788-90a1-b2c3d4e5f601", "1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601"),
        ("azure", "1f2e3d4c5b6a478890a1b2c3d4e5f601", None),
        ("google", "brightmoor-prod", "brightmoor-prod"),
        ("google", "Bright", None),
        ("google", "-bright", None),
    ],
)
def test_ids_are_checked_per_provider(code: str, text: str, stored: str | None, flask_app: Any) -> None:
    with flask_app.test_request_context(), system_scope("test"):
        provider = db.session.scalars(select(Provider).where(Provider.code == code)).one()
        if stored is None:
            with pytest.raises(Invalid, match="in the form"):
                normal_account_id(provider, text)
        else:
            assert normal_account_id(provider, text) == stored


def test_an_account_is_linked_renamed_archived_and_found(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.sales)

    linked = client.post(
        url_of(world, "add/"),
        {
            "provider_id": "1",
            "account_id": "1234 5678 9012",
            "name": "north prod",
            "support_type": "Business",
        },
    )
    (account,) = accounts(flask_app, "123456789012")
    form = {"version": "1", "support_type": "", "counts_from": "always"}
    renamed = client.post(url_of(world, f"{account.id}/"), {**form, "name": "blue lagoon"})
    stale = client.post(url_of(world, f"{account.id}/"), {**form, "name": "late"})

    assert (linked.status_code, renamed.status_code, stale.status_code) == (302, 302, 409)
    assert account.customer_id == world.north.customer.id
    assert world.north.customer.name in client.get("/customers/list/?q=56789012").text
    assert world.north.customer.name in client.get("/customers/list/?q=lagoon").text
    assert client.post(url_of(world, f"{account.id}/archive/")).status_code == 302
    assert accounts(flask_app, "123456789012")[0].status == "archived"
    assert client.post(url_of(world, f"{account.id}/archive/")).status_code == 409
    assert client.post(url_of(world, f"{account.id}/restore/")).status_code == 302
    assert client.post(url_of(world, f"{account.id}/restore/")).status_code == 409


def test_accounts_of_an_archived_customer_are_read_only(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    account = world.north.account
    url = url_of(world, f"{account.id}/")
    client.post(f"/customers/{world.north.customer.id}/archive/")

    renamed = client.post(url, {"name": "late", "version": "1", "counts_from": "always"})

    assert (renamed.status_code, client.post(f"{url}archive/").status_code) == (409, 409)
    assert "is archived" in renamed.text
    assert 'type="submit">Save account' not in client.get(url).text
    assert f"{url}archive/" not in client.get(url_of(world, "")).text
    with flask_app.app_context(), system_scope("test"):
        kept = db.session.get(CloudAccount, account.id)
        assert (kept.name, kept.status) != ("late", "archived")


def test_an_account_belongs_to_one_customer(flask_app: Any, world: World, client_for: Any) -> None:
    taken = f"{world.north.id:06d}{world.north.other_customer.id:06d}"

    answer = client_for(world.north.ops).post(
        url_of(world, "add/"), {"provider_id": "1", "account_id": taken}
    )

    assert answer.status_code == 422
    assert f"linked to {world.north.other_customer.name} already" in answer.text
    assert len(accounts(flask_app, taken)) == 1


def test_two_resellers_may_know_the_same_account(flask_app: Any, world: World, client_for: Any) -> None:
    taken = f"{world.south.id:06d}{world.south.customer.id:06d}"

    answer = client_for(world.north.ops).post(
        url_of(world, "add/"), {"provider_id": "1", "account_id": taken}
    )

    assert answer.status_code == 302
    assert len(accounts(flask_app, taken)) == 2


def test_a_provider_must_be_authorised_first(world: World, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(
        url_of(world, "add/"), {"provider_id": "2", "account_id": "1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601"}
    )

    assert answer.status_code == 422


def test_accounts_of_others_do_not_exist_here(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)

    for stranger in (world.south.account, world.north.other_account):
        assert client.get(url_of(world, f"{stranger.id}/")).status_code == 404
        assert client.post(url_of(world, f"{stranger.id}/archive/")).status_code == 404
    assert client.get(url_of(world, f"{world.north.account.id}/")).status_code == 200
