"""Sign-in history: what the change log tells of one's own login."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.words import value_word
from app.extensions import db
from app.tenancy.scope import system_scope

SHOWN = 20
_ACTIONS = ("signed_in", "sign_in_refused", "locked")


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in, refusal or lock. ``outcome`` is the entry's verb; ``why`` says of a refusal what was wrong."""

    at: datetime.datetime
    outcome: str
    way: str
    why: str
    address: str
    browser: str


def last_sign_ins(user: Any) -> list[SignIn]:
    """Return the last sign-ins and refusals of a login, the newest first."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.record_id == user.id,
            AuditEntry.record_type == "user",
            AuditEntry.action.in_(_ACTIONS),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(SHOWN)
    )
    with system_scope("everybody reads the logins of the own login, customers' users too"):
        return [_told(entry) for entry in db.session.scalars(query)]


def _told(entry: AuditEntry) -> SignIn:
    def word(name: str) -> str:
        _before, after = (entry.changes or {}).get(name) or (None, None)
        return value_word("user", name, after) if after else ""

    return SignIn(entry.at, entry.action, word("way"), word("why"), entry.address, word("browser"))
