"""Where people are signed in: one row per browser, listed, ended one by one or all at once, removed when old."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select

from app.extensions import db
from app.jobs.queue import celery_of
from app.kernel.clock import frozen_at
from app.security import accounts, tasks
from app.security.login_models import LoginSession
from app.security.models import UserStatus
from app.tenancy.scope import system_scope
from tests.security.helpers import EVERYBODY, NEW, change, entries, person_of, sign_in
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
URL = "/profile/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
STARTS = dict(zip(EVERYBODY, ["/platform/", "/home/", "/home/", "/home/", "/portal/north/"], strict=True))


def after(**time: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**time)


@pytest.fixture(autouse=True)
def nobody_is_in(flask_app: Any) -> None:
    """Take away the sessions that the world begins with."""
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(delete(LoginSession))
        db.session.commit()


def rows(app: Any, person: Any = None) -> list[LoginSession]:
    with app.app_context(), system_scope("test"):
        query = select(LoginSession).order_by(LoginSession.id)
        if person is not None:
            query = query.where(LoginSession.user_id == person.id)
        return list(db.session.scalars(query))


def enter(client_for: Any, person: Any, *, browser: str = FIREFOX, address: str = "10.0.0.1") -> Any:
    """Sign in with a new browser from an address; it keeps both."""
    client = client_for()
    client.http.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": browser}
    assert sign_in(client, person).status_code == 302
    return client


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_sees_the_own_sessions_and_ends_one(
    who: str, flask_app: Any, world: World, client_for: Any
) -> None:
    person = person_of(world, who)
    with frozen_at(NOW):
        desk, phone = enter(client_for, person), enter(client_for, person, browser=SAFARI, address="10.0.0.2")
    with frozen_at(after(hours=1)):
        page = desk.get(URL).text
        assert [
            word in page for word in ("Firefox on Windows", "Safari on iPhone", "10.0.0.1", "10.0.0.2")
        ] == [True] * 4
        assert page.count("This browser") == 1
        ends = re.findall(rf'action="({URL}\d+/end/)"', page)
        assert len(ends) == 1, "the own one is ended by logging out"

        assert desk.post(ends[0]).location == URL

        assert "login" in phone.get(URL).location
        assert desk.get(STARTS[who]).status_code == 200
        assert "Safari on iPhone" not in desk.get(URL).text
        assert desk.post(ends[0]).status_code == 404
    [entry] = entries(flask_app, person, "session_ended")
    assert entry.actor_id == person.id


def test_all_others_are_signed_out_at_once(flask_app: Any, world: World, client_for: Any) -> None:
    browsers = [enter(client_for, world.north.ops) for _number in range(4)]
    elsewhere = enter(client_for, world.north.owner)

    assert browsers[0].post(URL + "end-others/").location == URL

    assert "3 other browsers were logged out." in browsers[0].get(URL).text
    assert ["login" in one.get("/home/").location for one in browsers[1:]] == [True] * 3
    assert browsers[0].get("/home/").status_code == 200
    assert elsewhere.get("/home/").status_code == 200
    [entry] = entries(flask_app, world.north.ops, "sessions_ended")
    assert entry.actor_id == world.north.ops.id


def test_signing_out_ends_this_browsers_session_and_no_other(
    flask_app: Any, world: World, client_for: Any
) -> None:
    desk, phone = enter(client_for, world.north.ops), enter(client_for, world.north.ops)

    desk.post("/logout/")

    assert phone.get("/home/").status_code == 200
    assert "/login/" in desk.get("/home/").location
    ended, open_one = rows(flask_app)
    assert (ended.ended_at is not None, open_one.ended_at) == (True, None)


@pytest.mark.parametrize(
    "act",
    [
        lambda user: accounts.set_status(user, UserStatus.SUSPENDED),
        lambda user: accounts.set_password(user, NEW, is_temporary=True),
        accounts.sign_out_everywhere,
        db.session.delete,
    ],
)
def test_what_takes_power_away_ends_every_session(
    act: Any, flask_app: Any, world: World, client_for: Any
) -> None:
    browsers = [enter(client_for, world.north.sales) for _number in range(2)]

    change(flask_app, world.north.sales, act)

    assert ["/login/" in one.get("/home/").location for one in browsers] == [True, True]


def test_another_password_keeps_this_browser_only(flask_app: Any, world: World, client_for: Any) -> None:
    desk, phone = enter(client_for, world.north.ops), enter(client_for, world.north.ops)

    desk.post("/profile/password/", {"current": PASSWORD, "password": NEW, "repeated": NEW})

    assert desk.get("/home/").status_code == 200
    assert "/login/" in phone.get("/home/").location
    assert desk.get(URL).text.count('class="ct-name"') == 1


def test_an_owner_and_staff_sign_somebody_out(flask_app: Any, world: World, client_for: Any) -> None:
    ops, customer = world.north.ops, world.north.customer_user
    desk, portal = enter(client_for, ops), enter(client_for, customer)
    owner, sales = enter(client_for, world.north.owner), enter(client_for, world.north.sales)

    assert owner.post(f"/settings/users/{ops.id}/sign-out").status_code == 302
    url = f"/customers/{world.north.customer.id}/users/{customer.id}/sign-out/"
    assert sales.post(url).status_code == 302

    assert "/login/" in desk.get("/home/").location
    assert "/login/" in portal.get("/portal/north/users/").location
    assert owner.post(f"/settings/users/{world.north.owner.id}/sign-out").status_code == 409
    assert [entries(flask_app, one, "sessions_ended")[0].actor_id for one in (ops, customer)] == [
        world.north.owner.id,
        world.north.sales.id,
    ]


def test_nobody_signs_out_beyond_the_own_reseller(world: World, client_for: Any) -> None:
    ops, customer = world.north.ops, world.north.customer_user
    desk = enter(client_for, ops)
    urls = (
        f"/settings/users/{ops.id}/sign-out",
        f"/customers/{world.north.customer.id}/users/{customer.id}/sign-out/",
        f"/platform/users/sign-out/{ops.id}",
    )

    for person in (world.south.owner, world.north.other_user):
        client = enter(client_for, person)
        assert {client.post(url).status_code for url in urls} <= {403, 404}

    assert desk.get("/home/").status_code == 200


@pytest.mark.parametrize("who", ["owner", "ops", "customer_user", "other_user", "admin"])
def test_nobody_sees_or_ends_the_session_of_somebody_else(
    who: str, flask_app: Any, world: World, client_for: Any
) -> None:
    desk = enter(client_for, world.north.sales, address="10.9.9.9")
    [row] = rows(flask_app)
    client = enter(client_for, person_of(world, who))

    assert "10.9.9.9" not in client.get(URL).text
    assert client.post(f"{URL}{row.id}/end/").status_code == 404
    assert client.post(f"{URL}{2**31}/end/").status_code == 404
    assert desk.get("/home/").status_code == 200


def test_an_admin_who_has_entered_a_reseller_has_the_own_sessions(
    flask_app: Any, world: World, client_for: Any
) -> None:
    admin, phone = enter(client_for, world.admin), enter(client_for, world.admin, browser=SAFARI)
    admin.post(f"/enter/{world.north.id}/", {"reason": "they asked for help"})

    page = admin.get(URL).text
    assert "Safari on iPhone" in page
    [end] = re.findall(rf'action="({URL}\d+/end/)"', page)
    assert admin.post(end).location == URL
    assert "/login/" in phone.get("/platform/").location


# -- how long ----------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_nobody_uses_it(world: World, client_for: Any) -> None:
    with frozen_at(NOW):
        client, other = enter(client_for, world.north.ops), enter(client_for, world.north.ops)
    with frozen_at(after(hours=7, minutes=59)):
        assert client.get("/home/").status_code == 200
    with frozen_at(after(hours=8, minutes=5)):
        assert "/login/" in other.get("/home/").location
        page = client.get(URL).text
        assert page.count('class="ct-name"') == 1, "what lets nobody in is not listed"


def test_the_last_use_is_noted_every_five_minutes_and_nothing_else(
    flask_app: Any, world: World, client_for: Any
) -> None:
    written: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "COMMIT", "PRAGMA", "ROLLBACK", "SAVEPOINT")):
            written.append(statement)

    with frozen_at(NOW):
        client = enter(client_for, world.north.ops)
    with flask_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        for minutes in (1, 4, 5, 6, 9, 10):
            with frozen_at(after(minutes=minutes)):
                client.get("/home/", environ_overrides={"REMOTE_ADDR": f"10.0.1.{minutes}"})
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert [one.split()[:2] for one in written] == [["UPDATE", "login_sessions"]] * 2
    [row] = rows(flask_app)
    assert (row.last_seen_at, row.address, row.created_at) == (after(minutes=10), "10.0.1.10", NOW)


def test_one_statement_finds_the_person_the_session_and_the_requirements(
    flask_app: Any, world: World, client_for: Any
) -> None:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    client = enter(client_for, world.north.ops)
    with flask_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get("/nowhere/at/all/")
    finally:
        event.remove(engine, "before_cursor_execute", note)

    about_the_person = [
        one for one in seen if "ab_user" in one or "login_sessions" in one or "login_policies" in one
    ]
    assert len(about_the_person) == 1


def test_a_page_waits_for_nobody_to_note_its_use(flask_app: Any, world: World, client_for: Any) -> None:
    """Somebody else is writing: the page is there all the same, and the next one notes it."""
    with frozen_at(NOW):
        client = enter(client_for, world.north.ops)
    with flask_app.app_context():
        connection = db.engine.connect()
    is_sqlite = connection.dialect.name == "sqlite"
    try:
        connection.exec_driver_sql("SELECT 1")
        connection.exec_driver_sql("UPDATE resellers SET version = version")
        with frozen_at(after(minutes=5)):
            assert client.get("/home/").status_code == 200
        assert (rows(flask_app)[0].last_seen_at == NOW) is is_sqlite
    finally:
        connection.rollback()
        connection.close()
    with frozen_at(after(minutes=6)):
        client.get("/home/")
    assert rows(flask_app)[0].last_seen_at > NOW


def test_old_sessions_are_removed_by_the_worker(flask_app: Any, world: World, client_for: Any) -> None:
    with frozen_at(NOW):
        enter(client_for, world.north.ops)  # never used again
        enter(client_for, world.south.ops).post("/logout/")
    with frozen_at(after(hours=8)):
        enter(client_for, world.admin)
        enter(client_for, world.north.customer_user)
    schedule = celery_of(flask_app).conf.beat_schedule[tasks.CLEAN_TASK]

    with frozen_at(after(hours=9)), flask_app.app_context():
        removed = tasks.remove_old_sessions()

    assert removed == 2
    assert {one.user_id for one in rows(flask_app)} == {world.admin.id, world.north.customer_user.id}
    assert schedule["schedule"] == 3600
    assert tasks.CLEAN_TASK in celery_of(flask_app).tasks


def test_the_cookie_holds_a_secret_and_the_row_its_hash(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = enter(client_for, world.north.ops)
    with client.http.session_transaction() as session:
        token = session["login"]

    [row] = rows(flask_app)
    assert len(token) >= 40
    assert token not in (row.token_hash, row.browser, row.address)
    assert len(row.token_hash) == 64


def test_sessions_go_with_the_login(flask_app: Any, world: World, client_for: Any) -> None:
    enter(client_for, world.north.sales)

    change(flask_app, world.north.sales, db.session.delete)

    with flask_app.app_context(), system_scope("test"):
        assert db.session.scalars(select(func.count()).select_from(LoginSession)).one() == 0


def test_long_words_of_a_browser_are_cut_and_shown_as_text(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = enter(client_for, world.north.ops, browser="<script>alert(1)</script>" + "x" * 2000)

    page = client.get(URL).text

    assert "Unknown browser" in page
    assert "<script>alert" not in page
    assert len(rows(flask_app)[0].browser) == 300
