"""Statements of the demo world: the oldest month is paid, the one after it issued, the last one lies there as drafts."""

from __future__ import annotations

import datetime

from app.demo.usage import MONTHS
from app.extensions import db
from app.rating.months import first_day, month_after
from app.statements.models import Statement
from app.statements.queries import billable_customers
from app.statements.rated import NotRated, rate_month
from app.statements.services.drafts import keep_draft
from app.statements.services.issuing import issue_rated
from app.statements.services.settling import mark_paid, void
from app.statements.signals import statement_issued

#: Of the middle month: so many are issued so early that they are past due by now, the last one of them is void.
PAST_DUE = 2
#: In the last month one customer has no draft yet, so that there is something left to generate.
WITHOUT_DRAFT = 1
#: Longer than the payment term that a reseller has until it says something else.
_LONG_AGO = datetime.timedelta(days=34)


def bill_earlier_months(*, now: datetime.datetime) -> None:
    """Bill all months of usage but the last, for the reseller in scope. Nobody gets a mail of what is long ago."""
    oldest, middle, last = _months(now)
    with statement_issued.muted():
        paid = _issued(oldest, {}, _start_of(middle, 3), now)
        for place, one in enumerate(paid):
            day = one.issued_at + datetime.timedelta(days=6 + place % 9) if one.issued_at else now
            mark_paid(one, min(day, now).date(), today=now.date())
        early = max(now - _LONG_AGO, _start_of(last, 3))
        late = max(now - datetime.timedelta(days=8), early)
        issued = _issued(middle, dict.fromkeys(range(PAST_DUE), early), late, now)
    if len(issued) > PAST_DUE + 2:
        mark_paid(issued[PAST_DUE], now.date(), today=now.date())
        void(issued[-1], "The purchase order number was missing; it is billed anew.", now=now)


def draft_last_month(*, now: datetime.datetime) -> None:
    """Draft the last month of usage, of most customers of the reseller in scope."""
    *_earlier, last = _months(now)
    customers = list(billable_customers(last))[WITHOUT_DRAFT:]
    for rated in rate_month(customers, last):
        if not isinstance(rated, NotRated):
            keep_draft(rated, now=now)


def _months(now: datetime.datetime) -> list[datetime.date]:
    return [month_after(first_day(now.date()), -back) for back in range(MONTHS, 0, -1)]


def _issued(
    month: datetime.date,
    moments: dict[int, datetime.datetime],
    usual: datetime.datetime,
    now: datetime.datetime,
) -> list[Statement]:
    """Issue the statements of a month, by customer; ``moments`` says when, by place, where it is not the usual one."""
    found: list[Statement] = []
    for rated in rate_month(billable_customers(month), month):
        if isinstance(rated, NotRated):
            raise RuntimeError(f"the demo world's statements: {rated}")
        draft = keep_draft(rated, now=now)
        if draft is not None:
            found.append(issue_rated(draft, rated, now=min(moments.get(len(found), usual), now)))
            db.session.flush()
    return found


def _start_of(month: datetime.date, day: int) -> datetime.datetime:
    return datetime.datetime(month.year, month.month, day, 8, 30, tzinfo=datetime.UTC)
