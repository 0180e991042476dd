"""What a customer may do with a provider: authorised, with which services and pricebook."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.customers.models import ProviderEnablement
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import Lockable, Subject, lock_month
from app.months.terms import terms_in
from app.tenancy.scope import reseller_scope, system_scope
from tests.customers.steps import provider_form
from tests.worlds import World


def enablement(app: Any, customer_id: int, provider_id: int) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(
            select(ProviderEnablement).where(
                ProviderEnablement.customer_id == customer_id, ProviderEnablement.provider_id == provider_id
            )
        ).one_or_none()


def test_a_provider_is_authorised_with_chosen_services(flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/providers/azure/"

    answer = client_for(world.north.ops).post(
        url,
        provider_form(
            all_services="chosen", services=["Virtual Machines", "Azure App Service"], in_portal="y"
        ),
    )

    row = enablement(flask_app, world.north.customer.id, 2)
    assert answer.status_code == 302
    assert (row.is_authorised, row.in_portal, row.may_request_accounts) == (True, True, False)
    assert row.services == ["Virtual Machines", "Azure App Service"]
    assert (row.pass_reserved_instances, row.pass_savings_plans) == (False, False)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"all_services": "chosen"}, 422),
        ({"services": ["Amazon Elastic Compute Cloud"], "all_services": "chosen"}, 422),
        ({"currency": "XXX"}, 422),
        ({"pricebook_id": "999"}, 422),
        ({"version": "7"}, 409),
        ({"version": "abc"}, 409),
    ],
)
def test_a_provider_form_that_cannot_be_used_changes_nothing(
    changes: dict[str, Any], status: int, flask_app: Any, world: World, client_for: Any
) -> None:
    url = f"/customers/{world.north.customer.id}/providers/azure/"

    assert client_for(world.north.ops).post(url, provider_form(**changes)).status_code == status
    assert enablement(flask_app, world.north.customer.id, 2) is None


@pytest.mark.parametrize("blanks", [" ", "\u00a0\u3000"])
def test_blanks_choose_no_pricebook(blanks: str, flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/providers/azure/"

    assert client_for(world.north.ops).post(url, provider_form(pricebook_id=blanks)).status_code == 302
    assert enablement(flask_app, world.north.customer.id, 2).pricebook_id is None


def test_another_resellers_pricebook_cannot_be_chosen(flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/providers/aws/"

    answer = client_for(world.north.ops).post(
        url, provider_form(pricebook_id=str(world.south.pricebook.id), version="1")
    )

    assert answer.status_code == 422
    assert "southcanary" not in answer.text
    assert enablement(flask_app, world.north.customer.id, 1).pricebook_id == world.north.pricebook.id


def test_a_provider_that_is_not_resold_does_not_exist(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)

    assert client.get(f"/customers/{world.north.customer.id}/providers/google/").status_code == 404
    assert client.get(f"/customers/{world.north.customer.id}/providers/azure/").status_code == 200
    assert client.get(f"/customers/{world.south.customer.id}/providers/aws/").status_code == 404


def test_another_book_counts_from_a_month_and_the_earlier_one_is_shown(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    url = f"/customers/{world.north.customer.id}/providers/aws/"
    changed = provider_form(version="1", counts_from="2026-12", pass_provider_credits="y", currency="USD")

    saved = client.post(url, changed)

    page = client.get(url).text
    with flask_app.app_context(), reseller_scope(world.north.id):
        row = db.session.scalars(
            select(ProviderEnablement).where(ProviderEnablement.customer_id == world.north.customer.id)
        ).one()
        november, december = (terms_in(row, datetime.date(2026, month, 1)) for month in (11, 12))
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert saved.status_code == 302
    assert november == {
        "pricebook_id": world.north.pricebook.id,
        "currency": "EUR",
        "pass_reserved_instances": False,
        "pass_savings_plans": False,
        "pass_provider_credits": False,
    }
    assert (december["pricebook_id"], december["pass_provider_credits"]) == (None, True)
    assert december["currency"] == "USD"
    assert f"To Nov 2026: {world.north.pricebook.name}" in page
    assert entry.changes["pricebook"] == [world.north.pricebook.name, None]
    assert "pricebook_id" not in entry.changes


def test_a_month_on_an_issued_statement_keeps_its_book(flask_app: Any, world: World, client_for: Any) -> None:
    customer, now = world.north.customer.id, datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)
    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        lock_month(datetime.date(2026, 11, 1), [Lockable(Subject.CUSTOMER, customer)], cause="ST-1", now=now)
    url = f"/customers/{customer}/providers/aws/"

    refused = client_for(world.north.ops).post(url, provider_form(version="1", counts_from="2026-11"))

    assert refused.status_code == 422
    assert 'id="counts_from-err"' in refused.text
    kept = provider_form(version="1", counts_from="2026-11", pricebook_id=str(world.north.pricebook.id))
    other = client_for(world.north.ops).post(url, {**kept, "currency": "USD"})
    assert (other.status_code, enablement(flask_app, customer, 1).currency) == (422, "EUR")
    assert enablement(flask_app, customer, 1).pricebook_id == world.north.pricebook.id
