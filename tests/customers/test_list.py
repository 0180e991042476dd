"""The customer list: filters on custom fields, and orders given to many customers at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers import lifecycle, queries, services
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.tenancy.scope import reseller_scope, system_scope
from tests.worlds import EPOCH, World

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
    monkeypatch.setattr(lifecycle, "MOST_AT_ONCE", 1)

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


def headings(client: Any, query: str = "") -> list[str]:
    """Return the list's column heads beside the boxes and the menu."""
    page = client.get(f"/customers/list/?{query}").text
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page)
    texts = [re.sub(r"<[^>]+>", "", one).strip() for one in heads]
    return [one for one in texts if one and one != "Actions"]


USUAL = ["Organization", "Status", "Providers", "Support plan", "Email", "Added"]


def test_columns_are_chosen_in_the_address_and_keep_their_order(fielded: World, client_for: Any) -> None:
    client = client_for(fielded.north.ops)
    usual = headings(client)

    assert [one for one in usual if one != "Accounts"] == USUAL
    assert headings(client, "columns=organization&columns=cf_seats&columns=country&columns=status") == [
        "Organization",
        "Status",
        "Country",
        "The seats",
    ]
    assert headings(client, "columns=organization") == ["Organization"]
    assert headings(client, "columns=cf_gone&columns=email") == ["Organization", "Email"]
    page = client.get("/customers/list/?columns=cf_seats&columns=cf_vip&columns=cf_since").text
    assert '<td data-l="The seats" class="num">12.5</td>' in page
    assert '<td data-l="The vip">Yes</td>' in page
    assert '<td data-l="The since" class="nowrap tnum">1 Mar 2026</td>' in page


def test_the_menu_offers_all_columns_and_keeps_the_filter(fielded: World, client_for: Any) -> None:
    page = client_for(fielded.north.ops).get("/customers/list/?status=active&sort=email&columns=email").text
    menu = page[page.index('class="ct-menu"') :]
    menu = menu[: menu.index("</form>")]

    boxes = re.findall(r'type="checkbox" name="columns" value="([^"]+)"( checked)?', menu)
    assert {key for key, _on in boxes} >= {"status", "support_plan", "accounts", "country", "cf_territory"}
    assert [key for key, on in boxes if on] == ["email"]
    assert '<input type="hidden" name="status" value="active">' in menu
    assert '<input type="hidden" name="sort" value="email">' in menu
    toolbar = page[page.index('role="search"', page.index('class="ct-toolbar"')) :]
    assert '<input type="hidden" name="columns" value="email">' in toolbar[: toolbar.index("</form>")]


def test_what_stands_in_a_chosen_cell_is_text(fielded: World, flask_app: Any, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope(fielded.north.id):
        customer = db.session.get(Customer, fielded.north.customer.id)
        customer.custom_values = {**customer.custom_values, "territory": "<b>bold</b>"}
        customer.city = "<i>City</i>"
        db.session.commit()

    page = client_for(fielded.north.ops).get("/customers/list/?columns=cf_territory&columns=city").text

    assert "&lt;b&gt;bold" in page and "<b>bold" not in page
    assert "&lt;i&gt;City" in page and "<i>City" not in page


def badges(client: Any, query: str = "") -> dict[str, str]:
    page = client.get(f"/customers/list/?{query}").text
    return dict(
        re.findall(r'<li[^>]*><a [^>]*><span>([^<]+)</span><span class="badge[^"]*">([^<]+)</span></a>', page)
    )


def test_tabs_count_and_agree_with_what_they_open(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    with flask_app.app_context(), reseller_scope(world.north.id):
        for number, status in enumerate(("pending", "archived", "archived", "active")):
            customer = services.create_customer(
                {
                    "organization": f"More {number}",
                    "contact_name": "A",
                    "email": "a@b.example",
                    "country": "DE",
                },
                now=EPOCH,
            )
            customer.status = CustomerStatus(status)
        db.session.commit()

    shown = badges(client)

    assert shown == {"All": "4", "Needs attention": "1", "Pending": "1", "Archived": "2"}
    assert badges(client, "q=zzzz") == shown
    assert len(names(client, "")) == 4
    assert len(names(client, "attention=any")) == 1
    assert len(names(client, "status=pending")) == 1
    assert len(names(client, "status=archived")) == 2
    assert badges(client_for(world.south.ops))["Archived"] == "0"


def test_with_many_customers_attention_is_counted_so_far_only(
    flask_app: Any, world: World, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKED_AT", 2)
    queries._tab_counts.cache_clear()
    try:
        with flask_app.app_context(), reseller_scope(world.north.id):
            for name in ("AAA first", "ZZZ last"):  # neither has a provider
                services.create_customer(
                    {"organization": name, "contact_name": "A", "email": "a@b.example", "country": "DE"},
                    now=EPOCH,
                )
            db.session.commit()
        client = client_for(world.north.ops)

        assert badges(client)["Needs attention"] == "1+"
        assert badges(client, "attention=any")["Needs attention"] == "2"
    finally:
        queries._tab_counts.cache_clear()


def test_a_view_by_a_field_that_is_gone_leads_to_its_own_page(
    fielded: World, flask_app: Any, client_for: Any
) -> None:
    client = client_for(fielded.north.ops)
    client.post("/views/customers/add?cf_tier=Gold", {"name": "Gold ones"})
    client.post("/views/customers/add?columns=cf_tier&columns=email", {"name": "With tier"})
    with flask_app.app_context(), reseller_scope(fielded.north.id):
        field = db.session.query(CustomFieldDefinition).filter_by(name="tier").one()
        field.is_retired = True
        db.session.commit()

    page = client.get("/customers/list/").text
    broken = re.findall(r'href="(/views/\d+/)"[^>]*><span>Gold ones', page)

    assert len(broken) == 1
    assert "can no longer be shown" in client.get(broken[0]).text
    assert client.post(broken[0], {"name": "Old gold"}).location == "/customers/list/"
    assert 'href="/customers/list/?columns=organization&amp;columns=email"' in page
    assert headings(client, "columns=organization&columns=email") == ["Organization", "Email"]
