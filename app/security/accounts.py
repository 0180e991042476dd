"""What happens to logins: made, invited, activated, suspended, given a password.

One set of services for console users and customers' users; who may call them, and with which roles, their slices say.
Everything that takes power away (suspension, another role, another password) ends all of the person's sessions at the
next request, by raising ``session_version``; signing out ends the one of its browser (``sessions``).
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from app.audit.log import because, record
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.security import locks
from app.security.models import Role, User, UserStatus
from app.security.passwords import check_password, check_password_for, put_password
from app.security.personal_data import check_not_anonymised
from app.security.policy import policy_of
from app.security.roles import RoleName
from app.security.signals import address_vouched, password_forgotten, user_invited, user_suspended
from app.tenancy.scope import Actor, current_scope, reseller_scope, system_scope, use_scope

#: Slices that know customers say here whether one's people may come in. Asked in the system's scope, for customers'
#: users only, so that a request of the console costs nothing more.
CUSTOMER_DOORS: dict[str, Callable[[int], bool]] = {}

#: The same slices say here whether a customer is not open yet, but may be: one that waits for the reseller's approval.
CUSTOMER_WAITS: dict[str, Callable[[int], bool]] = {}

#: Slices that let strangers make logins take one away here whose address nobody has proven, so that it is nobody's.
#: Asked in the system's scope, with the login that has the address.
MAKES_WAY: dict[str, Callable[[Any], None]] = {}


def role_row(name: str) -> Any:
    """Return the role's row; roles are made by ``flask init``."""
    return db.session.scalars(select(Role).where(Role.name == str(name))).one()


def check_email_is_free(email: str, *, besides: int | None = None) -> None:
    """Raise ``Invalid`` when a login with this address exists anywhere on the platform, without saying where."""
    with system_scope("an email address is unique over the whole platform"):
        found = db.session.scalars(select(User).where(User.email == email)).one_or_none()
        if found is not None and found.status is UserStatus.PENDING_EMAIL_VALIDATION:
            for make_way in MAKES_WAY.values():
                make_way(found)
            found = db.session.scalars(select(User).where(User.email == email)).one_or_none()
    if found is not None and found.id != besides:
        raise Invalid(_("This address cannot be used."), field="email")


def create_user(
    *,
    name: str,
    email: str,
    role: RoleName,
    reseller_id: int | None,
    customer_id: int | None = None,
    status: UserStatus = UserStatus.ACTIVE,
    password: str | None = None,
    is_temporary: bool = False,
    switches: Mapping[str, bool] | None = None,
) -> Any:
    """Create a login. Without ``password`` nobody can sign in with it until an invitation is taken up.

    ``switches``: which of a customer's person's switches are on; without them all are.
    """
    check_email_is_free(email)
    if password:
        about = (name, email, email.partition("@")[0])
        check_password(password, about=about, policy=policy_of(reseller_id))
    user = User()
    user.name, user.email, user.username = name, email, email[:128]
    user.reseller_id, user.customer_id = reseller_id, customer_id
    user.status = status
    user.locale, user.session_version = "", 1
    user.roles = [role_row(role)]
    user.has_temporary_password = is_temporary
    for switch, is_on in (switches or {}).items():
        setattr(user, switch, is_on)
    if password:
        put_password(user, password, is_temporary=is_temporary)
    db.session.add(user)
    db.session.flush()
    return user


def may_sign_in(user: Any) -> bool:
    """May the login be used: is it active, and is its customer open?"""
    return bool(user.is_active) and is_customer_open(user)


def is_customer_open(user: Any) -> bool:
    """May the people of this user's customer come in? True for users of no customer, without any look-up."""
    return user.customer_id is None or all(is_open(user.customer_id) for is_open in CUSTOMER_DOORS.values())


def waits_for_approval(user: Any) -> bool:
    """Has the reseller still to approve this login, or the customer that it belongs to?"""
    is_waiting = user.customer_id is not None and any(
        waits(user.customer_id) for waits in CUSTOMER_WAITS.values()
    )
    return is_waiting or user.status is UserStatus.PENDING_APPROVAL


def end_sessions(user: Any) -> None:
    """Sign the person out everywhere, at the next request."""
    user.session_version += 1


def sign_out_everywhere(user: Any) -> Any:
    """Sign the person out everywhere because somebody asked for it, and write that down."""
    end_sessions(user)
    db.session.flush()
    record("sessions_ended", user)
    return user


def end_links(user: Any) -> None:
    """Let no link that was mailed to the person work any longer."""
    user.invitation_hash = user.invitation_expires_at = None
    user.reset_hash = user.reset_expires_at = None


def set_status(user: Any, status: UserStatus) -> Any:
    """Give the login another of the four states."""
    if user.status is not status:
        check_not_anonymised(user)
        with because("suspended" if status is UserStatus.SUSPENDED else None):
            user.status = status
            if status is not UserStatus.ACTIVE:
                end_sessions(user)
            if status is UserStatus.SUSPENDED:
                end_links(user)
        if status is UserStatus.SUSPENDED:
            user_suspended.send(user)
        elif status is not UserStatus.PENDING_EMAIL_VALIDATION:
            db.session.flush()
            address_vouched.send(user, now=utc_now())
    return user


def set_password(user: Any, password: str, *, is_temporary: bool) -> Any:
    """Set somebody's password; ``is_temporary`` where another person chose it (an audited exception, ADR 5).

    Ends the person's sessions, the links that were mailed, and a lock: whoever guesses begins anew.
    """
    check_not_anonymised(user)
    check_password_for(user, password)
    with because("password_set"):
        put_password(user, password, is_temporary=is_temporary)
        end_links(user)
        end_sessions(user)
        locks.begin_anew(user, locks.Step.PASSWORD)
    return user


def change_own_password(user: Any, *, current: str, new: str) -> Any:
    """Change the own password; ``current`` was found right (``attempts.confirm_password``)."""
    if new == current:
        raise Invalid(_("This is your current password. Choose another."), field="password")
    try:
        return set_password(user, new, is_temporary=False)
    except Invalid as refusal:
        refusal.field = "password"
        raise


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(user: Any, *, now: datetime.datetime) -> str:
    """Return the secret part of a new invitation link; the old one, if any, stops working. Only its hash is stored."""
    check_not_anonymised(user)
    if user.status is UserStatus.SUSPENDED:
        raise WrongState(_("A suspended user cannot be invited. Activate the user first."))
    token = secrets.token_urlsafe(32)
    user.invitation_hash = _token_hash(token)
    user.invitation_expires_at = now + current_app.config["INVITATION_LIFETIME"]
    db.session.flush()
    record("invited", user)
    user_invited.send(user, token=token, expires_at=user.invitation_expires_at, now=now)
    return token


def _holder_of(token: str, column: Any, *, hold: bool) -> Any:
    """Return the user in whose ``column`` the hash of this link is kept."""
    if len(token) > 100:
        return None
    query = select(User).where(column == _token_hash(token)).options(selectinload(User.roles))
    if hold:
        query = query.with_for_update(of=User).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def invited_user(token: str, *, now: datetime.datetime, hold: bool = False) -> Any:
    """Return the user whose unused, unexpired invitation this is, None otherwise. Needs the system's scope.

    With ``hold`` the row is locked until the commit and read as it is now, for whoever uses the link up.
    """
    user = _holder_of(token, User.invitation_hash, hold=hold)
    if user is None or user.status is UserStatus.SUSPENDED or user.invitation_expires_at is None:
        return None
    if not is_customer_open(user) and not waits_for_approval(user):
        return None
    return user if now < user.invitation_expires_at else None


def accept_invitation(token: str, *, password: str, now: datetime.datetime, address: str = "") -> Any:
    """Set the invited person's own password and use up the link.

    The link proves the address, so a login that waits for that is active from now on. What waits for approval, the
    login or its customer, keeps waiting: an invitation is not the reseller's approval.
    """
    user = invited_user(token, now=now, hold=True)
    if user is None:
        raise WrongState(_("This invitation was used already or has expired. Ask for a new one."))
    try:
        check_password_for(user, password)
    except Invalid as refusal:
        refusal.field = "password"
        raise
    actor = Actor(user.id, user.name, address, is_platform=user.reseller_id is None)
    with use_scope(replace(current_scope(), actor=actor)), because("invitation_accepted"):
        put_password(user, password, is_temporary=False)
        was_unproven = user.status is UserStatus.PENDING_EMAIL_VALIDATION
        if was_unproven:
            user.status = UserStatus.ACTIVE
        end_links(user)
        end_sessions(user)
        locks.begin_anew(user, locks.Step.PASSWORD)
    if was_unproven and user.reseller_id is not None:
        with reseller_scope(user.reseller_id, actor=actor):
            db.session.flush()
            address_vouched.send(user, now=now)
    return user


def forget_password(email: str, *, now: datetime.datetime, address: str = "") -> None:
    """Have a link mailed with which the person of this address sets a new password. Needs the system's scope.

    Only who may sign in gets one. Nothing tells the asker whether that is so: no answer, and as little as possible
    how long it takes.
    """
    user = db.session.scalars(select(User).where(User.email == email)).one_or_none()
    token, expires_at = secrets.token_urlsafe(32), now + current_app.config["PASSWORD_RESET_LIFETIME"]
    if user is None:  # what was typed is not kept
        record("reset_asked", noun="unknown_login", actor=Actor(None, "", address))
    else:
        record("reset_asked", user, actor=Actor(None, email, address))
    user = user if user is not None and may_sign_in(user) else None
    db.session.execute(  # for nobody too
        update(User)
        .where(User.id == (user.id if user is not None else 0), User.status == UserStatus.ACTIVE)
        .values(reset_hash=_token_hash(token), reset_expires_at=expires_at)
        .execution_options(synchronize_session=False)
    )
    password_forgotten.send(user, token=token, expires_at=expires_at, now=now)


def resetting_user(token: str, *, now: datetime.datetime, hold: bool = False) -> Any:
    """Return the user whose unused, unexpired link to a new password this is, as ``invited_user`` does."""
    user = _holder_of(token, User.reset_hash, hold=hold)
    if user is None or user.reset_expires_at is None or not may_sign_in(user):
        return None
    return user if now < user.reset_expires_at else None


def reset_password(token: str, *, password: str, now: datetime.datetime, address: str = "") -> Any:
    """Set the person's own new password and use up the link. All sessions end, and so does a lock."""
    user = resetting_user(token, now=now, hold=True)
    if user is None:
        raise WrongState(_("This link was used already or has expired. Ask for a new one."))
    actor = Actor(user.id, user.name, address, is_platform=user.reseller_id is None)
    with use_scope(replace(current_scope(), actor=actor)):
        try:
            set_password(user, password, is_temporary=False)
        except Invalid as refusal:
            refusal.field = "password"
            raise
        db.session.flush()
    return user
