"""Two doors: each lets its own people in, and answers all others as if the password were wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.portal import storefront
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.worlds import PASSWORD, World

REFUSAL = "Email or password is not right, or the login is not active."
HOST = "http://portal.north.example"


def enter(client: Any, door: str, person: Any, **more: Any) -> Any:
    return client.post(door, {"username": person.email, "password": PASSWORD}, **more)


@pytest.fixture
def own_host(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), system_scope("the platform gives a portal its host name"):
        db.session.execute(
            update(Reseller).where(Reseller.id == world.north.id).values(portal_host="portal.north.example")
        )
        db.session.commit()


def test_a_customer_comes_in_by_the_own_portal_only(world: World, client_for: Any) -> None:
    person = world.north.customer_user

    assert enter(client_for(), "/portal/north/login/", person).location == "/portal/north/"
    for door in ("/login/", "/portal/south/login/"):
        refused = enter(client_for(), door, person)
        assert (refused.status_code, REFUSAL in refused.text) == (422, True), door
    assert enter(client_for(), "/portal/nobody/login/", person).status_code == 404


@pytest.mark.parametrize("who", ["owner", "ops", "sales", "admin"])
def test_console_people_come_in_by_the_console_only(who: str, world: World, client_for: Any) -> None:
    person = world.admin if who == "admin" else getattr(world.north, who)

    assert enter(client_for(), "/login/", person).status_code == 302
    refused = enter(client_for(), "/portal/north/login/", person)
    assert (refused.status_code, REFUSAL in refused.text) == (422, True)


def test_the_door_leads_to_the_page_that_was_asked_for_and_no_further(world: World, client_for: Any) -> None:
    door = "/portal/north/login/?next="
    person = world.north.customer_user

    assert enter(client_for(), door + "/portal/north/?page=2", person).location == "/portal/north/"
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/portal/north/",
        "/home/",
        "/portal/south/",
        "http://[",
    ):
        assert enter(client_for(), door + elsewhere, person).location == "/portal/north/"


def test_signing_out_leads_back_to_the_own_door(world: World, client_for: Any) -> None:
    client = client_for()
    enter(client, "/portal/north/login/", world.north.customer_user)

    assert client.post("/logout/").location == "/portal/north/login/"
    assert "Existing customers" in client.get("/portal/north/").text, "a visitor like any other"


def test_a_portals_own_host_name_leads_to_that_portal_only(
    world: World, client_for: Any, own_host: None
) -> None:
    browser = client_for().http

    assert browser.get("/", base_url=HOST).location == "/portal/north/"
    assert browser.get("/static/shell/app.css", base_url=HOST, buffered=True).status_code == 200
    for hidden in ("/login/", "/home/", "/portal/south/login/", "/platform/", "/nowhere/"):
        assert browser.get(hidden, base_url=HOST).status_code == 404, hidden
    page = browser.get("/portal/north/login/", base_url=HOST).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    person = world.north.customer_user
    values = {"username": person.email, "password": PASSWORD, "csrf_token": token[1]}
    assert browser.post("/portal/north/login/", base_url=HOST, data=values).location == "/portal/north/"
    assert person.name.partition(" ")[0] in browser.get("/portal/north/", base_url=HOST).text


def test_nothing_at_the_own_host_wears_the_products_face(
    world: World, client_for: Any, own_host: None
) -> None:
    for path in (f"/portal/{world.south.nickname}/", "/portal/nobody/", "/nowhere"):
        answer = client_for().get(path, base_url="http://portal.north.example")

        assert answer.status_code == 404
        assert world.north.name in answer.text
        assert "Cloudtally" not in answer.text


@pytest.mark.parametrize("who", ["south.customer_user", "north.owner"])
def test_a_portals_own_host_name_knows_its_customers_only(
    who: str, world: World, client_for: Any, own_host: None
) -> None:
    """Also on the pages that all logins share: whoever belongs elsewhere is a visitor there."""
    side, _dot, name = who.partition(".")
    stranger = client_for(getattr(getattr(world, side), name))
    with stranger.http.session_transaction() as session:
        signed_in = dict(session)
    at_host = client_for()
    with at_host.http.session_transaction(base_url=HOST) as session:
        session.update(signed_in)

    answer = at_host.get("/profile/", base_url=HOST)

    assert answer.status_code == 302
    door = at_host.get(answer.location, base_url=HOST)
    assert door.location.startswith("/portal/north/login/?next="), "the console's door is not at this host"
    assert stranger.get("/profile/").status_code == 200, "where it belongs the session is good"


def test_a_portals_own_host_name_has_all_pages_of_the_own_login(
    flask_app: Any, world: World, client_for: Any, own_host: None
) -> None:
    """What the portal's pages lead to is there under the host's name too: pages, the own data, logos."""
    browser = client_for()
    with client_for(world.north.customer_user).http.session_transaction() as session:
        signed_in = dict(session)
    with browser.http.session_transaction(base_url=HOST) as session:
        session.update(signed_in)
    pages = [
        "/profile/",
        *(f"/profile/{one}" for one in ("password/", "second-factor/", "sessions/", "sign-ins/")),
    ]

    for page in [*pages, "/profile/data.json"]:
        assert browser.get(page, base_url=HOST).status_code == 200, page
    endpoints = {rule.endpoint for rule in flask_app.url_map.iter_rules()}
    assert endpoints >= storefront._SHARED_ENDPOINTS
    assert {one.partition(".")[0] for one in endpoints} >= storefront._SHARED_VIEWS


def test_a_link_that_has_ended_leads_to_the_door_of_the_host(client_for: Any, own_host: None) -> None:
    page = client_for().get("/invitation/gone/", base_url=HOST)

    assert page.status_code == 404
    assert 'href="/portal/north/login/"' in page.text
    assert 'href="/login/"' not in page.text


def test_a_host_name_of_nobody_is_the_product(world: World, client_for: Any) -> None:
    assert client_for().get("/login/", headers={"Host": "other.example"}).status_code == 200
