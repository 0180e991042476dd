"""A provider that was withdrawn, set inactive or switched off while a customer has accounts and plans of it."""

from __future__ import annotations

import html
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.customers.models import ProviderEnablement
from app.extensions import db
from app.providers.models import Provider, ResellerProvider
from app.tenancy.scope import system_scope
from tests.worlds import World

FORM = {"all_services": "all", "pricebook_id": "", "currency": "EUR", "counts_from": "always"}


def url_of(world: World, section: str) -> str:
    return f"/customers/{world.north.customer.id}/{section}/"


def withdraw(app: Any, world: World, code: str = "aws") -> None:
    with app.app_context(), system_scope("test"):
        provider = select(Provider.id).where(Provider.code == code).scalar_subquery()
        db.session.execute(
            delete(ResellerProvider)
            .where(ResellerProvider.reseller_id == world.north.id, ResellerProvider.provider_id == provider)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()


def set_inactive(app: Any, code: str = "aws") -> int:
    """Set the provider inactive in the platform's catalogue; return its id."""
    with app.app_context(), system_scope("test"):
        provider = db.session.scalars(select(Provider).where(Provider.code == code)).one()
        provider.is_active = False
        db.session.commit()
        return provider.id


def enablement(app: Any, world: World) -> Any:
    with app.app_context(), system_scope("test"):
        query = select(ProviderEnablement).where(ProviderEnablement.customer_id == world.north.customer.id)
        return db.session.scalars(query).one()


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)


@pytest.fixture
def ops(client_for: Any, world: World) -> Any:
    return client_for(world.north.ops)


def save(client: Any, world: World, **changes: str) -> Any:
    return client.post(url_of(world, "providers/aws"), FORM | changes)


def test_a_withdrawn_provider_stays_in_sight_and_says_so(flask_app: Any, world: World, ops: Any) -> None:
    before = text_of(ops.get(url_of(world, "providers")))
    withdraw(flask_app, world)

    page = text_of(ops.get(url_of(world, "providers")))
    form = ops.get(url_of(world, "providers/aws"))

    assert "Withdrawn" not in before
    assert "Withdrawn" in page and "Amazon Web Services" in page
    assert form.status_code == 200
    assert "The platform has withdrawn Amazon Web Services from you." in text_of(form)


def test_it_can_be_switched_off_but_not_on_again(flask_app: Any, world: World, ops: Any) -> None:
    withdraw(flask_app, world)

    priced = save(ops, world, is_authorised="y", version="1")
    off = save(ops, world, version=str(enablement(flask_app, world).version))
    after = enablement(flask_app, world)
    on = save(ops, world, is_authorised="y", version=str(after.version))

    assert priced.status_code == 302, "what was authorised may still get another price"
    assert off.status_code == 302
    assert after.is_authorised is False
    assert on.status_code == 422
    assert "nobody can be authorised for it anew" in text_of(on)
    assert enablement(flask_app, world).is_authorised is False


def test_a_withdrawn_provider_that_was_never_set_up_is_not_there(
    flask_app: Any, world: World, ops: Any
) -> None:
    withdraw(flask_app, world, "azure")

    assert "Azure" not in ops.get(url_of(world, "providers")).text
    assert ops.get(url_of(world, "providers/azure")).status_code == 404


def test_no_account_of_a_withdrawn_provider_can_be_added(flask_app: Any, world: World, ops: Any) -> None:
    assert "Add account" in ops.get(url_of(world, "accounts")).text
    with flask_app.app_context(), system_scope("test"):
        aws = db.session.scalars(select(Provider.id).where(Provider.code == "aws")).one()
    withdraw(flask_app, world)

    listed = ops.get(url_of(world, "accounts"))
    sent = ops.post(url_of(world, "accounts/add"), {"provider_id": str(aws), "account_id": "9" * 12})

    assert "Add account" not in listed.text
    assert world.north.account.name in listed.text
    assert sent.status_code == 422


def test_what_stays_linked_is_named_beside_the_switch(flask_app: Any, world: World, ops: Any) -> None:
    on = text_of(ops.get(url_of(world, "providers/aws")))
    save(ops, world, in_portal="y", version="1")
    off = text_of(ops.get(url_of(world, "providers/aws")))
    other = text_of(ops.get(url_of(world, "providers/azure")))

    assert "Switching it off keeps what is linked: 1 account and 1 plan." in on
    assert "Not authorised, but still linked: 1 account and 1 plan." in off
    assert "linked" not in other.partition("<main")[2]


def test_switched_off_it_is_neither_in_the_portal_nor_supported(
    flask_app: Any, world: World, ops: Any
) -> None:
    save(ops, world, in_portal="y", version="1")

    section = text_of(ops.get(url_of(world, "providers")))
    listed = text_of(ops.get("/customers/list/"))

    assert enablement(flask_app, world).in_portal is True
    assert 'data-l="In the portal">Yes' not in section
    assert "Support plan set" not in section
    assert listed.count(world.north.plan.name) == 1, "only the other customer's plan counts"
    assert "In the portal: no" in text_of(ops.get(url_of(world, "providers/aws")))


def test_who_has_an_inactive_provider_keeps_it_and_changes_its_settings(
    flask_app: Any, world: World, ops: Any
) -> None:
    aws = set_inactive(flask_app)

    section = text_of(ops.get(url_of(world, "providers")))
    form = text_of(ops.get(url_of(world, "providers/aws")))
    saved = save(ops, world, is_authorised="y", in_portal="", currency="USD", version="1")
    linked = ops.post(url_of(world, "accounts/add"), {"provider_id": str(aws), "account_id": "9" * 12})

    assert "Retired" in section and "Withdrawn" not in section
    assert "The platform no longer offers Amazon Web Services to new customers." in form
    assert "withdrawn" not in form
    assert (saved.status_code, linked.status_code) == (302, 302)
    after = enablement(flask_app, world)
    assert (after.is_authorised, after.in_portal, after.currency) == (True, False, "USD")


def test_nobody_is_authorised_anew_for_an_inactive_provider(flask_app: Any, world: World, ops: Any) -> None:
    save(ops, world, version="1")
    set_inactive(flask_app)
    set_inactive(flask_app, "azure")

    again = save(ops, world, is_authorised="y", version=str(enablement(flask_app, world).version))
    never_had = ops.post(url_of(world, "providers/azure"), FORM | {"is_authorised": "y", "version": "0"})

    assert again.status_code == 422
    assert "The platform no longer offers Amazon Web Services" in text_of(again)
    assert enablement(flask_app, world).is_authorised is False
    assert never_had.status_code == 404
    assert "Azure" not in ops.get(url_of(world, "providers")).text


def test_the_reseller_goes_on_pricing_an_inactive_provider(
    flask_app: Any, world: World, client_for: Any
) -> None:
    aws = set_inactive(flask_app)
    owner = client_for(world.north.owner)

    book = owner.post(
        "/pricebooks/add",
        {
            "provider_id": str(aws),
            "name": "Last one",
            "adjustment_percent": "-3",
            "currency": "EUR",
            "match_mode": "most_specific",
        },
    )
    plan = owner.post(
        "/settings/charges/add",
        {
            "provider_id": str(aws),
            "name": "Last plan",
            "kind": "charge",
            "type": "percent",
            "percent": "5",
            "currency": "EUR",
            "base": "list_cost",
            "scope": "per_account",
            "frequency": "monthly",
            "counts_from": "always",
        },
    )

    assert (book.status_code, plan.status_code) == (302, 302)
    assert "Last one" in text_of(owner.get(url_of(world, "providers/aws")))
