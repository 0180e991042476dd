"""How entries come about.

Changes of rows are recorded by the flush itself, so that no screen, command or job can forget to: each new, changed
or deleted row of a class with ``__audit_name__`` leaves an entry in the same transaction. ``record`` adds what is not a
change of fields (a sign-in, an export, entering a reseller) and ``because`` gives the entries of a block their
verb and reason ("suspended" instead of "changed").

A class says: ``__audit_name__`` (its noun, stored), ``__audit_secret__`` (columns shown as "changed" only),
``__audit_ignored__`` (columns that are bookkeeping), ``__audit_links__`` (relationships that speak for their columns),
``__audit_merged__`` (columns that are one thing to people), ``__audit_with__`` (the relationship to a record whose own
entry is enough where both come or go at once) and ``__audit_alias__`` (what names a row ``discreetly``).
ADR 3 says why this is not left to the services.
"""

from __future__ import annotations

import datetime
import decimal
import enum
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.util import identity_key

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.request_id import current_request_id
from app.tenancy.guard import GuardedSession
from app.tenancy.scope import Actor, current_scope

ALWAYS_IGNORED = frozenset(
    {"id", "reseller_id", "customer_id", "version", "created_at", "updated_at", "updated_by_id"}
)
TEXT_LIMIT = 2000
#: What stands for the values of a secret column.
HIDDEN = "…"

_meaning: ContextVar[tuple[str | None, str]] = ContextVar("audit_meaning", default=(None, ""))
_is_discreet: ContextVar[bool] = ContextVar("audit_is_discreet", default=False)


@contextmanager
def because(action: str | None = None, *, reason: str = "") -> Iterator[None]:
    """Give the changes flushed in this block the verb ``action`` and a reason. Flushes before and after."""
    db.session.flush()
    token = _meaning.set((action, reason))
    try:
        yield
        db.session.flush()
    finally:
        _meaning.reset(token)


@contextmanager
def discreetly() -> Iterator[None]:
    """Let the entries of this block say which rows come and go, and neither values nor names.

    For people who are none of the reseller's yet and may never be: the log is sealed, and what they entered must be
    able to go. A class says in ``__audit_alias__`` which attribute names its rows all the same. A row that only changes
    leaves an entry where the block has a verb: without values there is nothing else to say.
    """
    db.session.flush()
    token = _is_discreet.set(True)
    try:
        yield
        db.session.flush()
    finally:
        _is_discreet.reset(token)


def record(
    action: str,
    row: Any = None,
    *,
    noun: str = "",
    name: str = "",
    changes: dict[str, list[str | None]] | None = None,
    reason: str = "",
    actor: Actor | None = None,
) -> None:
    """Add an entry for something that is not a change of fields, in the running transaction.

    ``noun`` and ``name`` say what it is about where that is no row: a file that left, a person nobody knows.
    """
    entry = _entry(row, action, changes or {}, reason, actor)
    entry["record_type"] = noun or entry["record_type"]
    entry["record_name"] = name[:250] or entry["record_name"]
    db.session().trusted_connection().execute(insert(AuditEntry.__table__), [entry])


def as_text(value: Any) -> str | None:
    """Return a column's value as it is kept in the log: readable, exact, bounded."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {as_text(item) or ''}" for key, item in value.items())[:TEXT_LIMIT]
    if isinstance(value, list | tuple):
        return ", ".join(as_text(item) or "" for item in value)[:TEXT_LIMIT]
    return str(value)[:TEXT_LIMIT]


@event.listens_for(Session, "after_flush")
def record_changes(session: Session, _context: Any) -> None:
    """Write an entry for every audited row of this flush, in one statement."""
    (verb, reason), is_discreet = _meaning.get(), _is_discreet.get()
    entries = []
    for rows, action in ((session.new, "created"), (session.dirty, "changed"), (session.deleted, "deleted")):
        for row in rows:
            if not hasattr(type(row), "__audit_name__"):
                continue
            if is_discreet and action == "changed" and verb is None:
                continue
            if action != "changed" and _goes_with(row) in rows:
                continue
            changes = _changes(row, action)
            if changes or action != "changed":
                entries.append(_entry(row, verb or action, changes, reason, None))
    if entries:
        cast(GuardedSession, session).trusted_connection().execute(insert(AuditEntry.__table__), entries)


def _goes_with(row: Any) -> Any:
    """Return the record whose coming or going tells of this row's, if it comes or goes with it."""
    name = getattr(type(row), "__audit_with__", None)
    return inspect(row).dict.get(name) if name else None


def _entry(
    row: Any, action: str, changes: dict[str, list[str | None]], reason: str, actor: Actor | None
) -> dict[str, Any]:
    scope = current_scope()
    actor = actor or scope.actor
    is_discreet = _is_discreet.get()
    reseller_id = getattr(row, "reseller_id", None)
    if getattr(row, "__tablename__", "") == "resellers":
        reseller_id = row.id
    return {
        "reseller_id": reseller_id if row is not None else scope.reseller_id,
        "customer_id": _customer_of(row),
        "at": utc_now(),
        "actor_id": actor.user_id,
        "actor_name": actor.name[:200],
        "is_platform_actor": actor.is_platform,
        "address": actor.address,
        "request_id": current_request_id(),
        "action": action,
        "record_type": getattr(row, "__audit_name__", "session"),
        "record_id": getattr(row, "id", None),
        "record_name": _alias_of(row) if is_discreet else _name_of(row)[:250],
        "reason": reason[:500],
        "changes": {} if is_discreet else changes,
    }


def _alias_of(row: Any) -> str:
    """Return what names a row without telling whose it is."""
    alias = getattr(type(row), "__audit_alias__", None)
    return str(getattr(row, alias)) if alias else ""


def _name_of(row: Any) -> str:
    """Return the record's name; what belongs to a customer says to which, where the session knows it already."""
    if row is None:
        return ""
    session = object_session(row)
    customer_id = getattr(row, "customer_id", None)
    mapper = inspect(type(row)).relationships.get("customer") if customer_id else None
    if session is None or mapper is None:
        return str(row)
    owner, name = session.identity_map.get(identity_key(mapper.mapper.class_, customer_id)), str(row)
    return name if owner is None or name.endswith(str(owner)) else f"{name} · {owner}"


def _customer_of(row: Any) -> int | None:
    if getattr(row, "__tablename__", "") == "customers":
        return int(row.id)
    return getattr(row, "customer_id", None)


def _changes(row: Any, action: str) -> dict[str, list[str | None]]:
    """Return field -> [before, after] of a row that is being flushed; relationships speak for their columns."""
    state = inspect(row)
    secret: frozenset[str] = getattr(row, "__audit_secret__", frozenset())
    ignored = ALWAYS_IGNORED | getattr(row, "__audit_ignored__", frozenset())
    changes: dict[str, list[str | None]] = {}
    spoken_for: set[str] = set()
    for relation in state.mapper.relationships:
        if (
            relation.viewonly
            or relation.key in ignored
            or relation.key not in getattr(row, "__audit_links__", ())
        ):
            continue
        history = state.attrs[relation.key].history
        if action == "deleted" or (action == "created" and not history.added):
            other = None if relation.uselist else _linked(row, state, relation)
            if other is not None:
                changes[relation.key] = [str(other), None] if action == "deleted" else [None, str(other)]
                spoken_for |= {column.key for column in relation.local_columns}
        elif history.added or history.deleted:
            before, after = _names(history.deleted), _names(history.added)
            if relation.uselist:
                unchanged = list(history.unchanged)
                before, after = _names([*unchanged, *history.deleted]), _names([*unchanged, *history.added])
            if before != after:
                changes[relation.key] = [before, after]
                spoken_for |= {column.key for column in relation.local_columns}
        elif (named := _named_keys(state, relation)) is not None:
            changes[relation.key] = named
            spoken_for |= {column.key for column in relation.local_columns}
    for name, parts in getattr(row, "__audit_merged__", {}).items():
        before, after = _joined(state, parts, action)
        if before != after:
            changes[name] = [before, after]
        spoken_for |= set(parts)
    for column in state.mapper.column_attrs:
        if column.key in ignored or column.key in spoken_for:
            continue
        history = state.attrs[column.key].history
        if action == "created":
            before, after = None, as_text(getattr(row, column.key) if column.key in state.dict else None)
        elif action == "deleted":
            before, after = as_text(state.dict.get(column.key)), None
        elif history.has_changes():
            before, after = as_text(_first(history.deleted)), as_text(_first(history.added))
        else:
            continue
        if column.key in secret:
            if before != after or history.has_changes():
                changes[column.key] = [HIDDEN, HIDDEN]
        elif isinstance(getattr(row, column.key, None), dict):
            changes |= _entries_of(column.key, _first(history.deleted), getattr(row, column.key), action)
        elif before != after:
            changes[column.key] = [before, after]
    return changes


def _linked(row: Any, state: Any, relation: Any) -> Any:
    """Return the row that a relationship leads to as far as the session knows it; nothing is loaded for the log."""
    if state.dict.get(relation.key) is not None:
        return state.dict[relation.key]
    (local, remote), *more = relation.local_remote_pairs
    key = state.dict.get(local.key)
    if more or key is None or not remote.primary_key or state.session is None:
        return None
    return state.session.identity_map.get(identity_key(relation.mapper.class_, key))


def _named_keys(state: Any, relation: Any) -> list[str | None] | None:
    """Return who a changed key meant before and means now, where the session knows both; None where it does not."""
    if relation.uselist or len(relation.local_remote_pairs) != 1 or state.session is None:
        return None
    [(local, remote)] = relation.local_remote_pairs
    history = state.attrs[local.key].history
    if not history.has_changes() or not remote.primary_key:
        return None
    keys = _first(history.deleted), _first(history.added)
    rows = [
        None if key is None else state.session.identity_map.get(identity_key(relation.mapper.class_, key))
        for key in keys
    ]
    if any(key is not None and row is None for key, row in zip(keys, rows, strict=True)):
        return None
    return [None if row is None else str(row) for row in rows]


def _joined(state: Any, parts: Iterable[str], action: str) -> tuple[str | None, str | None]:
    """Return what columns that are one thing to people said before and say after, as one text each."""
    after = [as_text(state.dict.get(part)) for part in parts]
    before = [
        as_text(_first(state.attrs[part].history.deleted))
        if state.attrs[part].history.has_changes()
        else text
        for part, text in zip(parts, after, strict=True)
    ]
    texts = [" ".join(one for one in words if one) or None for words in (before, after)]
    if action == "deleted":
        return texts[1], None
    return (None if action == "created" else texts[0]), texts[1]


def _entries_of(name: str, old: Any, new: dict[str, Any], action: str) -> dict[str, list[str | None]]:
    """Return the changed entries of a column that holds a dictionary, each under ``name.key``."""
    before = (new if action == "deleted" else old) or {}
    after = {} if action == "deleted" else new
    pairs = {key: [as_text(before.get(key)), as_text(after.get(key))] for key in [*before, *after]}
    return {f"{name}.{key}": pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _first(values: Any) -> Any:
    return values[0] if values else None


def _names(rows: Any) -> str | None:
    return ", ".join(sorted(str(row) for row in rows if row is not None)) or None
