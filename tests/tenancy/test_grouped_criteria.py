"""One criterion stands for all plain tenant tables in a reseller's scope: it must say what each table's rule says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.tenancy.guard import _criteria, _plain_tenant_tables_are_alike
from app.tenancy.guarded import guarded_mappers
from app.tenancy.owned import TenantOwned
from app.tenancy.scope import Scope, ScopeKind, reseller_scope, system_scope


@pytest.fixture
def plain(flask_app: Any) -> list[Any]:
    """The mappers that share the criterion; all models are known once there is an application."""
    return [mapper for mapper in guarded_mappers() if issubclass(mapper.class_, TenantOwned)]


def test_no_tenant_table_has_a_rule_of_its_own(plain: list[Any]) -> None:
    assert len(plain) > 8
    assert _plain_tenant_tables_are_alike()
    assert len(_criteria(ScopeKind.RESELLER, 1, None)) < len(_criteria(ScopeKind.CUSTOMER, 1, 1))


def test_the_shared_criterion_is_each_tables_own(plain: list[Any]) -> None:
    for mapper in plain:
        criterion = guarded_mappers()[mapper].criterion(mapper.class_, Scope(ScopeKind.RESELLER, 7))

        assert criterion is not None
        said = criterion.compile()
        assert str(said) == f"{mapper.local_table.name}.reseller_id = :reseller_id_1"
        assert said.params == {"reseller_id_1": 7}


def test_each_reseller_counts_its_own_rows_only(plain: list[Any], flask_app: Any, world: Any) -> None:
    """One after the other in one process: the second must not get the first one's number from a cached statement."""
    with flask_app.app_context():
        for mapper in plain:
            table, other = mapper.local_table, aliased(mapper.class_)
            with system_scope("the test knows the truth"):
                truth = {
                    side.id: db.session.execute(
                        select(func.count()).select_from(table).where(table.c.reseller_id == side.id)
                    ).scalar_one()
                    for side in (world.north, world.south)
                }
            for side in (world.north, world.south, world.north):
                with reseller_scope(side.id):
                    assert (
                        db.session.scalar(select(func.count()).select_from(mapper.class_)) == truth[side.id]
                    )
                    assert db.session.scalar(select(func.count()).select_from(other)) == truth[side.id]
