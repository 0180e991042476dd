"""How a job's progress reads: how much is done, how fast, how long it still takes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from app.jobs.models import Job, JobState


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as its progress bar shows it. None stands for what cannot be known yet."""

    job: Job
    percent: int | None
    rate: int | None  # of what is counted, per second
    seconds_left: int | None

    @property
    def is_live(self) -> bool:
        return self.job.is_live


def shown(job: Job, *, now: datetime.datetime) -> Shown:
    """Return how far a job is."""
    if job.state is JobState.DONE:
        return Shown(job, 100, None, None)
    percent = min(99, job.done * 100 // job.total) if job.total > 0 else None
    seconds = int((now - job.started_at).total_seconds()) if job.started_at else 0
    rate = job.done // seconds if job.state is JobState.RUNNING and seconds >= 1 else 0
    left = max(0, job.total - job.done) // rate if rate and job.total else None
    return Shown(job, percent, rate or None, left)
