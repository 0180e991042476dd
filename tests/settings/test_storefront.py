"""Settings > Customer Storefront: lists, texts, switches, and two people at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Invalid
from app.extensions import db
from app.settings.models import StorefrontSettings
from app.settings.queries import storefront_settings
from app.settings.storefront import PORTAL_SWITCHES, SIGNUP_SWITCHES, may_sign_up, read_domains, shown_domains
from app.tenancy.scope import reseller_scope
from tests.worlds import World

SIGNUP, PORTAL = "/settings/signup/", "/settings/portal/"


def stored(app: Any, side: Any) -> StorefrontSettings:
    with app.app_context(), reseller_scope(side.id):
        return storefront_settings()


def save(client: Any, url: str = SIGNUP, **changes: Any) -> Any:
    """Open the form and send it with changes; switches that are on stay on unless a change says "off"."""
    switches = SIGNUP_SWITCHES if url == SIGNUP else PORTAL_SWITCHES
    page = client.get(url).text
    on = {name: "y" for name in switches if f'name="{name}" value="y" checked' in page}
    values = {**on, "opened": client.opened(url), "opened_at": client.opened(url, "opened_at"), **changes}
    return client.post(url, {name: value for name, value in values.items() if value != "off"})


def test_before_anybody_decided_the_defaults_hold(flask_app: Any, world: World, client_for: Any) -> None:
    page = client_for(world.north.ops).get(SIGNUP).text

    for name in ("is_signup_open", "requires_email_validation", "requires_address", "requires_terms"):
        assert f'name="{name}" value="y" checked' in page
    assert 'name="approves_automatically" value="y" checked' not in page


@pytest.mark.parametrize("who", ["owner", "ops"])
def test_owner_and_ops_decide(flask_app: Any, world: World, client_for: Any, who: str) -> None:
    client = client_for(getattr(world.north, who))

    answers = (
        save(client, approves_automatically="y", requires_address="off"),
        save(client, PORTAL, shows_catalog="y"),
    )

    assert [one.status_code for one in answers] == [302, 302]
    found = stored(flask_app, world.north)
    assert (found.approves_automatically, found.requires_address, found.shows_catalog) == (True, False, True)
    assert found.requires_email_validation, "what was not touched stays"
    assert stored(flask_app, world.south).requires_address, "the other reseller decides for itself"


def test_sales_customers_and_the_platform_are_refused(world: World, client_for: Any) -> None:
    for person in (world.north.sales, world.north.customer_user, world.admin):
        for url in (SIGNUP, PORTAL):
            client = client_for(person)
            assert client.get(url).status_code == 403
            assert client.post(url).status_code == 403


@pytest.mark.parametrize("name", SIGNUP_SWITCHES)
def test_every_switch_of_sign_up_is_stored_both_ways(
    flask_app: Any, world: World, client_for: Any, name: str
) -> None:
    client = client_for(world.north.ops)

    for value in ("y", "off", "y"):
        assert save(client, **{name: value}).status_code == 302
        assert getattr(stored(flask_app, world.north), name) is (value == "y")


@pytest.mark.parametrize("name", PORTAL_SWITCHES)
def test_every_switch_of_the_portal_is_stored_both_ways(
    flask_app: Any, world: World, client_for: Any, name: str
) -> None:
    client = client_for(world.north.ops)

    for value in ("y", "off", "y"):
        assert save(client, PORTAL, **{name: value}).status_code == 302
        assert getattr(stored(flask_app, world.north), name) is (value == "y")


def test_nothing_is_offered_that_has_no_effect(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    page = client.get(PORTAL).text

    for word in ("test_drive", "credit", "card"):
        assert f'name="{word}' not in page
        assert f'name="allows_{word}' not in page


def test_the_change_log_says_what_was_decided(flask_app: Any, world: World, client_for: Any) -> None:
    save(client_for(world.north.ops), requires_terms="off", green_domains="good.example")

    with flask_app.app_context(), reseller_scope(world.north.id):
        query = select(AuditEntry).where(AuditEntry.record_type == "storefront_settings")
        entry = db.session.scalars(query.order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.changes == {"requires_terms": ["yes", "no"], "green_domains": [None, "good.example"]}
    page = client_for(world.north.owner).get("/audit/list/").text
    assert "changed storefront settings" in page
    assert f'href="{SIGNUP}"' in page


# -- domains -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "a.example\nb.example",
        "a.example, b.example",
        "A.example;@b.example.",
        " *.a.example \r\n\r\n b.example, a.example",
    ],
)
def test_domains_are_read_however_they_are_parted(
    flask_app: Any, world: World, client_for: Any, typed: str
) -> None:
    assert save(client_for(world.north.ops), red_domains=typed).status_code == 302

    assert stored(flask_app, world.north).red_domains == "a.example\nb.example"


def test_domains_are_shown_as_people_write_them(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    save(client, green_domains="bücher.example")

    assert "bücher.example</textarea>" in client.get(SIGNUP).text
    assert save(client, green_domains="bücher.example", requires_terms="off").status_code == 302


def test_shown_domains_read_back_as_the_same(flask_app: Any) -> None:
    for stored_form in ("xn--bcher-kva.example", "example.com", "xn--zckzah.example"):
        assert read_domains(shown_domains(stored_form)) == [stored_form]


@pytest.mark.parametrize(
    "typed", ["no domain", "com", "a@b.example", "https://a.example", "a_b.example, %", "x" * 300]
)
def test_what_is_no_domain_is_named(flask_app: Any, world: World, client_for: Any, typed: str) -> None:
    for field in ("green_domains", "red_domains"):
        answer = save(client_for(world.north.ops), **{field: typed})

        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text
        assert "is no domain" in answer.text
    assert stored(flask_app, world.north).version == 0


@pytest.mark.parametrize(
    ("green", "red", "is_taken"),
    [
        ("a.example", "a.example", False),
        ("deep.a.example", "a.example", False),
        ("a.example", "deep.a.example", True),
        ("a.example", "b.example", True),
        ("bücher.example", "xn--bcher-kva.example", False),
    ],
)
def test_a_green_domain_that_could_never_sign_up_is_refused(
    world: World, client_for: Any, green: str, red: str, is_taken: bool
) -> None:
    answer = save(client_for(world.north.ops), green_domains=green, red_domains=red)

    assert (answer.status_code == 302) is is_taken
    if not is_taken:
        assert 'id="green_domains-err"' in answer.text
        assert green in answer.text, "what was entered is kept"


def test_too_many_domains_are_refused(flask_app: Any) -> None:
    with flask_app.test_request_context(), pytest.raises(Invalid):
        read_domains(" ".join(f"a{number}.example" for number in range(501)))


def test_red_comes_first() -> None:
    settings = StorefrontSettings(green_domains="a.example", red_domains="deep.a.example")

    assert may_sign_up(settings, "a.example")
    assert not may_sign_up(settings, "deep.a.example")
    assert not may_sign_up(settings, "b.example")


# -- the text ----------------------------------------------------------------------------------------------------------


def test_the_text_is_cleaned_when_it_is_stored(flask_app: Any, world: World, client_for: Any) -> None:
    typed = "Hello <b>you</b>\n\n<script>alert(1)</script><a href='javascript:x'>y</a> {{ 7*7 }}"

    save(client_for(world.north.ops), signup_text=typed)

    kept = stored(flask_app, world.north).signup_text
    assert kept.startswith("<p>Hello <b>you</b></p>")
    for word in ("script", "javascript"):
        assert word not in kept
    assert "{{ 7*7 }}" in client_for().get("/portal/north/signup/").text


def test_a_preview_stores_nothing(flask_app: Any, world: World, client_for: Any) -> None:
    answer = save(
        client_for(world.north.ops),
        what="preview",
        signup_text="One\n\n<b>two</b><img src=x>",
        requires_terms="off",
    )

    assert answer.status_code == 200
    assert "<p>One</p>\n<p><b>two</b></p>" in answer.text
    assert "Nothing was saved yet." in answer.text
    assert "<img" not in answer.text
    assert stored(flask_app, world.north).version == 0
    assert 'name="requires_terms" value="y" checked' not in answer.text, "what was entered is kept"


# -- two people --------------------------------------------------------------------------------------------------------


def test_the_second_of_two_is_told(flask_app: Any, world: World, client_for: Any) -> None:
    first, second = client_for(world.north.owner), client_for(world.north.ops)
    opened = {name: second.opened(SIGNUP, name) for name in ("opened", "opened_at")}
    save(first, requires_terms="off")

    answer = second.post(SIGNUP, {**opened, "is_signup_open": "y", "requires_terms": "y"})

    assert answer.status_code == 409
    assert f"{world.north.owner.name} saved this record" in answer.text
    assert "Overwrite with my entries" in answer.text
    assert not stored(flask_app, world.north).requires_terms


def test_who_saves_the_other_screen_is_in_nobodys_way(flask_app: Any, world: World, client_for: Any) -> None:
    first, second = client_for(world.north.owner), client_for(world.north.ops)
    opened = {name: second.opened(SIGNUP, name) for name in ("opened", "opened_at")}
    save(first, PORTAL, shows_catalog="y")

    answer = second.post(SIGNUP, {**opened, "is_signup_open": "y"})

    assert answer.status_code == 302
    found = stored(flask_app, world.north)
    assert (found.shows_catalog, found.requires_terms) == (True, False)
