"""What happens to requests: made under rules, decided on once, followed up; what a declined sign-up leaves behind."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select, text

from app.approvals import requests, services
from app.approvals.labels import labels_of, progress_of
from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.approvals.signals import (
    approval_declined,
    approval_forwarded,
    approval_requested,
    request_completed,
    request_rejected,
    request_taken,
)
from app.audit.models import AuditEntry
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.services import archive_account, link_account
from app.customers.lifecycle import archive_all, archive_customer, delete_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.security.accounts import may_sign_in
from app.security.models import User, UserStatus
from app.tenancy.guarded import ScopeMissing
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope
from tests.approvals.steps import (
    ENTERED,
    LATER,
    NOW,
    ask_account,
    authorise,
    customer_scope,
    found,
    looking,
    platform_scope,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World

SIGNALS = {
    "requested": approval_requested,
    "declined": approval_declined,
    "forwarded": approval_forwarded,
    "taken": request_taken,
    "completed": request_completed,
    "rejected": request_rejected,
}


@contextmanager
def hearing() -> Iterator[list[tuple[str, Any]]]:
    """Note which signals are sent: its name, and what the hearer looks at."""
    heard: list[tuple[str, Any]] = []
    hearers = []
    for name, signal in SIGNALS.items():

        def hear(request: ApprovalRequest, *, now: datetime.datetime, name: str = name) -> None:
            login = db.session.get(User, request.requester_id) if request.requester_id else None
            heard.append((name, login.email if login is not None else None))

        hearers.append(hear)
        signal.connect(hear)
    yield heard
    for signal, hear in zip(SIGNALS.values(), hearers, strict=True):
        signal.disconnect(hear)


def customer_now(world: World) -> Customer:
    return db.session.get(Customer, world.north.customer.id)


def ask(kind: str, world: World, **more: Any) -> ApprovalRequest:
    """Ask for something for the north's first customer; AWS and sensible details unless said otherwise."""
    details = {"name": "data", "root_email": "root@data.example"} if kind == "account" else {}
    given = {
        "customer": customer_now(world),
        "provider": provider_of("azure" if kind == "provider" else "aws"),
        "details": details,
        "requester": None,
        "now": NOW,
    } | more
    return getattr(requests, f"request_{kind}")(**given)


# -- asking ------------------------------------------------------------------------------------------------------------


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


# -- the reseller's decision -------------------------------------------------------------------------------------------


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


def decline(app: Any, world: World, request_id: int, reason: str = "Only the EU, sorry") -> None:
    with working(app, scope_of(world.north, world.north.owner)):
        services.decline(services.find_request(request_id), reason=reason, now=LATER)


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


# -- Cloud Ops ---------------------------------------------------------------------------------------------------------


def forwarded(app: Any, world: World, **more: Any) -> int:
    return ask_account(app, world.north, is_forwarded=True, **more)


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


# -- the second of two people ------------------------------------------------------------------------------------------


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


# -- words -------------------------------------------------------------------------------------------------------------


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
