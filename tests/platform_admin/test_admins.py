"""Platform Admins: added, suspended, removed; nobody shuts out oneself and one always remains."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.errors import WrongState
from app.extensions import db
from app.platform_admin.services import admins
from app.security.models import User, UserStatus
from app.tenancy.scope import Scope, ScopeKind, system_scope, use_scope
from tests.worlds import PASSWORD

OTHER = {"name": "Bo Admin", "email": "bo@platform.example"}


def find(flask_app, email):
    with flask_app.app_context(), system_scope("test"):
        return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def add_with_password(client):
    added = client.post(
        "/platform/users/add", OTHER | {"start": "password", "password": "lanterns along the quay"}
    )
    assert added.status_code == 302, added.text
    return int(added.location.rsplit("/", 1)[1])


def other_at_work(flask_app, client_for):
    """Return the browser of the person whom ``add_with_password`` added, with an own password by now."""
    client = client_for(find(flask_app, OTHER["email"]))
    own = {"current": "lanterns along the quay", "password": "boats in a row", "repeated": "boats in a row"}
    assert client.post("/profile/password/", own).status_code == 302
    return client


def test_the_list_shows_the_platforms_people_only(world, client_for):
    page = client_for(world.admin).get("/platform/users/list/").text

    assert "ada@platform.example" in page
    assert world.north.owner.email not in page


@pytest.mark.parametrize("action", ["show", "edit"])
def test_logins_of_resellers_are_not_found_here(world, client_for, action):
    assert client_for(world.admin).get(f"/platform/users/{action}/{world.north.owner.id}").status_code == 404


@pytest.mark.parametrize("action", ["suspend", "activate", "invite", "delete"])
def test_logins_of_resellers_cannot_be_touched_here(flask_app, world, client_for, action):
    client = client_for(world.admin)

    assert client.post(f"/platform/users/{action}/{world.north.owner.id}").status_code == 404
    assert find(flask_app, world.north.owner.email).status is UserStatus.ACTIVE


def test_added_by_invitation(flask_app, world, client_for):
    client = client_for(world.admin)

    added = client.post("/platform/users/add", OTHER | {"start": "invitation"})
    page = client.get(added.location).text

    path = re.search(r'data-copy="https?://[^/"]+(/invitation/[^"]+)"', page)[1]
    assert "Invited" in page
    assert "data-copy" not in client.get(added.location).text
    visitor = client_for()
    visitor.post(path, {"password": "lanterns along the quay", "repeated": "lanterns along the quay"})
    assert visitor.get("/platform/").status_code == 200


def test_added_with_a_password_that_is_temporary(flask_app, world, client_for):
    add_with_password(client_for(world.admin))

    assert find(flask_app, OTHER["email"]).has_temporary_password


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": "password", "password": ""}, "Enter a password"),
        ({"start": "password", "password": "short"}, "Use at least 12 characters"),
        ({"start": "password", "password": "password1234"}, "list of common ones"),
        ({"start": "nothing"}, "There is a problem"),
        ({"start": "invitation", "email": "ada@platform.example"}, "This address cannot be used"),
        ({"start": "invitation", "name": ""}, "Enter a name"),
    ],
)
def test_what_cannot_be_used_is_refused(flask_app, world, client_for, changes, sentence):
    refused = client_for(world.admin).post("/platform/users/add", OTHER | changes)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert find(flask_app, OTHER["email"]) is None


def test_suspending_shuts_out_at_once_and_activating_lets_in(flask_app, world, client_for):
    client = client_for(world.admin)
    other_id = add_with_password(client)
    other = other_at_work(flask_app, client_for)
    assert other.get("/platform/").status_code == 200

    client.post(f"/platform/users/suspend/{other_id}")

    assert "/login/" in other.get("/platform/").location
    client.post(f"/platform/users/activate/{other_id}")
    assert client_for(find(flask_app, OTHER["email"])).get("/platform/").status_code == 200


def test_removing_keeps_the_logins_that_the_person_added(flask_app, world, client_for):
    first = client_for(world.admin)
    add_with_password(first)
    second = other_at_work(flask_app, client_for)
    new = {
        "name": "Harbourline",
        "nickname": "harbourline",
        "operations_email": "ops@h.example",
        "currency": "EUR",
        "time_zone": "UTC",
        "language_codes": ["en"],
        "default_language": "en",
        "owner_name": "Olga",
        "owner_email": "olga@h.example",
    }
    assert second.post("/platform/resellers/add", new).status_code == 302

    removed = first.post(f"/platform/users/delete/{find(flask_app, OTHER['email']).id}")

    assert removed.status_code == 302
    assert find(flask_app, OTHER["email"]) is None
    assert find(flask_app, "olga@h.example") is not None
    assert "Bo Admin" in first.get("/audit/list/").text


@pytest.mark.parametrize("action", ["suspend", "delete"])
def test_nobody_shuts_out_oneself(flask_app, world, client_for, action):
    client = client_for(world.admin)
    add_with_password(client)

    client.post(f"/platform/users/{action}/{world.admin.id}")

    assert find(flask_app, world.admin.email).status is UserStatus.ACTIVE
    assert client.get("/platform/").status_code == 200


def test_the_last_active_admin_stays_and_an_unused_invitation_does_not_count(flask_app, world, client_for):
    client_for(world.admin).post("/platform/users/add", OTHER | {"start": "invitation"})

    with flask_app.test_request_context(), use_scope(Scope(ScopeKind.PLATFORM)):
        last = db.session.get(User, world.admin.id)
        for act in (admins.suspend_admin, admins.remove_admin):
            with pytest.raises(WrongState, match="last active Platform Admin"):
                act(last, actor_id=0)


def test_changing_the_address_ends_the_sessions(flask_app, world, client_for):
    client = client_for(world.admin)
    other_id = add_with_password(client)
    other = client_for(find(flask_app, OTHER["email"]))

    url = f"/platform/users/edit/{other_id}"
    changes = {"name": "Bo Berg", "email": "bo.berg@platform.example", "opened": client.opened(url)}
    client.post(url, changes)

    assert "/login/" in other.get("/platform/").location
    assert find(flask_app, "bo.berg@platform.example").name == "Bo Berg"


def test_fields_that_no_form_has_change_nothing(flask_app, world, client_for):
    client = client_for(world.admin)
    other_id = add_with_password(client)

    url = f"/platform/users/edit/{other_id}"

    client.post(
        url,
        OTHER
        | {"reseller_id": world.north.id, "status": "suspended", "roles": "2", "password": PASSWORD}
        | {"name": "Bo Berg", "opened": client.opened(url)},
    )

    user = find(flask_app, OTHER["email"])
    assert (user.name, user.reseller_id, user.status) == ("Bo Berg", None, UserStatus.ACTIVE)
    assert user.has_temporary_password
