"""An event's mails: to whom, from whom, with which copies; and nothing of what is switched off."""

from __future__ import annotations

import datetime
import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.notifications.addresses import named
from app.notifications.events import EVENTS, Audience, Kind
from app.notifications.models import EmailTemplate, OutgoingMail
from app.notifications.post import Recipient, mail
from app.notifications.render import render, samples
from app.notifications.sender import message_of
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.security.signals import login_locked, second_factor_reset
from app.tenancy.models import Reseller
from app.tenancy.scope import Scope, ScopeKind, system_scope, use_scope
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)
ADA = Recipient("ada@customer.example", "Ada Lindqvist", "de")


@pytest.fixture
def north(flask_app: Any, world: World) -> Iterator[Reseller]:
    with flask_app.app_context(), system_scope("the test writes mails"), frozen_at(NOW):
        reseller = db.session.get(Reseller, world.north.id)
        assert reseller is not None
        reseller.support_email = "help@north.example"
        db.session.commit()
        yield reseller


def template(event: str, **values: Any) -> None:
    known = {"is_on": True, "from_name": "", "from_address": "", "bcc": "", "send_to": ""}
    known |= {"reply_to_name": "", "reply_to_address": ""}
    db.session.add(EmailTemplate(reseller_id=1, event=event, **(known | values)))
    db.session.commit()


def post(event: str, reseller: Reseller | None, *to: Recipient, key: str = "17") -> int:
    values = {
        name: value
        for name, value in samples(EVENTS[event], reseller).items()
        if name not in ("NAME", "EMAIL")
    }
    with unit_of_work(db.session):
        return mail(event, reseller=reseller, to=to, values=values, key=key, now=NOW)


def head_of(row: OutgoingMail) -> Any:
    """Return a mail as its receiver reads it."""
    return email.message_from_bytes(message_of(row).as_bytes(), policy=email.policy.default)


def written() -> Any:
    db.session.rollback()
    return db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()


def test_a_person_is_written_to_by_name_and_in_the_own_language(north: Reseller) -> None:
    assert post("signup_approved", north, ADA) == 1

    [found] = written()
    assert (found.recipient, found.subject) == (
        "ada@customer.example",
        f"Ihr Konto bei {north.name} ist bereit",
    )
    assert found.text.startswith("Guten Tag Ada Lindqvist,\n")
    assert found.sender == f'"{north.name}" <cloudtally@localhost>'
    assert found.reply_to == f'"{north.name}" <help@north.example>'


def test_the_name_that_customers_know_stands_on_mails_to_them(north: Reseller) -> None:
    north.portal_name = "Nordwolke"
    db.session.commit()

    post("signup_approved", north, ADA)
    post("signup_forwarded", north)

    approved, forwarded = written()
    assert "Nordwolke" in approved.subject
    assert forwarded.subject.startswith(f"{north.name}: ")


def test_a_mail_that_is_switched_off_is_not_written(north: Reseller) -> None:
    template("signup_approved", is_on=False)

    assert post("signup_approved", north, ADA) == 0
    assert post("user_suspended", north, ADA) == 0, "off by default"
    assert written() == []


@pytest.mark.parametrize("event", ["password_reset", "signup_validate_email"])
def test_what_somebody_asked_for_comes_whatever_the_table_says(north: Reseller, event: str) -> None:
    template(event, is_on=False, bcc="thief@north.example", send_to="thief@north.example")

    assert post(event, north, ADA) == 1
    [found] = written()
    assert (found.recipient, found.bcc, found.has_secret) == ("ada@customer.example", "", True)


def test_the_resellers_mails_go_to_each_address_of_the_template_once(north: Reseller) -> None:
    template(
        "signup_needs_approval", send_to="one@north.example\ntwo@north.example", bcc="archive@north.example"
    )

    assert post("signup_needs_approval", north) == 2
    assert post("signup_needs_approval", north) == 0, "the same event, told twice"
    assert post("signup_needs_approval", north, key="18") == 2

    found = written()
    assert [one.recipient for one in found] == ["one@north.example", "two@north.example"] * 2
    assert [one.bcc for one in found] == ["archive@north.example", ""] * 2, "one copy of each"
    assert len({one.key for one in found}) == 4


def test_without_addresses_they_go_to_support_else_to_active_owners(north: Reseller, world: World) -> None:
    post("signup_needs_approval", north)
    north.support_email = ""
    colleague = accounts.create_user(
        name="Otto Owner",
        email="otto@north.example",
        role=RoleName.OWNER,
        reseller_id=north.id,
        password=PASSWORD,
    )
    gone = accounts.create_user(
        name="Gone Owner",
        email="gone@north.example",
        role=RoleName.OWNER,
        reseller_id=north.id,
        password=PASSWORD,
        status=UserStatus.SUSPENDED,
    )
    db.session.commit()
    post("signup_needs_approval", north, key="18")

    assert gone.email not in [one.recipient for one in written()]
    assert [one.recipient for one in written()] == [
        "help@north.example",
        world.north.owner.email,
        colleague.email,
    ]


def test_cloud_ops_is_written_to_at_the_operations_address(north: Reseller) -> None:
    template("signup_forwarded", from_name="Cloudtally Security")
    post("signup_forwarded", north)
    north.operations_email = ""
    db.session.commit()

    assert post("signup_forwarded", north, key="18") == 0
    [found] = written()
    assert (found.recipient, found.sender) == (
        "ops@northcanary.example",
        f'"{north.name}" <cloudtally@localhost>',
    )


def test_sender_and_answers_are_those_of_the_template(
    north: Reseller, flask_app: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_MAIL_DOMAINS", (("north", "north.example"),))
    template(
        "signup_approved",
        from_name='North, "Sales" \\ <x>',
        from_address="sales@north.example",
        reply_to_name="Jörg Ängström",
        reply_to_address="desk@north.example",
        bcc="a@north.example\nb@north.example",
    )

    post("signup_approved", north, ADA)

    [found] = written()
    head = head_of(found)
    [sender], [answers] = head["From"].addresses, head["Reply-To"].addresses
    assert (sender.display_name, sender.addr_spec) == ('North, "Sales" \\ <x>', "sales@north.example")
    assert (answers.display_name, answers.addr_spec) == ("Jörg Ängström", "desk@north.example")
    assert found.bcc == "a@north.example, b@north.example"


def test_a_domain_that_was_withdrawn_is_not_sent_from(north: Reseller) -> None:
    template("signup_approved", from_address="sales@north.example")

    post("signup_approved", north, ADA)

    assert written()[0].sender == f'"{north.name}" <cloudtally@localhost>'


@pytest.mark.parametrize(
    "trick", ["x\r\nBcc: thief@evil.example", "x\nTo: thief@evil.example", "x\u2028Bcc: y", "x\x00"]
)
def test_no_name_begins_a_header_of_its_own(trick: str) -> None:
    assert "\n" not in named(trick, "a@b.example")
    assert "\r" not in named(trick, "a@b.example")


@pytest.mark.parametrize("field", ["NAME", "ORGANIZATION", "REASON"])
def test_no_value_begins_a_header_of_its_own(north: Reseller, field: str) -> None:
    event = EVENTS["signup_declined"]
    values = samples(event, north) | {field: "x\r\nBcc: thief@evil.example\r\n\r\nbody"}
    with unit_of_work(db.session):
        mail("signup_declined", reseller=north, to=[ADA], values=values, key="17", now=NOW)

    [found] = written()
    head = head_of(found)
    assert head["Bcc"] is None
    assert head["To"] == "ada@customer.example"
    assert "\n" not in found.subject


def test_strangers_send_no_advertising_with_our_mails(north: Reseller) -> None:
    """Anybody can have the confirmation mailed to anybody: what was typed holds nothing that could be followed."""
    event = EVENTS["signup_validate_email"]
    values = samples(event, north) | {
        "NAME": "Win at https://evil.example/win and www.evil.example or evil.example now",
        "EMAIL": "victim@mail.example",
        "ORGANIZATION": "Dr. No & Sons",
    }

    letter = render(event, language="en", reseller=north, values=values)

    assert "evil" not in letter.text + letter.html
    assert "Hello Win at … and … or … now," in letter.text
    assert "victim@mail.example" in letter.text


@pytest.mark.parametrize(
    "scope",
    [
        Scope(ScopeKind.STOREFRONT, 1),
        Scope(ScopeKind.CUSTOMER, 1, 1),
        Scope(ScopeKind.RESELLER, 1),
        Scope(ScopeKind.NOBODY),
    ],
    ids=lambda one: one.kind.value,
)
@pytest.mark.parametrize("event", ["signup_needs_approval", "signup_received", "account_link_forwarded"])
def test_whoever_causes_a_mail_need_not_see_templates(north: Reseller, scope: Scope, event: str) -> None:
    template(event, from_name="Desk")
    with use_scope(scope):
        assert post(event, north, ADA) == 1

    expected = north.name if event.endswith("forwarded") else "Desk"
    assert written()[0].sender.startswith(f'"{expected}" ')


def test_every_event_can_be_written_for_the_platform_too(flask_app: Any) -> None:
    """A Platform Admin's mails belong to no reseller, and their words are the defaults."""
    with flask_app.app_context(), system_scope("the test writes mails"), frozen_at(NOW):
        for key, event in EVENTS.items():
            expected = 1 if event.audience is Audience.PERSON and event.is_on else 0
            assert post(key, None, ADA) == expected, key
        assert {one.reseller_id for one in written()} == {None}
        assert written()[0].sender == '"Cloudtally" <cloudtally@localhost>'


def test_suspending_somebody_is_told_where_it_is_switched_on(north: Reseller, world: World) -> None:
    template("user_suspended")
    user = db.session.get(User, world.north.sales.id)

    for status in (UserStatus.SUSPENDED, UserStatus.SUSPENDED, UserStatus.ACTIVE, UserStatus.SUSPENDED):
        with unit_of_work(db.session):
            accounts.set_status(user, status)

    assert [(one.event, one.recipient) for one in written()] == [
        ("user_suspended", world.north.sales.email)
    ] * 2


def test_suspending_somebody_is_silent_by_default(north: Reseller, world: World) -> None:
    with unit_of_work(db.session):
        accounts.set_status(db.session.get(User, world.north.sales.id), UserStatus.SUSPENDED)

    assert written() == []


def test_a_lock_and_a_lost_second_factor_are_told_to_their_person(north: Reseller, world: World) -> None:
    user = db.session.get(User, world.north.sales.id)
    until = NOW + datetime.timedelta(minutes=15)
    with unit_of_work(db.session):
        login_locked.send(user, until=until, step="password", now=NOW)
        login_locked.send(user, until=until, step="password", now=NOW)
        second_factor_reset.send(user, now=NOW)

    locked, reset = written()
    assert (locked.event, locked.useful_until, locked.recipient) == ("login_locked", until, user.email)
    assert "until 26 Nov 2026, 10:15 CET" in locked.text
    assert reset.event == "second_factor_reset"


def test_a_customers_link_leads_to_the_portals_own_host(
    north: Reseller, world: World, flask_app: Any
) -> None:
    north.portal_host = "portal.north.example"
    db.session.commit()
    with unit_of_work(db.session):
        for person in (world.north.customer_user, world.north.sales):
            accounts.invite(db.session.get(User, person.id), now=NOW)

    customers, colleagues = written()
    assert "http://portal.north.example:8080/invitation/" in customers.text
    assert "http://127.0.0.1:8080/invitation/" in colleagues.text


def test_the_key_of_every_event_fits_its_column() -> None:
    for key, event in EVENTS.items():
        longest = f"{key}:2147483647:{'f' * 16}:{'f' * 12}"
        assert len(longest) <= 120
        assert len(key) <= 60
        assert {one.kind for one in event.variables if one.name == event.lets_in} <= {Kind.LINK}


def test_nobody_and_somebody_cost_the_same_statements(north: Reseller, world: World) -> None:
    from sqlalchemy import event as listen

    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement.split()[0] + " " + statement.partition("FROM")[2].split("\n")[0].strip())

    counts = []
    for address in (world.north.sales.email, "nobody@nowhere.example"):
        db.session.execute(update(User).values(reset_hash=None))
        db.session.commit()
        seen.clear()
        listen.listen(db.engine, "before_cursor_execute", note)
        try:
            with unit_of_work(db.session):
                accounts.forget_password(address, now=NOW)
        finally:
            listen.remove(db.engine, "before_cursor_execute", note)
        counts.append([one for one in seen if "email_t" in one])

    assert counts[0] == counts[1]
    assert len(counts[0]) == 2
