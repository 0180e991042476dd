"""What Cloud Ops does with what was forwarded: takes it, completes it, rejects it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.approvals import requests, services
from app.approvals.models import ApprovalRequest, RequestStatus
from app.approvals.signals import (
    request_taken,
)
from app.cloud_accounts.models import AccountPeriod, CloudAccount, CloudAccountStatus
from app.cloud_accounts.services import archive_account, link_account
from app.customers.models import Customer, CustomerStatus
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.security.models import User
from app.tenancy.guarded import ScopeMissing
from app.tenancy.scope import current_scope
from tests.approvals.requests import ask, customer_now, forwarded, hearing
from tests.approvals.steps import (
    ENTERED,
    LATER,
    NOW,
    ask_account,
    authorise,
    found,
    looking,
    platform_scope,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World


def test_ops_takes_and_completes_and_the_account_is_active_at_once(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)

    with hearing() as heard:
        with working(flask_app, platform_scope(world.admin)):
            services.take(services.find_request(request_id), now=LATER)
        with working(flask_app, platform_scope(world.admin)):
            services.complete(services.find_request(request_id), account_id="4444 5555 6666", now=LATER)

    request = found(flask_app, request_id)
    assert request.status is RequestStatus.COMPLETED
    assert (request.taken_by, request.ended_by, request.ended_at) == (
        world.admin.name,
        world.admin.name,
        LATER,
    )
    assert [name for name, _login in heard] == ["taken", "completed"]
    assert heard[1][1] == world.north.ops.email  # heard in the reseller's scope
    with looking(flask_app):
        account = db.session.get(CloudAccount, request.cloud_account_id)
        assert (account.account_id, account.status) == ("444455556666", CloudAccountStatus.ACTIVE)
        assert (account.name, account.support_type) == ("north-data", "Business")
        assert account.customer_id == world.north.customer.id
        assert "444455556666" in customer_now(world).search_accounts


def test_a_request_can_be_completed_without_being_taken_first(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)

    with working(flask_app, platform_scope(world.admin)):
        services.complete(
            services.find_request(request_id),
            account_id="444455556666",
            name="other",
            support_type="",
            now=LATER,
        )

    request = found(flask_app, request_id)
    assert (request.taken_by, request.taken_at) == (world.admin.name, LATER)
    with looking(flask_app):
        account = db.session.get(CloudAccount, request.cloud_account_id)
        assert (account.name, account.support_type) == ("other", "")


def test_a_new_account_costs_nothing_for_months_before_it_was_asked_for(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    with working(flask_app, platform_scope(world.admin)):
        services.complete(services.find_request(request_id), account_id="444455556666", now=LATER)

    with looking(flask_app):
        account_id = services.find_request(request_id).cloud_account_id
        periods = select(AccountPeriod).where(AccountPeriod.cloud_account_id == account_id)
        assert db.session.scalars(periods).one().first_day == NOW.date()


def test_a_linked_account_counts_from_all_that_is_not_billed_yet(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north, world.north.ops)):
        linked = link_account(
            db.session.get(Customer, world.north.customer.id),
            provider_of("aws"),
            account_id="444455556667",
            name="",
            support_type="",
            now=LATER,
        )
        linked_id = linked.id

    with looking(flask_app):
        periods = select(AccountPeriod).where(AccountPeriod.cloud_account_id == linked_id)
        assert db.session.scalars(periods).one().first_day is None


@pytest.mark.parametrize("account_id", ["", "  ", "12345", "abcdefghijkl"])
def test_ops_enters_an_id_as_the_provider_writes_it(flask_app: Any, world: World, account_id: str) -> None:
    request_id = forwarded(flask_app, world)

    with working(flask_app, platform_scope(world.admin)), pytest.raises(Invalid) as refused:
        services.complete(services.find_request(request_id), account_id=account_id, now=LATER)

    assert refused.value.field == "account_id"
    assert found(flask_app, request_id).status is RequestStatus.FORWARDED


def test_ops_does_not_learn_whose_account_an_id_is(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    with looking(flask_app):
        taken = db.session.get(CloudAccount, world.north.other_account.id).account_id

    with working(flask_app, platform_scope(world.admin)), pytest.raises(Invalid) as refused:
        services.complete(services.find_request(request_id), account_id=taken, now=LATER)

    assert refused.value.field == "account_id"
    assert "The reseller has an account with this id already" in str(refused.value)
    assert "canary" not in str(refused.value)


def test_an_account_that_the_reseller_linked_meanwhile_is_taken(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    with working(flask_app, scope_of(world.north)):
        account = db.session.get(CloudAccount, world.north.account.id)
        archive_account(account)
        account_id = account.account_id

    with working(flask_app, platform_scope(world.admin)):
        services.complete(services.find_request(request_id), account_id=account_id, now=LATER)

    assert found(flask_app, request_id).cloud_account_id == world.north.account.id
    with looking(flask_app):
        assert db.session.get(CloudAccount, world.north.account.id).is_active


def test_a_new_account_is_none_that_the_customer_had_before(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    with working(flask_app, scope_of(world.north)):
        account = db.session.get(CloudAccount, world.north.account.id)
        account.created_at, account_id = NOW - datetime.timedelta(days=30), account.account_id

    with working(flask_app, platform_scope(world.admin)), pytest.raises(Invalid) as refused:
        services.complete(services.find_request(request_id), account_id=account_id, now=LATER)

    assert refused.value.field == "account_id"
    assert found(flask_app, request_id).status is RequestStatus.FORWARDED


def test_no_account_is_added_where_the_customer_may_not_buy_any_more(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    with working(flask_app, scope_of(world.north)):
        authorise(customer_now(world), "aws", is_on=False)

    with working(flask_app, platform_scope(world.admin)), pytest.raises(WrongState) as refused:
        services.complete(services.find_request(request_id), account_id="444455556666", now=LATER)

    assert "not authorised for Amazon Web Services any more" in str(refused.value)


def test_completing_a_removal_archives_the_account(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north)):
        request = requests.request_removal(
            customer=customer_now(world),
            account=db.session.get(CloudAccount, world.north.account.id),
            details={"reason": "over"},
            requester=None,
            now=NOW,
            is_forwarded=True,
        )

    with working(flask_app, platform_scope(world.admin)):
        services.complete(services.find_request(request.id), now=LATER)

    with looking(flask_app):
        account = db.session.get(CloudAccount, world.north.account.id)
        assert account.status is CloudAccountStatus.ARCHIVED


def test_completing_a_removal_of_an_archived_account_is_fine(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north)):
        account = db.session.get(CloudAccount, world.north.account.id)
        request = requests.request_removal(
            customer=customer_now(world),
            account=account,
            details={"reason": "over"},
            requester=None,
            now=NOW,
            is_forwarded=True,
        )
        archive_account(account)

    with working(flask_app, platform_scope(world.admin)):
        services.complete(services.find_request(request.id), now=LATER)

    assert found(flask_app, request.id).status is RequestStatus.COMPLETED


def test_completing_sign_ups_and_providers_needs_nothing_entered(flask_app: Any, world: World) -> None:
    request_ids = [sign_up(flask_app, world.north, is_ready=True)]
    with working(flask_app, scope_of(world.north)):
        request_ids.append(ask("provider", world).id)
        authorise(customer_now(world), "azure")
    for request_id in request_ids:
        with working(flask_app, scope_of(world.north)):
            services.approve_and_forward(services.find_request(request_id), now=LATER)
        with working(flask_app, platform_scope(world.admin)):
            services.complete(services.find_request(request_id), now=LATER)

        assert found(flask_app, request_id).status is RequestStatus.COMPLETED


def test_a_rejected_sign_up_leaves_an_active_customer(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    with working(flask_app, scope_of(world.north)):
        services.approve_and_forward(services.find_request(request_id), now=LATER)

    with hearing() as heard, working(flask_app, platform_scope(world.admin)):
        services.reject(services.find_request(request_id), reason="No tax number", now=LATER)

    request = found(flask_app, request_id)
    assert (request.status, request.reason) == (RequestStatus.REJECTED, "No tax number")
    assert (request.ended_by, request.ended_at) == (world.admin.name, LATER)
    assert heard == [("rejected", ENTERED["email"])]
    with looking(flask_app):
        assert db.session.get(Customer, request.customer_id).status is CustomerStatus.ACTIVE


def test_the_platform_sees_forwarded_requests_only(flask_app: Any, world: World) -> None:
    pending, ours = ask_account(flask_app, world.north), forwarded(flask_app, world, email="b@c.example")

    with working(flask_app, platform_scope(world.admin)):
        assert [one.id for one in db.session.scalars(select(ApprovalRequest))] == [ours]
        with pytest.raises(NotVisible):
            services.find_request(pending)
        request = services.find_request(ours)
        with pytest.raises(ScopeMissing):  # its row, and nothing else of the reseller
            _ = request.customer
        assert db.session.get(User, request.requester_id) is None


def test_hearers_of_ops_work_in_the_resellers_scope(flask_app: Any, world: World) -> None:
    request_id = forwarded(flask_app, world)
    scopes = []

    def hear(_request: Any, *, now: datetime.datetime) -> None:
        scopes.append((current_scope().reseller_id, current_scope().actor.name, now))

    request_taken.connect(hear)
    with working(flask_app, platform_scope(world.admin)):
        services.take(services.find_request(request_id), now=LATER)
    request_taken.disconnect(hear)

    assert scopes == [(world.north.id, world.admin.name, LATER)]
