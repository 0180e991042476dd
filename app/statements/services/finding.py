"""One statement, to look at or to change."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.customers.services import hold_customer
from app.errors import NotVisible, WrongState
from app.extensions import db
from app.statements.models import State, Statement


def find_statement(statement_id: int) -> Statement:
    """Return the statement with this id; raises ``NotVisible`` where the scope in force does not see it."""
    query = (
        select(Statement)
        .where(Statement.id == statement_id)
        .options(joinedload(Statement.customer), joinedload(Statement.provider))
    )
    found = db.session.scalars(query).one_or_none() if 0 < statement_id < 2**31 else None
    if found is None:
        raise NotVisible
    return found


def hold_statement(statement: Statement) -> Statement:
    """Hold the customer's row until the commit and return the statement as it is now."""
    hold_customer(statement.customer)
    query = select(Statement).where(Statement.id == statement.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def check_state(statement: Statement, *states: State) -> None:
    """Raise ``WrongState`` where a statement is in another state."""
    if statement.state not in states:
        raise WrongState(_STATES[statement.state]())


_STATES = {
    State.DRAFT: lambda: _("This statement is a draft. Issue it first."),
    State.OPEN: lambda: _("This statement is issued."),
    State.PAID: lambda: _("This statement is paid. Reopen it first."),
    State.VOID: lambda: _("This statement is void. It stays so."),
    State.DISCARDED: lambda: _("This draft was discarded."),
}
