"""Password Requirements: saved by whom they belong to, shown at every field, held wherever a password is set."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.cli import create_admin
from app.errors import EditConflict, Invalid
from app.extensions import db
from app.kernel.clock import frozen_at, utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts, policy
from app.security.login_models import EarlierPassword, LoginPolicy, SecondFactorFor
from app.security.models import User, UserStatus
from app.security.passwords import check_password
from app.security.policy import Policy, policy_of
from app.security.roles import RoleName
from app.tenancy.scope import Actor, reseller_scope, system_scope
from tests.access.logins import give_second_factor
from tests.security.helpers import EVERYBODY, NEW, change, entries, login_of, person_of, require, sign_in
from tests.worlds import PASSWORD, World

PAGES = {"owner": "/settings/password-requirements/", "admin": "/platform/password-requirements/"}
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
STRICT = {"needs_upper": True, "needs_digit": True, "needs_symbol": True}
MIXED = "Rivers bend 2 the sea"


def values(client: Any, url: str, **more: Any) -> dict[str, Any]:
    """Return the form as it stands, with changes."""
    opened = {name: client.opened(url, name) for name in ("version", "opened_at")}
    numbers = {"minimum_length": 12, "expires_days": 0, "remembered": 0, "lock_after": 10, "lock_minutes": 15}
    return opened | numbers | {"second_factor": "nobody"} | more


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", PAGES)
def test_without_a_row_the_defaults_hold(who: str, flask_app: Any, world: World, client_for: Any) -> None:
    page = client_for(person_of(world, who)).get(PAGES[who])

    assert page.status_code == 200
    for name, value in (
        ("minimum_length", 12),
        ("expires_days", 0),
        ("lock_after", 10),
        ("lock_minutes", 15),
    ):
        assert re.search(rf'value="{value}"[^>]* name="{name}"', page.text), name
    assert "OWASP ASVS 5.0" in page.text
    with flask_app.app_context():
        assert policy_of(world.north.id) == policy_of(None) == Policy()


@pytest.mark.parametrize("who", PAGES)
def test_what_is_saved_holds_for_the_own_logins_only(
    who: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(person_of(world, who))
    url = PAGES[who]
    entered = values(client, url, minimum_length=16, needs_digit="y", remembered=3, second_factor="everybody")

    saved = client.post(url, entered)

    assert saved.location == url
    mine = Policy(16, needs_digit=True, remembered=3, second_factor=SecondFactorFor.EVERYBODY)
    with flask_app.app_context():
        found = {key: policy_of(key) for key in (None, world.north.id, world.south.id)}
    own = None if who == "admin" else world.north.id
    assert found == dict.fromkeys(found, Policy()) | {own: mine}
    give_second_factor(flask_app, person_of(world, who).id)
    log = client.get("/audit/list/").text
    assert "password requirements" in log
    assert "Minimum length" in log


def test_customers_users_are_held_to_their_resellers_requirements(
    flask_app: Any, world: World, client_for: Any
) -> None:
    require(flask_app, world.north.id, minimum_length=30)

    page = client_for(world.north.customer_user).get("/profile/password/").text
    other = client_for(world.south.customer_user).get("/profile/password/").text

    assert "At least 30 characters" in page
    assert "At least 12 characters" in other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("minimum_length", "7"),
        ("minimum_length", "65"),
        ("minimum_length", ""),
        ("expires_days", "-1"),
        ("expires_days", "soon"),
        ("remembered", "25"),
        ("lock_after", "2"),
        ("lock_minutes", "0"),
        ("second_factor", "the boss"),
        ("second_factor", ""),
    ],
)
def test_what_cannot_be_required_is_refused(
    name: str, value: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client, url = client_for(world.north.owner), PAGES["owner"]

    refused = client.post(url, values(client, url) | {name: value})

    assert refused.status_code == 422
    assert 'id="error-summary"' in refused.text
    with flask_app.app_context():
        assert policy_of(world.north.id) == Policy()


def test_the_platform_has_no_console_users_to_single_out(world: World, client_for: Any) -> None:
    client, url = client_for(world.admin), PAGES["admin"]

    assert client.post(url, values(client, url, second_factor="console")).status_code == 422


@pytest.mark.parametrize("who", PAGES)
def test_the_second_of_two_who_edit_is_told(who: str, world: World, client_for: Any) -> None:
    client, url = client_for(person_of(world, who)), PAGES[who]
    first, second = values(client, url, minimum_length=14), values(client, url, minimum_length=20)

    assert client.post(url, first).status_code == 302
    refused = client.post(url, second)

    assert refused.status_code == 409
    assert "14" in refused.text
    assert client.opened(url, "version") == "1"


def test_of_two_who_are_the_first_to_change_the_defaults_one_wins(flask_app: Any, world: World) -> None:
    """Both found no row; the second comes to a row that the first one wrote."""
    chosen = {name: getattr(Policy(), name) for name in policy.POLICY_FIELDS}
    with flask_app.app_context(), reseller_scope(world.north.id, actor=Actor(world.north.owner.id, "Owner")):
        with unit_of_work(db.session):
            policy.save_policy(chosen | {"minimum_length": 20}, version=0)
        with pytest.raises(EditConflict), unit_of_work(db.session):
            policy.save_policy(chosen | {"minimum_length": 9}, version=0)
        assert policy_of(world.north.id).minimum_length == 20


def test_a_service_refuses_what_the_form_would(flask_app: Any, world: World) -> None:
    chosen = {name: getattr(Policy(), name) for name in policy.POLICY_FIELDS}
    with flask_app.app_context(), reseller_scope(world.north.id), pytest.raises(Invalid):
        policy.save_policy(chosen | {"minimum_length": 4}, version=0)


def test_the_row_of_a_reseller_cannot_name_another(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), system_scope("test"), pytest.raises(IntegrityError):
        db.session.add(LoginPolicy(id=7777, reseller_id=world.north.id, version=1, **_columns()))
        db.session.commit()


def _columns() -> dict[str, Any]:
    return {name: getattr(Policy(), name) for name in policy.POLICY_FIELDS}


# -- what a password must be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "password", "sentence"),
    [
        ({"minimum_length": 8}, "seven77", "at least 8 characters"),
        ({"minimum_length": 64}, "x" * 30 + "abcdefgh", "at least 64 characters"),
        ({"needs_upper": True}, NEW, "an upper-case letter"),
        ({"needs_lower": True}, NEW.upper(), "a lower-case letter"),
        ({"needs_digit": True}, NEW, "a digit"),
        ({"needs_symbol": True}, "riversbendtothesea", "a symbol"),
        (STRICT, "riversbendtothesea", "an upper-case letter, a digit, and a symbol"),
        ({}, "password1234", "list of common ones"),
        ({}, "x" * 257, "at most 256 characters"),
        ({}, "Olga Ops of the north", "repeats the name"),
    ],
)
def test_a_password_that_does_not_do(
    asked: dict[str, Any], password: str, sentence: str, flask_app: Any
) -> None:
    with flask_app.test_request_context(), pytest.raises(Invalid, match=sentence):
        check_password(password, about=("olga ops of the north",), policy=Policy(**asked))


@pytest.mark.parametrize(
    ("asked", "password"),
    [
        ({"minimum_length": 8}, "gÖt7 r!x"),
        (STRICT, MIXED),
        ({"needs_symbol": True}, "rivers bend to"),
        ({"needs_upper": True, "needs_lower": True}, "Flüsse münden ins Meer"),
        ({"minimum_length": 64}, "a long line of words " * 4),
        ({}, "abcd" * 64),
        ({}, "漢字だけの長いパスワード"),
    ],
)
def test_a_password_that_does(asked: dict[str, Any], password: str, flask_app: Any) -> None:
    with flask_app.test_request_context():
        check_password(password, policy=Policy(**asked))


def test_nothing_is_cut_off(flask_app: Any, world: World, client_for: Any) -> None:
    """Two passwords that differ in their last character only are two passwords."""
    long = "waterfalls " * 20 + "a"
    change(
        flask_app, world.north.ops, lambda user: accounts.set_password(user, long + "b", is_temporary=False)
    )

    assert sign_in(client_for(), world.north.ops, long + "c").status_code == 422
    assert sign_in(client_for(), world.north.ops, long + "b").status_code == 302


# -- held wherever a password is set -----------------------------------------------------------------------------------


@pytest.fixture
def strict(flask_app: Any, world: World) -> None:
    """The northern reseller and the platform want a mix; the southern reseller nothing."""
    require(flask_app, world.north.id, **STRICT)
    require(flask_app, None, **STRICT)


WEAK_SENTENCE = "The password needs an upper-case letter and a digit too."


def test_when_a_console_user_is_added_or_reset(strict: None, world: World, client_for: Any) -> None:
    client = client_for(world.north.owner)
    person = {"name": "Nora", "email": "nora@north.example", "role": "Reseller Sales", "access": "password"}

    refused = client.post("/settings/users/add", person | {"password": NEW})
    taken = client.post("/settings/users/add", person | {"password": MIXED})
    url = f"/settings/users/{world.north.sales.id}/password"
    refused_reset, reset = client.post(url, {"password": NEW}), client.post(url, {"password": MIXED})

    assert (refused.status_code, WEAK_SENTENCE in refused.text) == (422, True)
    assert "It needs an upper-case letter, a digit, and a symbol." in refused.text
    assert (taken.status_code, refused_reset.status_code, reset.status_code) == (302, 422, 302)


def test_when_a_customers_user_is_added_or_reset(strict: None, world: World, client_for: Any) -> None:
    client = client_for(world.north.sales)
    url = f"/customers/{world.north.customer.id}/users/"
    person = {"name": "Nora", "email": "nora@north.example", "status": "active"}

    refused = client.post(url + "add/", person | {"password": NEW})
    taken = client.post(url + "add/", person | {"password": MIXED})

    assert (refused.status_code, WEAK_SENTENCE in refused.text) == (422, True)
    assert taken.status_code == 302
    edit = f"{url}{world.north.customer_user.id}/"
    opened = {"opened": client.opened(edit), "opened_at": client.opened(edit, "opened_at")}
    change_of = opened | {"name": world.north.customer_user.name, "status": "active"}
    assert client.post(edit, change_of | {"password": NEW}).status_code == 422
    assert client.post(edit, change_of | {"password": MIXED}).status_code == 302


def test_when_a_platform_admin_is_added(strict: None, world: World, client_for: Any) -> None:
    client = client_for(world.admin)
    person = {"name": "Bo Admin", "email": "bo@platform.example", "start": "password"}

    assert client.post("/platform/users/add", person | {"password": NEW}).status_code == 422
    assert client.post("/platform/users/add", person | {"password": MIXED}).status_code == 302


def test_on_the_command_line(strict: None, flask_app: Any, world: World) -> None:
    def run(password: str) -> Any:
        arguments = ["--name", "Bo", "--email", "bo@platform.example", "--password", password]
        return flask_app.test_cli_runner().invoke(create_admin, arguments)

    refused = run(NEW)
    assert refused.exit_code == 1
    assert WEAK_SENTENCE in refused.output
    assert run(MIXED).exit_code == 0


def test_when_an_invitation_is_taken_up(strict: None, flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        user = accounts.create_user(
            name="Iris", email="iris@north.example", role=RoleName.OPS, reseller_id=world.north.id
        )
        token = accounts.invite(user, now=utc_now())
    url = f"/invitation/{token}/"

    assert "It needs an upper-case letter, a digit, and a symbol." in client_for().get(url).text
    assert client_for().post(url, {"password": NEW, "repeated": NEW}).status_code == 422
    assert client_for().post(url, {"password": MIXED, "repeated": MIXED}).status_code == 302


def test_when_a_forgotten_one_is_replaced(
    strict: None, flask_app: Any, world: World, client_for: Any
) -> None:
    tokens: list[str] = []
    accounts.password_forgotten.connect(
        catch := lambda _user, token, **_more: tokens.append(token), weak=False
    )
    client_for().post("/password/forgotten/", {"email": world.north.ops.email})
    accounts.password_forgotten.disconnect(catch)
    url = f"/password/reset/{tokens[0]}/"

    assert "It needs an upper-case letter, a digit, and a symbol." in client_for().get(url).text
    assert client_for().post(url, {"password": NEW, "repeated": NEW}).status_code == 422
    assert client_for().post(url, {"password": MIXED, "repeated": MIXED}).status_code == 302


@pytest.mark.parametrize("who", EVERYBODY)
def test_when_somebody_changes_the_own_one(strict: None, who: str, world: World, client_for: Any) -> None:
    client = client_for(person_of(world, who))

    def send(password: str) -> Any:
        entered = {"current": PASSWORD, "password": password, "repeated": password}
        return client.post("/profile/password/", entered)

    assert "It needs an upper-case letter" in client.get("/profile/password/").text
    assert (send(NEW).status_code, send(MIXED).status_code) == (422, 302)


def test_somebody_else_sees_the_requirements_of_those_the_password_is_for(
    strict: None, world: World, client_for: Any
) -> None:
    """An admin who has entered a reseller sets passwords by that reseller's rules, and the own by the platform's."""
    admin = client_for(world.admin)
    admin.post(f"/enter/{world.south.id}/", {"reason": "they asked for help"})

    assert "It needs" not in admin.get(f"/settings/users/{world.south.sales.id}/").text
    assert "It needs an upper-case letter" in admin.get("/profile/password/").text


def test_existing_passwords_stay_good(strict: None, world: World, client_for: Any) -> None:
    assert sign_in(client_for(), world.north.ops).status_code == 302


def test_services_that_make_logins_hold_it_too(strict: None, flask_app: Any, world: World) -> None:
    """What a sign-up calls: a customer's login made with the password that its person chose."""
    with flask_app.test_request_context(), system_scope("test"), pytest.raises(Invalid, match="upper-case"):
        accounts.create_user(
            name="Cora",
            email="cora@customer.example",
            role=RoleName.CUSTOMER,
            reseller_id=world.north.id,
            customer_id=world.north.customer.id,
            status=UserStatus.PENDING_EMAIL_VALIDATION,
            password=NEW,
        )


# -- earlier passwords -------------------------------------------------------------------------------------------------


def set_to(app: Any, person: Any, password: str) -> Any:
    return change(app, person, lambda user: accounts.set_password(user, password, is_temporary=False))


def kept(app: Any, person: Any) -> list[str]:
    with app.app_context(), system_scope("test"):
        query = select(EarlierPassword.password).where(EarlierPassword.user_id == person.id)
        return list(db.session.scalars(query))


def test_the_last_passwords_cannot_be_used_again(flask_app: Any, world: World) -> None:
    require(flask_app, world.north.id, remembered=3)
    ops, chosen = world.north.ops, [f"{word} bend to the sea" for word in ("rivers", "brooks", "canals")]

    for password in chosen[:2]:
        set_to(flask_app, ops, password)
    for old in (PASSWORD, *chosen[:2]):
        with pytest.raises(Invalid, match="one of your last 3 passwords"):
            set_to(flask_app, ops, old)
    set_to(flask_app, ops, chosen[2])
    set_to(flask_app, ops, PASSWORD)

    assert len(kept(flask_app, ops)) == 2
    assert all(one.startswith("pbkdf2:") for one in kept(flask_app, ops)), "hashes, nothing else"


def test_where_nothing_is_remembered_nothing_is_kept(flask_app: Any, world: World) -> None:
    ops = world.north.ops
    require(flask_app, world.north.id, remembered=5)
    set_to(flask_app, ops, NEW)
    assert len(kept(flask_app, ops)) == 1

    require(flask_app, world.north.id, remembered=0)
    set_to(flask_app, ops, PASSWORD)

    assert kept(flask_app, ops) == []


def test_earlier_passwords_go_with_the_login(flask_app: Any, world: World) -> None:
    require(flask_app, world.north.id, remembered=5)
    set_to(flask_app, world.north.sales, NEW)

    change(flask_app, world.north.sales, db.session.delete)

    assert kept(flask_app, world.north.sales) == []


# -- age ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def aged(flask_app: Any, world: World) -> None:
    """Everybody's password was set at nine."""
    with flask_app.app_context(), system_scope("test"):
        for user in db.session.scalars(select(User)):
            user.password_changed_at = NOW
        db.session.commit()


@pytest.mark.parametrize("who", EVERYBODY)
def test_an_expired_password_is_replaced_before_anything_else(
    who: str, aged: None, flask_app: Any, world: World, client_for: Any
) -> None:
    person = person_of(world, who)
    require(flask_app, None if who == "admin" else world.north.id, expires_days=90)

    with frozen_at(NOW + datetime.timedelta(days=90) - datetime.timedelta(seconds=1)):
        client = client_for()
        assert sign_in(client, person).status_code == 302
        assert client.get("/profile/").status_code == 200
    with frozen_at(NOW + datetime.timedelta(days=90)):
        client = client_for()
        assert sign_in(client, person).status_code == 302
        assert client.get("/").location == "/profile/password/"
        assert client.get("/profile/").location == "/profile/password/"
        page = client.get("/profile/password/").text
        assert "Choose a new password" in page
        assert "age at which it has to be replaced" in page
        assert client.post("/profile/", {"name": "Eve", "locale": ""}).status_code == 403
        entered = {"current": PASSWORD, "password": NEW, "repeated": NEW}
        assert client.post("/profile/password/", entered).location == "/"
        assert client.get("/profile/").status_code == 200


def test_without_expiry_no_password_is_too_old(
    aged: None, flask_app: Any, world: World, client_for: Any
) -> None:
    with frozen_at(NOW + datetime.timedelta(days=9000)):
        client = client_for()
        sign_in(client, world.north.ops)
        assert client.get("/home/").status_code == 200


def test_an_expired_password_opens_no_way_for_tokens(aged: None, flask_app: Any, world: World) -> None:
    manager = flask_app.extensions["appbuilder"].sm
    require(flask_app, world.north.id, expires_days=1)

    with frozen_at(NOW + datetime.timedelta(days=2)), flask_app.test_request_context():
        assert manager.load_user_jwt({}, {"sub": str(world.north.owner.id)}) is None
        assert manager.load_user_jwt({}, {"sub": str(world.south.owner.id)}).id == world.south.owner.id


def test_setting_a_password_is_told_as_ever(flask_app: Any, world: World) -> None:
    require(flask_app, world.north.id, remembered=3)

    set_to(flask_app, world.north.ops, NEW)

    [entry] = entries(flask_app, world.north.ops, "password_set", "changed")
    assert entry.action == "password_set"
    assert list(entry.changes) == ["password"]
    assert login_of(flask_app, world.north.ops).password_changed_at is not None
