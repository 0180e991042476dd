"""Which months are on issued statements, and so can no longer change (docs/pricing.md#months).

A customer's month is locked when its statement is issued; a book, plan or rate that customers share as soon as one
statement that used it is. Who locks and who changes wait for each other at the reseller's row (``hold_months``), so
that nothing is changed between the look and the write.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select, tuple_

from app.errors import Invalid
from app.extensions import db
from app.months.models import MonthLock, Subject
from app.rating.months import check_month, month_after
from app.shell.formats import month_text
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope

__all__ = [
    "EVERY_CUSTOMER",
    "Lockable",
    "Subject",
    "check_open",
    "first_open_month",
    "hold_months",
    "lock_month",
    "unlock_month",
]


@dataclass(frozen=True, slots=True, order=True)
class Lockable:
    """One record whose months can be locked: a customer, a pricebook, a plan, a tax rate.

    ``EVERY_CUSTOMER`` stands for all of the reseller's customers, where what is changed can reach any of them.
    """

    subject: Subject
    id: int


EVERY_CUSTOMER = Lockable(Subject.CUSTOMER, 0)


def hold_months() -> None:
    """Let nobody else of the reseller lock a month, or change what counts in one, until the commit.

    Rows that refer to the reseller can be added meanwhile, by whoever waits here too: hence the weaker lock. Whoever
    holds a customer's or a record's own row as well takes that one first.
    """
    db.session.execute(
        select(Reseller.id).where(Reseller.id == current_scope().reseller_id).with_for_update(key_share=True)
    )


def lock_month(month: datetime.date, what: Iterable[Lockable], *, cause: str, now: datetime.datetime) -> None:
    """Lock a month for a customer and for everything that its statement used; what is locked stays so.

    Billing calls it in the transaction that issues the statement, with the statement's number as ``cause``.
    """
    check_month(month)
    hold_months()
    wanted = set(what)
    locked = {
        Lockable(*row)
        for row in db.session.execute(
            select(MonthLock.subject, MonthLock.subject_id).where(
                MonthLock.month == month, _is_one_of(wanted)
            )
        )
    }
    db.session.add_all(
        MonthLock(subject=one.subject, subject_id=one.id, month=month, cause=cause, locked_at=now)
        for one in sorted(wanted - locked)
    )
    db.session.flush()


def unlock_month(month: datetime.date, what: Iterable[Lockable]) -> None:
    """Open a month again: of a customer whose last statement of it was voided, say. Billing knows who used what."""
    hold_months()
    db.session.execute(delete(MonthLock).where(MonthLock.month == month, _is_one_of(set(what))))


def locked_months(what: Iterable[Lockable]) -> Sequence[datetime.date]:
    """Return the months that are locked for any of these records, in order."""
    query = select(MonthLock.month).where(_is_one_of(set(what))).distinct().order_by(MonthLock.month)
    return db.session.scalars(query).all()


def first_open_month(what: Iterable[Lockable]) -> datetime.date | None:
    """Return the month after the last locked one; None where no month is locked."""
    last = db.session.scalar(select(func.max(MonthLock.month)).where(_is_one_of(set(what))))
    return None if last is None else month_after(last)


def check_open(
    what: Iterable[Lockable], from_month: datetime.date | None, *, field: str = "counts_from"
) -> None:
    """Raise ``Invalid`` where a change from a month on (None: from the beginning) would reach a locked one.

    Call ``hold_months`` first: the answer holds as long as nobody locks a month.
    """
    first = first_open_month(what)
    if first is not None and (from_month is None or from_month < first):
        raise Invalid(
            _(
                "%(locked)s is on issued statements. Choose %(first)s or a later month.",
                locked=month_text(month_after(first, -1)),
                first=month_text(first),
            ),
            field=field,
        )


def counting_text(first: datetime.date | None) -> str:
    """Say from which month a change can count: the ``first_open_month``; nothing where every month is open."""
    if first is None:
        return ""
    return _(
        "Months up to %(locked)s are on issued statements. A change counts from %(first)s at the earliest.",
        locked=month_text(month_after(first, -1)),
        first=month_text(first),
    )


def _is_one_of(what: set[Lockable]) -> ColumnElement[bool]:
    if not what:
        return false()
    if EVERY_CUSTOMER in what:
        return or_(MonthLock.subject == Subject.CUSTOMER, _is_one_of(what - {EVERY_CUSTOMER}))
    if len({one.subject for one in what}) == 1:  # the common case, which every index understands
        subject = next(iter(what)).subject
        return and_(MonthLock.subject == subject, MonthLock.subject_id.in_({one.id for one in what}))
    return tuple_(MonthLock.subject, MonthLock.subject_id).in_(
        [(one.subject, one.id) for one in sorted(what)]
    )
