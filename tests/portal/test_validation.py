"""The link that proves an address: looked at as often as anybody likes, used once, and of no use for anything else."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from app.approvals import services as approvals
from app.approvals.models import ApprovalRequest, RequestStatus
from app.audit.models import AuditEntry
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.portal.signup.models import EmailValidation
from app.portal.signup.tasks import FORGET_TASK, forget_unproven_signups
from app.security import accounts
from app.security.models import User, UserStatus
from app.tenancy.scope import reseller_scope, system_scope
from app.terms.models import TermsAcceptance
from tests.client import Client
from tests.portal.steps import (
    NOW,
    SECRET,
    Heard,
    change_settings,
    count,
    last_entry,
    looking,
    new_entries,
    publish,
    sign_up,
)
from tests.worlds import World

EMAIL = "ruth@castellan.example"
CONFIRMED = "/portal/north/signup/confirmed/"
GONE = "This link has ended"
NEUTRAL = "If a sign-up with this address is not confirmed yet, a mail with a new link is on its way."


class Applicant:
    """Somebody who signed up at nine, and the browser it was done in."""

    def __init__(self, client: Client, heard: Heard) -> None:
        self.client, self.heard = client, heard
        with frozen_at(NOW):
            sign_up(client)
        self.link = f"/portal/north/validate/{heard.token}/"


@pytest.fixture
def applicant(flask_app: Any, world: World, client_for: Any, heard: Heard) -> Applicant:
    return Applicant(client_for(), heard)


def status_of(app: Any) -> UserStatus:
    with looking(app) as session:
        found: UserStatus = session.scalars(select(User.status).where(User.email == EMAIL)).one()
        return found


def test_the_link_puts_the_sign_up_before_the_reseller(
    flask_app: Any, world: World, applicant: Applicant
) -> None:
    with frozen_at(NOW):
        page = applicant.client.get(applicant.link)
        answer = applicant.client.post(applicant.link)
        after = applicant.client.get(answer.location)

    assert "Castellan Legal LLP" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert answer.location == CONFIRMED
    assert "Your address is confirmed" in after.text
    assert status_of(flask_app) is UserStatus.PENDING_APPROVAL
    assert applicant.heard.received == [EMAIL]
    with looking(flask_app) as session:
        request = session.scalars(select(ApprovalRequest)).one()
        assert (request.reseller_id, request.status, request.created_at) == (
            world.north.id,
            RequestStatus.PENDING,
            NOW,
        )
        assert request.details["organization"] == "Castellan Legal LLP"
        assert request.details["street"] == "Quay 4"
        assert SECRET not in repr(request.details)
    assert count(flask_app, EmailValidation) == 0


def test_opening_the_link_changes_nothing(flask_app: Any, applicant: Applicant, client_for: Any) -> None:
    with frozen_at(NOW):
        for _ in range(3):
            assert client_for().get(applicant.link).status_code == 200
            assert client_for().http.head(applicant.link).status_code == 200

    assert status_of(flask_app) is UserStatus.PENDING_EMAIL_VALIDATION
    assert applicant.heard.received == []


def test_another_browser_gives_the_password_that_was_chosen(
    flask_app: Any, applicant: Applicant, client_for: Any
) -> None:
    elsewhere = client_for()
    with frozen_at(NOW):
        assert 'type="password"' not in applicant.client.get(applicant.link).text
        assert 'type="password"' in elsewhere.get(applicant.link).text
        without = elsewhere.post(applicant.link)
        wrong = elsewhere.post(applicant.link, {"password": "somebody else's guess"})
        assert status_of(flask_app) is UserStatus.PENDING_EMAIL_VALIDATION
        right = elsewhere.post(applicant.link, {"password": SECRET})

    assert (without.status_code, wrong.status_code) == (422, 422)
    assert "This is not the password that was chosen at sign-up." in wrong.text
    assert right.location == CONFIRMED


def test_nobodys_click_proves_what_a_stranger_entered_with_the_address(
    flask_app: Any, applicant: Applicant, client_for: Any, heard: Heard
) -> None:
    """Ruth signed up; a stranger signs up with her address and another password; she opens the newest mail."""
    with frozen_at(NOW):
        sign_up(client_for(), password="the stranger's own secret")
        newest = f"/portal/north/validate/{heard.token}/"

        answer = applicant.client.post(newest, {"password": SECRET})

    assert answer.status_code == 422
    assert status_of(flask_app) is UserStatus.PENDING_EMAIL_VALIDATION


def test_a_used_link_is_refused(applicant: Applicant) -> None:
    with frozen_at(NOW):
        applicant.client.post(applicant.link)
        again, page = applicant.client.post(applicant.link), applicant.client.get(applicant.link)

    assert (again.status_code, page.status_code) == (404, 404)
    assert GONE in again.text
    assert GONE in page.text
    assert applicant.heard.received == [EMAIL]


@pytest.mark.parametrize(("minutes", "is_taken"), [(24 * 60 - 1, True), (24 * 60, False)])
def test_it_works_for_a_day(applicant: Applicant, minutes: int, is_taken: bool) -> None:
    with frozen_at(NOW + datetime.timedelta(minutes=minutes)):
        answer = applicant.client.post(applicant.link)

    assert (answer.location == CONFIRMED) is is_taken


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 400, "%20", "<script>", "ü"])
def test_a_broken_link_is_answered_like_an_old_one(client_for: Any, world: World, token: str) -> None:
    client = client_for()
    for answer in (
        client.get(f"/portal/north/validate/{token}/"),
        client.post(f"/portal/north/validate/{token}/"),
    ):
        assert answer.status_code == 404
        assert GONE in answer.text
        assert "<script>" not in answer.text.replace("<script nonce", "").replace("<script src", "")


def test_a_link_of_another_reseller_is_refused(flask_app: Any, applicant: Applicant) -> None:
    with frozen_at(NOW):
        elsewhere = applicant.client.post(applicant.link.replace("/north/", "/south/"))

    assert elsewhere.status_code == 404
    assert status_of(flask_app) is UserStatus.PENDING_EMAIL_VALIDATION


def test_all_links_of_no_use_get_the_same_page(applicant: Applicant, client_for: Any) -> None:
    with frozen_at(NOW):
        applicant.client.post(applicant.link)
        used = client_for().get(applicant.link)
        broken = client_for().get("/portal/north/validate/broken/")
    with frozen_at(NOW + datetime.timedelta(days=3)):
        late = client_for().get(applicant.link)

    def bare(answer: Any) -> str:
        text: str = answer.text
        for path in (applicant.link, "/portal/north/validate/broken/"):
            text = text.replace(path.replace("/", "%2F"), "").replace(path, "")
        return "\n".join(
            line for line in text.splitlines() if "csrf_token" not in line and "nonce" not in line
        )

    assert bare(used) == bare(broken) == bare(late)


def test_a_link_after_a_decline_is_refused_and_the_address_may_sign_up_again(
    flask_app: Any, world: World, applicant: Applicant, heard: Heard
) -> None:
    before = last_entry(flask_app)
    with frozen_at(NOW):
        applicant.client.post(applicant.link)
        with flask_app.test_request_context(), reseller_scope(world.north.id), unit_of_work(db.session):
            request = db.session.scalars(select(ApprovalRequest)).one()
            approvals.decline(request, reason="We do not serve law firms.", now=NOW)
        refused = applicant.client.post(applicant.link)
        again = sign_up(applicant.client)

    assert refused.status_code == 404
    assert again.location == "/portal/north/signup/sent/"
    assert heard.asked == [EMAIL, EMAIL]
    told = repr([(one.record_name, one.changes, one.actor_name) for one in new_entries(flask_app, before)])
    assert "Ruth" not in told
    assert EMAIL not in told


def test_a_sign_up_that_accepted_the_terms_can_be_declined(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    with frozen_at(NOW):
        sign_up(client, terms_id=client.opened("/portal/north/signup/", "terms_id"), accepts_terms="y")
        client.post(f"/portal/north/validate/{heard.token}/")
    with looking(flask_app) as session:
        request_id = session.scalars(select(ApprovalRequest.id)).one()

    answer = client_for(world.north.ops).post(
        f"/settings/approvals/{request_id}/decline/", {"reason": "We do not know you."}
    )

    assert answer.status_code == 302
    assert count(flask_app, TermsAcceptance) == 0
    assert count(flask_app, User, User.email == EMAIL) == 0


def test_a_customer_whom_the_reseller_activated_by_hand_needs_no_link(
    flask_app: Any, world: World, applicant: Applicant
) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(update(User).where(User.email == EMAIL).values(status=UserStatus.ACTIVE))
        db.session.commit()

    with frozen_at(NOW):
        assert applicant.client.post(applicant.link).status_code == 404
    assert status_of(flask_app) is UserStatus.ACTIVE


def test_automatic_approval_waits_for_the_proof(flask_app: Any, world: World, applicant: Applicant) -> None:
    change_settings(flask_app, world.north, approves_automatically=True)
    with frozen_at(NOW):
        page = applicant.client.get(applicant.client.post(applicant.link).location)

    assert "You can log in now" in page.text
    with looking(flask_app) as session:
        assert session.scalars(select(ApprovalRequest.status)).one() is RequestStatus.FORWARDED
        assert (
            session.scalars(
                select(Customer.status).where(Customer.organization == "Castellan Legal LLP")
            ).one()
            is CustomerStatus.ACTIVE
        )
        names = set(session.scalars(select(AuditEntry.actor_name).where(AuditEntry.action == "activated")))
        assert names == {"Automatic approval"}


# -- once more ---------------------------------------------------------------------------------------------------------


def again(client: Client, email: str) -> Any:
    return client.post("/portal/north/validate/", {"email": email})


def test_a_new_link_ends_the_older(flask_app: Any, applicant: Applicant, heard: Heard) -> None:
    with frozen_at(NOW + datetime.timedelta(days=2)):
        answer = again(applicant.client, f" {EMAIL.upper()} ")
        told = applicant.client.get(answer.location)
        newer = f"/portal/north/validate/{heard.token}/"

        assert NEUTRAL in told.text
        assert applicant.client.post(applicant.link).status_code == 404
        assert applicant.client.post(newer).location == CONFIRMED
    assert heard.asked == [EMAIL, EMAIL]


@pytest.mark.parametrize("who", ["nobody", "customer", "other reseller", "proven"])
def test_who_waits_for_no_link_gets_the_same_answer_and_no_mail(
    flask_app: Any, world: World, applicant: Applicant, client_for: Any, heard: Heard, who: str
) -> None:
    client, portal = client_for(), "/portal/north/validate/"
    email = {"nobody": "nobody@nowhere.example", "customer": world.north.customer_user.email}.get(who, EMAIL)
    if who == "proven":
        with frozen_at(NOW):
            applicant.client.post(applicant.link)
    if who == "other reseller":
        portal = "/portal/south/validate/"
    heard.links.clear()

    answer = client.post(portal, {"email": email})

    assert answer.location == portal
    assert NEUTRAL in client.get(portal).text
    assert heard.asked == [None]


# -- forgetting --------------------------------------------------------------------------------------------------------


def forget(app: Any, moment: datetime.datetime) -> int:
    with app.app_context(), frozen_at(moment):
        return forget_unproven_signups()


def test_what_nobody_proved_is_forgotten_a_week_after_its_link_ended(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    with frozen_at(NOW):
        sign_up(client, terms_id=client.opened("/portal/north/signup/", "terms_id"), accepts_terms="y")
        sign_up(client_for(), "south", email="other@south.example", organization="Southern")
    before, end = last_entry(flask_app), NOW + datetime.timedelta(days=8)
    assert count(flask_app, TermsAcceptance) == 1

    assert forget(flask_app, end) == 0
    assert forget(flask_app, end + datetime.timedelta(seconds=1)) == 2

    assert count(flask_app, EmailValidation) == 0
    assert count(flask_app, TermsAcceptance) == 0
    assert count(flask_app, Customer, Customer.status == CustomerStatus.PENDING) == 0
    assert count(flask_app, User, User.email.in_([EMAIL, "other@south.example"])) == 0
    assert sorted(heard.forgotten) == ["other@south.example", EMAIL]
    entries = new_entries(flask_app, before)
    assert {one.action for one in entries} == {"signup_forgotten"}
    assert {one.reseller_id for one in entries} == {world.north.id, world.south.id}
    assert "castellan" not in repr([(one.record_name, one.changes) for one in entries]).lower()


def test_a_new_link_puts_forgetting_off(flask_app: Any, applicant: Applicant) -> None:
    with frozen_at(NOW + datetime.timedelta(days=7)):
        again(applicant.client, EMAIL)

    assert forget(flask_app, NOW + datetime.timedelta(days=9)) == 0
    assert forget(flask_app, NOW + datetime.timedelta(days=16)) == 1


def test_what_was_proven_is_kept(flask_app: Any, applicant: Applicant) -> None:
    with frozen_at(NOW):
        applicant.client.post(applicant.link)

    assert forget(flask_app, NOW + datetime.timedelta(days=400)) == 0
    assert status_of(flask_app) is UserStatus.PENDING_APPROVAL


def set_by_hand(app: Any, client: Client, status: str) -> Any:
    """Let somebody of the reseller's choose a login's state in its form."""
    with looking(app) as session:
        user_id, customer_id = session.execute(
            select(User.id, User.customer_id).where(User.email == EMAIL)
        ).one()
    url = f"/customers/{customer_id}/users/{user_id}/"
    return client.post(url, {"name": "Ruth", "status": status, "opened": client.opened(url)})


@pytest.mark.parametrize(
    "steps",
    [
        [UserStatus.PENDING_APPROVAL],
        [UserStatus.ACTIVE],
        [UserStatus.SUSPENDED, UserStatus.ACTIVE],
    ],
)
def test_the_resellers_word_proves_an_address_and_the_sign_up_waits_for_the_decision(
    flask_app: Any, world: World, applicant: Applicant, client_for: Any, steps: list[UserStatus]
) -> None:
    status = steps[-1]
    with frozen_at(NOW):
        for one in steps:
            assert set_by_hand(flask_app, client_for(world.north.ops), one.value).status_code == 302

    with looking(flask_app) as session:
        request = session.scalars(select(ApprovalRequest)).one()
        assert (request.status, request.details["email"]) == (RequestStatus.PENDING, EMAIL)
        assert session.get(Customer, request.customer_id).status is CustomerStatus.PENDING
    assert status_of(flask_app) is status
    assert forget(flask_app, NOW + datetime.timedelta(days=400)) == 0
    assert status_of(flask_app) is status


def test_an_invitation_that_is_taken_up_proves_an_address_too(
    flask_app: Any, world: World, applicant: Applicant, client_for: Any
) -> None:
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        user = db.session.scalars(select(User).where(User.email == EMAIL)).one()
        token = accounts.invite(user, now=NOW)

    with frozen_at(NOW):
        new = {"password": "seven quiet rivers", "repeated": "seven quiet rivers"}
        assert client_for().post(f"/invitation/{token}/", new).location == "/portal/north/login/"

    with looking(flask_app) as session:
        request = session.scalars(select(ApprovalRequest)).one()
        assert (request.status, request.details["email"]) == (RequestStatus.PENDING, EMAIL)
        assert session.get(Customer, request.customer_id).status is CustomerStatus.PENDING


def test_a_login_that_was_let_in_is_never_forgotten_with_its_link(
    flask_app: Any, world: World, applicant: Applicant
) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(update(User).where(User.email == EMAIL).values(status=UserStatus.ACTIVE))
        db.session.commit()

    forget(flask_app, NOW + datetime.timedelta(days=400))

    assert status_of(flask_app) is UserStatus.ACTIVE
    assert count(flask_app, EmailValidation) == 0


def test_the_worker_knows_of_it(flask_app: Any) -> None:
    celery = flask_app.extensions["celery"]

    assert FORGET_TASK in celery.tasks
    assert celery.conf.beat_schedule[FORGET_TASK]["schedule"] == 3600
