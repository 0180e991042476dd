"""Cloud Ops' screens: what waits over all resellers, taking it on, completing, rejecting it, and what stays hidden."""

from __future__ import annotations

import datetime
import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from app.approvals import requests, services
from app.approvals.models import RequestStatus, RequestType
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from app.security.accounts import create_user
from app.security.roles import RoleName
from app.tenancy.scope import system_scope
from tests.approvals.screens import rows, words
from tests.approvals.steps import (
    ENTERED,
    LATER,
    NOW,
    ask_account,
    authorise,
    found,
    looking,
    platform_scope,
    scope_of,
    sign_up,
    working,
)
from tests.counting import counting
from tests.worlds import World

QUEUE = "/platform/operations/"


def page_of(request_id: int) -> str:
    return f"{QUEUE}{request_id}/"


def forwarded(app: Any, world: World, **more: Any) -> int:
    return ask_account(app, world.north, is_forwarded=True, **more)


def approved_sign_up(app: Any, world: World) -> int:
    request_id = sign_up(app, world.north, is_ready=True)
    with working(app, scope_of(world.north, world.north.owner)):
        services.approve_and_forward(services.find_request(request_id), now=LATER)
    return request_id


def second_admin(app: Any) -> Any:
    with app.app_context(), system_scope("test"):
        user = create_user(
            name="Bea Admin",
            email="bea@platform.example",
            role=RoleName.PLATFORM_ADMIN,
            reseller_id=None,
            password="correct horse battery staple",
        )
        db.session.commit()
        return SimpleNamespace(
            id=user.id, name=user.name, reseller_id=None, session_version=user.session_version
        )


def test_the_queue_holds_what_all_resellers_forwarded_the_oldest_first(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ask_account(flask_app, world.south, is_forwarded=True, now=NOW + datetime.timedelta(hours=1))
    forwarded(flask_app, world, now=NOW)
    ask_account(flask_app, world.north, name="pending", email="b@c.example", now=NOW)

    with frozen_at(LATER):
        page = client_for(world.admin).get(QUEUE).text

    assert rows(page) == [world.north.customer.name, world.south.customer.name]
    for said in (world.north.name, world.south.name, "New cloud account", "Amazon Web Services", "for 1 day"):
        assert said in page
    assert re.search(r'Cloud Ops queue<span class="badge badge-attn">2', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"north", "south"}),
        ("?reseller=south", {"south"}),
        ("?reseller=nobody", set()),
        ("?status=in_progress", {"south"}),
        ("?status=forwarded", {"north"}),
        ("?status=completed", set()),
        ("?status=all", {"north", "south"}),
        ("?type=signup", set()),
        ("?type=account_provision", {"north", "south"}),
        ("?q=SOUTHcanary", {"south"}),
    ],
)
def test_the_queue_is_filtered(
    flask_app: Any, world: World, client_for: Any, query: str, expected: set[str]
) -> None:
    forwarded(flask_app, world)
    taken = ask_account(flask_app, world.south, is_forwarded=True)
    with working(flask_app, platform_scope(world.admin)):
        services.take(services.find_request(taken), now=LATER)

    page = client_for(world.admin).get(QUEUE + query)

    assert page.status_code == 200
    assert {
        name for name in ("north", "south") if getattr(world, name).customer.name in rows(page.text)
    } == expected
    if not expected:
        assert "No request matches" in page.text


@pytest.mark.parametrize("query", ["?status=pending", "?status=declined", "?type=x"])
def test_states_that_are_the_resellers_are_no_filter_here(client_for: Any, world: World, query: str) -> None:
    assert client_for(world.admin).get(QUEUE + query).status_code == 400


def test_an_empty_queue_says_why(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.admin)
    unused = client.get(QUEUE).text
    request_id = forwarded(flask_app, world)
    with working(flask_app, platform_scope(world.admin)):
        services.reject(services.find_request(request_id), reason="No", now=LATER)

    assert "Nothing was forwarded yet" in unused
    assert "Every request was completed or rejected." in client.get(QUEUE).text


def test_the_platforms_home_counts_what_waits(flask_app: Any, world: World, client_for: Any) -> None:
    first = forwarded(flask_app, world)
    forwarded(flask_app, world, name="b", email="b@c.example")
    with working(flask_app, platform_scope(world.admin)):
        services.take(services.find_request(first), now=LATER)

    said = words(client_for(world.admin).get("/platform/").text)

    assert "Requests waiting 1 1 in progress" in said


def test_a_request_shows_its_own_row_and_nothing_else_of_the_reseller(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north, world.north.owner)):
        services.approve_and_forward(services.find_request(request_id), now=LATER)

    page = client_for(world.admin).get(page_of(request_id)).text
    said = words(page)

    for shown in (world.north.name, world.north.customer.name, "north-data", "root@data.example", "Business"):
        assert shown in said
    assert f"{world.north.owner.name} approved and forwarded it" in said
    assert f"{world.north.customer.name} asked for it in the portal" in said
    for hidden in (world.north.customer_user.name, world.north.customer_user.email, "/customers/", "C-1001"):
        assert hidden not in page


def test_what_was_not_forwarded_does_not_exist_here(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = ask_account(flask_app, world.north)
    client = client_for(world.admin)

    answers = [
        client.get(page_of(request_id)),
        client.post(f"{page_of(request_id)}take/"),
        client.post(f"{page_of(request_id)}complete/", {"account_id": "123456789012"}),
        client.get(f"{page_of(request_id)}reject/"),
        client.post(f"{page_of(request_id)}reject/", {"reason": "No"}),
    ]

    assert [one.status_code for one in answers] == [404] * 5
    assert found(flask_app, request_id).status is RequestStatus.PENDING


def test_taking_one_on_tells_everybody_who_works_on_it(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = forwarded(flask_app, world)
    client = client_for(world.admin)
    assert "Take it on" in client.get(page_of(request_id)).text

    answer = client.post(f"{page_of(request_id)}take/")

    mine = client.get(answer.location).text
    theirs = client_for(second_admin(flask_app)).get(page_of(request_id)).text
    assert "Take it on" not in mine
    assert "has been working on this" not in mine
    assert f"{world.admin.name} has been working on this since" in theirs
    assert "Complete and activate account" in theirs
    reseller = words(client_for(world.north.ops).get(f"/settings/approvals/{request_id}/").text)
    assert f"{world.admin.name} took it on at Cloud Ops" in reseller


def test_two_cannot_take_the_same(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = forwarded(flask_app, world)
    client_for(world.admin).post(f"{page_of(request_id)}take/")

    answer = client_for(second_admin(flask_app)).post(f"{page_of(request_id)}take/")

    assert answer.status_code == 409
    assert f"{world.admin.name} has been working on this since" in answer.text
    assert found(flask_app, request_id).taken_by == world.admin.name


def test_completing_makes_the_account_active_and_leads_back(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = forwarded(flask_app, world)
    client = client_for(world.admin)
    form = client.get(page_of(request_id)).text

    answer = client.post(
        f"{page_of(request_id)}complete/",
        {"account_id": "4444-5555-6666", "name": "production", "support_type": "Business"},
    )

    assert "AWS account ID" in form
    assert "For example 123456789012" in form
    assert 'value="north-data"' in form
    assert (answer.status_code, answer.location) == (302, QUEUE)
    seen = words(client_for(world.north.ops).get(f"/customers/{world.north.customer.id}/accounts/").text)
    assert "production 444455556666 Amazon Web Services Business – Active" in seen
    done = words(client.get(page_of(request_id)).text)
    assert "Completed" in done
    assert "Complete and activate" not in done


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"account_id": ""}, "Enter the account's id at the provider."),
        ({"account_id": "12"}, "Enter the AWS account ID in the form 123456789012."),
        ({"account_id": "444455556666", "support_type": "Platinum"}, "Choose one of the list."),
    ],
)
def test_an_entry_that_does_not_do_is_said_beside_its_field(
    flask_app: Any, world: World, client_for: Any, values: dict[str, str], sentence: str
) -> None:
    request_id = forwarded(flask_app, world)

    answer = client_for(world.admin).post(f"{page_of(request_id)}complete/", {"name": "kept name", **values})

    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert "There is a problem" in answer.text
    assert 'value="kept name"' in answer.text
    assert found(flask_app, request_id).status is RequestStatus.FORWARDED


def test_an_id_of_another_customer_is_refused_without_a_name(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = forwarded(flask_app, world)
    with looking(flask_app):
        taken = db.session.get(CloudAccount, world.north.other_account.id).account_id

    answer = client_for(world.admin).post(f"{page_of(request_id)}complete/", {"account_id": taken})

    assert answer.status_code == 422
    assert "The reseller has an account with this id already." in answer.text
    for hidden in (world.north.other_customer.name, world.north.other_account.name):
        assert hidden not in answer.text


def test_where_the_customer_may_not_buy_any_more_the_entry_is_kept(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = forwarded(flask_app, world)
    with working(flask_app, scope_of(world.north)):
        authorise(db.session.get(Customer, world.north.customer.id), "aws", is_on=False)

    answer = client_for(world.admin).post(f"{page_of(request_id)}complete/", {"account_id": "444455556666"})

    assert answer.status_code == 409
    assert "not authorised for Amazon Web Services any more" in answer.text
    assert 'value="444455556666"' in answer.text


def test_a_sign_up_and_a_removal_are_completed_by_a_button(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, scope_of(world.north)):
        removal = requests.request_removal(
            customer=db.session.get(Customer, world.north.customer.id),
            account=db.session.get(CloudAccount, world.north.account.id),
            details={"reason": "Moved away"},
            requester=None,
            now=NOW,
            is_forwarded=True,
        ).id
    client = client_for(world.admin)
    for request_id in (approved_sign_up(flask_app, world), removal):
        page = client.get(page_of(request_id)).text
        answer = client.post(f"{page_of(request_id)}complete/")

        assert "Complete request" in page
        assert 'name="account_id"' not in page
        assert answer.status_code == 302
        assert found(flask_app, request_id).status is RequestStatus.COMPLETED
    with looking(flask_app):
        assert not db.session.get(CloudAccount, world.north.account.id).is_active


def test_rejecting_says_who_is_told_and_asks_why(flask_app: Any, world: World, client_for: Any) -> None:
    sign_up_id, account_id = approved_sign_up(flask_app, world), forwarded(flask_app, world)
    client = client_for(world.admin)

    pages = [client.get(f"{page_of(one)}reject/").text for one in (sign_up_id, account_id)]
    without = client.post(f"{page_of(account_id)}reject/", {"reason": ""})
    answer = client.post(f"{page_of(account_id)}reject/", {"reason": "The address is in use at AWS"})

    assert f"Castellan Legal LLP stays an active customer of {world.north.name}, which is told." in pages[0]
    assert "are told. They may ask again." in pages[1]
    assert without.status_code == 422
    assert (answer.status_code, answer.location) == (302, QUEUE)
    for page in (
        client_for(world.north.ops).get(f"/settings/approvals/{account_id}/").text,
        client_for(world.north.ops).get(f"/customers/{world.north.customer.id}/accounts/").text,
    ):
        assert "The address is in use at AWS" in page
        assert "Rejected" in page


def test_the_second_at_cloud_ops_is_told_and_nothing_changes(
    flask_app: Any, world: World, client_for: Any
) -> None:
    request_id = forwarded(flask_app, world)
    client_for(world.admin).post(f"{page_of(request_id)}complete/", {"account_id": "444455556666"})
    client = client_for(second_admin(flask_app))

    answers = [
        client.post(f"{page_of(request_id)}complete/", {"account_id": "777788889999"}),
        client.post(f"{page_of(request_id)}reject/", {"reason": "No"}),
        client.post(f"{page_of(request_id)}take/"),
    ]

    for answer in answers:
        assert answer.status_code == 409
        assert f"{world.admin.name} completed this on" in answer.text
        assert "Nothing was changed." in answer.text
    assert client.get(f"{page_of(request_id)}reject/").location == page_of(request_id)
    with looking(flask_app):
        found_ids = db.session.scalars(select(CloudAccount.account_id)).all()
        assert "777788889999" not in found_ids


def test_resellers_have_no_way_to_this_queue(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = forwarded(flask_app, world)

    for person in (world.north.owner, world.north.ops, world.north.sales, world.north.customer_user):
        client = client_for(person)
        assert client.get(QUEUE).status_code == 403
        assert (
            client.post(f"{page_of(request_id)}complete/", {"account_id": "444455556666"}).status_code == 403
        )


def test_the_platforms_log_leads_to_the_request(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = forwarded(flask_app, world)
    client = client_for(world.admin)
    client.post(f"{page_of(request_id)}take/")

    page = client.get("/audit/list/").text

    assert f'href="{page_of(request_id)}"' in page
    assert f"took on request R-{request_id} {world.north.customer.name}" in words(page)


def test_the_queue_takes_few_statements_however_long_it_is(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.admin)
    counts = []
    for start, more in ((0, 2), (2, 30)):
        for n in range(start, start + more):
            side = (world.north, world.south)[n % 2]
            ask_account(flask_app, side, name=f"n{n}", email=f"n{n}@c.example", is_forwarded=True)
        client.get(QUEUE)
        with counting() as seen:
            answer = client.get(f"{QUEUE}?per_page=100")
        assert answer.status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 10


def test_a_sign_up_says_what_the_applicant_entered(flask_app: Any, world: World, client_for: Any) -> None:
    request_id = approved_sign_up(flask_app, world)

    said = words(client_for(world.admin).get(page_of(request_id)).text)

    assert found(flask_app, request_id).type is RequestType.SIGNUP
    assert ENTERED["phone"] in said
    assert "When everything is set up on the provider's side." in said
