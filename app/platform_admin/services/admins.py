"""Platform Admins: the logins that belong to no reseller. Nobody shuts out oneself, and one always remains."""

from __future__ import annotations

import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.errors import Invalid, WrongState
from app.extensions import db
from app.security import accounts, locks, second_factor
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.scope import system_scope


def add_admin(*, name: str, email: str, password: str | None) -> Any:
    """Create a Platform Admin. A password that somebody else chose is temporary; without one an invitation is due."""
    try:
        return accounts.create_user(
            name=name,
            email=email,
            role=RoleName.PLATFORM_ADMIN,
            reseller_id=None,
            password=password,
            is_temporary=password is not None,
        )
    except Invalid as refusal:
        refusal.field = refusal.field or "password"
        raise


def change_admin(user: Any, *, name: str, email: str) -> Any:
    """Change name and address. A new address ends the person's sessions: it is what one signs in with."""
    if email != user.email:
        accounts.check_email_is_free(email, besides=user.id)
        user.email, user.username = email, email[:128]
        accounts.end_links(user)  # they went to the old address
        accounts.end_sessions(user)
    user.name = name
    return user


def invite_admin(user: Any, *, now: datetime.datetime) -> str:
    """Return the secret of an invitation link, for somebody who has not set a password yet."""
    if user.password:
        raise WrongState(_("%(name)s has a password already and needs no invitation.", name=user.name))
    return accounts.invite(user, now=now)


def suspend_admin(user: Any, *, actor_id: int) -> Any:
    """Shut a Platform Admin out, at the person's next request."""
    _check_may_go(user, actor_id)
    return accounts.set_status(user, UserStatus.SUSPENDED)


def activate_admin(user: Any) -> Any:
    """Let a suspended Platform Admin in again."""
    return accounts.set_status(user, UserStatus.ACTIVE)


def unlock_admin(user: Any, *, now: datetime.datetime) -> Any:
    """End the lock that came after too many failures."""
    return locks.unlock(user, now=now)


def sign_out_admin(user: Any, *, actor_id: int) -> Any:
    """End all sessions of another Platform Admin."""
    if user.id == actor_id:
        raise WrongState(_("Log yourself out in your profile, under Sessions."))
    return accounts.sign_out_everywhere(user)


def reset_second_factor(user: Any, *, actor_id: int, now: datetime.datetime) -> Any:
    """Take away the second factor of another Platform Admin, who lost it."""
    if user.id == actor_id:
        raise WrongState(_("Change your own second factor in your profile."))
    return second_factor.reset(user, now=now)


def remove_admin(user: Any, *, actor_id: int) -> None:
    """Delete the login. What the person did stays in the change log."""
    _check_may_go(user, actor_id)
    with system_scope("who made a login is noted on logins of every reseller"):
        for column in (User.created_by_fk, User.changed_by_fk):
            db.session.execute(update(User).where(column == user.id).values({column.key: None}))
        db.session.delete(user)
        db.session.flush()


def _check_may_go(user: Any, actor_id: int) -> None:
    if user.id == actor_id:
        raise WrongState(_("You cannot suspend or remove yourself. Ask another Platform Admin."))
    # Locked until the end of the transaction, so that two admins cannot remove each other at the same moment.
    query = (
        select(User.id).where(User.status == UserStatus.ACTIVE, User.password.is_not(None)).with_for_update()
    )
    if set(db.session.scalars(query)) <= {user.id}:
        raise WrongState(
            _("%(name)s is the last active Platform Admin. Activate another one first.", name=user.name)
        )
