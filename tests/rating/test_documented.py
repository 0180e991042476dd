"""``docs/pricing.md`` has the numbers that the tests have."""

from pathlib import Path
from typing import Any

import pytest

from tests.rating import test_plans, test_pricebook

PAGE = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text(encoding="utf-8")
CASES: list[Any] = [*test_pricebook.DOCUMENTED, *test_plans.DOCUMENTED]


@pytest.mark.parametrize("name", [case.id for case in CASES])
def test_case_stands_in_the_table(name: str) -> None:
    case, amount = name.rsplit(": ", 1)

    assert f"| {case} | {amount} |" in PAGE


@pytest.mark.parametrize(("name", "amount"), [(case.id, case.values[-1]) for case in CASES])
def test_name_of_a_case_says_its_amount(name: str, amount: str) -> None:
    assert name.rsplit(": ", 1)[1].replace(",", "") == amount


@pytest.mark.parametrize(
    "sentence",
    [
        "| **Total** | | | **1,537.20** |",
        "110.00 + 10.00 + 11.00 = 131.00",
        "70.00 + 30.00",
        "855.00 + 285.00",
        "3.34 + 3.33 + 3.33",
        "100.500 + 0.503 + 20.201 = 121.204",
        "101 + 1 + 20 = 122",
        "| no | 90.00 + 18.00 tax − 100.00 credit | 8.00 | 0.00 |",
    ],
)
def test_worked_example_stands_on_the_page(sentence: str) -> None:
    assert sentence in PAGE
