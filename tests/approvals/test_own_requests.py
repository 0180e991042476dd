"""What the reseller asks Cloud Ops for itself, on its customers' pages."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest

from app.approvals import services
from app.approvals.models import RequestStatus
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from tests.approvals.screens import QUEUE, words
from tests.approvals.steps import (
    LATER,
    ask_account,
    authorise,
    found,
    looking,
    platform_scope,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World


def accounts_of(world: World) -> str:
    return f"/customers/{world.north.customer.id}/accounts/"


def asking(world: World) -> str:
    return f"/customers/{world.north.customer.id}/requests/account/"


def test_an_account_is_requested_beside_adding_one(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    assert f'href="{asking(world)}"' in client.get(accounts_of(world)).text

    form = client.get(asking(world)).text
    answer = client.post(
        f"{asking(world)}?provider=aws",
        {"name": "fresh", "root_email": "Root@Fresh.example", "support_type": "Business", "remark": "soon"},
    )

    assert "Amazon Web Services" in form  # the only one that is authorised
    assert "It goes to ops@northcanary.example." in form
    assert (answer.status_code, answer.location) == (302, accounts_of(world))
    page = words(client.get(accounts_of(world)).text)
    assert "New cloud account fresh With Cloud Ops" in page
    with looking(flask_app):
        [request] = db.session.query(services.ApprovalRequest).all()
        assert request.details == {
            "name": "fresh",
            "root_email": "root@fresh.example",
            "support_type": "Business",
            "remark": "soon",
        }
        assert (request.status, request.requester_id) == (RequestStatus.FORWARDED, world.north.ops.id)


def test_with_several_providers_one_is_chosen_first(flask_app: Any, world: World, client_for: Any) -> None:
    with working(flask_app, scope_of(world.north)):
        authorise(db.session.get(Customer, world.north.customer.id), "azure")
    client = client_for(world.north.ops)

    choice = client.get(asking(world)).text
    azure, aws = (client.get(f"{asking(world)}?provider={code}").text for code in ("azure", "aws"))
    unnamed = client.post(f"{asking(world)}?provider=azure", {"name": ""})

    assert f'href="{asking(world)}?provider=azure"' in choice
    assert 'name="root_email"' not in azure
    assert re.search(r'id="name" name="name" required', azure)
    assert re.search(r'id="root_email" name="root_email" required', aws)
    assert unnamed.status_code == 422
    assert "Enter a name: the account is made under it." in unnamed.text


def test_without_an_authorised_provider_there_is_nothing_to_request(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, scope_of(world.north)):
        authorise(db.session.get(Customer, world.north.customer.id), "aws", is_on=False)
    client = client_for(world.north.ops)

    page, answer = client.get(asking(world)), client.post(asking(world), {"name": "x"})

    assert "No provider authorised" in page.text
    assert answer.status_code == 200
    assert asking(world) not in client.get(accounts_of(world)).text


def test_for_a_customer_that_waits_nothing_is_requested(
    flask_app: Any, world: World, client_for: Any
) -> None:
    customer_id = found(flask_app, sign_up(flask_app, world.north)).customer_id
    client = client_for(world.north.ops)

    assert client.get(f"/customers/{customer_id}/requests/account/").status_code == 409
    assert "sign-up is approved" in html.unescape(client.get(f"/customers/{customer_id}/accounts/").text)


def test_the_same_request_sent_twice_is_one_request(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    form = {"name": "fresh", "root_email": "root@fresh.example"}

    answers = [client.post(f"{asking(world)}?provider=aws", form) for _ in range(2)]

    assert [one.status_code for one in answers] == [302, 422]
    assert "Another open request names this address." in answers[1].text


def test_the_removal_of_an_account_is_asked_for(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    url = f"/customers/{world.north.customer.id}/requests/removal/{world.north.account.id}/"
    assert f'href="{url}"' in client.get(accounts_of(world)).text

    page, without = client.get(url).text, client.post(url, {"reason": ""})
    answer, again = (client.post(url, {"reason": "Moved away"}) for _ in range(2))

    assert world.north.account.name in page
    assert without.status_code == 422
    assert (answer.status_code, answer.location) == (302, accounts_of(world))
    assert again.status_code == 409
    assert "is not settled yet" in again.text
    assert "Remove cloud account account customer northcanary With Cloud Ops" in words(
        client.get(accounts_of(world)).text
    )


def test_sales_sees_how_requests_go_but_makes_none(flask_app: Any, world: World, client_for: Any) -> None:
    ask_account(flask_app, world.north)
    client = client_for(world.north.sales)

    page = client.get(accounts_of(world)).text

    assert "north-data" in page
    assert QUEUE not in page
    assert "Request account" not in page
    assert "Ask for removal" not in page
    assert client.get(asking(world)).status_code == 403


@pytest.mark.parametrize(
    ("age", "is_shown"), [(datetime.timedelta(days=29), True), (datetime.timedelta(days=31), False)]
)
def test_what_came_to_nothing_is_shown_for_a_month_with_its_reason(
    flask_app: Any, world: World, client_for: Any, age: datetime.timedelta, is_shown: bool
) -> None:
    declined = ask_account(flask_app, world.north)
    rejected = ask_account(flask_app, world.north, is_forwarded=True, name="b", email="b@c.example")
    with working(flask_app, scope_of(world.north)):
        services.decline(services.find_request(declined), reason="Too dear", now=LATER)
    with working(flask_app, platform_scope(world.admin)):
        services.reject(services.find_request(rejected), reason="Address in use", now=LATER)

    with frozen_at(LATER + age):
        page = client_for(world.north.ops).get(accounts_of(world)).text

    for reason in ("Too dear", "Address in use"):
        assert (reason in page) is is_shown
