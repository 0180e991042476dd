"""Many statements at once: of one, some or all customers of a month, one after the other.

Each customer is a transaction of its own, so a failure of one stops no other, and a worker that is killed leaves every
customer as it was or as it is to be; the next one goes on where it stopped.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import record
from app.customers.models import Customer
from app.errors import DomainError, Invalid, WrongState
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.statements import ports
from app.statements.inputs import kinds_in
from app.statements.models import (
    GENERATE,
    ISSUE,
    BillingOutcome,
    BillingRun,
    Outcome,
    State,
    Statement,
)
from app.statements.queries import billable_customers, customers_by_id
from app.statements.rated import NotRated, rate_month
from app.statements.services.drafts import AlreadyIssued, check_begun, end_drafts_besides, keep_draft
from app.statements.services.finding import find_statement
from app.statements.services.issuing import issue
from app.tenancy.scope import current_scope

log = logging.getLogger(__name__)

JOB_KIND = "statements"

Tell = Callable[[int, int], None]


def start_run(
    verb: str,
    month: datetime.date,
    *,
    chosen: Sequence[int] | None = None,
    provider: Provider | None = None,
    now: datetime.datetime,
) -> BillingRun:
    """Put statements to work: ``chosen`` are customers to generate for (None: all), or statements to issue."""
    if verb == GENERATE:
        check_begun(month, now=now)
    if chosen is None and verb == ISSUE:
        raise ValueError("Somebody chose what is issued")
    if chosen is not None and not chosen:
        raise Invalid(_("Select at least one row."))
    run = BillingRun(
        verb=verb,
        month=month,
        provider_id=provider.id if provider else None,
        chosen=None if chosen is None else sorted(set(chosen)),
        started_at=now,
        started_by=current_scope().actor.name[:200],
    )
    db.session.add(run)
    db.session.flush()
    work.enqueue(JOB_KIND, run.id, now=now)
    started = "generation_started" if verb == GENERATE else "issue_started"
    record(
        started,
        noun="statement_run",
        name=f"{month:%Y-%m}",
        changes={"month": [None, month.isoformat()]},
    )
    return run


def job_of(run: BillingRun) -> Job | None:
    """Return the job that works on a run."""
    return work.latest_job(JOB_KIND, run.id)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a statement failed, and which exchange rates were missing."""

    text: str
    missing_rates: Sequence[list[str]] = ()

    @classmethod
    def of(cls, problem: Exception) -> Fault:
        """Return what a refusal says."""
        return cls(str(problem), getattr(problem, "missing_rates", ()))


NO_FAULT = Fault("")


def generate(
    customers: Sequence[Customer],
    month: datetime.date,
    *,
    provider: Provider | None = None,
    now: Callable[[], datetime.datetime],
    tell: Callable[[], None] = lambda: None,
    keep: Callable[[Customer, Outcome, Fault], None] = lambda _c, _o, _f: None,
) -> Iterator[tuple[Customer, list[Statement], str]]:
    """Draft the statements of customers, each in a transaction of its own; yield them, and what went wrong.

    Those of a month that is issued already are yielded as they are.

    The usage is read once per kind of statement. ``keep`` notes the outcome in the same transaction, which ``tell``
    begins. What nobody thought of goes to the log, and the customer is named with it.
    """
    drafts: dict[int, list[Statement]] = {one.id: [] for one in customers}
    faults: dict[int, Fault] = {}
    kinds = kinds_in(ports.options_in(month))
    for place, kind in enumerate(kinds):
        is_last = place == len(kinds) - 1
        for rated in rate_month(customers, month, kind, provider=provider):
            customer = rated.customer
            try:
                with unit_of_work(db.session):
                    tell()
                    if isinstance(rated, NotRated):
                        raise rated
                    draft = keep_draft(rated, now=now())
                    if draft is not None:
                        drafts[customer.id].append(draft)
                    if is_last:
                        end_drafts_besides(kinds, customer, month, provider)
                    if is_last and customer.id not in faults:
                        keep(customer, Outcome.DONE if drafts[customer.id] else Outcome.NOTHING, NO_FAULT)
            except work.JobLost:
                raise
            except AlreadyIssued as issued:
                drafts[customer.id].append(issued.statement)
                if is_last and customer.id not in faults:
                    with unit_of_work(db.session):
                        tell()
                        keep(customer, Outcome.NOTHING, NO_FAULT)
            except Exception as problem:
                is_first = customer.id not in faults
                faults.setdefault(customer.id, _fault(problem, customer))
                if is_first:
                    with unit_of_work(db.session):
                        tell()
                        keep(customer, Outcome.FAILED, faults[customer.id])
            if is_last:
                yield customer, drafts[customer.id], faults.get(customer.id, NO_FAULT).text


def _fault(problem: Exception, customer: Customer) -> Fault:
    if isinstance(problem, DomainError):
        return Fault.of(problem)
    log.exception("the statement of customer %s failed", customer.id)
    return Fault(_("Something unexpected went wrong. The log of the server says what."))


@work.worker(JOB_KIND)
def work_on(run_id: int, progress: work.Progress) -> None:
    """Do what is left of a run."""
    run = db.session.get(BillingRun, run_id)
    if run is None:
        return
    if run.verb == GENERATE:
        _generate(run, progress, utc_now)
    else:
        _issue(run, progress, utc_now)


def _settled(run_id: int) -> set[int]:
    query = select(BillingOutcome.subject_id).where(BillingOutcome.run_id == run_id)
    return set(db.session.scalars(query))


def _note(run_id: int, subject_id: int, name: str, outcome: Outcome, fault: Fault = NO_FAULT) -> None:
    db.session.add(
        BillingOutcome(
            run_id=run_id,
            subject_id=subject_id,
            name=name[:250],
            outcome=outcome,
            text=fault.text[:1000],
            missing_rates=[*fault.missing_rates] or None,
        )
    )
    db.session.flush()


def _generate(run: BillingRun, progress: work.Progress, now: Callable[[], datetime.datetime]) -> None:
    run_id, month, provider = run.id, run.month, run.provider
    customers = billable_customers(month, provider) if run.chosen is None else customers_by_id(run.chosen)
    settled = _settled(run_id)
    waiting = [one for one in customers if one.id not in settled]
    total = len(customers)
    progress.note(total - len(waiting), total, at_once=True)
    if not waiting:
        return
    names = {one.id: str(one) for one in waiting}

    def keep(customer: Customer, outcome: Outcome, fault: Fault) -> None:
        _note(run_id, customer.id, names[customer.id], outcome, fault)

    done = total - len(waiting)
    for _result in generate(waiting, month, provider=provider, now=now, tell=progress.hold, keep=keep):
        done += 1
        progress.note(done, total, at_once=done == total)


def _issue(run: BillingRun, progress: work.Progress, now: Callable[[], datetime.datetime]) -> None:
    run_id, chosen_at = run.id, run.started_at
    ids = run.chosen or []
    settled = _settled(run_id)
    waiting = [one for one in ids if one not in settled]
    total = len(settled) + len(waiting)
    for place, statement_id in enumerate(waiting, total - len(waiting)):
        progress.note(place, total)
        issue_one(run_id, statement_id, progress, now, chosen_at=chosen_at)
    progress.note(total, total, at_once=True)


def issue_one(
    run_id: int,
    statement_id: int,
    progress: Any,
    now: Callable[[], datetime.datetime],
    *,
    chosen_at: datetime.datetime,
) -> None:
    """Issue one statement of a run in a transaction of its own, and note the outcome with it.

    A draft that was computed anew since it was chosen is another one, and is left.
    """
    name = ""
    try:
        with unit_of_work(db.session):
            progress.hold()
            statement = find_statement(statement_id)
            name = str(statement.customer)
            if statement.state is not State.DRAFT and statement.is_issued:
                _note(run_id, statement_id, name, Outcome.NOTHING)
                return
            if statement.rated_at > chosen_at:
                raise WrongState(_("It was generated anew since you chose it. Look at it, then issue it."))
            issue(statement, now=now())
            _note(run_id, statement_id, name, Outcome.DONE)
    except work.JobLost:
        raise
    except Exception as problem:
        if not isinstance(problem, DomainError):
            log.exception("issuing statement %s failed", statement_id)
        is_told = isinstance(problem, DomainError)
        fault = Fault.of(problem) if is_told else Fault(_("Something unexpected went wrong."))
        with unit_of_work(db.session):
            progress.hold()
            _note(run_id, statement_id, name, Outcome.FAILED, fault)
