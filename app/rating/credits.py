"""Credits of a customer: oldest first, never below 0, the rest is carried over (docs/pricing.md#credits)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.rating.money import ZERO, check_currency, check_decimal, exactly, round_money
from app.rating.months import check_day, check_month
from app.rating.problems import InvalidCredit, ProblemCode, problem
from app.rating.reasons import Reason, ReasonCode, reason


@dataclass(frozen=True, slots=True)
class Credit:
    """What a customer may still use: ``remaining`` of what was granted, not before the statement of ``first_month``."""

    id: int
    remaining: Decimal
    currency: str
    granted_on: date
    first_month: date | None = None

    def __post_init__(self) -> None:
        check_currency(self.currency)
        check_decimal(self.remaining, "remaining")
        check_day(self.granted_on, "granted_on")
        if self.first_month is not None:
            check_month(self.first_month, "first_month")
        _check_amount(self.remaining, self.currency, "remaining")
        if self.remaining < 0:
            raise InvalidCredit(problem(ProblemCode.NEGATIVE, "remaining"))


class EntryKind(enum.StrEnum):
    """What happened to a credit. Entries are only ever added."""

    GRANTED = "granted"
    USED = "used"  # at issue
    RELEASED = "released"  # the statement that used it was voided
    REVERSED = "reversed"  # it was wrong


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of the ledger of credits. ``amount`` is above 0; its ``kind`` says whether it adds or takes."""

    credit_id: int
    kind: EntryKind
    amount: Decimal
    currency: str
    on: date
    first_month: date | None = None  # of a grant

    def __post_init__(self) -> None:
        check_currency(self.currency)
        check_decimal(self.amount, "amount")
        check_day(self.on, "on")
        _check_amount(self.amount, self.currency, "amount")
        if self.amount <= 0:
            raise InvalidCredit(problem(ProblemCode.NOT_POSITIVE, "amount"))

    @property
    def change(self) -> Decimal:
        """What it changes about what is left: used and reversed amounts are below 0."""
        takes = self.kind in (EntryKind.USED, EntryKind.REVERSED)
        return self.amount.copy_negate() if takes else self.amount


def _check_amount(amount: Decimal, currency: str, field: str) -> None:
    if round_money(amount, currency) != amount:
        raise InvalidCredit(problem(ProblemCode.NOT_ROUNDED, field, currency=currency))


@exactly
def credits_of(entries: Iterable[CreditEntry]) -> tuple[Credit, ...]:
    """Return what is left of each credit, used up ones too, oldest first.

    Refuses entries about a credit that was not granted, in another currency, or that take more than there is.
    """
    ledger = list(entries)
    granted = {one.credit_id: one for one in ledger if one.kind is EntryKind.GRANTED}
    left = dict.fromkeys(granted, ZERO)
    for entry in ledger:
        if entry.credit_id not in granted:
            raise InvalidCredit(problem(ProblemCode.UNKNOWN_CREDIT, "credit_id", id=entry.credit_id))
        expected = granted[entry.credit_id].currency
        if entry.currency != expected:
            raise InvalidCredit(
                problem(ProblemCode.CURRENCY_DIFFERS, "currency", expected=expected, given=entry.currency)
            )
        left[entry.credit_id] += entry.change
    found = [
        Credit(one.credit_id, left[one.credit_id], one.currency, one.on, one.first_month)
        for one in granted.values()
    ]
    return tuple(sorted(found, key=_age))


def reversal_of(credit: Credit, amount: Decimal, on: date) -> CreditEntry:
    """Return the entry that takes a wrong credit back, in whole or in part; never more than is left of it."""
    entry = CreditEntry(credit.id, EntryKind.REVERSED, amount, credit.currency, on)
    if amount > credit.remaining:
        raise InvalidCredit(problem(ProblemCode.REVERSAL_TOO_LARGE, "amount", remaining=credit.remaining))
    return entry


@dataclass(frozen=True, slots=True)
class CreditUse:
    """What a statement uses of a credit, above 0, and what of it is carried over."""

    credit: Credit
    amount: Decimal
    remaining: Decimal

    def entry(self, on: date) -> CreditEntry:
        """Return the line for the ledger, to be written at issue."""
        return CreditEntry(self.credit.id, EntryKind.USED, self.amount, self.credit.currency, on)


@dataclass(frozen=True, slots=True)
class CreditUnused:
    """A credit that a statement leaves alone, and why."""

    credit: Credit
    reason: Reason


@dataclass(frozen=True, slots=True)
class CreditPlan:
    """What a statement uses, oldest first, and what it leaves."""

    uses: tuple[CreditUse, ...] = ()
    unused: tuple[CreditUnused, ...] = ()


def _age(credit: Credit) -> tuple[date, int]:
    return credit.granted_on, credit.id


@exactly
def use_credits(credits: Iterable[Credit], due: Decimal, currency: str, month: date) -> CreditPlan:
    """Return which credits pay how much of what is due: the oldest first, nothing where nothing is due.

    A credit in another currency waits for a statement in its own; one with a later first month waits for that.
    """
    uses: list[CreditUse] = []
    unused: list[CreditUnused] = []
    for credit in sorted((one for one in credits if one.remaining), key=_age):
        amount = min(credit.remaining, due)
        if credit.currency != currency:
            unused.append(CreditUnused(credit, reason(ReasonCode.OTHER_CURRENCY, currency=credit.currency)))
        elif credit.first_month is not None and credit.first_month > month:
            unused.append(CreditUnused(credit, reason(ReasonCode.NOT_YET, first_month=credit.first_month)))
        elif amount <= 0:
            unused.append(CreditUnused(credit, reason(ReasonCode.NOTHING_LEFT_TO_PAY)))
        else:
            due -= amount
            # As they are printed: what was stored may carry more zeros than the currency has decimals.
            left = round_money(credit.remaining - amount, currency)
            uses.append(CreditUse(credit, round_money(amount, currency), left))
    return CreditPlan(tuple(uses), tuple(unused))
