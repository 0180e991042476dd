"""A customer with thousands of accounts or users still gets a page of them, in the console and in the portal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.cloud_accounts.models import CloudAccount
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security.accounts import create_user
from app.security.roles import RoleName
from app.tenancy.scope import reseller_scope, system_scope
from tests.conftest import Database
from tests.worlds import EPOCH

MANY = 60


@pytest.fixture
def many(flask_app: Any, world: Any, database: Database) -> None:
    """Sixty more accounts and users of North's customer."""
    with flask_app.app_context():
        database.bring_built("long lists", lambda: build_long_lists(world.north))


def build_long_lists(north: Any) -> None:
    with reseller_scope(north.id), unit_of_work(db.session):
        provider = db.session.get(CloudAccount, north.account.id).provider
        db.session.add_all(
            CloudAccount(
                customer_id=north.customer.id,
                provider=provider,
                account_id=f"{7 * 10**11 + number}",
                name="Ärzte_100%" if number == 30 else f"many {number:02}",
                created_at=EPOCH,
            )
            for number in range(MANY)
        )
    with system_scope("test"), unit_of_work(db.session):
        for number in range(MANY):
            create_user(
                name=f"Person {number:02}",
                email=f"person{number}@many.example",
                role=RoleName.CUSTOMER,
                reseller_id=north.id,
                customer_id=north.customer.id,
            )


def rows_of(client: Any, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200
    return len(re.findall(r"<tr[ >]", answer.text)) - 1  # without the head


@pytest.fixture(params=["accounts", "users", "portal"])
def long_list(request: Any, many: None, world: Any, client_for: Any) -> tuple[Any, str]:
    if request.param == "portal":
        return client_for(world.north.customer_user), "/portal/north/accounts/"
    return client_for(world.north.ops), f"/customers/{world.north.customer.id}/{request.param}/"


def test_a_page_has_no_more_rows_than_asked_for(long_list: tuple[Any, str]) -> None:
    client, url = long_list
    total = rows_of(client, f"{url}?per_page=200")

    assert total > MANY
    assert rows_of(client, url) == 25
    assert rows_of(client, f"{url}?page=1") == 25
    assert rows_of(client, f"{url}?page=2") == total - 50
    assert rows_of(client, f"{url}?page=999") == total - 50
    assert rows_of(client, f"{url}?per_page=50") == 50
    assert f"1–25 of {total}" in client.get(url).text
    assert "?page=1" in client.get(url).text


@pytest.mark.parametrize(
    "arguments", ["page=x", "page=-1", "page=²", "page=9999999", "per_page=7", "per_page=5000"]
)
def test_pages_that_no_link_of_ours_names(long_list: tuple[Any, str], arguments: str) -> None:
    client, url = long_list

    assert client.get(f"{url}?{arguments}").status_code == 400


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("many", MANY - 1),
        ("MANY 07", 1),
        ("700000000012", 1),
        ("7000000000", MANY),
        ("ärzte", 1),
        ("ÄRZTE", 1),
        ("_100%", 1),
        ("%", 1),
        ("nothing like it", 0),
    ],
)
def test_accounts_are_found_by_a_part_of_id_or_name(
    many: None, world: Any, client_for: Any, text: str, found: int
) -> None:
    answer = client_for(world.north.ops).get(
        f"/customers/{world.north.customer.id}/accounts/", query_string={"q": text, "per_page": "200"}
    )

    assert answer.status_code == 200
    assert max(0, len(re.findall(r"<tr[ >]", answer.text)) - 1) == found
    assert ("No account matches" in answer.text) == (found == 0)


def test_the_search_finds_nothing_of_other_customers(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    url = f"/customers/{world.north.other_customer.id}/accounts/?q="
    with client.app.app_context(), reseller_scope(world.north.id):
        number = db.session.get(CloudAccount, world.north.account.id).account_id

    assert "No account matches" in client.get(url + number).text


def test_the_portal_sorts_by_name(many: None, world: Any, client_for: Any) -> None:
    text = client_for(world.north.customer_user).get("/portal/north/accounts/?per_page=200").text

    names = re.findall(r"many \d\d", text)
    assert names == sorted(names)
