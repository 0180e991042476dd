"""The customer workspace: a tree of sections at the left, one section at the right, each with its own address."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select

from app.customers.models import Customer
from app.customers.registry import Section, ordered_sections, readiness_of
from app.customers.services import find_customer, has_history
from app.extensions import db
from app.shell.pages import PageView


class WorkspaceView(PageView):
    """Base of every section. Set ``route_base`` below ``/customers/<int:customer_id>`` and ``section``."""

    section = ""

    def customer(self, customer_id: int) -> Customer:
        """Return the customer, or answer 404 when the person does not see it."""
        return find_customer(customer_id)

    def page(self, template: str, customer: Customer, **context: Any) -> str:
        """Render a section inside the workspace."""
        tree = self._tree(customer)
        page: str = self.render_template(
            template,
            customer=customer,
            tree=tree,
            section=next((one for one in tree if one["key"] == self.section), None),
            readiness=readiness_of(customer),
            providers=[one.provider for one in customer.enablements if one.is_authorised],
            can_archive=self.appbuilder.sm.has_access("can_archive", "Customers"),
            can_delete=self._can_delete(customer),
            **context,
        )
        return page

    def _can_delete(self, customer: Customer) -> bool:
        """Asked on Customer Information only: the other sections offer to archive."""
        may = self.section == "information" and self.appbuilder.sm.has_access("can_archive", "Customers")
        return bool(may) and not has_history(customer)

    def _tree(self, customer: Customer) -> list[dict[str, Any]]:
        may = self.appbuilder.sm.has_access
        shown = [one for one in ordered_sections() if may(f"can_{one.right[0]}", one.right[1])]
        counts = _counts(customer, shown)
        return [
            {
                "key": one.key,
                "label": one.label,
                "icon": one.icon,
                "url": url_for(one.endpoint, customer_id=customer.id),
                "in_billing_folder": one.in_billing_folder,
                "count": counts.get(one.key),
                "is_current": one.key == self.section,
            }
            for one in shown
        ]


def _counts(customer: Customer, sections: list[Section]) -> dict[str, int]:
    """Ask all counters in one statement."""
    counted = [(one.key, one.count(customer)) for one in sections if one.count is not None]
    if not counted:
        return {}
    row = db.session.execute(select(*(query.label(key) for key, query in counted))).one()
    return dict(row._mapping)
