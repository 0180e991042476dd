"""What the worker does about logins: remove the sessions that let nobody in any more."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from app.jobs.queue import repeat
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import sessions
from app.tenancy.scope import system_scope

CLEAN_TASK = "security.remove_old_sessions"
CLEAN_SECONDS = 60 * 60


def register(app: Flask) -> None:
    """Announce the task to the application's Celery, and how often it runs."""
    repeat(app, CLEAN_TASK, remove_old_sessions, seconds=CLEAN_SECONDS)


def remove_old_sessions() -> int:
    """Remove old sessions of everybody; returns how many."""
    with system_scope("the worker removes old sessions of all logins"), unit_of_work(db.session):
        return sessions.remove_old(now=utc_now())
