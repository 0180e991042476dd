"""How the change log tells of rules: one entry for a book, with a line for every rule that was touched."""

from __future__ import annotations

from collections.abc import Iterable

from app.audit.vocabulary import RULE
from app.pricebooks.rows import NAMES, month_cell, plain_number
from app.rating.pricebook import PriceRule

Pair = tuple[PriceRule | None, PriceRule | None]


def told_rules(pairs: Iterable[Pair], counts: tuple[int, int]) -> dict[str, list[str | None]]:
    """Return changes for ``audit.record``: the number of rules before and after, then rule by rule.

    What a rule names is the name of its line; where that is changed itself, one line goes and another comes.
    """
    told: dict[str, list[str | None]] = {}
    if counts[0] != counts[1]:
        told["rules"] = [str(counts[0]), str(counts[1])]
    for before, after in pairs:
        if before is not None and after is not None and named(before) == named(after):
            _tell(told, named(before), said(before), said(after))
            continue
        if before is not None:
            _tell(told, named(before), said(before), None)
        if after is not None:
            _tell(told, named(after), None, said(after))
    return told


def _tell(told: dict[str, list[str | None]], name: str, before: str | None, after: str | None) -> None:
    key, number = f"{RULE}{name}", 2
    while key in told:  # two rules may name the same, in other months
        key, number = f"{RULE}{name} ({number})", number + 1
    told[key] = [before, after]


def named(rule: PriceRule) -> str:
    """Return ``Amazon EC2 · eu-central-1``; nothing for a rule that names nothing."""
    return " · ".join(text for name in NAMES if (text := getattr(rule, name)))


def said(rule: PriceRule) -> str:
    """Return ``percent -10 2026-11/``: the kind, as words.py knows it, then value and months."""
    parts = [rule.kind.value]
    if rule.value is not None:
        parts.append(plain_number(rule.value))
    if rule.first_month or rule.last_month:
        parts.append(f"{month_cell(rule.first_month)}/{month_cell(rule.last_month)}")
    return " ".join(parts)
