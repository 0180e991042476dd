"""What happens to the reseller's charge plans (docs/pricing.md#plans): added, changed from a month on, deleted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.charges.bands import band_text
from app.charges.models import ChargeAssignment, ChargePlan
from app.charges.problems import PlanRefused
from app.charges.rating import plan_from
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.places import currency_codes, currency_digits
from app.kernel.references import count_owners
from app.months.locks import Lockable, Subject, hold_months, locked_months
from app.months.terms import change_terms, forget_terms
from app.providers.queries import resold_providers
from app.rating.plancheck import plan_problems
from app.rating.plans import Frequency, Plan, PlanBase, PlanKind, PlanScope, PlanType
from app.rating.problems import RatingError
from app.tenancy.names import check_name_is_free

#: What a plan is beside its terms; it counts at once and moves no money.
SIGNS = ("name", "is_support_plan", "is_retired")
FIELDS = (*SIGNS, *ChargePlan.__terms__)
#: What a plan is where nothing else is said.
USUAL: Mapping[str, Any] = {
    "line_text": "",
    "kind": PlanKind.CHARGE,
    "type": PlanType.PERCENT,
    "percent": None,
    "amount": None,
    "bands": (),
    "base": PlanBase.LIST_COST,
    "scope": PlanScope.PER_ACCOUNT,
    "frequency": Frequency.MONTHLY,
    "minimum": None,
    "maximum": None,
    "excluded_services": (),
    "is_prorated": False,
    "includes_fixed": False,
    "includes_marketplace": False,
    "valid_from": None,
    "valid_to": None,
    "is_support_plan": False,
    "is_retired": False,
}
MOST_BANDS, MOST_SERVICES, LONGEST_SERVICE = 50, 200, 200


def months_of_plan(plan: ChargePlan) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of the plan's terms can count."""
    return [Lockable(Subject.CHARGE_PLAN, plan.id)]


def create_plan(*, provider_id: int, values: Mapping[str, Any]) -> ChargePlan:
    """Create a plan for one provider. ``values`` holds ``FIELDS``, or what differs from ``USUAL``.

    ``bands`` are those of ``app.rating``. Raises ``PlanRefused`` with all that is wrong.
    """
    provider = next((one for one in resold_providers() if one.id == provider_id), None)
    if provider is None:
        raise Invalid(_("Choose a provider that you may resell."), field="provider_id")
    checked = _checked(values, provider.id)
    plan = ChargePlan(provider=provider, counts_from=None, **checked)
    db.session.add(plan)
    db.session.flush()
    return plan


def change_plan(
    plan: ChargePlan, *, provider_id: int, values: Mapping[str, Any], from_month: datetime.date | None = None
) -> ChargePlan:
    """Change a plan: its terms from a month on (None: in all months), its name and marks at once.

    It stays with its provider: customers have it for that provider's usage.
    """
    if provider_id != plan.provider_id:
        raise Invalid(_("A plan stays with its provider. Add another plan instead."), field="provider_id")
    checked = _checked(values, plan.provider_id, besides=plan.id)
    for name in SIGNS:
        if getattr(plan, name) != checked[name]:
            setattr(plan, name, checked[name])
    change_terms(plan, checked, from_month=from_month, locked_with=months_of_plan(plan))
    db.session.flush()
    return plan


def delete_plan(plan: ChargePlan) -> None:
    """Delete a plan that nobody has or had on a statement; raises ``WrongState`` saying who has it otherwise."""
    customers = count_owners(db.session, ChargePlan, [plan.id]).get(plan.id, 0)
    if customers:
        raise WrongState(
            ngettext(
                "%(num)s customer has %(name)s. Retire it instead: it stays where it is and is no longer offered.",
                "%(num)s customers have %(name)s. Retire it instead: it stays where it is and is no longer offered.",
                customers,
                name=plan.name,
            )
        )
    hold_months()
    uses = select(func.count()).select_from(ChargeAssignment).where(ChargeAssignment.plan_id == plan.id)
    if db.session.scalar(uses):
        raise WrongState(
            _("%(name)s is a default of all customers. Take it away there first.", name=plan.name)
        )
    if locked_months(months_of_plan(plan)):
        raise WrongState(_("%(name)s is on issued statements. Retire it instead.", name=plan.name))
    forget_terms(plan)
    db.session.delete(plan)
    db.session.flush()


def plan_of_values(values: Mapping[str, Any]) -> Plan:
    """Return the plan that these values make, whatever is wrong with it; raises ``Invalid`` for an unknown word."""
    full = {**USUAL, **values}
    if full["currency"] not in currency_codes():
        raise Invalid(_("Choose one of the list."), field="currency")
    try:
        return plan_from(full, name=full.get("name", ""))
    except RatingError as refusal:  # a number that is none
        raise PlanRefused(refusal.problems) from None


def _checked(values: Mapping[str, Any], provider_id: int, *, besides: int | None = None) -> dict[str, Any]:
    """Return what is stored, by column; raises ``PlanRefused`` or ``Invalid``."""
    full = {**USUAL, **values}
    plan = plan_of_values(full)
    problems = plan_problems(plan)
    if problems:
        raise PlanRefused(problems)
    _check_payable(plan)
    _check_services(plan.excluded_services)
    if len(plan.bands) > MOST_BANDS:
        raise Invalid(_("A plan has at most %(most)s bands.", most=MOST_BANDS), field="bands")
    if full["is_support_plan"] and plan.kind is not PlanKind.CHARGE:
        raise Invalid(
            _("A support plan is a charge. Choose the kind Charge, or switch support plan off."), field="kind"
        )
    check_name_is_free(
        db.session, ChargePlan.name, full["name"], ChargePlan.provider_id == provider_id, besides=besides
    )
    checked = {name: full[name] for name in FIELDS}
    kinds = {"kind": plan.kind, "type": plan.type, "base": plan.base}
    return (
        checked
        | kinds
        | {
            "scope": plan.scope,
            "frequency": plan.frequency,
            "bands": [band_text(one) for one in sorted(plan.bands, key=lambda one: one.from_amount)],
            "excluded_services": sorted(plan.excluded_services),
        }
    )


def _check_payable(plan: Plan) -> None:
    """Refuse amounts that the plan's currency has no coins for."""
    digits = currency_digits(plan.currency)
    places: list[tuple[str, Decimal | None]] = [
        (name, getattr(plan, name)) for name in ("amount", "minimum", "maximum")
    ]
    for number, band in enumerate(plan.bands):
        places.append((f"bands.{number}.amount", band.amount))
    for field, value in places:
        if value is not None and value != round(value, digits):
            raise Invalid(
                _(
                    "%(currency)s has %(digits)s decimals. Enter an amount that can be paid.",
                    currency=plan.currency,
                    digits=digits,
                ),
                field=field,
            )


def _check_services(names: frozenset[str]) -> None:
    if len(names) > MOST_SERVICES or any(len(one) > LONGEST_SERVICE for one in names):
        raise Invalid(
            _(
                "Name at most %(most)s services, each with at most %(longest)s characters.",
                most=MOST_SERVICES,
                longest=LONGEST_SERVICE,
            ),
            field="excluded_services",
        )
