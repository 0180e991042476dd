"""What the product holds of a person: gathered to be handed out, and taken away for good.

Every slice that keeps rows about a login announces them here (``add_part``), so that both are complete without this
module knowing any slice. ``export`` returns what a person may read about itself as plain values: no secret, nobody
else's data. ``forget`` removes what makes a row somebody's, and keeps the row where it is a record of business.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from app.audit.log import record
from app.errors import WrongState
from app.extensions import db
from app.security.models import User, UserStatus
from app.tenancy.scope import Scope, ScopeKind, current_scope, use_scope

#: Addresses that nobody can have (RFC 2606).
NOWHERE = "anonymous.invalid"


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What takes the place of a person's name and address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one slice keeps of a person. ``key`` names it in the file.

    ``export`` takes the login. ``forget`` takes the login as it still is, and the pseudonym. ``harm`` says in a
    sentence what forgetting takes away, with numbers; nothing where there is nothing.
    """

    key: str
    export: Callable[[Any], Any]
    forget: Callable[[Any, Pseudonym], None] | None = None
    harm: Callable[[Any], str] | None = None


PARTS: dict[str, Part] = {}


def add_part(part: Part) -> None:
    """Announce what a slice keeps of a person."""
    PARTS[part.key] = part


def _scope_of_rows(user: Any) -> Scope:
    """Return the scope that sees a login's rows. A customer's person does not see the own mails; its reseller does."""
    kind = ScopeKind.PLATFORM if user.reseller_id is None else ScopeKind.RESELLER
    return Scope(kind, user.reseller_id, None, current_scope().actor)


def export_of(user: Any, *, now: datetime.datetime) -> dict[str, Any]:
    """Return everything that the product holds about a login, and note that it was handed out."""
    with use_scope(_scope_of_rows(user)):
        found = {key: part.export(user) for key, part in PARTS.items()}
        record("exported", user)
    return {"login": user.id, "made_at": now.isoformat(), **found}


def harm_of(user: Any) -> list[str]:
    """Return what anonymising this login takes away, a sentence each."""
    with use_scope(_scope_of_rows(user)):
        sentences = [part.harm(user) for part in PARTS.values() if part.harm is not None]
    return [one for one in sentences if one]


def moment(at: datetime.datetime | None) -> str | None:
    """Return a point in time as it is written in the file."""
    return None if at is None else at.isoformat(timespec="seconds")


def check_not_anonymised(user: Any) -> None:
    """Raise ``WrongState`` for a login that stays closed for ever."""
    if user.anonymised_at is not None:
        raise WrongState(_("This login was anonymised. It stays closed."))


def anonymise(user: Any, *, now: datetime.datetime) -> Any:
    """Close a login for ever and take away who it was. Nothing brings that back.

    The change log stays as it is, sealed; so do statements that were issued. The entry about this names the pseudonym.
    """
    check_not_anonymised(user)
    pseudonym = Pseudonym(f"Anonymous {user.id}", f"{user.id}@{NOWHERE}")
    with use_scope(_scope_of_rows(user)):
        for part in PARTS.values():
            if part.forget is not None:
                part.forget(user, pseudonym)
        db.session.flush()
        # Not by the object: the flush would write the name and address into the change log once more.
        db.session.execute(
            update(User)
            .where(User.id == user.id)
            .values(
                first_name=pseudonym.name,
                last_name="",
                email=pseudonym.address,
                username=pseudonym.address,
                password=None,
                status=UserStatus.SUSPENDED,
                active=False,
                locale="",
                last_login=None,
                session_version=User.session_version + 1,
                invitation_hash=None,
                invitation_expires_at=None,
                reset_hash=None,
                reset_expires_at=None,
                totp_secret=None,
                totp_since=None,
                totp_last_step=None,
                password_changed_at=None,
                locked_until=None,
                code_locked_until=None,
                anonymised_at=now,
            )
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(user)
        record("anonymised", user)
    return user
