"""Billing > Months: which months of a provider are complete and closed."""

from __future__ import annotations

import datetime
import re
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import NotVisible, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.shell.formats import month_text, reader_today
from app.shell.pages import PageView
from app.usage import overview, services

#: How many months stand on one page.
MONTHS_PER_PAGE = 12


class ProviderMonthsView(PageView):
    """Months of providers: open or closed."""

    route_base = "/billing/months"
    class_permission_name = "ProviderMonths"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        return self._page()

    def _page(self, refusal: WrongState | None = None) -> Any:
        today = reader_today()
        months = overview.months_to_show(today=today)
        page = small_number(request.args.get("page", ""), largest=1000) or 0
        shown = months[page * MONTHS_PER_PAGE : (page + 1) * MONTHS_PER_PAGE]
        body = self.render_template(
            "usage/months.html",
            months=overview.months_page(shown, today=today),
            total=len(months),
            page=page,
            page_size=MONTHS_PER_PAGE,
            refusal=refusal,
        )
        return body, refusal.status if refusal else 200

    @expose("/<string:month>/<string:code>/close/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def close(self, month: str, code: str) -> Any:
        day, provider = _month(month), _provider(code)
        try:
            with unit_of_work(db.session):
                services.close_month(provider, day, now=utc_now())
        except WrongState as refusal:
            return self._page(refusal)
        flash(_("%(month)s of %(provider)s is closed.", month=month_text(day), provider=provider), "success")
        return redirect(url_for("ProviderMonthsView.list"))

    @expose("/<string:month>/<string:code>/open/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def open(self, month: str, code: str) -> Any:
        day, provider = _month(month), _provider(code)
        try:
            with unit_of_work(db.session):
                services.open_month(provider, day, now=utc_now())
        except WrongState as refusal:
            return self._page(refusal)
        flash(
            _("%(month)s of %(provider)s is open again.", month=month_text(day), provider=provider), "success"
        )
        return redirect(url_for("ProviderMonthsView.list"))


def _month(text: str) -> datetime.date:
    form = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    if form is None:
        raise NotVisible
    return datetime.date(int(form[1]), int(form[2]), 1)


def _provider(code: str) -> Provider:
    """Return a provider of the page: one that is resold, or that something was imported of."""
    found = db.session.scalars(select(Provider).where(Provider.code == code)).one_or_none()
    if found is None or not overview.is_shown(found):
        raise NotVisible
    return found
