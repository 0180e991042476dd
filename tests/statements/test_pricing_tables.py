"""What tells rows apart, so that pricing need not compare all of their texts."""

from __future__ import annotations

import itertools
import random

import pytest

from app.statements.pricing.tables import telling_apart

pytestmark = pytest.mark.once
NAMES = ["provider", "service", "region", "status"]


@pytest.mark.parametrize("seed", range(20))
def test_what_tells_some_rows_apart_tells_all_of_them_apart(seed: int) -> None:
    chance = random.Random(seed)
    every = [*itertools.product("ab", "cdefg", "hi", "jkl")]
    rows = chance.sample(every, chance.randrange(1, len(every)))

    chosen = [NAMES.index(one) for one in telling_apart(rows, NAMES)]

    assert len({tuple(row[one] for one in chosen) for row in rows}) == len(rows)


def test_columns_that_say_nothing_more_are_left_out() -> None:
    rows = [("aws", "EC2", "eu", "used"), ("aws", "S3", "eu", "used"), ("aws", "RDS", "us", "used")]

    assert telling_apart(rows, NAMES) == ["service"]
    assert telling_apart(rows, NAMES, first=("status",)) == ["status", "service"]
    assert telling_apart([], NAMES) == NAMES
