"""Rows become what ``app.rating`` computes with: plans in a month, accounts with their group, assignments."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from app.charges.bands import read_band
from app.charges.models import ChargeAssignment, ChargePlan
from app.cloud_accounts.models import CloudAccount
from app.months.terms import terms_of
from app.rating.assignments import Account, Assignment
from app.rating.months import last_day
from app.rating.plans import Frequency, Plan, PlanBase, PlanKind, PlanScope, PlanType


def plan_from(
    values: Mapping[str, Any], *, plan_id: int = 0, name: str = "", is_support: bool = False
) -> Plan:
    """Return the plan with these terms (``ChargePlan.__terms__``); bands are texts or already bands."""
    return Plan(
        id=plan_id,
        kind=PlanKind(values["kind"]),
        type=PlanType(values["type"]),
        currency=values["currency"],
        text=values["line_text"] or name,
        base=PlanBase(values["base"]),
        scope=PlanScope(values["scope"]),
        frequency=Frequency(values["frequency"]),
        percent=values["percent"],
        amount=values["amount"],
        bands=tuple(read_band(one) if isinstance(one, str) else one for one in values["bands"] or ()),
        minimum=values["minimum"],
        maximum=values["maximum"],
        excluded_services=frozenset(values["excluded_services"] or ()),
        valid_from=values["valid_from"],
        valid_to=values["valid_to"],
        is_support=is_support,
        is_prorated=bool(values["is_prorated"]),
        includes_fixed=bool(values["includes_fixed"]),
        includes_marketplace=bool(values["includes_marketplace"]),
    )


def plan_now(row: ChargePlan) -> Plan:
    """Return a plan as its newest terms have it."""
    return _plan(row, {name: getattr(row, name) for name in row.__terms__})


def plans_in(rows: Sequence[ChargePlan], month: datetime.date) -> dict[int, Plan]:
    """Return the plans as they are in a month, by id; one that did not count yet is left out. One statement at most."""
    terms = terms_of(rows, month)
    return {row.id: _plan(row, values) for row in rows if (values := terms[row.id]) is not None}


def _plan(row: ChargePlan, terms: Mapping[str, Any]) -> Plan:
    return plan_from(terms, plan_id=row.id, name=row.name, is_support=row.is_support_plan)


def assignments_in(rows: Sequence[ChargeAssignment], month: datetime.date) -> list[Assignment]:
    """Return the assignments of a month with their plans as they are in it. ``account`` and ``group`` are loaded."""
    plans = plans_in(list({row.plan_id: row.plan for row in rows}.values()), month)
    return [assignment_of(row, plans[row.plan_id]) for row in rows if row.plan_id in plans]


def assignment_of(row: ChargeAssignment, plan: Plan) -> Assignment:
    """Return one assignment of a plan; days are those of its months."""
    return Assignment(
        id=row.id or 0,
        plan=plan,
        level=row.level,
        provider=row.provider.code,
        account=row.account.account_id if row.account is not None else None,
        group=row.group.id if row.group is not None else None,
        valid_from=row.first_month,
        valid_to=None if row.last_month is None else last_day(row.last_month),
    )


def account_in(account: CloudAccount, group_id: int | None) -> Account:
    """Return an account of a customer; ``group_id`` is the group it is in."""
    return Account(provider=account.provider.code, id=account.account_id, group=group_id)
