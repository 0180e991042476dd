"""A job is worked on once, shows how far it is, and outlives its workers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.errors import Invalid
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job, JobState
from app.jobs.progress import shown
from app.kernel.clock import frozen_at, utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import Actor, current_scope, reseller_scope
from tests.worlds import World

KIND = "test_work"


@pytest.fixture
def office(flask_app: Any, world: World) -> Iterator[World]:
    """North's scope, as a person of it has it."""
    with flask_app.app_context(), reseller_scope(world.north.id, actor=Actor(7, "Ona")):
        yield world


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Callable[[work.Work], None]:
    """Say what a worker does with a job."""
    return lambda done: monkeypatch.setitem(work._WORKERS, KIND, done)


def put() -> int:
    with unit_of_work(db.session):
        return work.enqueue(KIND, 5).id


def job_of(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True)


def test_a_job_runs_once_for_whoever_started_it(office: World, works: Any) -> None:
    seen: list[Any] = []
    works(
        lambda subject, progress: seen.append(
            (subject, current_scope().reseller_id, current_scope().actor.name)
        )
    )
    job_id = put()

    assert work.run(job_id)
    assert not work.run(job_id)

    assert seen == [(5, office.north.id, "Ona")]
    job = job_of(job_id)
    assert (job.state, job.attempts, job.claim) == (JobState.DONE, 1, None)


def test_progress_is_saved_while_the_work_goes_on(office: World, works: Any) -> None:
    seen: list[tuple[int, int]] = []

    def half(_subject: int, progress: work.Progress) -> None:
        progress.note(50, 200, "reading", at_once=True)
        job = job_of(progress.job_id)
        seen.append((job.done, job.total))

    works(half)
    work.run(put())

    assert seen == [(50, 200)]


def test_a_bar_says_how_much_how_fast_and_how_long() -> None:
    start = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)
    job = Job(state=JobState.RUNNING, done=3000, total=10_000, started_at=start)

    found = shown(job, now=start + datetime.timedelta(seconds=30))

    assert (found.percent, found.rate, found.seconds_left) == (30, 100, 70)


def test_a_refusal_is_kept_in_its_own_words_and_a_fault_of_ours_in_none(office: World, works: Any) -> None:
    def refuse(_subject: int, _progress: work.Progress) -> None:
        raise Invalid("The month is not there.")

    def break_(_subject: int, _progress: work.Progress) -> None:
        raise ZeroDivisionError("secret")

    works(refuse)
    refused = put()
    work.run(refused)
    works(break_)
    broken = put()
    work.run(broken)

    assert (job_of(refused).state, job_of(refused).error) == (JobState.FAILED, "The month is not there.")
    assert (job_of(broken).state, job_of(broken).error) == (JobState.FAILED, work.UNEXPECTED)


def test_a_job_that_breaks_in_the_middle_of_writing_has_failed(
    flask_app: Any, world: World, works: Any
) -> None:
    def break_(_subject: int, _progress: work.Progress) -> None:
        with unit_of_work(db.session):
            raise ZeroDivisionError("secret")

    works(break_)
    with flask_app.app_context():
        with reseller_scope(world.north.id):
            broken = put()

        assert work.run(broken)  # as a worker does, in nobody's scope

        with reseller_scope(world.north.id):
            assert (job_of(broken).state, job_of(broken).error) == (JobState.FAILED, work.UNEXPECTED)


def test_a_silent_worker_loses_its_job_to_the_next_and_saves_nothing_any_more(
    office: World, works: Any
) -> None:
    seen: list[int] = []
    works(lambda subject, _progress: seen.append(subject))
    job_id = put()
    taken = work.take(job_id)
    assert taken is not None
    _job, dead = taken

    work.sweep()
    assert seen == []
    with frozen_at(utc_now() + work.SILENCE * 2):
        work.sweep()

    assert seen == [5]
    assert (job_of(job_id).state, job_of(job_id).attempts) == (JobState.DONE, 2)
    with pytest.raises(work.JobLost), unit_of_work(db.session):
        dead.hold()
    assert not dead.settle(JobState.FAILED)
    assert job_of(job_id).state is JobState.DONE


def test_a_job_that_killed_many_workers_waits_for_a_person_who_can_begin_it_anew(
    office: World, works: Any
) -> None:
    works(lambda _subject, _progress: None)
    job_id = put()
    for _attempt in range(work.MOST_ATTEMPTS):
        with unit_of_work(db.session):
            db.session.get_one(Job, job_id).state = JobState.QUEUED
        assert work.take(job_id) is not None

    with frozen_at(utc_now() + work.SILENCE * 2):
        work.sweep()

    assert (job_of(job_id).state, job_of(job_id).error) == (JobState.FAILED, work.WORKER_DIED)
    with unit_of_work(db.session):
        assert work.enqueue_again(job_of(job_id))
    work.run(job_id)
    assert job_of(job_id).state is JobState.DONE


def test_a_cancelled_job_stops_at_its_next_note(office: World, works: Any) -> None:
    seen: list[str] = []

    def long(_subject: int, progress: work.Progress) -> None:
        with unit_of_work(db.session):
            assert work.cancel(db.session.get_one(Job, progress.job_id))
        progress.note(1, 2, at_once=True)
        seen.append("went on")

    works(long)
    job_id = put()
    work.run(job_id)

    assert (job_of(job_id).state, seen) == (JobState.CANCELLED, [])


def test_what_waits_behind_a_job_follows_it(office: World, works: Any) -> None:
    seen: list[int] = []
    works(lambda _subject, progress: seen.append(progress.job_id))
    first, second = put(), put()

    work.run(first)

    assert seen == [first, second]


def test_nobody_sees_the_progress_of_another_resellers_job(
    flask_app: Any, world: World, client_for: Callable[..., Any]
) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        job_id = put()

    assert client_for(world.north.ops).get(f"/jobs/{job_id}/progress/").status_code == 200
    assert client_for(world.south.ops).get(f"/jobs/{job_id}/progress/").status_code == 404
    assert client_for(world.north.sales).get(f"/jobs/{job_id}/progress/").status_code in (302, 403)
