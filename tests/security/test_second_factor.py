"""The second factor: set up, asked for at both doors, each code once, recovery codes, demanded, taken away."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts, second_factor, totp
from app.security.login_models import RecoveryCode
from app.security.models import User, UserStatus
from app.security.signals import second_factor_reset
from app.tenancy.scope import system_scope
from tests.access.logins import APP_SECRET, code_now, give_second_factor, half_sign_in
from tests.security.helpers import EVERYBODY, NEW, change, entries, login_of, person_of, require, sign_in
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 22, 9, 0, 10, tzinfo=datetime.UTC)
PAGE = "/profile/second-factor/"
STARTS = dict(zip(EVERYBODY, ["/platform/", "/home/", "/home/", "/home/", "/portal/north/"], strict=True))


def after(**time: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**time)


def door_of(person: Any) -> str:
    return f"{person.door}code/"


def secret_on(page: Any) -> str:
    """Return the secret that a page shows in groups, as somebody types it into an app."""
    found = re.search(r"<code[^>]*>([A-Z2-7 ]{39})</code>", page.text)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: Any) -> list[str]:
    return re.findall(r"<li><code>([a-z2-9-]{19})</code></li>", page.text)


def set_up(client: Any) -> tuple[str, list[str]]:
    """Set up a second factor as its person does; return the secret and the recovery codes."""
    begun = client.post(PAGE + "begin/", {"current": PASSWORD})
    secret = secret_on(client.get(begun.location))
    done = client.post(begun.location, {"code": code_now(secret)})
    assert done.location == PAGE
    return secret, codes_on(client.get(PAGE))


# -- the story ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
def test_from_the_profile_to_signing_in_with_a_code(
    who: str, flask_app: Any, world: World, client_for: Any
) -> None:
    person, client = person_of(world, who), client_for()
    with frozen_at(NOW):
        sign_in(client, person)
        assert "Set up second factor" in client.get(PAGE).text
        refused = client.post(PAGE + "begin/", {"current": "not the password"})
        assert (refused.status_code, "not your current password" in refused.text) == (422, True)

        begun = client.post(PAGE + "begin/", {"current": PASSWORD})
        shown = client.get(begun.location)
        assert "<svg" in shown.text
        assert "no-store" in shown.headers["Cache-Control"]
        secret = secret_on(shown)
        assert secret_on(client.get(begun.location)) == secret, "the one that was scanned"
        wrong = client.post(begun.location, {"code": "000000"})
        assert (wrong.status_code, "not the app&#39;s present code" in wrong.text) == (422, True)
        assert login_of(flask_app, person).totp_since is None

        assert client.post(begun.location, {"code": f" {code_now(secret)[:3]} {code_now(secret)[3:]} "})
        page = client.get(PAGE)
        codes = codes_on(page)
        assert len(set(codes)) == 10
        assert codes_on(client.get(PAGE)) == [], "shown once"

    with frozen_at(after(minutes=1)):
        other = client_for()
        first = sign_in(other, person)
        assert first.location == door_of(person)
        assert "/login/" in other.get("/profile/").location, "half logged in is not logged in"
        asked = other.get(first.location)
        assert "Enter the code" in asked.text
        assert 'autocomplete="one-time-code"' in asked.text
        assert other.post(first.location, {"code": "123"}).status_code == 422
        second = other.post(first.location, {"code": code_now(secret)})
        assert second.status_code == 302
        assert other.get("/").location.endswith(STARTS[who])
        assert other.get(STARTS[who]).status_code == 200

    actions = [one.action for one in entries(flask_app, person, "second_factor_on", "recovery_codes_made")]
    assert actions == ["second_factor_on", "recovery_codes_made"]
    *_earlier, signed_in = entries(flask_app, person, "signed_in")
    assert signed_in.changes["way"] == [None, "password, code"]


def test_the_goal_of_the_first_step_is_kept_over_the_second(
    flask_app: Any, world: World, client_for: Any
) -> None:
    give_second_factor(flask_app, world.north.ops.id)
    client = client_for()
    values = {"username": world.north.ops.email, "password": PASSWORD}

    client.post("/login/", values, query_string={"next": "/customers/list/"})

    assert client.post("/login/code/", {"code": code_now()}).location.endswith("/customers/list/")


# -- each code once ----------------------------------------------------------------------------------------------------


@pytest.fixture
def protected(flask_app: Any, world: World) -> Any:
    """The northern Ops person, with a second factor since nine."""
    with frozen_at(NOW):
        give_second_factor(flask_app, world.north.ops.id)
    return world.north.ops


def try_code(client_for: Any, person: Any, code: str, *, use: str = "") -> int:
    client = client_for()
    half_sign_in(client, person.id)
    url = door_of(person) + (f"?use={use}" if use else "")
    return int(client.post(url, {"code": code}).status_code)


def test_a_code_works_once_whoever_sends_it(protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        code = code_now()
        assert try_code(client_for, protected, code) == 302
        assert try_code(client_for, protected, code) == 422
    with frozen_at(after(seconds=30)):
        assert try_code(client_for, protected, code) == 422
        assert try_code(client_for, protected, code_now()) == 302


@pytest.mark.parametrize(
    ("seconds", "status"), [(-60, 422), (-30, 302), (0, 302), (30, 302), (60, 422), (3600, 422)]
)
def test_clocks_may_differ_by_one_step(seconds: int, status: int, protected: Any, client_for: Any) -> None:
    code = pyotp.TOTP(APP_SECRET).at(after(seconds=seconds))

    with frozen_at(NOW):
        assert try_code(client_for, protected, code) == status


def test_a_code_of_the_step_before_cannot_follow_a_newer_one(protected: Any, client_for: Any) -> None:
    older = pyotp.TOTP(APP_SECRET).at(after(seconds=-30))

    with frozen_at(NOW):
        assert try_code(client_for, protected, code_now()) == 302
        assert try_code(client_for, protected, older) == 422


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "123456\x00", "x" * 5000, " "])
def test_what_is_no_code_is_refused(code: str, protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        assert try_code(client_for, protected, code) in (400, 422)
        assert try_code(client_for, protected, code, use="recovery") in (400, 422)


# -- between the steps -------------------------------------------------------------------------------------------------


def test_the_second_step_follows_within_five_minutes(protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        client = client_for()
        sign_in(client, protected)
    with frozen_at(after(minutes=5)):
        late = client.post("/login/code/", {"code": code_now()})
        assert late.location == "/login/"
        assert "Enter your password once more" in client.get("/login/").text
        assert client.post("/login/code/", {"code": code_now()}).location == "/login/"


@pytest.mark.parametrize("page", ["/", "/home/", "/profile/", "/customers/list/", "/profile/second-factor/"])
def test_half_signed_in_opens_nothing(page: str, protected: Any, client_for: Any) -> None:
    client = client_for()
    half_sign_in(client, protected.id)

    assert "/login/" in client.get(page).location


def test_the_second_step_alone_is_none(flask_app: Any, protected: Any, world: World, client_for: Any) -> None:
    nobody, invented = client_for(), client_for()
    half_sign_in(invented, 4711)

    for client in (nobody, invented):
        assert client.get("/login/code/").location == "/login/"
        assert client.post("/login/code/", {"code": code_now()}).location == "/login/"
    without = client_for()
    half_sign_in(without, world.north.sales.id)
    assert without.get("/login/code/").location == "/login/", "who has no second factor is asked for none"


@pytest.mark.parametrize(
    "act",
    [
        lambda user: accounts.set_password(user, NEW, is_temporary=False),
        lambda user: accounts.set_status(user, UserStatus.SUSPENDED),
        lambda user: second_factor.reset(user, now=NOW),
        accounts.end_sessions,
    ],
)
def test_what_ends_sessions_ends_the_half_one(
    act: Any, flask_app: Any, protected: Any, client_for: Any
) -> None:
    with frozen_at(NOW):
        client = client_for()
        sign_in(client, protected)
        change(flask_app, protected, act)

        assert client.post("/login/code/", {"code": code_now()}).location == "/login/"


def test_each_door_takes_the_second_step_of_its_own_people_only(
    flask_app: Any, world: World, client_for: Any
) -> None:
    customer, ops = world.north.customer_user, world.north.ops
    for person in (customer, ops):
        give_second_factor(flask_app, person.id)
    wrong = {
        customer: ("/login/code/", "/portal/south/login/code/"),
        ops: ("/portal/north/login/code/",),
    }

    for person, doors in wrong.items():
        for door in doors:
            client = client_for()
            half_sign_in(client, person.id)
            assert client.post(door, {"code": code_now()}).location == door.removesuffix("code/")
    assert try_code(client_for, customer, code_now()) == 302


def test_the_portals_second_step_is_in_the_resellers_name(
    flask_app: Any, world: World, client_for: Any
) -> None:
    give_second_factor(flask_app, world.north.customer_user.id)
    client = client_for()
    sign_in(client, world.north.customer_user)

    page = client.get("/portal/north/login/code/").text

    assert f">{world.north.name}</a>" in page


def test_an_invitation_and_a_mailed_link_ask_for_the_code_too(
    flask_app: Any, protected: Any, client_for: Any
) -> None:
    with frozen_at(NOW):
        token = change(flask_app, protected, lambda user: accounts.invite(user, now=NOW))
        client = client_for()
        answer = client.post(f"/invitation/{token}/", {"password": NEW, "repeated": NEW})

        assert answer.location == "/login/code/"
        assert client.get("/home/").status_code == 302
        assert client.post("/login/code/", {"code": code_now()}).location == "/"
        assert client.get("/home/").status_code == 200


# -- recovery codes ----------------------------------------------------------------------------------------------------


def test_a_recovery_code_lets_in_once(flask_app: Any, world: World, client_for: Any) -> None:
    ops = world.north.ops
    first, second, *_more = give_second_factor(flask_app, ops.id)
    client = client_for()
    sign_in(client, ops)
    assert "Use a recovery code instead" in client.get("/login/code/").text
    assert "Each works once" in client.get("/login/code/?use=recovery").text

    used = client.post("/login/code/?use=recovery", {"code": first.upper().replace("-", " ")})

    assert used.status_code == 302
    assert "You logged in with a recovery code; 9 are left." in client.get("/home/").text
    assert try_code(client_for, ops, first, use="recovery") == 422
    assert try_code(client_for, ops, second, use="recovery") == 302
    *_earlier, entry = entries(flask_app, ops, "signed_in")
    assert entry.changes["way"][1] == "password, recovery_code"


def test_they_are_kept_as_hashes_and_belong_to_one_login(
    flask_app: Any, world: World, client_for: Any
) -> None:
    codes = give_second_factor(flask_app, world.north.ops.id)
    give_second_factor(flask_app, world.north.sales.id)

    with flask_app.app_context(), system_scope("test"):
        kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
        told = repr([one.changes for one in db.session.scalars(select(AuditEntry))])
    assert not set(codes) & set(kept)
    assert not any(code in told for code in codes)
    assert try_code(client_for, world.north.sales, codes[0], use="recovery") == 422


def test_they_do_not_depend_on_the_secret_key(flask_app: Any, world: World, client_for: Any) -> None:
    """Whoever changes SECRET_KEY makes all secrets unreadable; recovery codes are the way in then."""
    codes = give_second_factor(flask_app, world.north.ops.id)
    change(
        flask_app,
        world.north.ops,
        lambda user: setattr(user, "totp_secret", user.totp_secret[:-8] + "AAAAAAA="),
    )

    assert try_code(client_for, world.north.ops, code_now()) == 422
    assert try_code(client_for, world.north.ops, codes[0], use="recovery") == 302


def test_new_ones_replace_the_old(flask_app: Any, protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        old = give_second_factor(flask_app, protected.id)
        client = client_for(protected)
        assert client.post(PAGE + "codes/", {"codes-current": "wrong"}).status_code == 422
        assert client.post(PAGE + "codes/", {"codes-current": PASSWORD}).location == PAGE
        new = codes_on(client.get(PAGE))

        assert len(new) == 10
        assert not set(new) & set(old)
        assert try_code(client_for, protected, old[0], use="recovery") == 422
        assert try_code(client_for, protected, new[0], use="recovery") == 302
        assert "<dd>9</dd>" in client.get(PAGE).text


def test_few_left_is_said(flask_app: Any, protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        codes = give_second_factor(flask_app, protected.id)
        for code in codes[:7]:
            change(
                flask_app,
                protected,
                lambda user, one=code: second_factor.take_recovery_code(user, one, now=NOW),
            )

        assert "Few recovery codes are left." in client_for(protected).get(PAGE).text


# -- switching off, resetting ------------------------------------------------------------------------------------------


def test_switching_off_takes_password_and_code(flask_app: Any, protected: Any, client_for: Any) -> None:
    with frozen_at(NOW):
        client = client_for(protected)
        good = {"off-current": PASSWORD, "off-code": code_now()}
        for entered in ({"off-current": "wrong"}, {"off-code": "000000"}, {"off-code": ""}):
            assert client.post(PAGE + "off/", good | entered).status_code == 422
        assert login_of(flask_app, protected).totp_since is not None

        assert client.post(PAGE + "off/", good).location == PAGE
        assert sign_in(client_for(), protected).location.endswith("/")
        user = login_of(flask_app, protected)
        assert (user.totp_secret, user.totp_since, user.totp_last_step) == (None, None, None)
        assert [one.action for one in entries(flask_app, protected, "second_factor_off")]
        assert client.post(PAGE + "off/", good).status_code == 409
        assert client.post(PAGE + "codes/", {"codes-current": PASSWORD}).status_code == 409


def test_what_is_demanded_cannot_be_switched_off(
    flask_app: Any, protected: Any, world: World, client_for: Any
) -> None:
    require(flask_app, world.north.id, second_factor="console")
    with frozen_at(NOW):
        client = client_for(protected)
        assert "cannot be switched off" in client.get(PAGE).text

        refused = client.post(PAGE + "off/", {"off-current": PASSWORD, "off-code": code_now()})

        assert refused.status_code == 409
        assert login_of(flask_app, protected).totp_since is not None
        assert login_of(flask_app, protected).totp_last_step is None, "the code was not used up"


def test_an_owner_takes_it_away_from_who_lost_it(
    flask_app: Any, protected: Any, world: World, client_for: Any
) -> None:
    told: list[str] = []
    second_factor_reset.connect(catch := lambda user, **_more: told.append(user.email), weak=False)
    at_work, owner = client_for(protected), client_for(world.north.owner)
    page = owner.get(f"/settings/users/{protected.id}/").text
    assert "Take away second factor" in page

    done = owner.post(f"/settings/users/{protected.id}/reset-second-factor")
    again = owner.post(f"/settings/users/{protected.id}/reset-second-factor")
    second_factor_reset.disconnect(catch)

    assert (done.status_code, again.status_code) == (302, 409)
    assert "/login/" in at_work.get("/home/").location, "logged out everywhere"
    assert sign_in(client_for(), protected).location.endswith("/")
    assert told == [protected.email]
    [entry] = entries(flask_app, protected, "second_factor_reset")
    assert entry.actor_id == world.north.owner.id
    with flask_app.app_context(), system_scope("test"):
        query = select(RecoveryCode).where(RecoveryCode.user_id == protected.id)
        assert db.session.scalars(query).all() == []


def test_staff_take_it_away_from_a_customers_user(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    give_second_factor(flask_app, person.id)
    url = f"/customers/{world.north.customer.id}/users/"
    staff = client_for(world.north.sales)

    assert "Take away second factor" in staff.get(url).text
    assert staff.post(f"{url}{person.id}/reset-second-factor/").location == url
    assert login_of(flask_app, person).totp_since is None
    staff.post(f"{url}{person.id}/reset-second-factor/")
    assert "has no second factor" in staff.get(url).text


def test_a_platform_admin_takes_it_away_from_another_and_from_an_entered_resellers_owner(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        other = accounts.create_user(
            name="Bo", email="bo@platform.example", role="Platform Admin", reseller_id=None, password=NEW
        )
        other_id = other.id
    give_second_factor(flask_app, other_id)
    give_second_factor(flask_app, world.north.owner.id)
    admin = client_for(world.admin)

    assert admin.post(f"/platform/users/reset-second-factor/{other_id}").status_code == 302
    admin.post(f"/enter/{world.north.id}/", {"reason": "the owner lost the phone"})
    url = f"/settings/users/{world.north.owner.id}/reset-second-factor"
    assert admin.post(url).status_code == 302

    with flask_app.app_context(), system_scope("test"):
        users = [db.session.get(User, one) for one in (other_id, world.north.owner.id)]
        assert [one.totp_since for one in users] == [None, None]
    [entry] = entries(flask_app, world.north.owner, "second_factor_reset")
    assert entry.is_platform_actor


def test_nobody_takes_away_the_own_one_without_a_code(flask_app: Any, world: World, client_for: Any) -> None:
    give_second_factor(flask_app, world.north.owner.id)
    give_second_factor(flask_app, world.admin.id)

    owner = client_for(world.north.owner).post(f"/settings/users/{world.north.owner.id}/reset-second-factor")
    client_for(world.admin).post(f"/platform/users/reset-second-factor/{world.admin.id}")

    assert owner.status_code == 409
    assert login_of(flask_app, world.north.owner).totp_since is not None
    assert login_of(flask_app, world.admin).totp_since is not None


def test_nobody_takes_it_away_beyond_the_own_reseller(flask_app: Any, world: World, client_for: Any) -> None:
    give_second_factor(flask_app, world.north.ops.id)
    give_second_factor(flask_app, world.north.customer_user.id)
    console = f"/settings/users/{world.north.ops.id}/reset-second-factor"
    portal = f"/customers/{world.north.customer.id}/users/{world.north.customer_user.id}/reset-second-factor/"
    other = portal.replace(f"/{world.north.customer.id}/", f"/{world.north.other_customer.id}/")

    for person in (world.south.owner, world.north.other_user, world.admin):
        for url in (console, portal):
            assert client_for(person).post(url).status_code in (403, 404)
    assert client_for(world.north.owner).post(other).status_code == 404, "of another customer"
    assert client_for(world.north.sales).post(console).status_code == 403
    assert login_of(flask_app, world.north.ops).totp_since is not None
    assert login_of(flask_app, world.north.customer_user).totp_since is not None


# -- demanded ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "demand", "is_led"),
    [
        ("owner", "console", True),
        ("sales", "console", True),
        ("customer_user", "console", False),
        ("customer_user", "everybody", True),
        ("owner", "nobody", False),
        ("admin", "everybody", False),
    ],
)
def test_whoever_has_none_is_led_to_setting_one_up(
    who: str, demand: str, is_led: bool, flask_app: Any, world: World, client_for: Any
) -> None:
    """The northern reseller's demand; the platform's own people are not its own."""
    require(flask_app, world.north.id, second_factor=demand)
    person = person_of(world, who)
    client = client_for()

    assert sign_in(client, person).status_code == 302

    first = client.get(STARTS[who])
    assert (first.location == PAGE) is is_led
    assert (first.status_code == 200) is not is_led


def test_setting_up_before_anything_else(flask_app: Any, world: World, client_for: Any) -> None:
    require(flask_app, world.north.id, second_factor="everybody")
    ops, client = world.north.ops, client_for()
    with frozen_at(NOW):
        sign_in(client, ops)
        for page in ("/", "/home/", "/profile/", "/profile/sessions/", "/audit/export.csv"):
            assert client.get(page).location == PAGE, page
        refused = client.post("/customers/add", {"organization": "Eve"})
        assert (refused.status_code, "Set it up first." in refused.text) == (403, True)
        page = client.get(PAGE).text
        assert "Set it up once; then you can go on." in page
        assert 'href="/home/"' not in page
        assert client.post("/language/", {"locale": "en", "next": PAGE}).location == PAGE

        _secret, codes = set_up(client)

        assert len(codes) == 10
        assert client.get("/home/").status_code == 200


def test_a_temporary_password_comes_before_the_second_factor(
    flask_app: Any, world: World, client_for: Any
) -> None:
    require(flask_app, world.north.id, second_factor="everybody")
    change(flask_app, world.north.ops, lambda user: accounts.set_password(user, NEW, is_temporary=True))
    client = client_for()
    sign_in(client, world.north.ops, NEW)

    assert client.get("/home/").location == "/profile/password/"
    entered = {"current": NEW, "password": "herons wade at dawn", "repeated": "herons wade at dawn"}
    assert client.post("/profile/password/", entered).location == "/"
    assert client.get("/home/").location == PAGE


def test_without_a_demanded_second_factor_no_token_is_taken(flask_app: Any, world: World) -> None:
    manager = flask_app.extensions["appbuilder"].sm
    require(flask_app, world.north.id, second_factor="console")
    give_second_factor(flask_app, world.north.ops.id)

    with flask_app.test_request_context():
        assert manager.load_user_jwt({}, {"sub": str(world.north.owner.id)}) is None
        assert manager.load_user_jwt({}, {"sub": str(world.north.ops.id)}).id == world.north.ops.id


# -- setting up --------------------------------------------------------------------------------------------------------


def test_setting_up_does_not_wait_for_ever(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    with frozen_at(NOW):
        begun = client.post(PAGE + "begin/", {"current": PASSWORD}).location
        secret = secret_on(client.get(begun))
    with frozen_at(after(minutes=15)):
        assert client.get(begun).location == PAGE
        assert client.post(begun, {"code": code_now(secret)}).location == PAGE
        assert "Set up second factor" in client.get(PAGE).text


def test_a_second_one_is_not_set_up_over_the_first(flask_app: Any, world: World, client_for: Any) -> None:
    """In two windows at once, say: the first to enter a code counts."""
    first, second = client_for(world.north.ops), client_for(world.north.ops)
    with frozen_at(NOW):
        begun = second.post(PAGE + "begin/", {"current": PASSWORD}).location
        other = secret_on(second.get(begun))
        secret, _codes = set_up(first)

        assert second.post(begun, {"code": code_now(other)}).location == PAGE
        assert second.post(PAGE + "begin/", {"current": PASSWORD}).location == PAGE
    kept = login_of(flask_app, world.north.ops).totp_secret
    with flask_app.app_context():
        assert totp.unseal(kept, user_id=world.north.ops.id) == secret


# -- how it is kept ----------------------------------------------------------------------------------------------------


def test_the_secret_is_sealed_for_one_login_with_this_key(flask_app: Any) -> None:
    with flask_app.app_context():
        secret = totp.new_secret()
        sealed = totp.seal(secret, user_id=7)

        assert len(secret) == 32
        assert secret not in sealed
        assert len(sealed) <= 200
        assert totp.seal(secret, user_id=7) != sealed, "no two are alike"
        assert totp.unseal(sealed, user_id=7) == secret
        assert totp.unseal(sealed, user_id=8) is None
        first, later = ("B" if sealed[place] == "A" else "A" for place in (0, 40))
        for broken in ("", "x", sealed[:-4], first + sealed[1:], sealed[:40] + later + sealed[41:], "ß" * 40):
            assert totp.unseal(broken, user_id=7) is None, broken
        key, flask_app.config["SECRET_KEY"] = flask_app.config["SECRET_KEY"], "another" * 6
        try:
            assert totp.unseal(sealed, user_id=7) is None
        finally:
            flask_app.config["SECRET_KEY"] = key


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, cut to six digits: the secret is the ASCII text 12345678901234567890."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        assert totp.step_of(secret, code, now=moment) == seconds // 30


def test_the_qr_code_names_who_asks(flask_app: Any, world: World, client_for: Any) -> None:
    """Customers know their reseller only; nothing is fetched to draw it."""
    with frozen_at(NOW):
        client = client_for(world.north.customer_user)
        begun = client.post(PAGE + "begin/", {"current": PASSWORD}).location
        page = client.get(begun).text
        secret = secret_on(client.get(begun))
        with flask_app.app_context():
            drawn = totp.qr_code(secret, email=world.north.customer_user.email, issuer=world.north.name)
            other = totp.qr_code(secret, email=world.north.customer_user.email, issuer="Cloudtally")

    assert drawn in page
    assert other not in page
    assert "style=" not in drawn
    assert "http" not in drawn
