"""Two at once: the same link, the same address, the same organization. On SQLite the second waits for the first."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from app.approvals.models import ApprovalRequest
from app.customers.models import Customer
from app.portal.signup import forgetting, proof, services
from app.portal.signup.models import EmailValidation
from app.security.models import User, UserStatus
from tests.customers.test_concurrency import at_once
from tests.portal.steps import Heard, change_settings, count, good, looking
from tests.worlds import World

EMAIL = "ruth@castellan.example"
SENT = "/portal/{}/signup/sent/"


def meeting_before(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    number: int,
    barrier: threading.Barrier | None = None,
) -> None:
    """Let calls of a function wait a moment for each other, so that they really meet there.

    Calls of several functions meet where they share a ``barrier``.
    """
    real, barrier = getattr(module, name), barrier or threading.Barrier(number)

    def patient(*args: Any, **kwargs: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=0.5)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, patient)


def sign_up_at_once(client_for: Any, entries: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    clients = [client_for() for _ in entries]
    return at_once(
        [
            lambda client=client, nickname=nickname, values=values: client.post(
                f"/portal/{nickname}/signup/", good(**values)
            )
            for client, (nickname, values) in zip(clients, entries, strict=True)
        ]
    )


def test_a_link_that_is_sent_twice_at_once_is_used_once(
    flask_app: Any, world: World, client_for: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client_for()
    first.post("/portal/north/signup/", good())
    link = f"/portal/north/validate/{heard.token}/"
    browsers = [client_for() for _ in range(4)]
    meeting_before(monkeypatch, proof, "prove_address", 4)

    answers = at_once(
        [lambda client=client: client.post(link, {"password": good()["password"]}) for client in browsers]
    )

    assert sorted(answer.status_code for answer in answers) == [302, 404, 404, 404]
    assert count(flask_app, ApprovalRequest) == 1
    assert heard.received == [EMAIL]


@pytest.mark.parametrize("takes_away", ["sign_up", "add_user"])
def test_a_link_that_is_used_while_the_address_is_taken_away_wins_or_loses_whole(
    flask_app: Any,
    world: World,
    client_for: Any,
    heard: Heard,
    monkeypatch: pytest.MonkeyPatch,
    takes_away: str,
) -> None:
    applicant = client_for()
    applicant.post("/portal/north/signup/", good())
    link = f"/portal/north/validate/{heard.token}/"
    add = f"/customers/{world.north.customer.id}/users/add/"
    added = {"name": "Ruth", "email": EMAIL, "status": "active", "password": good()["password"]}
    barrier = threading.Barrier(2)
    for module, name in ((proof, "receive"), (forgetting, "reseller_scope")):
        meeting_before(monkeypatch, module, name, 2, barrier)
    ways = {
        "sign_up": lambda: client_for().post("/portal/south/signup/", good()),
        "add_user": lambda: client_for(world.north.ops).post(add, added),
    }

    used, _other = at_once([lambda: applicant.post(link), ways[takes_away]])

    with looking(flask_app) as session:
        user = session.scalars(select(User).where(User.email == EMAIL)).one()
        is_proven = user.status is UserStatus.PENDING_APPROVAL
        assert (
            is_proven is used.location.endswith("/confirmed/") if used.status_code == 302 else not is_proven
        )
        requests = session.scalars(select(ApprovalRequest)).all()
        assert [one.requester_id for one in requests] == ([user.id] if is_proven else [])


def test_an_address_that_signs_up_twice_at_once_is_there_once(
    flask_app: Any, world: World, client_for: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting_before(monkeypatch, services, "free_organization", 3)

    answers = sign_up_at_once(client_for, [("north", {"organization": f"Company {n}"}) for n in range(3)])

    assert [answer.location for answer in answers] == [SENT.format("north")] * 3
    assert count(flask_app, User, User.email == EMAIL) == 1
    assert count(flask_app, EmailValidation) == 1
    assert count(flask_app, Customer, Customer.organization.like("Company %")) == 1, "the last one replaces"


def test_an_address_that_signs_up_at_two_resellers_at_once_is_there_once(
    flask_app: Any, world: World, client_for: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting_before(monkeypatch, services, "create_customer", 2)

    answers = sign_up_at_once(client_for, [("north", {}), ("south", {})])

    assert [answer.location for answer in answers] == [SENT.format("north"), SENT.format("south")]
    assert count(flask_app, User, User.email == EMAIL) == 1
    assert count(flask_app, EmailValidation) == 1
    assert count(flask_app, Customer, Customer.organization == "Castellan Legal LLP") == 1


def test_a_sign_up_and_a_reseller_that_adds_the_same_organization(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    """Whoever is second gives way: the sign-up takes a free name, the reseller is told that the name is taken."""
    change_settings(flask_app, world.north, requires_email_validation=False)
    console, visitor = client_for(world.north.ops), client_for()
    form = {
        "organization": "CASTELLAN legal llp",
        "contact_name": "A",
        "email": "a@b.example",
        "country": "GB",
        "language": "en",
    }

    added, signed = at_once(
        [
            lambda: console.post("/customers/add", form),
            lambda: visitor.post("/portal/north/signup/", good()),
        ]
    )

    assert signed.location == SENT.format("north")
    with looking(flask_app) as session:
        names = set(
            session.scalars(select(Customer.organization).where(Customer.reseller_id == world.north.id))
        )
        duplicates = session.scalars(select(ApprovalRequest.details)).one().get("duplicate_of")
    if added.status_code == 302:
        assert {"CASTELLAN legal llp", "Castellan Legal LLP (2)"} <= names
        assert duplicates
    else:
        assert added.status_code == 422
        assert "Castellan Legal LLP" in names
        assert not duplicates


def test_a_sign_up_and_a_reseller_that_adds_the_same_login(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    console, visitor = client_for(world.north.ops), client_for()
    person = {"name": "Ruth", "email": EMAIL, "status": "active", "password": good()["password"]}

    added, signed = at_once(
        [
            lambda: console.post(f"/customers/{world.north.customer.id}/users/add/", person),
            lambda: visitor.post("/portal/north/signup/", good()),
        ]
    )

    assert signed.location == SENT.format("north")
    assert added.status_code in (302, 422)
    with looking(flask_app) as session:
        query = select(func.count(User.id)).where(User.email == EMAIL)
        assert session.scalar(query) == 1
