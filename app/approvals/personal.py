"""What a person asked for, as its data: handed out, and kept without the contact data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import ngettext
from sqlalchemy import or_, select

from app.approvals.models import ApprovalRequest, RequestType
from app.extensions import db
from app.security.personal_data import Pseudonym, moment

#: What a sign-up holds of the person rather than of the company.
_PERSONAL = frozenset({"contact_name", "contact_title", "email", "phone"})


def requests_of_person(user: Any) -> list[dict[str, Any]]:
    """Return what the person asked for, with everything that was entered."""
    query = (
        select(ApprovalRequest).where(ApprovalRequest.requester_id == user.id).order_by(ApprovalRequest.id)
    )
    return [
        {
            "request": one.number,
            "asked_at": moment(one.created_at),
            "kind": one.type.value,
            "status": one.status.value,
            "entered": one.details,
        }
        for one in db.session.scalars(query)
    ]


def harm_to_requests(user: Any) -> str:
    """Say how many requests lose contact data."""
    found = sum(_without(one, user) != one.details for one in _naming(user))
    if not found:
        return ""
    return ngettext(
        "%(num)s request keeps what was asked for, and loses the person's contact data.",
        "%(num)s requests keep what was asked for, and lose the person's contact data.",
        found,
    )


def forget_requests(user: Any, _pseudonym: Pseudonym) -> None:
    """Take the person's contact data from what it asked for, and its address from its company's requests."""
    for one in _naming(user):
        rest = _without(one, user)
        if rest != one.details:
            one.details = rest


def _naming(user: Any) -> Sequence[ApprovalRequest]:
    """Return the requests that may hold something of the person: the own ones, and those of its company."""
    whose = [ApprovalRequest.requester_id == user.id]
    if user.customer_id is not None:
        whose.append(ApprovalRequest.customer_id == user.customer_id)
    return db.session.scalars(select(ApprovalRequest).where(or_(*whose))).all()


def _without(request: ApprovalRequest, user: Any) -> dict[str, Any]:
    details = request.details
    is_own = request.requester_id == user.id or details.get("email") == user.email
    gone = _PERSONAL if request.type is RequestType.SIGNUP and is_own else frozenset()
    return {name: value for name, value in details.items() if name not in gone and value != user.email}
