"""Invitation links: stored hashed, used once, for a limited time, and only by sending the form."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.scope import system_scope

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
GOOD = "herons wade before dawn"


@pytest.fixture
def invited(flask_app, world):
    """A new console user of the northern reseller, and the secret of the link."""
    with flask_app.test_request_context(), system_scope("test"):
        with unit_of_work(db.session):
            user = accounts.create_user(
                name="Iris Invited", email="iris@north.example", role=RoleName.OPS, reseller_id=world.north.id
            )
            token = accounts.invite(user, now=NOW)
        return user.id, token


def send(client, token, password=GOOD, repeated=None):
    return client.post(f"/invitation/{token}/", {"password": password, "repeated": repeated or password})


def test_opening_the_link_changes_nothing(flask_app, invited, client_for):
    user_id, token = invited
    with frozen_at(NOW):
        for _ in range(3):
            page = client_for().get(f"/invitation/{token}/")

    assert page.status_code == 200
    assert "Welcome, Iris Invited" in page.text
    assert 'value="iris@north.example"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    with flask_app.app_context(), system_scope("test"):
        user = db.session.get(User, user_id)
        assert user.password is None
        assert user.invitation_hash is not None
        assert token not in user.invitation_hash


def test_taking_it_up_signs_in_and_uses_it_up(flask_app, invited, client_for):
    user_id, token = invited
    client = client_for()
    with frozen_at(NOW):
        accepted = send(client, token)
        home = client.get("/home/")
        again = send(client_for(), token, "another long password")
        page = client_for().get(f"/invitation/{token}/")

    assert accepted.status_code == 302
    assert home.status_code == 200
    assert again.status_code == 404
    assert page.status_code == 404
    assert "This invitation has ended" in page.text
    with flask_app.app_context(), system_scope("test"):
        assert db.session.get(User, user_id).invitation_hash is None
        actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.record_id == user_id))
        assert {"invitation_accepted", "signed_in"} <= set(actions)
        assert db.session.get(User, user_id).login_count == 1
        assert db.session.get(User, user_id).last_login is not None


@pytest.mark.parametrize(("hours", "status"), [(71, 302), (73, 404)])
def test_it_works_for_72_hours(invited, client_for, hours, status):
    with frozen_at(NOW + datetime.timedelta(hours=hours)):
        assert send(client_for(), invited[1]).status_code == status


def test_a_newer_link_replaces_the_old_one(flask_app, invited, client_for):
    user_id, token = invited
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        newer = accounts.invite(db.session.get(User, user_id), now=NOW)

    with frozen_at(NOW):
        assert send(client_for(), token).status_code == 404
        assert send(client_for(), newer).status_code == 302


def test_a_suspended_persons_link_is_worth_nothing(flask_app, invited, client_for):
    user_id, token = invited
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, user_id).status = UserStatus.SUSPENDED
        db.session.commit()

    with frozen_at(NOW):
        assert send(client_for(), token).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 400, "..", "%00"])
def test_invented_links_lead_nowhere(world, client_for, token):
    assert client_for().get(f"/invitation/{token}/").status_code in (400, 404)


@pytest.mark.parametrize(
    ("password", "repeated", "sentence"),
    [
        ("short", "short", "Use at least 12 characters"),
        ("iris@north.example", "iris@north.example", "repeats the name or the address"),
        ("password1234", "password1234", "list of common ones"),
        (GOOD, "herons wade at dusk", "The two passwords differ"),
        ("", "", "Enter a password"),
        ("x" * 300, "x" * 300, "Use at most 256 characters"),
    ],
)
def test_weak_passwords_are_refused_and_the_link_stays_good(
    invited, client_for, password, repeated, sentence
):
    with frozen_at(NOW):
        refused = send(client_for(), invited[1], password, repeated)

        assert refused.status_code == 422
        assert sentence in refused.text
        assert 'id="error-summary"' in refused.text
        assert send(client_for(), invited[1]).status_code == 302


def test_without_token_nothing_happens(invited, client_for):
    with frozen_at(NOW):
        refused = client_for().post_without_token(
            f"/invitation/{invited[1]}/", {"password": GOOD, "repeated": GOOD}
        )

    assert refused.status_code == 400


def test_taking_it_up_ends_whoever_was_signed_in_on_this_browser(world, invited, client_for):
    client = client_for(world.south.owner)
    with frozen_at(NOW):
        send(client, invited[1])
        home = client.get("/home/")

    assert world.north.name in home.text


def test_an_invitation_is_not_the_resellers_approval(flask_app, invited, world, client_for):
    user_id, token = invited
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, user_id).status = UserStatus.PENDING_APPROVAL
        db.session.commit()
    client = client_for()

    with frozen_at(NOW):
        opened = client.get(f"/invitation/{token}/")
        answer = send(client, token)
        page = client.get(answer.headers["Location"])

    assert "once your account is approved" in opened.text
    assert "Set password and log in" not in opened.text
    assert answer.headers["Location"] == "/login/"
    assert f"Your password is set. {world.north.name} still has to approve your account." in page.text
    assert client.get("/home/").status_code == 302, "nobody was logged in"
    with flask_app.app_context(), system_scope("test"):
        user = db.session.get(User, user_id)
        assert user.status is UserStatus.PENDING_APPROVAL
        assert user.password is not None
        assert user.invitation_hash is None


def test_a_pending_customers_person_sets_a_password_and_waits(flask_app, world, client_for):
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        user = db.session.get(User, world.north.customer_user.id)
        token = accounts.invite(user, now=NOW)
        db.session.get(Customer, world.north.customer.id).status = CustomerStatus.PENDING
    client = client_for()

    with frozen_at(NOW):
        opened = client.get(f"/invitation/{token}/")
        answer = send(client, token)
        page = client.get(answer.headers["Location"])

    assert "once your account is approved" in opened.text
    assert answer.headers["Location"] == "/portal/north/login/"
    assert f"Your password is set. {world.north.name} still has to approve your account." in page.text
    assert "Existing customers" in client.get("/portal/north/").text, "nobody was logged in"


def test_an_archived_customers_link_leads_nowhere(flask_app, world, client_for):
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        token = accounts.invite(db.session.get(User, world.north.customer_user.id), now=NOW)
        db.session.get(Customer, world.north.customer.id).status = CustomerStatus.ARCHIVED

    with frozen_at(NOW):
        assert client_for().get(f"/invitation/{token}/").status_code == 404


def test_taking_it_up_proves_the_address(flask_app, invited, client_for):
    user_id, token = invited
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, user_id).status = UserStatus.PENDING_EMAIL_VALIDATION
        db.session.commit()

    with frozen_at(NOW):
        send(client_for(), token)

    with flask_app.app_context(), system_scope("test"):
        assert db.session.get(User, user_id).status is UserStatus.ACTIVE
