"""The billing report's address: which days, provider, groups, columns and order it asks for, written one way only."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from flask import abort, request, url_for
from flask_babel import gettext as _

from app.customers.list_tabs import Tab
from app.kernel.pagination import SIZES
from app.providers.models import Provider
from app.reports.costs import By, Wanted
from app.reports.narrowing import Narrowing, can_narrow, narrowing_from, offered_providers
from app.reports.periods import Period, PeriodKey, period_from
from app.reports.tables import (
    FIGURES,
    GROUP_WORDS,
    MOST_GROUPS,
    Asked,
    Fields,
    fields_for,
    report_fields,
)
from app.saved_views.models import SavedView
from app.shell.formats import reader_today

LIST_KEY = "billing_report"
_USUAL_GROUPS = (By.CUSTOMER.value,)
_WORD = re.compile(r"[a-z0-9_]{1,80}")


class ReportRequest:
    """What the running request asks of the billing report; answers 400 to what no form or link of ours could ask."""

    def __init__(self) -> None:
        args = request.args
        self.today: datetime.date = reader_today()
        self.period: Period = period_from(args, self.today) or abort(400)
        self.fields: Fields = report_fields()
        self.providers: Sequence[Provider] = offered_providers()
        self.narrowing: Narrowing = narrowing_from(args, self.fields)
        self.groups = self._groups(args.getlist("group"))
        self.offered_fields = fields_for(self.groups, self.fields)
        self.columns = self._columns(args.getlist("columns"))
        self.sort, self.descending = self._order(args.get("sort", ""), args.get("dir", ""))
        size = args.get("per_page", "")
        self.size = size if size in {str(one) for one in SIZES[1:]} else ""

    @property
    def provider(self) -> Provider | None:
        return self.narrowing.provider

    def _groups(self, asked: Sequence[str]) -> tuple[str, ...]:
        named = list(dict.fromkeys(one for one in asked if one))
        if len(named) > MOST_GROUPS or not all(_WORD.fullmatch(one) for one in named):
            abort(400)
        # A link may be older than the removal of a custom field.
        known = [one for one in named if one in GROUP_WORDS or one in self.fields.all]
        return tuple(known) or _USUAL_GROUPS

    def _columns(self, asked: Sequence[str]) -> tuple[str, ...]:
        offered = [*FIGURES, *self.offered_fields]
        if not asked:
            return tuple(one for one in offered if FIGURES.get(one))
        return tuple(one for one in offered if one in asked)

    def _order(self, sort: str, direction: str) -> tuple[str, bool]:
        if direction not in ("", "asc", "desc") or (sort and not _WORD.fullmatch(sort)):
            abort(400)
        if sort not in FIGURES and sort not in self.groups and sort not in self.columns:
            is_time = self.groups[0] in (By.MONTH, By.DAY)
            return (self.groups[0], False) if is_time else ("customer_cost", True)
        return sort, direction != "asc"

    @property
    def wanted(self) -> Wanted:
        """Return which usage is asked for."""
        return self.narrowing.wanted(self.period)

    @property
    def asked(self) -> Asked:
        """Return the whole question."""
        return Asked(
            self.wanted,
            self.groups,
            self.columns,
            self.sort,
            self.descending,
            self.narrowing.accounts,
            self.narrowing.currency,
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the question as an address says it, name by name; the page is left out."""
        found: list[tuple[str, str]] = []
        if self.period.key is not PeriodKey.LAST_MONTH:
            found += self.period.arguments.items()
        if self.groups != _USUAL_GROUPS:
            found += [("group", one) for one in self.groups]
        found += self.narrowing.pairs
        if (self.sort, self.descending) != self._order("", ""):
            found += [("sort", self.sort), ("dir", "desc" if self.descending else "asc")]
        if self.columns != self._columns(()):
            found += [("columns", one) for one in self.columns] or [("columns", "none")]
        found.append(("per_page", self.size))
        return [(name, value) for name, value in found if value]

    def written(self) -> str:
        """Return the question as an address says it: two that ask the same are written alike."""
        return urlencode(self.pairs)


def written_arguments() -> str:
    """Return what the running request's address asks for, in its one form."""
    return ReportRequest().written()


def can_show(arguments: str) -> bool:
    """Are the custom fields that a saved report filters by still there? Columns of those that are gone are left out."""
    return can_narrow(parse_qsl(arguments), report_fields())


def tabs(asked: ReportRequest, views: Sequence[SavedView]) -> tuple[list[Tab], SavedView | None]:
    """Return a tab for all providers, one for each, and the person's own reports; and which of those is shown now."""
    here, written = url_for("BillingReportView.show"), asked.written()
    current = next((one for one in views if one.arguments == written), None)

    def tab(label: object, code: str) -> Tab:
        is_on = current is None and (asked.provider.code if asked.provider else "") == code
        kept = [*asked.period.arguments.items()] if asked.period.key is not PeriodKey.LAST_MONTH else []
        query = urlencode([*kept, *([("provider", code)] if code else [])])
        return Tab(label, f"{here}?{query}" if query else here, is_on)

    found = [tab(_("All providers"), ""), *(tab(one.name, one.code) for one in asked.providers)]
    for one in views:
        if not can_narrow(parse_qsl(one.arguments), asked.fields):
            # Its own page says why it cannot be shown any more.
            found.append(Tab(one.name, url_for("SavedViewsView.edit", view_id=one.id), is_on=False))
            continue
        query = f"?{one.arguments}" if one.arguments else ""
        found.append(Tab(one.name, here + query, current is not None and one.id == current.id))
    return found, current


def narrowed(asked: ReportRequest, arguments: dict[str, str], group: str) -> str:
    """Return the address of the same days, narrowed down to a row and grouped by what is within it."""
    kept = [(name, value) for name, value in asked.narrowing.pairs if name not in arguments]
    pairs = [*asked.period.arguments.items(), ("group", group), *kept, *arguments.items()]
    return f"{url_for('BillingReportView.show')}?{urlencode(pairs)}"
