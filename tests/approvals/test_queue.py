"""The reseller's queue of requests, and how many wait in it."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

from app.approvals import requests, services
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.security.models import User
from tests.approvals.screens import QUEUE, page_of, rows, words
from tests.approvals.steps import (
    LATER,
    NOW,
    ask_account,
    customer_scope,
    looking,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.counting import counting
from tests.worlds import World


def test_what_waits_comes_first_and_the_oldest_at_the_top(
    flask_app: Any, world: World, client_for: Any
) -> None:
    days = [NOW + datetime.timedelta(days=n) for n in range(5)]
    second = sign_up(flask_app, world.north, now=days[1], organization="Second AG", email="a@second.example")
    sign_up(flask_app, world.north, now=days[0], organization="First AG", email="a@first.example")
    ask_account(flask_app, world.north, now=days[2], is_forwarded=True)
    ask_account(flask_app, world.north, now=days[3], email="b@b.example", is_forwarded=True)
    done = sign_up(flask_app, world.north, now=days[4], organization="Gone AG", email="a@gone.example")
    with working(flask_app, scope_of(world.north)):
        services.decline(services.find_request(done), reason="No", now=days[4])

    with frozen_at(days[3]):
        page = client_for(world.north.ops).get(QUEUE).text

    organization = world.north.customer.name
    assert rows(page) == ["First AG", "Second AG", organization, organization]
    assert "waits for 3 days" in page
    assert f'data-open="{page_of(second)}"' in page
    assert [one for one in ("From", "Type", "Provider", "Status", "Created") if f">{one}</th>" in page] == [
        "From",
        "Type",
        "Provider",
        "Status",
        "Created",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Castellan Legal LLP", "Customer northcanary GmbH"]),
        ("?status=pending", ["Castellan Legal LLP"]),
        ("?status=forwarded", ["Customer northcanary GmbH"]),
        ("?status=declined", ["Gone AG"]),
        ("?status=all", ["Castellan Legal LLP", "Customer northcanary GmbH", "Gone AG"]),
        ("?type=signup", ["Castellan Legal LLP"]),
        ("?type=account_provision&status=all", ["Customer northcanary GmbH"]),
        ("?provider=aws", ["Customer northcanary GmbH"]),
        ("?provider=azure", []),
        ("?q=castELLan", ["Castellan Legal LLP"]),
        ("?q=100%25", []),
    ],
)
def test_the_queue_is_filtered_and_declined_ones_are_out_of_the_way(
    flask_app: Any, world: World, client_for: Any, query: str, expected: list[str]
) -> None:
    sign_up(flask_app, world.north)
    ask_account(flask_app, world.north, is_forwarded=True)
    gone = sign_up(
        flask_app, world.north, organization="Gone AG", email="a@gone.example", now=NOW - LATER.resolution
    )
    with working(flask_app, scope_of(world.north)):
        services.decline(services.find_request(gone), reason="No", now=NOW)

    page = client_for(world.north.owner).get(QUEUE + query)

    assert page.status_code == 200
    assert rows(page.text) == expected
    if not expected:
        assert "No request matches" in page.text
        assert "Clear search and filters" in page.text


@pytest.mark.parametrize("query", ["?status=lost", "?type=lost", "?page=x"])
def test_words_that_no_filter_has_are_refused(client_for: Any, world: World, query: str) -> None:
    assert client_for(world.north.owner).get(QUEUE + query).status_code == 400


def test_an_empty_queue_says_why_it_is_empty(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.owner)
    unused = client.get(QUEUE).text
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        services.decline(services.find_request(request_id), reason="No", now=LATER)

    settled = client.get(QUEUE).text

    assert "No requests yet" in unused
    assert "ct-toolbar" not in unused  # nothing to filter
    assert "Nothing is open" in settled
    assert "?status=all" in settled


def test_the_number_of_those_that_wait_stands_in_the_navigation(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    badge = re.compile(r'Approval requests<span class="badge badge-attn">(\d+)')
    assert not badge.search(client.get("/home/").text)
    sign_up(flask_app, world.north)
    ask_account(flask_app, world.north)
    ask_account(flask_app, world.north, is_forwarded=True, email="b@c.example")
    ask_account(flask_app, world.south)

    home = badge.search(client.get("/home/").text)
    settings = re.search(
        r'Approval Requests<span class="badge badge-attn">(\d+)', client.get("/settings/").text
    )

    assert home is not None
    assert settings is not None
    assert home[1] == settings[1] == "2"


def test_home_leads_to_the_oldest_that_waits(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = sign_up(flask_app, world.north)
    ask_account(flask_app, world.north, now=LATER)

    with frozen_at(LATER + datetime.timedelta(hours=4)):
        page = client_for(world.north.owner).get("/home/").text

    assert "2 requests wait for approval" in page
    assert "Oldest: Castellan Legal LLP, Customer sign-up, for 1 day 4 hours" in page
    assert f'href="{page_of(request_id)}"' in page
    assert "wait for approval" not in client_for(world.north.sales).get("/home/").text


def test_the_change_log_leads_to_the_request(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = ask_account(flask_app, world.north)
    client_for(world.north.owner).post(f"{page_of(request_id)}approve/")

    page = client_for(world.north.owner).get("/audit/list/?record_type=approval_request").text

    assert f'href="{page_of(request_id)}"' in page
    said = words(page)
    assert f"approved request R-{request_id} {world.north.customer.name}" in said
    assert f"made request R-{request_id} {world.north.customer.name}" in said
    assert "Approved and forwarded" in said


def test_the_screens_speak_german(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = sign_up(flask_app, world.north)
    with looking(flask_app), unit_of_work(db.session):
        db.session.get(User, world.north.owner.id).locale = "de"

    client = client_for(world.north.owner)
    queue, page = words(client.get(QUEUE).text), words(client.get(page_of(request_id)).text)

    assert "Freigabeanfragen" in queue
    assert "Kundenregistrierung" in queue
    assert "Vor der Freigabe" in page
    assert "Freigeben und weiterleiten" in page
    assert "Vereinigtes Königreich" in page


@pytest.mark.parametrize("status", ["", "all"])
def test_the_queue_takes_few_statements_however_long_it_is(
    flask_app: Any, world: World, client_for: Any, status: str
) -> None:
    client = client_for(world.north.owner)
    counts = []
    for start, more in ((0, 2), (2, 40)):
        for n in range(start, start + more):
            ask_account(
                flask_app, world.north, name=f"n{n}", email=f"n{n}@c.example", is_forwarded=n % 2 == 0
            )
        client.get(QUEUE)
        with counting() as seen:
            answer = client.get(f"{QUEUE}?status={status}&per_page=100")
        assert answer.status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 10


def test_one_request_takes_few_statements(flask_app: Any, world: World, client_for: Any) -> None:
    request_ids = [sign_up(flask_app, world.north, is_ready=True), ask_account(flask_app, world.north)]
    with working(flask_app, customer_scope(world.north)):
        request_ids.append(
            requests.request_link(
                customer=db.session.get(Customer, world.north.customer.id),
                provider=provider_of("aws"),
                details={"account_id": "111122223333"},
                requester=None,
                now=NOW,
            ).id
        )
    client = client_for(world.north.owner)
    for request_id in request_ids:
        client.get(page_of(request_id))
        with counting() as seen:
            client.get(page_of(request_id))

        assert len(seen) <= 10, "\n".join(seen)
