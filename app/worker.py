"""The worker's Celery: ``celery --app app.worker worker --beat``."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready

from app import create_app
from app.jobs.queue import celery_of

celery = celery_of(create_app())


@worker_ready.connect
def look_for_what_is_due(**_kwargs: Any) -> None:
    """Do at once what is done every now and then: while no worker ran, nobody was told of anything."""
    for regular in celery.conf.beat_schedule.values():
        celery.send_task(regular["task"])
