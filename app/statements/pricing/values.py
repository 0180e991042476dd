"""What goes into the pricing of a month, and what comes out of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.rating.assignments import Account
from app.rating.commitments import ProviderTerms, PurchaseMode, StatementKind
from app.rating.months import Days, last_day
from app.rating.pricebook import Book, Coefficients, PriceKey
from app.rating.usage import Basis, Treatment, UsageLine

#: Of rows that carry no amount (ISO 4217's code for that).
NO_CURRENCY = "XXX"
_ONE_DAY = datetime.timedelta(days=1)

Held = tuple[str, str]  # provider and account


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose usage is priced, and how: all that was agreed with one customer for the month.

    ``accounts``: each once; ``spans`` has the days of those that were the customer's more than once in the month.
    ``terms``: one per provider, none means the master.
    """

    id: int
    accounts: tuple[Account, ...]
    terms: tuple[ProviderTerms, ...] = ()
    mode: PurchaseMode = PurchaseMode.AMORTISED
    kind: StatementKind = StatementKind.USAGE
    spans: Mapping[Held, tuple[Days, ...]] = field(default_factory=dict)

    def days_of(self, account: Account) -> tuple[Days, ...]:
        return self.spans.get((account.provider, account.id), (account.days,))


def one_span(spans: Sequence[Days], month: datetime.date) -> Days:
    """Return one span of as many days of the month as several have together, from the first of them on."""
    if len(spans) == 1:
        return spans[0]
    whole = Days(month, last_day(month))
    parts = sorted(
        (one.together(whole) for one in spans if one.in_month(month)), key=lambda one: one.first or month
    )
    first = parts[0].first or month
    return Days(first, first + _ONE_DAY * (sum(one.in_month(month) for one in parts) - 1))


@dataclass(frozen=True, slots=True)
class Behind:
    """What the ``reference`` of a line says: its class, how many lines it sums up, and their unit ("": several)."""

    number: int
    lines: int
    unit: str

    def written(self) -> str:
        return f"{self.number}:{self.lines}:{self.unit}"

    @classmethod
    def read(cls, reference: str) -> Behind:
        number, lines, unit = reference.split(":", 2)
        return cls(int(number), int(lines), unit)


@dataclass(frozen=True, slots=True)
class PriceClass:
    """Rows that are priced alike: what they are, on which basis, and the two numbers of their price."""

    number: int
    sample: UsageLine
    treatment: Treatment
    coefficients: Coefficients
    book: Book
    seller_basis: Basis


@dataclass(frozen=True, slots=True)
class KeyedSum:
    """What a customer used of one thing that has one price, in one currency."""

    buyer: int
    key: PriceKey
    currency: str
    treatment: Treatment
    basis: Decimal
    quantity: Decimal
    effective_cost: Decimal
    billed_cost: Decimal
