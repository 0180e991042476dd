"""What becomes of an issued statement: paid, reopened, taken back, corrected by a credit note."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.audit.log import because, record
from app.credits.services import release_credits
from app.errors import Invalid, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, hold_months, unlock_month
from app.rating.money import ZERO, percent_of, round_money
from app.rating.usage import LineKind
from app.statements.freezing import hash_of, number
from app.statements.late import settlements_of
from app.statements.models import (
    COUNTING,
    Kind,
    LateSettlement,
    SettledBy,
    State,
    Statement,
    StatementLine,
    StatementUse,
)
from app.statements.paper import PaperTax
from app.statements.printing import credit_note_paper, read_paper, written
from app.statements.queries import live_key, live_statement
from app.statements.services.drafts import total_text
from app.statements.services.finding import check_state, hold_statement
from app.statements.signals import statement_voided
from app.tenancy.scope import current_scope

LONGEST_REASON = 500


def mark_paid(statement: Statement, paid_on: datetime.date, *, today: datetime.date) -> Statement:
    """Note that an open statement was paid on a day."""
    held = hold_statement(statement)
    check_state(held, State.OPEN)
    if paid_on > today:
        raise Invalid(_("This day is still to come."), field="paid_on")
    with because("paid"):
        held.state, held.paid_on = State.PAID, paid_on
        db.session.flush()
    return held


def reopen(statement: Statement) -> Statement:
    """Take back that a statement was paid."""
    held = hold_statement(statement)
    check_state(held, State.PAID)
    with because("reopened"):
        held.state, held.paid_on = State.OPEN, None
        db.session.flush()
    return held


def void(statement: Statement, reason: str, *, now: datetime.datetime) -> Statement:
    """Take an open statement back, with a reason: it keeps its number, gives its credits back and opens its month."""
    held = hold_statement(statement)
    check_state(held, State.OPEN)
    text = reason.strip()
    if not text:
        raise Invalid(_("Say why: the change log and your colleagues will ask."), field="reason")
    if len(text) > LONGEST_REASON:
        raise Invalid(_("Use at most %(longest)s characters.", longest=LONGEST_REASON), field="reason")
    found = correction_of(held)
    if found is not None:
        raise WrongState(
            _("This statement has a credit note: %(number)s. Void or discard that first.", number=found)
        )
    _check_not_settled(held)
    hold_months()
    if held.number and held.kind is not Kind.CREDIT_NOTE:
        release_credits(held.number, now=now)
    held.state, held.live_key, held.void_reason = State.VOID, None, text
    db.session.flush()
    record("voided", held, changes={"total": [total_text(held), None]}, reason=text)
    if held.kind is not Kind.CREDIT_NOTE:
        unlock_month(held.month, _no_longer_used(held))
    statement_voided.send(held, now=now)
    return held


def _check_not_settled(statement: Statement) -> None:
    """Raise ``WrongState`` where a late change of a statement was billed or credited: that has to go first."""
    for one, amount in settlements_of([statement]):
        if amount and one.settled_by is not SettledBy.CREDIT_NOTE:  # which has been asked for already
            raise WrongState(
                _(
                    "A late change of this statement was billed or credited apart. Take that charge away, or reverse "
                    "that credit, first: a new statement of the month will hold it."
                )
            )


def _no_longer_used(statement: Statement) -> list[Lockable]:
    """Return what of a void statement no other one of the month used."""
    others = (
        select(Statement.id)
        .where(
            Statement.month == statement.month,
            Statement.state.in_(COUNTING),
            Statement.kind != Kind.CREDIT_NOTE,
        )
        .scalar_subquery()
    )
    used = db.session.execute(
        select(StatementUse.subject, StatementUse.subject_id).where(StatementUse.statement_id == statement.id)
    ).all()
    still = set(
        db.session.execute(
            select(StatementUse.subject, StatementUse.subject_id).where(StatementUse.statement_id.in_(others))
        ).all()
    )
    free = [Lockable(*one) for one in used if one not in still]
    own = select(Statement.id).where(
        Statement.customer_id == statement.customer_id,
        Statement.month == statement.month,
        Statement.state.in_(COUNTING),
        Statement.kind != Kind.CREDIT_NOTE,
    )
    if db.session.scalars(own.limit(1)).first() is None:
        free.append(Lockable(Subject.CUSTOMER, statement.customer_id))
    return free


def _correction_key(statement: Statement) -> str:
    return live_key(statement.month, Kind.CREDIT_NOTE, None, statement.id)


def correction_of(statement: Statement) -> Statement | None:
    """Return the credit note of a statement, a draft or issued; None for none."""
    return live_statement(statement.customer_id, _correction_key(statement))


def most_to_credit(statement: Statement) -> Decimal:
    """Return what of a statement a credit note can take back: what its taxes were computed on."""
    return max(read_paper(statement).totals.before_tax, ZERO)


def credit_note(statement: Statement, amount: Decimal, text: str, *, now: datetime.datetime) -> Statement:
    """Return the draft of a credit note that takes ``amount``, before tax, of an issued statement back.

    Its taxes are those of the statement. Drafting it again replaces the draft. Raises ``Invalid`` beside the field.
    """
    held = hold_statement(statement)
    check_state(held, *COUNTING)
    if held.kind is Kind.CREDIT_NOTE:
        raise WrongState(_("A credit note is not corrected by another one. Void it instead."))
    if not text.strip():
        raise Invalid(_("Say what is credited: it stands on the credit note."), field="text")
    if amount <= 0 or round_money(amount, held.currency) != amount:
        raise Invalid(_("Enter an amount above 0 that can be paid."), field="amount")
    paper = read_paper(held)
    if amount > most_to_credit(held):
        raise Invalid(_("This is more than the statement came to before tax."), field="amount")
    found = correction_of(held)
    if found is not None and found.state is not State.DRAFT:
        raise WrongState(_("There is a credit note already: %(number)s.", number=found.number))
    if found is not None:  # it is about something else from now on
        _forget_settlements(found)
    taxes = [
        PaperTax(one.name, one.percent, -amount, round_money(percent_of(one.percent, -amount), held.currency))
        for one in paper.taxes
    ]
    _write_note(held, found, _correction_key(held), amount, text.strip()[:500], taxes, now=now)
    note = correction_of(held)
    if note is None:
        raise RuntimeError("The credit note was not written")
    return note


def _forget_settlements(note: Statement) -> None:
    db.session.execute(
        delete(LateSettlement).where(
            LateSettlement.settled_by == SettledBy.CREDIT_NOTE, LateSettlement.subject_id == note.id
        )
    )


def _write_note(
    corrected: Statement,
    note: Statement | None,
    key: str,
    amount: Decimal,
    text: str,
    taxes: list[PaperTax],
    *,
    now: datetime.datetime,
) -> None:
    tax = sum((one.amount for one in taxes), ZERO)
    with because("drafted"):
        if note is None:
            note = Statement(
                customer_id=corrected.customer_id,
                customer=corrected.customer,
                month=corrected.month,
                kind=Kind.CREDIT_NOTE,
                provider_id=corrected.provider_id,
                state=State.DRAFT,
                live_key=key,
                corrects=corrected,
                created_by=current_scope().actor.name[:200],
            )
        note.currency = corrected.currency
        note.usage_amount = note.adjustment_amount = note.credit_amount = note.seller_cost = ZERO
        note.charges_amount, note.tax_amount, note.total = -amount, tax, -amount + tax
        note.rated_at, note.behind, note.frozen = now, b"", {"format": 1, "corrects": corrected.number}
        note.paper = written(credit_note_paper(corrected, text, -amount, taxes, -amount + tax))
        note.frozen_hash = hash_of(note.paper, note.frozen)
        db.session.add(note)
        db.session.flush()
    for one in db.session.scalars(select(StatementLine).where(StatementLine.statement_id == note.id)):
        db.session.delete(one)
    db.session.flush()
    common = {"statement_id": note.id, "seller_cost": ZERO, "reason": {"code": "credit_note"}}
    db.session.add(StatementLine(position=1, kind=LineKind.DISCOUNT, text=text, amount=-amount, **common))
    for position, one in enumerate(taxes, 2):
        db.session.add(
            StatementLine(
                position=position,
                kind=LineKind.TAX,
                text=one.name[:500],
                basis=number(one.base),
                rate=number(one.percent),
                amount=one.amount,
                **common,
            )
        )
    db.session.flush()
