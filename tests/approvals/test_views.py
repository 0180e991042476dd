"""The reseller's screens: the queue, one request, deciding, and what customers' pages and Home say of requests."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest

from app.approvals import requests, services
from app.approvals.models import RequestStatus
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.security.models import User
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
from tests.customers.test_query_counts import counting
from tests.worlds import PASSWORD, World

QUEUE = "/settings/approvals/"


def rows(page: str) -> list[str]:
    """Return who stands in the queue, from top to bottom."""
    return [
        html.unescape(one) for one in re.findall(r'<a class="ct-link-strong" href="[^"]*">([^<]*)</a>', page)
    ]


def page_of(request_id: int) -> str:
    return f"{QUEUE}{request_id}/"


def words(page: str) -> str:
    """Return the page's text in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


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


# -- the reseller's own requests ---------------------------------------------------------------------------------------


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


# -- the rest ----------------------------------------------------------------------------------------------------------


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
