"""Nobody learns by signing up whose address is known: same answer, same page, comparable work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app import create_app
from tests.client import Client
from tests.conftest import Database, close_connections, make_settings
from tests.portal.steps import change_settings, good, publish, sign_up
from tests.worlds import World

URL = "/portal/north/signup/"


def cases(world: World) -> dict[str, dict[str, Any]]:
    """Return what differs in each case: the first is an applicant of whom nobody has heard."""
    return {
        "new": {"email": "new{}@castellan.example"},
        "customer": {"email": world.north.customer_user.email},
        "tagged": {"email": world.north.customer_user.email.replace("@", "+x@")},
        "console": {"email": world.north.ops.email},
        "platform": {"email": world.admin.email},
        "elsewhere": {"email": world.south.customer_user.email},
        "organization": {"email": "org{}@castellan.example", "organization": world.north.customer.name},
        "red": {"email": "red{}@bad.example"},
        "twice": {"email": "twice@castellan.example"},
    }


def filled(changes: dict[str, Any], number: int = 0) -> dict[str, Any]:
    numbered = {name: value.format(number) for name, value in changes.items()}
    return {"organization": f"Company {number}", **numbered}


@pytest.fixture
def prepared(flask_app: Any, world: World, client_for: Any) -> dict[str, dict[str, Any]]:
    change_settings(flask_app, world.north, red_domains="bad.example")
    sign_up(client_for(), **filled(cases(world)["twice"], 99))
    return cases(world)


def test_the_answer_is_the_same_whoever_asks(
    flask_app: Any, world: World, client_for: Any, prepared: dict[str, dict[str, Any]]
) -> None:
    answers, pages, cookies = {}, {}, {}
    for number, (case, changes) in enumerate(prepared.items()):
        client = client_for()
        answer = sign_up(client, **filled(changes, number))
        answers[case] = (answer.status_code, answer.location, answer.text)
        cookies[case] = [name for name, _value in answer.headers if name == "Set-Cookie"]
        page = client.get(answer.location).text
        pages[case] = "\n".join(
            line for line in page.splitlines() if "csrf_token" not in line and "nonce" not in line
        )

    assert len(set(answers.values())) == 1
    assert len(set(pages.values())) == 1
    assert len({len(one) for one in cookies.values()}) == 1


@pytest.mark.parametrize("validates", [True, False])
def test_what_is_refused_is_refused_whoever_asks(
    flask_app: Any, world: World, client_for: Any, prepared: dict[str, dict[str, Any]], validates: bool
) -> None:
    """A password that repeats the address, a name that no login can have: the fault says nothing of the address."""
    change_settings(flask_app, world.north, requires_email_validation=validates)
    for number, (case, changes) in enumerate(prepared.items()):
        entered = filled(changes, number)
        for fault in (
            {"password": entered["email"]},
            {"password": "short"},
            {"contact_name": "x" * 100},
            {"organization": "\u200b\u200b"},
            {"street": ""},
        ):
            assert sign_up(client_for(), **{**entered, **fault}).status_code == 422, (case, fault)


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split()[:3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_about_the_same_is_done_whoever_asks(
    flask_app: Any, world: World, client_for: Any, prepared: dict[str, dict[str, Any]]
) -> None:
    publish(flask_app, world.north)
    inserts: dict[str, list[str]] = {}
    totals: dict[str, int] = {}
    for number, (case, changes) in enumerate(prepared.items()):
        client = client_for()
        terms_id = client.opened(URL, "terms_id")
        values = good(**filled(changes, number), terms_id=terms_id, accepts_terms="y")
        with statements() as seen:
            client.post(URL, values)
        totals[case] = len(seen)
        rows = ("INSERT INTO customers", "INSERT INTO ab_user", "INSERT INTO email_validations")
        inserts[case] = sorted(one for one in seen if one in rows)

    assert {case: found for case, found in inserts.items() if found != inserts["new"]} == {}
    assert len(inserts["new"]) == 3
    # An applicant who signs up once more has what was there taken away first: nobody else's name comes of that.
    rest = [total for case, total in totals.items() if case != "twice"]
    assert max(rest) - min(rest) <= 6, totals


@pytest.fixture
def timed_app(flask_app: Any, database: Database) -> Iterator[Any]:
    """An application that hashes passwords as the product does."""
    app = create_app(make_settings(database.url, FAB_PASSWORD_HASH_METHOD="scrypt"))
    yield app
    close_connections(app)


@pytest.mark.slow
def test_it_takes_about_as_long_whoever_asks(
    timed_app: Any, world: World, prepared: dict[str, dict[str, Any]]
) -> None:
    """The medians of two hundred tries, taken in turn so that a busy machine is busy for all of them."""
    compared = ("new", "customer", "elsewhere", "red")
    client, taken = Client(timed_app), {case: [] for case in compared}
    for number in range(200):
        for case in compared:
            values = good(**filled(prepared[case], number))
            started = time.perf_counter()
            client.post(URL, values)
            taken[case].append(time.perf_counter() - started)

    medians = {case: statistics.median(found) for case, found in taken.items()}

    assert max(medians.values()) < 1.1 * min(medians.values()), medians
