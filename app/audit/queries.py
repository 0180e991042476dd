"""Named reads of the audit log."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from app.audit.models import AuditEntry
from app.extensions import db


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


def entries_query(wanted: AuditFilter, *, customer_id: int | None = None) -> Select[tuple[AuditEntry]]:
    """Return the newest entries first, filtered."""
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
    if wanted.since:
        start = datetime.datetime.combine(wanted.since, datetime.time.min, datetime.UTC)
        query = query.where(AuditEntry.at >= start)
    if wanted.until and wanted.until < datetime.date.max:
        end = datetime.datetime.combine(
            wanted.until + datetime.timedelta(days=1), datetime.time.min, datetime.UTC
        )
        query = query.where(AuditEntry.at < end)
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def recent_entries(
    *,
    limit: int,
    customer_id: int | None = None,
    before: int | None = None,
    besides: tuple[str, str] | None = None,
) -> Sequence[AuditEntry]:
    """Return the newest changes, without sign-ins and what people keep for themselves.

    ``before``: those older than this entry. ``besides``: (verb, kind of record) of entries that another entry sums up.
    """
    quiet = ("signed_in", "signed_out", "sign_in_refused")
    query = entries_query(AuditFilter(), customer_id=customer_id).where(
        AuditEntry.action.not_in(quiet), AuditEntry.record_type != "saved_view"
    )
    if besides is not None:
        action, record_type = besides
        query = query.where(or_(AuditEntry.action != action, AuditEntry.record_type != record_type))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return db.session.scalars(query.limit(limit)).all()
