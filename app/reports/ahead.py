"""Months are priced before anybody asks for them: after an import, and once a reseller's changes have come to rest.

Pricing a large reseller's months takes seconds, and would otherwise be waited for by whoever opens a dashboard first:
mostly a customer. Nobody is shown anything else by it: it makes the files that the page would have made.
"""

from __future__ import annotations

import datetime
from contextlib import suppress

from flask import current_app
from sqlalchemy import func, select

from app.errors import WrongState
from app.extensions import db
from app.jobs.work import Progress, enqueue, enqueue_again, latest_job, worker
from app.kernel.unit_of_work import unit_of_work
from app.reports.models import PriceMark
from app.reports.priced_months import LEVELS, are_reports_read, months_now, ready
from app.tenancy.scope import Actor, reseller_scope, system_scope

KIND = "prices"
#: How many months are priced ahead: the next import waits behind them.
MOST_AHEAD = 3
PRICER = Actor(None, "System")

#: Each reseller's marks: as the last look saw them, and those for which a job was put into the queue.
_LOOKED = "reports.marks_looked_at"


def price_ahead(first: datetime.date = datetime.date.min) -> None:
    """Price a month and those after it before anybody asks: who bought a commitment is asked of all months so far.

    Of many only the newest: whoever looks at older ones waits for them.
    """
    months = months_now().months
    for one in sorted(month for month in months if month >= first)[-MOST_AHEAD:]:
        for level in LEVELS:
            ready(months[one], level, ahead=True)


def look_for_changes() -> int:
    """Have months priced of resellers whose prices changed, but not since the last look; returns of how many.

    Whoever writes thirty rules one after the other is waited for. What this process has seen is forgotten when it ends:
    after a start everybody's months are looked at once, which costs nothing where they are priced, and prices them
    where another release does it otherwise.
    """
    with system_scope("the worker looks whose prices have changed"):
        query = select(PriceMark.reseller_id, func.count(PriceMark.id), func.sum(PriceMark.token))
        rows = db.session.execute(query.group_by(PriceMark.reseller_id))
        now = {reseller_id: (int(count), int(tokens)) for reseller_id, count, tokens in rows}
        db.session.rollback()
    seen: dict[int, tuple[int, int]]
    done: dict[int, tuple[int, int]]
    seen, done = current_app.extensions.setdefault(_LOOKED, ({}, {}))
    found = 0
    for reseller_id, marks in now.items():
        is_due = seen.get(reseller_id) == marks != done.get(reseller_id)
        if is_due and are_reports_read(reseller_id) and _have_priced(reseller_id):
            done[reseller_id] = marks
            found += 1
    seen.clear()
    seen.update(now)
    return found


def _have_priced(reseller_id: int) -> bool:
    """Put the reseller's one job into the queue; False where it is there: it may have gone past what has changed."""
    with reseller_scope(reseller_id, actor=PRICER), unit_of_work(db.session):
        job = latest_job(KIND, reseller_id)
        if job is None:
            enqueue(KIND, reseller_id)
            return True
        return enqueue_again(job)


@worker(KIND)
def price(_reseller_id: int, _progress: Progress) -> None:
    """Price the newest months of the reseller in scope."""
    with suppress(WrongState):  # somebody goes on changing prices: another job follows
        price_ahead()
    db.session.rollback()
