"""Named reads of the outbox and of the templates."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import load_only

from app.errors import NotVisible
from app.extensions import db
from app.kernel.folding import fold
from app.notifications.events import EVENTS, GROUPS, Event
from app.notifications.models import EmailTemplate, EmailText, MailState, OutgoingMail

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
        OutgoingMail.event,
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


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """What the list of templates was asked for; empty words ask for nothing."""

    text: str = ""
    state: str = ""
    words: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One event as the list shows it. ``languages`` are those in which the reseller has words of its own."""

    event: Event
    is_on: bool
    languages: tuple[str, ...]

    def fits(self, wanted: TemplateFilter) -> bool:
        """Does the row match the filter?"""
        event = self.event
        return (
            fold(wanted.text) in fold(f"{event.name} {event.sentence} {event.key} {GROUPS[event.group]}")
            and wanted.state in ("", "on" if self.is_on else "off")
            and wanted.words in ("", "changed" if self.languages else "default")
            and wanted.audience in ("", event.audience.value)
        )


def template_rows(wanted: TemplateFilter) -> list[TemplateRow]:
    """Return the events that match, in their order, with what the reseller in scope decided about each."""
    switches = {one.event: one.is_on for one in db.session.scalars(select(EmailTemplate))}
    own: dict[str, list[str]] = {}
    for text in db.session.scalars(select(EmailText).options(load_only(EmailText.event, EmailText.language))):
        own.setdefault(text.event, []).append(text.language)
    rows = [
        TemplateRow(event, event.is_fixed or switches.get(key, event.is_on), tuple(sorted(own.get(key, ()))))
        for key, event in EVENTS.items()
    ]
    return [row for row in rows if row.fits(wanted)]


def find_template(event: Event) -> EmailTemplate | None:
    """Return the reseller's row about an event, None where the default holds."""
    return db.session.scalars(select(EmailTemplate).where(EmailTemplate.event == event.key)).one_or_none()


def find_text(event: Event, language: str) -> EmailText | None:
    """Return the reseller's own words, None where the default holds."""
    query = select(EmailText).where(EmailText.event == event.key, EmailText.language == language)
    return db.session.scalars(query).one_or_none()
