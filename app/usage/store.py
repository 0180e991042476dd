"""Usage in Parquet files, read by DuckDB: one folder per version of a part, and nothing in it ever changes.

A part is what one source delivered of one provider for one billing month of one reseller. A version of it holds
``lines``, ``days`` and ``months``. It is written beside the others under a name of its own and renamed when it is
whole; it counts because a row of the database names it, so files that no row names are left-overs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import duckdb
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from app.usage.columns import LEVELS, Column

Level = Literal["lines", "days", "months"]

#: Longer names of sources are cut and told apart by their hash: file systems allow 255 bytes.
_LONGEST_NAME = 100
_UNFINISHED = ".unfinished-"
#: How many rows of a file are read together.
_GROUP = 122_880


@dataclass(frozen=True, slots=True)
class PartFiles:
    """Which version of which part. ``month`` is its first day."""

    reseller_id: int
    provider: str
    source: str
    month: date
    version: str


class Store:
    """The usage of all resellers under one folder.

    ``memory`` and ``threads`` bound what one connection takes; what does not fit goes to ``temporary``, which is made
    when it is needed.
    """

    def __init__(
        self, root: Path, *, memory: str = "640MB", threads: int = 2, temporary: Path | None = None
    ) -> None:
        self.root = root.resolve()
        self.memory = memory
        self.threads = threads
        self.temporary = (temporary or self.root / ".tmp").resolve()

    def connect(self, *folders: Path, keeps_order: bool = True) -> DuckDBPyConnection:
        """Return a connection that reads and writes the store and the folders named, and nothing else.

        One that need not keep rows in order writes large files with less memory.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(parents=True, exist_ok=True)
        return connect(
            self.root,
            self.temporary,
            *folders,
            memory=self.memory,
            threads=self.threads,
            temporary=self.temporary,
            keeps_order=keeps_order,
        )

    def open(
        self, parts: Iterable[PartFiles], level: Level, connection: DuckDBPyConnection | None = None
    ) -> DuckDBPyRelation:
        """Return the rows of some parts, in the columns of ``columns.LEVELS``; no parts are no rows.

        Relations that are to meet in one query need the same ``connection``; without one it is a new one.
        """
        return (connection or self.connect()).sql(self.select(parts, level))

    def select(self, parts: Iterable[PartFiles], level: Level) -> str:
        """Return the SELECT behind ``open``, to build a query of."""
        columns = LEVELS[level]
        chosen = [self._select_one(part, level) for part in parts]
        if not chosen:
            typed = ", ".join(f"NULL::{column.type} AS {column.name}" for column in columns)
            return f"SELECT {typed} WHERE false"
        return " UNION ALL ".join(chosen)

    def _select_one(self, part: PartFiles, level: Level) -> str:
        own = {
            "provider": literal(part.provider),
            "source": literal(part.source),
            "month": f"DATE {literal(part.month.isoformat())}",
        }
        names = (f"{own[name]} AS {name}" if name in own else name for name in map(_name_of, LEVELS[level]))
        return f"SELECT {', '.join(names)} FROM {parquet(self.path(part, level))}"  # noqa: S608

    def path(self, part: PartFiles, level: Level) -> Path:
        """Return the file that holds one level of a part."""
        return self.folder(part) / f"{level}.parquet"

    def folder(self, part: PartFiles) -> Path:
        """Return the folder of a version."""
        return (
            self.root
            / str(part.reseller_id)
            / safe_name(part.provider)
            / safe_name(part.source)
            / f"{part.month:%Y-%m}"
            / safe_name(part.version)
        )

    def holds(self, part: PartFiles) -> bool:
        """Are all files of a version there?"""
        return all(self.path(part, level).is_file() for level in ("lines", "days", "months"))

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """Give a folder for files on their way; it is gone afterwards, whatever happened."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        folder = self.temporary / f"{_UNFINISHED}{uuid.uuid4().hex}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def take_in(self, folder: Path, part: PartFiles) -> None:
        """Make a folder that holds the three files the version's own, in one step."""
        target = self.folder(part)
        target.parent.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            flush_to_disk(file)
        folder.rename(target)
        flush_to_disk(target.parent)

    def remove(self, part: PartFiles) -> None:
        """Delete a version's files; one that is not there is fine."""
        shutil.rmtree(self.folder(part), ignore_errors=True)

    def versions(self) -> Iterator[Path]:
        """List the folders of all versions, named by the database or not."""
        for folder in self.root.glob("*/*/*/*/*"):
            if folder.is_dir() and not folder.is_relative_to(self.temporary):
                yield folder


def new_version(content_hash: str) -> str:
    """Return a name for a version that no other one has, whatever its content."""
    return f"{content_hash[:16]}-{uuid.uuid4().hex[:8]}"


def connect(
    *folders: Path,
    memory: str = "640MB",
    threads: int = 2,
    temporary: Path | None = None,
    keeps_order: bool = True,
) -> DuckDBPyConnection:
    """Return a DuckDB in memory that is kept to some folders: no network, no extensions, no other file, for good."""
    allowed = [f"{folder.resolve()}{os.sep}" for folder in (*folders, *([temporary] if temporary else []))]
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": str(threads),
            "preserve_insertion_order": str(keeps_order).lower(),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    if temporary is not None:
        connection.execute(f"SET temp_directory = {literal(str(temporary.resolve()))}")
    connection.execute(f"SET allowed_directories = [{', '.join(literal(path) for path in allowed)}]")
    for setting in (
        "enable_external_access = false",
        "enable_progress_bar = true",  # so that somebody can ask how far a query is
        "enable_progress_bar_print = false",
        "TimeZone = 'UTC'",
        # Our joins drop hardly any row of a file, so looking for those beforehand costs more than it saves.
        "disabled_optimizers = 'join_filter_pushdown'",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def copy_to(connection: DuckDBPyConnection, select: str, path: Path, *, group: int = _GROUP) -> int:
    """Write the rows of a SELECT into a Parquet file; return how many they were.

    So many rows as make a ``group`` are held in memory until they are written.
    """
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}"
    copied = connection.execute(f"COPY ({select}) TO {literal(str(path))} ({options})")
    return int(copied.fetchall()[0][0])


def parquet(path: Path) -> str:
    """Return what reads one of our files; what folders above it are called says nothing about its rows."""
    return f"read_parquet({literal(str(path))}, hive_partitioning = false)"


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def safe_name(name: str) -> str:
    """Return a name as one that any file system takes, another one for another name."""
    safe = quote(name, safe=" ") if name else "%"
    if safe.startswith("."):
        safe = f"%2E{safe[1:]}"
    # Systems that know no upper case, and long names: what tells apart is the hash.
    if len(safe) > _LONGEST_NAME or safe != safe.lower() or safe.strip() != safe:
        digest = hashlib.sha256(name.encode()).hexdigest()[:12]
        safe = f"{safe[: _LONGEST_NAME - 13].strip()}-{digest}"
    return safe


def _name_of(column: Column) -> str:
    return column.name


def flush_to_disk(path: Path) -> None:
    """See to it that what was written survives a power cut; folders only where the system opens them."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
