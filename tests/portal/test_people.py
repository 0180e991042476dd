"""The colleagues: seen by all, invited by those who may, never to more than the inviter has."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import frozen_at, utc_now
from app.notifications.models import OutgoingMail
from app.security.models import SWITCHES, User, UserStatus
from app.tenancy.scope import system_scope
from tests.access.pages import read
from tests.client import Client
from tests.portal.ground import USERS, change, set_person
from tests.worlds import World

NEW = {"name": "Jonas Abt", "email": "jonas.abt@new.example", **dict.fromkeys(SWITCHES, "y")}
INVITE = f"{USERS}invite/"


def find(app: Any, email: str) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def mails(app: Any, email: str) -> list[Any]:
    with app.app_context(), system_scope("test"):
        query = select(OutgoingMail).where(OutgoingMail.recipient == email).order_by(OutgoingMail.id)
        return list(db.session.scalars(query))


def link_in(mail: Any) -> str:
    found = re.search(r"(/invitation/[^/\s]+/)", mail.text)
    assert found is not None
    return found[1]


def test_the_list_shows_the_own_colleagues_and_nobody_else(world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    client.post(INVITE, NEW)

    page = client.get(USERS).text

    assert world.north.customer_user.email in page
    assert "(you)" in page
    assert 'href="/profile/"' in page
    assert NEW["email"] in page
    assert "Invited" in page
    for stranger in (world.north.other_user, world.north.ops, world.north.owner, world.south.customer_user):
        assert stranger.email not in page


def test_a_colleague_is_invited_by_a_mail_that_only_the_colleague_gets(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)

    answer = client.post(INVITE, NEW)

    user = find(flask_app, NEW["email"])
    assert answer.status_code == 302
    assert (user.reseller_id, user.customer_id, user.status) == (
        world.north.id,
        world.north.customer.id,
        UserStatus.ACTIVE,
    )
    [mail] = mails(flask_app, NEW["email"])
    page = client.get(USERS).text
    assert "/invitation/" not in page, "whoever has the link becomes that person"
    assert "no mail leaves at present" in page
    visitor = client_for()
    choice = {"password": "words that I chose", "repeated": "words that I chose"}
    assert visitor.post(link_in(mail), choice).status_code == 302
    assert visitor.get("/portal/north/").status_code == 200
    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "invited")).one()
        assert (entry.actor_name, entry.customer_id) == (
            world.north.customer_user.name,
            world.north.customer.id,
        )


def test_with_a_mail_server_the_inviter_reads_that_a_mail_is_on_its_way(
    flask_app: Any, world: World, client_for: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "MAIL_SERVER", "smtp.example")
    client = client_for(world.north.customer_user)

    client.post(INVITE, NEW)

    page = client.get(USERS).text
    assert f"a mail to {NEW['email']} is on its way" in page
    assert "/invitation/" not in page


@pytest.mark.parametrize("switch", [one for one in SWITCHES if one != "may_invite"])
def test_nobody_invites_to_more_than_the_own_rights(
    switch: str, flask_app: Any, world: World, client_for: Any
) -> None:
    set_person(flask_app, world, **{switch: False})
    client = client_for(world.north.customer_user)
    fields = {name for form in read(client.get(INVITE)).forms for name in form.fields}
    assert switch not in fields

    assert client.post(INVITE, NEW).status_code == 302

    user = find(flask_app, NEW["email"])
    assert {name: getattr(user, name) for name in SWITCHES} == dict.fromkeys(SWITCHES, True) | {switch: False}


def test_an_inviter_can_give_less(flask_app: Any, world: World, client_for: Any) -> None:
    client_for(world.north.customer_user).post(INVITE, {"name": "Jonas Abt", "email": NEW["email"]})

    user = find(flask_app, NEW["email"])
    assert {name: getattr(user, name) for name in SWITCHES} == dict.fromkeys(SWITCHES, False)


def test_who_may_not_invite_sees_the_colleagues_only(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    client.post(INVITE, NEW)
    invited = find(flask_app, NEW["email"])
    set_person(flask_app, world, may_invite=False)

    page = client.get(USERS)
    assert page.status_code == 200
    assert "invite/" not in page.text
    assert "withdraw/" not in page.text
    assert client.get(INVITE).status_code == 403
    assert client.post(INVITE, NEW | {"email": "second@new.example"}).status_code == 403
    assert client.post(f"{USERS}{invited.id}/invite/").status_code == 403
    assert client.post(f"{USERS}{invited.id}/withdraw/").status_code == 403
    assert find(flask_app, "second@new.example") is None
    assert len(mails(flask_app, NEW["email"])) == 1


@pytest.mark.parametrize(
    "taken", ["ops@northcanary.example", "user.customer@southcanary.example", "ada@platform.example"]
)
def test_an_address_taken_anywhere_gets_the_neutral_answer(
    taken: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.customer_user).post(INVITE, NEW | {"email": taken})

    assert answer.status_code == 422
    assert "This address cannot be used." in answer.text
    assert mails(flask_app, taken) == []


def test_a_new_link_ends_the_old_one(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    client.post(INVITE, NEW)
    user = find(flask_app, NEW["email"])

    assert client.post(f"{USERS}{user.id}/invite/").status_code == 302

    first, second = mails(flask_app, NEW["email"])
    assert client_for().get(link_in(first)).status_code == 404
    assert client_for().get(link_in(second)).status_code == 200


def test_an_invitation_is_withdrawn_and_can_be_made_anew(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    client.post(INVITE, NEW)
    user = find(flask_app, NEW["email"])

    assert client.post(f"{USERS}{user.id}/withdraw/").status_code == 302

    assert find(flask_app, NEW["email"]) is None
    [mail] = mails(flask_app, NEW["email"])
    assert client_for().get(link_in(mail)).status_code == 404
    assert client.post(INVITE, NEW).status_code == 302


@pytest.mark.parametrize("what", ["invite", "withdraw"])
def test_a_colleague_who_is_in_is_not_invited_and_not_withdrawn(
    what: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)

    client.post(f"{USERS}{world.north.customer_user.id}/{what}/")

    assert "has no open invitation" in client.get(USERS).text
    assert find(flask_app, world.north.customer_user.email).password
    assert mails(flask_app, world.north.customer_user.email) == []


@pytest.mark.parametrize("what", ["invite", "withdraw"])
def test_other_peoples_logins_do_not_exist_here(
    what: str, flask_app: Any, world: World, client_for: Any
) -> None:
    change(flask_app, update(User).where(User.id != world.north.customer_user.id).values(password=None))
    client = client_for(world.north.customer_user)
    for stranger in (world.north.other_user, world.north.sales, world.south.customer_user, world.admin):
        assert client.post(f"{USERS}{stranger.id}/{what}/").status_code == 404
        assert find(flask_app, stranger.email) is not None


def test_an_invitation_that_has_expired_says_so(world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    client.post(INVITE, NEW)
    assert "The link has expired" not in client.get(USERS).text

    with frozen_at(utc_now() + datetime.timedelta(hours=73)):
        later = client_for(world.north.customer_user)
        assert "The link has expired" in later.get(USERS).text


def test_one_person_invites_so_many_an_hour_and_others_are_not_held_up(
    limited_app: Any, world: World
) -> None:
    client = Client(limited_app, world.north.customer_user)
    taken = NEW | {"email": world.north.ops.email}

    answers = [client.post(INVITE, taken).status_code for _ in range(30)]

    assert set(answers) == {422}
    assert client.post(INVITE, NEW).status_code == 429
    assert client.get(INVITE).status_code == 200
    assert Client(limited_app, world.north.other_user).post(INVITE, NEW).status_code == 302
