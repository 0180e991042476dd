"""Users of a customer: the four states, passwords, invitations, and being out at the next click."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kernel.clock import frozen_at, utc_now
from app.security.models import User, UserStatus
from app.tenancy.scope import system_scope
from tests.worlds import PASSWORD, World

NEW = {
    "name": "Jonas Abt",
    "email": "jonas.abt@new.example",
    "password": "three words of mine",
    "status": "active",
}


def find(app: Any, email: str) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def url_of(world: World, rest: str = "") -> str:
    return f"/customers/{world.north.customer.id}/users/{rest}"


def opened(client: Any, world: World) -> str:
    page = client.get(url_of(world, f"{world.north.customer_user.id}/")).text
    return re.search(r'name="opened"[^>]*value="([^"]*)"', page)[1]


def save(client: Any, world: World, **changes: str) -> Any:
    """Open the form of the customer's user, change it and send it."""
    form = {"name": "User", "status": "active", "opened": opened(client, world)} | changes
    return client.post(url_of(world, f"{world.north.customer_user.id}/"), form)


@pytest.mark.parametrize("status", [one.value for one in UserStatus])
def test_a_user_is_added_in_any_of_the_four_states(
    status: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.sales).post(url_of(world, "add/"), {**NEW, "status": status})

    user = find(flask_app, NEW["email"])
    assert answer.status_code == 302
    assert (user.status, user.customer_id, user.reseller_id) == (
        UserStatus(status),
        world.north.customer.id,
        world.north.id,
    )
    assert user.has_temporary_password
    signed_in = client_for().post(
        "/portal/north/login/", {"username": NEW["email"], "password": NEW["password"]}
    )
    assert signed_in.status_code == (302 if status == "active" else 422)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "short"}, "Use at least 12 characters"),
        ({"password": "password1234"}, "on the list of common ones"),
        ({"password": "jonas.abt@new.example"}, "repeats the name or the address"),
        ({"email": "user.customer@southcanary.example"}, "This address cannot be used."),
        ({"email": "ops@northcanary.example"}, "This address cannot be used."),
        ({"status": "owner"}, "Choose one of the list."),
        ({"name": ""}, "Enter the person's name."),
    ],
)
def test_a_user_that_cannot_be_added(
    changes: dict[str, str], sentence: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.ops).post(url_of(world, "add/"), {**NEW, **changes})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert find(flask_app, NEW["email"]) is None


def test_suspending_ends_a_session_at_the_next_request(flask_app: Any, world: World, client_for: Any) -> None:
    visitor = client_for(world.north.customer_user)
    assert visitor.get("/portal/north/users/").status_code == 200

    save(client_for(world.north.ops), world, status="suspended")

    assert visitor.get("/portal/north/users/").status_code == 302
    assert "/login/" in visitor.get("/portal/north/users/").location


def test_a_password_set_by_the_reseller_ends_sessions_and_is_temporary(
    flask_app: Any, world: World, client_for: Any
) -> None:
    visitor = client_for(world.north.customer_user)

    save(client_for(world.north.ops), world, password="another good sentence")

    assert visitor.get("/portal/north/users/").status_code == 302
    old = client_for().post(
        "/portal/north/login/", {"username": world.north.customer_user.email, "password": PASSWORD}
    )
    assert old.status_code == 422
    assert find(flask_app, world.north.customer_user.email).has_temporary_password


def invitation(client: Any, world: World) -> str:
    client.post(url_of(world, "add/"), {**NEW, "password": ""})
    page = client.get(url_of(world)).text
    link = re.search(r"https?://[^/]+(/invitation/[^/\"<]+/)", page)
    assert link is not None
    return link[1]


def test_an_invitation_is_shown_once_works_once_and_signs_in(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops = client_for(world.north.ops)
    link = invitation(ops, world)
    assert "/invitation/" not in ops.get(url_of(world)).text

    visitor = client_for()
    assert visitor.get(link).status_code == 200
    assert find(flask_app, NEW["email"]).password is None  # a scanner's GET changes nothing
    choice = {"password": "words that I chose", "repeated": "words that I chose"}
    assert visitor.post(link, {**choice, "repeated": "other"}).status_code == 422
    assert visitor.post(link, choice).status_code == 302
    assert visitor.get("/portal/north/users/").status_code == 200
    assert client_for().post(link, choice).status_code == 404


def test_an_invitation_expires_after_three_days(world: World, client_for: Any) -> None:
    link = invitation(client_for(world.north.ops), world)

    with frozen_at(utc_now() + datetime.timedelta(hours=71)):
        assert client_for().get(link).status_code == 200
    with frozen_at(utc_now() + datetime.timedelta(hours=73)):
        assert client_for().get(link).status_code == 404


def test_users_of_others_do_not_exist_here(flask_app: Any, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    for stranger in (world.south.customer_user, world.north.other_user, world.north.sales):
        assert ops.get(url_of(world, f"{stranger.id}/")).status_code == 404
        assert ops.post(url_of(world, f"{stranger.id}/remove/")).status_code == 404
        assert ops.post(url_of(world, f"{stranger.id}/invite/")).status_code == 404
        assert find(flask_app, stranger.email) is not None
    assert ops.post(url_of(world, f"{world.north.customer_user.id}/remove/")).status_code == 302
    assert find(flask_app, world.north.customer_user.email) is None


def test_the_last_sign_in_is_told_in_the_resellers_time(
    flask_app: Any, world: World, client_for: Any
) -> None:
    moment = datetime.datetime(2026, 11, 22, 9, 18, tzinfo=datetime.UTC)
    with flask_app.app_context(), system_scope("test"):
        user = db.session.get(User, world.north.customer_user.id)
        user.last_login = moment.astimezone().replace(tzinfo=None)  # as the framework writes it
        db.session.commit()

    assert "22 Nov 2026, 10:18 CET" in client_for(world.north.ops).get(url_of(world)).text


def test_the_link_says_for_how_long_it_works(
    flask_app: Any, world: World, client_for: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "INVITATION_LIFETIME", datetime.timedelta(hours=24))
    client = client_for(world.north.ops)
    client.post(url_of(world, "add/"), {**NEW, "password": ""})

    assert "It works once and for 24 hours" in client.get(url_of(world)).text


def test_an_old_form_does_not_let_a_suspended_person_in_again(
    flask_app: Any, world: World, client_for: Any
) -> None:
    first, second = client_for(world.north.ops), client_for(world.north.owner)
    old = opened(second, world)
    assert save(first, world, status="suspended").status_code == 302

    answer = save(second, world, name="Other", opened=old)

    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.text
    assert find(flask_app, world.north.customer_user.email).status is UserStatus.SUSPENDED


def test_suspending_ends_an_invitation_for_good(flask_app: Any, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    link = invitation(ops, world)
    url = url_of(world, f"{find(flask_app, NEW['email']).id}/")

    for status in ("suspended", "active"):
        state = re.search(r'name="opened"[^>]*value="([^"]*)"', ops.get(url).text)[1]
        form = {"name": NEW["name"], "status": status, "opened": state}
        assert ops.post(url, form).status_code == 302

    assert client_for().get(link).status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("x" * 64, 302), ("x" * 65, 422), ("a " * 31 + "x" * 58, 302), (f"{'x' * 70} y", 422)],
)
def test_no_name_is_cut(name: str, status: int, flask_app: Any, world: World, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(url_of(world, "add/"), {**NEW, "name": name})

    assert answer.status_code == status
    if status == 302:
        assert find(flask_app, NEW["email"]).name == name
    else:
        assert "Use a shorter name" in html.unescape(answer.text)
    own = client_for(world.north.sales).post("/profile/", {"name": name, "locale": ""})
    assert own.status_code == status


def test_the_people_of_an_archived_customer_stay_out_until_it_is_restored(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, visitor = client_for(world.north.ops), client_for(world.north.customer_user)
    link = invitation(ops, world)
    customer = f"/customers/{world.north.customer.id}/"
    credentials = {"username": world.north.customer_user.email, "password": PASSWORD}
    assert visitor.get("/portal/north/users/").status_code == 200

    ops.post(f"{customer}archive/")

    assert "/login/" in visitor.get("/portal/north/users/").location
    refused = client_for().post("/portal/north/login/", credentials)
    assert refused.status_code == 422
    assert "Email or password is not right, or the login is not active." in refused.text
    manager = flask_app.extensions["appbuilder"].sm
    with flask_app.test_request_context():
        assert manager.load_user_jwt({}, {"sub": str(world.north.customer_user.id)}) is None
    assert client_for().get(link).status_code == 404
    ops.post(url_of(world, f"{world.north.customer_user.id}/invite/"))
    assert "This customer is archived." in ops.get(url_of(world)).text
    assert (
        ops.get("/home/").status_code
        == client_for(world.north.other_user).get("/portal/north/users/").status_code
        == 200
    )

    ops.post(f"{customer}restore/")

    assert client_for().post("/portal/north/login/", credentials).status_code == 302
    assert client_for().get(link).status_code == 200


def test_the_users_of_an_archived_customer_are_left_as_they_are(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, person = client_for(world.north.ops), world.north.customer_user
    state = opened(ops, world)
    form = {"name": "Other", "status": "suspended", "password": "another good sentence", "opened": state}
    ops.post(f"/customers/{world.north.customer.id}/archive/")

    assert ops.post(url_of(world, f"{person.id}/"), form).status_code == 409
    assert ops.post(url_of(world, f"{person.id}/remove/")).status_code == 409
    assert ops.post(url_of(world, "add/"), NEW).status_code == 409
    assert ops.post(url_of(world, f"{person.id}/invite/")).status_code == 302
    page = ops.get(url_of(world)).text
    assert "This customer is archived. Restore it to change it." in page
    assert "/remove/" not in page
    assert "/invite/" not in page
    user = find(flask_app, person.email)
    assert (user.name, user.status, user.invitation_hash) == (person.name, UserStatus.ACTIVE, None)
    assert not user.has_temporary_password
    assert find(flask_app, NEW["email"]) is None

    ops.post(f"/customers/{world.north.customer.id}/restore/")

    assert "/remove/" in ops.get(url_of(world)).text
    assert save(ops, world, name="Other").status_code == 302
    assert ops.post(url_of(world, f"{person.id}/remove/")).status_code == 302
