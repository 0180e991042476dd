"""What the start page and customers' pages say of money: what is spent, and what decisions that are left open cost.

The figures are those of reports: nothing here prices anything, so they cost what a report of one month costs.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.charges.support import accounts_without_support
from app.customers.models import Customer
from app.errors import DomainError
from app.rating.money import ZERO, round_money
from app.rating.months import first_day, last_day
from app.reports.costs import By, Costs, Key, Wanted, sums_by, total
from app.reports.dashboard import days_of, forecast_of, last_with_data
from app.reports.figures import amount_in
from app.reports.periods import PeriodKey
from app.reports.priced_months import months_now
from app.reports.support_costs import BY, Support, support_costs
from app.shell.context import sees_margin
from app.shell.formats import date_text, integer_text, money_text, month_text, reader_today, share_text


class _Month:
    """A month by customer, provider and account, in one currency, read once in a request."""

    def __init__(self, month: datetime.date, customer_id: int | None) -> None:
        self.month = month
        ids = None if customer_id is None else (customer_id,)
        [sums] = sums_by(Wanted(month, last_day(month), customer_ids=ids), BY)
        self.currency = next(iter(sums))
        self.sums: Mapping[Key, Costs] = sums[self.currency]

    def of(self, customer_id: int, providers: Collection[str] = ()) -> Costs:
        """Return what one customer has, of some providers (none: all)."""
        own = (
            one
            for (_month, customer, provider, _account), one in self.sums.items()
            if customer == customer_id and (not providers or provider in providers)
        )
        return sum(own, Costs())

    def support(self, accounts: Collection[tuple[int, str, str]]) -> Support:
        """Return what support of these accounts costs the reseller, about."""
        found = Support()
        for one in support_costs(self.sums, self.currency, accounts).values():
            found.amount += one.amount
            found.plans |= one.plans
        return found


def _last_month(customer_id: int | None = None) -> _Month | None:
    """Return the latest month with usage that is over; None without one, or while its files are being replaced."""
    known: dict[int | None, _Month | None] = g.setdefault("spending_months", {})
    if customer_id not in known:
        this_month = first_day(reader_today())
        month = max((one for one in months_now().months if one < this_month), default=None)
        try:
            known[customer_id] = None if month is None else _Month(month, customer_id)
        except DomainError:
            known[customer_id] = None
    return known[customer_id]


def home_figures() -> list[dict[str, Any]]:
    """Return the running month and the last one, for who may see reports; nothing before the first bill."""
    if not sees_margin():
        return []
    found: list[dict[str, Any]] = []
    try:
        found += _running()
    except DomainError:
        return []
    last = _last_month()
    if last is not None:
        costs, month = total(last.sums), month_text(last.month)
        own: dict[str, Any] = {
            "period": PeriodKey.CUSTOM.value,
            "from": last.month.isoformat(),
            "to": last_day(last.month).isoformat(),
        }
        margin = share_text(costs.margin_percent)
        found += [
            {
                "label": _("Customer cost, %(month)s", month=month),
                "value": amount_in(costs.customer, last.currency),
                "unit": last.currency,
                "url": url_for("DashboardView.show", **own),
                "note": _("seller cost %(amount)s", amount=_text(costs.seller, last.currency)),
            },
            {
                "label": _("Margin, %(month)s", month=month),
                "value": amount_in(costs.margin, last.currency),
                "unit": last.currency,
                "tone": "danger" if costs.margin < 0 else "",
                "url": url_for("MarginReportView.show", **own),
                "note": _("%(percent)s of customer cost", percent=margin) if margin else "",
            },
        ]
    return found


def _running() -> list[dict[str, Any]]:
    month = first_day(reader_today())
    if month not in months_now().months:
        return []
    [sums] = sums_by(Wanted(month, last_day(month)), (By.DAY, By.PROVIDER))
    currency = next(iter(sums))
    days = days_of(month, sums[currency])
    last = last_with_data(days)
    if last is None:
        return []
    so_far, forecast = total(sums[currency]).customer, forecast_of(month, days)
    dashboard = url_for("DashboardView.show", period=PeriodKey.MONTH_TO_DATE.value)
    found = [
        {
            "label": _("Customer cost, month to date"),
            "value": amount_in(so_far, currency),
            "unit": currency,
            "url": dashboard,
            "note": _("usage up to %(day)s", day=date_text(last)),
        }
    ]
    if forecast is not None:
        count = integer_text(forecast.days_with_data)
        found.append(
            {
                "label": _("Forecast of the running month"),
                "value": amount_in(forecast.amount, currency),
                "unit": currency,
                "url": dashboard,
                "note": ngettext(
                    "straight on from %(count)s day with data",
                    "straight on from %(count)s days with data",
                    forecast.days_with_data,
                    count=count,
                ),
            }
        )
    return found


def cost_of_no_provider(customer: Customer) -> str:
    """Say what a customer used that may buy nothing; "" where that is nothing, or not for the person to see."""
    last = _last_month_of(customer)
    costs = last.of(customer.id) if last else Costs()
    if last is None or not costs.seller:
        return ""
    amount = _text(costs.seller, last.currency)
    return _("%(month)s cost you %(amount)s.", month=month_text(last.month), amount=amount)


def cost_of_no_pricebook(customer: Customer) -> str:
    """Say what is sold at list price, and what is left of it."""
    on_master = {
        one.provider.code for one in customer.enablements if one.is_authorised and not one.pricebook_id
    }
    last = _last_month_of(customer) if on_master else None
    costs = last.of(customer.id, on_master) if last else Costs()
    if last is None or not costs.customer:
        return ""
    return _(
        "%(month)s: %(amount)s, of which %(margin)s was left to you.",
        month=month_text(last.month),
        amount=_text(costs.customer, last.currency),
        margin=_text(costs.margin, last.currency),
    )


def cost_of_no_support(customer: Customer) -> str:
    """Say what support of accounts without a plan costs the reseller, about."""
    last = _last_month_of(customer)
    support = last.support(accounts_without_support(customer)) if last else Support()
    if last is None or not support.amount:
        return ""
    return _(
        "%(month)s: about %(amount)s, by the table of %(plan)s.",
        month=month_text(last.month),
        amount=_text(support.amount, last.currency),
        plan=", ".join(sorted(support.plans)),
    )


def _last_month_of(customer: Customer) -> _Month | None:
    return _last_month(customer.id) if sees_margin() else None


def attention_to_support() -> tuple[str, object] | None:
    """Return what all missing support plans cost, about, in a month."""
    last = _last_month() if sees_margin() else None
    amount = last.support(accounts_without_support()).amount if last is not None else ZERO
    if last is None or not amount:
        return None
    return _text(amount, last.currency), _("about, in %(month)s", month=month_text(last.month))


def _text(amount: Decimal, currency: str) -> str:
    return money_text(round_money(amount, currency), currency)
