"""The own profile: name, language, password, and the notice about a temporary one."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts
from app.security.models import User
from app.tenancy.scope import system_scope
from tests.worlds import PASSWORD

NEW = "rivers bend to the sea"
EVERYBODY = ["admin", "owner", "ops", "sales", "customer_user"]


def person_of(world, who):
    return world.admin if who == "admin" else getattr(world.north, who)


def user_of(flask_app, person):
    with flask_app.app_context(), system_scope("test"):
        return db.session.get(User, person.id, options=[selectinload(User.roles)])


def change_password(client, current=PASSWORD, password=NEW, repeated=NEW):
    return client.post("/profile/password/", {"current": current, "password": password, "repeated": repeated})


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_changes_the_own_name_and_language(flask_app, world, client_for, who):
    person = person_of(world, who)
    client = client_for(person)
    assert client.get("/profile/").status_code == 200

    saved = client.post("/profile/", {"name": "Zoë Ωmega", "locale": "de"})

    assert saved.status_code == 302
    user = user_of(flask_app, person)
    assert (user.name, user.locale) == ("Zoë Ωmega", "de")
    assert '<html lang="de"' in client.get("/profile/").text


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_changes_the_own_password(world, client_for, who):
    person = person_of(world, who)
    client, elsewhere = client_for(person), client_for(person)

    changed = change_password(client)

    assert changed.status_code == 302
    assert client.get("/profile/").status_code == 200, "this browser stays logged in"
    assert "/login/" in elsewhere.get("/profile/").location, "others do not"
    visitor = client_for()
    assert visitor.post(person.door, {"username": person.email, "password": PASSWORD}).status_code == 422
    assert visitor.post(person.door, {"username": person.email, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"current": "wrong"}, "not your current password"),
        ({"current": ""}, "Enter your current password"),
        ({"password": "short", "repeated": "short"}, "Use at least 12 characters"),
        ({"password": "qwertyuiop123", "repeated": "qwertyuiop123"}, "list of common ones"),
        ({"repeated": "something else"}, "The two passwords differ"),
        ({"password": "", "repeated": ""}, "Enter a password"),
    ],
)
def test_a_password_that_cannot_be_changed(flask_app, world, client_for, entered, sentence):
    before = user_of(flask_app, world.north.ops).password

    refused = change_password(client_for(world.north.ops), **entered)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert "<title>Error:" in refused.text
    assert user_of(flask_app, world.north.ops).password == before


@pytest.mark.parametrize(
    "entered", [{"name": ""}, {"name": "x" * 121}, {"name": "A", "locale": "xx"}, {"name": "bell\x07"}]
)
def test_a_profile_that_cannot_be_saved(flask_app, world, client_for, entered):
    refused = client_for(world.north.ops).post("/profile/", entered)

    assert refused.status_code == 422
    assert user_of(flask_app, world.north.ops).name == world.north.ops.name


def test_fields_that_no_form_has_change_nothing(flask_app, world, client_for):
    client_for(world.north.sales).post(
        "/profile/",
        {
            "name": "Sal",
            "locale": "",
            "roles": "1",
            "reseller_id": world.south.id,
            "email": "x@y.example",
            "status": "suspended",
        },
    )

    user = user_of(flask_app, world.north.sales)
    assert user.name == "Sal"
    assert (user.reseller_id, user.email, user.role_name) == (
        world.north.id,
        world.north.sales.email,
        "Reseller Sales",
    )


def test_anonymous_has_no_profile(world, client_for):
    assert "/login/" in client_for().get("/profile/").location
    assert "/login/" in change_password(client_for()).location


def test_nothing_is_saved_without_token(flask_app, world, client_for):
    client = client_for(world.north.ops)

    assert client.post_without_token("/profile/", {"name": "Eve"}).status_code == 400
    assert user_of(flask_app, world.north.ops).name == world.north.ops.name


BORROWED = "borrowed for a short while"


@pytest.fixture
def newcomer(flask_app, world, client_for):
    """Return how to sign a person in with a temporary password."""

    def sign_in(who):
        person = person_of(world, who)
        with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
            accounts.set_password(db.session.get(User, person.id), BORROWED, is_temporary=True)
        client = client_for()
        answer = client.post(person.door, {"username": person.email, "password": BORROWED})
        assert answer.status_code == 302
        return client

    return sign_in


STARTS = dict(zip(EVERYBODY, ["/platform/", "/home/", "/home/", "/home/", "/portal/north/"], strict=True))


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_temporary_password_opens_nothing_until_an_own_one_is_chosen(flask_app, world, newcomer, who):
    client = newcomer(who)

    for page in ("/", STARTS[who], "/customers/list/", "/audit/export.csv", "/login/"):
        assert client.get(page).location == "/profile/password/", page
    page = client.get("/profile/password/")
    assert page.status_code == 200
    assert "Choose your own password" in page.text
    if who != "customer_user":  # a portal's head leads to its front, which is everybody's
        assert f'href="{STARTS[who]}"' not in page.text

    changed = change_password(client, current=BORROWED)

    assert changed.location == "/"
    assert client.get(STARTS[who]).status_code == 200
    assert "Name and language" in client.get("/profile/").text
    assert not user_of(flask_app, person_of(world, who)).has_temporary_password


def test_with_a_temporary_password_nothing_else_is_taken(flask_app, world, newcomer):
    client = newcomer("owner")

    for url in ("/profile/", "/customers/add", f"/customers/{world.north.customer.id}/archive/"):
        refused = client.post(url, {"name": "Eve", "locale": ""})
        assert refused.status_code == 403
        assert "Choose your own one first." in refused.text
    assert user_of(flask_app, world.north.owner).name == world.north.owner.name
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/static/shell/app.css").status_code == 200

    there = "/profile/password/"
    assert client.post("/language/", {"locale": "de", "next": there}).location == there
    assert "Ihr eigenes Passwort" in client.get(there).text
    assert client.post("/logout/").status_code == 302
    assert "/login/" in client.get("/profile/").location


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Content-Type": "application/json"},
        {"X-Requested-With": "XMLHttpRequest"},
    ],
)
def test_a_program_with_a_temporary_password_is_refused(world, client_for, newcomer, headers):
    assert newcomer("owner").get("/home/", headers=headers).status_code == 403
    assert client_for(world.south.owner).get("/home/", headers=headers).status_code == 200


def test_a_temporary_password_opens_no_way_for_tokens(flask_app, world, newcomer):
    newcomer("owner")
    manager = flask_app.extensions["appbuilder"].sm
    with flask_app.test_request_context():
        assert manager.load_user_jwt({}, {"sub": str(world.north.owner.id)}) is None
        assert manager.load_user_jwt({}, {"sub": str(world.south.owner.id)}).id == world.south.owner.id


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"current": "wrong"}, "not your current password"),
        ({"password": BORROWED, "repeated": BORROWED}, "This is your current password. Choose another."),
    ],
)
def test_an_own_password_that_is_none(flask_app, world, newcomer, entered, sentence):
    client = newcomer("sales")

    refused = change_password(client, **({"current": BORROWED} | entered))

    assert refused.status_code == 422
    assert sentence in refused.text
    assert "<title>Error:" in refused.text
    assert user_of(flask_app, world.north.sales).has_temporary_password
    assert client.get("/home/").location == "/profile/password/"


def test_setting_the_password_of_somebody_at_work_signs_that_person_out(world, client_for, newcomer):
    at_work = client_for(world.north.ops)
    assert at_work.get("/home/").status_code == 200

    newcomer("ops")

    assert "/login/" in at_work.get("/home/").location
