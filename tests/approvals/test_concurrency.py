"""Two and eight people at once, with real threads: one decides, the others are told, and nothing is half done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.approvals.models import ApprovalRequest, RequestStatus
from app.audit.models import AuditEntry
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.security.models import User, UserStatus
from tests.approvals.steps import ENTERED, ask_account, found, looking, sign_up
from tests.customers.test_concurrency import at_once
from tests.worlds import World


def entries(app: Any, request_id: int, *actions: str) -> int:
    """Return how often the log says that something was done to a request."""
    with looking(app):
        query = select(func.count(AuditEntry.id)).where(
            AuditEntry.record_type == "approval_request",
            AuditEntry.record_id == request_id,
            AuditEntry.action.in_(actions),
        )
        return db.session.scalar(query) or 0


def send(clients: list[Any], posts: list[tuple[str, dict[str, str]]]) -> list[Any]:
    """Send the forms at the same moment, each by its own client; return the answers in order."""
    pairs = list(zip(clients, posts, strict=True))
    return at_once([lambda client=client, post=post: client.post(*post) for client, post in pairs])


def check_one_won(answers: list[Any], *words: str) -> int:
    """Of all answers one is a success and the others tell who was first; return the winner's place."""
    statuses = [one.status_code for one in answers]
    assert sorted(statuses) == [302] + [409] * (len(answers) - 1)
    winner = statuses.index(302)
    for place, answer in enumerate(answers):
        if place != winner:
            assert any(word in answer.text for word in words), answer.text[:2000]
            assert "Nothing was changed." in answer.text
    return winner


@pytest.mark.parametrize("crowd", [2, 8])
def test_of_those_who_approve_at_once_one_does(
    flask_app: Any, world: World, client_for: Any, crowd: int
) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    people = [world.north.owner, world.north.ops] * (crowd // 2)
    url = f"/settings/approvals/{request_id}/approve/"

    answers = send([client_for(one) for one in people], [(url, {})] * crowd)

    winner = check_one_won(answers, "approved and forwarded this on")
    request = found(flask_app, request_id)
    assert (request.status, request.decided_by) == (RequestStatus.FORWARDED, people[winner].name)
    assert entries(flask_app, request_id, "approved") == 1


@pytest.mark.parametrize("crowd", [2, 8])
def test_a_sign_up_is_either_approved_or_declined_never_both(
    flask_app: Any, world: World, client_for: Any, crowd: int
) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    before = found(flask_app, request_id)
    page = f"/settings/approvals/{request_id}/"
    posts = [(f"{page}approve/", {}), (f"{page}decline/", {"reason": "Only the EU"})] * (crowd // 2)

    answers = send([client_for(world.north.owner) for _ in posts], posts)

    winner = check_one_won(answers, "approved and forwarded this on", "declined this on")
    request = found(flask_app, request_id)
    assert entries(flask_app, request_id, "approved", "declined") == 1
    with looking(flask_app):
        customer = db.session.get(Customer, before.customer_id)
        user = db.session.get(User, before.requester_id)
        if winner % 2 == 0:
            assert request.status is RequestStatus.FORWARDED
            assert (customer.status, user.status) == (CustomerStatus.ACTIVE, UserStatus.ACTIVE)
            assert request.details["email"] == ENTERED["email"]
        else:
            assert request.status is RequestStatus.DECLINED
            assert (customer, user, request.details) == (None, None, {})


@pytest.mark.parametrize("crowd", [2, 8])
def test_a_request_is_either_completed_or_rejected_never_both(
    flask_app: Any, world: World, client_for: Any, crowd: int
) -> None:
    request_id = ask_account(flask_app, world.north, is_forwarded=True)
    page = f"/platform/operations/{request_id}/"
    posts = [
        (f"{page}complete/", {"account_id": f"44445555666{n}"})
        if n % 2 == 0
        else (f"{page}reject/", {"reason": "No"})
        for n in range(crowd)
    ]

    answers = send([client_for(world.admin) for _ in posts], posts)

    winner = check_one_won(answers, "completed this on", "rejected this on")
    with looking(flask_app):
        query = select(CloudAccount.account_id).where(CloudAccount.account_id.like("44445555666%"))
        made = db.session.scalars(query).all()
    is_completed = winner % 2 == 0
    assert made == ([f"44445555666{winner}"] if is_completed else [])
    assert found(flask_app, request_id).status is (
        RequestStatus.COMPLETED if is_completed else RequestStatus.REJECTED
    )
    assert entries(flask_app, request_id, "completed", "rejected") == 1


def test_of_those_who_take_one_on_at_once_one_has_it(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = ask_account(flask_app, world.north, is_forwarded=True)
    url = f"/platform/operations/{request_id}/take/"

    answers = send([client_for(world.admin) for _ in range(4)], [(url, {})] * 4)

    check_one_won(answers, "has been working on this since")
    assert entries(flask_app, request_id, "taken") == 1


def test_what_is_asked_for_twice_at_once_is_one_request(
    flask_app: Any, world: World, client_for: Any
) -> None:
    """The same account of one customer, and the same root address for two customers."""
    urls = [
        f"/customers/{row.id}/requests/account/?provider=aws"
        for row in (world.north.customer, world.north.customer, world.north.other_customer)
    ]
    form = {"name": "fresh", "root_email": "root@fresh.example"}

    answers = send([client_for(world.north.ops) for _ in urls], [(url, form) for url in urls])

    assert sorted(one.status_code for one in answers) == [302, 422, 422]
    with looking(flask_app):
        assert db.session.scalar(select(func.count(ApprovalRequest.id))) == 1


def test_a_removal_is_asked_for_once(flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/requests/removal/{world.north.account.id}/"

    answers = send([client_for(world.north.ops) for _ in range(4)], [(url, {"reason": "Over"})] * 4)

    assert sorted(one.status_code for one in answers) == [302, 409, 409, 409]


def test_a_customer_that_is_archived_while_it_is_approved_ends_in_one_state(
    flask_app: Any, world: World, client_for: Any
) -> None:
    """Archiving looks at the request before it knows of the approval: it is refused, or comes after it."""
    request_id = sign_up(flask_app, world.north, is_ready=True)
    customer_id = found(flask_app, request_id).customer_id
    posts = [(f"/settings/approvals/{request_id}/approve/", {}), (f"/customers/{customer_id}/archive/", {})]

    approved, archived = send([client_for(world.north.owner) for _ in posts], posts)

    assert approved.status_code == 302
    assert archived.status_code in (302, 409)
    with looking(flask_app):
        status = db.session.get(Customer, customer_id).status
    assert status is (CustomerStatus.ARCHIVED if archived.status_code == 302 else CustomerStatus.ACTIVE)
