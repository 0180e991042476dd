"""New terms come before anything else: a customer's person reads and accepts them, signs out, or gets no further."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.security.models import User
from app.tenancy.scope import system_scope
from app.terms.models import TermsAcceptance
from tests.portal.steps import change_settings, count, looking, publish
from tests.worlds import World

TERMS = "/portal/north/terms/"


@pytest.fixture
def published(flask_app: Any, world: World) -> None:
    publish(flask_app, world.north)


def accept(client: Any, url: str = TERMS) -> Any:
    return client.post(url, {"terms_id": client.opened(TERMS, "terms_id")})


def test_a_customer_is_led_to_the_terms_and_back(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    client = client_for(world.north.customer_user)

    led = client.get("/portal/north/?page=0")
    page = client.get(led.location)
    answer = client.post(led.location, {"terms_id": client.opened(TERMS, "terms_id")})

    assert led.location == TERMS + "?next=/portal/north/?page%3D0"
    assert "These terms are new." in page.text
    assert "Be nice." in page.text
    assert answer.location == "/portal/north/"
    assert world.north.customer.name in client.get("/portal/north/").text
    with looking(flask_app) as session:
        one = session.scalars(select(TermsAcceptance)).one()
        assert (one.user_id, one.organization, one.address) == (
            world.north.customer_user.id,
            world.north.customer.name,
            "127.0.0.1",
        )


def test_until_then_nothing_else_is_taken(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    client = client_for(world.north.customer_user)

    assert client.get("/profile/").location.startswith(TERMS)
    assert client.post("/profile/", {"name": "Somebody Else", "locale": ""}).status_code == 403
    with looking(flask_app) as session:
        assert session.get(User, world.north.customer_user.id).name == world.north.customer_user.name


def test_reading_the_language_and_signing_out_stay_open(
    world: World, client_for: Any, published: None
) -> None:
    client = client_for(world.north.customer_user)

    assert client.get("/portal/north/brand.css").status_code == 200
    assert client.get("/static/shell/app.css").status_code == 200
    assert client.post("/language/", {"locale": "de", "next": TERMS}).location == TERMS
    assert client.get("/nowhere/").status_code == 404
    assert client.post("/logout/").status_code == 302


def test_a_new_version_is_asked_of_everybody_again(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    client = client_for(world.north.customer_user)
    accept(client)
    publish(flask_app, world.north, "Be nicer.")

    assert client.get("/portal/north/").location.startswith(TERMS)
    accept(client)
    assert client.get("/portal/north/").status_code == 200
    assert count(flask_app, TermsAcceptance) == 2


def test_what_was_replaced_while_it_was_read_is_not_accepted(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    client = client_for(world.north.customer_user)
    old = client.opened(TERMS, "terms_id")
    publish(flask_app, world.north, "Be nicer.")

    answer = client.post(TERMS, {"terms_id": old})

    assert answer.status_code == 409
    assert "There is a newer version of the terms." in answer.text
    assert "Be nicer." in answer.text
    assert count(flask_app, TermsAcceptance) == 0


@pytest.mark.parametrize("forged", ["", "0", "-1", "x", "999999"])
def test_a_forged_version_is_not_accepted(
    flask_app: Any, world: World, client_for: Any, published: None, forged: str
) -> None:
    assert client_for(world.north.customer_user).post(TERMS, {"terms_id": forged}).status_code == 409
    assert count(flask_app, TermsAcceptance) == 0


def test_the_switch_decides(flask_app: Any, world: World, client_for: Any, published: None) -> None:
    change_settings(flask_app, world.north, requires_terms=False)
    client = client_for(world.north.customer_user)

    assert client.get("/portal/north/").status_code == 200
    assert "Accept version 1" in client.get(TERMS).text, "who wants to, may"


def test_others_are_not_asked(flask_app: Any, world: World, client_for: Any, published: None) -> None:
    assert client_for(world.south.customer_user).get("/portal/south/").status_code == 200
    assert client_for(world.north.owner).get("/home/").status_code == 200
    assert client_for(world.admin).get("/platform/").status_code == 200


def test_a_temporary_password_is_replaced_first(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, world.north.customer_user.id).has_temporary_password = True
        db.session.commit()
    client = client_for(world.north.customer_user)

    assert client.get("/portal/north/").location == "/profile/password/"
    assert client.get("/profile/password/").status_code == 200


def test_visitors_read_the_terms_and_cannot_accept_them(
    flask_app: Any, world: World, client_for: Any, published: None
) -> None:
    for person in (None, world.north.owner, world.south.customer_user):
        client = client_for(person)
        page = client.get(TERMS)
        assert (page.status_code, "Be nice." in page.text) == (200, True)
        assert "Accept version" not in page.text
        assert client.post(TERMS, {"terms_id": "1"}).status_code in (302, 401)
    assert count(flask_app, TermsAcceptance) == 0
    assert client_for().get("/portal/south/terms/").status_code == 404


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/portal/north/", "/home/", "/portal/south/"]
)
def test_accepting_leads_to_no_other_place(
    world: World, client_for: Any, published: None, elsewhere: str
) -> None:
    client = client_for(world.north.customer_user)

    assert accept(client, f"{TERMS}?next={elsewhere}").location == "/portal/north/"
