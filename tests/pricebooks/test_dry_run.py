"""The dry run: a source of sums is priced twice; without one there is nothing to show, and the page says so."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.pricebooks.dry_run import PricedSum, take_sums_from
from app.rating.pricebook import PriceKey
from tests.pricebooks.steps import cells, grid, in_north, put


class Sums:
    """Two customers with EC2 for 100.00, one of them with S3 as well."""

    def last_month(self, _book: Any) -> datetime.date:
        return datetime.date(2026, 10, 1)

    def sums(self, _book: Any, _month: datetime.date) -> Iterator[PricedSum]:
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
    take_sums_from(None)


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


def test_another_percentage_is_shown_before_and_after_too(
    sums: None, flask_app: Any, world: Any, client_for: Any
) -> None:
    client, page = client_for(world.north.ops), f"/pricebooks/edit/{world.north.pricebook.id}"
    with in_north(flask_app, world) as book:
        form = {"name": book.name, "provider_id": str(book.provider_id), "currency": book.currency}
        form |= {"match_mode": book.match_mode.value, "counts_from": "always", "opened": client.opened(page)}

    text = client.post(page, {**form, "adjustment_percent": "-20", "what": "try"}).text
    refused = client.post(page, {**form, "adjustment_percent": "-101", "what": "try"})

    assert "In Oct 2026 it would have meant" in text
    total = text[text.index("Total") : text.index("Alder")]
    assert [total.count(one) for one in (">282.00<", ">240.00<", ">−42.00<", ">0.00<")] == [1, 1, 1, 1]
    assert refused.status_code == 422 and "If you save this" not in refused.text
    with in_north(flask_app, world) as book:
        assert (book.adjustment_percent, book.version) == (Decimal(-6), 1)


def test_without_an_imported_month_the_page_says_what_will_stand_there(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(f"/pricebooks/{world.north.pricebook.id}/").text

    assert "No month imported yet" in page
