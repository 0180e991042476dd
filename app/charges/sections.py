"""What this slice shows of a customer: its section, the third readiness cell, a list column, and a warning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup, escape
from sqlalchemy import func, select

from app.charges import support as supporting
from app.charges.assignments import end_when_moved
from app.charges.models import ChargeAssignment, GlobalAdjustment
from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.groups import add_group_keeper
from app.cloud_accounts.registry import add_move_hearer
from app.customers.models import Customer
from app.customers.registry import (
    THIS_CUSTOMER,
    Attention,
    ListColumn,
    Readiness,
    Section,
    add_attention,
    add_belongings,
    add_list_column,
    add_provider_use,
    add_readiness,
    add_section,
)
from app.extensions import db
from app.providers.models import Provider
from app.shell.formats import integer_text

_PLANS = select(func.count(ChargeAssignment.id)).where(ChargeAssignment.customer_id == THIS_CUSTOMER)


def _plans_of(customer: Customer, provider: Provider) -> str:
    query = select(func.count(ChargeAssignment.id)).where(
        ChargeAssignment.customer_id == customer.id, ChargeAssignment.provider_id == provider.id
    )
    found = db.session.scalar(query) or 0
    return ngettext("%(num)s plan", "%(num)s plans", found) if found else ""


def support_plan_decided(customer: Customer) -> Readiness:
    """Third decision of the article: which support plan, if any? What a missing one costs depends on the program."""
    support = supporting.support_plans_of([customer])[customer.id]
    if support.missing:
        return Readiness(
            "warning",
            _("No support plan for %(providers)s", providers=", ".join(one.name for one in support.missing)),
            _(
                "You are in the partner program and are billed for support yourself: "
                "without a plan it comes out of your margin."
            ),
            _("Assign a plan"),
            "CustomerChargesView.show",
        )
    if support.undecided:
        return Readiness(
            "info",
            _(
                "No support plan for %(providers)s yet",
                providers=", ".join(one.name for one in support.undecided),
            ),
            _(
                "You are in the partner program: from the first account on you are billed for support yourself."
            ),
            _("Assign a plan"),
            "CustomerChargesView.show",
        )
    if support.names:
        return Readiness("success", _("Support plan set"), ", ".join(support.names))
    return Readiness(
        "info",
        _("No support plan"),
        _("Nothing is charged for support. That is fine where you offer none."),
        _("Assign a plan"),
        "CustomerChargesView.show",
    )


def _support_plans_of(customers: Sequence[Customer]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for customer_id, support in supporting.support_plans_of(customers).items():
        if support.missing:
            codes = ", ".join(one.code.upper() for one in support.missing)
            found[customer_id] = Markup(
                '<span class="ct-tone-warning">'
                '<i class="fa-solid fa-triangle-exclamation" aria-hidden="true"></i> {}</span>'
            ).format(_("None for %(providers)s", providers=codes))
        elif support.names:
            first, *others = support.names
            more = f" +{len(others)}" if others else ""
            found[customer_id] = escape(f"{first}{more}")
        else:
            found[customer_id] = Markup('<span class="ct-subtle">–</span>')
    return found


def _keeps_group(group: AccountGroup) -> str:
    query = select(func.count(ChargeAssignment.id)).where(ChargeAssignment.group_id == group.id)
    found = db.session.scalar(query) or 0
    if not found:
        return ""
    return ngettext(
        "%(num)s plan is assigned to %(group)s. Take it away first, under Charges and Discounts; "
        "what is on issued statements keeps the group.",
        "%(num)s plans are assigned to %(group)s. Take them away first, under Charges and Discounts; "
        "what is on issued statements keeps the group.",
        found,
        group=group.name,
    )


def announce() -> None:
    """Announce all of it."""
    add_section(
        Section(
            "charges",
            _l("Charges and Discounts"),
            "percent",
            "CustomerChargesView.show",
            ("show", "CustomerCharges"),
            60,
            in_billing_folder=True,
            count=_PLANS.scalar_subquery(),
            records=("charge_assignment", "global_adjustment"),
        )
    )
    add_provider_use("plans", _plans_of)
    add_belongings(ChargeAssignment)
    add_move_hearer("plans", end_when_moved)
    add_belongings(GlobalAdjustment)
    add_group_keeper("charges", _keeps_group)
    add_readiness("support_plan", 30, support_plan_decided)
    add_list_column(ListColumn("support_plan", _l("Support plan"), _support_plans_of, 10, style="ct-roomy"))
    add_attention(
        Attention(
            "no_support_plan",
            "warning",
            "life-ring",
            supporting.customers_without_support_plan,
            lambda n: ngettext(
                "%(count)s customer has no support plan",
                "%(count)s customers have no support plan",
                n,
                count=integer_text(n),
            ),
            _l(
                "You are billed for support in the partner program; without a plan it comes out of your margin."
            ),
            _l("Assign plans"),
        )
    )
