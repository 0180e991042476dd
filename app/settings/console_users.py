"""The people who work in the console (domain, 1): who is there, and what an Owner may do to them.

Two rules stand above all: a reseller always keeps an Owner who can sign in, and nobody suspends or removes oneself.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, inspect, or_, select
from sqlalchemy.orm import selectinload

from app.audit.log import because
from app.errors import Invalid, NotAllowed, NotVisible, WrongState
from app.extensions import db
from app.kernel.folding import fold
from app.security import accounts, locks, second_factor
from app.security.models import Role, User, UserStatus
from app.security.roles import CONSOLE_ROLES, RoleName
from app.tenancy.scope import current_scope

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class UserRow:
    """A console user as the list shows one. ``status`` is the login's, or ``invited`` before the first password.

    ``locked_until`` says when a lock after failures ends, None where there is none.
    """

    user: Any
    status: str
    has_open_invitation: bool
    locked_until: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class UserCounts:
    """How many console users there are, by role and by status."""

    total: int
    by_role: dict[str, int]
    by_status: dict[str, int]


def describe(user: Any, *, now: datetime.datetime) -> UserRow:
    """Return ``user`` with the state that people see."""
    is_open = user.invitation_hash is not None and user.invitation_expires_at > now
    waits = not user.password and user.status is not UserStatus.SUSPENDED
    status = "invited" if waits else user.status.value
    return UserRow(user, status, is_open, locks.locked_until(user, now=now))


def all_users(*, now: datetime.datetime) -> list[UserRow]:
    """Return the console users of the reseller in scope, by name."""
    query = select(User).where(User.customer_id.is_(None)).options(selectinload(User.roles))
    users = sorted(db.session.scalars(query), key=lambda one: (fold(one.name), one.email))
    return [describe(user, now=now) for user in users]


def count_users(rows: Sequence[UserRow]) -> UserCounts:
    """Return the counts that stand above the list."""
    by_role = {role.value: sum(row.user.role_name == role for row in rows) for role in CONSOLE_ROLES}
    shown = ("active", "invited", "suspended")
    by_status = {status: sum(row.status == status for row in rows) for status in shown}
    return UserCounts(len(rows), by_role, by_status)


def matching(rows: Sequence[UserRow], *, text: str = "", role: str = "", status: str = "") -> list[UserRow]:
    """Return the rows with ``text`` in name or address, and this role and status where given."""
    wanted = fold(text)
    return [
        row
        for row in rows
        if wanted in fold(f"{row.user.name} {row.user.email}")
        and role in ("", row.user.role_name)
        and status in ("", row.status)
    ]


def find_user(user_id: int) -> Any:
    """Return a console user of the reseller in scope; customers' users and other resellers' do not exist here."""
    query = (
        select(User).where(User.id == user_id, User.customer_id.is_(None)).options(selectinload(User.roles))
    )
    user = db.session.scalars(query).one_or_none() if 0 < user_id <= LARGEST_ID else None
    if user is None:
        raise NotVisible
    return user


def add_user(
    *,
    name: str,
    email: str,
    role: str,
    password: str | None,
    grantable: Sequence[RoleName],
    now: datetime.datetime,
) -> tuple[Any, str | None]:
    """Add a console user; returns it with the secret of its invitation when no password was given."""
    granted = _granted(role, grantable)
    try:
        user = accounts.create_user(
            name=name,
            email=email,
            role=granted,
            reseller_id=current_scope().reseller_id,
            password=password,
            is_temporary=bool(password),
        )
    except Invalid as refusal:
        refusal.field = refusal.field or "password"
        raise
    return user, None if password else accounts.invite(user, now=now)


def change_user(user: Any, *, name: str, role: str, grantable: Sequence[RoleName]) -> Any:
    """Change name and role. Another role ends the person's sessions, so that it holds at the next request."""
    hold(user)
    granted = _granted(role, grantable)
    if granted != user.role_name:
        _check_may_touch(user, grantable)
        if granted is not RoleName.OWNER:
            _keep_an_owner(user, field="role")
        user.roles = [accounts.role_row(granted)]
        accounts.end_sessions(user)
    if user.name != name:
        user.name = name
    db.session.flush()
    return user


def suspend_user(user: Any, *, grantable: Sequence[RoleName]) -> Any:
    """Keep a person out from the next request on."""
    hold(user)
    _check_not_self(user, _("You cannot suspend yourself. Ask another owner."))
    _check_may_touch(user, grantable)
    if user.status is UserStatus.SUSPENDED:
        raise WrongState(_("%(name)s is suspended already.", name=user.name))
    _keep_an_owner(user)
    return accounts.set_status(user, UserStatus.SUSPENDED)


def activate_user(user: Any, *, grantable: Sequence[RoleName]) -> Any:
    """Let a suspended person in again."""
    hold(user)
    _check_may_touch(user, grantable)
    if user.status is UserStatus.ACTIVE:
        raise WrongState(_("%(name)s is active already.", name=user.name))
    with because("activated"):
        return accounts.set_status(user, UserStatus.ACTIVE)


def unlock_user(user: Any, *, grantable: Sequence[RoleName], now: datetime.datetime) -> Any:
    """End the lock that came after too many failures."""
    hold(user)
    _check_may_touch(user, grantable)
    return locks.unlock(user, now=now)


def sign_out_user(user: Any, *, grantable: Sequence[RoleName]) -> Any:
    """End all sessions of somebody."""
    hold(user)
    _check_not_self(user, _("Log yourself out in your profile, under Sessions."))
    _check_may_touch(user, grantable)
    return accounts.sign_out_everywhere(user)


def reset_second_factor(user: Any, *, grantable: Sequence[RoleName], now: datetime.datetime) -> Any:
    """Take away the second factor of somebody who lost it."""
    hold(user)
    _check_not_self(user, _("Change your own second factor in your profile."))
    _check_may_touch(user, grantable)
    return second_factor.reset(user, now=now)


def remove_user(user: Any, *, grantable: Sequence[RoleName]) -> None:
    """Delete a login. What the person did stays in the change log."""
    hold(user)
    _check_not_self(user, _("You cannot remove yourself. Ask another owner."))
    _check_may_touch(user, grantable)
    _keep_an_owner(user)
    db.session.delete(user)
    db.session.flush()


def invite_user(user: Any, *, grantable: Sequence[RoleName], now: datetime.datetime) -> str:
    """Return the secret of a new invitation link; an older one stops working."""
    hold(user)
    _check_not_self(user, _("You are logged in already. Change your own password in your profile."))
    _check_may_touch(user, grantable)
    return accounts.invite(user, now=now)


def set_user_password(user: Any, password: str, *, grantable: Sequence[RoleName]) -> Any:
    """Set a temporary password for somebody else, and sign the person out everywhere."""
    hold(user)
    _check_not_self(user, _("Change your own password in your profile."))
    _check_may_touch(user, grantable)
    try:
        return accounts.set_password(user, password, is_temporary=True)
    except Invalid as refusal:
        refusal.field = refusal.field or "password"
        raise


def _granted(role: str, grantable: Sequence[RoleName]) -> RoleName:
    found = next((one for one in grantable if one == role), None)
    if found is None:
        raise Invalid(_("Choose a role that you may grant."), field="role")
    return found


def _check_may_touch(user: Any, grantable: Sequence[RoleName]) -> None:
    if user.role_name is not None and user.role_name not in grantable:
        raise NotAllowed(_("This person's role is above yours."))


def _check_not_self(user: Any, sentence: str) -> None:
    if user.id == current_scope().actor.user_id:
        raise WrongState(sentence)


def hold(user: Any) -> None:
    """Lock ``user`` and the reseller's owners until the commit, and read ``user`` as it is now.

    Always all of them in one statement and one order: of two people who take each other's power at once, the second
    waits here and then sees what the first did.
    """
    [user_id] = inspect(user).identity
    wanted = or_(User.id == user_id, User.id.in_(_active_owners()))
    locked = select(User.id).where(wanted).order_by(User.id).with_for_update(of=User)
    if user_id not in db.session.scalars(locked).all():
        raise NotVisible
    db.session.refresh(user)


def _active_owners() -> Select[tuple[int]]:
    """Owners who can sign in: active, and with a password."""
    return (
        select(User.id)
        .join(User.roles)
        .where(
            User.customer_id.is_(None),
            Role.name == RoleName.OWNER.value,
            User.status == UserStatus.ACTIVE,
            User.password.is_not(None),
        )
    )


def _keep_an_owner(user: Any, *, field: str | None = None) -> None:
    """Raise ``WrongState`` when nobody but ``user`` could sign in as an Owner any more."""
    owners = set(db.session.scalars(_active_owners()))
    if owners == {user.id}:
        refusal = WrongState(
            _("%(name)s is the last active owner. Make somebody else an owner first.", name=user.name)
        )
        refusal.field = field
        raise refusal
