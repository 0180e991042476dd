"""Settings > Billing > Exchange Rates."""

from __future__ import annotations

import datetime
import re
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.errors import DomainError
from app.exchange_rates import services
from app.exchange_rates.forms import ExchangeRateForm
from app.exchange_rates.models import ExchangeRate
from app.exchange_rates.queries import months_with_rates, rows_of
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.places import currency_codes
from app.kernel.unit_of_work import unit_of_work
from app.rating.months import first_day, month_after
from app.shell.crud import Interface
from app.shell.formats import month_text
from app.shell.settings_area import SettingsModelView

#: How far back a rate can be entered.
_BACK, _AHEAD = 36, 3
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def _month(text: str) -> datetime.date | None:
    """The month of an address; None for none, 400 for what no link of ours carries."""
    if not text:
        return None
    if not _MONTH.fullmatch(text):
        abort(400)
    return datetime.date(int(text[:4]), int(text[5:]), 1)


def _currency(code: str) -> str:
    """The currency of an address; 400 for what no link of ours carries."""
    if code and code not in currency_codes():
        abort(400)
    return code


class ExchangeRateModelView(SettingsModelView):
    """The reseller's exchange rates."""

    datamodel = Interface(ExchangeRate)
    route_base = "/settings/exchange-rates"
    class_permission_name = "ExchangeRates"
    form = ExchangeRateForm
    list_columns = ["month"]
    search_columns = ["month"]
    list_title = _l("Exchange Rates")
    add_title = _l("Add exchange rate")
    edit_title = _l("Edit exchange rate")
    add_save_label = _l("Save exchange rate")
    edit_save_label = _l("Save exchange rate")
    add_fieldsets = edit_fieldsets = [
        (
            _l("Rate"),
            {
                "fields": ["month", "from_currency", "to_currency", "rate"],
                "text": _l(
                    "Applied before rounding and printed on the statement. The way back is a rate of its own."
                ),
                "widths": {"month": 3, "from_currency": 3, "to_currency": 3, "rate": 3},
            },
        ),
    ]

    @expose("/")
    @has_access
    def list(self) -> Any:
        month = _month(request.args.get("month", ""))
        months = months_with_rates()
        now = first_day(utc_now().date())
        latest = next((one for one in months if one < now), None)
        return self.render_template(
            "exchange_rates/list.html",
            title=self.list_title,
            rows=rows_of(month),
            month=month,
            months=months,
            copy=(latest, month_after(latest, 1)) if latest else None,
            crumbs=self.crumbs,
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
        )

    @expose("/copy", methods=["POST"])
    @has_access
    @permission_name("add")
    def copy(self) -> Any:
        """Take the rates of a month over into the next one."""
        source = _month(request.form.get("month", ""))
        if source is None:
            abort(400)
        try:
            with unit_of_work(db.session):
                copied = services.copy_rates(source, month_after(source, 1))
        except DomainError as refusal:
            return self._refused(refusal)
        target = month_text(month_after(source, 1))
        flash(
            ngettext(
                "%(num)s rate was taken over into %(month)s. Check it.",
                "%(num)s rates were taken over into %(month)s. Check them.",
                copied,
                month=target,
            ),
            "success",
        )
        return redirect(url_for("ExchangeRateModelView.list"))

    def row_name(self, row: Any) -> str:
        return _(
            "%(source)s to %(target)s in %(month)s",
            source=row.from_currency,
            target=row.to_currency,
            month=month_text(row.month),
        )

    def prepare(self, form: Any, row: Any) -> None:
        last = month_after(first_day(utc_now().date()), -1)
        if row is None and request.method == "GET":
            usual = services.usual_pair()
            asked = [_currency(request.args.get(name, "")) for name in ("from", "to")]
            form.from_currency.data, form.to_currency.data = asked if all(asked) else usual
            last = _month(request.args.get("month", "")) or last
        form.month.offer(back=_BACK, ahead=_AHEAD, given=row.month if row else None, usual=last)

    def create(self, form: Any) -> ExchangeRate:
        return services.add_rate({**form.data, "month": form.month.month})

    def change(self, row: ExchangeRate, form: Any) -> ExchangeRate:
        return services.change_rate(row, {**form.data, "month": form.month.month})

    def remove(self, row: ExchangeRate) -> None:
        services.delete_rate(row)
