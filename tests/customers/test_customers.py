"""Creating and changing customers through the screens, as a reseller's people do."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.customers.models import Customer
from app.extensions import db
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.customers.steps import NEW, one_customer, provider_form, read
from tests.worlds import World


def test_ops_creates_a_customer_and_lands_in_its_workspace(
    flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.ops).post("/customers/add", NEW)

    customer = one_customer(flask_app, "Tessera Health AG")
    assert answer.status_code == 302
    assert answer.location == f"/customers/{customer.id}/"
    assert (customer.reseller_id, customer.number, customer.email) == (
        world.north.id,
        1003,
        "annika.feldt@tessera.example",
    )
    assert str(customer.spend_threshold_amount) == "25000.50"


def test_a_customer_user_cannot_create_customers(flask_app: Any, world: World, client_for: Any) -> None:
    assert client_for(world.north.customer_user).post("/customers/add", NEW).status_code == 403
    assert not read(flask_app, select(Customer.id).where(Customer.organization == NEW["organization"]))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("organization", "", "Enter the organization's name."),
        ("organization", " \u200b ", "Enter the organization's name."),
        ("contact_name", "", "Enter the contact's name."),
        ("email", "nobody", "Enter an email address in the form name@example.com."),
        ("country", "XX", "Choose one of the list."),
        ("organization", "x" * 201, "Use at most 200 characters; these are 201."),
        ("spend_threshold_amount", "NaN", "without thousands separators"),
        ("spend_threshold_amount", "1e400", "without thousands separators"),
        ("spend_threshold_amount", "-5", "at least 0"),
        ("phone", "1\x07", "Remove the control characters"),
        ("organization", "Nord\u202edroN", "Remove the control characters"),
        ("contact_name", "Ann \u2067A\u2069", "Remove the control characters"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    field: str, value: str, sentence: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.ops).post("/customers/add", {**NEW, field: value})

    assert answer.status_code == 422
    assert html.unescape(answer.text).count(sentence) == 2  # in the summary and beside the field
    assert "<title>Error: " in answer.text
    assert not read(flask_app, select(Customer.id).where(Customer.contact_name == "Annika Feldt"))


@pytest.mark.parametrize(
    "again", ["Customer northcanary GmbH", "CUSTOMER  NörthCanary gmbh", "ｃustomer northcanary gmbh"]
)
def test_an_organization_exists_once_per_reseller(again: str, world: World, client_for: Any) -> None:
    answer = client_for(world.north.ops).post("/customers/add", {**NEW, "organization": again})
    elsewhere = client_for(world.south.ops).post("/customers/add", {**NEW, "organization": again})

    assert answer.status_code == 422
    assert "There is already a customer of this name" in answer.text
    assert elsewhere.status_code == 302


def test_one_form_sent_twice_makes_one_customer(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    submission = re.search(r'name="submission"[^>]*value="([^"]+)"', client.get("/customers/add").text)
    assert submission is not None

    first = client.post("/customers/add", {**NEW, "submission": submission[1]})
    second = client.post("/customers/add", {**NEW, "submission": submission[1]})

    assert first.location == second.location
    assert len(read(flask_app, select(Customer.id).where(Customer.organization == NEW["organization"]))) == 1


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(
    flask_app: Any, world: World, client_for: Any
) -> None:
    url = f"/customers/{world.north.customer.id}/"
    values = {**NEW, "version": "1", "organization": world.north.customer.name}
    with flask_app.app_context(), system_scope("test"):
        values["version"] = str(db.session.get(Customer, world.north.customer.id).version)

    first = client_for(world.north.ops).post(url, {**values, "phone": "first"})
    second = client_for(world.north.owner).post(url, {**values, "phone": "second"})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "Somebody else saved this record" in second.text
    assert 'value="second"' in second.text  # what was entered is not lost
    assert read(flask_app, select(Customer.phone).where(Customer.id == world.north.customer.id)) == [
        ("first",)
    ]


def test_custom_values_are_typed_and_kept(flask_app: Any, world: World, client_for: Any) -> None:
    url, name = f"/customers/{world.north.customer.id}/custom-fields/", f"cf_{world.north.field.name.lower()}"
    name = name.replace(" ", "_")
    with flask_app.app_context(), system_scope("test"):
        version = str(db.session.get(Customer, world.north.customer.id).version)

    answer = client_for(world.north.sales).post(url, {name: "West", "version": version})

    assert answer.status_code == 302
    stored = read(flask_app, select(Customer.custom_values).where(Customer.id == world.north.customer.id))
    assert stored == [({"field_northcanary": "West"},)]


def test_a_change_is_audited_with_before_after_actor_and_address(
    flask_app: Any, world: World, client_for: Any
) -> None:
    url = f"/customers/{world.north.customer.id}/providers/aws/"
    client_for(world.north.ops).post(
        url, provider_form(version="1", in_portal="y"), environ_overrides={"REMOTE_ADDR": "127.9.9.9"}
    )

    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor_id, entry.address, entry.customer_id) == (
        world.north.ops.id,
        "127.9.9.9",
        world.north.customer.id,
    )
    assert entry.changes == {"pricebook": [world.north.pricebook.name, None]}
    timeline = client_for(world.north.sales).get(f"/customers/{world.north.customer.id}/timeline/").text
    assert world.north.pricebook.name in timeline


def test_the_list_finds_filters_and_sorts(world: World, client_for: Any) -> None:
    client = client_for(world.north.sales)

    def names(query: str) -> list[str]:
        answer = client.get(f"/customers/list/?{query}")
        assert answer.status_code == 200
        return re.findall(r'class="ct-link-strong"[^>]*>([^<]+)<', answer.text)

    both = [world.north.customer.name, world.north.other_customer.name]
    assert names("") == both
    assert names("sort=organization&dir=desc") == both[::-1]
    assert names("q=other@northcanary") == [world.north.other_customer.name]
    assert names("q=C-1001") == [world.north.customer.name]
    assert names(f"q={world.north.id:06d}{world.north.other_customer.id:06d}") == [
        world.north.other_customer.name
    ]
    assert names("q=cu") == [world.north.customer.name]
    assert names("q=southcanary") == []
    assert names("provider=aws") == both
    assert names("provider=azure") == []
    assert names("cf_field_northcanary=value+other+northcanary") == [world.north.other_customer.name]
    assert names("status=archived") == []


@pytest.mark.parametrize(
    "query", ["status=x", "sort=password", "dir=up", "page=-1", "page=1e9", "per_page=7", "attention=x"]
)
def test_an_address_that_no_link_makes_is_answered_with_400(
    query: str, world: World, client_for: Any
) -> None:
    assert client_for(world.north.sales).get(f"/customers/list/?{query}").status_code == 400


def test_a_changed_custom_value_is_named_alone(flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/custom-fields/"
    with flask_app.app_context(), system_scope("test"):
        version = str(db.session.get(Customer, world.north.customer.id).version)

    client_for(world.north.ops).post(url, {"cf_field_northcanary": "West", "version": version})

    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.changes == {"custom_values.field_northcanary": ["value customer northcanary", "West"]}


def test_a_spend_threshold_keeps_the_currency_it_was_entered_in(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    client.post("/customers/add", NEW)
    customer = one_customer(flask_app, NEW["organization"])
    url = f"/customers/{customer.id}/"
    with flask_app.app_context(), system_scope("test"):
        db.session.get(Reseller, world.north.id).currency = "USD"
        db.session.commit()

    page = client.get(url).text
    client.post(url, NEW | {"phone": "+41 44 000 00 00", "version": "1"})
    kept = one_customer(flask_app, NEW["organization"])
    client.post(url, NEW | {"spend_threshold_amount": "30000", "version": str(kept.version)})
    changed = one_customer(flask_app, NEW["organization"])
    client.post(url, NEW | {"spend_threshold_amount": "", "version": str(changed.version)})

    assert customer.spend_threshold_currency == "EUR"
    assert '<span class="input-group-addon">EUR</span>' in page
    assert "Another amount is taken in USD." in page
    assert (kept.phone, kept.spend_threshold_currency) == ("+41 44 000 00 00", "EUR")
    assert (str(changed.spend_threshold_amount), changed.spend_threshold_currency) == ("30000.00", "USD")
    assert one_customer(flask_app, NEW["organization"]).spend_threshold_currency == ""


def test_a_name_that_an_archived_customer_has(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(f"/customers/{world.north.customer.id}/archive/")

    archived = client.post("/customers/add", NEW | {"organization": world.north.customer.name})
    active = client.post("/customers/add", NEW | {"organization": world.north.other_customer.name})

    assert (archived.status_code, active.status_code) == (422, 422)
    assert f"C-1001 {world.north.customer.name} (archived)." in archived.text
    assert f"C-1002 {world.north.other_customer.name}." in active.text


def test_the_locked_tree_shows_the_billing_folder(world: World, client_for: Any) -> None:
    tree = client_for(world.north.ops).get("/customers/add").text.partition("<main")[2]

    assert tree.index("Custom Fields") < tree.index("Cloud Billing") < tree.index("Cloud Providers")


@pytest.mark.parametrize("letter", ["½", "\ufdfa"])
def test_a_name_too_long_to_compare_is_refused(letter: str, world: World, client_for: Any) -> None:
    client, url = client_for(world.north.ops), f"/customers/{world.north.customer.id}/"
    version = re.search(r'name="version"[^>]*value="(\d+)"', client.get(url).text)[1]

    for answer in (
        client.post("/customers/add", {**NEW, "organization": letter * 200}),
        client.post(url, {**NEW, "organization": letter * 200, "version": version}),
    ):
        assert answer.status_code == 422
        assert "Use a shorter name." in answer.text


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("get", "/customers/list/?q=፩", {}, 200),
        ("get", "/customers/export.csv?q=²", {}, 200),
        ("get", "/customers/export.xlsx?q=፩", {}, 200),
        ("get", "/customers/{customer}/timeline/?before=²", {}, 200),
        ("get", "/customers/list/?page=²", {}, 400),
        ("get", "/audit/list/?until=9999-12-31", {}, 200),
        ("post", "/customers/archive", {"rowid": "9" * 5000}, 404),
        ("post", "/customers/archive", {"rowid": "²"}, 404),
        ("post", "/customers/add", {**NEW, "submission": "\0"}, 400),
        ("post", "/customers/add", {**NEW, "a\0b": "1"}, 400),
        ("post", "/settings/taxes/add", {"name": "V", "country": "DE", "percent": "7", "opened": "\0"}, 400),
    ],
)
def test_what_only_a_made_up_request_holds_breaks_nothing(
    method: str, path: str, data: dict[str, str], status: int, world: World, client_for: Any
) -> None:
    client = client_for(world.north.owner)
    url = path.format(customer=world.north.customer.id)
    answer = client.get(url) if method == "get" else client.post(url, data)
    assert answer.status_code == status


def test_nul_in_an_address_to_sign_in_with_is_refused(client_for: Any) -> None:
    assert client_for().post("/login/", {"username": "a\0b", "password": "x"}).status_code == 400
