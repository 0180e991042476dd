"""One process at a time, over all processes that use one database: for bringing an installation up to date."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

# Any number that nothing else on the same PostgreSQL database locks.
_ADVISORY_KEY = 0x436C6F7564  # "Cloud"


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Wait until no other process is in such a block on the same database; it ends with its process at the latest.

    Blocks of one process do not nest.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine):
            yield
    elif engine.url.database and engine.url.database != ":memory:":
        with _file_lock(Path(f"{engine.url.database}.lock")):
            yield
    else:  # a database in memory is its process's own
        yield


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    # Without a transaction: one that stays open would hold up migrations.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(select(func.pg_advisory_lock(_ADVISORY_KEY)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_ADVISORY_KEY)))


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Hold the operating system's lock on a file. The file stays: taking it away would let two in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _lock(file)
        try:
            yield
        finally:
            _unlock(file)


if os.name == "nt":
    import msvcrt

    def _lock(file: Any) -> None:
        while True:
            file.seek(0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            except OSError:
                time.sleep(1)
            else:
                return

    def _unlock(file: Any) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:
    import fcntl

    def _lock(file: Any) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: Any) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
