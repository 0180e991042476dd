"""Charges of a customer: plans assigned and taken away, the global discount or uplift, and the warnings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.charges.models import ChargeAssignment, GlobalAdjustment
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.worlds import World


def url_of(world: World, rest: str = "") -> str:
    return f"/customers/{world.north.customer.id}/charges/{rest}"


def assignments(app: Any, customer_id: int) -> list[Any]:
    with app.app_context(), system_scope("test"):
        return list(
            db.session.scalars(select(ChargeAssignment).where(ChargeAssignment.customer_id == customer_id))
        )


def percent_of(app: Any, customer_id: int) -> Decimal:
    with app.app_context(), system_scope("test"):
        query = select(GlobalAdjustment.percent).where(GlobalAdjustment.customer_id == customer_id)
        return db.session.scalars(query).one()


def test_taking_the_support_plan_away_warns_everywhere_and_assigning_ends_it(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    (row,) = assignments(flask_app, world.north.customer.id)
    before = client.get(url_of(world)).text
    assert "Support plan set" in before
    assert "It is assigned to 1 active account." in before  # what taking it away would hit

    taken = client.post(url_of(world, f"{row.id}/remove/"))
    page, home = client.get(url_of(world)).text, client.get("/home/").text
    listed = client.get("/customers/list/?attention=no_support_plan").text
    assigned = client.post(url_of(world, "add/"), {"level": "customer", "plan_id": str(world.north.plan.id)})

    assert (taken.status_code, assigned.status_code) == (302, 302)
    assert "comes out of your margin" in page
    assert "1 customer has no support plan" in home
    assert world.north.customer.name in listed
    assert world.north.other_customer.name not in listed
    assert "Support plan set" in client.get(url_of(world)).text


@pytest.mark.parametrize("which", ["assigned already", "foreign", "unknown", "empty", "blanks"])
def test_a_plan_that_cannot_be_assigned(which: str, flask_app: Any, world: World, client_for: Any) -> None:
    plan = {
        "assigned already": world.north.plan.id,
        "foreign": world.south.plan.id,
        "unknown": 999,
        "empty": "",
        "blanks": " ",
    }[which]

    answer = client_for(world.north.ops).post(
        url_of(world, "add/"), {"level": "customer", "plan_id": str(plan)}
    )

    assert answer.status_code == 422
    assert len(assignments(flask_app, world.north.customer.id)) == 1


def test_plans_of_others_cannot_be_taken_away(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    for stranger in (world.south.customer, world.north.other_customer):
        (row,) = assignments(flask_app, stranger.id)
        assert client.post(url_of(world, f"{row.id}/remove/")).status_code == 404
        assert assignments(flask_app, stranger.id)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("-12.5", "-12.5"), ("12,25", "12.25"), ("−3", "-3"), ("0", "0"), ("100", "100"), ("-100", "-100")],
)
def test_the_global_adjustment_is_exact(
    text: str, stored: str, flask_app: Any, world: World, client_for: Any
) -> None:
    answer = client_for(world.north.sales).post(
        url_of(world), {"what": "adjust", "counts_from": "always", "percent": text, "version": "1"}
    )

    assert answer.status_code == 302
    assert percent_of(flask_app, world.north.customer.id) == Decimal(stored)
    assert (
        f'name="percent" step="any" value="{Decimal(stored):.2f}"'
        in client_for(world.north.ops).get(url_of(world)).text
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("-100.01", 422),
        ("100.01", 422),
        ("5.123", 422),
        ("NaN", 422),
        ("1e2", 422),
        ("", 422),
        ("1,000.0", 422),
        ("5", 409),
    ],
)
def test_an_adjustment_that_cannot_be_used(
    text: str, status: int, flask_app: Any, world: World, client_for: Any
) -> None:
    version = "9" if status == 409 else "1"

    answer = client_for(world.north.ops).post(
        url_of(world), {"what": "adjust", "counts_from": "always", "percent": text, "version": version}
    )

    assert answer.status_code == status
    assert percent_of(flask_app, world.north.customer.id) == Decimal(-2)


def test_without_a_provider_the_first_step_is_to_authorise_one(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    providers = f"/customers/{world.north.customer.id}/providers/"
    client.post(
        f"{providers}aws/",
        {"all_services": "all", "currency": "EUR", "counts_from": "always", "version": "1"},
    )

    page = client.get(url_of(world)).text

    assert f'<a href="{providers}">Authorise a provider first</a>' in page
    assert "Define a plan" not in page
