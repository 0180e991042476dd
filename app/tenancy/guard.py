"""The one place that holds tenants apart. Slices write no tenancy filter; they could not forget one either.

Reads: every ORM statement gets the owner's criterion for each guarded table, relationship loads and aliases
included. A statement that shows a guarded table outside a fitting scope raises ``ScopeMissing``; where the table
does not show, the criterion is ``false()``. Core and text statements on guarded tables are refused.
Writes: each new, changed and deleted row is checked before the flush, its old owner and its new one.
What stays open by nature: connections taken from the engine directly. Composite foreign keys hold those.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Table, TextClause, event, false, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, configure_mappers, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase

from app.tenancy.owned import CustomerRule, Rule, TenantOwned, TenantRule
from app.tenancy.scope import Scope, ScopeKind, current_scope


class TenantViolation(SQLAlchemyError):
    """Something reached for a row outside its scope. An SQLAlchemyError, so that every caller rolls back."""


class ScopeMissing(TenantViolation):
    """A statement on a guarded table ran without a scope that fits it."""


def rule_of(cls: type) -> Rule | None:
    """Return the ownership rule of a mapped class, None when its rows are nobody's secret."""
    return cast("Rule | None", getattr(cls, "__guard__", None))


@lru_cache(maxsize=1)
def guarded_mappers() -> dict[Mapper[Any], Rule]:
    """Return each mapper that has an ownership rule. Read once: models are complete before the first statement."""
    from flask_appbuilder import Model

    configure_mappers()
    found = {}
    for mapper in Model.registry.mappers:
        rule = rule_of(mapper.class_)
        if rule is not None:
            found[mapper] = rule
    return found


@lru_cache(maxsize=1)
def guarded_tables() -> frozenset[Table]:
    """Return the tables that Core and text statements must not touch outside the system's scope."""
    return frozenset(
        cast(Table, mapper.local_table) for mapper, rule in guarded_mappers().items() if rule.needs_scope
    )


@lru_cache(maxsize=1)
def _plain_tenant_tables_are_alike() -> bool:
    """May one criterion, "of this reseller", stand for every ``TenantOwned`` table in a reseller's scope?

    Each criterion is part of every statement's cache key, so one for a dozen tables makes all statements cheaper. It
    holds as long as no such table brings a rule of its own; with one, each table gets its own criterion again.
    """
    plain = (TenantRule, CustomerRule)
    return all(
        type(rule) in plain
        for mapper, rule in guarded_mappers().items()
        if issubclass(mapper.class_, TenantOwned)
    )


@lru_cache(maxsize=512)
def _criteria(kind: ScopeKind, reseller_id: int | None, customer_id: int | None) -> tuple[ORMOption, ...]:
    scope = Scope(kind, reseller_id, customer_id)
    options: list[ORMOption] = []
    is_grouped = kind is ScopeKind.RESELLER and _plain_tenant_tables_are_alike()
    if is_grouped:
        options.append(
            with_loader_criteria(
                TenantOwned, lambda cls: cls.reseller_id == reseller_id, include_aliases=True
            )
        )
    for mapper, rule in guarded_mappers().items():
        if not rule.needs_scope or (is_grouped and issubclass(mapper.class_, TenantOwned)):
            continue
        criterion = rule.criterion(mapper.class_, scope) if rule.fits(scope) else false()
        if criterion is not None:
            options.append(with_loader_criteria(mapper.class_, criterion, include_aliases=True))
    return tuple(options)


def _is_guarded_table(element: Any) -> bool:
    if not isinstance(element, Table):
        element = getattr(element, "table", None)
    return isinstance(element, Table) and element in guarded_tables()


def _refuse_core(statement: Any) -> None:
    """Raise when a statement without ORM entities is text, or touches a guarded table."""
    for element in visitors.iterate(statement):
        if isinstance(element, TextClause):
            raise TenantViolation("text statements run in the system's scope only")
        if _is_guarded_table(element):
            raise TenantViolation(f"Core statement on a guarded table: {element}")
    if isinstance(statement, UpdateBase) and _is_guarded_table(getattr(statement, "table", None)):
        raise TenantViolation(f"Core statement on a guarded table: {statement.table}")


def _refuse_bare_tables(statement: Any) -> None:
    """Raise when an ORM statement selects from a guarded table past its entity, where no criterion would reach."""
    for element in (*getattr(statement, "_raw_columns", ()), *getattr(statement, "_from_obj", ())):
        if "parententity" not in getattr(element, "_annotations", {}) and _is_guarded_table(element):
            raise TenantViolation(f"bare table in an ORM statement: {element}")


_OWNER_COLUMNS = frozenset({"reseller_id", "customer_id"})


@event.listens_for(Session, "do_orm_execute")
def limit_reads(state: ORMExecuteState) -> None:
    """Add the owner's criteria to every statement, or refuse it."""
    scope = current_scope()
    if scope.is_system:
        return
    if not state.is_orm_statement:
        _refuse_core(state.statement)
        return
    if state.is_insert:
        raise TenantViolation("bulk inserts run in the system's scope only")
    if state.is_column_load:
        return
    statement: Any = state.statement
    for mapper in state.all_mappers:
        rule = guarded_mappers().get(mapper)
        if rule is not None and rule.needs_scope and not rule.fits(scope):
            raise ScopeMissing(f"{mapper.class_.__name__} was read in the scope of {scope.kind.value}")
    if state.is_update or state.is_delete:
        _check_bulk_write(state, scope)
    elif (
        not state.is_relationship_load
    ):  # the framework's own loads select bare keys beside the guarded entity
        _refuse_bare_tables(statement)
    state.statement = statement.options(*_criteria(scope.kind, scope.reseller_id, scope.customer_id))


def _check_bulk_write(state: ORMExecuteState, scope: Scope) -> None:
    for mapper in state.all_mappers:
        rule = guarded_mappers().get(mapper)
        if rule is not None and not rule.needs_scope and scope.kind is not ScopeKind.PLATFORM:
            raise TenantViolation(f"{mapper.class_.__name__} is written by the platform only")
    values: dict[Any, Any] = getattr(state.statement, "_values", None) or {}
    ordered = getattr(state.statement, "_ordered_values", None) or ()
    for column in (*values, *(pair[0] for pair in ordered)):
        if getattr(column, "key", column) in _OWNER_COLUMNS:
            raise TenantViolation("a bulk update may not change who owns a row")


@event.listens_for(Session, "before_flush")
def check_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Fill in the owner of new rows; refuse rows that are, were or would become somebody else's."""
    scope = current_scope()
    for row in session.new:
        _fill_owner(row, scope)
    if scope.is_system:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        rule = rule_of(type(row))
        if rule is None or (row in session.dirty and not session.is_modified(row)):
            continue
        if not rule.may_write(row, scope) or _came_from_elsewhere(row, scope):
            raise TenantViolation(
                f"{type(row).__name__} may not be written in the scope of {scope.kind.value}"
            )


def _fill_owner(row: Any, scope: Scope) -> None:
    if rule_of(type(row)) is None:
        return
    for column, value in (("reseller_id", scope.reseller_id), ("customer_id", scope.customer_id)):
        if value is not None and hasattr(type(row), column) and getattr(row, column) is None:
            parent = getattr(row, column.removesuffix("_id"), None)
            setattr(row, column, value if parent is None else parent.id)


def _came_from_elsewhere(row: Any, scope: Scope) -> bool:
    """Was the row's owner somebody else before this change?"""
    state = inspect(row)
    for column, own in (("reseller_id", scope.reseller_id), ("customer_id", scope.customer_id)):
        if own is None or column not in state.mapper.columns:
            continue
        if any(old is not None and old != own for old in state.attrs[column].history.deleted):
            return True
    return False


def is_visible(row: Any, scope: Scope | None = None) -> bool:
    """May the scope in force (or the given one) see this object, wherever it was loaded?"""
    scope = scope or current_scope()
    rule = rule_of(type(row))
    return rule is None or scope.is_system or rule.admits(row, scope)


class GuardedSession(FlaskSession):
    """A session whose look-ups by key obey the scope too: the identity map may hold what another scope loaded."""

    def get(self, entity: Any, ident: Any, **kwargs: Any) -> Any:
        row = super().get(entity, ident, **kwargs)
        return row if row is None or is_visible(row) else None

    def _get_impl(self, *args: Any, **kwargs: Any) -> Any:  # Query.get, which FAB uses, comes in here
        row = super()._get_impl(*args, **kwargs)
        return row if row is None or is_visible(row) else None

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        _refuse_bulk()
        super().bulk_save_objects(*args, **kwargs)

    def bulk_insert_mappings(self, *args: Any, **kwargs: Any) -> None:
        _refuse_bulk()
        super().bulk_insert_mappings(*args, **kwargs)

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> None:
        _refuse_bulk()
        super().bulk_update_mappings(*args, **kwargs)


def _refuse_bulk() -> None:
    if not current_scope().is_system:
        raise TenantViolation("bulk writes run in the system's scope only")
