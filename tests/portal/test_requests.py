"""Asking for accounts, links, removals and providers, and seeing how far it is."""

from __future__ import annotations

import datetime
import html
from typing import Any

import pytest
from sqlalchemy import update

from app.approvals import services
from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.approvals.requests import request_link
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from app.providers.models import Provider, ResellerProvider
from app.security.models import User
from app.tenancy.scope import system_scope
from tests.portal.ground import (
    ACCOUNTS,
    HOME,
    NOW,
    REQUESTS,
    change,
    count_requests,
    find_customer,
    last_request,
    publish_terms,
    reseller_scope_of,
    set_provider,
    set_storefront,
)
from tests.worlds import World

ACCOUNT = {
    "name": "analytics",
    "root_email": "root@new.example",
    "support_type": "Business",
    "remark": "soon",
}


@pytest.fixture(autouse=True)
def takes_requests(flask_app: Any, world: World) -> None:
    set_provider(flask_app, world, may_request_accounts=True)


def removal_of(world: World) -> str:
    return f"{REQUESTS}removal/{world.north.account.id}/"


def move(app: Any, world: World, step: str, **values: Any) -> None:
    """Let the reseller, or Cloud Ops, do something to the newest request."""
    with app.app_context(), reseller_scope_of(world):
        request = services.find_request(last_request(app).id)
        getattr(services, step)(request, now=NOW, **values)
        db.session.commit()


def test_a_new_account_is_asked_for_and_its_way_is_shown(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    assert client.get(f"{REQUESTS}account/").location == f"{REQUESTS}account/aws/"

    answer = client.post(f"{REQUESTS}account/aws/", ACCOUNT)

    request = last_request(flask_app)
    assert answer.location == f"{REQUESTS}{request.id}/"
    assert (request.type, request.status) == (RequestType.ACCOUNT_PROVISION, RequestStatus.PENDING)
    assert (request.customer_id, request.requester_id) == (
        world.north.customer.id,
        world.north.customer_user.id,
    )
    assert request.details == ACCOUNT
    page = client.get(answer.location).text
    assert f"Your request is with {world.north.name}." in page
    for word in ("analytics", "root@new.example", "Business", "soon", "Requested", "Waits for approval"):
        assert word in page
    assert f"by {world.north.customer_user.name}" in page
    for url in (HOME, ACCOUNTS, REQUESTS):
        assert f'href="{REQUESTS}{request.id}/"' in client.get(url).text


def test_an_account_that_exists_is_linked_on_request(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)

    answer = client.post(f"{REQUESTS}link/aws/", {"account_id": "9999 8888 7777"})

    assert answer.status_code == 302
    request = last_request(flask_app)
    assert (request.type, request.details) == (RequestType.ACCOUNT_LINK, {"account_id": "999988887777"})


def test_a_removal_is_asked_for_and_marks_the_account(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    assert f'href="{removal_of(world)}"' in client.get(ACCOUNTS).text
    assert world.north.account.name in client.get(removal_of(world)).text
    assert client.post(removal_of(world), {"reason": ""}).status_code == 422

    assert client.post(removal_of(world), {"reason": "the project has ended"}).status_code == 302

    request = last_request(flask_app)
    assert (request.type, request.cloud_account_id) == (RequestType.ACCOUNT_DELETE, world.north.account.id)
    page = client.get(ACCOUNTS).text
    assert "Removal requested" in page
    assert removal_of(world) not in page
    move(flask_app, world, "decline", reason="The contract runs until May.")
    page = client.get(ACCOUNTS).text
    assert "Removal requested" not in page
    assert "The contract runs until May." in page


def test_a_provider_is_asked_for_of_those_that_can_be_had(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    page = client.get(f"{REQUESTS}provider/").text
    assert "Microsoft Azure" in page
    assert "Amazon Web Services" not in page, "bought already"
    assert "Google Cloud" not in page, "not resold"
    for code in ("aws", "google", "nothing"):
        assert client.get(f"{REQUESTS}provider/{code}/").status_code == 404
        assert client.post(f"{REQUESTS}provider/{code}/", {"remark": "x"}).status_code == 404

    assert client.post(f"{REQUESTS}provider/azure/", {"remark": "for Windows"}).status_code == 302

    request = last_request(flask_app)
    assert (request.type, request.provider.code) == (RequestType.PROVIDER_ENABLEMENT, "azure")


def test_an_inactive_provider_is_not_offered(flask_app: Any, world: World, client_for: Any) -> None:
    change(flask_app, update(Provider).where(Provider.code == "azure").values(is_active=False))
    client = client_for(world.north.customer_user)

    assert "Microsoft Azure" not in client.get(f"{REQUESTS}provider/").text
    assert client.get(f"{REQUESTS}provider/azure/").status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("account/aws/", ACCOUNT),
        ("link/aws/", {"account_id": "999988887777"}),
        ("provider/azure/", {"remark": "for Windows"}),
        ("removal/{}/", {"reason": "old"}),
    ],
)
def test_the_same_again_is_refused_in_words(
    path: str, form: dict[str, str], flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    url = REQUESTS + path.format(world.north.account.id)
    assert client.post(url, form).status_code == 302
    before = count_requests(flask_app)

    answer = client.post(url, form)

    # A root address is asked about before the request is: it can be used once, whatever else is entered.
    assert answer.status_code == (422 if "root_email" in form else 409)
    assert ("is not settled yet" in answer.text) or ("Another open request names this address" in answer.text)
    assert count_requests(flask_app) == before


def test_a_settled_request_can_be_made_again(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    url, form = f"{REQUESTS}link/aws/", {"account_id": "999988887777"}
    client.post(url, form)
    move(flask_app, world, "decline", reason="Wrong number?")

    assert client.post(url, form).status_code == 302


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("account/aws/", {"name": "x"}, "Enter an email address in the form name@example.com."),
        ("account/aws/", {"root_email": "x"}, "Enter an email address in the form name@example.com."),
        ("account/aws/", ACCOUNT | {"support_type": "Gold"}, "Choose one of the list."),
        ("account/aws/", ACCOUNT | {"name": "x" * 121}, "Use at most 120 characters"),
        ("link/aws/", {"account_id": ""}, "Enter the account's id at the provider."),
        ("link/aws/", {"account_id": "12"}, "Enter the AWS account ID in the form 123456789012."),
        ("removal/{}/", {"reason": " "}, "Say why."),
    ],
)
def test_what_cannot_be_asked_for_is_said_where_it_was_entered(
    path: str, form: dict[str, str], sentence: str, flask_app: Any, world: World, client_for: Any
) -> None:
    url = REQUESTS + path.format(world.north.account.id)

    answer = client_for(world.north.customer_user).post(url, form)

    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert "<title>Error:" in answer.text
    assert count_requests(flask_app) == 0


@pytest.mark.parametrize("switch", ["may_request_accounts", "is_authorised"])
def test_a_provider_that_takes_no_requests_is_not_to_be_asked_at(
    switch: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    assert client.get(f"{REQUESTS}account/aws/").status_code == 200

    set_provider(flask_app, world, **{switch: False})

    for path, form in (
        ("account/aws/", ACCOUNT),
        ("link/aws/", {"account_id": "999988887777"}),
        (f"removal/{world.north.account.id}/", {"reason": "old"}),
    ):
        assert client.get(REQUESTS + path).status_code == 404, path
        assert client.post(REQUESTS + path, form).status_code == 404, path
    page = client.get(ACCOUNTS).text
    assert f"{REQUESTS}account/" not in page
    assert "No provider to choose from" in client.get(f"{REQUESTS}account/").text
    assert count_requests(flask_app) == 0


def test_a_withdrawn_provider_takes_no_new_account_and_gives_back_old_ones(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), system_scope("test"):
        for grant in db.session.query(ResellerProvider).all():
            db.session.delete(grant)
        db.session.commit()
    client = client_for(world.north.customer_user)

    assert client.get(f"{REQUESTS}account/aws/").status_code == 404
    assert client.get(f"{REQUESTS}link/aws/").status_code == 404
    assert client.post(removal_of(world), {"reason": "old"}).status_code == 302


def test_who_may_ask_at_a_provider_sees_what_comes_of_it(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_provider(flask_app, world, in_portal=False)
    client = client_for(world.north.customer_user)

    assert world.north.account.name in client.get(ACCOUNTS).text
    assert client.get("/portal/north/dashboard/").status_code == 404


def test_other_accounts_and_requests_do_not_exist(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    client.post(f"{REQUESTS}account/aws/", ACCOUNT)
    request = last_request(flask_app)

    for account in (world.north.other_account, world.south.account):
        url = f"{REQUESTS}removal/{account.id}/"
        assert client.get(url).status_code == 404
        assert client.post(url, {"reason": "mine now"}).status_code == 404
    assert client_for(world.north.other_user).get(f"{REQUESTS}{request.id}/").status_code == 404
    assert (
        client_for(world.south.customer_user)
        .get(f"/portal/south/accounts/requests/{request.id}/")
        .status_code
        == 404
    )
    assert client_for(world.south.customer_user).get(f"{REQUESTS}{request.id}/").status_code == 302
    assert client.get(f"{REQUESTS}{2**31}/").status_code == 404


def test_a_sign_up_is_no_request_of_the_customer(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope_of(world):
        db.session.add(
            ApprovalRequest(
                customer_id=world.north.customer.id,
                type=RequestType.SIGNUP,
                status=RequestStatus.REJECTED,
                from_name="x",
                details={},
                created_at=NOW,
                forwarded_at=NOW,
                ended_at=NOW,
                reason="for the reseller only",
            )
        )
        db.session.commit()
    client = client_for(world.north.customer_user)

    assert client.get(f"{REQUESTS}{last_request(flask_app).id}/").status_code == 404
    for url in (HOME, ACCOUNTS, REQUESTS):
        assert "for the reseller only" not in client.get(url).text


def test_the_way_of_a_request_from_asking_to_the_account(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    url = client.post(f"{REQUESTS}account/aws/", ACCOUNT).location
    words = {}

    for step, values in (
        ("approve_and_forward", {}),
        ("take", {}),
        ("complete", {"account_id": "123412341234"}),
    ):
        move(flask_app, world, step, **values)
        words[step] = client.get(url).text

    assert ">Approved<" in words["approve_and_forward"]
    assert f"by {world.north.name}" in words["approve_and_forward"]
    assert ">In progress<" in words["take"]
    assert ">Completed<" in words["complete"]
    assert "22 Nov 2026, 10:00 CET" in words["complete"]
    for page in words.values():
        assert world.north.ops.name not in page, "who works on it is not told"
    assert "analytics" in client.get(ACCOUNTS).text
    assert "123412341234" in client.get(ACCOUNTS).text


@pytest.mark.parametrize(("steps", "state"), [((), "Declined"), (("approve_and_forward",), "Rejected")])
def test_a_no_is_told_with_its_reason(
    steps: tuple[str, ...], state: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    url = client.post(f"{REQUESTS}account/aws/", ACCOUNT).location
    for step in steps:
        move(flask_app, world, step)

    move(flask_app, world, "reject" if steps else "decline", reason="This <b>region</b> is closed.")

    for place in (url, HOME, ACCOUNTS, REQUESTS):
        with frozen_at(NOW + datetime.timedelta(days=1)):
            page = client_for(world.north.customer_user).get(place).text
        assert "This &lt;b&gt;region&lt;/b&gt; is closed." in page, place
        assert state in page, place


def test_the_badge_counts_what_is_open(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    assert "badge-attn" not in client.get(HOME).text
    client.post(f"{REQUESTS}account/aws/", ACCOUNT)
    client.post(f"{REQUESTS}link/aws/", {"account_id": "999988887777"})

    assert '<span class="badge badge-attn">2' in client.get(HOME).text
    assert '<span class="badge badge-attn">2' in client.get("/profile/").text

    move(flask_app, world, "decline", reason="no")
    assert '<span class="badge badge-attn">1' in client.get(HOME).text


def test_a_request_of_the_resellers_own_is_the_resellers(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), reseller_scope_of(world):
        customer = find_customer(world)
        request_link(
            customer=customer,
            provider=customer.enablements[0].provider,
            details={"account_id": "999988887777"},
            requester=db.session.get(User, world.north.ops.id),
            now=NOW,
            is_forwarded=True,
        )
        db.session.commit()

    page = client_for(world.north.customer_user).get(f"{REQUESTS}{last_request(flask_app).id}/").text

    assert f"by {world.north.name}" in page
    assert world.north.ops.name not in page


def test_accounts_are_searched_filtered_and_paged(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope_of(world):
        provider = db.session.get(CloudAccount, world.north.account.id).provider
        for number in range(30):
            db.session.add(
                CloudAccount(
                    customer_id=world.north.customer.id,
                    provider=provider,
                    account_id=f"{number:012d}",
                    name=f"work {number:02d}",
                    created_at=NOW,
                )
            )
        db.session.add(
            CloudAccount(
                customer_id=world.north.customer.id,
                provider=provider,
                account_id="555566667777",
                name="gone",
                status=CloudAccountStatus.ARCHIVED,
                created_at=NOW,
            )
        )
        db.session.commit()
    client = client_for(world.north.customer_user)

    assert "1–25 of 31" in client.get(ACCOUNTS).text
    assert "26–31 of 31" in client.get(f"{ACCOUNTS}?page=1").text
    found = client.get(f"{ACCOUNTS}?q=WORK+07").text
    assert "work 07" in found
    assert "work 08" not in found
    assert "gone" not in client.get(ACCOUNTS).text
    archived = client.get(f"{ACCOUNTS}?status=archived").text
    assert "gone" in archived
    assert "work 07" not in archived
    assert "No account matches" in client.get(f"{ACCOUNTS}?provider=azure").text
    assert "work 07" in client.get(f"{ACCOUNTS}?provider=aws&q=work").text
    assert client.get(f"{ACCOUNTS}?page=abc").status_code == 400


def test_first_use_says_what_to_do_next(flask_app: Any, world: World, client_for: Any) -> None:
    change(flask_app, update(CloudAccount).values(status=CloudAccountStatus.ARCHIVED))
    client = client_for(world.north.customer_user)

    for url in (HOME, ACCOUNTS):
        page = client.get(url).text
        assert "No cloud accounts yet" in page
        assert f'href="{REQUESTS}account/"' in page

    set_provider(flask_app, world, is_authorised=False)
    page = client.get(HOME).text
    assert "First comes a provider" in page
    assert f'href="{REQUESTS}provider/"' in page


def test_terms_come_before_accounts_where_the_reseller_says_so(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_storefront(flask_app, world, requires_terms=False, requires_terms_for_accounts=True)
    client = client_for(world.north.customer_user)
    assert client.get(f"{REQUESTS}account/aws/").status_code == 200, "nothing is published yet"
    version = publish_terms(flask_app, world)

    there = f"/portal/north/terms/?next={REQUESTS}account/aws/"
    assert client.get(f"{REQUESTS}account/aws/").location == there
    assert client.get(f"{REQUESTS}link/").status_code == 302
    for path, form in (("account/aws/", ACCOUNT), ("link/aws/", {"account_id": "999988887777"})):
        refused = client.post(REQUESTS + path, form)
        assert (refused.status_code, "Read and accept the terms first." in refused.text) == (409, True)
    assert count_requests(flask_app) == 0
    assert "You have not accepted the terms" in client.get(HOME).text
    assert client.get(removal_of(world)).status_code == 200, "nothing is added"
    assert client.get(f"{REQUESTS}provider/azure/").status_code == 200

    accepted = client.post(there, {"terms_id": version.id})

    assert accepted.location == f"{REQUESTS}account/aws/"
    assert "You have not accepted the terms" not in client.get(HOME).text
    assert client.post(f"{REQUESTS}account/aws/", ACCOUNT).status_code == 302


def test_terms_that_are_not_asked_for_are_in_nobodys_way(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_storefront(flask_app, world, requires_terms=False)
    publish_terms(flask_app, world)

    answer = client_for(world.north.customer_user).post(f"{REQUESTS}account/aws/", ACCOUNT)

    assert answer.status_code == 302
