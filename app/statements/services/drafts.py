"""Drafts: computed from everything that is stored today, kept until they are computed again, issued or discarded."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.audit.log import because, record
from app.customers.models import Customer
from app.customers.services import hold_customer
from app.errors import WrongState
from app.extensions import db
from app.months.models import Subject
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.rating.assignments import charged_in
from app.rating.commitments import StatementKind
from app.rating.money import ZERO
from app.shell.formats import month_text, reader_today
from app.statements import ports
from app.statements.freezing import (
    behind_of,
    fingerprint_of,
    frozen_of,
    hash_of,
    number,
    plain,
    reason_in_words,
)
from app.statements.models import (
    Kind,
    State,
    Statement,
    StatementLine,
    StatementPart,
    StatementUse,
)
from app.statements.printing import Measured, measured, name_of, paper_kind, paper_of, written
from app.statements.queries import live_beside, live_key, live_statement
from app.statements.rated import Rated, rate_one
from app.statements.services.finding import check_state, hold_statement
from app.tenancy.scope import current_scope

_KINDS = {StatementKind.USAGE: Kind.USAGE, StatementKind.FEES: Kind.FEES}
RATED_KINDS = {kind: rated for rated, kind in _KINDS.items()}


class AlreadyIssued(WrongState):
    """The month is on an issued statement: ``statement``."""

    def __init__(self, message: object, statement: Statement) -> None:
        super().__init__(message)
        self.statement = statement


def draft_statement(
    customer: Customer,
    month: datetime.date,
    kind: Kind = Kind.USAGE,
    *,
    provider: Provider | None = None,
    now: datetime.datetime,
) -> Statement | None:
    """Return the customer's draft of a month, computed anew; None where there is nothing to bill.

    Drafting twice gives the same draft. Raises ``AlreadyIssued`` where the month is on an issued statement, and
    what stands in the way of computing it.
    """
    check_begun(month, now=now)
    if kind not in RATED_KINDS:
        raise WrongState(
            _("A credit note is not computed again. Draft it anew on the statement that it corrects.")
        )
    return keep_draft(rate_one(customer, month, RATED_KINDS[kind], provider=provider), now=now)


def check_begun(month: datetime.date, *, now: datetime.datetime) -> None:
    """Raise ``WrongState`` for a month that has not begun: what it is to cost, nobody knows."""
    if month > reader_today(now):
        raise WrongState(_("%(month)s has not begun.", month=month_text(month)))


def keep_draft(rated: Rated, *, now: datetime.datetime) -> Statement | None:
    """Store a computed statement as the draft of its customer, month, kind and scope.

    None where it is empty, and where the customer was archived before the month.
    """
    customer, month, kind = hold_customer(rated.customer), rated.agreed.month, _KINDS[rated.agreed.kind]
    provider = rated.agreed.provider
    key = live_key(month, kind, provider.id if provider else None)
    found = live_statement(customer.id, key)
    if found is not None and found.state is not State.DRAFT:
        raise AlreadyIssued(
            _(
                "%(month)s is on statement %(number)s of %(customer)s already.",
                month=month_text(month),
                number=found.number,
                customer=customer,
            ),
            found,
        )
    if rated.is_empty or is_gone_in(customer, month):
        if found is not None:
            _end(found)
        return None
    for other in live_beside(customer.id, month, kind, provider.id if provider else None):
        raise WrongState(
            _(
                "A part of %(month)s is on another statement of %(customer)s: %(scope)s. Discard or void it first.",
                month=month_text(month),
                customer=customer,
                scope=scope_words(other),
            )
        )
    if found is None:
        found = Statement(
            customer_id=customer.id,
            customer=customer,
            month=month,
            kind=kind,
            provider_id=provider.id if provider else None,
            state=State.DRAFT,
            live_key=key,
            created_by=current_scope().actor.name[:200],
        )
        with because("drafted"):
            write(found, rated, now=now)
    else:
        before = (found.currency, found.total, found.is_estimated)
        with because("rated"):
            write(found, rated, now=now)
        if before == (found.currency, found.total, found.is_estimated):
            total = total_text(found)  # nothing changed, but somebody asked
            record("rated", found, changes={"total": [total, total]})
    return found


def is_gone_in(customer: Customer, month: datetime.date) -> bool:
    """Was the customer archived before a month? It has no statement of it."""
    return customer.archived_on is not None and customer.archived_on < month


def total_text(statement: Statement) -> str:
    """Return the total as the change log keeps it."""
    return f"{number(statement.total)} {statement.currency}"


def scope_words(statement: Statement) -> str:
    """Say what of the month a statement bills."""
    if statement.provider is not None:
        return _("%(provider)s alone", provider=statement.provider.name)
    return _("all providers together")


def write(statement: Statement, rated: Rated, *, now: datetime.datetime) -> None:
    """Put a computed statement into a draft, in the place of what was there."""
    found = rated.statement
    statement.currency = found.currency
    statement.usage_amount = found.usage_amount
    statement.charges_amount = found.charges_amount
    statement.adjustment_amount = found.adjustment_amount
    statement.credit_amount = found.credit_amount
    statement.tax_amount = found.tax_amount
    statement.total = found.total
    statement.seller_cost = found.seller_cost
    statement.is_estimated = rated.is_estimated
    statement.reviews = len(found.to_review)
    statement.rated_at = now
    statement.fingerprint = fingerprint_of(rated)
    statement.paper = written(paper_of(rated, paper_kind(statement.kind)))
    statement.frozen = frozen_of(rated)
    statement.behind = behind_of(rated, _book_names(rated))
    if statement.id is None:
        db.session.add(statement)
        db.session.flush()
    else:
        _clear(statement, StatementLine, StatementPart)
    lines = _lines(statement, rated)
    statement.frozen_hash = hash_of(statement.paper, statement.frozen, [_line_facts(one) for one in lines])
    db.session.add_all(lines)
    db.session.add_all(StatementPart(statement_id=statement.id, part_id=one.id) for one in rated.parts)
    db.session.flush()


def _clear(draft: Statement, *models: type[StatementLine] | type[StatementPart]) -> None:
    for model in models:
        db.session.execute(
            delete(model).where(model.statement_id == draft.id).execution_options(synchronize_session=False)
        )


def _book_names(rated: Rated) -> dict[int, str]:
    wanted = sorted(rated.agreed.books)
    if not wanted:
        return {}
    query = select(Pricebook.id, Pricebook.name).where(Pricebook.id.in_(wanted))
    return {row.id: row.name for row in db.session.execute(query)}


def _lines(statement: Statement, rated: Rated) -> list[StatementLine]:
    quantities = measured(rated.statement)
    found = []
    for position, one in enumerate(rated.statement.lines, 1):
        quantity = quantities.get(name_of(one)) or Measured(ZERO, "")
        found.append(
            StatementLine(
                statement_id=statement.id,
                position=position,
                kind=one.kind,
                provider=one.provider[:40],
                account=one.account[:200],
                service=one.service[:300],
                subject=one.subject,
                text=one.text[:500],
                quantity=number(quantity.quantity) if quantity.unit else "",
                unit=quantity.unit[:100],
                basis=number(one.basis),
                rate=number(one.rate),
                amount=one.amount,
                seller_cost=one.seller_cost,
                reason=reason_in_words(one.reason),
            )
        )
    return found


def _line_facts(one: StatementLine) -> list[Any]:
    """What of a line goes into the hash."""
    amounts = [number(one.amount), number(one.seller_cost), one.basis, one.rate, one.quantity]
    return [
        one.kind.value,
        one.provider,
        one.account,
        one.service,
        one.subject,
        one.text,
        *amounts,
        plain(one.reason),
    ]


def discard(statement: Statement) -> Statement:
    """Take a draft away. It is kept out of sight; the month can be drafted again."""
    held = hold_statement(statement)
    check_state(held, State.DRAFT)
    _end(held)
    return held


def end_drafts_besides(
    kinds: Collection[StatementKind], customer: Customer, month: datetime.date, provider: Provider | None
) -> None:
    """Take drafts of kinds away that the month no longer has: fees that are not billed apart any more."""
    hold_customer(customer)
    for kind, own in _KINDS.items():
        if kind not in kinds:
            found = live_statement(customer.id, live_key(month, own, provider.id if provider else None))
            if found is not None and found.state is State.DRAFT:
                _end(found)


def _end(draft: Statement) -> None:
    draft.state, draft.live_key = State.DISCARDED, None
    _clear(draft, StatementPart)  # nobody asks a discarded draft for its usage, so it keeps none from going
    db.session.flush()
    record("discarded", draft, changes={"total": [total_text(draft), None]})


def uses_of(rated: Rated) -> Sequence[tuple[Subject, int]]:
    """Return the books, plans, tax and exchange rates that a statement used, as (subject, id)."""
    given = rated.given
    charged = (
        charged_in(given.accounts, given.assignments, given.month)
        if given.kind is StatementKind.USAGE
        else ()
    )
    plans = {one.assignment.plan.id for one in charged}
    rates = {one.id for one in given.tax_rates} if given.is_taxable else set()
    return [
        *((Subject.PRICEBOOK, one) for one in sorted(rated.agreed.books)),
        *((Subject.CHARGE_PLAN, one) for one in sorted(plans)),
        *((Subject.TAX_RATE, one) for one in sorted(rates)),
        *(
            (Subject.EXCHANGE_RATE, one)
            for one in ports.rate_ids(given.month, rated.statement.exchange_rates)
        ),
    ]


def write_uses(statement: Statement, uses: Sequence[tuple[Subject, int]]) -> None:
    """Note what a statement used; before it is issued, because afterwards nothing of it can be written."""
    db.session.add_all(
        StatementUse(statement_id=statement.id, subject=subject, subject_id=subject_id)
        for subject, subject_id in uses
    )
    db.session.flush()
