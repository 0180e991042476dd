"""Months are priced again once a reseller's changes have come to rest, where anybody reads reports at all."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.customers.models import Customer
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job, JobState
from app.pricebooks.models import PriceRule
from app.reports import ahead, priced_months
from app.reports.costs import By, Wanted, sums_by
from app.reports.priced_months import LEVELS, months_now
from app.tenancy.scope import reseller_scope, system_scope
from tests.statements.world import OCTOBER, worked_example, working
from tests.worlds import World

pytestmark = pytest.mark.once


@pytest.fixture(name="read", autouse=True)
def _read(flask_app: Any, world: World) -> None:
    """Somebody reads the reports of the reseller."""
    with working(flask_app, world) as customer:
        worked_example(customer)
        _read_reports()


def _read_reports() -> None:
    tuple(sums_by(Wanted(OCTOBER, priced_months.last_day(OCTOBER)), (By.CUSTOMER,)))


def _change(flask_app: Any, world: World, percent: int) -> None:
    with working(flask_app, world):
        rule = db.session.scalars(select(PriceRule).where(PriceRule.service == "EC2")).one()
        rule.value = percent


def _look(flask_app: Any) -> int:
    with flask_app.app_context():
        return ahead.look_for_changes()


def _jobs(flask_app: Any, world: World) -> list[JobState]:
    with working(flask_app, world, kept=False):
        return [*db.session.scalars(select(Job.state).where(Job.kind == ahead.KIND))]


def _work(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False):
        job_id = db.session.scalars(select(Job.id).where(Job.kind == ahead.KIND)).one()
    with flask_app.app_context():
        assert work.run(job_id)


def _folders(flask_app: Any, world: World) -> list[Path]:
    with working(flask_app, world, kept=False):
        return [months_now().months[OCTOBER].folder(level) for level in LEVELS]


def test_who_opens_a_report_after_a_change_waits_for_nothing(flask_app: Any, world: World) -> None:
    _change(flask_app, world, -40)
    assert not any(one.is_dir() for one in _folders(flask_app, world))

    assert [_look(flask_app), _look(flask_app)] == [0, 1]
    _work(flask_app, world)

    assert all(one.is_dir() for one in _folders(flask_app, world))
    assert _look(flask_app) == 0


def test_changes_come_to_rest_first(flask_app: Any, world: World) -> None:
    for percent in (-41, -42, -43):
        _change(flask_app, world, percent)
        assert _look(flask_app) == 0
    assert _look(flask_app) == 1
    assert _jobs(flask_app, world) == [JobState.QUEUED]


def test_a_change_during_the_work_is_not_lost(flask_app: Any, world: World) -> None:
    _change(flask_app, world, -44)
    assert [_look(flask_app), _look(flask_app)] == [0, 1]
    _change(flask_app, world, -45)
    assert [_look(flask_app), _look(flask_app)] == [0, 0]
    _work(flask_app, world)

    assert _look(flask_app) == 1
    assert _jobs(flask_app, world) == [JobState.QUEUED]


def test_what_nobody_reads_is_not_priced(flask_app: Any, world: World) -> None:
    long_ago = time.time() - priced_months._READ_LATELY_SECONDS - 60
    for one in _folders(flask_app, world):
        if one.is_dir():
            os.utime(one, (long_ago, long_ago))
    _change(flask_app, world, -46)

    assert [_look(flask_app), _look(flask_app)] == [0, 0]
    assert _jobs(flask_app, world) == []


def test_pricing_ahead_is_not_reading(flask_app: Any, world: World) -> None:
    [month, _days] = _folders(flask_app, world)
    asked_at = time.time() - 24 * 60 * 60
    os.utime(month, (asked_at, asked_at))
    _change(flask_app, world, -47)
    assert [_look(flask_app), _look(flask_app)] == [0, 1]
    _work(flask_app, world)

    [month, _days] = _folders(flask_app, world)
    assert month.stat().st_mtime == pytest.approx(asked_at, abs=1)
    with working(flask_app, world):
        _read_reports()
    assert month.stat().st_mtime > asked_at + 1000


def test_each_reseller_gets_its_own_months_priced_for_its_own_changes(flask_app: Any, world: World) -> None:
    def folders_of_south() -> list[Path]:
        with flask_app.test_request_context(), reseller_scope(world.south.id):
            return [months_now().months[OCTOBER].folder(level) for level in LEVELS]

    def jobs() -> dict[int, JobState]:
        """Return what stands in the queue, and do it."""
        with flask_app.app_context():
            with system_scope("test"):
                found = {one.reseller_id: one.state for one in db.session.scalars(every)}
                db.session.rollback()
            work.sweep()
        return found

    every = select(Job).where(Job.kind == ahead.KIND)
    with flask_app.test_request_context(), reseller_scope(world.south.id):
        customer = db.session.get(Customer, world.south.customer.id)
        assert customer is not None
        worked_example(customer)
        _read_reports()
        db.session.commit()
    [_look(flask_app), _look(flask_app)]  # what the beginning of this test wrote has come to rest
    assert jobs() == {world.north.id: JobState.QUEUED, world.south.id: JobState.QUEUED}
    shown = {one: one.stat().st_mtime_ns for one in folders_of_south()}
    _change(flask_app, world, -48)

    assert [_look(flask_app), _look(flask_app)] == [0, 1]
    assert jobs() == {world.north.id: JobState.QUEUED, world.south.id: JobState.DONE}
    assert {one: one.stat().st_mtime_ns for one in folders_of_south()} == shown
