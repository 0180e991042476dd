"""Guessing passwords is slowed down, and the rightful owner gets in after the wait."""

from __future__ import annotations

from typing import Any, ClassVar

from limits.storage import MemoryStorage

from app import create_app
from tests.access.logins import code_now, give_second_factor, half_sign_in
from tests.client import Client
from tests.conftest import Database, close_connections, make_settings
from tests.worlds import PASSWORD, World


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
    assert 1 <= int(sixth.headers["Retry-After"]) <= 61  # the rest of the minute, rounded up
    assert elsewhere.status_code == 302
    assert client.get("/login/").status_code == 200


def test_an_office_behind_one_address_gets_in(limited_app: Any, world: World) -> None:
    right = {"username": world.north.ops.email, "password": PASSWORD}
    wrong = {**right, "password": "not the right one"}

    morning = [Client(limited_app).post("/login/", right).status_code for _ in range(20)]
    mistyped = [Client(limited_app).post("/login/", wrong).status_code for _ in range(4)]
    again = Client(limited_app).post("/login/", right).status_code

    assert set(morning) == {302}
    assert (mistyped, again) == ([422] * 4, 302)


def test_tries_of_any_kind_have_a_limit_too(limited_app: Any, world: World) -> None:
    right = {"username": world.north.ops.email, "password": PASSWORD}

    tries = [Client(limited_app).post("/login/", right).status_code for _ in range(61)]

    assert tries == [302] * 60 + [429]


def test_guessing_one_login_from_many_addresses_is_slowed_down(limited_app: Any, world: World) -> None:
    def sign_in(number: int, login: str, password: str) -> int:
        values = {"username": login, "password": password}
        place = {"REMOTE_ADDR": f"10.0.0.{number}"}
        return int(Client(limited_app).post("/login/", values, environ_overrides=place).status_code)

    guesses = [sign_in(number, world.north.ops.email.upper(), f"guess {number}") for number in range(30)]

    assert guesses == [422] * 30
    assert sign_in(31, f" {world.north.ops.email} ", PASSWORD) == 429
    assert sign_in(31, world.north.sales.email, PASSWORD) == 302


class SharedStorage(MemoryStorage):
    """What a Redis is to several processes."""

    STORAGE_SCHEME: ClassVar[list[str]] = ["shared"]
    kept: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__.update(self.kept)
        self.kept.update(self.__dict__)


def test_several_processes_count_together(flask_app: Any, database: Database, world: World) -> None:
    settings = make_settings(database.url, RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI="shared://")
    apps = [create_app(settings), create_app(settings)]
    wrong = {"username": world.north.ops.email, "password": "not the right one"}

    tries = [Client(apps[number % 2]).post("/login/", wrong).status_code for number in range(6)]

    for app in apps:
        close_connections(app)
    assert tries == [422] * 5 + [429]


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


def test_guessing_codes_is_as_slow_as_guessing_passwords(limited_app: Any, world: World) -> None:
    give_second_factor(limited_app, world.north.ops.id)

    def guess(number: int, code: str, *, place: str = "10.0.0.1") -> int:
        client = Client(limited_app)
        half_sign_in(client, world.north.ops.id)
        values, where = {"code": code}, {"REMOTE_ADDR": place}
        return int(client.post("/login/code/", values, environ_overrides=where).status_code)

    assert [guess(number, "000000") for number in range(5)] == [422] * 5
    assert guess(6, code_now()) == 429
    assert guess(7, code_now(), place="10.0.0.2") == 302, "elsewhere, and before the login is locked"


def test_who_is_at_the_code_does_not_guess_passwords_on_its_account(limited_app: Any, world: World) -> None:
    """A browser that waits for somebody's code is counted for the login that it tries next."""
    give_second_factor(limited_app, world.north.ops.id)

    def try_password(number: int, login: str, password: str) -> int:
        client = Client(limited_app)
        half_sign_in(client, world.north.ops.id)
        values, where = {"username": login, "password": password}, {"REMOTE_ADDR": f"10.0.1.{number}"}
        return int(client.post("/login/", values, environ_overrides=where).status_code)

    guesses = [try_password(number, world.north.sales.email, f"guess {number}") for number in range(30)]

    assert guesses == [422] * 30
    assert try_password(31, world.north.sales.email, PASSWORD) == 429
