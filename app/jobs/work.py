"""Jobs from the queue to their end: put in, taken by one worker at a time, worked on, settled.

A slice registers what runs a kind of job with ``@worker("kind")`` and puts one in with ``enqueue``. The function gets
the subject's id and a ``Progress``; it runs in the scope of the job's reseller and of who started it, opens units of
work of its own, and can be called again from the beginning at any time: a worker that is killed is followed by another.

Taking a job is one UPDATE that only one worker wins. A worker gives a sign of life every few seconds, from a thread of
its own; a job whose worker stays silent goes back into the queue. What a worker writes in the end it writes together
with ``Progress.hold()``: who lost the job in the meantime writes nothing.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from sqlalchemy import and_, or_, select, update

from app.errors import DomainError
from app.extensions import db
from app.jobs.models import LIVE, Job, JobState
from app.jobs.queue import celery_of, repeat, tell
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import Actor, current_scope, reseller_scope, system_scope

log = logging.getLogger(__name__)

RUN_TASK = "jobs.run"
SWEEP_TASK = "jobs.sweep"
SWEEP_SECONDS = 30

#: A worker shows that it lives so often, and is taken for dead after so long without a sign.
BEAT_SECONDS = 10
SILENCE = datetime.timedelta(seconds=60)

#: After so many workers that died with it a job waits for a person.
MOST_ATTEMPTS = 5

#: Progress is saved at most so often, in nanoseconds; in between it is forgotten.
NOTE_PAUSE = 500_000_000

#: ``Job.error`` where no sentence of ours stands there: the worker died with it, or met what nobody thought of.
WORKER_DIED, UNEXPECTED = "worker_died", "unexpected"

Work = Callable[[int, "Progress"], None]

_WORKERS: dict[str, Work] = {}
_BETWEEN: list[Callable[[], object]] = []

#: One job at a time in one process: mails and other short work go on beside it.
_busy = threading.Lock()


class JobLost(Exception):
    """The job is not this worker's any more: it was cancelled, or taken for dead. What is unsaved must stay so."""


def worker(kind: str) -> Callable[[Work], Work]:
    """Register the function that works on jobs of this kind."""

    def register_work(work: Work) -> Work:
        _WORKERS[kind] = work
        return work

    return register_work


def in_each_sweep(look: Callable[[], object]) -> None:
    """Have ``look`` called by every sweep, before the queue is looked at: for work that announces itself."""
    if look not in _BETWEEN:
        _BETWEEN.append(look)


def enqueue(kind: str, subject_id: int, *, total: int = 0, now: datetime.datetime | None = None) -> Job:
    """Put a job into the queue in the running transaction; a worker is told of it after the commit."""
    actor = current_scope().actor
    job = Job(
        kind=kind,
        subject_id=subject_id,
        state=JobState.QUEUED,
        done=0,
        total=total,
        attempts=0,
        queued_at=now or utc_now(),
        actor_id=actor.user_id,
        actor_name=actor.name[:200],
        is_platform_actor=actor.is_platform,
    )
    db.session.add(job)
    db.session.flush()
    tell(db.session, RUN_TASK, job.id)
    return job


def enqueue_again(job: Job, *, now: datetime.datetime | None = None) -> bool:
    """Put a job that has ended back into the queue, with a fresh count; False where it is live just now."""
    values = {
        "state": JobState.QUEUED,
        "done": 0,
        "attempts": 0,
        "claim": None,
        "message": "",
        "error": "",
        "queued_at": now or utc_now(),
        "started_at": None,
        "heartbeat_at": None,
        "ended_at": None,
    }
    moved = _move(Job.id == job.id, Job.state.not_in(LIVE), **values)
    db.session.expire(job)
    if moved:
        tell(db.session, RUN_TASK, job.id)
    return moved


def cancel(job: Job, *, now: datetime.datetime | None = None) -> bool:
    """Take a live job from the queue or from its worker; False where it has ended already."""
    values = {"state": JobState.CANCELLED, "claim": None, "ended_at": now or utc_now()}
    moved = _move(Job.id == job.id, Job.state.in_(LIVE), **values)
    db.session.expire(job)
    return moved


def latest_job(kind: str, subject_id: int) -> Job | None:
    """Return the last job of this kind on this row."""
    query = select(Job).where(Job.kind == kind, Job.subject_id == subject_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def _move(*conditions: Any, **values: Any) -> bool:
    statement = update(Job).where(*conditions).values(**values).execution_options(synchronize_session=False)
    moved: Any = db.session.execute(statement)
    return bool(moved.rowcount == 1)


class Progress:
    """A worker's hold on its job."""

    def __init__(self, job_id: int, claim: str) -> None:
        self.job_id = job_id
        self._claim = claim
        self._noted_at = 0

    @property
    def _is_mine(self) -> Any:
        return and_(Job.id == self.job_id, Job.claim == self._claim, Job.state == JobState.RUNNING)

    def note(self, done: int, total: int = 0, message: str = "", *, at_once: bool = False) -> None:
        """Save how far the work is, in a transaction of its own, so outside every unit of work.

        Too many notes cost nothing: most of them are dropped. Raises ``JobLost`` where the job is somebody else's now.
        """
        if not at_once and time.monotonic_ns() - self._noted_at < NOTE_PAUSE:
            return
        self._noted_at = time.monotonic_ns()
        with unit_of_work(db.session):
            self._keep(done=done, total=total, message=message, heartbeat_at=utc_now())

    def hold(self) -> None:
        """Make sure, in the running unit of work, that the job is still this worker's; it stays so until the commit.

        Raises ``JobLost`` otherwise: then nothing of that unit of work is saved.
        """
        self._keep(heartbeat_at=utc_now())

    def _keep(self, **values: Any) -> None:
        if not _move(self._is_mine, **values):
            raise JobLost(f"job {self.job_id} is somebody else's now")

    def beat(self) -> bool:
        """Show that the worker lives; False where the job is not its own any more."""
        with system_scope("a worker shows that it lives"), unit_of_work(db.session):
            return _move(self._is_mine, heartbeat_at=utc_now())

    def settle(self, state: JobState, error: str = "") -> bool:
        """Note how the work ended; False where the job is not this worker's any more."""
        with system_scope("a worker settles its job"), unit_of_work(db.session):
            return _move(self._is_mine, state=state, claim=None, error=error[:1000], ended_at=utc_now())


@contextmanager
def _living(app: Flask, progress: Progress) -> Iterator[None]:
    """Give a sign of life every few seconds while the block runs, whatever it is at."""
    ended = threading.Event()

    def live() -> None:
        while not ended.wait(BEAT_SECONDS):
            try:
                with app.app_context():
                    if not progress.beat():
                        return
            except Exception:  # a database that is away for a moment; the next sign may get through
                log.exception("job %s: no sign of life could be given", progress.job_id)

    thread = threading.Thread(target=live, name=f"job-{progress.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def take(job_id: int) -> tuple[Job, Progress] | None:
    """Claim a queued job for this worker; None where it is not queued, or somebody was faster."""
    claim, now = uuid.uuid4().hex, utc_now()
    with system_scope("a worker takes a job"), unit_of_work(db.session):
        taken = _move(
            Job.id == job_id,
            Job.state == JobState.QUEUED,
            state=JobState.RUNNING,
            claim=claim,
            attempts=Job.attempts + 1,
            started_at=now,
            heartbeat_at=now,
            done=0,
        )
        if not taken:
            return None
        job = db.session.scalars(
            select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
        ).one()
    return job, Progress(job_id, claim)


def run(job_id: int) -> bool:
    """Work on one job to its end. False where there was nothing to do: it is not queued, or another one runs here.

    Whatever else is queued follows, so that a job whose worker was busy does not wait for the next sweep.
    """
    if not _busy.acquire(blocking=False):
        return False
    try:
        worked = work_on(job_id)
        while (other := _next_queued()) is not None and work_on(other):
            pass
        return worked
    finally:
        _busy.release()


def _next_queued() -> int | None:
    with system_scope("a worker looks for the next job"):
        query = select(Job.id).where(Job.state == JobState.QUEUED, Job.kind.in_(_WORKERS)).order_by(Job.id)
        found = db.session.scalars(query.limit(1)).one_or_none()
        db.session.rollback()
        return found


def work_on(job_id: int) -> bool:
    """Take one job and work on it to its end, here and now; False where somebody else has it, or it has ended."""
    taken = take(job_id)
    if taken is None:
        return False
    job, progress = taken
    # Read now: a rollback within the work makes the row unreadable outside the scope of its reseller.
    kind, subject_id = job.kind, job.subject_id
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    actor = Actor(job.actor_id, job.actor_name or "System", is_platform=job.is_platform_actor)
    state, error = JobState.DONE, ""
    try:
        with reseller_scope(job.reseller_id, actor=actor), _living(app, progress):
            _WORKERS[kind](subject_id, progress)
    except JobLost as loss:
        log.warning("%s", loss)
    except DomainError as refusal:
        state, error = JobState.FAILED, str(refusal)
    except Exception:
        log.exception("job %s (%s %s) failed", job_id, kind, subject_id)
        state, error = JobState.FAILED, UNEXPECTED
    db.session.rollback()
    progress.settle(state, error)
    return True


def sweep() -> int:
    """Put the jobs of dead workers back into the queue, give up those that killed too many, run what is queued.

    Returns how many jobs were taken from dead workers. Safe to run at any time, by several at once.
    """
    for look in _BETWEEN:
        try:
            look()
        except Exception:  # one slice's look must not keep the others waiting
            log.exception("%s failed", look)
            db.session.rollback()
    now = utc_now()
    is_dead = and_(
        Job.state == JobState.RUNNING, or_(Job.heartbeat_at.is_(None), Job.heartbeat_at < now - SILENCE)
    )
    found: Any
    with system_scope("the worker looks for jobs of dead workers"), unit_of_work(db.session):
        given_up = {"state": JobState.FAILED, "error": WORKER_DIED, "claim": None, "ended_at": now}
        _update_all(and_(is_dead, Job.attempts >= MOST_ATTEMPTS), **given_up)
        found = _update_all(is_dead, state=JobState.QUEUED, claim=None, heartbeat_at=None)
    queued = _next_queued()
    if queued is not None:
        run(queued)
    return int(found)


def _update_all(condition: Any, **values: Any) -> int:
    statement = update(Job).where(condition).values(**values).execution_options(synchronize_session=False)
    changed: Any = db.session.execute(statement)
    return int(changed.rowcount)


def register(app: Flask) -> None:
    """Announce the tasks to the application's Celery, and how often the sweep runs."""
    celery_of(app).task(run, name=RUN_TASK)
    repeat(app, SWEEP_TASK, sweep, seconds=SWEEP_SECONDS)
