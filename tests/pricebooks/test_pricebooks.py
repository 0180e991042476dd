"""Pricebooks: masters are read-only, copies have a name and a percentage, a used one stays."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.tenancy.scope import reseller_scope

LIST = "/pricebooks/"


def books(app: Any, side: Any) -> list[Pricebook]:
    with app.app_context(), reseller_scope(side.id):
        return list(db.session.scalars(select(Pricebook).order_by(Pricebook.id)))


def provider_id(app: Any, code: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Provider.id).where(Provider.code == code)).one()


def good(app: Any, **changes: Any) -> dict[str, Any]:
    return {
        "provider_id": provider_id(app, "azure"),
        "name": "Azure +5 %",
        "adjustment_percent": "5",
        "currency": "EUR",
        "match_mode": "most_specific",
        **changes,
    }


def test_masters_come_first_and_copies_say_their_effect(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(LIST).text

    assert page.index("Amazon Web Services Master") < page.index(world.north.pricebook.name)
    assert "Microsoft Azure Master" in page
    assert "Google Cloud Master" not in page
    assert ">6\u00a0% discount<" in page
    assert '<td data-l="Customers" class="num">2</td>' in page


def test_ops_copies_a_master(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    answer = client.post(LIST + "add", good(flask_app))

    assert answer.status_code == 302
    assert books(flask_app, world.north)[-1].adjustment_percent == Decimal(5)
    assert ">5\u00a0% uplift<" in client.get(LIST).text


def test_add_a_copy_of_one_master_chooses_its_provider(flask_app: Any, world: Any, client_for: Any) -> None:
    azure = provider_id(flask_app, "azure")

    page = client_for(world.north.ops).get(f"{LIST}add?provider={azure}").text

    assert f'<option value="{azure}" selected>Microsoft Azure Master</option>' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("adjustment_percent", "-100.0001"),
        ("adjustment_percent", "1000.5"),
        ("adjustment_percent", "NaN"),
        ("adjustment_percent", "1e400"),
        ("adjustment_percent", ""),
        ("name", ""),
        ("name", "x" * 101),
        ("provider_id", ""),
        ("provider_id", "999999999999999999999"),
        ("provider_id", "abc"),
    ],
)
def test_bad_input_is_refused(flask_app: Any, world: Any, client_for: Any, field: str, value: str) -> None:
    answer = client_for(world.north.ops).post(LIST + "add", good(flask_app, **{field: value}))

    assert answer.status_code == 422
    assert f'id="{field}-err"' in answer.text
    assert len(books(flask_app, world.north)) == 1


def test_a_provider_that_is_not_resold_is_refused(flask_app: Any, world: Any, client_for: Any) -> None:
    google = provider_id(flask_app, "google")

    answer = client_for(world.north.ops).post(LIST + "add", good(flask_app, provider_id=google))

    assert answer.status_code == 422
    assert len(books(flask_app, world.north)) == 1


def test_names_are_unique_per_provider_and_folded(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    aws = provider_id(flask_app, "aws")

    same = client.post(
        LIST + "add", good(flask_app, provider_id=aws, name=world.north.pricebook.name.upper())
    )
    other = client.post(LIST + "add", good(flask_app, name=world.north.pricebook.name.upper()))

    assert same.status_code == 422
    assert "exists already" in same.text
    assert other.status_code == 302


def test_a_used_book_is_not_deleted_but_can_retire(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    book = books(flask_app, world.north)[0]
    url = f"{LIST}edit/{book.id}"

    refused = client.post(f"{LIST}delete/{book.id}")
    opened = re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]
    values = {
        "provider_id": book.provider_id,
        "name": book.name,
        "adjustment_percent": "-6",
        "currency": "EUR",
        "match_mode": "most_specific",
        "counts_from": "always",
        "is_retired": "y",
    }
    saved = client.post(url, {**values, "opened": opened})

    assert refused.status_code == 409
    assert "2 customers use" in refused.text
    assert saved.status_code == 302
    assert books(flask_app, world.north)[0].is_retired


def test_an_unused_book_is_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", good(flask_app))

    client.post(f"{LIST}delete/{books(flask_app, world.north)[-1].id}")

    assert len(books(flask_app, world.north)) == 1


def test_a_book_stays_with_its_provider(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    url = f"{LIST}edit/{world.north.pricebook.id}"
    opened = re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]

    answer = client.post(url, good(flask_app, opened=opened, counts_from="always"))

    assert answer.status_code == 422
    assert 'id="provider_id-err"' in answer.text


def test_search_finds_by_part_of_the_name_and_says_when_nothing_matches(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    assert world.north.pricebook.name in client.get(LIST + "?q=NORTHCAN").text
    assert "No pricebook matches" in client.get(LIST + "?q=zzz").text


def test_sales_only_reads_and_other_resellers_books_do_not_exist(world: Any, client_for: Any) -> None:
    sales, owner = client_for(world.north.sales), client_for(world.north.owner)
    book = f"{LIST}{world.north.pricebook.id}/"

    assert sales.get(LIST).status_code == sales.get(book).status_code == 200
    assert "<form" not in sales.get(book).text.partition("<main")[2]
    assert sales.post(book, {"what": "try"}).status_code == 403
    assert owner.get(f"{LIST}{world.south.pricebook.id}/").status_code == 404
    assert owner.post(f"{LIST}{world.south.pricebook.id}/", {"version": "1"}).status_code == 404
    assert sales.post(f"{LIST}delete/{world.north.pricebook.id}").status_code == 403
    assert owner.get(f"{LIST}edit/{world.south.pricebook.id}").status_code == 404
    assert owner.post(f"{LIST}delete/{world.south.pricebook.id}").status_code == 404
    assert "southcanary" not in owner.get(LIST).text
