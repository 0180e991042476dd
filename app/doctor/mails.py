"""Do mails leave? Told where a mail server is named: without one they wait on purpose."""

from __future__ import annotations

import datetime

from flask import current_app
from sqlalchemy import and_, func, or_, select

from app.doctor.faults import WARNING, Fault
from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications.models import MailState, OutgoingMail
from app.notifications.outbox import LINK_ENDED, REMOVED

#: A worker looks twice a minute; what is due for so long waits for one that does not run.
PATIENCE = datetime.timedelta(minutes=30)
RECENT = datetime.timedelta(days=7)


def check_mails() -> list[Fault]:
    """Is something due that does not leave, or was something given up of late?"""
    if not current_app.config["MAIL_SERVER"]:
        return []
    return [*_overdue(), *_given_up()]


def _overdue() -> list[Fault]:
    border = utc_now() - PATIENCE
    in_work = OutgoingMail.state.in_((MailState.SENDING, MailState.HANDING_OVER))
    is_overdue = or_(
        and_(OutgoingMail.state == MailState.WAITING, OutgoingMail.due_at < border),
        and_(in_work, OutgoingMail.claimed_until < border),
    )
    query = select(func.count(OutgoingMail.id), func.min(OutgoingMail.due_at)).where(is_overdue)
    found, oldest = db.session.execute(query).one()
    if not found:
        return []
    mails = "1 mail is due and does not leave" if found == 1 else f"{found} mails are due and do not leave"
    return [
        Fault(
            "mails_overdue",
            WARNING,
            f"{mails}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC.",
            "Start a worker, one of them with --beat; its log says why it stops.",
            found,
        )
    ]


def _given_up() -> list[Fault]:
    query = (
        select(OutgoingMail.last_error)
        .where(
            OutgoingMail.state == MailState.FAILED,
            OutgoingMail.due_at > utc_now() - RECENT,
            OutgoingMail.last_error.not_in((LINK_ENDED, REMOVED)),
        )
        .order_by(OutgoingMail.due_at.desc(), OutgoingMail.id.desc())
    )
    reasons = db.session.scalars(query).all()
    if not reasons:
        return []
    mails = "1 mail was given up" if len(reasons) == 1 else f"{len(reasons)} mails were given up"
    return [
        Fault(
            "mails_given_up",
            WARNING,
            f"{mails} in the last seven days, the last one because of: {reasons[0].rstrip('.')}.",
            "Look under Mails: the reason stands beside each, with a button to send it again.",
            len(reasons),
        )
    ]
