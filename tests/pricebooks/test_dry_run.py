"""The dry run: a source of sums is priced twice; without one there is nothing to show, and the page says so."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.pricebooks.dry_run import PricedSum, take_sums_from
from app.rating.pricebook import PriceKey
from app.statements.book_sums import BookSums
from tests.pricebooks.steps import cells, grid, put


class Sums:
    """Two customers with EC2 for 100.00, one of them with S3 as well."""

    def last_month(self, _book: Any) -> datetime.date:
        return datetime.date(2026, 10, 1)

    def sums(self, _book: Any, _month: datetime.date, _naming: Any) -> Iterator[PricedSum]:
        ec2, s3 = PriceKey("Amazon EC2"), PriceKey("Amazon S3")
        for key, customer in ((ec2, "Tessera"), (ec2, "Alder"), (s3, "Alder")):
            yield PricedSum(
                1 if customer == "Alder" else 2,
                customer,
                key,
                basis=Decimal(100),
                quantity=Decimal(10),
                seller_cost=Decimal(80),
                currency="EUR",
            )


@pytest.fixture
def sums() -> Iterator[None]:
    take_sums_from(Sums())
    yield
    take_sums_from(BookSums())


def test_a_change_is_shown_before_and_after_with_the_margin(
    sums: None, flask_app: Any, world: Any, client_for: Any
) -> None:
    put(flask_app, world, cells(service="Amazon EC2"))
    client, page = client_for(world.north.ops), f"/pricebooks/{world.north.pricebook.id}/"
    rows = grid(cells(service="Amazon EC2", value="-25"), version=2, what="try")

    text = client.post(page, rows).text

    assert "In Oct 2026 it would have meant" in text
    total = text[text.index("Total") : text.index("Alder")]
    assert [total.count(one) for one in (">274.00<", ">244.00<", ">−30.00<", ">4.00<")] == [1, 1, 1, 1]
    tessera = text[text.index("Tessera") : text.index("What moves most")]
    assert [tessera.count(one) for one in (">90.00<", ">75.00<", "ct-neg", ">−5.00<")] == [1, 1, 1, 1]
    assert "Amazon S3" not in text[text.index("What moves most") : text.index("<form class")]


def test_without_an_imported_month_the_page_says_what_will_stand_there(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(f"/pricebooks/{world.north.pricebook.id}/").text

    assert "No month imported yet" in page
