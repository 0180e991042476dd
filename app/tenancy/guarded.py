"""Which tables have owners, read off the models once; and how the seam says no."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flask_appbuilder import Model
from sqlalchemy import Table, TableClause
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, configure_mappers

from app.tenancy.owned import Rule


class TenantViolation(SQLAlchemyError):
    """Something reached for a row outside its scope. An SQLAlchemyError, so that every caller rolls back."""


class ScopeMissing(TenantViolation):
    """A statement on a guarded table ran without a scope that fits it."""


class OutOfSight(TenantViolation):
    """An object from a wider scope was to be read again in one that may not see its row."""


def rule_of(cls: type) -> Rule | None:
    """Return the ownership rule of a mapped class, None when its rows are nobody's secret."""
    return cast("Rule | None", getattr(cls, "__guard__", None))


@lru_cache(maxsize=1)
def guarded_mappers() -> dict[Mapper[Any], Rule]:
    """Return each mapper that has an ownership rule. Read once: models are complete before the first statement."""
    configure_mappers()
    found = {}
    for mapper in Model.registry.mappers:
        rule = rule_of(mapper.class_)
        if rule is not None:
            found[mapper] = rule
    return found


@lru_cache(maxsize=1)
def guarded_tables() -> frozenset[Table]:
    """Return the tables whose rows are somebody's own."""
    return frozenset(
        cast(Table, mapper.local_table) for mapper, rule in guarded_mappers().items() if rule.needs_scope
    )


@lru_cache(maxsize=1)
def open_tables() -> frozenset[Table]:
    """Return the tables that a statement may read past their entities: mapped, nobody's own, linking nobody's rows."""
    mapped = {cast(Table, mapper.local_table) for mapper in Model.registry.mappers}
    links = {
        relation.secondary
        for mapper in guarded_mappers()
        for relation in mapper.relationships
        if isinstance(relation.secondary, TableClause)
    }
    return frozenset(mapped - guarded_tables() - links)
