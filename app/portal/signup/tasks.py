"""What the worker does about sign-ups: every hour it forgets those that nobody proved."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from app.jobs.queue import repeat
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.portal.signup.forgetting import forget_stale, stale_validations
from app.tenancy.scope import system_scope

FORGET_TASK = "portal.forget_unproven_signups"
FORGET_SECONDS = 3600


def register(app: Flask) -> None:
    """Announce the task to the application's Celery, and how often it runs."""
    repeat(app, FORGET_TASK, forget_unproven_signups, seconds=FORGET_SECONDS)


def forget_unproven_signups() -> int:
    """Forget sign-ups whose link ended long enough ago, each by itself; return how many."""
    now, done = utc_now(), 0
    with system_scope("the worker forgets the unproven sign-ups of all resellers"):
        for validation_id in stale_validations(now=now):
            with unit_of_work(db.session):
                done += forget_stale(validation_id, now=now)
    return done
