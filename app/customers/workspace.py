"""The customer workspace: a tree of sections at the left, one section at the right, each with its own address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, literal, select

from app.customers.models import Customer
from app.customers.registry import (
    ERRANDS,
    NOTICES,
    SECTIONS,
    Notice,
    Section,
    has_history,
    ordered_sections,
    readiness_of,
)
from app.customers.services import find_customer
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
        may = self.appbuilder.sm.has_access
        sections = [one for one in ordered_sections() if may(f"can_{one.right[0]}", one.right[1])]
        can_archive = may("can_archive", "Customers")
        # The other sections offer to archive: only this one has to know whether the customer can be deleted.
        may_delete = self.section == "information" and can_archive
        facts = _facts(customer, sections, with_history=may_delete)
        tree = [self._branch(one, customer, facts.get(one.key)) for one in sections]
        notices = _notices(customer, facts)
        is_decided_elsewhere = any(one.is_decision for one in notices)
        page: str = self.render_template(
            template,
            customer=customer,
            tree=tree,
            section=next((one for one in tree if one["key"] == self.section), None),
            readiness=readiness_of(customer),
            providers=[one.provider for one in customer.enablements if one.is_authorised],
            notices=notices,
            can_archive=can_archive and not is_decided_elsewhere,
            can_delete=may_delete and not is_decided_elsewhere and not facts["has_history"],
            **context,
        )
        return page

    def _branch(self, section: Section, customer: Customer, count: int | None) -> dict[str, Any]:
        return {
            "key": section.key,
            "label": section.label,
            "icon": section.icon,
            "url": url_for(section.endpoint, customer_id=customer.id),
            "in_billing_folder": section.in_billing_folder,
            "count": count,
            "is_current": section.key == self.section,
        }


def _notices(customer: Customer, facts: Mapping[str, Any]) -> list[Notice]:
    """Return what the slices have to say above every section of this customer."""
    found = [
        notice_of(customer, row_id)
        for key, (_first, notice_of) in NOTICES.items()
        if (row_id := facts[f"notice_{key}"]) is not None
    ]
    return [one for one in found if one is not None]


def _facts(customer: Customer, sections: Sequence[Section], *, with_history: bool) -> Mapping[str, Any]:
    """Return the counters by section, what the notices are about, ``has_history``: all in one statement."""
    query = _facts_query(tuple(one.key for one in sections if one.count is not None), with_history)
    facts = dict(db.session.execute(query, {"this_customer": customer.id}).one()._mapping)
    for key, (_asked, deliver) in ERRANDS.items():
        deliver(facts[f"errand_{key}"])
    return facts


@lru_cache(maxsize=64)
def _facts_query(counted: tuple[str, ...], with_history: bool) -> Select[Any]:
    """Built once for each set of sections that a role sees: building it takes longer than running it."""
    asked: list[ColumnElement[Any]] = [
        count.label(key) for key in counted if (count := SECTIONS[key].count) is not None
    ]
    asked += [wanted.label(f"errand_{key}") for key, (wanted, _deliver) in ERRANDS.items()]
    asked += [first.label(f"notice_{key}") for key, (first, _notice_of) in NOTICES.items()]
    if with_history:
        asked.append(has_history().label("has_history"))
    return select(*asked, literal(True).label("has_row"))
