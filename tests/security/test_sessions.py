"""Signing in and staying in: what ends a session ends it at the next request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import frozen_at, utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts
from app.security.models import User, UserStatus
from app.tenancy.scope import NOBODY, ScopeKind, current_scope, system_scope
from tests.client import Client
from tests.worlds import PASSWORD

STARTS = [
    ("admin", "/platform/"),
    ("owner", "/home/"),
    ("ops", "/home/"),
    ("sales", "/home/"),
    ("customer_user", "/portal/north/"),
]


def person_of(world, who):
    return world.admin if who == "admin" else getattr(world.north, who)


def sign_in(client, email, password=PASSWORD, door="/login/"):
    return client.post(door, {"username": email, "password": password})


def act_on(flask_app, user_id, change):
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        change(db.session.get(User, user_id))


@pytest.mark.parametrize(("who", "start"), STARTS)
def test_everybody_starts_where_their_work_is(world, client_for, who, start):
    client = client_for()

    person = person_of(world, who)
    assert sign_in(client, person.email.upper(), door=person.door).status_code == 302
    assert client.get("/").location.endswith(start)
    assert client.get(start).status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(world, client_for):
    wrong = sign_in(client_for(), world.north.ops.email, "not the password")
    unknown = sign_in(client_for(), "nobody@nowhere.example", "not the password")

    assert wrong.status_code == unknown.status_code == 422
    same = [
        re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page.text).replace("nobody@nowhere.example", "")
        for page in (wrong, unknown)
    ]
    assert same[0].replace(world.north.ops.email, "") == same[1]


def test_attempts_are_counted_and_the_right_password_begins_anew(flask_app, world, client_for):
    def counts():
        with flask_app.app_context(), system_scope("test"):
            user = db.session.get(User, world.north.ops.id)
            return user.login_count or 0, user.fail_login_count, user.last_login is not None

    before = counts()[0]
    for _attempt in range(2):
        sign_in(client_for(), world.north.ops.email, "not the password")
    assert counts() == (before, 2, False)
    sign_in(client_for(), world.north.ops.email)
    assert counts() == (before + 1, 0, True)


def test_what_others_save_after_an_attempt_is_read_again(flask_app, world):
    """An attempt ends a unit of work like any other: the next one must not write over what came between."""
    with flask_app.test_request_context(), system_scope("test"):
        sm = flask_app.appbuilder.sm
        user = db.session.get(User, world.north.ops.id)
        assert sm.auth_user_db(user.email, "not the password") is None
        with Session(db.engine) as other, unit_of_work(other):
            other.get(User, user.id).fail_login_count = 41

        with unit_of_work(db.session):
            assert user.fail_login_count == 41


def test_trying_an_unknown_address_is_written_down_without_what_was_typed(
    flask_app, world, client_for, caplog
):
    sign_in(client_for(), "nobody@nowhere.example", "what a secret")

    with flask_app.app_context(), system_scope("test"):
        query = select(AuditEntry).where(AuditEntry.action == "sign_in_refused")
        entry = db.session.scalars(query).one()
        told = (entry.reseller_id, entry.actor_id, entry.actor_name, entry.address, entry.record_type)
        assert told == (None, None, "", "127.0.0.1", "unknown_login")
        assert (entry.record_name, entry.changes) == ("", {})
    assert "unknown login, from 127.0.0.1" in caplog.text
    assert "nowhere" not in caplog.text
    assert "what a secret" not in caplog.text
    assert "was refused logging in as unknown login" in client_for(world.admin).get("/audit/list/").text
    assert (
        "unknown login" not in client_for(world.north.owner).get("/audit/list/?action=sign_in_refused").text
    )


@pytest.mark.parametrize(
    "status", [UserStatus.SUSPENDED, UserStatus.PENDING_APPROVAL, UserStatus.PENDING_EMAIL_VALIDATION]
)
def test_only_the_active_sign_in(flask_app, world, client_for, status):
    act_on(flask_app, world.north.ops.id, lambda user: accounts.set_status(user, status))
    client = client_for()

    refused = sign_in(client, world.north.ops.email)

    assert refused.status_code == 422
    assert "/login/" in client.get("/home/").location


@pytest.mark.parametrize("who", [who for who, _start in STARTS])
def test_a_suspended_person_is_out_at_the_next_request(flask_app, world, client_for, who):
    person, start = person_of(world, who), dict(STARTS)[who]
    client = client_for(person)
    assert client.get(start).status_code == 200

    act_on(flask_app, person.id, lambda user: accounts.set_status(user, UserStatus.SUSPENDED))

    assert "/login/" in client.get("/profile/").location
    act_on(flask_app, person.id, lambda user: accounts.set_status(user, UserStatus.ACTIVE))
    assert "/login/" in client.get("/profile/").location, "the old session does not come back to life"


def test_a_suspended_person_is_out_on_tokens_too(flask_app, world):
    manager = flask_app.extensions["appbuilder"].sm
    claims = {"sub": str(world.north.ops.id)}
    with flask_app.test_request_context():
        assert manager.load_user_jwt({}, claims).id == world.north.ops.id
        assert current_scope().reseller_id == world.north.id
    act_on(flask_app, world.north.ops.id, lambda user: accounts.set_status(user, UserStatus.SUSPENDED))

    with flask_app.test_request_context():
        assert manager.load_user_jwt({}, claims) is None
        assert current_scope() == NOBODY


def test_a_token_of_a_platform_admin_sees_no_reseller(flask_app, world):
    manager = flask_app.extensions["appbuilder"].sm
    with flask_app.test_request_context():
        manager.load_user_jwt({}, {"sub": str(world.admin.id)})
        assert current_scope().kind is ScopeKind.PLATFORM


def test_a_removed_person_is_out(flask_app, world, client_for):
    client = client_for(world.north.sales)
    act_on(flask_app, world.north.sales.id, db.session.delete)

    assert "/login/" in client.get("/home/").location


def test_another_password_ends_other_sessions(flask_app, world, client_for):
    client = client_for(world.north.sales)
    act_on(
        flask_app,
        world.north.sales.id,
        lambda user: accounts.set_password(user, "rivers bend to the sea", is_temporary=True),
    )

    assert "/login/" in client.get("/home/").location


def test_signing_in_takes_a_new_session(world, client_for):
    client = client_for()
    with client.http.session_transaction() as session:
        session["left_over"] = "from before"
        session["entered_reseller"] = {"id": world.south.id, "reason": "x", "by": world.admin.id}

    sign_in(client, world.admin.email)

    with client.http.session_transaction() as session:
        assert "left_over" not in session
        assert "entered_reseller" not in session


def test_signing_out_takes_a_post_and_is_recorded(flask_app, world, client_for):
    client = client_for(world.north.ops)
    assert client.get("/logout/").status_code == 405
    assert client.post_without_token("/logout/").status_code == 400
    assert client.get("/home/").status_code == 200

    client.post("/logout/")

    assert "/login/" in client.get("/home/").location
    with flask_app.app_context(), system_scope("test"):
        found = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "signed_out")).one()
        assert (found.actor_name, found.reseller_id) == (world.north.ops.name, world.north.id)


def copied_browser(flask_app, client):
    """Return a client with the same cookie, as a thief of it would have."""
    copy = Client(flask_app)
    copy.http.set_cookie("cloudtally", client.http.get_cookie("cloudtally").value)
    return copy


@pytest.mark.parametrize(("who", "start"), STARTS)
def test_a_copied_cookie_is_worth_nothing_after_signing_out(flask_app, world, client_for, who, start):
    client = client_for(person_of(world, who))
    thief = copied_browser(flask_app, client)
    assert thief.get(start).status_code == 200

    client.post("/logout/")

    assert "/login/" in thief.get("/profile/").location


def test_signing_out_while_entered_ends_the_admins_sessions(flask_app, world, client_for):
    client = client_for(world.admin)
    client.post(f"/enter/{world.north.id}/", {"reason": "ticket 4711, wrong currency"})
    thief = copied_browser(flask_app, client)
    assert thief.get("/home/").status_code == 200

    client.post("/logout/")

    assert "/login/" in thief.get("/home/").location


def test_signing_out_ends_nobody_elses_session(world, client_for):
    other = client_for(world.north.owner)

    client_for(world.north.ops).post("/logout/")

    assert other.get("/home/").status_code == 200


def test_a_session_ends_a_day_after_signing_in_however_busy_it_was(flask_app, world, client_for):
    client = client_for()
    start = utc_now()
    longest = flask_app.config["SESSION_LONGEST_LIFETIME"]
    assert longest == timedelta(hours=24)
    with frozen_at(start):
        sign_in(client, world.north.ops.email)

    for hours in (4, 8, 12, 16, 20):
        with frozen_at(start + timedelta(hours=hours)):
            assert client.get("/home/").status_code == 200
    with frozen_at(start + longest - timedelta(seconds=2)):
        assert client.get("/home/").status_code == 200
    with frozen_at(start + longest):
        assert "/login/" in client.get("/home/").location
        assert sign_in(client, world.north.ops.email).status_code == 302
        assert client.get("/home/").status_code == 200


@pytest.mark.parametrize("token", [None, "", 4711, "browser 0 of 1", "x" * 400])
def test_a_cookie_without_a_session_of_its_person_is_refused(world, client_for, token):
    """The secret of somebody else's session, the first admin's, opens nothing either."""
    client = client_for(world.north.ops)
    with client.http.session_transaction() as session:
        session["login"] = token

    assert "/login/" in client.get("/home/").location


@pytest.mark.parametrize(
    "goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http://[evil"]
)
def test_signing_in_never_leads_elsewhere(world, client_for, goal):
    client = client_for()

    answer = client.post(
        "/login/", {"username": world.north.ops.email, "password": PASSWORD}, query_string={"next": goal}
    )

    assert answer.status_code == 302
    assert "evil" not in answer.location
    assert "javascript" not in answer.location


def test_signing_in_leads_to_the_page_that_was_asked_for(world, client_for):
    answer = client_for().post(
        "/login/",
        {"username": world.north.ops.email, "password": PASSWORD},
        query_string={"next": "/customers/list/"},
    )

    assert answer.location.endswith("/customers/list/")


def test_nobody_is_signed_in_without_a_session(flask_app):
    with flask_app.test_request_context():
        assert not current_user.is_authenticated
        assert current_scope() == NOBODY
