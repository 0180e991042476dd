"""Where somebody is signed in: one row per browser, found by the hash of a secret that only its cookie holds.

A session ends when its person signs out of it, when the login's ``session_version`` grows (another password,
suspension, another role, "sign out everywhere"), when nobody used it for ``CLOUDTALLY_SESSION_HOURS``, and in any case
``CLOUDTALLY_SESSION_ABSOLUTE_HOURS`` after signing in.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import OperationalError

from app.audit.log import record
from app.errors import NotVisible
from app.extensions import db
from app.kernel.database import without_waiting
from app.security.login_models import LONGEST_BROWSER, LoginSession
from app.tenancy.scope import system_scope

#: How exactly it is known when a session was last used.
SEEN_EVERY = datetime.timedelta(minutes=5)
_LARGEST_ID = 2**31 - 1


def token_hash(token: str) -> str:
    """Return what is stored of a session's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: Any, *, now: datetime.datetime, address: str, browser: str) -> str:
    """Begin a session of ``user``; returns its secret."""
    token = secrets.token_urlsafe(32)
    with system_scope("a session begins before its person has a scope"):
        db.session.add(
            LoginSession(
                reseller_id=user.reseller_id,
                user_id=user.id,
                token_hash=token_hash(token),
                version=user.session_version,
                created_at=now,
                last_seen_at=now,
                address=address[:64],
                browser=browser[:LONGEST_BROWSER],
            )
        )
        db.session.flush()
    return token


def is_alive(row: LoginSession, user: Any, *, now: datetime.datetime) -> bool:
    """Does the session still let its person in?"""
    idle, longest = _limits()
    return (
        row.ended_at is None
        and row.version == user.session_version
        and now - row.last_seen_at < idle
        and now - row.created_at < longest
    )


def _limits() -> tuple[datetime.timedelta, datetime.timedelta]:
    """Return how long a session lasts unused, and at most. What is known of its last use may lag behind."""
    config = current_app.config
    return config["PERMANENT_SESSION_LIFETIME"] + SEEN_EVERY, config["SESSION_LONGEST_LIFETIME"]


def note_use(row: LoginSession, *, now: datetime.datetime, address: str) -> None:
    """Write down that a session was used, every few minutes. On a connection of its own, because the page that is
    opened writes nothing; and only if nobody has to wait for it: the next page does it as well."""
    if now - row.last_seen_at < SEEN_EVERY:
        return
    statement = (
        update(LoginSession.__table__)
        .where(LoginSession.__table__.c.id == row.id, LoginSession.__table__.c.ended_at.is_(None))
        .values(last_seen_at=now, address=address[:64])
    )
    try:
        with db.engine.begin() as connection, without_waiting(connection):
            connection.execute(statement)
    except OperationalError:
        return


def own_sessions(user: Any, *, now: datetime.datetime) -> Sequence[LoginSession]:
    """Return the sessions in which the person in scope is signed in, the one used last first."""
    idle, longest = _limits()
    query = (
        select(LoginSession)
        .where(
            LoginSession.user_id == user.id,
            LoginSession.ended_at.is_(None),
            LoginSession.version == user.session_version,
            LoginSession.last_seen_at > now - idle,
            LoginSession.created_at > now - longest,
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return db.session.scalars(query).all()


def end(token: str, *, now: datetime.datetime) -> None:
    """End the session with this secret, if there is one."""
    with system_scope("whoever logs out may have no scope any more"):
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == token_hash(token), LoginSession.ended_at.is_(None))
            .values(ended_at=now)
            .execution_options(synchronize_session=False)
        )


def end_own(user: Any, session_id: int, *, now: datetime.datetime) -> LoginSession:
    """Sign the person in scope out of one browser; raises ``NotVisible`` for what is no session of theirs."""
    row = db.session.get(LoginSession, session_id) if 0 < session_id <= _LARGEST_ID else None
    if row is None or row.user_id != user.id or row.ended_at is not None:
        raise NotVisible
    row.ended_at = now
    db.session.flush()
    record("session_ended", user, changes={"browser": [row.browser or None, None]})
    return row


def keep(token: str, user: Any) -> None:
    """Let the session with this secret outlive the end of all sessions that just came (``accounts.end_sessions``)."""
    with system_scope("the session of whoever just changed the own login"):
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == token_hash(token), LoginSession.user_id == user.id)
            .values(version=user.session_version)
            .execution_options(synchronize_session=False)
        )


def remove_old(*, now: datetime.datetime) -> int:
    """Remove the sessions that let nobody in any more; returns how many. Done by the worker, in the system's scope."""
    idle, longest = _limits()
    outdated = delete(LoginSession).where(
        or_(
            LoginSession.ended_at.is_not(None),
            LoginSession.last_seen_at <= now - idle,
            LoginSession.created_at <= now - longest,
        )
    )
    result: Any = db.session.execute(outdated.execution_options(synchronize_session=False))
    return int(result.rowcount)
