"""The console's search finds statements by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.shell.finding import Hit
from app.shell.formats import money_text, month_text
from app.statements import words
from app.statements.models import Statement


def statements(text: str, most: int) -> Sequence[Hit]:
    """Return statements by number, the latest first; the whole number is exact."""
    query = (
        select(Statement)
        .where(Statement.number.icontains(text, autoescape=True))
        .options(joinedload(Statement.customer))
        .order_by(func.length(Statement.number), Statement.id.desc())
        .limit(most)
    )
    return [
        Hit(
            words.title_of(one),
            url_for("StatementsView.show", statement_id=one.id),
            f"{one.customer} · {month_text(one.month)} · {money_text(one.total, one.currency)}",
            is_exact=(one.number or "").lower() == text.lower(),
        )
        for one in db.session.scalars(query)
    ]
