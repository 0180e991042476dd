"""What the reseller decides: once, followed up, and what a declined sign-up leaves behind."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.approvals import services
from app.approvals.models import ApprovalRequest, RequestStatus
from app.audit.models import AuditEntry
from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import link_account
from app.customers.lifecycle import archive_all, archive_customer, delete_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.security.accounts import may_sign_in
from app.security.models import User, UserStatus
from tests.approvals.requests import customer_now, decline, forwarded, hearing
from tests.approvals.steps import (
    ENTERED,
    LATER,
    NOW,
    ask_account,
    found,
    looking,
    platform_scope,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World


def test_approving_a_sign_up_makes_customer_and_login_active_at_once(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)

    with hearing() as heard, working(flask_app, scope_of(world.north, world.north.owner)):
        services.approve_and_forward(services.find_request(request_id), now=LATER)

    request = found(flask_app, request_id)
    assert request.status is RequestStatus.FORWARDED
    assert (request.decided_by, request.decided_at, request.forwarded_at) == (
        world.north.owner.name,
        LATER,
        LATER,
    )
    with looking(flask_app):
        assert db.session.get(Customer, request.customer_id).status is CustomerStatus.ACTIVE
        user = db.session.get(User, request.requester_id)
        assert user.status is UserStatus.ACTIVE
        assert may_sign_in(user)
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.customer_id == request.customer_id).order_by(AuditEntry.id)
        )
        said = [(one.action, one.record_type) for one in entries]
    assert said[-3:] == [("activated", "customer"), ("changed", "user"), ("approved", "approval_request")]
    assert heard == [("forwarded", ENTERED["email"])]


def test_approving_is_blocked_until_a_provider_is_authorised(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)

    with working(flask_app, scope_of(world.north)), pytest.raises(Invalid) as refused:
        services.approve_and_forward(services.find_request(request_id), now=LATER)

    assert "Authorise a provider" in str(refused.value)
    assert found(flask_app, request_id).status is RequestStatus.PENDING


def test_a_request_whose_customer_is_archived_is_not_approved(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        archive_customer(customer_now(world), now=LATER)

    with working(flask_app, scope_of(world.north)), pytest.raises(WrongState):
        services.approve_and_forward(services.find_request(request_id), now=LATER)

    with working(flask_app, scope_of(world.north)):
        services.decline(services.find_request(request_id), reason="You left", now=LATER)


def test_a_sign_up_is_approved_automatically_without_the_checklist(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)

    with working(flask_app, scope_of(world.north)):
        services.approve_automatically(services.find_request(request_id), now=LATER)
    with working(flask_app, scope_of(world.north)), pytest.raises(WrongState) as refused:
        services.decline(services.find_request(request_id), reason="No", now=LATER)

    request = found(flask_app, request_id)
    assert (request.status, request.decided_by) == (RequestStatus.FORWARDED, "")
    assert str(refused.value).startswith("Automatic approval approved")
    with looking(flask_app):
        assert db.session.get(Customer, request.customer_id).status is CustomerStatus.ACTIVE


def test_a_declined_sign_up_leaves_a_row_without_the_person(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)
    before = found(flask_app, request_id)

    with hearing() as heard:
        decline(flask_app, world, request_id)

    request = found(flask_app, request_id)
    assert (request.status, request.reason) == (RequestStatus.DECLINED, "Only the EU, sorry")
    assert (request.decided_by, request.decided_at) == (world.north.owner.name, LATER)
    assert (request.customer_id, request.requester_id, request.details) == (None, None, {})
    assert request.from_name == ENTERED["organization"]
    assert heard == [("declined", ENTERED["email"])]  # while the login was still there
    with looking(flask_app):
        assert db.session.get(Customer, before.customer_id) is None
        assert db.session.get(User, before.requester_id) is None


def test_whoever_was_declined_may_sign_up_again(flask_app: Any, world: World) -> None:
    decline(flask_app, world, sign_up(flask_app, world.north))

    again = sign_up(flask_app, world.north, now=LATER)

    assert found(flask_app, again).status is RequestStatus.PENDING


def test_no_table_keeps_the_person_that_a_decline_removed(flask_app: Any, world: World) -> None:
    """Everything that was entered is looked for in every table: the log of the decline says nothing of the person."""
    request_id = sign_up(flask_app, world.north, organization="Zweig GmbH")
    with looking(flask_app):
        last = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first()

    decline(flask_app, world, request_id)

    with looking(flask_app):
        connection = db.session.connection()
        tables = [table.name for table in db.metadata.sorted_tables]
        kept = []
        for table in tables:
            # The mail that tells the applicant has to leave first; it is forgotten then (test_outbox).
            where = {
                "audit_entries": f" WHERE id > {last}",
                "outgoing_mails": " WHERE event != 'signup_declined'",
            }.get(table, "")
            for row in connection.execute(text(f"SELECT * FROM {table}{where}")):  # noqa: S608
                kept += [table for secret in ("Ruth", "castellan", "7946", "Bedmoor") if secret in str(row)]
        assert kept == []
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id))
        said = [(one.action, one.record_type, one.record_name, one.reason) for one in entries]
    number = f"R-{request_id} Zweig GmbH"
    assert said == [
        ("declined", "approval_request", number, "Only the EU, sorry"),
        ("deleted", "user", "", ""),
        ("deleted", "customer", "C-1003", ""),
    ]


def test_declining_another_kind_of_request_changes_nothing_else(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)

    decline(flask_app, world, request_id)

    request = found(flask_app, request_id)
    assert request.status is RequestStatus.DECLINED
    assert request.customer_id == world.north.customer.id
    assert request.details["name"] == "north-data"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_a_reason_is_given_and_short_enough(flask_app: Any, world: World, reason: str) -> None:
    request_id = ask_account(flask_app, world.north)

    for service in (services.decline, services.reject):
        if service is services.reject:
            with working(flask_app, scope_of(world.north)):
                services.approve_and_forward(services.find_request(request_id), now=LATER)
        with working(flask_app, scope_of(world.north)), pytest.raises(Invalid) as refused:
            service(services.find_request(request_id), reason=reason, now=LATER)
        assert refused.value.field == "reason"


def test_a_sign_up_that_somebody_made_a_customer_is_not_removed(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        customer = services.find_request(request_id).customer
        customer.status = CustomerStatus.ACTIVE

    decline(flask_app, world, request_id)

    with looking(flask_app):
        request = db.session.get(ApprovalRequest, request_id)
        assert request.details["email"] == ENTERED["email"]
        assert db.session.get(Customer, request.customer_id).status is CustomerStatus.ACTIVE


def test_a_pending_customer_with_history_is_not_removed(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)
    with looking(flask_app):
        request = db.session.get(ApprovalRequest, request_id)
        db.session.add(
            CloudAccount(
                reseller_id=world.north.id,
                customer_id=request.customer_id,
                provider=provider_of("aws"),
                account_id="999900001111",
                created_at=NOW,
            )
        )
        db.session.commit()

    with pytest.raises(WrongState):
        decline(flask_app, world, request_id)

    assert found(flask_app, request_id).status is RequestStatus.PENDING


def test_of_a_pending_customer_no_account_is_linked(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)

    with working(flask_app, scope_of(world.north)), pytest.raises(WrongState):
        link_account(
            services.find_request(request_id).customer,
            provider_of("aws"),
            account_id="111122223333",
            name="",
            support_type="",
            now=NOW,
        )


def test_a_customer_that_waits_for_approval_is_neither_archived_nor_deleted(
    flask_app: Any, world: World
) -> None:
    request_id = sign_up(flask_app, world.north)

    for act in (
        lambda one: archive_customer(one, now=LATER),
        lambda one: archive_all([customer_now(world), one], now=LATER),
        delete_customer,
    ):
        with working(flask_app, scope_of(world.north)), pytest.raises(WrongState) as refused:
            act(services.find_request(request_id).customer)
        assert "Approval Requests" in str(refused.value)

    assert found(flask_app, request_id).status is RequestStatus.PENDING
    with looking(flask_app):
        assert customer_now(world).status is CustomerStatus.ACTIVE


def test_a_pending_customer_without_a_request_can_be_deleted(flask_app: Any, world: World) -> None:
    with working(flask_app, scope_of(world.north)):
        customer = create_customer(ENTERED, now=NOW, status=CustomerStatus.PENDING)

        delete_customer(customer)


def test_whoever_comes_second_reads_who_was_first_and_when(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    reseller = scope_of(world.north, world.north.owner)
    ops = platform_scope(world.admin)

    def refusal(scope: Any, act: Any) -> str:
        with working(flask_app, scope), pytest.raises(WrongState) as refused:
            act(services.find_request(request_id))
        return str(refused.value)

    def approve(one: Any) -> Any:
        return services.approve_and_forward(one, now=LATER)

    def complete(one: Any) -> Any:
        return services.complete(one, now=LATER)

    when = "21 Nov 2026, 09:00 UTC. Nothing was changed."
    assert refusal(reseller, complete) == "The reseller has not decided yet."
    with working(flask_app, reseller):
        approve(services.find_request(request_id))
    said = f"{world.north.owner.name} approved and forwarded this on {when}"
    assert refusal(reseller, approve) == said
    assert refusal(reseller, lambda one: services.decline(one, reason="No", now=LATER)) == said
    with working(flask_app, ops):
        services.take(services.find_request(request_id), now=LATER)
    said = f"{world.admin.name} has been working on this since {when}"
    assert refusal(ops, lambda one: services.take(one, now=LATER)) == said
    with working(flask_app, ops):
        complete(services.find_request(request_id))
    said = f"{world.admin.name} completed this on {when}"
    assert refusal(ops, complete) == said
    assert refusal(ops, lambda one: services.reject(one, reason="No", now=LATER)) == said


def test_a_declined_or_rejected_request_says_by_whom(flask_app: Any, world: World) -> None:
    declined, rejected = ask_account(flask_app, world.north), forwarded(flask_app, world, email="b@c.example")
    decline(flask_app, world, declined)
    with working(flask_app, platform_scope(world.admin)):
        services.reject(services.find_request(rejected), reason="No", now=LATER)

    for request_id, word in ((declined, "declined"), (rejected, "rejected")):
        with working(flask_app, scope_of(world.north)), pytest.raises(WrongState) as refused:
            services.approve_and_forward(services.find_request(request_id), now=LATER)
        assert f" {word} this on 21 Nov 2026" in str(refused.value)


def test_a_request_that_is_gone_cannot_be_decided_on(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        request = services.find_request(request_id)
        db.session.delete(request)
        db.session.flush()
        with pytest.raises(NotVisible):
            services.hold(request)
