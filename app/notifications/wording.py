"""Which words a mail has and how it is sent: a reseller's own, where there are some, else the default.

Whoever causes a mail need not be allowed to read templates: these reads go past the guard, for the reseller they name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app.extensions import db
from app.notifications.events import Event
from app.notifications.markup import slots_of
from app.notifications.models import EmailTemplate, EmailText

_TEMPLATES: Any = EmailTemplate.__table__
_TEXTS: Any = EmailText.__table__


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text as people write them, with variables."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Sending:
    """How an event's mails are sent. Empty texts mean the default."""

    is_on: bool
    from_name: str = ""
    from_address: str = ""
    reply_to_name: str = ""
    reply_to_address: str = ""
    bcc: tuple[str, ...] = ()
    send_to: tuple[str, ...] = ()


def default_words(event: Event, language: str) -> Words:
    """Return the words that the product brings along."""

    def part(file: str) -> str:
        # Not ``render_template``: what a page knows of the request and its person has no place in a mail.
        template = current_app.jinja_env.get_template(f"email/{event.words_in}/{file}")
        return template.render(kind=event.kind).strip()

    with force_locale(language):
        return Words(" ".join(part("subject.txt").split()), part("body.txt"))


def words_of(event: Event, *, reseller_id: int | None, language: str) -> Words:
    """Return the words that are mailed."""
    own = _own_words(event, reseller_id, language)
    if own is None or (event.lets_in and event.lets_in not in slots_of(own.body)):
        return default_words(event, language)  # nobody gets a mail that lacks what it is sent for
    return own


def _own_words(event: Event, reseller_id: int | None, language: str) -> Words | None:
    query = select(_TEXTS.c.subject, _TEXTS.c.body).where(
        _TEXTS.c.reseller_id == (reseller_id or 0), _TEXTS.c.event == event.key, _TEXTS.c.language == language
    )
    row = db.session().trusted_connection().execute(query).one_or_none()
    return None if row is None else Words(row.subject, row.body)


def sending_of(event: Event, *, reseller_id: int | None) -> Sending:
    """Return how an event's mails are sent; what an event may not have is left out, whatever was stored."""
    query = select(_TEMPLATES).where(
        _TEMPLATES.c.reseller_id == (reseller_id or 0), _TEMPLATES.c.event == event.key
    )
    row = db.session().trusted_connection().execute(query).one_or_none()
    if row is None:
        return Sending(event.is_on)
    return Sending(
        row.is_on or event.is_fixed,
        row.from_name,
        row.from_address,
        row.reply_to_name,
        row.reply_to_address,
        tuple(row.bcc.split()) if event.takes_copies else (),
        tuple(row.send_to.split()) if event.takes_addresses else (),
    )
