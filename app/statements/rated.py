"""Statements of a month, computed: what was agreed meets the usage. Nothing is stored here."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from app.customers.models import Customer
from app.errors import DomainError, Invalid
from app.providers.models import Provider
from app.rating.commitments import StatementKind
from app.rating.months import month_after
from app.rating.problems import Problem, ProblemCode, RatingError
from app.rating.statement import USAGE_KINDS, RatedStatement, StatementInput, rate_statement
from app.shell.formats import month_text, reader_today
from app.statements.inputs import Agreed, agreed_with
from app.statements.month_usage import MonthUsage, open_month
from app.statements.pricing import MonthPricing
from app.usage.models import UsagePart
from app.usage.queries import awaited_provider_ids, closed_provider_ids


@dataclass(frozen=True, slots=True)
class Rated:
    """A statement as it would be today, with everything that it was made of.

    ``parts``: all that its providers delivered, by which it is computed again; ``own_parts`` those of them in which the
    customer has lines.
    """

    agreed: Agreed
    given: StatementInput
    statement: RatedStatement
    parts: tuple[UsagePart, ...]
    own_parts: tuple[UsagePart, ...]
    is_estimated: bool

    @property
    def customer(self) -> Customer:
        return self.agreed.customer

    @property
    def is_empty(self) -> bool:
        """Is there nothing to bill? A discount on nothing, and the tax on that, are nothing.

        Nor does a plan charge anything in a month without usage that was over before the customer was there: where an
        account is the customer's from the beginning, all months that were ever imported would be charged.
        """
        if any(one.kind in USAGE_KINDS for one in self.statement.lines):
            return False
        was_there = reader_today(self.customer.created_at) < month_after(self.agreed.month, 1)
        return not (was_there and any(one.amount for one in self.statement.lines))


class NotRated(Invalid):
    """What stands in the way of a statement; ``customer`` is whose.

    ``missing_rates``: the exchange rates that the month lacks, as pairs of currencies.
    """

    def __init__(self, refusal: RatingError, customer: Customer) -> None:
        super().__init__(problems_in_words(refusal))
        self.customer = customer
        found = [dict(one.parameters) for one in refusal.problems if one.code is ProblemCode.RATE_MISSING]
        self.missing_rates = [[str(one["from_currency"]), str(one["to_currency"])] for one in found]


def rate_month(
    customers: Sequence[Customer],
    month: datetime.date,
    kind: StatementKind = StatementKind.USAGE,
    *,
    provider: Provider | None = None,
    parts: Sequence[UsagePart] | None = None,
) -> Iterator[Rated | NotRated]:
    """Yield each customer's statement of a month, or what stands in its way, in the order of ``customers``.

    The usage is read once for all of them. ``parts``: these versions of it instead of those of today.
    """
    with open_month(month, provider, parts=parts, is_for_one=len(customers) == 1) as usage:
        agreed = agreed_with(customers, month, kind, provider=provider, payers=usage.payers)
        not_closed = awaited_provider_ids(month) - closed_provider_ids(month)
        pricing = pricing_of(usage, agreed)
        lines = pricing.lines()
        providers = [part.provider_id for part in usage.parts]
        # Where each provider delivered in one part, whoever has lines of it has them there.
        sources = pricing.sources() if len({*providers}) < len(providers) else {}
        for one in agreed:
            given = one.statement(lines[one.customer.id], usage.purchases)
            yield _rate(one, given, usage, not_closed, sources.get(one.customer.id))


def rate_one(
    customer: Customer,
    month: datetime.date,
    kind: StatementKind = StatementKind.USAGE,
    *,
    provider: Provider | None = None,
    parts: Sequence[UsagePart] | None = None,
) -> Rated:
    """Return one customer's statement of a month; raises what stands in its way."""
    [found] = rate_month([customer], month, kind, provider=provider, parts=parts)
    if isinstance(found, DomainError):
        raise found
    return found


def pricing_of(usage: MonthUsage, agreed: Sequence[Agreed]) -> MonthPricing:
    """Return the usage of a month, ready to be priced for some customers."""
    return MonthPricing(
        usage.connection,
        usage.month,
        [one.buyer for one in agreed],
        months=usage.open("months"),
        days=usage.open("days"),
        purchases=usage.purchases,
    )


def _rate(
    agreed: Agreed,
    given: StatementInput,
    usage: MonthUsage,
    not_closed: set[int],
    sources: Collection[tuple[str, str]] | None,
) -> Rated | NotRated:
    """``sources`` None: where its providers delivered."""
    try:
        statement = rate_statement(given)
    except RatingError as refusal:
        return NotRated(refusal, agreed.customer)
    used = {one.provider for one in given.lines}
    parts = tuple(one for one in usage.parts if one.provider.code in used)
    own = tuple(one for one in parts if sources is None or (one.provider.code, one.source) in sources)
    # What has not come at all can still come, so every provider of the customer's accounts counts.
    providers = {one.provider_id for one in parts} | {one.account.provider_id for one in agreed.held}
    is_estimated = not providers.isdisjoint(not_closed)
    return Rated(agreed, given, statement, parts, own, is_estimated)


def problems_in_words(refusal: RatingError) -> str:
    """Say what stands in the way of a statement."""
    return " ".join(dict.fromkeys(_words(one) for one in refusal.problems))


def _words(one: Problem) -> str:
    parameters = dict(one.parameters)
    if one.code is ProblemCode.RATE_MISSING:
        month = parameters["month"]
        return _(
            "There is no exchange rate from %(source)s to %(target)s for %(month)s.",
            source=parameters["from_currency"],
            target=parameters["to_currency"],
            month=month_text(month if isinstance(month, datetime.date) else None),
        )
    return _(
        "What was agreed does not fit together (%(field)s: %(code)s).", field=one.field, code=one.code.value
    )


def net_of(statement: RatedStatement) -> Decimal:
    """Return what a statement comes to before credits and tax."""
    return statement.usage_amount + statement.charges_amount + statement.adjustment_amount
