"""A draft becomes a statement: it gets its number, uses credits, locks its month, and never changes again."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import because
from app.credits.services import use_credits_on
from app.errors import WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, hold_months, lock_month
from app.rating.money import ZERO
from app.statements import ports
from app.statements.freezing import fingerprint_of, hash_of
from app.statements.models import Kind, State, Statement
from app.statements.rated import Rated, net_of, rate_one
from app.statements.services.drafts import RATED_KINDS, is_gone_in, uses_of, write, write_uses
from app.statements.services.finding import check_state, hold_statement
from app.statements.signals import statement_issued
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope


def issue(statement: Statement, *, now: datetime.datetime) -> Statement:
    """Issue a draft. It is computed once more: raises ``WrongState`` where it is not what somebody approved.

    All in one transaction: the number, the credits, what was used, the lock of the month, the mail.
    """
    held = hold_statement(statement)
    check_state(held, State.DRAFT)
    hold_months()
    if held.kind is Kind.CREDIT_NOTE:
        return _issue(held, None, now=now)
    if is_gone_in(held.customer, held.month):
        raise WrongState(
            _(
                "%(customer)s was archived before this month. Restore it, or discard the draft.",
                customer=held.customer,
            )
        )
    rated = rate_one(held.customer, held.month, RATED_KINDS[held.kind], provider=held.provider)
    if fingerprint_of(rated) != held.fingerprint:
        raise WrongState(
            _(
                "What this statement is made of has changed since it was generated. Generate it again, and look at it "
                "before you issue it."
            )
        )
    return _issue(held, rated, now=now)


def issue_rated(statement: Statement, rated: Rated, *, now: datetime.datetime) -> Statement:
    """Issue a draft that was computed in this transaction, from ``rated``: nothing can have come between."""
    held = hold_statement(statement)
    check_state(held, State.DRAFT)
    hold_months()
    if fingerprint_of(rated) != held.fingerprint:
        raise ValueError("the draft was computed from something else")
    return _issue(held, rated, now=now)


def _issue(statement: Statement, rated: Rated | None, *, now: datetime.datetime) -> Statement:
    options = ports.options_in(statement.month)
    today = _today(statement.customer.reseller, now)
    number = _free_number(today)
    uses: list[Lockable] = []
    if rated is not None:
        found = rated.statement
        due = net_of(found) + (ZERO if rated.given.credits_lower_tax else found.tax_amount)
        used = use_credits_on(
            statement.customer,
            statement=number,
            due=due,
            currency=statement.currency,
            month=statement.month,
            now=now,
        )
        if used.uses != found.credits.uses:  # nobody else can have been here: the customer is held
            raise RuntimeError(f"Credits of statement {number} are not what was computed")
        with because("rated"):
            write(statement, rated, now=now)
        named = uses_of(rated)
        write_uses(statement, named)
        uses = [Lockable(Subject.CUSTOMER, statement.customer_id), *(Lockable(*one) for one in named)]
    due_on = options.due_on(today) if statement.total > 0 else None  # nobody pays what is given back
    paper = {**statement.paper, "issued_on": today.isoformat(), "due_on": due_on and due_on.isoformat()}
    frozen_hash = hash_of(statement.frozen_hash, number, paper)
    with because("issued"):  # all at once: from here on nothing of it can be written
        statement.number, statement.state, statement.issued_at = number, State.OPEN, now
        statement.issued_by = current_scope().actor.name[:200]
        statement.due_on = due_on
        statement.paper, statement.frozen_hash = paper, frozen_hash
        db.session.flush()
    lock_month(statement.month, uses, cause=number, now=now)
    statement_issued.send(statement, now=now)
    return statement


def _free_number(today: datetime.date) -> str:
    """Take the next number; raises ``WrongState`` where another format gave the same text before."""
    number = ports.take_number(today)
    if db.session.scalars(select(Statement.id).where(Statement.number == number)).first() is not None:
        raise WrongState(
            _(
                "The next number would be %(number)s, which a statement has already. Change the number format or the "
                "next number under Invoice Options.",
                number=number,
            )
        )
    return number


def _today(reseller: Reseller, now: datetime.datetime) -> datetime.date:
    return now.astimezone(ZoneInfo(reseller.time_zone)).date()
