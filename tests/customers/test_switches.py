"""What the reseller switches off for one of a customer's people: kept, told, and out of that person's own reach."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.security.models import SWITCHES, User
from app.tenancy.guarded import TenantViolation
from app.tenancy.scope import Scope, ScopeKind, system_scope, use_scope
from tests.access.pages import read
from tests.worlds import World

ALL_ON = dict.fromkeys(SWITCHES, "y")


def find(app: Any, email: str) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(select(User).where(User.email == email)).one()


def switches_of(app: Any, email: str) -> dict[str, bool]:
    user = find(app, email)
    return {name: getattr(user, name) for name in SWITCHES}


def url_of(world: World, rest: str = "") -> str:
    return f"/customers/{world.north.customer.id}/users/{rest}"


def save(client: Any, world: World, **switches: str) -> Any:
    url = url_of(world, f"{world.north.customer_user.id}/")
    form = {"name": world.north.customer_user.name, "status": "active", "opened": client.opened(url)}
    return client.post(url, form | switches)


def test_a_new_users_switches_are_on_unless_switched_off(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.sales)
    page = read(client.get(url_of(world, "add/")))
    shown = next(form.values() for form in page.forms if "email" in form.fields)
    assert {name: shown.get(name) for name in SWITCHES} == ALL_ON

    new = {"name": "Jonas Abt", "email": "jonas@new.example", "status": "active", "password": ""}
    client.post(url_of(world, "add/"), new | ALL_ON | {"may_invite": ""})

    expected = {"sees_statements": True, "may_request_accounts": True, "may_invite": False}
    assert switches_of(flask_app, "jonas@new.example") == expected


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_is_kept_audited_and_shown_in_the_list(
    switch: str, flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    assert "Everything" in client.get(url_of(world)).text

    assert save(client, world, **{name: "y" for name in SWITCHES if name != switch}).status_code == 302

    assert switches_of(flask_app, world.north.customer_user.email) == dict.fromkeys(SWITCHES, True) | {
        switch: False
    }
    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.record_type == "user").order_by(AuditEntry.id.desc())
        ).first()
        assert entry.changes == {switch: ["yes", "no"]}
        assert entry.actor_name == world.north.ops.name
    word = {
        "sees_statements": "No statements",
        "may_request_accounts": "No requests",
        "may_invite": "No invitations",
    }[switch]
    page = client.get(url_of(world)).text
    assert word in page
    assert "Everything" not in page


def test_an_old_form_does_not_switch_on_again(flask_app: Any, world: World, client_for: Any) -> None:
    first, second = client_for(world.north.ops), client_for(world.north.owner)
    url = url_of(world, f"{world.north.customer_user.id}/")
    old = second.opened(url)
    save(first, world, may_invite="y", may_request_accounts="y")

    form = {"name": "User", "status": "active", "opened": old}
    answer = second.post(url, form | ALL_ON)

    assert answer.status_code == 409
    assert not find(flask_app, world.north.customer_user.email).sees_statements


@pytest.mark.parametrize("whose", ["customer_user", "colleague"])
@pytest.mark.parametrize("switch", SWITCHES)
def test_nobody_of_the_customer_changes_a_switch(
    switch: str, whose: str, flask_app: Any, world: World, client_for: Any
) -> None:
    new = {"name": "Col League", "email": "colleague@new.example", "status": "active", "password": ""}
    client_for(world.north.ops).post(url_of(world, "add/"), new)
    email = world.north.customer_user.email if whose == "customer_user" else new["email"]
    own = Scope(ScopeKind.CUSTOMER, world.north.id, world.north.customer.id)

    with flask_app.app_context(), use_scope(own):
        user = db.session.scalars(select(User).where(User.email == email)).one()
        setattr(user, switch, not getattr(user, switch))
        with pytest.raises(TenantViolation):
            db.session.flush()
        db.session.rollback()


def test_the_own_profile_takes_no_switch(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    save(client_for(world.north.ops), world)

    answer = client_for(person).post("/profile/", {"name": "User", "locale": ""} | ALL_ON)

    assert answer.status_code == 302
    assert switches_of(flask_app, person.email) == dict.fromkeys(SWITCHES, False)
