"""The colleagues: who of the own company may sign in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.customers.users import INVITED, status_word
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, paginate
from app.security.models import User


@dataclass(frozen=True, slots=True)
class Colleague:
    """A login of the company as the portal shows it. ``invited_until`` while an invitation is open."""

    id: int
    name: str
    email: str
    state: str
    invited_until: datetime.datetime | None
    is_own: bool
    rights: str

    @property
    def is_invited(self) -> bool:
        return self.state == INVITED


def own_colleagues(person: Any, wanted: PageRequest) -> Page[Colleague]:
    """Return a page of the logins of the person's company by name, the person's own included."""
    query = select(User).order_by(func.lower(User.first_name), func.lower(User.last_name), User.id)
    page = paginate(db.session, query.where(User.customer_id == person.customer_id), wanted)
    return Page(page.number, page.size, page.total, [_shown(one, person) for one in page])


def _shown(user: Any, person: Any) -> Colleague:
    state = status_word(user)
    return Colleague(
        id=user.id,
        name=user.name,
        email=user.email,
        state=state,
        invited_until=user.invitation_expires_at if state == INVITED else None,
        is_own=user.id == person.id,
        rights=_rights(user),
    )


def _rights(user: Any) -> str:
    """Return in words what the person may do here beyond looking."""
    words = {
        "sees_statements": _("see statements"),
        "may_request_accounts": _("request accounts"),
        "may_invite": _("invite colleagues"),
    }
    may = [word for switch, word in words.items() if getattr(user, switch)]
    text = ", ".join(may) or _("only look")
    return text[:1].upper() + text[1:]
