"""Records in use: their forms say how many have them, lists do not offer to delete them, retired ones are marked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from app.charges.models import ChargePlan
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.taxes.models import TaxRate
from app.tenancy.scope import system_scope
from tests.worlds import World

USED = {
    "pricebook": "/pricebooks/",
    "plan": "/settings/charges/",
    "tax_rate": "/settings/taxes/",
}


@pytest.mark.parametrize("key", USED)
def test_the_form_of_a_used_record_says_who_uses_it(key: str, world: World, client_for: Any) -> None:
    page = client_for(world.north.ops).get(f"{USED[key]}edit/{getattr(world.north, key).id}").text

    assert "2 customers use it and keep it when you retire it." in page


def test_the_form_of_a_field_says_how_many_values_there_are(world: World, client_for: Any) -> None:
    page = client_for(world.north.ops).get(f"/settings/custom-fields/edit/{world.north.field.id}").text

    assert "2 records have a value and keep it when you retire the field." in page


@pytest.mark.parametrize("key", ["pricebook", "plan"])
def test_lists_that_know_the_use_do_not_offer_to_delete(
    key: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    delete = f"{USED[key]}delete/{getattr(world.north, key).id}"

    assert delete not in client.get(USED[key]).text
    assert client.post(delete).status_code == 409
    assert getattr(world.north, key).name in client.get(USED[key]).text


def test_retired_records_are_marked_where_a_customer_has_them(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    with flask_app.app_context(), system_scope("test"):
        for model in (Pricebook, ChargePlan, TaxRate):
            db.session.execute(
                update(model).values(is_retired=True).execution_options(synchronize_session=False)
            )
        db.session.commit()
    customer = f"/customers/{world.north.customer.id}"

    assert f"{world.north.pricebook.name} (retired)" in client.get(f"{customer}/providers/").text
    assert f"{world.north.pricebook.name} (retired)</option>" in client.get(f"{customer}/providers/aws/").text
    assert f"{world.north.plan.name} (retired)" in client.get(f"{customer}/charges/").text
    assert "(retired)" in client.get(f"{customer}/tax/").text
