"""Real bills that are no part of the product: their control totals, to the last digit."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from app.usage.reading import Wanted, read
from app.usage.store import Store
from tests.usage.bills import lines

SAMPLES = os.environ.get("CLOUDTALLY_SAMPLE_DATA", "")
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not SAMPLES, reason="CLOUDTALLY_SAMPLE_DATA names no folder with real bills"),
]


def test_aws_sample(store: Store) -> None:
    reading = read(Path(SAMPLES) / "aws-cur-sample" / "cur-2023-11.csv", Wanted(1), into=store)

    found = lines(store, reading, "line_type", "billed_cost")
    assert reading.totals["USD"].billed_cost == Decimal("1.68230869740")
    assert {kind: [type_ for type_, _ in found].count(kind) for kind in ("Usage", "Tax")} == {
        "Usage": 1269,
        "Tax": 12,
    }
    assert (reading.rows, reading.rejected_count) == (1281, 0)


def test_focus_sample(store: Store) -> None:
    reading = read(Path(SAMPLES) / "focus-1.0-sample" / "focus_sample.csv", Wanted(1), into=store)

    totals = reading.totals["USD"]
    assert (totals.billed_cost, totals.effective_cost, totals.list_cost) == (
        Decimal("20.52022672899"),
        Decimal("14.97651418586"),
        Decimal("20.39090575119"),
    )
    rows: dict[str, int] = {}
    for part in reading.parts:
        rows[part.files.provider] = rows.get(part.files.provider, 0) + part.rows
    assert rows == {"aws": 942, "azure": 51, "oracle": 7}
    assert reading.rejected_count == 0
