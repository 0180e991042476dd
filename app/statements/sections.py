"""What this slice shows of a customer: its section, with the number of statements that are to be paid."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.customers.registry import THIS_CUSTOMER, Section, add_history, add_section
from app.statements.models import State, Statement

_OPEN = select(func.count(Statement.id)).where(
    Statement.customer_id == THIS_CUSTOMER, Statement.state.in_((State.DRAFT, State.OPEN))
)
_FIRST = select(Statement.id).where(Statement.customer_id == THIS_CUSTOMER).limit(1)


def announce() -> None:
    """Announce all of it. A customer with statements has history: it is archived, never deleted."""
    add_section(
        Section(
            "statements",
            _l("Statements"),
            "file-invoice-dollar",
            "CustomerStatementsView.show",
            ("show", "CustomerStatements"),
            75,
            in_billing_folder=True,
            count=_OPEN.scalar_subquery(),
            records=("statement",),
        )
    )
    add_history("statements", _FIRST.scalar_subquery())
