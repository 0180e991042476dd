"""Writing an event's mails: to whom, from whom, in whose words. What is switched off is not written."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.notifications import outbox
from app.notifications.addresses import MOST_RECIPIENTS, domains_for, may_send_from, named
from app.notifications.events import EVENTS, Audience, Event
from app.notifications.render import brand_of, language_of, render
from app.notifications.wording import Sending, Words, sending_of
from app.security.models import Role, User, UserStatus
from app.security.roles import RoleName
from app.tenancy.models import Reseller


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets a mail. ``language`` is the one of the profile, if any."""

    address: str
    name: str = ""
    language: str = ""


def recipient_of(user: Any) -> Recipient:
    """Return a login as the recipient of a mail."""
    return Recipient(user.email, user.name, user.locale)


def mail(
    event_key: str,
    *,
    reseller: Reseller | None,
    values: Mapping[str, Any],
    key: str,
    now: datetime.datetime,
    to: Sequence[Recipient] = (),
    useful_until: datetime.datetime | None = None,
) -> int:
    """Write an event's mails in the running transaction, in any scope; return how many.

    ``to`` are the people; mails to the reseller and to Cloud Ops find their addresses themselves, if nobody is named.
    ``values`` are by variable; ``NAME`` and ``EMAIL`` are each recipient's. ``key`` names what it is about: an event
    that is told twice is mailed once to each address.
    """
    event = EVENTS[event_key]
    sending = sending_of(event, reseller_id=reseller.id if reseller is not None else None)
    if not sending.is_on:
        return 0
    is_named = event.audience is Audience.PERSON or (
        event.may_name_recipients and reseller is not None and to
    )
    recipients = to if is_named else _desk(event, reseller, sending)
    written = 0
    for number, one in enumerate(recipients):
        letter = render(
            event,
            language=_language(event, one, reseller),
            reseller=reseller,
            values={"NAME": one.name, "EMAIL": one.address} | dict(values),
        )
        mail_id = outbox.put(
            event=event.key,
            recipient=one.address,
            sender=sender_of(event, sending, reseller),
            reply_to=reply_to_of(event, sending, reseller),
            bcc=sending.bcc if number == 0 else (),  # one copy, however many get the mail
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            reseller_id=reseller.id if reseller is not None else None,
            key=f"{event.key}:{key}:{_short(one.address)}",
            has_secret=bool(event.lets_in),
            useful_until=useful_until,
            now=now,
        )
        written += mail_id is not None
    return written


def mail_test(
    event: Event,
    words: Words,
    *,
    to: Recipient,
    language: str,
    reseller: Reseller,
    values: Mapping[str, Any],
    now: datetime.datetime,
) -> None:
    """Write one mail with these words and made-up values to whoever tries them out."""
    letter = render(event, language=language, reseller=reseller, values=values, words=words)
    sending = sending_of(event, reseller_id=reseller.id)
    outbox.put(
        event=event.key,
        recipient=to.address,
        sender=sender_of(event, sending, reseller),
        reply_to=reply_to_of(event, sending, reseller),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        reseller_id=reseller.id,
        now=now,
    )


def is_mailed(event_key: str, reseller: Reseller | None) -> bool:
    """Is this event's mail switched on?"""
    return sending_of(EVENTS[event_key], reseller_id=reseller.id if reseller is not None else None).is_on


def sender_of(event: Event, sending: Sending, reseller: Reseller | None) -> str:
    """Return who a mail is from. The address is the platform's unless the operator has released the chosen domain."""
    name = sending.from_name if event.may_name_sender else ""
    address = str(current_app.config["MAIL_DEFAULT_SENDER"])
    if sending.from_address and reseller is not None:
        domains = domains_for(current_app.config["CLOUDTALLY_MAIL_DOMAINS"], reseller.nickname)
        address = sending.from_address if may_send_from(sending.from_address, domains) else address
    return named(name or brand_of(reseller, event), address)


def reply_to_of(event: Event, sending: Sending, reseller: Reseller | None) -> str:
    """Return where answers go: to the chosen address, else to the reseller's support."""
    support = (
        reseller.support_email if reseller is not None and event.audience is not Audience.RESELLER else ""
    )
    address = sending.reply_to_address or support
    return named(sending.reply_to_name or brand_of(reseller, event), address) if address else ""


def _desk(event: Event, reseller: Reseller | None, sending: Sending) -> Sequence[Recipient]:
    """Return who gets the mails that go to no single person."""
    if reseller is None:
        return ()
    if event.audience is Audience.CLOUD_OPS:
        return [Recipient(reseller.operations_email)] if reseller.operations_email else []
    return [Recipient(address) for address in sending.send_to or usual_addresses(reseller)]


def usual_addresses(reseller: Reseller) -> Sequence[str]:
    """Return where mails to a reseller go without a choice: its support address, else its active Owners."""
    if reseller.support_email:
        return (reseller.support_email,)
    users: Any = User.__table__
    links = User.roles.property.secondary
    query = (
        select(users.c.email)
        .join(links, links.c.user_id == users.c.id)
        .join(Role.__table__, Role.__table__.c.id == links.c.role_id)
        .where(
            users.c.reseller_id == reseller.id,
            users.c.customer_id.is_(None),
            users.c.status == UserStatus.ACTIVE,
            users.c.password.is_not(None),
            Role.__table__.c.name == RoleName.OWNER.value,
        )
        .order_by(users.c.id)
        .limit(MOST_RECIPIENTS)
    )
    return db.session().trusted_connection().execute(query).scalars().all()


def _language(event: Event, recipient: Recipient, reseller: Reseller | None) -> str:
    if event.audience is Audience.CLOUD_OPS:
        return str(current_app.config["BABEL_DEFAULT_LOCALE"])
    return language_of(recipient.language, reseller)


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]
