"""Tax rates: what is accepted, who may change them, and what an assigned one refuses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.customers.models import CustomerTaxRate
from app.extensions import db
from app.taxes.models import TaxProfile, TaxRate
from app.tenancy.scope import reseller_scope

LIST = "/settings/taxes/"
GOOD = {
    "name": "Sales tax",
    "percent": "7.25",
    "counts_from": "always",
    "country": "US",
    "region": "Texas",
    "postal_code": "",
}


def rates(app: Any, side: Any) -> list[TaxRate]:
    with app.app_context(), reseller_scope(side.id):
        return list(db.session.scalars(select(TaxRate).order_by(TaxRate.id)))


def opened(client: Any, url: str) -> str:
    return re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]


def test_ops_adds_a_rate_and_sees_it_in_the_list(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    answer = client.post(LIST + "add", GOOD)

    assert answer.status_code == 302
    assert rates(flask_app, world.north)[-1].percent == Decimal("7.25")
    page = client.get(LIST).text
    assert "Sales tax" in page
    assert "7.25\u00a0%" in page
    assert "United States" in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("percent", "NaN", "Enter a number such as"),
        ("percent", "1e400", "Enter a number such as"),
        ("percent", "100.0001", "at most 100"),
        ("percent", "-1", "at least 0"),
        ("percent", "1.000,5", "Enter a number such as"),
        ("percent", "1.23456", "Enter a number such as"),
        ("percent", "", "Enter a number."),
        ("counts_from", "2026-13", "Choose one of the list."),
        ("country", "XX", "Choose one of the list."),
        ("country", "", "Choose a country."),
        ("name", "", "Enter a name"),
        ("name", "x" * 101, "at most 100 characters"),
        ("name", "\u200b", "Enter a name"),
        ("postal_code", "9" * 21, "at most 20 characters"),
        ("region", "a\x01b", "control characters"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, world: Any, client_for: Any, field: str, value: str, sentence: str
) -> None:
    before = len(rates(flask_app, world.north))

    answer = client_for(world.north.ops).post(LIST + "add", {**GOOD, field: value})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-err"' in answer.text
    assert len(rates(flask_app, world.north)) == before


def test_a_name_is_taken_whatever_its_case_and_accents(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", {**GOOD, "name": "Mehrwertsteuer Österreich"})

    answer = client.post(LIST + "add", {**GOOD, "name": "  MEHRWERTSTEUER  osterreich "})

    assert answer.status_code == 422
    assert "exists already" in answer.text
    assert 'id="name-err"' in answer.text


def test_the_same_name_at_another_reseller_is_free(world: Any, client_for: Any) -> None:
    client_for(world.north.ops).post(LIST + "add", GOOD)

    assert client_for(world.south.ops).post(LIST + "add", GOOD).status_code == 302


def test_script_in_a_name_is_shown_as_text(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    client.post(LIST + "add", {**GOOD, "name": "<script>alert(1)</script>"})

    page = client.get(LIST).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_second_of_two_editors_is_told(flask_app: Any, world: Any, client_for: Any) -> None:
    url = f"{LIST}edit/{world.north.tax_rate.id}"
    client = client_for(world.north.ops)
    state = opened(client, url)
    first = client.post(url, {**GOOD, "name": "First", "country": "DE", "opened": state})

    second = client.post(url, {**GOOD, "name": "Second", "country": "DE", "opened": state})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "Somebody else saved" in second.text
    assert [rate.name for rate in rates(flask_app, world.north)] == ["First"]


def test_an_edit_without_its_opening_state_is_refused(flask_app: Any, world: Any, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(f"{LIST}edit/{world.north.tax_rate.id}", GOOD)

    assert answer.status_code == 409
    assert rates(flask_app, world.north)[0].name == world.north.tax_rate.name


def test_an_assigned_rate_cannot_be_deleted_but_retired(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    url = f"{LIST}edit/{world.north.tax_rate.id}"

    refused = client.post(f"{LIST}delete/{world.north.tax_rate.id}")
    state = opened(client, url)
    client.post(url, {**GOOD, "name": world.north.tax_rate.name, "is_retired": "y", "opened": state})

    assert refused.status_code == 409
    assert "2 customers pay" in refused.text
    [rate] = rates(flask_app, world.north)
    assert rate.is_retired


def test_an_unassigned_rate_can_be_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", GOOD)
    rate = rates(flask_app, world.north)[-1]

    client.post(f"{LIST}delete/{rate.id}")

    assert rate.id not in [one.id for one in rates(flask_app, world.north)]


def test_sales_and_customers_are_refused(world: Any, client_for: Any) -> None:
    for person in (world.north.sales, world.north.customer_user, world.admin):
        client = client_for(person)
        assert client.get(LIST).status_code == 403
        assert client.post(LIST + "add", GOOD).status_code == 403
        assert client.post(f"{LIST}delete/{world.north.tax_rate.id}").status_code == 403


@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_another_resellers_rate_does_not_exist(
    flask_app: Any, world: Any, client_for: Any, verb: str
) -> None:
    client = client_for(world.north.owner)
    url = f"{LIST}{verb}/{world.south.tax_rate.id}"

    assert client.post(url, GOOD).status_code == 404
    assert "southcanary" not in client.get(LIST).text
    assert len(rates(flask_app, world.south)) == 1


def test_an_empty_list_says_what_it_is_for(flask_app: Any, world: Any, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        for one in [*db.session.scalars(select(CustomerTaxRate)), *db.session.scalars(select(TaxProfile))]:
            db.session.delete(one)
        db.session.flush()
        for rate in db.session.scalars(select(TaxRate)):
            db.session.delete(rate)
        db.session.commit()

    page = client_for(world.north.ops).get(LIST).text

    assert "No tax rates yet" in page
    assert "/settings/taxes/add" in page
