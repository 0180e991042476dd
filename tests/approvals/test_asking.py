"""How requests are made: by whom, for what, once, and how they read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.approvals import requests, services
from app.approvals.labels import labels_of, progress_of
from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import archive_account
from app.customers.models import Customer, CustomerStatus
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.tenancy.models import Reseller
from tests.approvals.requests import ask, customer_now, hearing
from tests.approvals.steps import (
    LATER,
    NOW,
    ask_account,
    authorise,
    customer_scope,
    found,
    looking,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World


def test_a_customer_asks_for_an_account(flask_app: Any, world: World) -> None:
    with hearing() as heard:
        request = found(flask_app, ask_account(flask_app, world.north))

    assert (request.status, request.type) == (RequestStatus.PENDING, RequestType.ACCOUNT_PROVISION)
    assert (request.from_name, request.customer_id) == (world.north.customer.name, world.north.customer.id)
    assert request.requester_id == world.north.customer_user.id
    assert request.details == {
        "name": "north-data",
        "root_email": "root@data.example",
        "support_type": "Business",
    }
    assert (request.decided_at, request.forwarded_at, request.created_at) == (None, None, NOW)
    assert heard == [("requested", world.north.customer_user.email)]


def test_what_the_reseller_asks_for_itself_is_with_cloud_ops_at_once(flask_app: Any, world: World) -> None:
    with hearing() as heard:
        request = found(flask_app, ask_account(flask_app, world.north, is_forwarded=True))

    assert request.status is RequestStatus.FORWARDED
    assert (request.decided_by, request.forwarded_at) == (world.north.ops.name, NOW)
    assert request.is_resellers_own
    assert heard == [("forwarded", world.north.ops.email)]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": "data"}, "root_email"),
        ({"name": "data", "root_email": "a@b.example", "support_type": "Platinum"}, "support_type"),
    ],
)
def test_an_aws_account_needs_what_aws_asks_for(
    flask_app: Any, world: World, details: dict[str, str], field: str
) -> None:
    with working(flask_app, scope_of(world.north)), pytest.raises(Invalid) as refused:
        ask("account", world, details=details)

    assert refused.value.field == field


def test_an_azure_subscription_needs_a_name_and_no_address(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north)):
        authorise(customer_now(world), "azure")
        with pytest.raises(Invalid) as refused:
            ask("account", world, provider=provider_of("azure"), details={})
        request = ask("account", world, provider=provider_of("azure"), details={"name": "data"})

    assert refused.value.field == "name"
    assert found(flask_app, request.id).details == {"name": "data"}


def test_an_account_of_a_provider_that_is_not_authorised_cannot_be_asked_for(
    flask_app: Any, world: World
) -> None:
    for kind in ("account", "link"):
        with working(flask_app, customer_scope(world.north)), pytest.raises(Invalid) as refused:
            ask(kind, world, provider=provider_of("azure"), details={"account_id": "x", "name": "x"})

        assert "not authorised" in str(refused.value)


def test_a_root_address_stands_in_one_open_request_only_whoever_asks(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north)):
        first = ask(
            "account",
            world,
            customer=db.session.get(Customer, world.north.other_customer.id),
            details={"name": "theirs", "root_email": "root@shared.example"},
        )
    with working(flask_app, customer_scope(world.north)), pytest.raises(Invalid) as refused:
        ask("account", world, details={"name": "ours", "root_email": "root@shared.example"})

    assert refused.value.field == "root_email"
    assert world.north.other_customer.name not in str(refused.value)
    with working(flask_app, scope_of(world.north)):
        services.decline(db.session.get(ApprovalRequest, first.id), reason="No", now=LATER)
    with working(flask_app, customer_scope(world.north)):
        ask("account", world, details={"name": "ours", "root_email": "root@shared.example"})


def test_another_resellers_request_does_not_take_the_address(flask_app: Any, world: World) -> None:
    ask_account(flask_app, world.south, email="root@shared.example")

    ask_account(flask_app, world.north, email="root@shared.example")


@pytest.mark.parametrize(
    ("kind", "details", "other"),
    [
        (
            "account",
            {"name": "data", "root_email": "root@data.example"},
            {"name": "b", "root_email": "b@c.example"},
        ),
        ("link", {"account_id": "111122223333"}, {"account_id": "444455556666"}),
    ],
)
def test_the_same_is_not_asked_for_twice_but_something_else_is(
    flask_app: Any, world: World, kind: str, details: dict[str, str], other: dict[str, str]
) -> None:
    with working(flask_app, customer_scope(world.north)):
        ask(kind, world, details=details)
        if kind == "account":  # with the same address it is refused for the address already
            details = details | {"name": "data"}
        with pytest.raises((WrongState, Invalid)):
            ask(kind, world, details=details, now=LATER)
        ask(kind, world, details=other)


def test_a_provider_is_asked_for_once_whatever_is_said_beside_it(flask_app: Any, world: World) -> None:
    with working(flask_app, customer_scope(world.north)):
        first = ask("provider", world, details={"remark": "please"})
        with pytest.raises(WrongState) as refused:
            ask("provider", world, details={"remark": "really"}, now=LATER)

    assert "20 Nov 2026" in str(refused.value)
    assert found(flask_app, first.id).type is RequestType.PROVIDER_ENABLEMENT


def test_only_a_provider_that_is_resold_and_not_authorised_can_be_asked_for(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, customer_scope(world.north)):
        assert [one.code for one in requests.enableable_providers(customer_now(world))] == ["azure"]
        with pytest.raises(WrongState):
            ask("provider", world, provider=provider_of("aws"))
        with pytest.raises(Invalid):
            ask("provider", world, provider=provider_of("google"))


def test_an_id_that_is_asked_to_be_linked_looks_as_the_provider_writes_it(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, customer_scope(world.north)):
        with pytest.raises(Invalid) as refused:
            ask("link", world, details={"account_id": "12"})
        request = ask("link", world, details={"account_id": "1234-5678 9012", "name": "old one"})

    assert refused.value.field == "account_id"
    assert "123456789012" in str(refused.value)
    assert found(flask_app, request.id).details["account_id"] == "123456789012"


def test_an_own_account_is_not_linked_again_and_anothers_is_not_betrayed(
    flask_app: Any, world: World
) -> None:
    with looking(flask_app):
        own, others = (
            db.session.get(CloudAccount, row.id).account_id
            for row in (world.north.account, world.north.other_account)
        )
    with working(flask_app, customer_scope(world.north)):
        with pytest.raises(Invalid):
            ask("link", world, details={"account_id": own})
        request = ask("link", world, details={"account_id": others})

    assert found(flask_app, request.id).status is RequestStatus.PENDING


def test_only_an_own_active_account_can_be_given_back(flask_app: Any, world: World) -> None:
    with working(flask_app, customer_scope(world.north)):
        account = db.session.get(CloudAccount, world.north.account.id)
        with pytest.raises(Invalid):
            requests.request_removal(
                customer=customer_now(world), account=account, details={}, requester=None, now=NOW
            )
        request = requests.request_removal(
            customer=customer_now(world), account=account, details={"reason": "over"}, requester=None, now=NOW
        )
        with pytest.raises(WrongState):
            requests.request_removal(
                customer=customer_now(world),
                account=account,
                details={"reason": "x"},
                requester=None,
                now=NOW,
            )
    with working(flask_app, scope_of(world.north)):
        other = db.session.get(CloudAccount, world.north.other_account.id)
        with pytest.raises(NotVisible):
            requests.request_removal(
                customer=customer_now(world), account=other, details={"reason": "x"}, requester=None, now=NOW
            )
        archive_account(other)
        with pytest.raises(WrongState):
            requests.request_removal(
                customer=db.session.get(Customer, other.customer_id),
                account=other,
                details={"reason": "x"},
                requester=None,
                now=NOW,
            )

    kept = found(flask_app, request.id)
    assert (kept.cloud_account_id, kept.details["name"]) == (world.north.account.id, world.north.account.name)


@pytest.mark.parametrize("status", [CustomerStatus.PENDING, CustomerStatus.ARCHIVED])
def test_only_active_customers_ask(flask_app: Any, world: World, status: CustomerStatus) -> None:
    with working(flask_app, scope_of(world.north)):
        customer_now(world).status = status
        db.session.flush()
        account = db.session.get(CloudAccount, world.north.account.id)
        for kind, more in (
            ("account", {}),
            ("link", {"details": {"account_id": "111122223333"}}),
            ("provider", {}),
            ("removal", {"provider": None, "account": account, "details": {"reason": "x"}}),
        ):
            given = {key: value for key, value in more.items() if value is not None}
            with pytest.raises(WrongState):
                if kind == "removal":
                    requests.request_removal(customer=customer_now(world), requester=None, now=NOW, **given)
                else:
                    ask(kind, world, **given)
        assert requests.requestable_providers(customer_now(world)) == []
        assert requests.enableable_providers(customer_now(world)) == []


def test_what_was_entered_reads_in_the_readers_language(flask_app: Any, world: World) -> None:
    request_id = sign_up(
        flask_app, world.north, providers="aws, azure", duplicate_of="C-1001", vat_number="GB 1"
    )

    with looking(flask_app):
        request = db.session.get(ApprovalRequest, request_id)
        said = labels_of(request)

    assert said[0] == ("Organization", "Castellan Legal LLP")
    assert ("Country", "United Kingdom") in said
    assert ("Language", "English") in said
    assert ("Providers asked for", "Amazon Web Services, Microsoft Azure") in said
    assert said[-1] == ("Vat number", "GB 1")
    assert "C-1001" not in str(said)


def test_an_id_is_called_what_the_provider_calls_it(flask_app: Any, world: World) -> None:
    with working(flask_app, customer_scope(world.north)):
        request = ask("link", world, details={"account_id": "123456789012"})

        assert labels_of(request) == [("AWS account ID", "123456789012")]
        assert progress_of(request) == "requested"


def test_the_reseller_reads_nothing_of_the_other_reseller(flask_app: Any, world: World) -> None:
    ask_account(flask_app, world.south)

    with working(flask_app, scope_of(world.north)):
        assert db.session.scalars(select(ApprovalRequest)).all() == []
        assert db.session.scalars(select(Reseller.id)).all() == [world.north.id]
