"""How often somebody may sign up: enough for people, their offices and password managers, too little for programs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.kernel.clock import frozen_at, utc_now
from tests.client import Client
from tests.portal.steps import good, listening
from tests.worlds import World

URL = "/portal/north/signup/"


def sign_up(app: Any, place: str, email: str, *, takes: int = 60, **changes: Any) -> int:
    """Open the form, fill it in for ``takes`` seconds, and send it from a network address."""
    client, now = Client(app), utc_now()
    with frozen_at(now - datetime.timedelta(seconds=takes)):
        opened = client.opened(URL)
    with frozen_at(now):
        values = good(email=email, organization=f"Company of {email}", opened=opened, **changes)
        answer = client.post(URL, values, environ_overrides={"REMOTE_ADDR": place})
    return int(answer.status_code)


def test_one_network_address_signs_up_five_times_a_minute(limited_app: Any, world: World) -> None:
    tries = [sign_up(limited_app, "10.0.0.1", f"a{number}@b.example") for number in range(6)]

    assert tries == [302] * 5 + [429]
    assert sign_up(limited_app, "10.0.0.2", "a9@b.example") == 302
    assert Client(limited_app).get(URL).status_code == 200


def test_correcting_a_form_is_no_sign_up(limited_app: Any, world: World) -> None:
    wrong = [sign_up(limited_app, "10.0.0.1", "a@b.example", city="") for _ in range(10)]

    assert wrong == [422] * 10
    assert sign_up(limited_app, "10.0.0.1", "a@b.example") == 302


def test_nobodys_mailbox_is_filled_by_many_sign_ups(limited_app: Any, world: World) -> None:
    known = world.north.ops.email
    for email in ("ruth{}@castellan.example", known):
        tagged = [
            sign_up(limited_app, f"10.0.{number}.1", email.replace("{}", "").replace("@", f"+{number}@"))
            for number in range(6)
        ]
        assert tagged == [302] * 5 + [429], "tags lead to the same mailbox, known or not"


@pytest.mark.parametrize(
    ("takes", "expected"), [(1, [302] * 5 + [429]), (2, [302] * 5 + [429]), (3, [302] * 6), (600, [302] * 6)]
)
def test_who_is_faster_than_people_are_gets_no_further_than_a_few_times_an_hour(
    limited_app: Any, world: World, takes: int, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limited_app.config, "AUTH_RATE_LIMIT", "100 per minute")

    assert [
        sign_up(limited_app, "10.0.0.1", f"a{number}@b.example", takes=takes) for number in range(6)
    ] == expected


@pytest.mark.parametrize("opened", ["", "x", "2026-01-01T00:00:00+00:00"])
def test_a_form_that_does_not_say_when_it_was_opened_counts_as_hasty(
    limited_app: Any, world: World, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limited_app.config, "AUTH_RATE_LIMIT", "100 per minute")

    def send(number: int) -> int:
        values = good(email=f"a{number}@b.example", organization=f"Company {number}", opened=opened)
        return int(Client(limited_app).post(URL, values).status_code)

    assert [send(number) for number in range(6)] == [302] * 5 + [429]


def test_new_links_are_asked_for_five_times_an_hour(limited_app: Any, world: World) -> None:
    def ask(number: int, email: str) -> int:
        place = {"REMOTE_ADDR": f"10.0.0.{number}"}
        client = Client(limited_app)
        return int(
            client.post("/portal/north/validate/", {"email": email}, environ_overrides=place).status_code
        )

    for email in ("nobody@nowhere.example", world.north.customer_user.email):
        assert [ask(number, email) for number in range(6)] == [302] * 5 + [429]


def test_the_password_of_a_sign_up_is_guessed_slowly(limited_app: Any, world: World) -> None:
    with listening() as heard:
        sign_up(limited_app, "10.0.0.1", "ruth@castellan.example")
    client, link = Client(limited_app), f"/portal/north/validate/{heard.token}/"

    tries = [client.post(link, {"password": f"guess number {number}"}).status_code for number in range(6)]

    assert tries == [422] * 5 + [429]
    assert client.get(link).status_code == 200
