"""What this slice shows of a customer: its section, the third readiness cell, a list column, and a warning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup, escape
from sqlalchemy import func, select

from app.charges import assignments
from app.charges.models import ChargeAssignment, ChargePlan, GlobalAdjustment
from app.customers.models import Customer
from app.customers.registry import (
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


def _count_plans(customer: Customer) -> Any:
    return (
        select(func.count(ChargeAssignment.id))
        .where(ChargeAssignment.customer_id == customer.id)
        .scalar_subquery()
    )


def _plans_of(customer: Customer, provider: Provider) -> str:
    query = select(func.count(ChargeAssignment.id)).where(
        ChargeAssignment.customer_id == customer.id, ChargeAssignment.provider_id == provider.id
    )
    found = db.session.scalar(query) or 0
    return ngettext("%(num)s plan", "%(num)s plans", found) if found else ""


def support_plan_decided(customer: Customer) -> Readiness:
    """Third decision of the article: which support plan, if any? What a missing one costs depends on the program."""
    authorised = {one.provider_id for one in customer.enablements if one.is_authorised}
    plans = [
        one
        for one in assignments.assignments_of(customer)
        if one.plan.is_support_plan and one.provider_id in authorised
    ]
    covered = {one.provider_id for one in plans}
    missing = [
        one.name for one in assignments.program_providers() if one.id in authorised and one.id not in covered
    ]
    if missing:
        return Readiness(
            "warning",
            _("No support plan for %(providers)s", providers=", ".join(missing)),
            _(
                "You are in the partner program and are billed for support yourself: "
                "without a plan it comes out of your margin."
            ),
            _("Assign a plan"),
            "CustomerChargesView.show",
        )
    if plans:
        return Readiness("success", _("Support plan set"), ", ".join(str(one.plan) for one in plans))
    return Readiness(
        "info",
        _("No support plan"),
        _("Nothing is charged for support. That is fine where you offer none."),
        _("Assign a plan"),
        "CustomerChargesView.show",
    )


def _support_plans_of(customers: Sequence[Customer]) -> dict[int, Any]:
    rows = db.session.execute(
        select(ChargeAssignment.customer_id, ChargeAssignment.provider_id, ChargePlan.name)
        .join(ChargeAssignment.plan)
        .where(
            ChargeAssignment.customer_id.in_([one.id for one in customers]),
            ChargePlan.is_support_plan.is_(True),
        )
        .order_by(ChargePlan.name)
    ).all()
    program = assignments.program_providers()
    found: dict[int, Any] = {}
    for customer in customers:
        authorised = {one.provider_id for one in customer.enablements if one.is_authorised}
        mine = [row for row in rows if row.customer_id == customer.id and row.provider_id in authorised]
        covered = {row.provider_id for row in mine}
        missing = [one.code.upper() for one in program if one.id in authorised - covered]
        if missing:
            warning = _("None for %(providers)s", providers=", ".join(missing))
            found[customer.id] = Markup(
                '<span class="ct-tone-warning">'
                '<i class="fa-solid fa-triangle-exclamation" aria-hidden="true"></i> {}</span>'
            ).format(warning)
        elif mine:
            more = f" +{len(mine) - 1}" if len(mine) > 1 else ""
            found[customer.id] = escape(f"{mine[0].name}{more}")
        else:
            found[customer.id] = Markup('<span class="ct-subtle">–</span>')
    return found


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
            count=_count_plans,
            records=("charge_assignment", "global_adjustment"),
        )
    )
    add_provider_use("plans", _plans_of)
    add_belongings(ChargeAssignment)
    add_belongings(GlobalAdjustment)
    add_readiness("support_plan", 30, support_plan_decided)
    add_list_column(ListColumn("support_plan", _l("Support plan"), _support_plans_of, 10))
    add_attention(
        Attention(
            "no_support_plan",
            "warning",
            "life-ring",
            assignments.customers_without_support_plan,
            lambda n: ngettext(
                "%(num)s customer has no support plan", "%(num)s customers have no support plan", n
            ),
            _l(
                "You are billed for support in the partner program; without a plan it comes out of your margin."
            ),
            _l("Assign plans"),
        )
    )
