"""A fresh invitation link is shown once, on its own page, whatever other pages are opened before."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.shell import fresh_links

LINK = re.compile(r"http://localhost/invitation/[\w-]+/")


def shown(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return sorted(set(LINK.findall(answer.text)))


def test_a_console_users_link_survives_the_pages_of_customers(world: Any, client_for: Any) -> None:
    client = client_for(world.north.owner)
    person = {"name": "New Person", "email": "np@x.example", "role": "Reseller Ops", "access": "invite"}
    own_page = client.post("/settings/users/add", person).location

    assert shown(client.get(f"/customers/{world.north.customer.id}/users/")) == []
    assert len(shown(client.get(own_page))) == 1
    assert shown(client.get(own_page)) == []


def test_a_customer_users_link_survives_the_pages_of_others(world: Any, client_for: Any) -> None:
    client = client_for(world.north.owner)
    users = f"/customers/{world.north.customer.id}/users/"
    client.post(f"{users}{world.north.customer_user.id}/invite/")

    assert shown(client.get(f"/customers/{world.north.other_customer.id}/users/")) == []
    assert shown(client.get(f"/settings/users/{world.north.ops.id}/")) == []
    assert len(shown(client.get(users))) == 1
    assert shown(client.get(users)) == []


def test_an_admins_link_survives_a_visit_to_a_reseller(world: Any, client_for: Any) -> None:
    client = client_for(world.admin)
    person = {"name": "Second Admin", "email": "second@x.example", "start": "invitation"}
    own_page = client.post("/platform/users/add", person).location
    client.post(f"/enter/{world.north.id}/", {"reason": "ticket 4711, wrong currency"})

    assert shown(client.get(f"/customers/{world.north.customer.id}/users/")) == []
    client.post("/enter/leave/")
    assert len(shown(client.get(own_page))) == 1


@pytest.fixture
def in_request(flask_app: Any) -> Any:
    with flask_app.test_request_context():
        yield


def test_the_same_id_of_another_kind_is_somebody_else(in_request: Any) -> None:
    fresh_links.keep(fresh_links.CONSOLE_USER, 7, "console")
    fresh_links.keep(fresh_links.CUSTOMER_USER, 7, "customer", name="Ann")

    assert fresh_links.take(fresh_links.PLATFORM, 7) is None
    taken = fresh_links.take(fresh_links.CUSTOMER_USER, 6, 7)
    assert taken == fresh_links.FreshLink(7, "Ann", "http://localhost/invitation/customer/")
    assert fresh_links.take(fresh_links.CUSTOMER_USER, 7) is None
    assert fresh_links.take(fresh_links.CONSOLE_USER, 7) is not None


def test_a_newer_link_takes_the_olders_place_and_the_cookie_stays_small(in_request: Any) -> None:
    for number in range(20):
        fresh_links.keep(fresh_links.CONSOLE_USER, number, f"token{number}")
    fresh_links.keep(fresh_links.CONSOLE_USER, 19, "newest")

    taken = fresh_links.take(fresh_links.CONSOLE_USER, *range(20))
    assert taken is not None
    assert taken.id == 15
    newest = fresh_links.take(fresh_links.CONSOLE_USER, 19)
    assert newest is not None
    assert newest.url.endswith("/newest/")
