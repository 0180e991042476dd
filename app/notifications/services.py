"""What the reseller in scope decides about its mails: how each is sent, and in which words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.audit.log import because
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.notifications.addresses import check_from
from app.notifications.checking import body_problems, subject_problems
from app.notifications.events import Event
from app.notifications.models import EmailTemplate, EmailText
from app.notifications.queries import find_template, find_text
from app.notifications.wording import Sending, Words
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope


def hold_templates() -> None:
    """Let nobody else change the reseller's templates until the commit: there may be no row yet to lock."""
    held = (
        select(Reseller.id).where(Reseller.id == current_scope().reseller_id).with_for_update(key_share=True)
    )
    if db.session.scalars(held).one_or_none() is None:
        raise NotVisible


def save_sending(event: Event, wanted: Sending, *, domains: Sequence[str], sender: str) -> EmailTemplate:
    """Keep how an event's mails are sent; ``Invalid`` for a sender that receivers would take for forged.

    What the event may not have is not kept: a copy of a link that lets somebody in, addresses for a mail to a person.
    """
    check_from(wanted.from_address, domains, sender=sender)
    row = find_template(event)
    if row is None:
        row = EmailTemplate(event=event.key)
        db.session.add(row)
    row.is_on = wanted.is_on or event.is_fixed
    row.from_name, row.from_address = wanted.from_name, wanted.from_address
    row.reply_to_name, row.reply_to_address = wanted.reply_to_name, wanted.reply_to_address
    row.bcc = "\n".join(wanted.bcc if event.takes_copies else ())
    row.send_to = "\n".join(wanted.send_to if event.takes_addresses else ())
    db.session.flush()
    return row


def save_words(event: Event, language: str, words: Words, *, default: Words) -> EmailText | None:
    """Keep a reseller's own words, or none where they are the default's; ``Invalid`` says what cannot be mailed."""
    check_words(event, words)
    if words == default:
        restore_default(event, language)
        return None
    row = find_text(event, language)
    if row is None:
        row = EmailText(event=event.key, language=language)
        db.session.add(row)
    row.subject, row.body = words.subject, words.body
    db.session.flush()
    return row


def check_words(event: Event, words: Words) -> None:
    """Raise ``Invalid`` on the field that cannot be mailed."""
    for field, problems in (
        ("subject", subject_problems(event, words.subject)),
        ("body", body_problems(event, words.body)),
    ):
        if problems:
            raise Invalid(problems[0], field=field)


def restore_default(event: Event, language: str) -> bool:
    """Go back to the default words; tells whether there were others."""
    row = find_text(event, language)
    if row is None:
        return False
    with because("restored_default"):
        db.session.delete(row)
    return True
