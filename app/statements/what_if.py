"""What a change would have meant for a customer in the last imported month: a statement computed twice, none stored."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.charges.models import ChargePlan, Level
from app.charges.rating import plans_in
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.pricebooks.models import Pricebook
from app.pricebooks.rating import books_in
from app.providers.models import Provider
from app.rating.assignments import Assignment
from app.rating.commitments import ProviderTerms, StatementKind
from app.rating.money import ZERO, exactly
from app.rating.problems import RatingError
from app.rating.statement import RatedStatement, rate_statement
from app.rating.usage import LineKind
from app.statements.inputs import Agreed, agreed_with
from app.statements.kept_usage import MonthFacts, facts_of, lines_of
from app.statements.rated import NotRated, net_of
from app.usage.queries import last_imported_month

#: What is changed, of all that was agreed with a customer.
Change = Callable[[Agreed], Agreed]
_NO_NAMES: Mapping[tuple[str, str], str] = {}


@dataclass(slots=True)
class Compared:
    """An amount before and after."""

    before: Decimal = ZERO
    after: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(slots=True)
class ComparedLine(Compared):
    """A printed line before and after. ``text``: name of the plan or tax; empty for usage."""

    kind: LineKind = LineKind.USAGE
    provider: str = ""
    account: str = ""
    service: str = ""
    text: str = ""
    percents: tuple[Decimal | None, Decimal | None] = (None, None)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A month before and after. ``moved``: the lines that change, in their order; ``kept``: those that stay.

    ``net`` is before credits and tax; margin is what of it is left over ``seller_cost``.
    """

    month: datetime.date
    currency: str
    total: Compared
    net: Compared
    seller_cost: Compared
    moved: tuple[ComparedLine, ...]
    kept: Compared = field(default_factory=Compared)
    kept_count: int = 0

    @property
    def margin(self) -> Compared:
        return Compared(self.net.before - self.seller_cost.before, self.net.after - self.seller_cost.after)


def month_of_comparison(today: datetime.date) -> datetime.date | None:
    """Return the last month that is over and has usage, else the one that runs; None where nothing was imported."""
    return last_imported_month(before=today.replace(day=1)) or last_imported_month()


def compare(customer: Customer, month: datetime.date, change: Change) -> WhatIf:
    """Return a customer's statement of a month as it is and as it would be.

    Raises ``Invalid`` where either cannot be computed, in the words that a draft is refused with.
    """
    facts = facts_of(month)
    [agreed] = agreed_with([customer], month, StatementKind.USAGE, payers=facts.payers)
    changed = change(agreed)
    before = _rated(agreed, facts)
    after = before if changed == agreed else _rated(changed, facts)
    names = {(one.account.provider.code, one.account.account_id): one.account.name for one in agreed.held}
    return compared(before, after, names)


def _rated(agreed: Agreed, facts: MonthFacts) -> RatedStatement:
    lines = lines_of(facts, agreed.buyer)
    try:
        return rate_statement(agreed.statement(lines, facts.purchases))
    except RatingError as refusal:
        raise NotRated(refusal, agreed.customer) from None


@exactly
def compared(
    before: RatedStatement, after: RatedStatement, names: Mapping[tuple[str, str], str] = _NO_NAMES
) -> WhatIf:
    """Return two statements of the same month side by side, line by line. ``names``: those of the accounts."""
    found: dict[tuple[object, ...], ComparedLine] = {}
    for statement, place in ((before, 0), (after, 1)):
        for one in statement.lines:
            # There is one adjustment; its percentage is no part of what it is.
            name = (one.kind, one.provider, one.account, one.service, one.subject, one.text)
            line = found.setdefault(
                name,
                ComparedLine(
                    kind=one.kind,
                    provider=one.provider,
                    account=names.get((one.provider, one.account)) or one.account,
                    service=one.service,
                    text=one.text,
                ),
            )
            if place:
                line.after += one.amount
                line.percents = (line.percents[0], one.rate)
            else:
                line.before += one.amount
                line.percents = (one.rate, line.percents[1])
    order = list(LineKind)
    lines = sorted(
        found.values(), key=lambda one: (order.index(one.kind), one.provider, one.account, one.service)
    )
    moved = tuple(one for one in lines if one.change)
    kept = [one for one in lines if not one.change]
    same = sum((one.after for one in kept), ZERO)
    return WhatIf(
        month=before.month,
        currency=before.currency,
        total=Compared(before.total, after.total),
        net=Compared(net_of(before), net_of(after)),
        seller_cost=Compared(before.seller_cost, after.seller_cost),
        moved=moved,
        kept=Compared(same, same),
        kept_count=len(kept),
    )


# -- what can be changed -------------------------------------------------------------------------------------------


def other_adjustment(percent: Decimal) -> Change:
    """Return the change to another global discount or uplift."""
    return lambda agreed: replace(agreed, adjustment_percent=percent)


def other_terms(provider: Provider, book: Pricebook | None, passed: Mapping[str, bool]) -> Change:
    """Return the change to another pricebook (None: the master) and other switches at a provider.

    ``passed``: whether reserved instances, savings plans and provider credits reach the customer. Accounts with a
    pricebook of their own keep it.
    """

    def change(agreed: Agreed) -> Agreed:
        if book is None:
            rated = None
        else:
            # The same object as before where nothing changes, so that nothing is computed twice.
            rated = agreed.books.get(book.id) or books_in([book], agreed.month)[book.id]
        known = {one.provider: one for one in agreed.terms}
        terms = known.get(provider.code) or ProviderTerms(
            provider.code,
            includes_marketplace=agreed.options.includes_marketplace,
            seller_cost=agreed.options.seller_cost(provider),
        )
        known[provider.code] = replace(
            terms,
            book=rated,
            passes_reserved=passed["pass_reserved_instances"],
            passes_savings_plans=passed["pass_savings_plans"],
            passes_credits=passed["pass_provider_credits"],
        )
        return replace(agreed, terms=tuple(known.values()))

    return change


def other_plan(
    plan: ChargePlan,
    *,
    level: Level = Level.CUSTOMER,
    accounts: tuple[CloudAccount, ...] = (),
    group_id: int | None = None,
    instead_of: int | None = None,
) -> Change:
    """Return the change to one more plan, or to this plan in the place of the assignment ``instead_of``.

    A support plan takes the place of the one that the same target has: two are never allowed.
    """

    def change(agreed: Agreed) -> Agreed:
        rated = plans_in([plan], agreed.month).get(plan.id)
        if rated is None:
            return agreed
        assigned = list(agreed.charges.assignments)
        if instead_of is not None:
            kept = [replace(one, plan=rated) if one.id == instead_of else one for one in assigned]
        else:
            new = [
                Assignment(-place, rated, level, plan.provider.code, account, group)
                for place, (account, group) in enumerate(_targets(level, accounts, group_id), start=1)
            ]
            taken = {(one.level, one.provider, one.account, one.group) for one in new}
            kept = [
                one
                for one in assigned
                if not (rated.is_support and one.plan.is_support and _target(one) in taken)
            ]
            kept += new
        return replace(agreed, charges=replace(agreed.charges, assignments=tuple(kept)))

    return change


def _target(one: Assignment) -> tuple[Level, str, str | None, int | None]:
    return one.level, one.provider, one.account, one.group


def _targets(
    level: Level, accounts: tuple[CloudAccount, ...], group_id: int | None
) -> list[tuple[str | None, int | None]]:
    if level is Level.ACCOUNT:
        return [(one.account_id, None) for one in accounts]
    return [(None, group_id if level is Level.GROUP else None)]
