"""Budgets: what was spent of them, and who is told when a threshold is crossed (docs/reports.md#budgets)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.cloud_accounts.ownership import find_active_customer
from app.customers.models import Customer, CustomerStatus
from app.errors import Invalid
from app.extensions import db
from app.months.locks import hold_months
from app.rating.money import HUNDRED, ZERO, exactly, round_money
from app.rating.months import first_day, last_day, month_after
from app.reports.costs import By, Costs, Sums, Wanted, sums_by
from app.reports.models import Budget, BudgetBase, BudgetCrossing, BudgetPeriod
from app.reports.signals import budget_crossed
from app.shell.fields import normal_email
from app.tenancy.names import check_name_is_free

_ONE_DAY = datetime.timedelta(days=1)
_TENTH = Decimal("0.1")
_THRESHOLD = re.compile(r"(\d{1,12}(?:\.\d{1,2})?)\s*(%?)", re.ASCII)
MOST_THRESHOLDS, MOST_RECIPIENTS = 6, 20
#: The one threshold of a customer's spend.
CUSTOMER_THRESHOLD = "spend"


@dataclass(frozen=True, slots=True)
class Span:
    """A budget's period, both ends in it."""

    first: datetime.date
    last: datetime.date


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a budget is used. ``apart``: what is in it and could not be converted, by currency."""

    budget: Budget
    span: Span
    amount: Decimal
    apart: Mapping[str, Decimal]

    @property
    def percent(self) -> Decimal:
        """How much of it, in percent, rounded down: 100 % means that nothing is left."""
        return (self.amount * HUNDRED / self.budget.amount).quantize(_TENTH, ROUND_FLOOR)

    @property
    def left(self) -> Decimal:
        return self.budget.amount - self.amount

    @property
    def length(self) -> Decimal:
        """How long its bar is, from 0 to 100."""
        return min(max(self.percent, ZERO), HUNDRED)

    @property
    def crossed(self) -> list[str]:
        """The thresholds that it is over."""
        return [one for one in self.budget.thresholds if self.amount >= limit_of(self.budget, one)]


@exactly
def limit_of(budget: Budget, threshold: str) -> Decimal:
    """Return the amount at which a threshold is met."""
    if threshold.endswith("%"):
        return budget.amount * Decimal(threshold[:-1]) / HUNDRED
    return Decimal(threshold)


def span_on(budget: Budget, day: datetime.date) -> Span:
    """Return the period of a budget that a day is in; days of its own are always the same."""
    if budget.period is BudgetPeriod.CUSTOM:
        return Span(budget.first_on or day, budget.last_on or day)
    if budget.period is BudgetPeriod.WEEKLY:
        monday = day - day.weekday() * _ONE_DAY
        return Span(monday, monday + 6 * _ONE_DAY)
    months = {BudgetPeriod.MONTHLY: 1, BudgetPeriod.QUARTERLY: 3, BudgetPeriod.ANNUAL: 12}[budget.period]
    month = first_day(day)
    first = month_after(month, -((month.month - 1) % months))
    return Span(first, last_day(month_after(first, months - 1)))


def _spans_in(budget: Budget, month: datetime.date) -> Iterator[Span]:
    """List the periods that have days in a month and were not over when the budget was made."""
    day = month
    while day <= last_day(month):
        span = span_on(budget, day)
        is_in = span.first <= last_day(month) and month <= span.last
        if is_in and span.last >= budget.created_on:
            yield span
        if span.last < day:
            return
        day = span.last + _ONE_DAY


class _Sums:
    """The usage of periods, by customer and account: read once for all budgets of a period and currency."""

    def __init__(self) -> None:
        self._known: dict[tuple[datetime.date, datetime.date, str], Sums] = {}

    def of(self, span: Span, currency: str) -> Sums:
        name = span.first, span.last, currency
        if name not in self._known:
            wanted = Wanted(span.first, span.last)
            [self._known[name]] = sums_by(wanted, (By.CUSTOMER, By.ACCOUNT), currency=currency)
        return self._known[name]


def _spent(budget: Budget, span: Span, sums: _Sums) -> Spent:
    found = sums.of(span, budget.currency)
    amounts = {}
    for currency, some in found.items():
        costs = sum((one for key, one in some.items() if _counts(budget, key)), Costs())
        amount = costs.seller if budget.base is BudgetBase.SELLER else costs.customer
        amounts[currency] = round_money(amount, currency)
    own = amounts.pop(budget.currency, ZERO)
    return Spent(budget, span, own, {code: one for code, one in amounts.items() if one})


def _counts(budget: Budget, key: tuple[Any, ...]) -> bool:
    customer, (provider, account) = key
    return (
        budget.customer_id in (None, customer)
        and (budget.provider is None or budget.provider.code == provider)
        and budget.account in ("", account)
    )


def all_budgets() -> Sequence[Budget]:
    """Return the reseller's budgets by name."""
    return db.session.scalars(select(Budget).order_by(Budget.name, Budget.id)).unique().all()


def spent_now(budgets: Iterable[Budget], today: datetime.date) -> list[Spent]:
    """Return what was spent of each in the period that runs today."""
    sums = _Sums()
    return [_spent(one, span_on(one, today), sums) for one in budgets]


# -- changing --------------------------------------------------------------------------------------------------------


def create_budget(values: Mapping[str, Any], *, today: datetime.date) -> Budget:
    """Make a budget; ``values`` as its form has them."""
    check_name_is_free(db.session, Budget.name, values["name"])
    budget = Budget(**_checked(values), created_on=today)
    db.session.add(budget)
    db.session.flush()
    return budget


def change_budget(budget: Budget, values: Mapping[str, Any]) -> Budget:
    """Change a budget. Nobody is told again of a threshold that is as far behind as it was.

    One that lies ahead again, because there is more to spend, or because something else is counted, is told anew.
    """
    check_name_is_free(db.session, Budget.name, values["name"], besides=budget.id)
    changed = {name: value for name, value in _checked(values).items() if getattr(budget, name) != value}
    for name, value in changed.items():
        setattr(budget, name, value)
    db.session.flush()
    _forget_crossings(budget, all_of_them=not changed.keys() <= _COUNT_THE_SAME)
    return budget


#: What can change while a budget counts the same usage in the same periods.
_COUNT_THE_SAME = {"name", "amount", "thresholds", "recipients"}


def _forget_crossings(budget: Budget, *, all_of_them: bool) -> None:
    """Forget the notes of thresholds that lie ahead again."""
    noted = db.session.scalars(select(BudgetCrossing).where(BudgetCrossing.budget_id == budget.id)).all()
    for one in noted:
        if all_of_them or one.spent < limit_of(budget, one.threshold):
            db.session.delete(one)
    db.session.flush()


def delete_budget(budget: Budget) -> None:
    """Remove a budget and the notes of what was crossed."""
    db.session.execute(
        delete(BudgetCrossing)
        .where(BudgetCrossing.budget_id == budget.id)
        .execution_options(synchronize_session=False)
    )
    db.session.delete(budget)
    db.session.flush()


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    period = BudgetPeriod(values["period"])
    first, last = values.get("first_on"), values.get("last_on")
    if period is BudgetPeriod.CUSTOM:
        if first is None:
            raise Invalid(_("Enter the first day."), field="first_on")
        if last is None or last < first:
            raise Invalid(_("Enter a last day that is not before the first."), field="last_on")
        if month_after(first_day(first), 36) <= last:
            raise Invalid(_("Choose at most three years."), field="last_on")
    amount = values["amount"]
    if not amount:
        raise Invalid(_("Enter an amount above 0."), field="amount")
    named = (values.get("customer") or "").strip()
    customer = find_active_customer(named) if named else None
    return {
        "name": values["name"],
        "currency": values["currency"],
        "amount": amount,
        "base": BudgetBase(values["base"]),
        "period": period,
        "first_on": first if period is BudgetPeriod.CUSTOM else None,
        "last_on": last if period is BudgetPeriod.CUSTOM else None,
        "provider_id": values.get("provider_id") or None,
        "customer_id": customer.id if customer else None,
        "account": (values.get("account") or "").strip(),
        "thresholds": read_thresholds(values.get("thresholds_text") or ""),
        "recipients": _read_recipients(values.get("recipients_text") or ""),
    }


def read_thresholds(text: str) -> list[str]:
    """Return thresholds that people write as ``80 %, 5000``; raises ``Invalid`` for what is none."""
    found: list[str] = []
    for piece in re.split(r"[,;\n]", text):
        if not piece.strip():
            continue
        form = _THRESHOLD.fullmatch(piece.strip())
        value = Decimal(form[1]) if form else ZERO
        if form is None or not value or (form[2] and value > 1000):
            raise Invalid(
                _(
                    "Enter percentages and amounts separated by commas, such as %(example)s.",
                    example="80 %, 5000",
                ),
                field="thresholds_text",
            )
        written = f"{value.normalize():f}{form[2]}"
        if written not in found:
            found.append(written)
    if not found:
        raise Invalid(
            _("Enter at least one threshold, such as %(example)s.", example="100 %"), field="thresholds_text"
        )
    if len(found) > MOST_THRESHOLDS:
        raise Invalid(_("Enter at most %(n)s thresholds.", n=MOST_THRESHOLDS), field="thresholds_text")
    return found


def _read_recipients(text: str) -> list[str]:
    found: list[str] = []
    for piece in re.split(r"[,;\s]+", text.strip()):
        if not piece:
            continue
        try:
            address = normal_email(piece)
        except ValueError:
            raise Invalid(
                _("Enter email addresses in the form name@example.com, separated by commas."),
                field="recipients_text",
            ) from None
        if address not in found:
            found.append(address)
    if len(found) > MOST_RECIPIENTS:
        raise Invalid(_("Enter at most %(n)s addresses.", n=MOST_RECIPIENTS), field="recipients_text")
    return found


# -- watching --------------------------------------------------------------------------------------------------------


def is_anything_watched() -> bool:
    """Has the reseller any budget, or any customer with a spend threshold?"""
    for query in (select(Budget.id), select(Customer.id).where(Customer.spend_threshold_amount.is_not(None))):
        if db.session.scalars(query.limit(1)).first() is not None:
            return True
    return False


def check_budgets(months: Collection[datetime.date], *, now: datetime.datetime) -> list[BudgetCrossing]:
    """Note every threshold that usage of some months has crossed, and say so; what was noted before is not said again.

    Nobody else can note the same at once: the reseller's row is held until the commit.
    """
    sums = _Sums()
    found: list[BudgetCrossing] = []
    over = list(_over(months, sums))
    thresholds = list(_over_thresholds(months, sums))
    if not (over or thresholds):
        return []
    hold_months()
    known = {
        (one.budget_id, one.customer_id, one.first_on, one.threshold)
        for one in db.session.scalars(select(BudgetCrossing))
    }
    for spent, threshold in over:
        budget = spent.budget
        if (budget.id, None, spent.span.first, threshold) in known:
            continue
        crossing = _note(spent.span.first, threshold, budget.currency, spent.amount, now, budget_id=budget.id)
        known.add((budget.id, None, spent.span.first, threshold))
        found.append(crossing)
        budget_crossed.send(
            crossing,
            name=budget.name,
            whose=budget.customer.organization if budget.customer else "",
            limit=round_money(limit_of(budget, threshold), budget.currency),
            last=spent.span.last,
            recipients=tuple(budget.recipients),
            now=now,
        )
    for customer, month, amount in thresholds:
        if (None, customer.id, month, CUSTOMER_THRESHOLD) in known:
            continue
        currency = customer.spend_threshold_currency
        crossing = _note(month, CUSTOMER_THRESHOLD, currency, amount, now, customer_id=customer.id)
        found.append(crossing)
        budget_crossed.send(
            crossing,
            name="",
            whose=customer.organization,
            limit=customer.spend_threshold_amount,
            last=last_day(month),
            recipients=(),
            now=now,
        )
    return found


def _note(
    first: datetime.date,
    threshold: str,
    currency: str,
    amount: Decimal,
    now: datetime.datetime,
    **whose: int,
) -> BudgetCrossing:
    crossing = BudgetCrossing(
        first_on=first, threshold=threshold, currency=currency, spent=amount, crossed_at=now, **whose
    )
    db.session.add(crossing)
    db.session.flush()
    return crossing


def _over(months: Collection[datetime.date], sums: _Sums) -> Iterator[tuple[Spent, str]]:
    for budget in all_budgets():
        spans = {span for month in months for span in _spans_in(budget, month)}
        for span in sorted(spans, key=lambda one: one.first):
            spent = _spent(budget, span, sums)
            yield from ((spent, threshold) for threshold in spent.crossed)


def _over_thresholds(
    months: Collection[datetime.date], sums: _Sums
) -> Iterator[tuple[Customer, datetime.date, Decimal]]:
    """Customers whose month has met their spend threshold: in customer cost, as far as it can be converted."""
    query = select(Customer).where(
        Customer.spend_threshold_amount.is_not(None), Customer.status == CustomerStatus.ACTIVE
    )
    customers = db.session.scalars(query.order_by(Customer.id)).all()
    for month in sorted(months):
        for customer in customers:
            spent = month_spend(customer, month, sums)
            if spent >= (customer.spend_threshold_amount or ZERO) > 0:
                yield customer, month, spent


def month_spend(customer: Customer, month: datetime.date, sums: _Sums | None = None) -> Decimal:
    """Return what a customer spends in a month, in the currency of its threshold."""
    currency = customer.spend_threshold_currency
    found = (sums or _Sums()).of(Span(month, last_day(month)), currency)[currency]
    costs = sum((one for key, one in found.items() if key[0] == customer.id), Costs())
    return round_money(costs.customer, currency)
