"""How SQLite is spoken to: pragmas for every connection, and writers that queue instead of failing.

Importing this module is enough; it listens to every engine of the process and leaves other databases alone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

BUSY_TIMEOUT_MS = 20_000


class QueueConnection(sqlite3.Connection):
    """A connection of the queue's library, which begins its transactions by itself and has its own tables."""


#: Execution option of the queue's engine.
IS_QUEUE = "is_queue"

#: What makes an SQLite engine the queue's.
QUEUE_ENGINE = {"connect_args": {"factory": QueueConnection}, "execution_options": {IS_QUEUE: True}}

# Key in Connection.info: sqlite3's count of changed rows when the running transaction began, or None once the
# transaction holds the write lock.
_CHANGES_AT_BEGIN = "changes_at_begin"
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)


@contextmanager
def write_intent() -> Iterator[None]:
    """Let SQLite transactions that begin in this block take the write lock at once."""
    token = _write_intent.set(True)
    try:
        yield
    finally:
        _write_intent.reset(token)


def is_about_to_write() -> bool:
    """Whether the running code announced a write: a unit of work, or a request that is not a mere reading one."""
    return _write_intent.get() or (has_request_context() and request.method not in _READING_METHODS)


@contextmanager
def without_waiting(connection: Connection) -> Iterator[None]:
    """Let writes in the block fail at once where somebody else writes, instead of waiting. SQLite only; elsewhere
    writers of different rows do not wait for each other."""
    raw = _raw(connection)
    if raw is None:
        yield
        return
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _raw(connection: Connection) -> sqlite3.Connection | None:
    driver_connection: Any = connection.connection.driver_connection
    if isinstance(driver_connection, QueueConnection) or not isinstance(
        driver_connection, sqlite3.Connection
    ):
        return None
    return driver_connection


@event.listens_for(Engine, "connect")
def _prepare(dbapi_connection: Any, _record: Any) -> None:
    if not isinstance(dbapi_connection, sqlite3.Connection):
        return
    # The driver would begin transactions by itself, and only before the first write; SQLAlchemy's "begin" is
    # the right moment, so the driver is told to leave it alone.
    if not isinstance(dbapi_connection, QueueConnection):
        dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    raw = _raw(connection)
    if raw is None:
        return
    writing = is_about_to_write()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
    connection.info[_CHANGES_AT_BEGIN] = None if writing else raw.total_changes


def take_write_lock(connection: Connection) -> bool:
    """Make sure that the transaction of `connection` may write; answers whether its snapshot was renewed.

    A SQLite transaction that began by reading cannot wait for the write lock: it fails as soon as somebody else wrote.
    So a transaction that has only read is ended and begun anew; what was read before may be out of date and
    has to be read again. Nothing to do on other databases.
    """
    raw = _raw(connection)
    if raw is None:
        return False
    changes = connection.info.get(_CHANGES_AT_BEGIN)
    if changes is None or changes != raw.total_changes:
        return False
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.info[_CHANGES_AT_BEGIN] = None
    return True
