"""Who points at a record: read off the foreign keys, so that no table of a slice above can be forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session


def model_of_table(name: str) -> Any:
    """Return the class mapped to a table, None while no slice declares one."""
    return next(
        (one.class_ for one in Model.registry.mappers if getattr(one.local_table, "name", "") == name), None
    )


def _pointing_columns(model: Any, owner: str) -> Iterator[tuple[Any, Any]]:
    """Yield (reference, owner) attributes of every class that points at ``model`` and names an ``owner``."""
    key = model.__table__.c.id
    for mapper in Model.registry.mappers:
        if owner not in mapper.columns:
            continue
        for constraint in getattr(mapper.local_table, "foreign_key_constraints", ()):
            for element in constraint.elements:
                if element.column is key:
                    column = mapper.get_property_by_column(element.parent).key
                    yield getattr(mapper.class_, column), getattr(mapper.class_, owner)


def count_owners_of(session: Session | scoped_session[Any], row: Any, *, owner: str = "customer_id") -> int:
    """Return how many different owners (customers) have rows that point at ``row``."""
    return count_owners(session, type(row), [row.id], owner=owner).get(row.id, 0)


def count_owners(
    session: Session | scoped_session[Any], model: Any, keys: Collection[int], *, owner: str = "customer_id"
) -> dict[int, int]:
    """Return for each key how many different owners (customers) have rows that point at it; 0 is left out."""
    sources = list(_pointing_columns(model, owner)) if keys else []
    if len(sources) == 1:
        [(reference, who)] = sources
        query = select(reference, func.count(who.distinct())).where(reference.in_(keys)).group_by(reference)
        return dict(session.execute(query).all())
    owners: dict[int, set[int]] = defaultdict(set)
    for reference, who in sources:
        for key, one in session.execute(select(reference, who).where(reference.in_(keys)).distinct()):
            owners[key].add(one)
    return {key: len(found) for key, found in owners.items()}


def is_pointed_at(session: Session | scoped_session[Any], row: Any, *, besides: Collection[str] = ()) -> bool:
    """Does any row of a table that is not among ``besides`` point at ``row``?"""
    key = type(row).__table__.c.id
    for mapper in Model.registry.mappers:
        table: Any = mapper.local_table
        if table.name in besides:
            continue
        for constraint in table.foreign_key_constraints:
            for element in constraint.elements:
                if element.column is not key:
                    continue
                attribute = getattr(mapper.class_, mapper.get_property_by_column(element.parent).key)
                if session.scalars(select(attribute).where(attribute == row.id).limit(1)).first() is not None:
                    return True
    return False
