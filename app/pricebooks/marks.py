"""What a grid marks beside rules that may be saved: those that can never win, and services that nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from app.pricebooks.rows import NAMES
from app.rating.bookcheck import shadowed_rules
from app.rating.pricebook import Book, MatchMode, PriceRule


def rules_that_never_win(book: Book) -> dict[int, tuple[PriceRule, bool]]:
    """Return, by id, the rule that hides another one, and whether both name the very same.

    Where the most specific wins, only a rule that names the same can hide another: comparing those that do is quick.
    """
    parts: defaultdict[tuple[str, ...], list[PriceRule]] = defaultdict(list)
    for rule in book.rules:
        by_names = book.match_mode is MatchMode.MOST_SPECIFIC
        parts[tuple(getattr(rule, name) for name in NAMES) if by_names else ()].append(rule)
    return {
        found.rule.id: (found.by, found.is_duplicate)
        for rules in parts.values()
        if len(rules) > 1
        for found in shadowed_rules(replace(book, rules=tuple(rules)))
    }


def is_unknown_service(service: str, known: Sequence[str]) -> bool:
    """Does a rule name a service that the provider's list of services, if it has one, does not?"""
    return bool(service and known) and service not in known
