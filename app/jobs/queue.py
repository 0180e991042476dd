"""Celery for one application, and how a transaction tells the worker about a row.

``tell`` notes a task for the running transaction; it goes to the broker after the commit, and nowhere after a rollback.
A savepoint is neither: a worker would look for a row that is not there yet, and what was noted before it would be lost.
A broker that does not answer is written to the log and otherwise ignored: the sweep finds the row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import Celery, Task
from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from app.kernel.database import QUEUE_ENGINE

log = logging.getLogger(__name__)

_NOTED = "tasks_after_commit"


def init_app(app: Flask) -> None:
    """Make the application's Celery; tasks run inside the application's context."""

    class ContextTask(Task):  # type: ignore[misc]
        """A task that finds the application as a view does."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery("cloudtally", task_cls=ContextTask, set_as_current=False)
    broker = app.config["CELERY_BROKER_URL"]
    celery.conf.update(
        broker_url=broker,
        broker_transport_options=_transport_options(broker),
        broker_connection_retry_on_startup=True,
        task_ignore_result=True,
        task_publish_retry=False,  # nobody waits for a broker in a request; the sweep is the second try
        task_default_queue="cloudtally",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        enable_utc=True,
        timezone="UTC",
    )
    app.extensions["celery"] = celery


def _transport_options(broker: str) -> dict[str, Any]:
    """Return how to speak to the broker; a Redis that is away must not keep a request waiting."""
    if broker.startswith("sqla+sqlite:"):
        return QUEUE_ENGINE
    if broker.startswith(("redis:", "rediss:")):
        return {"socket_connect_timeout": 2, "socket_timeout": 30, "socket_keepalive": True}
    return {}


def celery_of(app: Flask) -> Celery:
    """Return the application's Celery."""
    celery: Celery = app.extensions["celery"]
    return celery


def repeat(app: Flask, name: str, task: Callable[[], object], *, seconds: int) -> None:
    """Have the worker run a task every so many seconds; one that was away does not make up for what it missed."""
    celery = celery_of(app)
    celery.task(task, name=name)
    celery.conf.beat_schedule[name] = {"task": name, "schedule": seconds, "options": {"expires": seconds}}


def tell(session: Session | scoped_session[Any], task: str, row_id: int) -> None:
    """Have the worker run ``task`` on a row once the running transaction is saved."""
    session.info.setdefault(_NOTED, []).append((task, row_id))


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for task, row_id in session.info.pop(_NOTED, ()):
        try:
            celery_of(current_app).send_task(task, args=(row_id,))
        except Exception as problem:  # whatever a broker's driver raises
            log.warning("the broker did not take %s(%s): %s; the sweep will", task, row_id, problem)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_NOTED, None)
