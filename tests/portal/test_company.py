"""The company's own data: kept by the company and by the reseller, and neither overwrites the other."""

from __future__ import annotations

import html
from typing import Any

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.customers.models import Customer
from app.customers.services import INFORMATION_FIELDS
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.access.pages import read
from tests.portal.ground import COMPANY, change, set_storefront
from tests.worlds import World

NEW = {
    "contact_name": "Ines Neu",
    "contact_title": "CTO",
    "email": "ines@new.example",
    "phone": "+49 40 123",
    "street": "Neuer Wall 1",
    "postal_code": "20354",
    "city": "Altona",
    "state": "HH",
    "country": "AT",
    "language": "de",
}


@pytest.fixture(autouse=True)
def has_address(flask_app: Any) -> None:
    change(flask_app, update(Customer).values(street="Am Kai 1", postal_code="20457", city="Hamburg"))


def stored(app: Any, world: World) -> Customer:
    with app.app_context(), system_scope("test"):
        return db.session.get(Customer, world.north.customer.id)


def form_of(client: Any, **changes: str) -> dict[str, Any]:
    """Return the form as the page shows it, with some fields changed."""
    shown = next(form for form in read(client.get(COMPANY)).forms if "contact_name" in form.fields)
    return shown.values() | changes


def test_the_contact_is_changed_audited_and_found_by_the_console(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)

    answer = client.post(COMPANY, form_of(client, **NEW))

    assert answer.status_code == 302
    customer = stored(flask_app, world)
    assert {name: getattr(customer, name) for name in NEW} == NEW
    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.record_type == "customer").order_by(AuditEntry.id.desc())
        ).first()
        assert entry is not None
        assert set(entry.changes) == set(NEW)
        assert (entry.actor_name, entry.customer_id) == (world.north.customer_user.name, customer.id)
    found = client_for(world.north.ops).get("/customers/list/?q=ines%20neu").text
    assert world.north.customer.name in found


def test_nothing_else_is_taken(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    before = stored(flask_app, world)
    others = [name for name in INFORMATION_FIELDS if name not in NEW]
    more = dict.fromkeys([*others, "status", "number", "is_taxable", "custom_values", "reseller_id"], "1")

    assert client.post(COMPANY, form_of(client, **NEW) | more).status_code == 302

    after = stored(flask_app, world)
    for name in (*others, "status", "number", "custom_values", "organization_key"):
        assert getattr(after, name) == getattr(before, name), name


def test_name_and_number_are_shown_and_cannot_be_typed(world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)

    page = client.get(COMPANY)

    assert world.north.customer.name in page.text
    assert "C-1001" in page.text
    assert "To have it changed, tell" in page.text
    fields = {name for form in read(page).forms for name in form.fields}
    assert not fields & {
        "organization",
        "number",
        "external_id",
        "spend_threshold_amount",
        "cf_field_northcanary",
    }


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("contact_name", "", "Enter the contact's name."),
        ("email", "nobody", "Enter an email address in the form name@example.com."),
        ("country", "", "Choose a country."),
        ("country", "XX", "Choose one of the list."),
        ("language", "fr", "Choose one of the list."),
        ("phone", "1" * 61, "Use at most 60 characters"),
        ("city", "a\x07b", "Remove the control characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    field: str, value: str, sentence: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)

    answer = client.post(COMPANY, form_of(client, **NEW) | {field: value})

    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert f'id="{field}-err"' in answer.text
    assert "<title>Error:" in answer.text
    assert stored(flask_app, world).contact_name != "Ines Neu"


@pytest.mark.parametrize(("is_required", "status"), [(True, 422), (False, 302)])
def test_the_address_is_asked_for_where_the_sign_up_asks_for_it(
    is_required: bool, status: int, flask_app: Any, world: World, client_for: Any
) -> None:
    set_storefront(flask_app, world, requires_address=is_required)
    client = client_for(world.north.customer_user)

    for field in ("street", "postal_code", "city"):
        answer = client.post(COMPANY, form_of(client, **NEW) | {field: ""})
        assert answer.status_code == status, field
        assert (f'id="{field}-err"' in answer.text) == is_required


def test_saving_unchanged_leaves_the_consoles_form_current(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    before = stored(flask_app, world).version

    assert client.post(COMPANY, form_of(client)).status_code == 302

    assert stored(flask_app, world).version == before


def test_the_second_of_two_colleagues_is_told_and_overwrites_nothing(
    flask_app: Any, world: World, client_for: Any
) -> None:
    first, second = client_for(world.north.customer_user), client_for(world.north.customer_user)
    old = form_of(second, phone="2")

    first.post(COMPANY, form_of(first, phone="1", city="Bremen"))
    answer = second.post(COMPANY, old)

    assert answer.status_code == 409
    assert "You saved this record at" in answer.text
    assert "Saved meanwhile" in answer.text
    assert stored(flask_app, world).phone == "1"
    over = read(answer)
    assert any(name == "over" for form in over.forms for name in form.fields) or 'name="over"' in answer.text


def test_the_console_and_the_portal_do_not_overwrite_each_other(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, customer = client_for(world.north.ops), client_for(world.north.customer_user)
    console_url = f"/customers/{world.north.customer.id}/"

    def console_form(**changes: str) -> dict[str, Any]:
        return (
            next(f for f in read(ops.get(console_url)).forms if "organization" in f.fields).values() | changes
        )

    old_in_portal = form_of(customer, phone="from the portal")
    assert ops.post(console_url, console_form(phone="from the console")).status_code == 302
    refused = customer.post(COMPANY, old_in_portal)
    assert refused.status_code == 409
    assert stored(flask_app, world).phone == "from the console"
    assert f"{world.north.name} saved this record at" in refused.text
    assert world.north.ops.name not in refused.text, "the reseller's people are not named to customers"

    old_in_console = console_form(phone="from the console again")
    assert customer.post(COMPANY, form_of(customer, phone="from the portal")).status_code == 302
    refused = ops.post(console_url, old_in_console)
    assert refused.status_code == 409
    assert world.north.customer_user.name in refused.text
    assert stored(flask_app, world).phone == "from the portal"


def test_what_only_the_reseller_sees_may_change_while_the_form_is_open(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, customer = client_for(world.north.ops), client_for(world.north.customer_user)
    opened = form_of(customer, phone="12")
    url = f"/customers/{world.north.customer.id}/"
    console = next(f for f in read(ops.get(url)).forms if "organization" in f.fields).values()
    assert (
        ops.post(url, console | {"external_id": "SECRET-77", "spend_threshold_amount": "98765"}).status_code
        == 302
    )

    answer = customer.post(COMPANY, opened)

    assert answer.status_code == 302
    assert (stored(flask_app, world).phone, stored(flask_app, world).external_id) == ("12", "SECRET-77")


def test_a_conflict_tells_a_customer_of_its_own_fields_only(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, customer = client_for(world.north.ops), client_for(world.north.customer_user)
    opened = form_of(customer, phone="12")
    url = f"/customers/{world.north.customer.id}/"
    console = next(f for f in read(ops.get(url)).forms if "organization" in f.fields).values()
    hidden = {"external_id": "SECRET-77", "spend_threshold_amount": "98765", "phone": "99"}
    assert ops.post(url, console | hidden).status_code == 302

    page = customer.post(COMPANY, opened).text

    assert "Saved meanwhile" in page
    assert ">99<" in page
    for word in ("SECRET-77", "98,765", "External ID", "threshold", world.north.ops.name):
        assert word not in page


def test_an_archived_customer_does_not_get_in_at_all(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    form = form_of(client, phone="12")
    change(flask_app, update(Customer).values(status="archived"))

    assert client.post(COMPANY, form).status_code == 302  # to the door
    assert stored(flask_app, world).phone != "12"
