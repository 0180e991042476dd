"""Named reads of the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import load_only

from app.errors import NotVisible
from app.extensions import db
from app.notifications.models import MailState, OutgoingMail

#: The filter's word for mails that are on their way: the states in between are of no interest to a reader.
WAITING = (MailState.WAITING, MailState.SENDING, MailState.HANDING_OVER)
STATES = {"waiting": WAITING, "sent": (MailState.SENT,), "failed": (MailState.FAILED,)}


@dataclass(frozen=True, slots=True)
class MailFilter:
    """What the list was asked for. ``state`` is a key of ``STATES``, or nothing."""

    text: str = ""
    state: str = ""


def mails_query(wanted: MailFilter) -> Select[tuple[OutgoingMail]]:
    """Return the newest mails first, filtered, without their texts."""
    shown = (
        OutgoingMail.recipient,
        OutgoingMail.subject,
        OutgoingMail.state,
        OutgoingMail.attempts,
        OutgoingMail.last_error,
        OutgoingMail.created_at,
        OutgoingMail.sent_at,
        OutgoingMail.due_at,
    )
    query = select(OutgoingMail).options(load_only(*shown, raiseload=True))
    if wanted.text:
        query = query.where(
            or_(
                OutgoingMail.recipient.icontains(wanted.text, autoescape=True),
                OutgoingMail.subject.icontains(wanted.text, autoescape=True),
            )
        )
    if wanted.state:
        query = query.where(OutgoingMail.state.in_(STATES[wanted.state]))
    return query.order_by(OutgoingMail.created_at.desc(), OutgoingMail.id.desc())


def find_mail(mail_id: int) -> OutgoingMail:
    """Return the mail with this id; raises ``NotVisible`` when the scope in force does not see it."""
    mail: OutgoingMail | None = db.session.get(OutgoingMail, mail_id) if 0 < mail_id < 2**31 else None
    if mail is None:
        raise NotVisible
    return mail
