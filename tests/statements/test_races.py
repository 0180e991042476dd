"""What cannot happen, with real threads and processes: two live statements, a number twice, a customer by halves."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.cloud_accounts.models import CloudAccount
from app.credits import services as credits
from app.customers.models import Customer
from app.errors import WrongState
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job, JobState
from app.kernel.unit_of_work import unit_of_work
from app.statements.models import GENERATE, BillingOutcome, Outcome, State, Statement
from app.statements.queries import lines_of
from app.statements.services import runs
from app.statements.services.drafts import draft_statement
from app.statements.services.finding import find_statement
from app.statements.services.issuing import issue
from app.statements.services.late import settle
from app.tenancy.scope import system_scope, use_scope
from tests.customers.test_concurrency import race, reseller_of
from tests.statements.world import (
    NOW,
    OCTOBER,
    deliver,
    many_customers,
    usage,
    worked_example,
    working,
)
from tests.worlds import World

# One at a time writes to SQLite: nobody races there.
pytestmark = pytest.mark.stricter

MANY = 8


def test_drafting_at_once_is_one_draft(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)

    def draft(meet: Callable[[], None]) -> str:
        customer = db.session.get_one(Customer, world.north.customer.id)
        meet()
        found = draft_statement(customer, OCTOBER, now=NOW)
        assert found is not None
        return str(found.id)

    answers = race(flask_app, reseller_of(world), [draft] * 4)

    assert len(set(answers)) == 1, answers
    with working(flask_app, world, kept=False):
        only = db.session.scalars(select(Statement)).one()
        assert len(lines_of(only)) == 5


def test_issuing_at_once_gives_each_number_once(flask_app: Any, world: World) -> None:
    ids = many_customers(flask_app, world, MANY)
    with working(flask_app, world):
        drafts = []
        for one in ids:
            found = draft_statement(db.session.get_one(Customer, one), OCTOBER, now=NOW)
            assert found is not None
            drafts.append(found.id)

    def issuing(statement_id: int, fails: bool) -> Callable[[Callable[[], None]], str]:
        def call(meet: Callable[[], None]) -> str:
            statement = find_statement(statement_id)
            meet()
            issued = issue(statement, now=NOW)
            if fails:  # after the number was taken: it has to be given to the next one
                raise WrongState("lost at the last moment")
            return str(issued.number).rpartition("-")[2]

        return call

    calls = [issuing(one, place % 4 == 3) for place, one in enumerate(drafts)]
    answers = race(flask_app, reseller_of(world), calls)

    given = sorted(int(one) for one in answers if one.isdigit())
    assert given == list(range(1, len(given) + 1)), answers
    assert len(given) == MANY - 2


def test_a_statement_is_issued_once_and_its_credit_used_once(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        values = {"amount": Decimal(100), "currency": "EUR", "comment": "", "first_month": None}
        credits.grant_credit(customer, values, now=NOW)
        draft = draft_statement(customer, OCTOBER, now=NOW)
        assert draft is not None
        statement_id = draft.id

    def call(meet: Callable[[], None]) -> str:
        statement = find_statement(statement_id)
        meet()
        return str(issue(statement, now=NOW).number)

    answers = race(flask_app, reseller_of(world), [call] * 4)

    assert sorted(answers) == ["2026-00001", "WrongState", "WrongState", "WrongState"]


#: A worker in a process of its own that stops in the middle of its third customer, before the commit.
DYING = """
import sys, time
from app import create_app
from app.jobs import work
from app.statements.services import runs
from tests.conftest import make_settings

url, folder, job_id = sys.argv[1:]
app = create_app(make_settings(url, CLOUDTALLY_USAGE_FOLDER=folder))
real, calls = runs.keep_draft, []

def dying(rated, **given):
    calls.append(1)
    found = real(rated, **given)
    if len(calls) == 3:
        print("now", flush=True)
        time.sleep(600)
    return found

runs.keep_draft = dying
with app.app_context():
    work.run(int(job_id))
"""


def test_a_run_goes_on_where_its_worker_was_killed(flask_app: Any, world: World, database: Any) -> None:
    many_customers(flask_app, world, 4)
    with working(flask_app, world), unit_of_work(db.session):
        run_id = runs.start_run(GENERATE, OCTOBER, now=NOW).id
        job_id = work.latest_job(runs.JOB_KIND, run_id).id  # type: ignore[union-attr]
    folder = flask_app.config["CLOUDTALLY_USAGE_FOLDER"]
    worker = subprocess.Popen(
        [sys.executable, "-c", DYING, database.url, folder, str(job_id)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "now\n"
    finally:
        worker.kill()
        worker.communicate()
    database.note_change("UPDATE")
    with working(flask_app, world, kept=False):
        assert (
            db.session.scalar(select(func.count(Statement.id))) == 2
        )  # whole ones, and nothing of the third

    with flask_app.app_context(), system_scope("test"), unit_of_work(db.session):
        job = db.session.get_one(Job, job_id)
        job.heartbeat_at = NOW - datetime.timedelta(days=1)
    with flask_app.app_context():
        work.sweep()
    with working(flask_app, world, kept=False):
        statements = db.session.scalars(select(Statement)).all()
        assert [one.state for one in statements] == [State.DRAFT] * 4
        found = db.session.scalars(select(BillingOutcome).where(BillingOutcome.run_id == run_id)).all()
        assert [one.outcome for one in found].count(Outcome.DONE) == 4
        assert db.session.get_one(Job, job_id).state is JobState.DONE


def test_a_failure_of_one_customer_stops_no_other(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_customers(flask_app, world, 3)
    real = runs.keep_draft

    def failing(rated: Any, **given: Any) -> Any:
        if rated.customer.id == ids[1]:
            raise ZeroDivisionError
        return real(rated, **given)

    monkeypatch.setattr(runs, "keep_draft", failing)
    with flask_app.test_request_context(), use_scope(reseller_of(world)):
        chosen = [db.session.get_one(Customer, one) for one in ids]
        found = [
            (len(drafts), bool(fault))
            for _one, drafts, fault in runs.generate(chosen, OCTOBER, now=lambda: NOW)
        ]
    assert found == [(1, False), (0, True), (1, False)]


def test_a_late_change_is_billed_once(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        draft = draft_statement(customer, OCTOBER, now=NOW)
        assert draft is not None
        statement_id = issue(draft, now=NOW).id
        account = db.session.scalars(
            select(CloudAccount.account_id).where(CloudAccount.customer_id == customer.id)
        ).one()
        deliver([usage(account, "EC2", "1100"), usage(account, "S3", "200")])

    def call(meet: Callable[[], None]) -> str:
        statement = find_statement(statement_id)
        meet()
        return str(settle(statement, Decimal(100), "Late usage", now=NOW).by)

    answers = race(flask_app, reseller_of(world), [call] * 4)

    assert sorted(answers) == ["WrongState", "WrongState", "WrongState", "charge"]
