"""The outbox: mails are put in with what causes them, taken by one worker at a time, and settled.

``put`` writes in the running transaction, so a mail exists exactly if its cause does. ``take`` is one UPDATE that only
one worker wins. What a dead worker held becomes due again when its claim ends.

One window is left, and it is SMTP's own (RFC 1047): when a worker or its connection dies between the last byte of a
mail and the note that the server has taken it, nobody can know whether it has. Such a mail is sent again with the same
Message-ID, by which receivers can tell: a mail too many is better than one too few.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.audit.log import because
from app.errors import WrongState
from app.extensions import db
from app.jobs.queue import tell
from app.notifications.addresses import one_line
from app.notifications.models import AT_REST, LAST_WORDS, MailState, OutgoingMail
from app.security.personal_data import NOWHERE

SEND_TASK = "notifications.send_mail"

#: A claim outlives the slowest conversation with a server: two dozen answers of half a minute each.
CLAIM = datetime.timedelta(minutes=15)

#: How long after the first, second ... failed try the next one comes; after the last the mail is given up.
PAUSES = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))

#: After this many tries a mail waits for a person.
MOST_TRIES = len(PAUSES) + 1

#: Why the product itself gave a mail up, as it stands in ``last_error``; what a server says stands there in its words.
LINK_ENDED, WORKER_DIED, REMOVED = "link_ended", "worker_died", "removed"

#: How many mails one sweep hands to the workers.
SWEEP_LIMIT = 200

_IN_WORK = (MailState.SENDING, MailState.HANDING_OVER)


def put(
    *,
    event: str,
    recipient: str,
    subject: str,
    text: str,
    now: datetime.datetime,
    html: str = "",
    sender: str = "",
    reply_to: str = "",
    bcc: Sequence[str] = (),
    reseller_id: int | None = None,
    key: str | None = None,
    has_secret: bool = False,
    useful_until: datetime.datetime | None = None,
) -> int | None:
    """Write a mail in the running transaction, in any scope; the worker is told after the commit.

    ``useful_until``: later it is given up instead of sent. Returns the mail's id, None where a mail with this ``key``
    is there already.
    """
    session = db.session()
    connection = session.trusted_connection()  # whoever causes a mail need not be allowed to read mails
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    statement = (
        insert(OutgoingMail.__table__)
        .values(
            reseller_id=reseller_id,
            event=event,
            key=key,
            recipient=one_line(recipient),
            sender=one_line(sender),
            reply_to=one_line(reply_to),
            bcc=", ".join(one_line(address) for address in bcc),
            subject=one_line(subject)[:500],
            text=text,
            html=html,
            has_secret=has_secret,
            message_id=uuid.uuid4().hex,
            state=MailState.WAITING,
            attempts=0,
            due_at=now,
            useful_until=useful_until,
            last_error="",
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutgoingMail.__table__.c.id)
    )
    mail_id: int | None = connection.execute(statement).scalar_one_or_none()
    if mail_id is not None:
        tell(session, SEND_TASK, mail_id)
    return mail_id


def _is_due(now: datetime.datetime) -> Any:
    return or_(
        and_(OutgoingMail.state == MailState.WAITING, OutgoingMail.due_at <= now),
        and_(OutgoingMail.state.in_(_IN_WORK), OutgoingMail.claimed_until < now),
    )


def due_mails(*, now: datetime.datetime) -> Sequence[int]:
    """Return the ids of mails that should be sent now, oldest first, at most ``SWEEP_LIMIT``."""
    query = select(OutgoingMail.id).where(_is_due(now)).order_by(OutgoingMail.due_at).limit(SWEEP_LIMIT)
    return db.session.scalars(query).all()


def take(mail_id: int, *, now: datetime.datetime) -> OutgoingMail | None:
    """Claim a mail that is due for this worker.

    None where it is not due, where another worker was faster, and where it is given up: its link has ended, its text
    was removed, or every worker that had it died with it.
    """
    mail = _claim(mail_id, now=now)
    if mail is not None and mail.useful_until is not None and now >= mail.useful_until:
        _move(mail, **_given_up(mail.attempts - 1, LINK_ENDED, now), **(_BLANK if mail.has_secret else {}))
        return None
    if mail is not None and not mail.text:
        _move(mail, **_given_up(mail.attempts - 1, REMOVED, now))
        return None
    if mail is not None and mail.attempts > MOST_TRIES:
        _move(mail, **_given_up(MOST_TRIES, WORKER_DIED, now))
        return None
    return mail


_BLANK = {"text": "", "html": ""}


def _given_up(attempts: int, reason: str, now: datetime.datetime) -> dict[str, Any]:
    return {
        "state": MailState.FAILED,
        "attempts": attempts,
        "due_at": now,
        "claim": None,
        "last_error": reason,
    }


def _claim(mail_id: int, *, now: datetime.datetime) -> OutgoingMail | None:
    claim = uuid.uuid4().hex
    taken = db.session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail_id, _is_due(now))
        .values(
            state=MailState.SENDING,
            claim=claim,
            claimed_until=now + CLAIM,
            attempts=OutgoingMail.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return None
    mail = db.session.scalars(
        select(OutgoingMail).where(OutgoingMail.id == mail_id, OutgoingMail.claim == claim)
    ).one()
    db.session.expunge(mail)  # it goes on saying which claim this worker made, whatever becomes of the row
    return mail


def _move(mail: OutgoingMail, **values: Any) -> bool:
    """Change a mail that this worker still holds; False where the claim ended and somebody else has it."""
    moved = db.session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail.id, OutgoingMail.claim == mail.claim)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return moved.rowcount == 1


def begin_handing_over(mail: OutgoingMail, *, now: datetime.datetime) -> bool:
    """Note that the server is about to be given the content; False where the claim is lost: then it must not be."""
    return _move(mail, state=MailState.HANDING_OVER, claimed_until=now + CLAIM)


def settle_sent(mail: OutgoingMail, *, now: datetime.datetime, note: str = "") -> None:
    """Note that the server has taken the mail; ``note`` says what went wrong beside it.

    A text with a link that signs in is blanked: it has done its duty. The last word to somebody of whom nothing is kept
    is forgotten with its recipient.
    """
    values: dict[str, Any] = {"state": MailState.SENT, "sent_at": now, "due_at": now, "claim": None}
    values["last_error"] = one_line(note)[:500]
    if mail.has_secret:
        values |= _BLANK
    if mail.event in LAST_WORDS:
        values |= _BLANK | {"subject": "", "recipient": f"nobody@{NOWHERE}"}
    _move(mail, **values)


def settle_failure(mail: OutgoingMail, *, reason: str, is_final: bool, now: datetime.datetime) -> None:
    """Note why a try failed. It is made again after a pause; the last one, or a final refusal, gives the mail up."""
    tries = mail.attempts
    is_final = is_final or tries >= MOST_TRIES
    _move(
        mail,
        state=MailState.FAILED if is_final else MailState.WAITING,
        due_at=now if is_final else now + PAUSES[tries - 1],
        claim=None,
        last_error=one_line(reason)[:500],
    )


def send_again(mail: OutgoingMail, *, now: datetime.datetime) -> None:
    """Put a mail that is at rest back to those that wait, with a fresh count of tries."""
    if mail.state not in AT_REST:
        raise WrongState(_("This mail is waiting to be sent already."))
    if mail.useful_until is not None and now >= mail.useful_until:
        raise WrongState(_("Its link has ended. Start anew where the mail came from."))
    if not mail.text:
        raise WrongState(
            _("Its link worked once and is not kept. Start anew where the mail came from.")
            if mail.has_secret
            else _("Its text is not kept any more.")
        )
    with because("sent_again"):
        mail.state, mail.attempts, mail.due_at, mail.last_error = MailState.WAITING, 0, now, ""
    tell(db.session, SEND_TASK, mail.id)
