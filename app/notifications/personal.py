"""A person's mails as its data: handed out, and forgotten."""

from __future__ import annotations

from typing import Any

from flask_babel import ngettext
from sqlalchemy import case, func, or_, select, update

from app.extensions import db
from app.notifications import outbox
from app.notifications.events import EVENTS, Audience
from app.notifications.models import MailState, OutgoingMail
from app.security.personal_data import NOWHERE, Pseudonym, moment


def mails_to(user: Any) -> list[dict[str, Any]]:
    """Return the mails to the person's address.

    The text only where it is the person's own matter: not of links that let somebody in, and not of mails to a desk,
    which tell of others.
    """
    query = select(OutgoingMail).where(OutgoingMail.recipient == user.email).order_by(OutgoingMail.id)
    return [
        {
            "written_at": moment(one.created_at),
            "sent_at": moment(one.sent_at),
            "state": one.state.value,
            "event": one.event,
            "subject": one.subject if _is_own(one) else None,
            "text": one.text or None if _is_own(one) and not one.has_secret else None,
        }
        for one in db.session.scalars(query)
    ]


def _is_own(mail: OutgoingMail) -> bool:
    event = EVENTS.get(mail.event)
    return event is not None and event.audience is Audience.PERSON


def harm_to_mails(user: Any) -> str:
    """Say how many mails lose their text."""
    found = db.session.scalar(select(func.count(OutgoingMail.id)).where(_about(user))) or 0
    if not found:
        return ""
    return ngettext(
        "%(num)s mail loses its text, and its recipient where that is the person; what waits is not sent.",
        "%(num)s mails lose their texts, and their recipient where that is the person; what waits is not sent.",
        found,
    )


def forget_mails(user: Any, pseudonym: Pseudonym) -> None:
    """Blank the mails to a person and those that name the address. When, about what and whether they left stays."""
    _blank(_about(user), user.email, pseudonym.address)


def forget_mails_about(address: str) -> None:
    """Blank the mails of the reseller in scope to an address and those that name it."""
    _blank(_naming(address), address, f"nobody@{NOWHERE}")


def forget_mails_to(address: str) -> None:
    """Blank the mails of the reseller in scope to an address that was never proven."""
    _blank(OutgoingMail.recipient == address, address, f"nobody@{NOWHERE}")


def _blank(which: Any, address: str, instead: str) -> None:
    """Take the words from mails, and the address from those that go to it. What waits is given up, unread."""
    is_waiting = OutgoingMail.state.in_((MailState.WAITING, MailState.FAILED))
    db.session.execute(
        update(OutgoingMail)
        .where(which)
        .values(
            subject="",
            text="",
            html="",
            last_error=case((is_waiting, outbox.REMOVED), else_=""),
            state=case((OutgoingMail.state == MailState.WAITING, MailState.FAILED), else_=OutgoingMail.state),
            recipient=case((OutgoingMail.recipient == address, instead), else_=OutgoingMail.recipient),
        )
        .execution_options(synchronize_session=False)
    )


def _about(user: Any) -> Any:
    return _naming(user.email)


def _naming(address: str) -> Any:
    return or_(
        OutgoingMail.recipient == address,
        OutgoingMail.text.icontains(address, autoescape=True),
        OutgoingMail.subject.icontains(address, autoescape=True),
    )
