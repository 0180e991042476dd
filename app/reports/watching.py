"""Every import is followed by a job of its own, which can neither delay the import nor undo it.

It prices the months that have changed, so that whoever reads reports does not wait for them, and looks at budgets.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from app.errors import WrongState
from app.extensions import db
from app.jobs.work import Progress, enqueue, worker
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.reports.ahead import price_ahead
from app.reports.budgets import check_budgets, is_anything_watched
from app.reports.priced_months import are_reports_read
from app.usage.models import UsagePart
from app.usage.signals import usage_imported

KIND = "budgets"


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    usage_imported.connect(watch)


def watch(sender: Any, *, months: Collection[datetime.date], **_more: Any) -> None:
    """Put the job into the queue; runs in the transaction that makes the usage visible."""
    if months and (is_anything_watched() or are_reports_read(sender.reseller_id)):
        enqueue(KIND, sender.id)


@worker(KIND)
def look(import_id: int, progress: Progress) -> None:
    """Price the months that an import brought and those after it, and check the budgets of those it brought."""
    months = set(db.session.scalars(select(UsagePart.month).where(UsagePart.import_id == import_id)))
    db.session.rollback()
    if not months:
        return
    with suppress(WrongState):  # replaced again: another job follows, and so would whoever looks at a report
        price_ahead(min(months))
    db.session.rollback()
    if is_anything_watched():
        with unit_of_work(db.session):
            check_budgets(months, now=utc_now())
            progress.hold()
