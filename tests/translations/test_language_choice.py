"""Which language a page speaks: the profile's, else the browser session's, else the browser's, else English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.extensions import db
from app.security.models import User
from app.tenancy.scope import system_scope
from tests.client import Client
from tests.worlds import World

GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}
FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9"}
WORDS = {"en": "Log in", "de": "Anmelden"}


def _language_of(answer: Any) -> str:
    match = re.search(r'<html lang="([^"]*)"', answer.text)
    assert match is not None
    return match.group(1)


def _profile_language(app: Any, person: Any) -> str:
    with app.app_context(), system_scope("a look at the profile"):
        return str(db.session.get_one(User, person.id).locale)


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        (GERMAN, "de"),
        ({"Accept-Language": "de-AT"}, "de"),
        ({"Accept-Language": "en-GB,en;q=0.9,de;q=0.8"}, "en"),
        ({"Accept-Language": "en-GB,de;q=0.8"}, "en"),
        ({"Accept-Language": "de;q=0.5,en-US;q=0.7"}, "en"),
        ({"Accept-Language": "de;q=0"}, "en"),
        ({"Accept-Language": "fr,de;q=0.8"}, "de"),
        (FRENCH, "en"),
        ({"Accept-Language": "*"}, "en"),
        ({"Accept-Language": "de;q=nonsense"}, "en"),
        ({}, "en"),
    ],
)
def test_browser_chooses_for_a_visitor(
    client_for: Callable[..., Client], headers: dict[str, str], language: str
) -> None:
    answer = client_for().get("/login/", headers=headers)

    assert _language_of(answer) == language
    assert WORDS[language] in answer.text


def test_visitor_keeps_the_chosen_language(client_for: Callable[..., Client]) -> None:
    client = client_for()
    client.post("/language/", {"locale": "de", "next": "/login/"})

    assert _language_of(client.get("/login/", headers={"Accept-Language": "en"})) == "de"


def test_form_stores_the_language_in_the_profile(
    flask_app: Any, world: World, client_for: Callable[..., Client]
) -> None:
    client = client_for(world.north.ops)
    answer = client.post("/language/", {"locale": "de", "next": "/customers/list/"})

    assert (answer.status_code, answer.location) == (302, "/customers/list/")
    assert _profile_language(flask_app, world.north.ops) == "de"
    # The next browser knows it too, whatever it asks for itself.
    page = client_for(world.north.ops).get("/customers/list/", headers={"Accept-Language": "en"})
    assert _language_of(page) == "de"
    assert "Kunden" in page.text


def test_profile_wins_over_session_and_browser(world: World, client_for: Callable[..., Client]) -> None:
    client_for(world.north.ops).post("/language/", {"locale": "en"})
    client = client_for(world.north.ops)
    with client.http.session_transaction() as session:
        session["locale"] = "de"

    assert _language_of(client.get("/customers/list/", headers=GERMAN)) == "en"


def test_unknown_language_is_not_stored(
    flask_app: Any, world: World, client_for: Callable[..., Client]
) -> None:
    client = client_for(world.north.ops)
    client.post("/language/", {"locale": "tlh"})

    assert _profile_language(flask_app, world.north.ops) == ""
    assert _language_of(client.get("/customers/list/", headers=FRENCH)) == "en"


def test_address_does_not_change_the_language(world: World, client_for: Callable[..., Client]) -> None:
    client = client_for(world.north.ops)

    assert client.get("/lang/de").status_code == 404
    assert client.get("/language/?locale=de").status_code == 405
    assert _language_of(client.get("/customers/list/?_l_=de")) == "en"


def test_refusals_speak_the_language_too(world: World, client_for: Callable[..., Client]) -> None:
    client = client_for(world.north.ops)

    page = client.get("/customers/999999999/", headers=GERMAN)
    assert (page.status_code, _language_of(page)) == (404, "de")
    assert "Hier ist nichts" in page.text
    form = client.post("/customers/add", {"organization": ""}, headers=GERMAN)
    assert form.status_code == 422
    assert "Geben Sie den Namen der Organisation ein." in form.text
