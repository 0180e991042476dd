"""What is kept of a person: handed out as one file, and forgotten for good when somebody asks for it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from sqlalchemy import select, update

from app.approvals.models import ApprovalRequest, RequestType
from app.approvals.services import open_request
from app.audit.models import AuditEntry
from app.customers.models import Customer
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.security import accounts, personal_data
from app.security.login_models import EarlierPassword, LoginSession, RecoveryCode
from app.security.models import User, UserStatus
from app.security.personal_data import PARTS
from app.tenancy.scope import Actor, reseller_scope, system_scope
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)


def put(app: Any, recipient: str, event: str, text: str, **more: Any) -> int:
    with app.app_context(), system_scope("the test puts a mail"):
        mail_id = outbox.put(
            event=event,
            recipient=recipient,
            subject=f"About {recipient}",
            text=text,
            now=utc_now(),
            reseller_id=1,
            **more,
        )
        db.session.commit()
    assert mail_id is not None
    return mail_id


def user_page(world: World, rest: str = "", user: Any = None) -> str:
    return f"/customers/{world.north.customer.id}/users/{(user or world.north.customer_user).id}/{rest}"


def data_of(answer: Any) -> Any:
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert "attachment; filename=personal-data-" in answer.headers["Content-Disposition"]
    return json.loads(answer.text)


# -- handing out -------------------------------------------------------------------------------------------------------


def test_a_persons_file_holds_everything_that_is_announced(
    flask_app: Any, world: World, client_for: Any
) -> None:
    person = world.north.customer_user
    client_for().post(person.door, {"username": person.email, "password": PASSWORD})
    client_for().post(person.door, {"username": person.email, "password": "wrong password here"})
    put(flask_app, person.email, "signup_approved", "Welcome to you.")

    data = data_of(client_for(person).get("/profile/data.json"))

    assert set(data) == {"login", "made_at", *PARTS}
    assert set(PARTS) >= {"profile", "sign_ins", "sessions", "activity", "contact", "mails", "saved_views"}
    assert data["profile"] | {"last_sign_in": None, "password_changed_at": None} == {
        "name": person.name,
        "email": person.email,
        "role": "Customer User",
        "status": "active",
        "language": None,
        "last_sign_in": None,
        "sign_ins": 1,
        "password": "set",
        "password_changed_at": None,
        "second_factor_since": None,
    }
    assert [one["address"] for one in data["sessions"]] == ["127.0.0.1"] * len(data["sessions"])
    assert data["sessions"]
    assert [(one["what"], one["address"]) for one in data["sign_ins"]] == [
        ("signed_in", "127.0.0.1"),
        ("sign_in_refused", "127.0.0.1"),
    ]
    assert [(one["event"], one["text"]) for one in data["mails"]] == [("signup_approved", "Welcome to you.")]
    assert data["contact"] == {"organization": world.north.customer.name}


def test_contact_data_is_handed_out_to_the_contact(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    with flask_app.app_context(), system_scope("the test names a contact"):
        db.session.execute(
            update(Customer)
            .where(Customer.id == world.north.customer.id)
            .values(email=person.email, phone="+49 40 1234")
        )
        db.session.commit()

    contact = data_of(client_for(person).get("/profile/data.json"))["contact"]

    assert (contact["email"], contact["phone"]) == (person.email, "+49 40 1234")


def test_no_secret_and_nobody_elses_data_is_in_it(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    with flask_app.app_context(), system_scope("the test invites"), unit_of_work(db.session):
        user = db.session.get(User, person.id)
        token = accounts.invite(user, now=utc_now())
        assert user is not None
        stored, link = user.password, user.invitation_hash
    put(flask_app, person.email, "signup_needs_approval", "Bob <bob@elsewhere.example> signed up.")
    put(flask_app, "other@northcanary.example", "signup_approved", "Hello other.")

    text = client_for(person).get("/profile/data.json").text

    for secret in (
        token,
        stored,
        link,
        "bob@elsewhere.example",
        "Hello other",
        world.north.owner.email,
        "southcanary",
    ):
        assert secret not in text
    invited = [one for one in json.loads(text)["mails"] if one["event"] == "user_invited"]
    assert [one["text"] for one in invited] == [None]


def test_a_colleagues_network_address_is_not_the_persons(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client_for(world.north.owner).post(f"/settings/users/{world.north.ops.id}/invite")

    data = data_of(client_for(world.north.ops).get("/profile/data.json"))

    assert [(one["what"], one["address"]) for one in data["sign_ins"]] == [("invited", None)]


def test_staff_get_their_views_and_what_they_did_without_names(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post("/views/customers/add?status=pending", {"name": "Waiting ones"})
    client.post(f"/customers/{world.north.customer.id}/archive/")

    data = data_of(client.get("/profile/data.json"))

    assert [(one["name"], one["shows"]) for one in data["saved_views"]] == [
        ("Waiting ones", "status=pending")
    ]
    assert ("archived", "customer") in [(one["what"], one["kind"]) for one in data["activity"]]
    assert world.north.customer.name not in json.dumps(data)


def test_a_platform_admin_who_has_entered_gets_the_own_data(world: World, client_for: Any) -> None:
    client = client_for(world.admin)
    client.post(f"/enter/{world.north.id}/", {"reason": "they asked for help"})

    data = data_of(client.get("/profile/data.json"))

    assert data["profile"]["email"] == world.admin.email
    assert "entered" in [one["what"] for one in data["activity"]]


def test_the_reseller_hands_out_a_customers_persons_data_and_it_is_noted(
    flask_app: Any, world: World, client_for: Any
) -> None:
    data = data_of(client_for(world.north.ops).get(user_page(world, "data.json")))

    assert data["profile"]["email"] == world.north.customer_user.email
    with flask_app.app_context(), system_scope("the test looks"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.record_type, entry.record_id, entry.actor_id) == (
        "exported",
        "user",
        world.north.customer_user.id,
        world.north.ops.id,
    )


@pytest.mark.parametrize("rest", ["data.json", "anonymise/"])
def test_others_may_not_and_find_nobody(world: World, client_for: Any, rest: str) -> None:
    assert client_for(world.north.sales).get(user_page(world, rest)).status_code == 403
    assert client_for(world.north.customer_user).get(user_page(world, rest)).status_code == 403
    assert client_for(world.south.owner).get(user_page(world, rest)).status_code == 404
    for wrong in (world.north.other_user, world.north.owner, world.south.customer_user):
        assert client_for(world.north.owner).get(user_page(world, rest, wrong)).status_code == 404


def asked(app: Any, world: World, kind: RequestType, requester: Any, **details: str) -> int:
    """Let somebody of the first northern customer have asked for something."""
    with app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        customer = db.session.get(Customer, world.north.customer.id)
        person = db.session.get(User, requester.id)
        assert customer is not None
        return open_request(kind, customer=customer, requester=person, details=details, now=NOW).id


def test_what_a_person_asked_for_is_handed_out_and_kept_without_the_person(
    flask_app: Any, world: World, client_for: Any
) -> None:
    person, owner = world.north.customer_user, world.north.owner
    entered = {"organization": "Acme", "contact_name": person.name, "email": person.email, "phone": "+49 1"}
    signup = asked(flask_app, world, RequestType.SIGNUP, person, **entered)
    account = asked(
        flask_app, world, RequestType.ACCOUNT_PROVISION, owner, name="prod", root_email=person.email
    )

    data = data_of(client_for(person).get("/profile/data.json"))
    page = client_for(world.north.ops).get(user_page(world, "anonymise/")).text
    client_for(world.north.ops).post(user_page(world, "anonymise/"), {"typed": person.email})

    assert [(one["kind"], one["entered"]) for one in data["requests"]] == [("signup", entered)]
    assert "2 requests keep what was asked for" in page
    with flask_app.app_context(), system_scope("the test looks"):
        left = {one.id: one.details for one in db.session.scalars(select(ApprovalRequest))}
    assert left == {signup: {"organization": "Acme"}, account: {"name": "prod"}}


# -- forgetting --------------------------------------------------------------------------------------------------------


def test_the_page_names_the_harm_before_it_is_done(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    put(flask_app, person.email, "signup_approved", "Welcome.")
    put(flask_app, "desk@north.example", "signup_needs_approval", f"{person.email} signed up.")

    page = client_for(world.north.ops).get(user_page(world, "anonymise/"))

    assert "The login is closed for ever" in page.text
    assert "2 mails lose their texts" in page.text
    assert "The change log: it is sealed" in page.text
    assert "Statements that were issued." in page.text
    assert "is also the contact" not in page.text


@pytest.mark.parametrize("typed", ["", "yes", "somebody@else.example"])
def test_nothing_is_done_without_the_typed_address(
    flask_app: Any, world: World, client_for: Any, typed: str
) -> None:
    answer = client_for(world.north.ops).post(user_page(world, "anonymise/"), {"typed": typed})

    assert answer.status_code == 422
    with flask_app.app_context(), system_scope("the test looks"):
        user = db.session.get(User, world.north.customer_user.id)
        assert user is not None
        assert user.email == world.north.customer_user.email


def test_a_person_is_forgotten_everywhere_but_in_the_sealed_log(
    flask_app: Any, world: World, client_for: Any
) -> None:
    person = world.north.customer_user
    browser = client_for(person)
    sent = put(flask_app, person.email, "signup_approved", "Welcome, you.")
    waiting = put(flask_app, person.email, "password_reset", "A link.", has_secret=True)
    desk = put(flask_app, "desk@north.example", "signup_needs_approval", f"Asked by {person.email.upper()}.")
    other = put(flask_app, "other@north.example", "signup_approved", "Hello other.")
    with flask_app.app_context(), system_scope("the test sends"):
        for row in (
            RecoveryCode(reseller_id=1, user_id=person.id, code_hash="x" * 64),
            EarlierPassword(reseller_id=1, user_id=person.id, password="x", replaced_at=NOW),
        ):
            db.session.add(row)
        db.session.execute(update(User).where(User.id == person.id).values(totp_secret="x", totp_since=NOW))
        db.session.execute(update(OutgoingMail).where(OutgoingMail.id == sent).values(state=MailState.SENT))
        db.session.commit()

    answer = client_for(world.north.ops).post(
        user_page(world, "anonymise/"), {"typed": f" {person.email.upper()} "}
    )

    assert answer.status_code == 302
    with flask_app.app_context(), system_scope("the test looks"):
        user = db.session.get(User, person.id)
        mails = {one.id: one for one in db.session.scalars(select(OutgoingMail))}
        newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert user is not None
        assert (user.name, user.email, user.username) == (
            f"Anonymous {person.id}",
            f"{person.id}@anonymous.invalid",
            f"{person.id}@anonymous.invalid",
        )
        assert (user.status, user.is_active, user.password, user.locale) == (
            UserStatus.SUSPENDED,
            False,
            None,
            "",
        )
        assert user.role_name == "Customer User"
        assert user.totp_secret is None
        for model in (LoginSession, RecoveryCode, EarlierPassword):
            assert db.session.scalars(select(model).where(model.user_id == person.id)).all() == []
    assert (newest.action, newest.record_name, newest.changes) == ("anonymised", f"Anonymous {person.id}", {})
    assert (mails[sent].recipient, mails[sent].subject, mails[sent].text, mails[sent].state) == (
        f"{person.id}@anonymous.invalid",
        "",
        "",
        MailState.SENT,
    )
    assert (mails[waiting].state, mails[waiting].last_error) == (MailState.FAILED, outbox.REMOVED)
    assert (mails[desk].recipient, mails[desk].text) == ("desk@north.example", "")
    assert mails[other].text == "Hello other."
    # Each of the mails goes on being listed, without its words.
    listed = client_for(world.north.owner).get("/settings/mails/").text
    assert "Text removed" in listed
    assert person.email not in listed
    assert (
        "Its text was removed before it could leave."
        in client_for(world.north.owner).get(f"/settings/mails/{waiting}/").text
    )
    # The browser is out, and nobody comes in again.
    assert browser.get("/profile/").status_code == 302
    assert client_for().post(person.door, {"username": person.email, "password": PASSWORD}).status_code == 422


def test_what_was_blanked_while_a_worker_had_it_is_not_sent_again(
    flask_app: Any, world: World, client_for: Any
) -> None:
    person = world.north.customer_user
    mail_id = put(flask_app, person.email, "signup_approved", "Welcome, you.")
    with flask_app.app_context(), system_scope("a worker has it"), unit_of_work(db.session):
        held = outbox.take(mail_id, now=utc_now())
    assert held is not None
    client_for(world.north.ops).post(user_page(world, "anonymise/"), {"typed": person.email})

    with flask_app.app_context(), system_scope("the worker fails, and another takes over"):
        with unit_of_work(db.session):
            outbox.settle_failure(held, reason="451 Try later", is_final=False, now=utc_now())
        with unit_of_work(db.session):
            assert outbox.take(mail_id, now=utc_now() + datetime.timedelta(days=1)) is None
        found = db.session.get(OutgoingMail, mail_id)
        assert found is not None
        assert (found.state, found.last_error) == (MailState.FAILED, outbox.REMOVED)
        with pytest.raises(WrongState):
            outbox.send_again(found, now=utc_now())


def test_a_forgotten_login_stays_closed(flask_app: Any, world: World, client_for: Any) -> None:
    client, person = client_for(world.north.owner), world.north.customer_user
    client.post(user_page(world, "anonymise/"), {"typed": person.email})

    page = client.get(user_page(world))
    assert "The person was forgotten on" in page.text
    assert 'name="status"' not in page.text
    users = client.get(f"/customers/{world.north.customer.id}/users/").text
    assert "Anonymised" in users
    assert "New invitation link" not in users
    assert client.get(user_page(world, "anonymise/")).status_code == 409
    assert client.post(user_page(world, "anonymise/"), {"typed": "x"}).status_code == 409
    client.post(user_page(world, "invite/"))
    assert "It stays closed." in client.get(f"/customers/{world.north.customer.id}/users/").text

    with flask_app.app_context(), reseller_scope(world.north.id, actor=Actor(world.north.owner.id)):
        user = db.session.get(User, person.id)
        for reopen in (
            lambda: accounts.set_status(user, UserStatus.ACTIVE),
            lambda: accounts.set_password(user, "herons wade before dawn", is_temporary=True),
            lambda: accounts.invite(user, now=utc_now()),
            lambda: personal_data.anonymise(user, now=utc_now()),
        ):
            with pytest.raises(WrongState, match="It stays closed"), unit_of_work(db.session):
                reopen()


def test_the_address_may_be_used_again(flask_app: Any, world: World, client_for: Any) -> None:
    client, person = client_for(world.north.owner), world.north.customer_user
    client.post(user_page(world, "anonymise/"), {"typed": person.email})

    answer = client.post(
        f"/customers/{world.north.customer.id}/users/add/",
        {"name": "Somebody New", "email": person.email, "status": "active"},
    )

    assert answer.status_code == 302


def test_whoever_is_the_customers_contact_is_pointed_at(
    flask_app: Any, world: World, client_for: Any
) -> None:
    person = world.north.customer_user
    with flask_app.app_context(), system_scope("the test names a contact"):
        db.session.execute(
            update(Customer).where(Customer.id == world.north.customer.id).values(email=person.email)
        )
        db.session.commit()

    page = client_for(world.north.ops).get(user_page(world, "anonymise/"))

    assert "is also the contact of" in page.text
