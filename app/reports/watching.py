"""Every import is followed by a look at budgets, as a job of its own: it can neither delay an import nor undo it."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs.work import Progress, enqueue, worker
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.reports.budgets import check_budgets, is_anything_watched
from app.usage.models import UsagePart
from app.usage.signals import usage_imported

KIND = "budgets"


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    usage_imported.connect(watch)


def watch(sender: Any, *, months: Collection[datetime.date], **_more: Any) -> None:
    """Put the look at budgets into the queue; runs in the transaction that makes the usage visible."""
    if months and is_anything_watched():
        enqueue(KIND, sender.id)


@worker(KIND)
def look(import_id: int, progress: Progress) -> None:
    """Check the budgets of the months that an import brought."""
    with unit_of_work(db.session):
        months = set(db.session.scalars(select(UsagePart.month).where(UsagePart.import_id == import_id)))
        check_budgets(months, now=utc_now())
        progress.hold()
