"""Who is told what about sign-ups and requests: the customer's person, the reseller, Cloud Ops, each once."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from app.approvals import services
from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestType
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer, save_enablement
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.notifications import request_hooks
from app.notifications.models import OutgoingMail
from app.portal.signals import (
    email_validation_asked,
    signup_forgotten,
    signup_known_address,
    signup_received,
)
from app.providers.models import Provider
from app.security.accounts import create_user
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, Scope, ScopeKind, system_scope, use_scope
from tests.worlds import World

NOW = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(hours=3)
OPS_DESK = "ops@northcanary.example"
RESELLERS = "help@north.example"


class Story:
    """The northern reseller, one of its customers, and the mails that were written."""

    def __init__(self, world: World) -> None:
        self.world, self.north = world, world.north

    @contextmanager
    def at_work(self, scope: Scope) -> Iterator[None]:
        """Work in a request of its own: with nothing of what others have loaded."""
        db.session.remove()
        with use_scope(scope), unit_of_work(db.session):
            yield
        db.session.remove()

    def staff(self) -> Scope:
        """Return the scope in which the reseller's people work."""
        return Scope(ScopeKind.RESELLER, self.north.id, None, Actor(self.north.ops.id, self.north.ops.name))

    def asker(self) -> Scope:
        """Return the scope in which the customer's person works."""
        person = self.north.customer_user
        return Scope(ScopeKind.CUSTOMER, self.north.id, self.north.customer.id, Actor(person.id, person.name))

    def ask(self, request_type: RequestType, **more: Any) -> int:
        with self.at_work(self.asker()):
            person = db.session.get(User, self.north.customer_user.id)
            return self._open(request_type, requester=person, **more)

    def ask_in_console(self, request_type: RequestType, **more: Any) -> int:
        with self.at_work(self.staff()):
            return self._open(request_type, is_forwarded=True, **more)

    def _open(self, request_type: RequestType, **more: Any) -> int:
        customer = db.session.get(Customer, self.north.customer.id)
        provider = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
        if request_type is RequestType.ACCOUNT_DELETE:
            more["account"] = db.session.get(CloudAccount, self.north.account.id)
        details = {} if "account" in more else {"name": "prod\r\nBcc: x", "remark": "by Monday"}
        assert customer is not None
        request = services.open_request(
            request_type, customer=customer, provider=provider, details=details, now=NOW, **more
        )
        return request.id

    def decide(self, request_id: int, step: Any, **more: Any) -> None:
        with self.at_work(self.staff()):
            step(services.find_request(request_id), now=LATER, **more)

    def at_ops(self, request_id: int, step: Any, **more: Any) -> None:
        admin = Actor(self.world.admin.id, self.world.admin.name, is_platform=True)
        with self.at_work(Scope(ScopeKind.PLATFORM, actor=admin)):
            step(services.find_request(request_id), now=LATER, **more)

    def sign_up(self, *, is_proven: bool = True) -> int:
        """A stranger's sign-up that has come as far as the reseller."""
        proven = {ADDRESS_PROVEN: "yes"} if is_proven else {}
        with self.at_work(self.staff()):
            customer = create_customer(
                {
                    "organization": "Newcomers GmbH",
                    "contact_name": "Nora Newcomer",
                    "email": "nora@newcomers.example",
                    "country": "DE",
                    "language": "de",
                },
                now=NOW,
                status=CustomerStatus.PENDING,
            )
            user = create_user(
                name="Nora Newcomer",
                email="nora@newcomers.example",
                role=RoleName.CUSTOMER,
                reseller_id=self.north.id,
                customer_id=customer.id,
                status=UserStatus.PENDING_APPROVAL,
            )
            user.locale = "de"
            request = services.open_request(
                RequestType.SIGNUP,
                customer=customer,
                requester=user,
                details={"providers": "aws, azure", "country": "DE", "duplicate_of": "C-1"} | proven,
                now=NOW,
            )
            signup_received.send(request, user=user, now=NOW)
            return request.id

    def told(self) -> list[tuple[str, str]]:
        """Return (event, recipient) of the mails since the last time this was asked."""
        db.session.rollback()
        with system_scope("the test looks"):
            found = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
            told = [(one.event, one.recipient) for one in found]
            self.texts = {one.event: f"{one.subject}\n{one.text}" for one in found}
            for one in found:
                db.session.delete(one)
            db.session.commit()
        return told


@pytest.fixture
def story(flask_app: Any, world: World) -> Iterator[Story]:
    with flask_app.test_request_context():
        with system_scope("the test sets its scene"):
            reseller = db.session.get(Reseller, world.north.id)
            assert reseller is not None
            reseller.support_email = RESELLERS
            db.session.commit()
        yield Story(world)


KINDS = [RequestType.ACCOUNT_PROVISION, RequestType.ACCOUNT_LINK, RequestType.ACCOUNT_DELETE]


@pytest.mark.parametrize("kind", [*KINDS, RequestType.PROVIDER_ENABLEMENT])
def test_a_request_that_goes_well(story: Story, kind: RequestType) -> None:
    person = story.north.customer_user.email

    request_id = story.ask(kind)
    assert story.told() == [(f"{kind.value}_requested", RESELLERS), (f"{kind.value}_received", person)]
    asked = story.texts[f"{kind.value}_requested"]
    assert "Amazon Web Services" in asked
    assert f"/settings/approvals/{request_id}/" in asked
    assert f"/portal/north/accounts/requests/{request_id}/" in story.texts[f"{kind.value}_received"]
    assert f"{story.north.customer_user.name} ({person}) of {story.north.customer.name}" in asked
    if kind is not RequestType.ACCOUNT_DELETE:
        assert "\nFriendly name: prod Bcc: x\nRemark: by Monday\n" in asked

    story.decide(request_id, services.approve_and_forward)
    assert story.told() == [(f"{kind.value}_approved", person), (f"{kind.value}_forwarded", OPS_DESK)]
    assert story.north.name in story.texts[f"{kind.value}_forwarded"]
    assert f"/platform/operations/{request_id}/" in story.texts[f"{kind.value}_forwarded"]

    story.at_ops(request_id, services.take)
    assert story.told() == [], "that somebody works on it is seen on the screens"

    story.at_ops(request_id, services.complete, account_id="123412341234", name="prod-1")
    assert story.told() == [
        (f"{kind.value}_completed", person),
        (f"{kind.value}_completed_reseller", RESELLERS),
    ]
    if kind in (RequestType.ACCOUNT_PROVISION, RequestType.ACCOUNT_LINK):
        assert "prod-1 (123412341234)" in story.texts[f"{kind.value}_completed"]
        assert "prod-1 (123412341234)" in story.texts[f"{kind.value}_completed_reseller"]
    if kind is RequestType.ACCOUNT_DELETE:
        assert story.north.account.name in story.texts[f"{kind.value}_completed"]


@pytest.mark.parametrize("kind", [*KINDS, RequestType.PROVIDER_ENABLEMENT])
def test_a_request_that_is_declined_or_rejected(story: Story, kind: RequestType) -> None:
    person = story.north.customer_user.email
    declined = story.ask(kind)
    story.told()

    story.decide(declined, services.decline, reason="Not before\nthe contract.")
    assert story.told() == [(f"{kind.value}_declined", person)]
    assert "> Not before\n> the contract." in story.texts[f"{kind.value}_declined"]

    rejected = story.ask(kind)
    story.decide(rejected, services.approve_and_forward)
    story.told()
    story.at_ops(rejected, services.reject, reason="The provider says no.")
    assert story.told() == [
        (f"{kind.value}_rejected", person),
        (f"{kind.value}_rejected_reseller", RESELLERS),
    ]


def test_what_the_reseller_asks_itself_is_told_to_the_customer_when_it_is_done(story: Story) -> None:
    contact = "customer@northcanary.example"

    done = story.ask_in_console(RequestType.ACCOUNT_PROVISION)
    assert story.told() == [("account_provision_forwarded", OPS_DESK)]
    assert f"made by {story.north.ops.name} ({RESELLERS})" in story.texts["account_provision_forwarded"]
    story.at_ops(done, services.complete, account_id="123412341234")
    assert story.told() == [
        ("account_provision_completed", contact),
        ("account_provision_completed_reseller", RESELLERS),
    ]

    other = story.ask_in_console(RequestType.ACCOUNT_LINK)
    story.told()
    story.at_ops(other, services.reject, reason="No.")
    assert story.told() == [("account_link_rejected_reseller", RESELLERS)]


def test_whose_asker_is_gone_has_the_customers_contact(story: Story) -> None:
    request_id = story.ask(RequestType.ACCOUNT_PROVISION)
    with system_scope("the test removes a login"), unit_of_work(db.session):
        user = db.session.get(User, story.north.customer_user.id)
        assert user is not None
        user.roles = []
        db.session.flush()
        db.session.delete(user)
    story.told()

    story.decide(request_id, services.decline, reason="No.")

    assert story.told() == [("account_provision_declined", "customer@northcanary.example")]


def test_a_sign_up_that_goes_well(story: Story) -> None:
    request_id = story.sign_up()
    assert story.told() == [
        ("signup_needs_approval", RESELLERS),
        ("signup_received", "nora@newcomers.example"),
    ]
    assert "Nora Newcomer (nora@newcomers.example)" in story.texts["signup_needs_approval"]
    asked = story.texts["signup_needs_approval"]
    assert "Country: Germany\nProviders asked for: Amazon Web Services, Microsoft Azure" in asked
    assert "C-1" not in asked
    assert story.texts["signup_received"].startswith("Ihre Registrierung bei")

    with story.at_work(story.staff()):
        customer = services.find_request(request_id).customer
        provider = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
        assert customer is not None
        values = {"is_authorised": True, "services": None, "pricebook_id": None, "in_portal": True}
        values |= {"may_request_accounts": True, "currency": "EUR"}
        values |= {"pass_reserved_instances": False, "pass_savings_plans": False}
        save_enablement(customer, provider, values, version=0, currency="EUR")
    story.decide(request_id, services.approve_and_forward)
    assert story.told() == [
        ("signup_approved", "nora@newcomers.example"),
        ("signup_forwarded", OPS_DESK),
    ]
    assert "/portal/north/" in story.texts["signup_approved"]

    story.at_ops(request_id, services.complete)
    assert story.told() == [
        ("signup_completed", "nora@newcomers.example"),
        ("signup_completed_reseller", RESELLERS),
    ]


@pytest.mark.parametrize("is_proven", [True, False])
def test_a_stranger_writes_nothing_to_somebody_elses_address(story: Story, is_proven: bool) -> None:
    """Without email validation the address is anybody's: the mails carry no word that was typed beside it."""
    told = {}
    for decide, more in ((services.decline, {"reason": "No."}), (None, {})):
        request_id = story.sign_up(is_proven=is_proven)
        if decide is not None:
            story.decide(request_id, decide, **more)
        story.told()
        told |= story.texts

    for event in ("signup_received", "signup_declined"):
        assert ("Nora" in told[event]) is is_proven
        assert ("Newcomers GmbH" in told[event]) is is_proven
        assert ("Guten Tag nora@newcomers.example," in told[event]) is not is_proven
    assert ("Ihr Unternehmen" in told["signup_received"]) is not is_proven
    assert "Nora Newcomer" in told["signup_needs_approval"], "the reseller reads what was entered"


def test_a_sign_up_that_is_declined_is_told_before_the_login_goes(story: Story) -> None:
    request_id = story.sign_up()
    story.told()

    story.decide(request_id, services.decline, reason="We serve companies alone.")

    assert story.told() == [("signup_declined", "nora@newcomers.example")]
    assert "> We serve companies alone." in story.texts["signup_declined"]


def test_a_sign_up_that_cloud_ops_rejects_is_the_resellers_matter(story: Story) -> None:
    request_id = story.sign_up()
    with system_scope("the test forwards"), unit_of_work(db.session):
        request = db.session.get(ApprovalRequest, request_id)
        assert request is not None
        request.status, request.forwarded_at, request.decided_at = "forwarded", LATER, LATER
    story.told()

    story.at_ops(request_id, services.reject, reason="No capacity.")

    assert story.told() == [("signup_rejected", RESELLERS)]


def test_a_decision_that_fails_mails_nothing(story: Story) -> None:
    request_id = story.ask(RequestType.ACCOUNT_PROVISION)
    story.told()

    def decline_and_fail(request: ApprovalRequest, *, now: datetime.datetime) -> None:
        services.decline(request, reason="No.", now=now)
        raise RuntimeError("something failed afterwards")

    with pytest.raises(RuntimeError):
        story.decide(request_id, decline_and_fail)

    assert story.told() == []


def test_each_is_told_once(story: Story) -> None:
    request_id = story.ask(RequestType.ACCOUNT_PROVISION)
    story.told()
    with story.at_work(story.staff()):
        request = services.find_request(request_id)
        for _ in range(2):
            request_hooks.mail_requested(request, now=NOW)

    assert len(story.told()) == 2


def test_the_link_that_proves_an_address(story: Story) -> None:
    with story.at_work(Scope(ScopeKind.STOREFRONT, story.north.id)):
        with system_scope("a sign-up makes its login"):
            user = db.session.get(User, story.north.customer_user.id)
        email_validation_asked.send(user, token="SECRET", expires_at=LATER, now=NOW)
        email_validation_asked.send(user, token="SECRET", expires_at=LATER, now=NOW)

    with system_scope("the test looks"):
        [mail] = db.session.scalars(select(OutgoingMail)).all()
    assert (mail.event, mail.recipient, mail.has_secret, mail.useful_until) == (
        "signup_validate_email",
        story.north.customer_user.email,
        True,
        LATER,
    )
    assert "http://127.0.0.1:8080/portal/north/validate/SECRET/" in mail.text
    assert mail.key is not None
    assert "SECRET" not in mail.key


def test_where_nobody_may_get_a_link_nothing_is_written(story: Story) -> None:
    with story.at_work(Scope(ScopeKind.STOREFRONT, story.north.id)):
        email_validation_asked.send(None, token="SECRET", expires_at=LATER, now=NOW)

    assert story.told() == []


@pytest.mark.parametrize(
    ("who", "door"), [("customer_user", "/portal/north/login/"), ("owner", "/login/"), ("admin", "/login/")]
)
def test_whose_address_is_signed_up_with_learns_of_the_login(story: Story, who: str, door: str) -> None:
    person = story.world.admin if who == "admin" else getattr(story.north, who)
    for moment in (NOW, NOW + datetime.timedelta(minutes=20), NOW + datetime.timedelta(hours=1)):
        with story.at_work(Scope(ScopeKind.SYSTEM)):
            signup_known_address.send(db.session.get(User, person.id), now=moment)

    assert story.told() == [("signup_known_address", person.email)] * 2, "once an hour"
    assert f"http://127.0.0.1:8080{door}\n" in story.texts["signup_known_address"]


def test_a_sign_up_that_is_taken_away_leaves_no_mail_behind(story: Story) -> None:
    story.sign_up()
    with story.at_work(Scope(ScopeKind.STOREFRONT, story.north.id)):
        signup_forgotten.send("nora@newcomers.example", reseller_id=story.north.id, now=LATER)

    with system_scope("the test looks"):
        left = [
            (one.event, one.recipient, one.text, one.state.value)
            for one in db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id))
        ]
    assert [one[0] for one in left] == ["signup_needs_approval", "signup_received"]
    assert left[1][1:] == ("nobody@anonymous.invalid", "", "failed")
    assert left[0][1] == RESELLERS
