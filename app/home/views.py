"""The console's start page."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.audit.queries import recent_entries
from app.audit.words import timeline_entries
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import needs_attention
from app.customers.registry import ATTENTION, ATTENTION_COSTS, FIGURES, MONEY, TASKS
from app.extensions import db
from app.kernel.clock import utc_now
from app.shell.formats import reader_zone
from app.shell.pages import PageView


def _attention() -> list[dict[str, Any]]:
    """Ask all reasons in one statement; return those that apply, warnings first."""
    conditions = {key: one.condition() for key, one in ATTENTION.items()}
    asked = {key: condition for key, condition in conditions.items() if condition is not None}
    if not asked:
        return []
    counts = [func.count(Customer.id).filter(condition).label(key) for key, condition in asked.items()]
    row = db.session.execute(select(*counts).where(Customer.status == CustomerStatus.ACTIVE)).one()
    found = []
    for key, number in row._mapping.items():
        one = ATTENTION[key]
        if number:
            cost = ATTENTION_COSTS[key]() if key in ATTENTION_COSTS else None
            found.append(
                {
                    "tone": one.tone,
                    "icon": one.icon,
                    "title": one.sentence(number),
                    "text": one.consequence,
                    "amount": cost[0] if cost else None,
                    "unit": cost[1] if cost else "",
                    "action_label": one.action,
                    "action_url": url_for("CustomerModelView.list", attention=key),
                }
            )
    return sorted(found, key=lambda item: item["tone"] != "warning")


def _tasks() -> list[dict[str, Any]]:
    """Return what waits for somebody besides customers, as the list of attention draws it."""
    return [
        {
            "tone": one.tone,
            "icon": one.icon,
            "title": one.title,
            "text": one.text,
            "amount": None,
            "action_label": one.action,
            "action_url": one.url,
        }
        for task in TASKS.values()
        if (one := task()) is not None
    ]


def _customer_figures() -> list[dict[str, Any]]:
    """Return how many customers there are, how many of them are ready to bill, and how many are new."""
    now = utc_now().astimezone(reader_zone())
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    is_active = Customer.status == CustomerStatus.ACTIVE
    query = select(
        func.count(Customer.id).label("total"),
        func.count(Customer.id).filter(is_active, ~needs_attention()).label("ready"),
        func.count(Customer.id).filter(Customer.created_at >= month).label("new"),
    ).where(Customer.status != CustomerStatus.ARCHIVED)
    row = db.session.execute(query).one()
    return [
        {"label": _("Customers"), "value": row.total, "url": url_for("CustomerModelView.list")},
        {
            "label": _("Ready to bill"),
            "value": row.ready,
            "note": _("provider, pricebook and support plan decided"),
        },
        {"label": _("Added this month"), "value": row.new},
    ]


class HomeView(PageView):
    """What is spent, what needs attention, how much there is, what changed."""

    route_base = "/home"
    class_permission_name = "Home"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        customers = _customer_figures()
        counts = [*customers, *(figure() for figure in FIGURES.values())]
        total = customers[0]["value"]
        may_audit = self.appbuilder.sm.has_access("can_list", "Audit")
        return self.render_template(
            "home/home.html",
            title=_("Home"),
            today=utc_now().astimezone(reader_zone()).date(),
            counts=counts,
            money=[one for figures in MONEY.values() for one in figures()] if total else [],
            attention=[*_tasks(), *_attention()] if total else [],
            is_new=not total,
            recent=timeline_entries(recent_entries(limit=8, besides=("imported", "customer"))),
            may_audit=may_audit,
        )
