"""What is printed of a statement: values alone, complete, and the same whatever the document's format.

A ``Paper`` is made of what an issued statement froze, or of a draft; ``documents`` turns it into PDF, CSV and XLSX. It
holds nothing that the customer must not see: no seller cost, no basis, no rule.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.rating.money import EXACT, check_currency, check_decimal, check_optional_decimal

PaperKind = Literal["usage", "fees", "credit_note"]
PageSize = Literal["A4", "Letter"]

#: A label with its value, both as they are printed.
Field = tuple[str, str]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a statement, as it was when the statement was issued."""

    name: str
    legal_name: str = ""
    address_lines: tuple[str, ...] = ()
    email: str = ""
    website: str = ""
    tax_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logo:
    """The seller's image: its bytes and ``image/png``, ``image/jpeg`` or ``image/webp``."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One printed amount. Unit price and percent are the customer's own; both may be missing."""

    text: str
    amount: Decimal
    detail: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    percent: Decimal | None = None

    def __post_init__(self) -> None:
        check_decimal(self.amount, "amount")
        check_optional_decimal(self.quantity, "quantity")
        check_optional_decimal(self.unit_price, "unit_price")
        check_optional_decimal(self.percent, "percent")


@dataclass(frozen=True, slots=True)
class PaperAccount:
    """The lines of one cloud account; without grouping by account there is one of these, with an empty title."""

    title: str
    subtotal: Decimal
    lines: tuple[PaperLine, ...]
    account_id: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """The usage of one provider."""

    title: str
    subtotal: Decimal
    accounts: tuple[PaperAccount, ...]


@dataclass(frozen=True, slots=True)
class PaperTax:
    """One tax rate and what it came to."""

    name: str
    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaperTotals:
    """The sums. ``charges`` are charges less discounts; ``credits`` is what they take off, 0 or less.

    ``before_tax`` is what the taxes were computed on, ``total`` what is to be paid.
    """

    usage: Decimal
    charges: Decimal
    adjustment: Decimal
    credits: Decimal
    before_tax: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that a document of a statement says.

    ``number`` is empty for a draft. ``charges`` (support among them), ``discounts``, ``adjustment`` and ``credits`` are
    lines with the sign with which they count.
    """

    language: str
    kind: PaperKind
    seller: Party
    buyer: Party
    currency: str
    month: datetime.date
    first_day: datetime.date
    last_day: datetime.date
    totals: PaperTotals
    page_size: PageSize = "A4"
    number: str = ""
    is_draft: bool = False
    is_void: bool = False
    is_estimated: bool = False
    logo: Logo | None = None
    accent: str = ""
    customer_number: str = ""
    external_id: str = ""
    header_fields: tuple[Field, ...] = ()
    issued_on: datetime.date | None = None
    due_on: datetime.date | None = None
    corrects_number: str = ""
    groups: tuple[PaperGroup, ...] = ()
    charges: tuple[PaperLine, ...] = ()
    discounts: tuple[PaperLine, ...] = ()
    adjustment: tuple[PaperLine, ...] = ()
    credits: tuple[PaperLine, ...] = ()
    taxes: tuple[PaperTax, ...] = ()
    exchange_rates: tuple[tuple[str, str, Decimal], ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        check_currency(self.currency)

    def usage_lines(self) -> Iterator[tuple[PaperGroup, PaperAccount, PaperLine]]:
        """Go through the usage as it is printed."""
        for group in self.groups:
            for account in group.accounts:
                for line in account.lines:
                    yield group, account, line

    def is_correction(self) -> bool:
        """Does it take back a part of another statement, and nothing else? Its line is then no discount."""
        return self.kind == "credit_note" and not (self.groups or self.charges)

    def credits_follow_tax(self) -> bool:
        """Are credits taken off after tax, so that they do not lower what is taxed?"""
        totals = self.totals
        return bool(totals.credits) and totals.before_tax == EXACT.add(
            EXACT.add(totals.usage, totals.charges), totals.adjustment
        )
