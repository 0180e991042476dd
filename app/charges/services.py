"""Rules of charge plans, first form (pricing, 6): a percentage of the month, or a fixed amount per month."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.charges.models import ChargePlan, PlanKind, PlanType
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.places import currency_codes, currency_digits
from app.kernel.references import count_owners
from app.providers.queries import resold_providers
from app.tenancy.names import check_name_is_free

FIELDS = (
    "name",
    "line_text",
    "kind",
    "type",
    "percent",
    "amount",
    "currency",
    "is_support_plan",
    "is_retired",
)


def create_plan(*, provider_id: int, values: Mapping[str, Any]) -> ChargePlan:
    """Create a plan for one provider. ``values`` holds ``FIELDS``: a percentage or an amount, never both."""
    provider = next((one for one in resold_providers() if one.id == provider_id), None)
    if provider is None:
        raise Invalid(_("Choose a provider that you may resell."), field="provider_id")
    checked = _checked(values, provider.id)
    plan = ChargePlan(provider=provider, **checked)
    db.session.add(plan)
    db.session.flush()
    return plan


def change_plan(plan: ChargePlan, *, provider_id: int, values: Mapping[str, Any]) -> ChargePlan:
    """Change a plan. It stays with its provider: customers have it for that provider's usage."""
    if provider_id != plan.provider_id:
        raise Invalid(_("A plan stays with its provider. Add another plan instead."), field="provider_id")
    for name, value in _checked(values, plan.provider_id, besides=plan.id).items():
        if getattr(plan, name) != value:
            setattr(plan, name, value)
    db.session.flush()
    return plan


def delete_plan(plan: ChargePlan) -> None:
    """Delete a plan that nobody has; raises ``WrongState`` with the number of customers otherwise."""
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
    db.session.delete(plan)
    db.session.flush()


def _checked(values: Mapping[str, Any], provider_id: int, *, besides: int | None = None) -> dict[str, Any]:
    checked = {name: values[name] for name in FIELDS}
    checked["kind"], checked["type"] = PlanKind(values["kind"]), PlanType(values["type"])
    if checked["currency"] not in currency_codes():
        raise Invalid(_("Choose one of the list."), field="currency")
    if checked["percent"] is not None and checked["amount"] is not None:
        surplus = "amount" if checked["type"] is PlanType.PERCENT else "percent"
        raise Invalid(_("Enter either a percentage or an amount."), field=surplus)
    if checked["type"] is PlanType.PERCENT:
        checked["amount"] = None
        _check_percent(checked["percent"], checked["kind"])
    else:
        checked["percent"] = None
        _check_amount(checked["amount"], checked["currency"])
    if checked["is_support_plan"] and checked["kind"] is not PlanKind.CHARGE:
        raise Invalid(
            _("A support plan is a charge. Choose the kind Charge, or switch support plan off."), field="kind"
        )
    check_name_is_free(
        db.session, ChargePlan.name, checked["name"], ChargePlan.provider_id == provider_id, besides=besides
    )
    return checked


def _check_percent(percent: Decimal | None, kind: PlanKind) -> None:
    if percent is None:
        raise Invalid(_("Enter the percentage, such as 10."), field="percent")
    highest = Decimal(100) if kind is PlanKind.DISCOUNT else Decimal(1000)
    if not Decimal(0) <= percent <= highest:
        raise Invalid(_("Enter a percentage from 0 to %(highest)s.", highest=highest), field="percent")


def _check_amount(amount: Decimal | None, currency: str) -> None:
    if amount is None:
        raise Invalid(_("Enter the amount per month, such as 100.00."), field="amount")
    if amount < 0:
        raise Invalid(
            _("Enter an amount of at least 0. A discount is a kind of plan, not a negative amount."),
            field="amount",
        )
    digits = currency_digits(currency)
    if amount != round(amount, digits):
        raise Invalid(
            _(
                "%(currency)s has %(digits)s decimals. Enter an amount that can be paid.",
                currency=currency,
                digits=digits,
            ),
            field="amount",
        )
