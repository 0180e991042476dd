"""A login is locked after failures, answers as ever meanwhile, and its person gets in after the wait."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.security import check_password_hash

from app.extensions import db
from app.kernel.clock import frozen_at
from app.security import accounts, attempts, locks
from app.security.models import UserStatus
from app.security.signals import login_locked
from tests.access.logins import give_second_factor, half_sign_in, lock
from tests.security.helpers import EVERYBODY, NEW, change, entries, login_of, person_of, require, sign_in
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
REFUSAL = "Email or password is not right, or the login is not active."


def after(**time: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**time)


def fail(client_for: Any, person: Any, times: int, *, at: datetime.datetime = NOW) -> list[int]:
    with frozen_at(at):
        return [
            sign_in(
                client_for(),
                person,
                f"wrong {number}",
                environ_overrides={"REMOTE_ADDR": f"10.0.{number // 100}.{number % 100}"},
            ).status_code
            for number in range(times)
        ]


@pytest.fixture
def locked(world: World, client_for: Any) -> Any:
    """The northern Ops person, locked at nine by somebody who guessed ten times."""
    assert fail(client_for, world.north.ops, 10) == [422] * 10
    return world.north.ops


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_right_password_is_refused_while_a_login_is_locked_and_taken_after(
    who: str, world: World, client_for: Any
) -> None:
    person = person_of(world, who)
    fail(client_for, person, 9)
    with frozen_at(NOW):
        assert sign_in(client_for(), person).status_code == 302, "nine failures are not ten"
    fail(client_for, person, 10)

    with frozen_at(after(minutes=15) - datetime.timedelta(seconds=1)):
        refused = sign_in(client_for(), person)
    with frozen_at(after(minutes=15)):
        taken = sign_in(client_for(), person)

    assert (refused.status_code, REFUSAL in refused.text) == (422, True)
    assert taken.status_code == 302


def test_locked_unknown_wrong_and_suspended_look_alike(
    flask_app: Any, locked: Any, world: World, client_for: Any
) -> None:
    change(flask_app, world.north.sales, lambda user: accounts.set_status(user, UserStatus.SUSPENDED))
    pages = []
    with frozen_at(NOW):
        for email, password in (
            (locked.email, PASSWORD),
            (locked.email, "wrong"),
            (world.north.owner.email, "wrong"),
            (world.north.sales.email, PASSWORD),
            ("nobody@nowhere.example", "wrong"),
        ):
            page = client_for().post("/login/", {"username": email, "password": password})
            assert page.status_code == 422
            pages.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page.text).replace(email, ""))

    assert len(set(pages)) == 1


def test_tries_during_a_lock_do_not_make_it_longer(
    flask_app: Any, locked: Any, world: World, client_for: Any
) -> None:
    """Hundreds of them, from everywhere: after the wait its person gets in all the same."""
    for number in range(300):
        visitor = attempts.Visitor(f"10.1.{number // 100}.{number % 100}", "")
        with flask_app.test_request_context():
            taken = attempts.take_password(
                locked.email, PASSWORD, admits=lambda _user: True, visitor=visitor, now=after(minutes=14)
            )
        assert taken is None

    with frozen_at(after(minutes=15)):
        assert sign_in(client_for(), locked).status_code == 302


def test_each_further_lock_is_twice_as_long_up_to_a_day(
    flask_app: Any, world: World, client_for: Any
) -> None:
    ops, at, lengths = world.north.ops, NOW, []
    for _lock in range(9):
        fail(client_for, ops, 10, at=at)
        end = login_of(flask_app, ops).locked_until
        lengths.append(int((end - at).total_seconds() // 60))
        at = end

    assert lengths == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    with frozen_at(at):
        assert sign_in(client_for(), ops).status_code == 302
    fail(client_for, ops, 10, at=at)
    assert login_of(flask_app, ops).locked_until == at + datetime.timedelta(minutes=15), "it began anew"


def test_the_requirements_say_when_and_for_how_long(flask_app: Any, world: World, client_for: Any) -> None:
    require(flask_app, world.north.id, lock_after=3, lock_minutes=1440)
    fail(client_for, world.north.ops, 3)
    fail(client_for, world.south.ops, 3)

    assert login_of(flask_app, world.north.ops).locked_until == after(days=1)
    assert login_of(flask_app, world.south.ops).locked_until is None


def test_a_lock_locks_nobody_else_and_ends_no_session(locked: Any, world: World, client_for: Any) -> None:
    with frozen_at(NOW):
        assert client_for(locked).get("/home/").status_code == 200
        assert sign_in(client_for(), world.north.owner).status_code == 302


def test_a_link_by_mail_ends_the_lock_and_lets_in(
    flask_app: Any, locked: Any, world: World, client_for: Any
) -> None:
    """The one way in that nobody who guesses can shut, not even while going on with it."""
    tokens: list[str] = []
    accounts.password_forgotten.connect(
        catch := lambda _user, token, **_more: tokens.append(token), weak=False
    )
    with frozen_at(NOW):
        client_for().post("/password/forgotten/", {"email": locked.email})
    accounts.password_forgotten.disconnect(catch)
    client = client_for()

    with frozen_at(after(minutes=1)):
        client.post(f"/password/reset/{tokens[0]}/", {"password": NEW, "repeated": NEW})
        fail(client_for, locked, 10, at=after(minutes=1))
        assert client.get("/home/").status_code == 200
    assert login_of(flask_app, locked).locked_until == after(minutes=16)


def test_a_lock_of_the_password_does_not_shut_out_who_is_at_the_code(
    flask_app: Any, locked: Any, client_for: Any
) -> None:
    [code, *_more] = give_second_factor(flask_app, locked.id)
    client = client_for()
    with frozen_at(NOW):
        half_sign_in(client, locked.id)

        assert client.post("/login/code/?use=recovery", {"code": code}).status_code == 302
        assert client.get("/home/").status_code == 200


def test_an_invitation_that_is_taken_up_ends_the_lock(flask_app: Any, locked: Any, client_for: Any) -> None:
    token = change(flask_app, locked, lambda user: accounts.invite(user, now=NOW))

    with frozen_at(NOW):
        client_for().post(f"/invitation/{token}/", {"password": NEW, "repeated": NEW})
        assert sign_in(client_for(), locked, NEW).status_code == 302


def test_it_is_written_down_and_told(flask_app: Any, world: World, client_for: Any) -> None:
    told: list[Any] = []
    login_locked.connect(catch := lambda user, **more: told.append((user.email, more)), weak=False)
    fail(client_for, world.north.ops, 12)
    login_locked.disconnect(catch)

    refused = entries(flask_app, world.north.ops, "sign_in_refused")
    assert [one.changes["why"][1] for one in refused] == ["wrong"] * 10 + ["locked"] * 2
    assert {one.reseller_id for one in refused} == {world.north.id}
    [entry] = entries(flask_app, world.north.ops, "locked")
    assert (entry.actor_id, entry.actor_kind) == (None, "system")
    assert told == [(world.north.ops.email, {"until": after(minutes=15), "step": "password", "now": NOW})]
    page = client_for(world.north.owner).get("/audit/list/?action=locked").text
    assert "locked user Ops northcanary after too many failures" in page


def test_guessing_the_own_password_when_signed_in_locks_the_login_too(
    flask_app: Any, world: World, client_for: Any
) -> None:
    """Whoever finds a browser open guesses no longer than somebody at the door."""
    client, new = (
        client_for(world.north.ops),
        {"password": "seven quiet rivers", "repeated": "seven quiet rivers"},
    )

    def guess(current: str, number: int) -> Any:
        return client.post(
            "/profile/password/",
            {**new, "current": current},
            environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"},
        )

    with frozen_at(NOW):
        guesses = [guess(f"wrong {number}", number) for number in range(10)]
        right = guess(PASSWORD, 10)

    assert [one.status_code for one in (*guesses, right)] == [422] * 11
    assert "There were too many wrong passwords" in right.text
    refused = entries(flask_app, world.north.ops, "sign_in_refused")
    assert [one.changes["why"][1] for one in refused] == ["wrong"] * 10 + ["locked"]
    assert {(one.actor_id, one.changes["way"][1]) for one in refused} == {
        (world.north.ops.id, "current_password")
    }
    assert len(entries(flask_app, world.north.ops, "locked")) == 1
    with frozen_at(NOW):
        assert sign_in(client_for(), world.north.ops).status_code == 422, "the door is locked as well"
    assert "Current password, when logged in already" in client.get("/profile/sign-ins/").text


def test_a_guess_that_was_checked_before_the_lock_came_is_refused(
    flask_app: Any, world: World, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of guesses that arrive at once, as many count as the requirements allow, and no more."""

    def check_meanwhile(stored: str, password: str) -> bool:
        lock(flask_app, world.north.ops.id)
        return check_password_hash(stored, password)

    monkeypatch.setattr(attempts, "check_password_hash", check_meanwhile)

    assert sign_in(client_for(), world.north.ops).status_code == 422
    assert [one.changes["why"][1] for one in entries(flask_app, world.north.ops, "sign_in_refused")] == [
        "locked"
    ]


def test_the_right_password_of_who_is_not_active_is_no_failure(
    flask_app: Any, world: World, client_for: Any
) -> None:
    """Somebody who waits for approval and tries every day is not locked when it comes."""
    ops = world.north.ops
    change(flask_app, ops, lambda user: accounts.set_status(user, UserStatus.PENDING_APPROVAL))
    for _number in range(12):
        assert sign_in(client_for(), ops).status_code == 422
    change(flask_app, ops, lambda user: accounts.set_status(user, UserStatus.ACTIVE))

    assert sign_in(client_for(), ops).status_code == 302


# -- unlocking ---------------------------------------------------------------------------------------------------------


def test_an_owner_sees_the_lock_and_ends_it(
    flask_app: Any, locked: Any, world: World, client_for: Any
) -> None:
    owner = client_for(world.north.owner)
    with frozen_at(NOW):
        listed, page = owner.get("/settings/users/").text, owner.get(f"/settings/users/{locked.id}/").text
        assert "until 22 Nov 2026, 10:15 CET" in listed
        assert "This login is locked." in page
        assert owner.post(f"/settings/users/{locked.id}/unlock").status_code == 302

        assert sign_in(client_for(), locked).status_code == 302
        again = owner.post(f"/settings/users/{locked.id}/unlock")
        assert (again.status_code, "is not locked any more" in again.text) == (409, True)
        assert "This login is locked." not in owner.get(f"/settings/users/{locked.id}/").text
    [entry] = entries(flask_app, locked, "unlocked")
    assert entry.actor_id == world.north.owner.id


def test_staff_end_the_lock_of_a_customers_user(flask_app: Any, world: World, client_for: Any) -> None:
    person, url = world.north.customer_user, f"/customers/{world.north.customer.id}/users/"
    lock(flask_app, person.id)
    staff = client_for(world.north.sales)

    assert "Locked" in staff.get(url).text
    assert staff.post(f"{url}{person.id}/unlock/").location == url
    assert "Locked" not in staff.get(url).text
    assert sign_in(client_for(), person).status_code == 302
    staff.post(f"{url}{person.id}/unlock/")
    assert "is not locked any more." in staff.get(url).text


def test_a_platform_admin_ends_the_lock_of_another(flask_app: Any, world: World, client_for: Any) -> None:
    """Also the own one, in a browser that was signed in before: a session outlives the lock."""
    lock(flask_app, world.admin.id)
    admin = client_for(world.admin)

    assert "Locked until" in admin.get(f"/platform/users/show/{world.admin.id}").text
    admin.post(f"/platform/users/unlock/{world.admin.id}")

    assert sign_in(client_for(), world.admin).status_code == 302


def test_nobody_unlocks_beyond_the_own_reseller(flask_app: Any, world: World, client_for: Any) -> None:
    lock(flask_app, world.north.ops.id)
    lock(flask_app, world.north.customer_user.id)
    people = (world.south.owner, world.north.customer_user, world.admin)
    for person in people:
        client = client_for(person)
        for url in (
            f"/settings/users/{world.north.ops.id}/unlock",
            f"/customers/{world.north.customer.id}/users/{world.north.customer_user.id}/unlock/",
        ):
            assert client.post(url).status_code in (403, 404)
    ops = client_for(world.north.ops).post(f"/settings/users/{world.north.ops.id}/unlock")
    assert ops.status_code == 403, "only Owners"
    assert login_of(flask_app, world.north.ops).locked_until is not None
    assert login_of(flask_app, world.north.customer_user).locked_until is not None


# -- failures at the code ----------------------------------------------------------------------------------------------


@pytest.fixture
def at_the_code(flask_app: Any, world: World, client_for: Any) -> Iterator[Any]:
    """Opens browsers in which the Owner's password was right, at nine."""
    give_second_factor(flask_app, world.north.owner.id)

    def open_one() -> Any:
        client = client_for()
        half_sign_in(client, world.north.owner.id)
        return client

    with frozen_at(NOW):
        yield open_one


def test_codes_are_locked_like_passwords_and_apart_from_them(
    flask_app: Any, at_the_code: Any, world: World, client_for: Any
) -> None:
    tries = [at_the_code().post("/login/code/", {"code": "000000"}).status_code for _number in range(10)]
    user = login_of(flask_app, world.north.owner)

    assert tries == [422] * 10
    assert (user.code_locked_until, user.locked_until) == (after(minutes=15), None)
    [code, *_more] = give_second_factor(flask_app, world.north.owner.id)
    refused = at_the_code().post("/login/code/?use=recovery", {"code": code})
    assert (refused.status_code, "This code is not right" in refused.text) == (422, True)
    with frozen_at(after(minutes=15)):
        assert at_the_code().post("/login/code/?use=recovery", {"code": code}).status_code == 302
    assert login_of(flask_app, world.north.owner).code_lock_count == 0


def test_the_right_password_does_not_forget_wrong_codes(
    flask_app: Any, at_the_code: Any, world: World, client_for: Any
) -> None:
    for _number in range(9):
        at_the_code().post("/login/code/", {"code": "000000"})
    assert sign_in(client_for(), world.north.owner).location == "/login/code/"
    at_the_code().post("/login/code/", {"code": "000000"})

    assert login_of(flask_app, world.north.owner).code_locked_until == after(minutes=15)


def test_a_locked_row_of_nobody_is_nobody(flask_app: Any) -> None:
    from app.tenancy.scope import system_scope

    with flask_app.app_context(), system_scope("test"):
        assert locks.hold(0) is None
        db.session.rollback()
