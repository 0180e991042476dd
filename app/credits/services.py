"""What happens to credits (docs/credits.md): granted, reversed, used at issue, released when a statement is voided.

Nothing is ever edited. Whoever changes what is left of a customer's credits holds the customer's row until the commit,
so that two at once never use more than there is.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import because, record
from app.credits.models import Credit, CreditEntry
from app.credits.queries import open_credits
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import (
    check_is_active,
    check_not_archived,
    find_customer,
    hold_customer,
    reseller_currency,
)
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, check_open, hold_months
from app.rating import credits as rules
from app.rating.credits import CreditPlan, EntryKind, use_credits
from app.rating.money import ZERO, minor_units, round_money
from app.rating.problems import Problem, ProblemCode, RatingError
from app.shell.formats import money_text
from app.tenancy.scope import current_scope

#: The first amount that is too large: more digits before the point than a form takes.
TOO_MUCH = Decimal(10) ** 12


def months_of(customer: Customer) -> list[Lockable]:
    """Return whose issued statements decide from which month a credit can be used."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def currencies_of(customer: Customer) -> list[str]:
    """Return the currencies of the customer's statements: the reseller's, then those of the customer's providers."""
    query = select(ProviderEnablement.currency).where(ProviderEnablement.customer_id == customer.id)
    return list(dict.fromkeys([reseller_currency(), *sorted(set(db.session.scalars(query)))]))


def find_credit(customer: Customer, credit_id: int) -> Credit:
    """Return one of the customer's credits; raises ``NotVisible`` for any other."""
    query = select(Credit).where(Credit.id == credit_id, Credit.customer_id == customer.id)
    credit: Credit | None = db.session.scalars(query).one_or_none() if 0 < credit_id < 2**31 else None
    if credit is None:
        raise NotVisible
    return credit


def grant_credit(
    customer: Customer, values: Mapping[str, Any], *, now: datetime.datetime, submission: str | None = None
) -> Credit:
    """Grant a customer a credit. ``values``: amount, currency, comment, first_month (None: the next statement).

    ``submission`` names one filled-in form: sent twice, it makes one credit. Raises ``Invalid`` beside the field.
    """
    hold_customer(customer)
    check_is_active(customer)
    if submission:
        query = select(Credit).where(Credit.submission == submission, Credit.customer_id == customer.id)
        done: Credit | None = db.session.scalars(query).one_or_none()
        if done is not None:
            return done
    amount, currency, first_month = values["amount"], values["currency"], values["first_month"]
    if currency not in currencies_of(customer):
        raise Invalid(_("Choose one of the list."), field="currency")
    try:
        rules.CreditEntry(0, EntryKind.GRANTED, amount, currency, now.date(), first_month)
    except RatingError as refusal:
        raise _invalid(refusal.problems, currency) from None
    if amount >= TOO_MUCH:
        raise Invalid(_("Enter a smaller amount."), field="amount")
    if first_month is not None:
        hold_months()
        check_open(months_of(customer), first_month, field="first_month")
    credit = Credit(
        reseller_id=customer.reseller_id,
        customer_id=customer.id,
        customer=customer,
        amount=amount,
        currency=currency,
        comment=values["comment"] or "",
        first_month=first_month,
        submission=submission or None,
        granted_at=now,
        granted_by=current_scope().actor.name[:200],
    )
    with because("granted"):
        db.session.add(credit)
    _enter(credit, EntryKind.GRANTED, amount, now=now)
    db.session.flush()
    return credit


def reverse_credit(
    customer: Customer, credit_id: int, amount: Decimal, reason: str, *, now: datetime.datetime
) -> Credit:
    """Take a wrong credit back, in whole or in part, with a reason: no more than what is left of it."""
    hold_customer(customer)
    check_not_archived(customer)
    credit = find_credit(customer, credit_id)
    if not reason.strip():
        raise Invalid(_("Say why: the change log and your colleagues will ask."), field="reason")
    found = next((one for one in open_credits(customer.id) if one.id == credit.id), None)
    if found is None:
        raise WrongState(_("Nothing is left of this credit, so nothing can be taken back."))
    try:
        rules.reversal_of(found, amount, now.date())
    except RatingError as refusal:
        raise _invalid(refusal.problems, credit.currency) from None
    _enter(credit, EntryKind.REVERSED, amount, now=now, reason=reason)
    _note(credit, "reversed", found.remaining, found.remaining - amount, reason=reason)
    db.session.flush()
    return credit


def preview(customer: Customer, due: Decimal, currency: str, month: datetime.date) -> CreditPlan:
    """Return what a statement would use if it were issued now. Nothing is reserved."""
    return use_credits(open_credits(customer.id), due, currency, month)


def use_credits_on(
    customer: Customer,
    *,
    statement: str,
    due: Decimal,
    currency: str,
    month: datetime.date,
    now: datetime.datetime,
) -> CreditPlan:
    """Use a customer's credits on a statement that is being issued: the oldest first, never more than is due.

    Billing calls it in the transaction that issues the statement, with its number, before it locks the month: whoever
    holds both holds the customer first. ``uses`` of what it returns are the lines to print. Raises ``WrongState`` for a
    statement that has used credits already.
    """
    hold_customer(customer)
    if not statement:
        raise ValueError("A statement that uses credits has a number")
    if _entries_of(statement):
        raise WrongState(_("Statement %(number)s has used credits already.", number=statement))
    plan = preview(customer, due, currency, month)
    credits = {one.id: one for one in _credits([use.credit.id for use in plan.uses])}
    for use in plan.uses:
        credit = credits[use.credit.id]
        _enter(credit, EntryKind.USED, use.amount, now=now, statement=statement, month=month)
        _note(credit, "used", use.credit.remaining, use.remaining, statement=statement)
    db.session.flush()
    return plan


def release_credits(statement: str, *, now: datetime.datetime) -> Decimal:
    """Give back what a voided statement used; returns how much. What was given back already is not given twice."""
    found = _entries_of(statement)
    for customer_id in sorted({one.customer_id for one in found}):
        hold_customer(find_customer(customer_id))
    found = _entries_of(statement)  # as it is now that nobody else can change it
    released = {one.credit_id for one in found if one.kind is EntryKind.RELEASED}
    used = [one for one in found if one.kind is EntryKind.USED and one.credit_id not in released]
    credits = {one.id: one for one in _credits([one.credit_id for one in used])}
    for one in used:
        _enter(
            credits[one.credit_id],
            EntryKind.RELEASED,
            -one.change,
            now=now,
            statement=statement,
            month=one.month,
        )
        record(
            "released",
            credits[one.credit_id],
            changes={"statement": [statement, None]},
        )
    db.session.flush()
    return sum((-one.change for one in used), ZERO)


def _credits(ids: Sequence[int]) -> Sequence[Credit]:
    return db.session.scalars(select(Credit).where(Credit.id.in_(ids))).all() if ids else []


def _entries_of(statement: str) -> Sequence[CreditEntry]:
    query = select(CreditEntry).where(CreditEntry.statement == statement).order_by(CreditEntry.id)
    return db.session.scalars(query).all() if statement else []


def _enter(
    credit: Credit,
    kind: EntryKind,
    amount: Decimal,
    *,
    now: datetime.datetime,
    statement: str = "",
    month: datetime.date | None = None,
    reason: str = "",
) -> None:
    """Add a line to the ledger."""
    db.session.add(
        CreditEntry(
            reseller_id=credit.reseller_id,
            customer_id=credit.customer_id,
            credit_id=credit.id,
            kind=kind,
            change=amount if kind in (EntryKind.GRANTED, EntryKind.RELEASED) else -amount,
            statement=statement,
            month=month,
            reason=reason,
            at=now,
            by=current_scope().actor.name[:200],
        )
    )


def _note(
    credit: Credit, verb: str, before: Decimal, after: Decimal, *, reason: str = "", statement: str = ""
) -> None:
    """Tell the change log what became of what is left."""
    left = [f"{credit.currency} {round_money(one, credit.currency)}" for one in (before, after)]
    changes: dict[str, list[str | None]] = {"left": [left[0], left[1]]}
    if statement:
        changes["statement"] = [None, statement]
    record(verb, credit, changes=changes, reason=reason)


def _invalid(problems: Sequence[Problem], currency: str) -> Invalid:
    """Return the refusal of an amount in words."""
    first = problems[0]
    if first.code is ProblemCode.NOT_ROUNDED:
        text = _(
            "%(currency)s has %(digits)s decimals. Enter an amount that can be paid.",
            currency=currency,
            digits=minor_units(currency),
        )
    elif first.code is ProblemCode.REVERSAL_TOO_LARGE:
        remaining = first.parameter("remaining")
        left = money_text(remaining if isinstance(remaining, Decimal) else None, currency)
        text = _("Only %(left)s is left of this credit. Enter no more than that.", left=left)
    else:
        text = _("Enter an amount above 0.")
    return Invalid(text, field=first.field if first.field == "amount" else "amount")
