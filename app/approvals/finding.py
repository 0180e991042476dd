"""The console's search finds requests by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import select

from app.approvals.labels import type_word
from app.approvals.models import ApprovalRequest
from app.extensions import db
from app.kernel.numbers import small_number
from app.shell.finding import Hit


def requests(text: str, _most: int) -> Sequence[Hit]:
    """Return the request of a number such as ``R-12``."""
    number = small_number(text[2:]) if text[:2].upper() == "R-" else None
    found = (
        db.session.scalars(select(ApprovalRequest).where(ApprovalRequest.id == number)).all()
        if number
        else []
    )
    return [
        Hit(
            one.number,
            url_for("ApprovalsView.show", request_id=one.id),
            f"{type_word(one)} · {one.from_name}",
            is_exact=True,
        )
        for one in found
    ]
