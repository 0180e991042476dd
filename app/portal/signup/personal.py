"""What was entered at a sign-up that waits for its proof, as a person's data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from app.extensions import db
from app.portal.signup.models import EmailValidation
from app.security.personal_data import Pseudonym, moment


def signup_of(user: Any) -> dict[str, Any] | None:
    """Return what the person entered, None where nothing waits for a proof."""
    if user.customer_id is None:
        return None
    query = select(EmailValidation).where(EmailValidation.user_id == user.id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        return None
    return {
        "signed_up_at": moment(found.created_at),
        "link_ends_at": moment(found.expires_at),
        **found.details,
    }


def forget_signup(user: Any, _pseudonym: Pseudonym) -> None:
    """Let the link prove nothing any more, and what was entered go."""
    db.session.execute(
        delete(EmailValidation)
        .where(EmailValidation.user_id == user.id)
        .execution_options(synchronize_session=False)
    )
