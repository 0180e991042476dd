"""Charge plans: a percentage or an amount, per provider, and what an assigned one refuses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.charges.models import ChargePlan, PlanKind, PlanType
from app.extensions import db
from app.providers.models import Provider
from app.tenancy.scope import reseller_scope

LIST = "/settings/charges/"


def plans(app: Any, side: Any) -> list[ChargePlan]:
    with app.app_context(), reseller_scope(side.id):
        return list(db.session.scalars(select(ChargePlan).order_by(ChargePlan.id)))


def provider_id(app: Any, code: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Provider.id).where(Provider.code == code)).one()


def good(app: Any, **changes: Any) -> dict[str, Any]:
    values = {
        "provider_id": provider_id(app, "azure"),
        "name": "Managed service",
        "line_text": "Managed cloud service",
        "kind": "charge",
        "type": "fixed",
        "percent": "",
        "amount": "250.00",
        "currency": "EUR",
        "base": "list_cost",
        "scope": "per_account",
        "frequency": "monthly",
        "counts_from": "always",
    }
    return {**values, **changes}


def test_the_currency_starts_as_the_resellers(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(LIST + "add").text

    assert re.search(r'<option value="EUR" selected', page)


def test_ops_adds_a_fixed_charge(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    answer = client.post(LIST + "add", good(flask_app))

    assert answer.status_code == 302
    plan = plans(flask_app, world.north)[-1]
    assert (plan.type, plan.amount, plan.percent) == (PlanType.FIXED, Decimal("250.00"), None)
    assert "EUR\u00a0250.00" in client.get(LIST).text


def test_amounts_have_the_decimals_of_their_currency(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    added = client.post(LIST + "add", good(flask_app, amount="10.125", minimum="0", currency="KWD"))
    assert added.status_code == 302

    [plan] = [one for one in plans(flask_app, world.north) if one.currency == "KWD"]
    assert plan.amount == Decimal("10.125")
    assert "KWD\u00a010.125" in client.get(LIST).text
    form = client.get(f"{LIST}edit/{plan.id}").text
    assert 'value="10.125"' in form and 'value="0.00"' in form


@pytest.mark.parametrize("type_", ["percent", "fixed"])
def test_percent_and_amount_together_are_refused(
    flask_app: Any, world: Any, client_for: Any, type_: str
) -> None:
    answer = client_for(world.north.ops).post(
        LIST + "add", good(flask_app, type=type_, percent="3", amount="99")
    )

    assert answer.status_code == 422
    assert "Enter either a percentage or an amount." in answer.text
    assert 'value="99"' in answer.text
    assert len(plans(flask_app, world.north)) == 1


def test_a_discount_in_percent(flask_app: Any, world: Any, client_for: Any) -> None:
    client_for(world.north.ops).post(
        LIST + "add", good(flask_app, kind="discount", type="percent", percent="3", amount="")
    )

    plan = plans(flask_app, world.north)[-1]
    assert (plan.kind, plan.percent, plan.amount) == (PlanKind.DISCOUNT, Decimal(3), None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "percent", "percent": ""}, "percent"),
        ({"type": "percent", "percent": "NaN"}, "percent"),
        ({"type": "percent", "percent": "1e400"}, "percent"),
        ({"type": "percent", "percent": "-5"}, "percent"),
        ({"type": "percent", "kind": "discount", "percent": "100.01", "amount": ""}, "percent"),
        ({"amount": ""}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1,000.00"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "10.50", "currency": "JPY"}, "amount"),
        ({"currency": "XXX"}, "currency"),
        ({"minimum": "10.00", "maximum": "9.99"}, "minimum"),
        ({"valid_from": "2026-11-30", "valid_to": "2026-11-01"}, "valid_to"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"minimum": "1e400"}, "minimum"),
        ({"kind": "gift"}, "kind"),
        ({"type": "heap"}, "type"),
        ({"kind": "discount", "is_support_plan": "y"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"line_text": "x" * 201}, "line_text"),
        ({"provider_id": "0"}, "provider_id"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, world: Any, client_for: Any, changes: dict[str, str], field: str
) -> None:
    answer = client_for(world.north.ops).post(LIST + "add", good(flask_app, **changes))

    assert answer.status_code == 422
    assert f'id="{field}"' in answer.text
    assert f"{field}-err" in answer.text
    assert len(plans(flask_app, world.north)) == 1


def banded(*lines: str) -> dict[str, Any]:
    """A tiered plan: each line is ``from up-to percentage fixed``, - for nothing."""
    values: dict[str, Any] = {"type": "tiered", "amount": ""}
    for number, line in enumerate(lines):
        for name, text in zip(("from_amount", "to_amount", "percent", "amount"), line.split(), strict=True):
            values[f"bands-{number}-{name}"] = "" if text == "-" else text
    return values


@pytest.mark.parametrize(
    ("lines", "field", "sentence"),
    [
        (["0 1000 10 -", "2000 - 5 -"], "bands-1-from_amount", "No band covers 1,000.00 to 2,000.00."),
        (["0 1000 10 -", "500 - 5 -"], "bands-1-from_amount", "Two bands cover 500.00 to 1,000.00."),
        (["0 - 10 -", "500 - 5 -"], "bands-1-from_amount", "The band before is open above"),
        (["5 - 10 -"], "bands-0-from_amount", "The first band starts at 0."),
        (["0 1000 10 -"], "bands-0-to_amount", "What is above 1,000.00 has no band."),
        (["0 - 10 5"], "bands-0-amount", "Enter either a percentage or an amount."),
        (["- - - -", "0 - - -"], "bands-1-percent", "Enter a percentage or an amount."),
        (["0 1,000.00 10 -", "1000 - 5 -"], "bands-0-to_amount", "without thousands separators"),
        (["0 NaN 10 -"], "bands-0-to_amount", "Enter a number such as"),
        (["- - - -"], "bands", "Enter at least one band."),
    ],
)
def test_what_is_wrong_with_bands_stands_beside_the_very_field(
    flask_app: Any, world: Any, client_for: Any, lines: list[str], field: str, sentence: str
) -> None:
    answer = client_for(world.north.ops).post(LIST + "add", good(flask_app, **banded(*lines)))

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert sentence in answer.text
    assert len(plans(flask_app, world.north)) == 1


def test_bands_are_kept_exactly_and_shown_again(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    lines = ("- 1000.50 - 50", "- 5000 2.1234 -", "5000 - 1 -")

    assert client.post(LIST + "add", good(flask_app, **banded(*lines), minimum="60")).status_code == 302

    plan = plans(flask_app, world.north)[-1]
    assert plan.bands == ["0 – 1000.5: 50", "1000.5 – 5000: 2.1234 %", "> 5000: 1 %"]
    page = client.get(f"{LIST}edit/{plan.id}").text
    assert 'name="bands-1-percent" value="2.1234"' in page
    shown = client.get(f"{LIST}show/{plan.id}?spend=500&accounts=2").text
    assert "The minimum applies" in shown
    assert "EUR\u00a0120.00" in shown


def test_calculating_saves_nothing_and_a_change_counts_from_its_month(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    plan = plans(flask_app, world.north)[0]
    url = f"{LIST}edit/{plan.id}"
    values = good(
        flask_app, provider_id=plan.provider_id, name=plan.name, type="percent", percent="7", amount=""
    )
    values["opened"] = re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]

    tried = client.post(url, {**values, "calculate": "1", "spend": "1000", "accounts": "3"})
    before = plans(flask_app, world.north)[0].percent
    month = re.findall(r'<option value="(\d{4}-\d\d)"', client.get(url).text)[-1]
    saved = client.post(url, {**values, "counts_from": month})

    assert "EUR\u00a0210.00" in tried.text
    assert before == Decimal(10)
    assert saved.status_code == 302
    page = client.get(f"{LIST}show/{plan.id}").text
    assert "Earlier terms" in page
    assert "Counts from" in page


def test_a_default_of_all_customers_keeps_its_plan(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", good(flask_app, provider_id=provider_id(flask_app, "aws")))
    plan = plans(flask_app, world.north)[-1]
    defaults = LIST + "defaults/"

    assert client.post(defaults, {"plan_id": str(plan.id)}).status_code == 302
    client.post(f"{LIST}delete/{plan.id}")
    again = client.post(defaults, {"plan_id": str(plan.id)})

    assert len(plans(flask_app, world.north)) == 2
    assert (again.status_code, "is assigned to" in again.text) == (422, True)
    assert "2 have a default of their own" in client.get(defaults).text
    assert client_for(world.north.sales).get(defaults).status_code == 403


def test_a_provider_that_is_not_resold_is_refused(flask_app: Any, world: Any, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(
        LIST + "add", good(flask_app, provider_id=provider_id(flask_app, "google"))
    )

    assert answer.status_code == 422
    assert len(plans(flask_app, world.north)) == 1


def test_names_are_unique_per_provider_and_folded(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", good(flask_app, name="Café plan"))

    same = client.post(LIST + "add", good(flask_app, name="CAFE  PLAN"))
    other = client.post(
        LIST + "add", good(flask_app, name="CAFE PLAN", provider_id=provider_id(flask_app, "aws"))
    )

    assert same.status_code == 422
    assert "exists already" in same.text
    assert other.status_code == 302


def test_an_assigned_plan_is_not_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    refused = client.post(f"{LIST}delete/{world.north.plan.id}")

    assert refused.status_code == 409
    assert "2 customers have" in refused.text
    assert f'href="{LIST}"' in refused.text
    assert len(plans(flask_app, world.north)) == 1


def test_an_unassigned_plan_is_deleted(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", good(flask_app))

    client.post(f"{LIST}delete/{plans(flask_app, world.north)[-1].id}")

    assert len(plans(flask_app, world.north)) == 1


def test_the_second_of_two_editors_is_told(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    plan = plans(flask_app, world.north)[0]
    url = f"{LIST}edit/{plan.id}"
    values = good(flask_app, provider_id=plan.provider_id, name=plan.name)
    values["opened"] = re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]

    first = client.post(url, values)
    second = client.post(url, {**values, "amount": "1.00"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert plans(flask_app, world.north)[0].amount == Decimal("250.00")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=SUPPORT", True),
        ("q=zzz", False),
        ("kind=support", True),
        ("kind=discount", False),
        ("provider=aws", True),
    ],
)
def test_filters_narrow_the_list(world: Any, client_for: Any, query: str, is_found: bool) -> None:
    page = client_for(world.north.ops).get(f"{LIST}?{query}").text

    assert (world.north.plan.name in page) is is_found
    assert ("No plan matches" in page) is not is_found


def test_an_unknown_kind_is_no_address(world: Any, client_for: Any) -> None:
    assert client_for(world.north.ops).get(LIST + "?kind=x").status_code == 400


def test_sales_is_refused_and_other_resellers_plans_do_not_exist(world: Any, client_for: Any) -> None:
    sales, owner = client_for(world.north.sales), client_for(world.north.owner)

    assert sales.get(LIST).status_code == 403
    assert owner.get(f"{LIST}edit/{world.south.plan.id}").status_code == 404
    assert owner.post(f"{LIST}delete/{world.south.plan.id}").status_code == 404
    assert "southcanary" not in owner.get(LIST).text
