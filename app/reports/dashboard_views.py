"""The console's dashboard, which opens with what each person chose to see first."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.errors import DomainError, Invalid
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.rating.months import first_day
from app.reports.dashboard import spending_of
from app.reports.defaults import DASHBOARD, default_of, forget_default, keep_default
from app.reports.figures import amount_in, basis_words
from app.reports.naming import suggested
from app.reports.narrowing import (
    Narrowing,
    chips,
    currencies,
    narrowing_from,
    offered_providers,
    typed_customer,
)
from app.reports.periods import PERIOD_WORDS, Period, PeriodKey, period_from
from app.reports.priced_months import months_now
from app.reports.tables import report_fields
from app.saved_views.queries import can_keep_views
from app.shell.formats import reader_today
from app.shell.pages import PageView


def usual_period(today: datetime.date) -> PeriodKey:
    """Return the span that a dashboard opens with: the running month, once something of it is there."""
    is_there = first_day(today) in months_now().months
    return PeriodKey.MONTH_TO_DATE if is_there else PeriodKey.LAST_MONTH


class _Asked:
    """What the running request asks of the dashboard; without a word of its own, what the person chose to see first."""

    def __init__(self) -> None:
        self.today = reader_today()
        self.fields = report_fields()
        self.kept = default_of(DASHBOARD)
        if request.args or self.kept is None:
            self._read(request.args)
            return
        try:
            self._read(MultiDict(parse_qsl(self.kept)))
        except HTTPException:
            # It asks for a provider, currency or custom field that is gone.
            self._read(request.args)

    def _read(self, arguments: MultiDict[str, str]) -> None:
        self.period: Period = period_from(arguments, self.today, usual_period(self.today)) or abort(400)
        self.narrowing: Narrowing = narrowing_from(arguments, self.fields)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the question as an address says it, name by name."""
        return [*self.period.arguments.items(), *self.narrowing.pairs]

    @property
    def is_kept(self) -> bool:
        return self.kept == urlencode(self.pairs)


class DashboardView(PageView):
    """Dashboard: what all customers spend, and what is earned with it."""

    route_base = "/dashboard"
    class_permission_name = "Dashboard"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        asked = _Asked()
        here, refusal, unknown = url_for("DashboardView.show"), None, ""
        try:
            if (found := typed_customer(asked.narrowing)) is not None:
                return redirect(f"{here}?{urlencode(found)}")
        except Invalid as problem:
            unknown = str(problem)
        figures = None
        try:
            figures = spending_of(asked.period, asked.today, narrowing=asked.narrowing, suggesting=True)
        except DomainError as problem:
            refusal = problem
        shown, without_filters = chips(asked.narrowing, asked.pairs, here)
        page = self.render_template(
            "reports/dashboard.html",
            title=_("Dashboard"),
            asked=asked,
            period=asked.period,
            periods=PERIOD_WORDS,
            providers=offered_providers(),
            customers=suggested(),
            currencies=currencies(),
            chips=shown,
            without_filters=without_filters,
            written=urlencode(asked.pairs),
            can_keep=can_keep_views(),
            found=figures,
            refusal=refusal,
            unknown=unknown,
            amount_in=amount_in,
            basis=basis_words(asked.narrowing.wanted(asked.period)),
            has_any=bool(months_now().months),
        )
        return page, 422 if unknown else refusal.status if refusal else 200

    @expose("/default/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def keep(self) -> Response:
        """Keep what the address shows as what the person sees first; with ``forget``, nothing any more."""
        here = url_for("DashboardView.show")
        if request.form.get("forget"):
            with unit_of_work(db.session):
                forget_default(DASHBOARD)
            flash(_("Your dashboard opens as for everybody again."), "success")
            return redirect(here)
        asked = _Asked()
        with unit_of_work(db.session):
            keep_default(DASHBOARD, urlencode(asked.pairs))
        flash(_("Your dashboard opens with this from now on."), "success")
        return redirect(here)
