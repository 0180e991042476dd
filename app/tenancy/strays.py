"""What a statement may not contain outside the system's scope, because no owner's criterion could limit it.

SQLAlchemy adds the criteria of ``guard`` to the entities that it notices in a SELECT: its columns, what it selects
from and joins, and plain conditions. ``refuse_strays`` takes a statement apart and raises where a guarded table would
be read unnoticed: past its entity, under an alias or a join made by hand, only within a function; and where SQL text
stands: text itself, literal columns, prefixes, hints, operators, functions that we do not know, unquoted names.
Types are not looked at; they are written by us, as models are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnClause,
    Extract,
    Join,
    Lateral,
    Select,
    TableClause,
    TextualSelect,
    UpdateBase,
    Values,
)
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import QueryableAttribute
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.orm.util import AliasedInsp, LoaderCriteriaOption
from sqlalchemy.sql import util as sql_util
from sqlalchemy.sql.elements import (
    AbstractTextClause,
    ClauseList,
    CollationClause,
    NamedColumn,
    OperatorExpression,
    UnaryExpression,
    quoted_name,
)
from sqlalchemy.sql.functions import Function, FunctionElement, GenericFunction
from sqlalchemy.sql.selectable import AliasedReturnsRows, HasHints, HasPrefixes, HasSuffixes, SelectBase
from sqlalchemy.sql.visitors import HasTraverseInternals

from app.tenancy.guarded import TenantViolation, guarded_mappers, open_tables

_TRUSTED = "tenancy_trusted"

#: Literal SQL that SQLAlchemy itself writes: count(*), exists(select 1).
_HARMLESS_LITERALS = frozenset({"*", "1", "NULL"})

#: Functions besides those that SQLAlchemy knows. Others may read files, tables or run text (query_to_xml).
_HARMLESS_FUNCTIONS = frozenset(
    {"abs", "avg", "cloudtally_trigrams", "length", "lower", "nullif", "round", "row_number", "trim", "upper"}
)

#: What ``op()`` may say: signs that begin no comment, and the word of the search table.
_HARMLESS_OPERATOR = re.compile(r"(?!.*(--|/\*))[-+*/%<>=!~@#&|^?]+|MATCH")

#: Table hints (``with_hint``): which index SQLite takes.
_HARMLESS_HINTS = frozenset({"NOT INDEXED"})

# How SQLAlchemy finds entities in a column and in a condition. Of a column that names several it notices the first.
_first_entity: Any = sql_util.extract_first_column_annotation
_surface: Any = sql_util.surface_expressions

_WITH_TEXT_AROUND = (HasPrefixes, HasSuffixes)
_BY_NAME = (ColumnClause, TableClause)

ElementT = TypeVar("ElementT", bound=ClauseElement)

Entity = Mapper[Any] | AliasedInsp[Any]


def trust(element: ElementT) -> ElementT:
    """Return ``element`` marked as written by us to be used past the entities: a search table, a literal.

    Greppable, like ``system_scope``: whoever uses it says beside it why no other tenant's row can come out.
    """
    return element._annotate({_TRUSTED: True})


def refuse_strays(statement: Any) -> None:
    """Raise when a part of ``statement`` could reach a row that no criterion limits."""
    if not isinstance(statement, SelectBase | UpdateBase | FunctionElement):
        raise TenantViolation(f"{type(statement).__name__} runs in the system's scope only")
    if isinstance(statement, UpdateBase) and _entity_of(statement.table) is None:
        raise TenantViolation(f"{statement.table} is written through its entity only")
    _Walk(statement).run()


def _refuse_text(what: object) -> None:
    raise TenantViolation(f"text and literal SQL run in the system's scope only: {what}")


def _is_orm(element: Any) -> bool:
    """Does SQLAlchemy compile this as a statement on entities, and so apply criteria?"""
    return getattr(element, "_propagate_attrs", {}).get("compile_state_plugin") == "orm"


def _entity_of(element: Any) -> Entity | None:
    """Return the entity that an element was derived from, as SQLAlchemy has marked it."""
    entity: Entity | None = getattr(element, "_annotations", {}).get("parententity")
    return entity


class _Walk:
    """One statement being taken apart, SELECT by SELECT, from the outside in."""

    def __init__(self, statement: Any) -> None:
        self._is_orm = _is_orm(statement)
        self._seen: set[int] = set()
        # Each statement to look at, with the entities of the enclosing ones, which it may refer to.
        self._waiting: list[tuple[Any, frozenset[Entity]]] = [(statement, frozenset())]

    def run(self) -> None:
        while self._waiting:
            self._look_at(*self._waiting.pop())

    def _look_at(self, part: Any, outer: frozenset[Entity]) -> None:
        """Look at one SELECT (or write, or union) down to the statements in it, which wait for their turn."""
        used: set[Entity] = set()
        within: list[Any] = []
        key = _key_look_up(part)
        stack = list(_contents(part))
        while stack:
            element = stack.pop()
            marks = getattr(element, "_annotations", None)
            if element is key or isinstance(element, BindParameter) or (marks and _TRUSTED in marks):
                continue
            entity = marks.get("parententity") if marks else None
            if entity is not None and not isinstance(element, Join):
                used.add(entity)
                is_alias = type(entity) is AliasedInsp
                if is_alias and not self._was_seen(entity):
                    stack.extend(_made_of(entity))
                if isinstance(element, _BY_NAME) or (is_alias and isinstance(element, AliasedReturnsRows)):
                    continue
            if isinstance(element, SelectBase):
                within.append(element)
                continue
            if isinstance(element, ColumnClause):
                _check_column(element)
                table = element.table
                if table is not None and not self._was_seen(table):
                    stack.append(table)  # a subquery or alias: what is it made of?
                continue
            if isinstance(element, UpdateBase):
                raise TenantViolation("a write stands by itself, not within another statement")
            _check(element)
            if isinstance(element, AliasedReturnsRows):
                source = element.element
                if isinstance(source, TableClause):
                    _check_table(source)
                elif not isinstance(source, SelectBase):
                    stack.append(source)
                elif isinstance(element, Lateral):
                    within.append(source)
                elif not self._was_seen(source):
                    self._waiting.append((source, frozenset()))  # refers to nothing outside
                stack.extend(one for one in _parts(element) if one is not source)
            else:
                stack.extend(_parts(element))
        inner = self._check_coverage(part, used, outer, bool(within))
        self._waiting.extend((one, inner) for one in within)

    def _was_seen(self, element: Any) -> bool:
        if id(element) in self._seen:
            return True
        self._seen.add(id(element))
        return False

    def _check_coverage(
        self, part: Any, used: set[Entity], outer: frozenset[Entity], has_inner: bool
    ) -> frozenset[Entity]:
        """Raise unless a criterion will limit each guarded entity that is used here; return what inner ones may use."""
        if isinstance(part, SelectBase) and not isinstance(part, Select):
            return outer  # a union: its SELECTs are looked at by themselves
        guarded = {one for one in used if (rule := guarded_mappers().get(one.mapper)) and rule.needs_scope}
        if not guarded and not has_inner:
            return outer
        noticed = frozenset(_noticed(part)) if _is_orm(part) else frozenset()
        reachable = _correlated(part, outer, noticed)
        for entity in guarded:
            if not self._is_orm or entity not in noticed | reachable:
                name = entity.mapper.class_.__name__
                raise TenantViolation(f"no criterion would limit {name} here; name it with select_from()")
        return noticed | reachable


def _key_look_up(part: Any) -> Any:
    """Return the mapper's own criterion, on bare columns, when ``session.get`` made this statement."""
    mapper: Any = getattr(part, "_propagate_attrs", {}).get("plugin_subject")
    return mapper._get_clause[0] if isinstance(mapper, Mapper) else None


def _contents(part: Any) -> Iterator[Any]:
    """Return what a statement says. Relationships that it joins are the models'; what was added to them is not."""
    _check(part)
    if not isinstance(part, Select):
        yield from _parts(part)
    else:
        yield from HasTraverseInternals.get_children(
            part, omit_attrs=("_correlate", "_correlate_except", "_setup_joins", "_memoized_select_entities")
        )
        yield from (prefix for prefix, _dialect in (*part._prefixes, *part._suffixes))
        for target, condition, left, _flags in _joins(part):
            for one in (target, condition, left):
                if isinstance(one, QueryableAttribute):
                    yield from one._extra_criteria
                elif isinstance(one, ClauseElement):
                    yield one
        for memoized in part._memoized_select_entities:
            yield from memoized._raw_columns
    for option in getattr(part, "_with_options", ()):
        if isinstance(option, LoaderCriteriaOption):
            raise TenantViolation("criteria for entities are the guard's")
        for step in getattr(option, "context", ()):
            yield from getattr(step, "_extra_criteria", ())
            local = getattr(step, "local_opts", None) or {}
            yield from (value for value in local.values() if isinstance(value, ClauseElement))


def _joins(select: Any) -> Iterator[Any]:
    yield from select._setup_joins
    for memoized in select._memoized_select_entities:
        yield from memoized._setup_joins


def _parts(element: Any) -> Iterator[Any]:
    """Return what an element was made of, with what SQLAlchemy keeps from those who ask for its children."""
    yield from element.get_children()
    if isinstance(element, _WITH_TEXT_AROUND):
        for prefix, _dialect in (*getattr(element, "_prefixes", ()), *getattr(element, "_suffixes", ())):
            yield prefix
    elif isinstance(element, Values):
        yield from (
            cell for rows in element._data for row in rows for cell in row if isinstance(cell, ClauseElement)
        )


def _made_of(entity: AliasedInsp[Any]) -> Iterator[Any]:
    """Return what an alias of an entity stands for, unless that is simply the entity's table."""
    selectable: Any = entity.selectable
    _check_name(selectable)
    if getattr(selectable, "element", None) is not entity.mapper.local_table:
        yield selectable._deannotate() if isinstance(selectable, TableClause) else selectable


def _noticed(part: Any) -> Iterator[Entity]:
    """Return the entities that SQLAlchemy applies criteria to in this SELECT or bulk write, in its own way."""
    if isinstance(part, UpdateBase):
        yield part.table._annotations["parententity"]
        return
    columns = list(part._raw_columns)
    while columns:
        column = columns.pop()
        if "bundle" in column._annotations:
            columns.extend(column.get_children())
        elif entity := _entity_of(column) or _first_entity(column, "parententity"):
            yield entity
    for source in part._from_obj:
        if not isinstance(source, Join) and (entity := _entity_of(source)):
            yield entity
    for target, condition, _left, _flags in _joins(part):
        for one in (target, condition):
            if isinstance(one, QueryableAttribute):
                yield one.parent
        if isinstance(target, QueryableAttribute):
            yield _joined_by(target)
        elif not isinstance(target, Join) and (entity := _entity_of(target)):
            yield entity
    for condition in part._where_criteria:
        for element in _surface(condition):
            if entity := _entity_of(element):
                yield entity


def _joined_by(relationship: Any) -> Entity:
    """Return the entity that a relationship leads to, or the alias of it that ``of_type`` named."""
    entity: Entity = relationship.comparator._of_type or relationship.comparator.entity
    return entity


def _correlated(part: Any, outer: frozenset[Entity], noticed: frozenset[Entity]) -> frozenset[Entity]:
    """Return the entities of the enclosing statements that are sure to stay theirs in this one."""
    if not isinstance(part, Select):
        return outer
    if part._correlate:
        return frozenset(one for one in outer if one.selectable in part._correlate)
    if part._correlate_except is not None:
        return frozenset(one for one in outer if one.selectable not in part._correlate_except)
    # A SELECT from nothing else reads the table once more instead.
    return outer if part._auto_correlate and noticed - outer else frozenset()


@lru_cache(maxsize=1024)
def _checks_of(kind: Any) -> tuple[Callable[[Any], None], ...]:
    """Return what to ask of elements of one class: most have nothing to hide, and a page asks of thousands."""
    return tuple(check for classes, check in _CHECKS if issubclass(kind, classes))


def _check(element: Any) -> None:
    """Raise when an element carries text."""
    for check in _checks_of(element.__class__):
        check(element)


def _refuse_element(element: Any) -> None:
    _refuse_text(type(element).__name__)


def _check_column(column: Any) -> None:
    if column.is_literal and column.name not in _HARMLESS_LITERALS:
        _refuse_text(column.name)
    _check_name(column)


def _check_operator(element: Any) -> None:
    operators = (
        [element.operator, element.modifier] if isinstance(element, UnaryExpression) else [element.operator]
    )
    for operator in operators:
        words = getattr(operator, "opstring", None)  # what op() was given
        if words is not None and not _HARMLESS_OPERATOR.fullmatch(words):
            _refuse_text(words)


def _check_function(function: Any) -> None:
    if isinstance(function, GenericFunction):
        return
    if function.packagenames or function.name.casefold() not in _HARMLESS_FUNCTIONS:
        _refuse_text(f"the function {function.name}")


def _check_extract(element: Any) -> None:
    if not element.field.isidentifier():
        _refuse_text(element.field)


def _check_hints(statement: Any) -> None:
    hints = {
        *statement._hints.values(),
        *(text for _dialect, text in getattr(statement, "_statement_hints", ())),
    }
    if hints - _HARMLESS_HINTS:
        _refuse_text(hints)


def _check_table(table: Any) -> None:
    if table not in open_tables():
        raise TenantViolation(f"{table.name} is reached through its entities only")


def _check_name(element: Any) -> None:
    """Raise when a name is to be written without quotes, whatever is in it."""
    for name in (getattr(element, "name", None), getattr(element, "collation", None)):
        if isinstance(name, quoted_name) and name.quote is False:
            _refuse_text(name)


_CHECKS: tuple[tuple[Any, Callable[[Any], None]], ...] = (
    ((AbstractTextClause, TextualSelect, FromStatement), _refuse_element),
    (TableClause, _check_table),
    ((AliasedReturnsRows, CollationClause, FunctionElement, NamedColumn, TableClause, Values), _check_name),
    ((ClauseList, OperatorExpression, UnaryExpression), _check_operator),
    (Function, _check_function),
    (Extract, _check_extract),
    ((HasHints, UpdateBase), _check_hints),
)
