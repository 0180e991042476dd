"""Whatever is done to a grid: earlier months keep their prices, later ones have those of the grid."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from app.pricebooks.changes import Plan, plan_changes
from app.pricebooks.rows import ReadRows, RuleRow, cells_of, read_rows
from app.rating.pricebook import Book, MatchMode, PriceKey, PriceRule, Resolver, RuleKind

MONTHS = [datetime.date(2026, number, 1) for number in range(7, 13)]
COUNTS_FROM = datetime.date(2026, 10, 1)
KEYS = [PriceKey(service, "", region) for service in ("A", "B") for region in ("x", "y")]


def invented(chance: random.Random, number: int) -> PriceRule:
    first, last = sorted(chance.sample(MONTHS, 2))
    return PriceRule(
        id=number,
        position=number,
        kind=RuleKind.PERCENT,
        value=Decimal(chance.randint(-50, 50)),
        service=chance.choice(["", "A", "B"]),
        region=chance.choice(["", "x", "y"]),
        first_month=chance.choice([None, first]),
        last_month=chance.choice([None, None, last]),
    )


def edited(chance: random.Random, old: Sequence[PriceRule]) -> list[RuleRow]:
    """Return a grid as somebody may leave it: rules moved, changed, removed and added."""
    kept = [rule for rule in old if chance.random() > 0.2]
    if chance.random() < 0.5:
        chance.shuffle(kept)
    rows = []
    for rule in kept:
        now = rule
        if chance.random() < 0.4:
            now = replace(rule, value=Decimal(chance.randint(-50, 50)))
        if chance.random() < 0.2:
            now = replace(now, last_month=chance.choice([None, *MONTHS[3:]]))
        rows.append(RuleRow(0, cells_of(now), rule.id))
    for _ in range(chance.randint(0, 2)):
        new = replace(invented(chance, 99), first_month=None, last_month=chance.choice([None, *MONTHS[4:]]))
        rows.insert(chance.randint(0, len(rows)), RuleRow(0, cells_of(new)))
    return rows


def carried_out(old: Sequence[PriceRule], plan: Plan) -> list[PriceRule]:
    rules = {rule.id: rule for rule in old}
    assert sorted(key for kind, key in plan.order if kind == "kept") == sorted(set(rules) - set(plan.deleted))
    assert sorted(key for kind, key in plan.order if kind == "new") == list(range(len(plan.added)))
    return [
        replace(
            plan.updated.get(key, rules[key]) if kind == "kept" else plan.added[key],
            id=position,
            position=position,
        )
        for position, (kind, key) in enumerate(plan.order, start=1)
    ]


def prices(rules: Sequence[PriceRule], mode: MatchMode, month: datetime.date) -> list[Decimal]:
    resolver = Resolver(Book(1, rules=tuple(rules), match_mode=mode), month)
    return [resolver.coefficients(key).per_cost for key in KEYS]


@pytest.mark.parametrize("mode", list(MatchMode))
@pytest.mark.parametrize("counts_from", [None, COUNTS_FROM])
def test_earlier_months_keep_their_prices_and_later_ones_have_the_grids(
    mode: MatchMode, counts_from: datetime.date | None
) -> None:
    chance, tried = random.Random(4), 0
    while tried < 150:
        old = [invented(chance, number) for number in range(1, chance.randint(2, 8))]
        read: ReadRows = read_rows(edited(chance, old))
        if read.problems:
            continue
        plan = plan_changes(old, read, counts_from, frozenset())
        if plan.problems:
            continue
        tried += 1
        wanted = [rule for rule in read.rules if rule is not None]
        new = carried_out(old, plan)
        for month in MONTHS:
            is_earlier = counts_from is not None and month < counts_from
            assert prices(new, mode, month) == prices(old if is_earlier else wanted, mode, month)
