"""Rows of one person: nobody else reaches them, on no way, and without a person they fail closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.providers.models import Provider
from app.saved_views.models import SavedView
from app.security.models import User
from app.tenancy.guarded import ScopeMissing, TenantViolation
from app.tenancy.scope import Actor, Scope, ScopeKind, reseller_scope, system_scope, use_scope
from tests.worlds import Person, World


def scope_of(world: World, person: Person | None, **more: Any) -> Scope:
    actor = Actor(person.id if person else None, "Tests", **more)
    return Scope(ScopeKind.RESELLER, world.north.id, None, actor)


@pytest.fixture
def views(flask_app: Any, world: World) -> Iterator[dict[str, int]]:
    """A view each of the owner and of ops, by their keys."""
    found = {}
    with flask_app.app_context():
        for word in ("owner", "ops"):
            with use_scope(scope_of(world, world.north.people[word])):
                view = SavedView(list_key="customers", name=f"Of {word}", arguments="", position=1)
                db.session.add(view)
                db.session.commit()
                found[word] = view.id
        yield found
        db.session.rollback()


READS: dict[str, Any] = {
    "select": lambda: select(SavedView.name),
    "aliased": lambda: select(aliased(SavedView).name),
    "subquery": lambda: select(select(SavedView.name).subquery().c.name),
    "entity of a subquery": lambda: select(aliased(SavedView, select(SavedView).subquery()).name),
    "as scalar": lambda: select(select(func.min(SavedView.name)).scalar_subquery()),
}


@pytest.mark.parametrize("name", READS)
def test_each_person_reads_the_own_rows_only(name: str, views: dict[str, int], world: World) -> None:
    """One after the other in one process: nobody may get a cached statement's criterion of somebody else."""
    for word in ("owner", "ops", "owner"):
        with use_scope(scope_of(world, world.north.people[word])):
            assert db.session.execute(READS[name]()).scalars().all() == [f"Of {word}"]


def test_the_key_opens_the_own_row_only(views: dict[str, int], world: World) -> None:
    with use_scope(scope_of(world, world.north.owner)):
        assert db.session.get(SavedView, views["owner"]) is not None
        assert db.session.get(SavedView, views["ops"]) is None
    with system_scope("the identity map knows both"):
        kept = db.session.scalars(select(SavedView)).all()
    with use_scope(scope_of(world, world.north.ops)):
        assert db.session.get(SavedView, views["owner"]) is None
    assert len(kept) == 2


@pytest.mark.parametrize(
    "who", ["a program", "a Platform Admin who has entered", "a customer", "the platform"]
)
def test_without_a_person_of_the_reseller_nothing_is_read(
    who: str, views: dict[str, int], world: World
) -> None:
    scope = {
        "a program": scope_of(world, None),
        "a Platform Admin who has entered": scope_of(world, world.admin, is_platform=True),
        "a customer": Scope(
            ScopeKind.CUSTOMER, world.north.id, world.north.customer.id, Actor(world.north.owner.id)
        ),
        "the platform": Scope(ScopeKind.PLATFORM, None, None, Actor(world.admin.id, is_platform=True)),
    }[who]
    hidden = select(Provider.id).where(exists().where(SavedView.list_key != Provider.code))

    with use_scope(scope):
        with pytest.raises(ScopeMissing):
            db.session.execute(select(SavedView.name))
        assert db.session.execute(hidden).all() == []
        with pytest.raises(TenantViolation):
            db.session.execute(update(SavedView).values(name="Taken"))


def test_owner_and_person_come_from_the_scope(views: dict[str, int], world: World) -> None:
    with system_scope("the test looks at all"):
        owners = {one.id: one.user_id for one in db.session.scalars(select(SavedView))}

    assert owners == {
        views["owner"]: world.north.owner.id,
        views["ops"]: world.north.ops.id,
    }


def test_a_row_cannot_be_given_to_or_taken_from_somebody_else(views: dict[str, int], world: World) -> None:
    with use_scope(scope_of(world, world.north.owner)):
        db.session.get(SavedView, views["owner"]).user_id = world.north.ops.id
        with pytest.raises(TenantViolation):
            db.session.flush()
        db.session.rollback()
        with pytest.raises(TenantViolation):
            db.session.execute(update(SavedView).values(user_id=world.north.ops.id))
    with system_scope("handed over from a wider scope"):
        foreign = db.session.get(SavedView, views["ops"])
    with use_scope(scope_of(world, world.north.owner)):
        foreign.user_id = world.north.owner.id
        with pytest.raises(TenantViolation):
            db.session.flush()


def test_a_program_makes_no_rows_of_nobody(views: dict[str, int], world: World) -> None:
    with reseller_scope(world.north.id):
        db.session.add(SavedView(list_key="customers", name="Nobody's", arguments="", position=1))
        with pytest.raises(TenantViolation):
            db.session.flush()


def test_the_rows_go_with_the_login(views: dict[str, int], world: World) -> None:
    with use_scope(scope_of(world, world.north.owner)):
        db.session.delete(db.session.get(User, world.north.ops.id))
        db.session.commit()
    with system_scope("the test looks at all"):
        assert db.session.scalars(select(SavedView.id)).all() == [views["owner"]]
