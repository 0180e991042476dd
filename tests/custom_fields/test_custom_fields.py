"""Custom field definitions: names, choices, and what existing values forbid."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.custom_fields import services
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers.models import Customer
from app.errors import Invalid
from app.extensions import db
from app.tenancy.scope import reseller_scope

LIST = "/settings/custom-fields/"
GOOD = {
    "target": "customer",
    "name": "sales_region",
    "label": "Sales region",
    "type": "text",
    "choices": "",
    "position": "10",
    "in_billing_reports": "y",
}


def fields(app: Any, side: Any) -> list[CustomFieldDefinition]:
    with app.app_context(), reseller_scope(side.id):
        return list(db.session.scalars(select(CustomFieldDefinition).order_by(CustomFieldDefinition.id)))


def opened(client: Any, url: str) -> str:
    return re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]


def kept(field: CustomFieldDefinition) -> dict[str, str]:
    return {**GOOD, "name": field.name, "label": field.label}


def test_a_new_field_goes_into_billing_reports_unless_switched_off(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(LIST + "add").text

    assert re.search(r'id="in_billing_reports"[^>]* checked', page)


def test_ops_defines_a_choice_field(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    answer = client.post(
        LIST + "add", {**GOOD, "type": "choice", "choices": "North\r\n\r\n  South  East \r\nWest"}
    )

    assert answer.status_code == 302
    field = fields(flask_app, world.north)[-1]
    assert (field.type, field.choices, field.in_billing_reports) == (
        FieldType.CHOICE,
        ["North", "South East", "West"],
        True,
    )
    assert "Sales region" in client.get(LIST).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "9lives"}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "größe"}, "name"),
        ({"name": "a-b"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 256}, "name"),
        ({"name": "'); drop"}, "name"),
        ({"label": ""}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"type": "colour"}, "type"),
        ({"target": "planet"}, "target"),
        ({"position": "NaN"}, "position"),
        ({"position": "-1"}, "position"),
        ({"position": "1e400"}, "position"),
        ({"position": "٣"}, "position"),
        ({"position": ""}, "position"),
        ({"type": "choice", "choices": " \n "}, "choices"),
        ({"type": "choice", "choices": "A\nB\na"}, "choices"),
        ({"type": "choice", "choices": "\n".join(map(str, range(101)))}, "choices"),
        ({"type": "choice", "choices": "x" * 101}, "choices"),
        ({"type": "choice", "choices": "x" * 20_000}, "choices"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, world: Any, client_for: Any, changes: dict[str, str], field: str
) -> None:
    answer = client_for(world.north.ops).post(LIST + "add", {**GOOD, **changes})

    assert answer.status_code == 422
    assert f'id="{field}-err"' in answer.text
    assert len(fields(flask_app, world.north)) == 1


def test_a_name_is_taken_whatever_its_case_but_free_for_the_other_target(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", GOOD)

    same = client.post(LIST + "add", {**GOOD, "name": "Sales_Region"})
    other = client.post(LIST + "add", {**GOOD, "target": "cloud_account"})

    assert same.status_code == 422
    assert "exists already" in same.text
    assert other.status_code == 302


def test_the_name_cannot_change(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    field = fields(flask_app, world.north)[0]
    url = f"{LIST}edit/{field.id}"

    answer = client.post(url, {**kept(field), "name": "other", "opened": opened(client, url)})

    assert answer.status_code == 422
    assert "cannot change" in answer.text
    assert fields(flask_app, world.north)[0].name == field.name


def test_the_type_stays_once_values_exist(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    field = fields(flask_app, world.north)[0]
    url = f"{LIST}edit/{field.id}"

    answer = client.post(url, {**kept(field), "type": "number", "opened": opened(client, url)})

    assert answer.status_code == 422
    assert fields(flask_app, world.north)[0].type is FieldType.TEXT
    with flask_app.app_context(), reseller_scope(world.north.id), pytest.raises(Invalid) as refusal:
        values = {**{name: getattr(field, name) for name in services.FIELDS}, "name": field.name}
        row = db.session.get(CustomFieldDefinition, field.id)
        services.change_field(row, {**values, "target": "customer", "type": "number"})
    assert refusal.value.field == "type"


def test_the_type_of_a_field_without_values_may_change(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", GOOD)
    url = f"{LIST}edit/{fields(flask_app, world.north)[-1].id}"

    client.post(url, {**GOOD, "type": "date", "opened": opened(client, url)})

    assert fields(flask_app, world.north)[-1].type is FieldType.DATE


def test_a_choice_that_somebody_has_stays(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", {**GOOD, "type": "choice", "choices": "North\nSouth"})
    with flask_app.app_context(), reseller_scope(world.north.id):
        db.session.get(Customer, world.north.customer.id).custom_values = {"sales_region": "North"}
        db.session.commit()
    url = f"{LIST}edit/{fields(flask_app, world.north)[-1].id}"

    used = client.post(url, {**GOOD, "type": "choice", "choices": "South", "opened": opened(client, url)})
    unused = client.post(url, {**GOOD, "type": "choice", "choices": "North", "opened": opened(client, url)})

    assert used.status_code == 422
    assert "Keep this choice" in used.text
    assert unused.status_code == 302


def test_a_field_with_values_is_not_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    refused = client.post(f"{LIST}delete/{world.north.field.id}")

    assert refused.status_code == 409
    assert "2 records have a value" in refused.text
    assert len(fields(flask_app, world.north)) == 1


def test_a_field_without_values_is_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", GOOD)

    client.post(f"{LIST}delete/{fields(flask_app, world.north)[-1].id}")

    assert len(fields(flask_app, world.north)) == 1


def test_script_in_a_label_is_shown_as_text(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    client.post(LIST + "add", {**GOOD, "label": "<img src=x onerror=alert(1)>"})

    page = client.get(LIST).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_sales_is_refused_and_other_resellers_fields_do_not_exist(world: Any, client_for: Any) -> None:
    sales, owner = client_for(world.north.sales), client_for(world.north.owner)

    assert sales.get(LIST).status_code == 403
    assert sales.post(LIST + "add", GOOD).status_code == 403
    assert owner.get(f"{LIST}edit/{world.south.field.id}").status_code == 404
    assert owner.post(f"{LIST}delete/{world.south.field.id}").status_code == 404
    assert "southcanary" not in owner.get(LIST).text
