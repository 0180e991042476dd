"""Workers that are killed and imports that meet: what is there is the old or the new, never something in between."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import config
from app.jobs import work
from app.kernel.clock import frozen_at, utc_now
from app.tenancy.scope import reseller_scope
from app.usage import places
from app.usage.models import ImportState
from app.usage.queries import live_parts
from tests.conftest import Database
from tests.usage.deliveries import again, bill, brought, put, row
from tests.usage.test_imports import OCTOBER, billed
from tests.worlds import World


@pytest.fixture
def office(flask_app: Any, world: World) -> Iterator[World]:
    with flask_app.app_context(), reseller_scope(world.north.id):
        yield world


def check_kill(database: Database, point: str, after: str) -> None:
    """Kill a worker at a point, look, and let the next one finish."""
    brought(bill(row("1")))
    one = put(bill(row("1"), row("2")))
    import_id, job_id = one.id, one.job_id
    folder = str(places.store().root)
    command = [sys.executable, "-m", "tests.usage.killed", database.url, folder, str(job_id), point]

    dead = subprocess.run(command, cwd=config.ROOT, timeout=300, check=False)

    assert dead.returncode == -signal.SIGKILL
    database.note_change("UPDATE")  # by another process
    assert again(import_id).state is (
        ImportState.DONE if point == "after the commit" else ImportState.RUNNING
    )
    assert billed() == {"aws 999999999999": after}
    with frozen_at(utc_now() + 2 * work.SILENCE):
        assert work.sweep() == 1
    assert again(import_id).state is ImportState.DONE
    assert billed() == {"aws 999999999999": "3"}
    assert len(live_parts(OCTOBER)) == 1


@pytest.mark.stricter
def test_a_worker_killed_before_the_commit_leaves_the_old_month(office: World, database: Database) -> None:
    check_kill(database, "before the commit", "1")


@pytest.mark.slow
@pytest.mark.parametrize(("point", "after"), [("reading", "1"), ("after the commit", "3")])
def test_a_worker_killed_elsewhere_leaves_the_old_or_the_new_month(
    office: World, database: Database, point: str, after: str
) -> None:
    check_kill(database, point, after)


def test_two_imports_of_the_same_month_at_once_end_in_one_of_both(flask_app: Any, office: World) -> None:
    jobs = [put(bill(row("1"), row("2"))).job_id, put(bill(row("1"), row("2"), row("1"))).job_id]
    start, worked = threading.Barrier(2), []

    def run(job_id: int | None) -> None:
        with flask_app.app_context():
            start.wait(60)
            worked.append(work.work_on(job_id or 0))

    threads = [threading.Thread(target=run, args=(job_id,)) for job_id in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)

    assert worked == [True, True]
    assert len(live_parts(OCTOBER)) == 1
    assert billed()["aws 999999999999"] in ("3", "4")
