"""What the worker does: send the mail it was told of, and look for those that nobody told it of."""

from __future__ import annotations

from flask import Flask

from app.jobs.queue import celery_of
from app.kernel.clock import utc_now
from app.notifications import outbox, sender
from app.tenancy.scope import system_scope

SWEEP_TASK = "notifications.sweep"
SWEEP_SECONDS = 30


def register(app: Flask) -> None:
    """Announce both tasks to the application's Celery, and how often the second runs."""
    celery = celery_of(app)
    celery.task(sender.send, name=outbox.SEND_TASK)
    celery.task(sweep, name=SWEEP_TASK)
    celery.conf.beat_schedule[SWEEP_TASK] = {
        "task": SWEEP_TASK,
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},  # a worker that was away does not sweep for each half minute
    }


def sweep() -> int:
    """Send every mail that is due: the broker may have lost what it was told, or a worker died. Returns how many."""
    if not sender.can_send():
        return 0
    with system_scope("the worker looks for the due mails of all resellers"):
        due = outbox.due_mails(now=utc_now())
    for mail_id in due:
        sender.send(mail_id)
    return len(due)
