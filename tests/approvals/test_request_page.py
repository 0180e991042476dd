"""The screen of one request: what it shows, deciding on it, and what the customer's page says of it."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

from app.approvals.models import RequestStatus
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from tests.approvals.screens import QUEUE, page_of, words
from tests.approvals.steps import (
    ENTERED,
    LATER,
    NOW,
    ask_account,
    found,
    looking,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import PASSWORD, World


def test_a_request_shows_everything_that_was_entered_and_who_asked(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = sign_up(flask_app, world.north, providers="azure")
    sign_up(flask_app, world.north, now=LATER, organization="Later AG", email="a@later.example")

    with frozen_at(LATER):
        said = words(client_for(world.north.owner).get(page_of(request_id)).text)

    for value in (*ENTERED.values(), "United Kingdom", "Microsoft Azure"):
        assert value in said or value in ("GB", "en")
    assert "Ruth Castellan, ruth@castellan.example" in said
    assert "Waits for 1 day, the oldest of 2." in said
    assert "Ruth Castellan signed up in the portal 20 Nov 2026, 10:00 CET" in said
    assert "Authorise Microsoft Azure" in said
    assert "Blocks approval: Authorise a provider" in said


def test_a_blocked_request_cannot_be_approved_by_any_way(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = sign_up(flask_app, world.north)
    client = client_for(world.north.owner)

    page = client.get(page_of(request_id)).text
    answer = client.post(f"{page_of(request_id)}approve/")

    assert f'action="{page_of(request_id)}approve/"' not in page
    assert 'aria-disabled="true" aria-describedby="what-follows">Approve and Forward' in page
    assert "Approving is blocked until then." in page
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "<title>Error: " in answer.text
    assert found(flask_app, request_id).status is RequestStatus.PENDING


def test_the_way_from_the_checklist_to_the_customer_and_back(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = sign_up(flask_app, world.north, providers="aws")
    client = client_for(world.north.owner)
    page = client.get(page_of(request_id)).text
    customer_id = found(flask_app, request_id).customer_id
    provider_url = f"/customers/{customer_id}/providers/aws/"
    assert f'href="{provider_url}"' in page

    form = client.get(provider_url).text
    saved = client.post(
        provider_url,
        {
            "version": "0",
            "opened_at": client.opened(provider_url, "opened_at"),
            "is_authorised": "y",
            "all_services": "all",
            "counts_from": "always",
            "pricebook_id": str(world.north.pricebook.id),
            "currency": "EUR",
        },
    )
    after = client.get(saved.location).text

    for one in (form, after):
        assert "waits for approval." in one
        assert f'href="{page_of(request_id)}">Go to the request' in one
    again = words(client.get(page_of(request_id)).text)
    assert "Done: Provider authorised" in again
    assert "Done: Pricebook set" in again
    assert "Warning: No support plan" in again
    assert "1 warning" in again


def test_approving_says_what_follows_does_it_and_goes_on(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    following = ask_account(flask_app, world.north, now=LATER)
    client = client_for(world.north.owner)
    page = client.get(page_of(request_id)).text

    answer = client.post(f"{page_of(request_id)}approve/")

    for said in (
        "Castellan Legal LLP and the login ruth@castellan.example are active at once.",
        "ruth@castellan.example is told by mail.",
        "Cloud Ops gets the request at ops@northcanary.example.",
    ):
        assert page.count(said) == 2  # beside the button, and in the question
    assert (answer.status_code, answer.location) == (302, page_of(following))
    assert "Castellan Legal LLP is active now" in client.get(answer.location).text
    request = found(flask_app, request_id)
    assert (request.status, request.decided_by) == (RequestStatus.FORWARDED, world.north.owner.name)


def test_whoever_was_approved_signs_in_at_once(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    credentials = {"username": ENTERED["email"], "password": PASSWORD}
    before = client_for().post("/portal/north/login/", credentials)

    client_for(world.north.owner).post(f"{page_of(request_id)}approve/")
    after = client_for().post("/portal/north/login/", credentials)

    assert (before.status_code, after.status_code) == (422, 302)


def test_the_last_one_leads_back_to_the_list(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = ask_account(flask_app, world.north)

    answer = client_for(world.north.ops).post(f"{page_of(request_id)}approve/")

    assert answer.location == QUEUE


def test_one_that_was_left_waiting_does_not_come_back_before_the_others(
    flask_app: Any, world: World, client_for: Any
) -> None:
    oldest = sign_up(flask_app, world.north)  # blocked
    middle = ask_account(flask_app, world.north, now=LATER)
    last = ask_account(
        flask_app, world.north, name="b", email="b@c.example", now=LATER + datetime.timedelta(days=1)
    )
    client = client_for(world.north.ops)

    first_answer = client.post(f"{page_of(middle)}approve/")
    second_answer = client.post(f"{page_of(last)}approve/")

    assert first_answer.location == page_of(last)
    assert second_answer.location == page_of(oldest)


def test_previous_and_next_walk_through_what_waits(flask_app: Any, world: World, client_for: Any) -> None:
    ids = [
        ask_account(
            flask_app, world.north, name=f"n{n}", email=f"n{n}@c.example", now=NOW
        )  # in the same moment
        for n in range(3)
    ]
    page = words(client_for(world.north.ops).get(page_of(ids[1])).text)
    links = re.findall(r'btn-default" href="([^"]*)"', client_for(world.north.ops).get(page_of(ids[1])).text)

    assert "number 2 of 3" in page
    assert links[:2] == [page_of(ids[0]), page_of(ids[2])]


def test_declining_names_the_harm_first_and_asks_why(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = sign_up(flask_app, world.north)
    client = client_for(world.north.owner)
    url = f"{page_of(request_id)}decline/"

    page = client.get(url).text
    without = client.post(url, {"reason": " "})
    answer = client.post(url, {"reason": "Only the EU"})

    assert (
        "The pending customer Castellan Legal LLP, the login ruth@castellan.example and everything that was entered "
        "are removed for good. The address may sign up again." in page
    )
    assert "Mail to ruth@castellan.example" in page
    assert "Keep request" in page
    assert without.status_code == 422
    assert "Say why: the reason is mailed." in without.text
    assert (answer.status_code, answer.location) == (302, QUEUE)
    after = words(client.get(page_of(request_id)).text)
    assert "Declined" in after
    assert "declined it: Only the EU" in after
    assert "What was entered was removed when the sign-up was declined." in after
    assert "castellan.example" not in after


def test_declining_another_request_keeps_what_the_customer_has(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = ask_account(flask_app, world.north)
    client = client_for(world.north.owner)

    page = client.get(f"{page_of(request_id)}decline/").text
    client.post(f"{page_of(request_id)}decline/", {"reason": "Not now"})

    assert "keeps what it has, and may ask again" in page
    assert "north-data" in client.get(page_of(request_id)).text


def test_the_second_of_two_is_told_and_nothing_changes(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)
    client_for(world.north.owner).post(f"{page_of(request_id)}approve/")
    before = found(flask_app, request_id)
    client = client_for(world.north.ops)

    answers = [
        client.post(f"{page_of(request_id)}approve/"),
        client.post(f"{page_of(request_id)}decline/", {"reason": "No"}),
    ]

    said = f"{world.north.owner.name} approved and forwarded this on"
    for answer in answers:
        assert answer.status_code == 409
        assert said in answer.text
        assert "Nothing was changed." in answer.text
        assert "Approve and Forward" not in answer.text
    assert found(flask_app, request_id).version == before.version
    assert client.get(f"{page_of(request_id)}decline/").location == page_of(request_id)


def test_a_platform_admin_decides_only_after_entering(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = ask_account(flask_app, world.north)
    client = client_for(world.admin)

    refused = client.get(QUEUE), client.post(f"{page_of(request_id)}approve/")
    client.post(f"/enter/{world.north.id}/", {"reason": "they asked"})
    answer = client.post(f"{page_of(request_id)}approve/")

    assert [one.status_code for one in refused] == [403, 403]
    assert answer.status_code == 302
    assert found(flask_app, request_id).decided_by == world.admin.name


def test_a_customer_that_waits_offers_the_request_and_not_to_be_archived(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = sign_up(flask_app, world.north)
    customer_id = found(flask_app, request_id).customer_id
    client, sales = client_for(world.north.owner), client_for(world.north.sales)

    page = client.get(f"/customers/{customer_id}/").text
    answers = [client.post(f"/customers/{customer_id}/{act}/") for act in ("archive", "delete")]
    bulk = client.post("/customers/archive", {"rowid": str(customer_id)})

    assert "Signed up on 20 Nov 2026, 10:00 CET; waits for approval." in page
    assert f'href="{page_of(request_id)}"' in page
    assert "Archive customer" not in page
    assert "Delete customer" not in page
    for answer in (*answers, bulk):
        assert answer.status_code == 409
        assert "Castellan Legal LLP signed up and waits for approval." in html.unescape(answer.text)
    seen = sales.get(f"/customers/{customer_id}/").text
    assert "waits for approval." in seen
    assert page_of(request_id) not in seen
    with looking(flask_app):
        assert db.session.get(Customer, customer_id).status is CustomerStatus.PENDING


def test_a_customer_whose_address_is_not_proven_says_so(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, scope_of(world.north)):
        db.session.get(Customer, world.north.customer.id).status = CustomerStatus.PENDING

    page = client_for(world.north.owner).get(f"/customers/{world.north.customer.id}/").text

    assert "It waits for the email address to be proven" in page
    assert "Archive customer" in page


def test_another_request_of_a_customer_is_announced_too(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = ask_account(flask_app, world.north)

    page = client_for(world.north.owner).get(f"/customers/{world.north.customer.id}/providers/").text

    assert "New cloud account: waits for approval." in page
    assert f'href="{page_of(request_id)}"' in page
    assert "Archive customer" in page
