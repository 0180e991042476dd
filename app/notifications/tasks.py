"""What the worker does: send mails that it was told of, look for those nobody told it of, clear old ones away."""

from __future__ import annotations

import datetime
import logging

from flask import Flask, current_app
from sqlalchemy import delete, select

from app.extensions import db
from app.jobs.queue import celery_of, repeat
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox, sender
from app.notifications.models import AT_REST, OutgoingMail
from app.tenancy.scope import system_scope

log = logging.getLogger(__name__)

SWEEP_TASK = "notifications.sweep"
SWEEP_SECONDS = 30
CLEAR_TASK = "notifications.clear_old_mails"
CLEAR_SECONDS = 6 * 60 * 60

#: How many old mails are removed in one transaction.
CLEAR_LIMIT = 1000


def register(app: Flask) -> None:
    """Announce the tasks to the application's Celery, and how often the regular ones run."""
    celery_of(app).task(sender.send, name=outbox.SEND_TASK)
    repeat(app, SWEEP_TASK, sweep, seconds=SWEEP_SECONDS)
    repeat(app, CLEAR_TASK, clear_old_mails, seconds=CLEAR_SECONDS)


def sweep() -> int:
    """Send every mail that is due: the broker may have lost what it was told, or a worker died. Returns how many."""
    if not sender.can_send():
        return 0
    with system_scope("the worker looks for the due mails of all resellers"):
        due = outbox.due_mails(now=utc_now())
    for mail_id in due:
        try:
            sender.send(mail_id)
        except Exception:  # one mail must not keep the others waiting
            log.exception("mail %s was not sent", mail_id)
            db.session.rollback()
    return len(due)


def clear_old_mails() -> int:
    """Remove mails that were sent, or given up, longer ago than they are kept. Returns how many."""
    border = utc_now() - datetime.timedelta(days=current_app.config["CLOUDTALLY_MAIL_KEEP_DAYS"])
    old = select(OutgoingMail.id).where(OutgoingMail.state.in_(AT_REST), OutgoingMail.due_at < border)
    removed = 0
    with system_scope("the worker clears the mails of all resellers"):
        while True:
            with unit_of_work(db.session):
                ids = db.session.scalars(old.limit(CLEAR_LIMIT)).all()
                db.session.execute(
                    delete(OutgoingMail).where(OutgoingMail.id.in_(ids), OutgoingMail.state.in_(AT_REST))
                )
            removed += len(ids)
            if len(ids) < CLEAR_LIMIT:
                break
    if removed:
        log.info("%s old mails were removed", removed)
    return removed
