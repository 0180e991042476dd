"""What is kept of a login itself: profile, where it came in, where it is signed in, what was done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.audit.models import AuditEntry
from app.extensions import db
from app.security.login_models import EarlierPassword, LoginSession, RecoveryCode
from app.security.personal_data import Part, Pseudonym, add_part, moment

#: Entries of the change log that tell of coming in.
SIGN_IN_ACTIONS = (
    "signed_in",
    "signed_out",
    "sign_in_refused",
    "locked",
    "reset_asked",
    "invited",
    "invitation_accepted",
    "password_set",
)


def announce() -> None:
    """Announce what is kept of a login itself."""
    add_part(Part("profile", _profile, harm=_closed))
    add_part(Part("sign_ins", _sign_ins))
    add_part(Part("sessions", _sessions, _forget_secrets))
    add_part(Part("activity", _activity))


def _profile(user: Any) -> dict[str, Any]:
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role_name,
        "status": user.status.value,
        "language": user.locale or None,
        "last_sign_in": moment(user.last_login),
        "sign_ins": user.login_count or 0,
        "password": "set" if user.password else "none",
        "password_changed_at": moment(user.password_changed_at),
        "second_factor_since": moment(user.totp_since),
    }


def _closed(_user: Any) -> str:
    return _("The login is closed for ever: it cannot be activated or invited again, and its sessions end.")


def _sign_ins(user: Any) -> list[dict[str, Any]]:
    """Return when somebody came in or tried; the address only where it was the person's, not a colleague's."""
    entries = _entries(
        AuditEntry.record_type == "user",
        AuditEntry.record_id == user.id,
        AuditEntry.action.in_(SIGN_IN_ACTIONS),
    )
    return [
        {
            "at": moment(one.at),
            "what": one.action,
            "address": one.address if one.actor_id in (None, user.id) else None,
            "browser": ((one.changes or {}).get("browser") or (None, None))[1],
        }
        for one in entries
    ]


def _activity(user: Any) -> list[dict[str, Any]]:
    """Return what the person did, without the names of what it was done to."""
    entries = _entries(AuditEntry.actor_id == user.id, AuditEntry.action.not_in(SIGN_IN_ACTIONS))
    return [
        {"at": moment(one.at), "what": one.action, "kind": one.record_type, "address": one.address}
        for one in entries
    ]


def _entries(*conditions: Any) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(*conditions).order_by(AuditEntry.at, AuditEntry.id)
    return db.session.scalars(query).all()


def _sessions(user: Any) -> list[dict[str, Any]]:
    """Return where the person is or was signed in. Past the guard, which shows that to nobody else, by the login."""
    table: Any = LoginSession.__table__
    query = select(table).where(table.c.user_id == user.id).order_by(table.c.id)
    return [
        {
            "began_at": moment(one.created_at),
            "last_used_at": moment(one.last_seen_at),
            "ended_at": moment(one.ended_at),
            "address": one.address,
            "browser": one.browser,
        }
        for one in db.session().trusted_connection().execute(query)
    ]


def _forget_secrets(user: Any, _pseudonym: Pseudonym) -> None:
    """Remove what the person signed in with, and where. Past the guard, as above."""
    connection = db.session().trusted_connection()
    for model in (LoginSession, RecoveryCode, EarlierPassword):
        table: Any = model.__table__
        connection.execute(delete(table).where(table.c.user_id == user.id))
