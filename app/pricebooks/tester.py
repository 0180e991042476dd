"""One price, explained: which rule of a book wins for a key in a month, and why each other one does not."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.pricebooks.log import named
from app.pricebooks.rows import LABELS, kind_word
from app.rating.money import exactly
from app.rating.pricebook import (
    Book,
    Coefficients,
    LossCode,
    Lost,
    PriceKey,
    PriceRule,
    RuleKind,
    customer_cost,
    resolve,
)
from app.shell.formats import exact_text, month_text, signed_percent_text

_WHY: dict[LossCode, object] = {
    LossCode.DOES_NOT_MATCH: _l("%(field)s is another one"),
    LossCode.LESS_SPECIFIC: _l("Less specific than the winner: %(field)s"),
    LossCode.LATER: _l("As specific as the winner, but after it"),
    LossCode.PERCENT_ONLY: _l("A price per unit, on a row that takes percentages only"),
    LossCode.NOT_NAMING: _l("Names neither service nor SKU of a marketplace row"),
    LossCode.NO_RULES: _l("The row passes whole, whatever the pricebook says"),
}


@dataclass(frozen=True, slots=True)
class Loser:
    """A rule that did not win: its number in the list, what it says, and why."""

    number: int
    rule: PriceRule
    matches: bool
    why: str


@dataclass(frozen=True, slots=True)
class Tested:
    """A customer's price, how it comes about, and who lost."""

    basis: Decimal
    price: Decimal
    arithmetic: str
    winner: PriceRule | None
    number: int | None
    losers: list[Loser]


@exactly
def tested(book: Book, key: PriceKey, month: datetime.date, list_price: Decimal, quantity: Decimal) -> Tested:
    """Return the customer's price of a quantity at a list price per unit."""
    numbers = {rule.id: number for number, rule in enumerate(book.rules, start=1)}
    found = resolve(book, key, month)
    basis = list_price * quantity
    losers = [
        Loser(
            numbers[one.rule.id],
            one.rule,
            one.code in (LossCode.LESS_SPECIFIC, LossCode.LATER),
            _why(one, found.winner, numbers),
        )
        for one in found.lost
    ]
    return Tested(
        basis,
        customer_cost(found.coefficients, basis, quantity),
        _arithmetic(book, found.coefficients, basis, quantity),
        found.winner,
        numbers[found.winner.id] if found.winner else None,
        losers,
    )


def _why(lost: Lost, winner: PriceRule | None, numbers: dict[int, int]) -> str:
    if lost.code is LossCode.NOT_IN_FORCE:
        return months_text(lost.rule)
    field = str(LABELS[lost.field]) if lost.field else ""
    if lost.code is LossCode.LATER and winner is not None:
        return _("Also matches, but rule %(n)s comes first", n=numbers[winner.id])
    return str(_WHY[lost.code]) % {"field": field}


def months_text(rule: PriceRule) -> str:
    """Say in which months a rule holds."""
    first, last = rule.first_month, rule.last_month
    if first and last:
        return _("Holds from %(first)s to %(last)s", first=month_text(first), last=month_text(last))
    if first:
        return _("Holds from %(first)s", first=month_text(first))
    return _("Holds to %(last)s", last=month_text(last)) if last else _("Holds in every month")


def rule_text(rule: PriceRule, currency: str) -> str:
    """Return ``Amazon EC2 · eu-central-1: −10 %``: what a rule names and does."""
    if rule.value is None:
        does = kind_word(rule.kind)
    elif rule.kind is RuleKind.PERCENT:
        does = signed_percent_text(rule.value)
    else:
        does = f"{kind_word(rule.kind)} {currency}\u00a0{exact_text(rule.value)}"
    return f"{named(rule) or _('All usage')}: {does}"


def _arithmetic(book: Book, numbers: Coefficients, basis: Decimal, quantity: Decimal) -> str:
    parts = []
    if numbers.per_cost == 1:
        parts.append(exact_text(basis))
    elif numbers.per_cost:
        parts.append(f"{exact_text(numbers.per_cost)} × {exact_text(basis)}")
    if numbers.per_unit:
        sign = " − " if numbers.per_unit < 0 and parts else " + " if parts else ""
        value = abs(numbers.per_unit) if parts else numbers.per_unit
        parts.append(f"{sign}{exact_text(value)} × {exact_text(quantity)}")
    total = customer_cost(numbers, basis, quantity)
    return f"{''.join(parts) or exact_text(basis * 0)} = {exact_text(total)}"
