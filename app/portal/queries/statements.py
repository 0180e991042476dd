"""The customer's own statements: issued ones alone, as they were printed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import select

from app.errors import NotVisible
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, paginate
from app.shell.formats import money_text
from app.statements.models import Statement
from app.statements.paper import Paper
from app.statements.printing import read_paper
from app.statements.usage_files import has_usage_file
from app.statements.words import badge_of, title_of
from app.tenancy.scope import current_scope


@dataclass(frozen=True, slots=True)
class PortalStatement:
    """A statement as a list of the portal shows it; ``state`` is the word of its badge."""

    id: int
    title: str
    month: datetime.date
    state: str
    is_estimated: bool
    issued_at: datetime.datetime | None
    due_on: datetime.date | None
    paid_on: datetime.date | None
    total: str
    has_usage_file: bool


def own_statements(wanted: PageRequest, today: datetime.date) -> Page[PortalStatement]:
    """Return one page of the company's statements, the latest month first."""
    query = (
        select(Statement)
        .where(Statement.customer_id == (current_scope().customer_id or 0), Statement.issued_at.is_not(None))
        .order_by(Statement.month.desc(), Statement.id.desc())
    )
    page = paginate(db.session, query, wanted)
    return Page(page.number, page.size, page.total, [_shown(one, today) for one in page.items])


def own_statement(statement_id: int, today: datetime.date) -> tuple[PortalStatement, Paper]:
    """Return one of the company's statements with its paper; raises ``NotVisible`` for any other."""
    found = find_own(statement_id)
    return _shown(found, today), read_paper(found)


def find_own(statement_id: int) -> Statement:
    """Return one of the company's issued statements; raises ``NotVisible`` for any other."""
    query = select(Statement).where(Statement.id == statement_id, Statement.issued_at.is_not(None))
    found = db.session.scalars(query).one_or_none() if 0 < statement_id < 2**31 else None
    if found is None or found.customer_id != current_scope().customer_id:
        raise NotVisible
    return found


def _shown(one: Statement, today: datetime.date) -> PortalStatement:
    return PortalStatement(
        one.id,
        title_of(one),
        one.month,
        badge_of(one, today),
        one.is_estimated,
        one.issued_at,
        one.due_on,
        one.paid_on,
        money_text(one.total, one.currency),
        has_usage_file(one),
    )
