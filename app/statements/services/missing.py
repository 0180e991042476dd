"""What was missing on an issued statement is billed with a later month, as a charge of its own."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_babel import gettext as _

from app.charges.assignments import DEFAULT, Target, assign_plan
from app.charges.models import Level
from app.charges.overview import AppliedRow, applied_rows
from app.charges.services import create_plan
from app.cloud_accounts.models import AccountPeriod
from app.cloud_accounts.queries import held_in
from app.errors import Invalid, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, first_open_month, hold_months
from app.rating.money import round_money
from app.rating.months import first_day, month_after
from app.rating.plans import Frequency, PlanScope, PlanType
from app.shell.formats import month_text
from app.statements.models import COUNTING, Kind, Statement
from app.statements.services.finding import check_state, hold_statement


def month_to_bill(statement: Statement) -> datetime.date:
    """Return the first later month of the customer that is on no issued statement."""
    following = month_after(statement.month)
    return max(first_open_month([Lockable(Subject.CUSTOMER, statement.customer_id)]) or following, following)


def bill_missing(statement: Statement, amount: Decimal, text: str) -> datetime.date:
    """Let ``amount``, before discount and tax, be charged once with the next open month; return that month.

    It is a one-time plan of the customer's own, assigned where it replaces no other plan. Raises ``Invalid`` beside the
    field, and ``WrongState`` where there is no such place.
    """
    held = hold_statement(statement)
    check_state(held, *COUNTING)
    if held.kind is Kind.CREDIT_NOTE:
        raise WrongState(_("A credit note is not corrected by another one. Void it instead."))
    if not text.strip():
        raise Invalid(_("Say what is billed: it stands on the statement."), field="text")
    if amount <= 0 or round_money(amount, held.currency) != amount:
        raise Invalid(_("Enter an amount above 0 that can be paid."), field="amount")
    hold_months()
    month = month_to_bill(held)
    provider_id, target = _place(held, month)
    plan = create_plan(
        provider_id=provider_id,
        values={
            "name": _("Late change of %(number)s", number=held.number),
            "line_text": text.strip(),
            "type": PlanType.FIXED,
            "amount": amount,
            "currency": held.currency,
            "frequency": Frequency.ONE_TIME,
            "scope": PlanScope.SUM,
        },
    )
    assign_plan(held.customer, plan.id, to=target, first_month=month, last_month=month)
    plan.is_retired = True  # it is this customer's, and offered to nobody else
    db.session.flush()
    return first_day(month)


def _place(statement: Statement, month: datetime.date) -> tuple[int, Target]:
    """Return for which provider, and to whom, the charge is assigned so that all that counts goes on counting.

    The narrowest level with a plan replaces all wider ones: the charge goes beside what is there.
    """
    held = held_in(month, AccountPeriod.customer_id == statement.customer_id)
    accounts = list({one.account.id: one.account for one in held}.values())
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
