"""The one place that holds tenants apart. Slices write no tenancy filter; they could not forget one either.

Reads: every ORM statement gets the owner's criterion for each guarded table, relationship loads and aliases
included. A statement that shows a guarded table outside a fitting scope raises ``ScopeMissing``; where the table
does not show, the criterion is ``false()``. What no criterion could limit is refused (``strays``).
Writes: each new, changed and deleted row is checked before the flush, its old owner and its new one; bulk writes are
checked by table, and only with values that the statement shows.
Objects from a wider scope: a narrower one gets them neither by key nor over a relationship, and nothing of them is
read from the database for it again.
What stays open by nature: connections taken from the engine itself, which composite foreign keys hold; and what an
object from a wider scope carries already, columns and related objects, for code that was handed it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any, cast
from weakref import WeakSet

from flask_appbuilder import Model
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Select, event, false, inspect
from sqlalchemy.orm import (
    LoaderCallableStatus,
    ORMExecuteState,
    Session,
    object_session,
    with_loader_criteria,
)
from sqlalchemy.orm.interfaces import ORMOption

from app.kernel.database import IS_QUEUE
from app.tenancy.guarded import (
    OutOfSight,
    ScopeMissing,
    TenantViolation,
    guarded_mappers,
    guarded_tables,
    open_tables,
    rule_of,
)
from app.tenancy.owned import (
    CustomerRule,
    HandedOverRule,
    IssuedRule,
    ShownRule,
    TenantOwned,
    TenantRule,
    of_reseller,
)
from app.tenancy.scope import Actor, Scope, ScopeKind, current_scope
from app.tenancy.strays import refuse_strays


@lru_cache(maxsize=1)
def _plain_tenant_tables_are_alike() -> bool:
    """May one criterion, "of this reseller", stand for every ``TenantOwned`` table in a reseller's scope?

    Each criterion is part of every statement's cache key, so one for a dozen tables makes all statements cheaper. It
    holds as long as no such table brings a rule of its own; with one, each table gets its own criterion again.
    """
    plain = (TenantRule, CustomerRule, ShownRule, HandedOverRule, IssuedRule)
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
            with_loader_criteria(TenantOwned, lambda cls: of_reseller(cls, reseller_id), include_aliases=True)
        )
    for mapper, rule in guarded_mappers().items():
        if (
            not rule.needs_scope
            or rule.is_personal
            or (is_grouped and issubclass(mapper.class_, TenantOwned))
        ):
            continue
        criterion = rule.criterion(mapper.class_, scope) if rule.fits(scope) else false()
        if criterion is not None:
            options.append(with_loader_criteria(mapper.class_, criterion, include_aliases=True))
    return tuple(options)


@lru_cache(maxsize=4096)
def _personal_criteria(
    kind: ScopeKind, reseller_id: int | None, login_id: int | None
) -> tuple[ORMOption, ...]:
    """Return the criteria of what belongs to one person: apart, so that all people share the others."""
    scope = Scope(ScopeKind.NOBODY if login_id is None else kind, reseller_id, None, Actor(login_id))
    options: list[ORMOption] = []
    for mapper, rule in guarded_mappers().items():
        criterion = rule.criterion(mapper.class_, scope) if rule.is_personal else None
        if criterion is not None:
            options.append(with_loader_criteria(mapper.class_, criterion, include_aliases=True))
    return tuple(options)


def read_models_anew() -> None:
    """Forget what was read off the models: each application calls this once its slices have declared theirs.

    A statement that ran earlier would otherwise leave the tables that came after it without a rule.
    """
    for known in (
        guarded_mappers,
        guarded_tables,
        open_tables,
        _plain_tenant_tables_are_alike,
        _criteria,
        _personal_criteria,
    ):
        known.cache_clear()
    _without_strays.clear()


#: Statements that were walked and found clean. A SELECT never changes: each ``where`` makes another one, which is
#: walked in its turn. Those that modules keep for every request are walked once.
_without_strays: WeakSet[Any] = WeakSet()

_OWNER_COLUMNS = frozenset({"reseller_id", "customer_id", "user_id"})


def _is_the_queues(session: Session) -> bool:
    """Is this the session of the queue's library, on a database of its own?"""
    engine: Any = session.bind
    return engine is not None and engine.get_execution_options().get(IS_QUEUE, False) is True


@event.listens_for(Session, "do_orm_execute")
def limit_reads(state: ORMExecuteState) -> None:
    """Add the owner's criteria to every statement, or refuse it."""
    scope = current_scope()
    if scope.is_system or _is_the_queues(state.session):
        return
    if state.is_column_load:
        return
    if not state.is_relationship_load and state.statement not in _without_strays:
        # The framework's own loads select bare keys beside the guarded entity: not those.
        refuse_strays(state.statement)
        if isinstance(state.statement, Select):
            _without_strays.add(state.statement)
    if not state.is_orm_statement:
        return
    if state.is_insert:
        raise TenantViolation("bulk inserts run in the system's scope only")
    statement: Any = state.statement
    for mapper in state.all_mappers:
        rule = guarded_mappers().get(mapper)
        if rule is not None and rule.needs_scope and not rule.fits(scope):
            raise ScopeMissing(f"{mapper.class_.__name__} was read in the scope of {scope.kind.value}")
    if state.is_update or state.is_delete:
        _check_bulk_write(state, scope)
    state.statement = statement.options(
        *_criteria(scope.kind, scope.reseller_id, scope.customer_id),
        *_personal_criteria(scope.kind, scope.reseller_id, scope.login_id),
    )


def _check_bulk_write(state: ORMExecuteState, scope: Scope) -> None:
    if state.parameters:  # an update by primary key, or values that the statement does not show
        raise TenantViolation("bulk updates by parameters run in the system's scope only")
    for mapper in state.all_mappers:
        rule = guarded_mappers().get(mapper)
        if rule is not None and not rule.can_write_in(scope):
            raise TenantViolation(
                f"{mapper.class_.__name__} is not written in the scope of {scope.kind.value}"
            )
    values: dict[Any, Any] = getattr(state.statement, "_values", None) or {}
    ordered = getattr(state.statement, "_ordered_values", None) or ()
    for column in (*values, *(pair[0] for pair in ordered)):
        if getattr(column, "key", column) in _OWNER_COLUMNS:
            raise TenantViolation("a bulk update may not change who owns a row")


@event.listens_for(Model, "refresh", propagate=True, restore_load_context=True)
def refuse_to_read_again(row: Any, _context: Any, names: Any) -> None:
    """Raise when expired or deferred columns were loaded of a row that the scope in force may not see.

    Loads by key carry no criterion. Rows that a statement brings in for the first time do not come by here.
    """
    scope = current_scope()
    rule = rule_of(type(row))
    if rule is None or scope.is_system:
        return
    with suppress(OutOfSight):  # asking for the owner may itself be such a load
        if rule.may_read_again(row, scope):
            return
    cast(Session, object_session(row)).expire(row, names)
    raise OutOfSight(f"{type(row).__name__} may not be read again in the scope of {scope.kind.value}")


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


def _owners(scope: Scope) -> tuple[tuple[str, int | None], ...]:
    """Return the columns that name an owner, each with who that is in ``scope``."""
    return (
        ("reseller_id", scope.reseller_id),
        ("customer_id", scope.customer_id),
        ("user_id", scope.login_id),
    )


def _fill_owner(row: Any, scope: Scope) -> None:
    if rule_of(type(row)) is None:
        return
    for column, value in _owners(scope):
        if value is not None and hasattr(type(row), column) and getattr(row, column) is None:
            parent = getattr(row, column.removesuffix("_id"), None)
            setattr(row, column, value if parent is None else parent.id)


def _came_from_elsewhere(row: Any, scope: Scope) -> bool:
    """Was the row's owner somebody else before this change?"""
    state = inspect(row)
    for column, own in _owners(scope):
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

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Refuse: what runs on a connection passes no guard. ``trusted_connection`` says that this is meant."""
        if not current_scope().is_system:
            raise TenantViolation("connections are for the system's scope only")
        return super().connection(*args, **kwargs)

    def trusted_connection(self) -> Connection:
        """Return the session's connection for our own statements: the change log, and beginning to write."""
        return super().connection()

    def _identity_lookup(self, *args: Any, **kwargs: Any) -> Any:
        """What look-ups by key and lazy references find without a statement."""
        try:
            row = super()._identity_lookup(*args, **kwargs)
        except OutOfSight:
            return None
        if row is None or isinstance(row, LoaderCallableStatus) or inspect(row).expired:
            return row  # what would load an expired one is checked
        return row if is_visible(row) else None

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
