"""What is wrong with a pricebook, before it is saved, and which of its rules can never win."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.rating.money import currency_problems, decimal_problems, percent_problems
from app.rating.pricebook import (
    UNIT_DECIMALS,
    UNIT_DIGITS,
    Book,
    MatchMode,
    PriceRule,
    RuleField,
    RuleKind,
    precedes,
)
from app.rating.problems import InvalidBook, Problem, ProblemCode, problem, within


def check_book(book: Book) -> None:
    """Refuse a book that has any problem (``InvalidBook``)."""
    found = book_problems(book)
    if found:
        raise InvalidBook(*found)


def book_problems(book: Book) -> tuple[Problem, ...]:
    """Return all that is wrong with a book; fields of its rules are written ``rules.4.value``, the first is 0."""
    found = [*percent_problems(book.percent, "percent", is_signed=True)]
    if book.currency:
        found += currency_problems(book.currency)
    for place, rule in enumerate(book.rules):
        found += within(f"rules.{place}", (*rule_problems(rule), *_twins(rule, book.rules[:place])))
    return tuple(found)


def rule_problems(rule: PriceRule) -> tuple[Problem, ...]:
    """Return all that is wrong with one rule by itself, by field."""
    return (*_value_problems(rule), *_name_problems(rule), *_month_problems(rule))


def _value_problems(rule: PriceRule) -> tuple[Problem, ...]:
    if rule.kind is RuleKind.DEFAULT:
        return () if rule.value is None else (problem(ProblemCode.NOT_WANTED, "value"),)
    if rule.value is None:
        return (problem(ProblemCode.MISSING, "value"),)
    if rule.kind is RuleKind.PERCENT:
        return percent_problems(rule.value, "value", is_signed=True)
    if rule.kind is RuleKind.FIXED and rule.value < 0:
        return (problem(ProblemCode.NEGATIVE, "value"),)
    return decimal_problems(rule.value, "value", decimals=UNIT_DECIMALS, digits=UNIT_DIGITS)


def _name_problems(rule: PriceRule) -> Iterator[Problem]:
    for name in (RuleField.SERVICE, RuleField.SKU, RuleField.REGION):
        if "*" in getattr(rule, name):
            yield problem(ProblemCode.WILDCARD_NOT_HERE, name)
    if rule.usage_type == "*":
        yield problem(ProblemCode.WILDCARD_ALONE, RuleField.USAGE_TYPE)
    elif "*" in rule.usage_type[:-1]:
        yield problem(ProblemCode.WILDCARD_INSIDE, RuleField.USAGE_TYPE)


def _month_problems(rule: PriceRule) -> tuple[Problem, ...]:
    return (problem(ProblemCode.END_BEFORE_START, "last_month"),) if rule.days.is_backwards else ()


def _twins(rule: PriceRule, earlier: tuple[PriceRule, ...]) -> Iterator[Problem]:
    if any(one.id == rule.id for one in earlier):
        yield problem(ProblemCode.DUPLICATE_ID, "id", id=rule.id)
    if any(one.position == rule.position for one in earlier):
        yield problem(ProblemCode.DUPLICATE_POSITION, "position", position=rule.position)


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A rule that can never win, because ``by`` matches all it matches, in all its months, and goes before it."""

    rule: PriceRule
    by: PriceRule
    #: Do both name the very same? Then it is a duplicate.
    is_duplicate: bool


def shadowed_rules(book: Book) -> tuple[Shadowed, ...]:
    """Return the rules of a book that can never win, each with the rule that stands before it; allowed, but marked."""
    return tuple(
        Shadowed(rule, by, _names(rule) == _names(by))
        for rule in sorted(book.rules, key=lambda one: (one.position, one.id))
        if (by := next((one for one in book.rules if _hides(book, one, rule)), None)) is not None
    )


def _hides(book: Book, by: PriceRule, rule: PriceRule) -> bool:
    """Does ``by`` win wherever ``rule`` matches?"""
    return (
        by is not rule
        and precedes(book, by, rule)
        and (book.match_mode is MatchMode.FIRST_BY_POSITION or _names(by) == _names(rule))
        and all(_covers(wide, narrow) for wide, narrow in zip(_names(by), _names(rule), strict=True))
        and by.days.covers(rule.days)
    )


def _names(rule: PriceRule) -> tuple[str, ...]:
    return tuple(getattr(rule, name) for name in RuleField)


def _covers(wide: str, narrow: str) -> bool:
    """Does the one name, or pattern, match all that the other matches?"""
    if wide.endswith("*"):
        return narrow.startswith(wide[:-1])
    return wide in ("", narrow)
