"""Late changes are settled: what was missing is billed with a later month, what was too much is given back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, count

from flask_babel import gettext as _
from sqlalchemy import select

from app.charges.assignments import DEFAULT, Target, assign_plan
from app.charges.models import ChargePlan, Level
from app.charges.overview import AppliedRow, applied_rows
from app.charges.services import create_plan
from app.cloud_accounts.models import AccountPeriod
from app.cloud_accounts.queries import held_in
from app.credits.models import Credit
from app.credits.services import grant_credit
from app.errors import Invalid, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, first_open_month, hold_months
from app.rating.money import ZERO, percent_of, round_money
from app.rating.months import first_day, month_after
from app.rating.plans import Frequency, PlanScope, PlanType
from app.shell.formats import money_text, month_text
from app.statements import ports
from app.statements.late import late_change_of
from app.statements.models import COUNTING, Kind, LateSettlement, SettledBy, Statement
from app.statements.printing import read_paper
from app.statements.services.finding import check_state, hold_statement
from app.statements.services.settling import correction_of, credit_note


def month_to_bill(statement: Statement) -> datetime.date:
    """Return the first later month of the customer that is on no issued statement."""
    following = month_after(statement.month)
    return max(first_open_month([Lockable(Subject.CUSTOMER, statement.customer_id)]) or following, following)


@dataclass(frozen=True, slots=True)
class Settled:
    """How a late change reaches the customer: the plan of ``month``, a draft of a credit note, or a credit."""

    by: SettledBy
    subject: ChargePlan | Statement | Credit
    month: datetime.date


def settle(statement: Statement, amount: Decimal, text: str, *, now: datetime.datetime) -> Settled:
    """Bill what is open of a late change with the next open month, or give it back; ``amount`` may be a part of it.

    What is missing becomes a one-time plan of the customer's own, before discount and tax, assigned where it replaces
    no other plan. What is too much becomes the draft of a credit note, before tax; where the statement has one already,
    a credit of the customer. Raises ``Invalid`` beside the field, and ``WrongState`` where nothing is open.
    """
    held = hold_statement(statement)
    check_state(held, *COUNTING)
    if held.kind is Kind.CREDIT_NOTE:
        raise WrongState(_("A credit note is not corrected by another one. Void it instead."))
    hold_months()
    change = late_change_of(held)
    if change.fault:
        raise WrongState(str(change.fault))
    if not change.open:
        raise WrongState(_("Nothing of this late change is open any more."))
    if not text.strip():
        raise Invalid(_("Say what it is: it stands on what the customer gets."), field="text")
    if amount <= 0 or round_money(amount, held.currency) != amount:
        raise Invalid(_("Enter an amount above 0 that can be paid."), field="amount")
    most = change.to_bill if change.open > 0 else -change.open
    if amount > most:
        text_of_most = money_text(most, held.currency)
        raise Invalid(_("This is more than is open: %(most)s.", most=text_of_most), field="amount")
    if change.open > 0:
        found, settled = _bill(held, amount, text.strip()), change.as_settled(amount)
    else:
        found, settled = _give_back(held, amount, text.strip(), now=now), -amount
    db.session.add(
        LateSettlement(
            statement_id=held.id,
            settled_by=found.by,
            subject_id=found.subject.id,
            amount=settled,
            settled_at=now,
        )
    )
    db.session.flush()
    return found


def _bill(statement: Statement, amount: Decimal, text: str) -> Settled:
    month = month_to_bill(statement)
    provider_id, target = _place(statement, month)
    plan = create_plan(
        provider_id=provider_id,
        values={
            "name": _free_name(statement),
            "line_text": text,
            "type": PlanType.FIXED,
            "amount": amount,
            "currency": statement.currency,
            "frequency": Frequency.ONE_TIME,
            "scope": PlanScope.SUM,
        },
    )
    assign_plan(statement.customer, plan.id, to=target, first_month=month, last_month=month)
    plan.is_retired = True  # it is this customer's, and offered to nobody else
    return Settled(SettledBy.CHARGE, plan, first_day(month))


def _free_name(statement: Statement) -> str:
    """Return a name of a plan that says what it is and that no plan has."""
    name = _("Late change of %(number)s", number=statement.number)
    taken = set(
        db.session.scalars(select(ChargePlan.name).where(ChargePlan.name.startswith(name, autoescape=True)))
    )
    others = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], others) if one not in taken)


def _give_back(statement: Statement, amount: Decimal, text: str, *, now: datetime.datetime) -> Settled:
    month = month_to_bill(statement)
    if correction_of(statement) is None:
        note = credit_note(statement, amount, text, now=now)
        return Settled(SettledBy.CREDIT_NOTE, note, note.month)
    values = {
        "amount": _with_tax(statement, amount, month),
        "currency": statement.currency,
        "comment": text,
        "first_month": None,
    }
    return Settled(SettledBy.CREDIT, grant_credit(statement.customer, values, now=now), month)


def _with_tax(statement: Statement, amount: Decimal, month: datetime.date) -> Decimal:
    """Return what is owed of an amount before tax: a credit that does not lower the tax has to bring the tax along."""
    if ports.options_in(month).credits_lower_tax:
        return amount
    taxes = (percent_of(one.percent, amount) for one in read_paper(statement).taxes)
    return amount + sum((round_money(one, statement.currency) for one in taxes), ZERO)


def _place(statement: Statement, month: datetime.date) -> tuple[int, Target]:
    """Return for which provider, and to whom, the charge is assigned so that all that counts goes on counting.

    The narrowest level with a plan replaces all wider ones: the charge goes beside what is there.
    """
    held = held_in(month, AccountPeriod.customer_id == statement.customer_id)
    accounts = list(
        {one.account.id: one.account for one in held if not one.account.is_gone_in(month)}.values()
    )
    if statement.provider_id is not None:
        accounts = [one for one in accounts if one.provider_id == statement.provider_id]
    rows = applied_rows(statement.customer, accounts, month) if accounts else []
    for provider_id in dict.fromkeys(one.account.provider_id for one in rows):
        target = _beside([one for one in rows if one.account.provider_id == provider_id])
        if target is not None:
            return provider_id, target
    if not rows:
        raise WrongState(
            _("The customer has no cloud account in %(month)s. Bill it by hand.", month=month_text(month))
        )
    raise WrongState(
        _(
            "Only default charges for all customers apply to this customer, and a charge of its own would "
            "replace them. Assign those to the customer first."
        )
    )


def _beside(rows: list[AppliedRow]) -> Target | None:
    levels = {one.level for one in rows}
    if Level.RESELLER not in levels and levels & {None, Level.CUSTOMER}:
        return DEFAULT
    for one in rows:
        if one.level is Level.ACCOUNT:
            return Target(Level.ACCOUNT, (one.account.id,))
        if one.level is Level.GROUP:
            return Target(Level.GROUP, group_id=one.assignments[0].group_id)
    return None
