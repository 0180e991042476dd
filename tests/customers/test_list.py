"""The customer list: filters on custom fields, and orders given to many customers at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers import queries, services
from app.customers.models import Customer
from app.extensions import db
from app.tenancy.scope import reseller_scope, system_scope
from tests.worlds import World

VALUES = {"territory": "DACH North", "seats": "12.50", "since": "2026-03-01", "vip": "yes", "tier": "Gold"}
TYPES = {
    "territory": FieldType.TEXT,
    "seats": FieldType.NUMBER,
    "since": FieldType.DATE,
    "vip": FieldType.YES_NO,
    "tier": FieldType.CHOICE,
}


@pytest.fixture
def fielded(flask_app: Any, world: World) -> World:
    """The world, with a field of every type, and values of the first customer in it."""
    with flask_app.app_context(), reseller_scope(world.north.id):
        for name, kind in TYPES.items():
            db.session.add(
                CustomFieldDefinition(
                    target=FieldTarget.CUSTOMER,
                    name=name,
                    label=f"The {name}",
                    type=kind,
                    choices=["Gold", "Silver"] if kind is FieldType.CHOICE else [],
                )
            )
        customer = db.session.get(Customer, world.north.customer.id)
        customer.custom_values = {**customer.custom_values, **VALUES}
        db.session.commit()
    return world


def names(client: Any, query: str) -> list[str]:
    answer = client.get(f"/customers/list/?{query}")
    assert answer.status_code == 200
    return re.findall(r'class="ct-link-strong"[^>]*>([^<]+)<', answer.text)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("cf_territory=dach", True),
        ("cf_territory=south", False),
        ("cf_territory=%25", False),
        ("cf_seats=12.5", True),
        ("cf_seats=12,500", True),
        ("cf_seats=12", False),
        ("cf_seats=many", False),
        ("cf_since=2026-03-01", True),
        ("cf_since=1.3.2026", True),
        ("cf_since=2026-03-02", False),
        ("cf_vip=yes", True),
        ("cf_vip=no", False),
        ("cf_tier=Gold", True),
        ("cf_tier=Silver", False),
    ],
)
def test_every_type_of_custom_field_filters(
    query: str, is_found: bool, fielded: World, client_for: Any
) -> None:
    found = names(client_for(fielded.north.ops), query)

    assert found == ([fielded.north.customer.name] if is_found else [])


def test_all_fields_are_offered_and_chips_speak_of_labels(fielded: World, client_for: Any) -> None:
    client = client_for(fielded.north.ops)
    page = client.get("/customers/list/?cf_vip=yes").text

    assert all(f'name="cf_{name}"' in page for name in TYPES)
    assert "The vip: <b>Yes</b>" in page
    assert client.get("/customers/list/?cf_nothing=x").status_code == 400


def status_of(app: Any, *ids: int) -> list[str]:
    with app.app_context(), system_scope("test"):
        return [str(db.session.get(Customer, one).status) for one in ids]


def test_an_order_leads_back_to_filter_and_page(flask_app: Any, world: World, client_for: Any) -> None:
    client, one = client_for(world.north.ops), world.north.customer.id

    archived = client.post("/customers/archive?q=cu&per_page=50", {"rowid": str(one)})
    shown = client.get("/customers/list/?status=archived").text
    restored = client.post("/customers/restore?status=archived", {"rowid": str(one)})

    assert archived.location == "/customers/list/?q=cu&per_page=50"
    assert 'action="/customers/restore?status=archived"' in shown
    assert restored.location == "/customers/list/?status=archived"
    assert status_of(flask_app, one) == ["active"]


def test_all_that_match_are_archived_and_nobody_else(flask_app: Any, world: World, client_for: Any) -> None:
    north, client = world.north, client_for(world.north.ops)

    client.post("/customers/archive?cf_field_northcanary=other", {"all": "1"})

    assert status_of(flask_app, north.customer.id, north.other_customer.id) == ["active", "archived"]
    client.post("/customers/archive", {"all": "1"})
    assert status_of(flask_app, north.customer.id, world.south.customer.id) == ["archived", "active"]


def test_too_many_at_once_are_refused(
    flask_app: Any, world: World, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_AT_ONCE", 1)

    assert client_for(world.north.ops).post("/customers/archive", {"all": "1"}).status_code == 409
    assert status_of(flask_app, world.north.customer.id) == ["active"]


def test_rows_offer_to_open_and_to_archive_by_name(world: World, client_for: Any) -> None:
    page = client_for(world.north.ops).get("/customers/list/").text

    assert f'data-confirm-title="Archive {world.north.customer.name}?"' in page
    assert page.count('id="row-customers"') == 1


def test_a_short_search_without_result_says_what_it_searches(world: World, client_for: Any) -> None:
    assert "One or two characters search the beginnings" in (
        client_for(world.north.ops).get("/customers/list/?q=zz").text
    )


def test_numbers_are_equal_however_they_were_written() -> None:
    assert queries._same_numbers("12") == ("12", *(f"12.{'0' * n}" for n in range(1, 7)))
    assert "12.5" in queries._same_numbers("12.500000")


@pytest.mark.parametrize(
    ("term", "times"),
    [("c", 1), ("cu", 1), ("zz", 1), ("cus", 0), ("", 0)],
    ids=["one letter", "two letters", "no match", "three letters", "no search"],
)
def test_a_search_of_one_or_two_letters_says_how_it_searches(
    term: str, times: int, world: World, client_for: Any
) -> None:
    page = client_for(world.north.sales).get("/customers/list/", query_string={"q": term}).text

    assert page.count("search the beginnings of names only") == times
