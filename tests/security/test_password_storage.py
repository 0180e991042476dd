"""How passwords are kept: memory-hard, and stored anew when today's method takes more."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.security import check_password_hash, generate_password_hash

import config
from app.extensions import db
from app.security.models import User
from app.security.passwords import hash_password, is_outdated, stored_alike
from app.tenancy.scope import system_scope
from tests.security.helpers import change, entries, login_of, sign_in
from tests.worlds import PASSWORD, World

TODAY = "pbkdf2:sha256:1"  # of the tests: cheap
OWASP = "scrypt:32768:8:3"


@pytest.fixture
def today(flask_app: Any) -> Any:
    """Sets the method of new passwords for one test."""
    before = flask_app.config["FAB_PASSWORD_HASH_METHOD"]

    def use(method: str) -> None:
        flask_app.config["FAB_PASSWORD_HASH_METHOD"] = method

    yield use
    flask_app.config["FAB_PASSWORD_HASH_METHOD"] = before


def test_the_product_uses_what_owasp_advises(flask_app: Any, today: Any) -> None:
    assert config.load({})["FAB_PASSWORD_HASH_METHOD"] == OWASP
    today(OWASP)
    with flask_app.app_context():
        stored = hash_password(PASSWORD)

    assert stored.startswith(f"{OWASP}$")
    assert len(stored) <= 256, "what the column takes"
    assert check_password_hash(stored, PASSWORD)


@pytest.mark.parametrize(
    ("stored", "wanted", "outdated"),
    [
        ("scrypt:32768:8:1$s$h", OWASP, True),
        ("scrypt:32768:8:3$s$h", OWASP, False),
        ("scrypt:65536:8:3$s$h", OWASP, False),
        ("pbkdf2:sha256:1000000$s$h", OWASP, True),
        ("pbkdf2:sha256:1$s$h", "pbkdf2:sha256:2", True),
        ("pbkdf2:sha256:2$s$h", "pbkdf2:sha256:1", False),
        ("pbkdf2:sha1:2$s$h", "pbkdf2:sha256:1", True),
        ("scrypt:32768:8:1$s$h", "scrypt", False),
    ],
)
def test_less_work_than_today_is_outdated(
    stored: str, wanted: str, outdated: bool, flask_app: Any, today: Any
) -> None:
    today(wanted)
    with flask_app.app_context():
        assert is_outdated(stored) is outdated


def test_signing_in_stores_the_password_anew(
    flask_app: Any, world: World, client_for: Any, today: Any
) -> None:
    today("pbkdf2:sha256:3")
    before = login_of(flask_app, world.north.ops)
    at_work = client_for(world.north.ops)

    wrong = sign_in(client_for(), world.north.ops, "not the password")
    assert login_of(flask_app, world.north.ops).password == before.password
    assert (wrong.status_code, sign_in(client_for(), world.north.ops).status_code) == (422, 302)

    after = login_of(flask_app, world.north.ops)
    assert after.password.startswith("pbkdf2:sha256:3$")
    assert sign_in(client_for(), world.north.ops).status_code == 302
    assert login_of(flask_app, world.north.ops).password == after.password, "once"
    assert at_work.get("/home/").status_code == 200, "no session has ended"
    assert after.password_changed_at == before.password_changed_at, "it is no younger"
    assert entries(flask_app, world.north.ops, "changed", "password_set") == []


def test_who_is_refused_gets_nothing_stored(
    flask_app: Any, world: World, client_for: Any, today: Any
) -> None:
    change(flask_app, world.north.ops, lambda user: setattr(user, "status", "suspended"))
    before = login_of(flask_app, world.north.ops).password
    today("pbkdf2:sha256:3")

    sign_in(client_for(), world.north.ops)

    assert login_of(flask_app, world.north.ops).password == before


def test_a_password_of_an_older_release_lets_in(flask_app: Any, world: World, client_for: Any) -> None:
    """Werkzeug's own default, which was in use before."""
    with flask_app.app_context(), system_scope("test"):
        stored = generate_password_hash(PASSWORD, method="scrypt:1024:8:1")
        db.session.get(User, world.north.ops.id).password = stored
        db.session.commit()

    assert sign_in(client_for(), world.north.ops).status_code == 302


def test_only_where_passwords_are_public_are_they_stored_alike(flask_app: Any) -> None:
    with flask_app.app_context():
        with stored_alike():
            first, second, other = (hash_password(one) for one in (PASSWORD, PASSWORD, "another one"))
        third = hash_password(PASSWORD)

    assert first == second
    assert len({first, other, third}) == 3
    assert check_password_hash(first, PASSWORD) and check_password_hash(third, PASSWORD)
