"""What is open: the reseller's switches make pages exist, a person's let the person in. Both at the next click."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.tenancy.models import Reseller
from tests.portal.ground import (
    ACCOUNTS,
    COMPANY,
    DASHBOARD,
    HOME,
    REPORTS,
    REQUESTS,
    STATEMENTS,
    USERS,
    change,
    set_person,
    set_provider,
    set_storefront,
)
from tests.worlds import World

#: Reseller's switch -> the pages that it makes exist.
PAGES = {
    "shows_dashboard": (DASHBOARD,),
    "shows_reports": (REPORTS,),
    "shows_statements": (STATEMENTS,),
    "shows_company": (COMPANY,),
    "shows_accounts": (
        ACCOUNTS,
        REQUESTS,
        f"{REQUESTS}account/",
        f"{REQUESTS}account/aws/",
        f"{REQUESTS}link/",
        f"{REQUESTS}link/aws/",
        f"{REQUESTS}provider/",
        f"{REQUESTS}provider/azure/",
    ),
    "allows_purchasing": (f"{REQUESTS}provider/", f"{REQUESTS}provider/azure/"),
}
TABS = {
    "Overview": HOME,
    "Dashboard": DASHBOARD,
    "Reports": REPORTS,
    "Statements": STATEMENTS,
    "Cloud accounts": ACCOUNTS,
    "Users": USERS,
    "Company": COMPANY,
}


def has_tab(page: str, url: str) -> bool:
    nav = page[page.index('<nav aria-label="Main">') : page.index("</nav>")]
    return f'href="{url}"' in nav


@pytest.fixture(autouse=True)
def takes_requests(flask_app: Any, world: World) -> None:
    set_provider(flask_app, world, may_request_accounts=True)


def test_everything_is_open_until_somebody_decides_otherwise(world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)

    page = client.get(HOME).text

    assert {name for name, url in TABS.items() if has_tab(page, url)} == set(TABS)
    for pages in PAGES.values():
        assert [url for url in pages if client.get(url).status_code not in (200, 302)] == []


@pytest.mark.parametrize("switch", PAGES)
def test_what_the_reseller_does_not_show_is_not_there(
    switch: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    assert client.get(PAGES[switch][0]).status_code == 200

    set_storefront(flask_app, world, **{switch: False})

    page = client.get(HOME).text
    hidden = [url for url in TABS.values() if not has_tab(page, url)]
    assert hidden == [url for url in PAGES[switch] if url in TABS.values()]
    for url in PAGES[switch]:
        assert client.get(url).status_code == 404, url
        assert client.post(url).status_code in (404, 405), url
    for url in PAGES[switch][:1]:
        assert f'href="{url}' not in page, "the start page leads nowhere that is not there"


def test_a_page_that_is_not_there_takes_no_form_either(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    set_storefront(flask_app, world, shows_company=False, shows_accounts=False)

    removal = f"{REQUESTS}removal/{world.north.account.id}/"
    assert client.post(removal, {"reason": "old"}).status_code == 404
    assert client.post(f"{REQUESTS}account/aws/", {"root_email": "new@root.example"}).status_code == 404
    assert (
        client.post(COMPANY, {"contact_name": "X", "email": "x@x.example", "country": "DE"}).status_code
        == 404
    )


@pytest.mark.parametrize("url", [DASHBOARD, REPORTS, STATEMENTS])
@pytest.mark.parametrize("switch", ["in_portal", "is_authorised"])
def test_without_a_provider_in_the_portal_there_is_nothing_to_report(
    switch: str, url: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    assert client.get(url).status_code == 200

    set_provider(flask_app, world, **{switch: False})

    assert client.get(url).status_code == 404
    assert not has_tab(client.get(HOME).text, url)


@pytest.mark.parametrize("url", [DASHBOARD, REPORTS, STATEMENTS])
def test_pages_without_figures_say_what_will_be_here_by_provider(
    url: str, world: World, client_for: Any
) -> None:
    page = client_for(world.north.customer_user).get(url).text

    assert "Amazon Web Services" in page
    assert "Microsoft Azure" not in page
    assert "as soon as" in page.lower()


def test_a_person_who_sees_no_statements_has_no_tab_and_no_page(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.customer_user)
    assert client.get(STATEMENTS).status_code == 200

    set_person(flask_app, world, sees_statements=False)

    answer = client.get(STATEMENTS)
    assert answer.status_code == 403
    assert "Your login does not include this page" in answer.text
    page = client.get(HOME).text
    assert not has_tab(page, STATEMENTS)
    assert has_tab(page, REPORTS)


def test_what_is_not_there_is_not_there_for_those_who_may_not_either(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_person(flask_app, world, sees_statements=False, may_request_accounts=False)
    set_storefront(flask_app, world, shows_statements=False, shows_accounts=False)
    client = client_for(world.north.customer_user)

    assert client.get(STATEMENTS).status_code == 404
    assert client.get(f"{REQUESTS}account/aws/").status_code == 404


def test_a_person_who_may_not_request_looks_only(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    assert f'href="{REQUESTS}account/"' in client.get(ACCOUNTS).text

    set_person(flask_app, world, may_request_accounts=False)

    for page in (client.get(HOME).text, client.get(ACCOUNTS).text):
        assert world.north.account.name in page
        assert REQUESTS in page
        for word in ("account", "link", "provider", "removal"):
            assert f"{REQUESTS}{word}" not in page
    asked = {
        "account/": {},
        "account/aws/": {"root_email": "new@root.example"},
        "link/": {},
        "link/aws/": {"account_id": "999988887777"},
        "provider/": {},
        "provider/azure/": {"remark": "x"},
        f"removal/{world.north.account.id}/": {"reason": "old"},
    }
    for path, form in asked.items():
        assert client.get(REQUESTS + path).status_code == 403, path
        if form:
            assert client.post(REQUESTS + path, form).status_code == 403, path


def test_the_support_address_is_told_to_whoever_is_refused(
    flask_app: Any, world: World, client_for: Any
) -> None:
    change(flask_app, update(Reseller).values(support_email="help@northcanary.example"))
    set_person(flask_app, world, may_invite=False)

    answer = client_for(world.north.customer_user).get(f"{USERS}invite/")

    assert answer.status_code == 403
    assert "Write to help@northcanary.example." in answer.text


@pytest.mark.parametrize("url", [HOME, DASHBOARD, ACCOUNTS, REQUESTS, USERS, COMPANY])
def test_each_page_says_where_one_is_and_in_whose_portal(url: str, world: World, client_for: Any) -> None:
    page = client_for(world.north.customer_user).get(url).text

    active = ACCOUNTS if url == REQUESTS else url
    assert f'<li class="active"><a href="{active}" aria-current="page">' in page
    assert f" · {world.north.name}</title>" in page


def figure(page: str, label: str) -> str:
    """Return the figure of this label in the strip of the first page."""
    strip = re.sub(r"<[^>]+>", "|", page[page.index('class="ct-kpis') :])
    found = re.search(rf"{label}[|\s]+([^|]+)", strip)
    assert found is not None
    return found[1].strip()


@pytest.mark.parametrize("in_portal", [True, False])
@pytest.mark.parametrize("takes", [True, False])
def test_what_is_bought_is_counted_and_named_whatever_is_switched_off(
    in_portal: bool, takes: bool, flask_app: Any, world: World, client_for: Any
) -> None:
    set_provider(flask_app, world, in_portal=in_portal, may_request_accounts=takes)

    page = client_for(world.north.customer_user).get(HOME).text

    assert figure(page, "Cloud providers") == figure(page, "Cloud accounts") == "1"
    assert "Amazon Web Services" in page
    assert world.north.account.name in page
    assert "First comes a provider" not in page
    assert (f"{world.north.name} sets up its accounts for you." in page) is not takes
    assert has_tab(page, DASHBOARD) is in_portal


def test_nobody_is_sent_to_ask_for_a_provider_that_is_bought(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_provider(flask_app, world, in_portal=False, may_request_accounts=False)
    change(flask_app, update(CloudAccount).values(status=CloudAccountStatus.ARCHIVED))

    page = client_for(world.north.customer_user).get(HOME).text

    assert "No cloud accounts yet" in page
    assert f"as soon as {world.north.name} has linked them" in page
    assert "First comes a provider" not in page


def test_a_provider_that_was_asked_for_leads_to_its_request(world: World, client_for: Any) -> None:
    client = client_for(world.north.customer_user)
    ask = f'href="{REQUESTS}provider/"'
    assert f'href="{REQUESTS}provider/azure/"' in client.get(HOME).text
    assert ask in client.get(ACCOUNTS).text

    request = client.post(f"{REQUESTS}provider/azure/", {"remark": "for Windows"}).location

    assert f'href="{request}">Asked for already.' in client.get(HOME).text
    assert ask not in client.get(ACCOUNTS).text, "the only one to ask for was asked for"
    page = client.get(f"{REQUESTS}provider/").text
    assert f'href="{request}"' in page
    assert "Asked for already." in page
    assert f'href="{REQUESTS}provider/azure/"' not in page
