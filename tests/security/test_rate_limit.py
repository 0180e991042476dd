"""Guessing passwords is slowed down, and the rightful owner gets in after the wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app import create_app
from tests.client import Client
from tests.conftest import Database, close_connections, make_settings
from tests.worlds import PASSWORD, World


@pytest.fixture
def limited_app(flask_app: Any, database: Database) -> Iterator[Any]:
    """An application of its own on the same database, with the limits that the product starts with."""
    app = create_app(make_settings(database.url, RATELIMIT_ENABLED=True))
    yield app
    close_connections(app)


def test_the_sixth_try_within_a_minute_is_refused_even_with_the_right_password(
    limited_app: Any, world: World
) -> None:
    client = Client(limited_app)
    wrong = {"username": world.north.ops.email, "password": "not the right one"}

    tries = [client.post("/login/", wrong).status_code for _ in range(5)]
    sixth = client.post("/login/", {**wrong, "password": PASSWORD})
    elsewhere = Client(limited_app).post(
        "/login/", {**wrong, "password": PASSWORD}, environ_overrides={"REMOTE_ADDR": "127.0.0.2"}
    )

    assert tries == [422] * 5
    assert sixth.status_code == 429
    assert "Too many tries" in sixth.text
    assert elsewhere.status_code == 302
    assert client.get("/login/").status_code == 200


def test_signing_out_is_never_limited(limited_app: Any, world: World) -> None:
    client = Client(limited_app, world.north.ops)

    assert 429 not in [client.post("/logout/").status_code for _ in range(8)]


def test_guessing_the_current_password_on_the_profile_is_as_slow_as_at_the_door(
    limited_app: Any, world: World
) -> None:
    client = Client(limited_app, world.north.ops)
    new = {"password": "rivers bend to the sea", "repeated": "rivers bend to the sea"}

    tries = [
        client.post("/profile/password/", {**new, "current": f"guess number {number}"}).status_code
        for number in range(5)
    ]
    sixth = client.post("/profile/password/", {**new, "current": PASSWORD})

    assert tries == [422] * 5
    assert sixth.status_code == 429
    assert client.get("/profile/").status_code == 200
    assert client.post("/profile/", {"name": "Olga Ops", "locale": ""}).status_code == 302
