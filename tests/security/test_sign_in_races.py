"""Two requests at once, with real threads: on PostgreSQL, and on SQLite where writers queue."""

from __future__ import annotations

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from app.kernel.clock import frozen_at
from app.security import second_factor
from app.security.policy import policy_of
from tests.access.logins import APP_SECRET, begin_set_up, code_now, give_second_factor, half_sign_in
from tests.customers.test_concurrency import at_once
from tests.security.helpers import change, entries, login_of, sign_in
from tests.worlds import PASSWORD, World

# One at a time writes to SQLite: nobody races there.
pytestmark = pytest.mark.stricter

NOW = datetime.datetime(2026, 11, 22, 9, 0, 10, tzinfo=datetime.UTC)
ROUNDS = 8


def posts(clients: Sequence[Any], url: str, values: dict[str, Any]) -> Counter[int]:
    """Send the same form with all browsers at once; count the answers."""
    ready: list[Callable[[], int]] = [
        lambda client=client, token=client.token: int(
            client.post(url, values | {"csrf_token": token}).status_code
        )
        for client in clients
    ]
    return Counter(at_once(ready))


def half_signed_in(client_for: Any, person: Any, number: int = 2) -> list[Any]:
    clients = [client_for() for _number in range(number)]
    for client in clients:
        half_sign_in(client, person.id)
    return clients


def test_of_two_requests_with_the_same_code_one_wins(flask_app: Any, world: World, client_for: Any) -> None:
    give_second_factor(flask_app, world.north.ops.id)

    for number in range(ROUNDS):
        with frozen_at(NOW + datetime.timedelta(seconds=30 * number)):
            clients = half_signed_in(client_for, world.north.ops)
            answers = posts(clients, "/login/code/", {"code": code_now()})

            assert answers == {302: 1, 422: 1}, number
            assert Counter(client.get("/home/").status_code for client in clients) == {200: 1, 302: 1}


def test_of_two_requests_with_the_same_recovery_code_one_wins(
    flask_app: Any, world: World, client_for: Any
) -> None:
    codes = give_second_factor(flask_app, world.north.ops.id)

    for code in codes[:ROUNDS]:
        clients = half_signed_in(client_for, world.north.ops)
        answers = posts(clients, "/login/code/?use=recovery", {"code": code})

        assert answers == {302: 1, 422: 1}, code
    left = change(flask_app, world.north.ops, _left)
    assert left == 10 - ROUNDS


def _left(user: Any) -> int:
    return second_factor.codes_left(user)


def test_the_same_code_signs_in_and_switches_off_once(flask_app: Any, world: World, client_for: Any) -> None:
    """Two ways to use a code up, at once: one of them gets it."""
    for number in range(ROUNDS):
        give_second_factor(flask_app, world.north.ops.id)
        with frozen_at(NOW + datetime.timedelta(seconds=30 * number)):
            inside, [outside] = client_for(world.north.ops), half_signed_in(client_for, world.north.ops, 1)
            code, tokens = code_now(), (inside.token, outside.token)
            off = {"off-current": PASSWORD, "off-code": code, "csrf_token": tokens[0]}

            answers = at_once(
                [
                    lambda inside=inside, off=off: (
                        inside.post("/profile/second-factor/off/", off).status_code
                    ),
                    lambda outside=outside, code=code, token=tokens[1]: (
                        outside.post("/login/code/", {"code": code, "csrf_token": token}).location
                    ),
                ]
            )

        switched_off = login_of(flask_app, world.north.ops).totp_since is None
        assert (answers[0] == 302) is switched_off, answers
        assert (answers[1] in ("/", None)) or answers[1] == "/login/", answers
        assert not (switched_off and answers[1] == "/"), "the code was taken twice"


def test_of_two_who_set_up_at_once_one_secret_counts(flask_app: Any, world: World, client_for: Any) -> None:
    with frozen_at(NOW):
        clients = [client_for(world.north.ops) for _number in range(2)]
        for client in clients:
            begin_set_up(flask_app, client, world.north.ops.id)

        answers = posts(clients, "/profile/second-factor/set-up/", {"code": code_now(APP_SECRET)})

    assert answers[302] >= 1
    assert len(entries(flask_app, world.north.ops, "second_factor_on")) == 1


@pytest.mark.parametrize("guessers", [6])
def test_guesses_from_many_places_at_once_lock_after_as_many_as_allowed(
    guessers: int, flask_app: Any, world: World, client_for: Any
) -> None:
    """Sixty wrong guesses by six at a time: ten are judged, then the login is locked."""
    clients, failed = [client_for() for _number in range(guessers)], threading.Lock()
    tokens, answers = [client.token for client in clients], Counter[int]()

    def guess(client: Any, token: str) -> None:
        for number in range(10):
            values = {"username": world.north.ops.email, "password": f"{number}", "csrf_token": token}
            status = client.post("/login/", values).status_code
            with failed:
                answers[status] += 1

    with frozen_at(NOW):
        at_once(
            [
                lambda one=client, token=token: guess(one, token)
                for client, token in zip(clients, tokens, strict=True)
            ]
        )
        assert sign_in(client_for(), world.north.ops).status_code == 422

    whys = Counter(one.changes["why"][1] for one in entries(flask_app, world.north.ops, "sign_in_refused"))
    assert answers == {422: 60}
    assert whys == {"wrong": 10, "locked": 51}
    user = login_of(flask_app, world.north.ops)
    assert (user.lock_count, user.locked_until) == (1, NOW + datetime.timedelta(minutes=15))
    assert len(entries(flask_app, world.north.ops, "locked")) == 1


def test_two_sign_ins_at_once_are_two_sessions(world: World, client_for: Any) -> None:
    clients = [client_for() for _number in range(4)]

    answers = posts(clients, "/login/", {"username": world.north.ops.email, "password": PASSWORD})

    assert answers == {302: 4}
    assert [client.get("/home/").status_code for client in clients] == [200] * 4


def test_of_two_who_are_the_first_to_change_the_requirements_one_wins(
    flask_app: Any, world: World, client_for: Any
) -> None:
    url = "/settings/password-requirements/"
    clients = [client_for(world.north.owner), client_for(world.north.ops)]
    opened = {name: clients[0].opened(url, name) for name in ("version", "opened_at")}
    values = {"minimum_length": 14, "expires_days": 0, "remembered": 0, "lock_after": 10, "lock_minutes": 15}

    answers = posts(clients, url, opened | values | {"second_factor": "nobody"})

    assert answers == {302: 1, 409: 1}
    with flask_app.app_context():
        assert policy_of(world.north.id).minimum_length == 14
