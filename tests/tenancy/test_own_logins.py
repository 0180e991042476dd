"""Rows of one login: its person reads them in any scope, nobody else does, and without a person they fail closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.extensions import db
from app.security.login_models import RecoveryCode
from app.tenancy.guarded import ScopeMissing, TenantViolation
from app.tenancy.scope import Actor, Scope, ScopeKind, reseller_scope, system_scope, use_scope
from tests.worlds import World

KINDS = {"admin": ScopeKind.PLATFORM, "owner": ScopeKind.RESELLER, "customer_user": ScopeKind.CUSTOMER}


def scope_of(world: World, who: str) -> Scope:
    if who == "admin":
        return Scope(ScopeKind.PLATFORM, None, None, Actor(world.admin.id, "Tests", is_platform=True))
    actor = Actor(getattr(world.north, who).id, "Tests")
    customer = world.north.customer.id if who == "customer_user" else None
    return Scope(KINDS[who], world.north.id, customer, actor)


@pytest.fixture
def codes(flask_app: Any, world: World) -> Iterator[dict[str, int]]:
    """A code of each of the three, written in the own scope; owners are filled in."""
    found = {}
    with flask_app.app_context():
        for who in KINDS:
            with use_scope(scope_of(world, who)):
                row = RecoveryCode(code_hash=f"of {who}")
                db.session.add(row)
                db.session.commit()
                found[who] = row.id
        yield found
        db.session.rollback()


def test_each_person_reads_the_own_rows_only(codes: dict[str, int], world: World) -> None:
    for who in (*KINDS, *KINDS):
        with use_scope(scope_of(world, who)):
            assert db.session.scalars(select(RecoveryCode.code_hash)).all() == [f"of {who}"]
            seen = {key for key, id_ in codes.items() if db.session.get(RecoveryCode, id_) is not None}
            assert seen == {who}


def test_the_owner_of_a_row_is_who_wrote_it(codes: dict[str, int], world: World) -> None:
    with system_scope("test"):
        rows = db.session.execute(select(RecoveryCode.user_id, RecoveryCode.reseller_id)).all()

    assert {tuple(row) for row in rows} == {
        (world.admin.id, None),
        (world.north.owner.id, world.north.id),
        (world.north.customer_user.id, world.north.id),
    }


def test_bulk_changes_reach_the_own_rows_only(codes: dict[str, int], world: World) -> None:
    with use_scope(scope_of(world, "owner")):
        result: Any = db.session.execute(update(RecoveryCode).values(code_hash="gone"))
        assert result.rowcount == 1
        db.session.rollback()


def test_nobody_writes_a_row_of_somebody_else(codes: dict[str, int], world: World) -> None:
    with use_scope(scope_of(world, "owner")):
        db.session.add(RecoveryCode(code_hash="x", user_id=world.north.ops.id, reseller_id=world.north.id))
        with pytest.raises(TenantViolation):
            db.session.flush()
        db.session.rollback()


@pytest.mark.parametrize(
    "scope",
    [
        lambda world: Scope(ScopeKind.RESELLER, world.north.id, None, Actor()),
        lambda world: Scope(
            ScopeKind.RESELLER, world.north.id, None, Actor(world.admin.id, "Ada", is_platform=True)
        ),
        lambda world: Scope(ScopeKind.STOREFRONT, world.north.id),
    ],
)
def test_without_a_person_of_ones_own_nothing_is_there(
    scope: Any, codes: dict[str, int], world: World
) -> None:
    """A program, an admin who has entered, a visitor."""
    with use_scope(scope(world)):
        with pytest.raises(ScopeMissing):
            db.session.scalars(select(RecoveryCode)).all()
        assert db.session.execute(select(func.count()).select_from(RecoveryCode)).scalar() in (0, None)


def test_a_colleague_is_nobody(codes: dict[str, int], world: World) -> None:
    with reseller_scope(world.north.id, actor=Actor(world.north.ops.id, "Ops")):
        assert db.session.scalars(select(RecoveryCode)).all() == []
