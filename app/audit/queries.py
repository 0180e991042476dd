"""Named reads of the audit log."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import as_utc


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the log was asked for."""

    text: str = ""
    actor: str = ""
    record_type: str = ""
    action: str = ""
    request_id: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None


def entries_query(
    wanted: AuditFilter, *, customer_id: int | None = None, zone: datetime.tzinfo = datetime.UTC
) -> Select[tuple[AuditEntry]]:
    """Return the newest entries first, filtered. Days begin and end in ``zone``."""
    query = select(AuditEntry)
    if customer_id is not None:
        query = query.where(AuditEntry.customer_id == customer_id)
    if wanted.text:
        query = query.where(AuditEntry.record_name.icontains(wanted.text, autoescape=True))
    if wanted.actor:
        query = query.where(AuditEntry.actor_name.icontains(wanted.actor, autoescape=True))
    if wanted.record_type:
        query = query.where(AuditEntry.record_type == wanted.record_type)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.request_id:
        query = query.where(AuditEntry.request_id == wanted.request_id)
    if wanted.since and (start := _midnight(wanted.since, 0, zone)):
        query = query.where(AuditEntry.at >= start)
    if wanted.until and (end := _midnight(wanted.until, 1, zone)):
        query = query.where(AuditEntry.at < end)
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def _midnight(day: datetime.date, later: int, zone: datetime.tzinfo) -> datetime.datetime | None:
    """Return when the day that is ``later`` than ``day`` begins in ``zone``; None beyond the calendar's ends."""
    try:
        first = datetime.datetime.combine(day + datetime.timedelta(days=later), datetime.time.min, zone)
        return as_utc(first)
    except OverflowError:
        return None


def recent_entries(
    *,
    limit: int,
    customer_id: int | None = None,
    before: int | None = None,
    besides: tuple[str, str] | None = None,
) -> Sequence[AuditEntry]:
    """Return the newest changes, without sign-ins.

    ``before``: those older than this entry. ``besides``: (verb, kind of record) of entries that another entry sums up.
    """
    quiet = ("signed_in", "signed_out", "sign_in_refused", "session_ended")
    query = entries_query(AuditFilter(), customer_id=customer_id).where(AuditEntry.action.not_in(quiet))
    if besides is not None:
        action, record_type = besides
        query = query.where(or_(AuditEntry.action != action, AuditEntry.record_type != record_type))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return db.session.scalars(query.limit(limit)).all()


def entries_of(
    record_type: str, record_id: int, *, limit: int, before: int | None = None
) -> Sequence[AuditEntry]:
    """Return the newest entries about one record; ``before``: those older than this entry."""
    query = select(AuditEntry).where(AuditEntry.record_type == record_type, AuditEntry.record_id == record_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)).all()
