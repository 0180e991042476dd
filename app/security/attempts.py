"""Tries to sign in: whether they succeed, what is counted and what is written down. All of it in the system's scope.

Unknown, wrong, locked, suspended, pending, at the wrong door: the answer is the same, and so is the work. Each try
checks one password hash, reads the login again under a lock, and writes one entry into the change log.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload
from werkzeug.security import check_password_hash

from app.audit.log import record
from app.errors import Invalid
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security import locks, second_factor, sessions
from app.security.accounts import may_sign_in
from app.security.locks import Step
from app.security.login_models import LONGEST_BROWSER
from app.security.models import User
from app.security.passwords import hash_password, is_outdated
from app.security.policy import policy_of
from app.security.roles import ROLE_RIGHTS
from app.tenancy.scope import Actor, system_scope

log = logging.getLogger(__name__)

#: Ways in, as the change log keeps them: what came first, and the second factor after it.
PASSWORD, INVITATION, RESET_LINK = "password", "invitation", "reset_link"
CODE, RECOVERY_CODE = "code", "recovery_code"
#: No way in: the password that is asked for once more of somebody who is signed in.
CURRENT_PASSWORD = "current_password"  # noqa: S105 - a word, no secret


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a try comes from: the network address, and what the browser says about itself."""

    address: str
    browser: str


def take_password(
    email: str, password: str, *, admits: Callable[[Any], bool], visitor: Visitor, now: datetime.datetime
) -> Any:
    """Return the login whose email and password these are, None for any other try. Nobody is in yet.

    The try is judged when the login is held: of guesses that come at once, as many count as the requirements allow.
    """
    typed = (email or "").strip().lower()
    with system_scope("logging in happens before a scope exists"):
        query = select(User.id, User.password).where(User.email == typed)
        user_id, stored = db.session.execute(query).one_or_none() or (0, None)
        db.session.rollback()  # checking takes long; on SQLite nobody could write meanwhile
        stored = stored or _decoy_hash()
        is_right = check_password_hash(stored, password or "")
        with unit_of_work(db.session):
            user = locks.hold(user_id)
            if user is None:
                _note_stranger(visitor)
                return None
            is_right = is_right and user.role_name in ROLE_RIGHTS and admits(user)
            refusal = _refusal(user, Step.PASSWORD, is_right=is_right, now=now)
            if refusal:
                _refuse(user, Step.PASSWORD, refusal, typed, visitor=visitor, now=now)
                return None
            if is_outdated(stored):
                _store_anew(user, stored, password)
        return _with_roles(user)


def take_code(user_id: int, code: str, *, is_recovery: bool, visitor: Visitor, now: datetime.datetime) -> Any:
    """Return the login when this is its second factor, None otherwise. A code that was taken is used up."""
    with system_scope("logging in happens before a scope exists"):
        with unit_of_work(db.session):
            user = locks.hold(user_id)
            if user is None:
                return None
            refusal = _refusal(user, Step.CODE, is_right=True, now=now)
            take = second_factor.take_recovery_code if is_recovery else second_factor.take_code
            if not refusal and not take(user, code, now=now):
                refusal = "wrong"
            if refusal:
                _refuse(user, Step.CODE, refusal, user.email, visitor=visitor, now=now)
                return None
        return _with_roles(user)


def confirm_password(user: Any, password: str, *, visitor: Visitor, now: datetime.datetime) -> None:
    """Raise ``Invalid`` where this is not the password of who is signed in: judged and counted as at the door.

    Whoever finds a browser open must not guess in peace what lets in for good. Needs a transaction of its own, so that
    the count stays when what was to be confirmed is refused.
    """
    is_right = bool(user.password) and check_password_hash(user.password, password or "")
    with system_scope("the password is judged as at the door"), unit_of_work(db.session):
        held = locks.hold(user.id)
        refusal = _refusal(held, Step.PASSWORD, is_right=is_right, now=now)
        if refusal:
            actor = Actor(held.id, held.name, visitor.address, is_platform=held.reseller_id is None)
            told = _told(visitor, way=CURRENT_PASSWORD, why=refusal)
            _note(held, Step.PASSWORD, refusal, told, actor=actor, now=now)
        else:
            locks.begin_anew(held, Step.PASSWORD)
    if refusal == "locked":
        raise Invalid(_("There were too many wrong passwords. Try again later."), field="current")
    if refusal:
        raise Invalid(_("This is not your current password."), field="current")


def come_in(user: Any, *, ways: tuple[str, ...], visitor: Visitor, now: datetime.datetime) -> str:
    """Begin a session of somebody who has taken every step; returns its secret. Failures are forgotten."""
    with system_scope("a session begins before its person has a scope"), unit_of_work(db.session):
        locks.begin_anew(user)
        user.login_count = (user.login_count or 0) + 1
        user.last_login = now.astimezone().replace(tzinfo=None)  # the framework's column has no zone
        db.session.flush()
        actor = Actor(user.id, user.name, visitor.address, is_platform=user.reseller_id is None)
        record("signed_in", user, changes=_told(visitor, way=", ".join(ways)), actor=actor)
        return sessions.start(user, now=now, address=visitor.address, browser=visitor.browser)


def _refusal(user: Any, step: Step, *, is_right: bool, now: datetime.datetime) -> str:
    """Return why a login is refused at this step, empty for a try that is taken."""
    if locks.locked_until(user, step=step, now=now) is not None:
        return "locked"
    if not is_right:
        return "wrong"
    return "" if may_sign_in(user) else "not_active"


def _refuse(user: Any, step: Step, why: str, typed: str, *, visitor: Visitor, now: datetime.datetime) -> None:
    told = _told(visitor, way=step.value, why=why)
    _note(user, step, why, told, actor=Actor(None, typed, visitor.address), now=now)


def _note(
    user: Any,
    step: Step,
    why: str,
    told: dict[str, list[str | None]],
    *,
    actor: Actor,
    now: datetime.datetime,
) -> None:
    record("sign_in_refused", user, changes=told, actor=actor)
    if why == "wrong":
        locks.count_failure(user, step, policy_of(user.reseller_id), now=now, address=actor.address)


def _told(visitor: Visitor, **more: str) -> dict[str, list[str | None]]:
    told = more | {"browser": visitor.browser[:LONGEST_BROWSER]}
    return {name: [None, value] for name, value in told.items() if value}


def _note_stranger(visitor: Visitor) -> None:
    """Write down, on the platform's level, that an address nobody has was tried; what was typed is not kept."""
    log.warning("login refused for an unknown login, from %s", visitor.address)
    record("sign_in_refused", noun="unknown_login", actor=Actor(None, "", visitor.address))


def _store_anew(user: Any, stored: str, password: str) -> None:
    """Store a right password with today's method. No change that anybody made, so the log says nothing."""
    db.session.execute(
        update(User)
        .where(User.id == user.id, User.password == stored)
        .values(password=hash_password(password))
        .execution_options(synchronize_session=False)
    )


def _with_roles(user: Any) -> Any:
    """Return the login read to the end: the session is started before a scope may read it again."""
    query = select(User).where(User.id == user.id).options(selectinload(User.roles))
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one()


def _decoy_hash() -> str:
    """A hash nobody knows the password of, so that unknown addresses cost as much time as known ones."""
    decoy: str | None = current_app.config.get("_DECOY_HASH")
    if decoy is None:
        decoy = current_app.config["_DECOY_HASH"] = hash_password("decoy")
    return decoy
