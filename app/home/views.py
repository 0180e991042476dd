"""The console's start page."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.audit.queries import recent_entries
from app.audit.words import timeline_entry
from app.customers.models import Customer, CustomerStatus
from app.customers.registry import ATTENTION
from app.extensions import db
from app.home.registry import COUNTS
from app.kernel.clock import utc_now
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
            found.append(
                {
                    "tone": one.tone,
                    "icon": one.icon,
                    "title": one.sentence(number),
                    "text": one.consequence,
                    "amount": None,
                    "action_label": one.action,
                    "action_url": url_for("CustomerModelView.list", attention=key),
                }
            )
    return sorted(found, key=lambda item: item["tone"] != "warning")


class HomeView(PageView):
    """What needs attention, how much there is, what changed."""

    route_base = "/home"
    class_permission_name = "Home"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        total = db.session.scalar(
            select(func.count(Customer.id)).where(Customer.status != CustomerStatus.ARCHIVED)
        )
        counts = [{"label": _("Customers"), "value": total, "url": url_for("CustomerModelView.list")}]
        counts += [count() for count in COUNTS.values()]
        may_audit = self.appbuilder.sm.has_access("can_list", "Audit")
        return self.render_template(
            "home/home.html",
            title=_("Home"),
            today=utc_now().date(),
            counts=counts,
            attention=_attention() if total else [],
            is_new=not total,
            recent=[timeline_entry(one) for one in recent_entries(limit=8)],
            may_audit=may_audit,
        )
