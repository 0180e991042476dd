"""Sign-in history: the last sign-ins and refusals of the own login, in words, and of nobody else's."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.kernel.clock import frozen_at
from app.security import accounts
from tests.access.logins import code_now, give_second_factor
from tests.security.helpers import EVERYBODY, NEW, change, person_of, sign_in
from tests.worlds import World

NOW = datetime.datetime(2026, 11, 22, 9, 0, 10, tzinfo=datetime.UTC)
URL = "/profile/sign-ins/"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reads_the_own_history(who: str, world: World, client_for: Any) -> None:
    person, client = person_of(world, who), client_for()
    place = {"REMOTE_ADDR": "10.1.2.3", "HTTP_USER_AGENT": EDGE}
    with frozen_at(NOW):
        sign_in(client_for(), person, "not the password", environ_overrides=place)
        sign_in(client, person, environ_overrides=place)

        page = client.get(URL).text

    assert page.count("Microsoft Edge on Windows") == 2
    assert page.count("10.1.2.3") == 2
    for word in ("Logged in", "Refused", "Not right", "22 Nov 2026"):
        assert word in page, word
    assert page.index("Logged in") < page.index("Refused"), "the newest first"


def test_each_way_in_has_its_words(flask_app: Any, world: World, client_for: Any) -> None:
    ops, client = world.north.ops, client_for()
    with frozen_at(NOW):
        token = change(flask_app, ops, lambda user: accounts.invite(user, now=NOW))
        client_for().post(f"/invitation/{token}/", {"password": NEW, "repeated": NEW})
        give_second_factor(flask_app, ops.id)
        sign_in(client, ops, NEW)
        client.post("/login/code/", {"code": "000000"})
        client.post("/login/code/", {"code": code_now()})

        page = client.get(URL).text

    for words in ("Invitation link", "Password + Code of the app", "Code of the app"):
        assert f">{words}</td>" in page, words


def test_locks_stand_in_it(world: World, client_for: Any) -> None:
    for number in range(10):
        sign_in(client_for(), world.north.ops, f"wrong {number}")

    assert "Locked" in client_for(world.north.ops).get(URL).text


def test_it_is_short(world: World, client_for: Any) -> None:
    for _number in range(12):
        sign_in(client_for(), world.north.ops)
        sign_in(client_for(), world.north.ops, "wrong")

    page = client_for(world.north.ops).get(URL).text

    assert page.count('data-l="Outcome"') == 20


def test_nobody_reads_somebody_elses(world: World, client_for: Any) -> None:
    place = {"REMOTE_ADDR": "10.7.7.7"}
    sign_in(client_for(), world.north.ops, environ_overrides=place)
    sign_in(client_for(), world.north.customer_user, environ_overrides=place)

    for person in (world.north.owner, world.north.other_user, world.south.ops, world.admin):
        page = client_for(person).get(URL)
        assert (page.status_code, "10.7.7.7" in page.text) == (200, False)
    assert "Nothing yet" in client_for(world.south.ops).get(URL).text


def test_an_owner_reads_why_in_the_change_log(world: World, client_for: Any) -> None:
    sign_in(client_for(), world.north.ops, "wrong", environ_overrides={"HTTP_USER_AGENT": EDGE})

    page = client_for(world.north.owner).get("/audit/list/?action=sign_in_refused").text

    for words in ("Not right", "Microsoft Edge on Windows", "Way in"):
        assert words in page
    assert EDGE not in page
