"""What was delivered: one file, a compressed one, or a folder or archive of parts, unpacked to plain files.

Nothing that is delivered says where something is written: parts of an archive go into files numbered by us, links are
not followed, and what unpacks to more than it should is refused while it unpacks.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

import duckdb
from duckdb import DuckDBPyConnection

from app.usage.columns import TEXT
from app.usage.faults import UnreadableFile
from app.usage.formats import detect
from app.usage.formats.mapping import Format
from app.usage.store import literal, parquet

Compression = Literal["", "gzip", "zip", "folder"]

_CHUNK = 1 << 20
_PARQUET, _GZIP, _ZIP = b"PAR1", b"\x1f\x8b", b"PK"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"
#: What lies beside bills in exports: manifests, notes.
_NO_BILLS = {".json", ".txt", ".md", ".html", ".sql", ".yml", ".yaml", ".pdf", ".xml", ".log", ".ctl"}
_MANY_LINES = 100_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What unpacking may take. ``ratio`` only counts for what unpacks to more than ``small``."""

    unpacked: int = 64 << 30
    ratio: int = 200
    small: int = 256 << 20
    members: int = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """One plain file of rows. ``columns`` says in SQL how each column of a Parquet file is read as text."""

    path: Path
    name: str
    header: tuple[str, ...]
    format: Format
    delimiter: str = ","
    columns: tuple[str, ...] = ()

    @property
    def is_parquet(self) -> bool:
        """Is it Parquet, not CSV?"""
        return bool(self.columns)


def compression_of(path: Path) -> Compression:
    """Return how something is packed, as its first bytes say; its name says nothing."""
    if path.is_dir():
        return "folder"
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_GZIP):
        return "gzip"
    return "zip" if start.startswith(_ZIP) else ""


def tables_of(
    path: Path, work: Path, connection: DuckDBPyConnection, limits: Limits | None = None
) -> list[Table]:
    """Return the tables of what was delivered, unpacked into ``work``, each with its format."""
    tables = [_table(plain, name, connection) for plain, name in _unpack(path, work, limits or Limits())]
    if not tables:
        raise UnreadableFile("no_bill_inside")
    return tables


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files with their names."""
    digest = hashlib.sha256()
    for file, name in _files_of(path) if path.is_dir() else [(path, "")]:
        digest.update(name.encode())
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _unpack(path: Path, work: Path, limits: Limits) -> Iterator[tuple[Path, str]]:
    """Give plain files with the names they had; '' for what came alone."""
    packed = compression_of(path)
    if packed == "zip":
        yield from _unzip(path, work, limits)
        return
    files = list(_files_of(path)) if packed == "folder" else [(path, "")]
    for number, (file, name) in enumerate(files):
        if compression_of(file) == "gzip":
            with file.open("rb") as source:
                plain = work / f"unzipped-{number}"
                _write(
                    _gunzip(source, name or file.name), plain, file.stat().st_size, name or file.name, limits
                )
            yield plain, name
        elif name:
            yield _under_own_name(file, work / f"bill-{number}"), name
        else:
            yield file, name


def _under_own_name(file: Path, plain: Path) -> Path:
    """Give a file of a folder a name of ours: DuckDB takes ``*`` and ``key=value`` in paths for more than names."""
    try:
        os.link(file, plain)
    except OSError:  # another file system, or one without links
        shutil.copyfile(file, plain)
    return plain


def _files_of(folder: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink() or not file.is_file() or not _may_be_bill(name):
            continue
        if file.resolve().is_relative_to(folder.resolve()):
            yield file, name


def _may_be_bill(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not any(part.startswith((".", "_")) for part in path.parts) and path.suffix.lower() not in _NO_BILLS
    )


def _unzip(path: Path, work: Path, limits: Limits) -> Iterator[tuple[Path, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.members:
                raise UnreadableFile("too_large", file=path.name, limit=limits.members)
            for member in members:
                _check_name(member)
            left = limits.unpacked
            for number, member in enumerate(members):
                if member.is_dir() or not _may_be_bill(member.filename):
                    continue
                plain = work / f"bill-{number}"
                with archive.open(member) as source:
                    start = source.read(len(_GZIP))
                with archive.open(member) as source:
                    chunks = _gunzip(source, member.filename) if start == _GZIP else _chunks(source)
                    within = Limits(left, limits.ratio, limits.small, limits.members)
                    left -= _write(chunks, plain, member.compress_size, member.filename, within)
                yield plain, member.filename
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        # Encrypted archives are a RuntimeError.
        raise UnreadableFile("not_an_archive", file=path.name) from error


def _check_name(member: zipfile.ZipInfo) -> None:
    """Nothing is written under the names of an archive; one that tries is refused all the same."""
    name = member.filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]) or is_link:
        raise UnreadableFile("unsafe_path", file=member.filename[:200])


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _gunzip(source: IO[bytes], name: str) -> Iterator[bytes]:
    """Give what a gzip file holds, in pieces, all members of it; refuses one that ends before its end."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        for chunk in _chunks(source):
            while chunk:
                if unpack.eof:
                    if not chunk.strip(b"\0"):
                        chunk = b""
                        continue
                    unpack = zlib.decompressobj(wbits=31)
                yield unpack.decompress(chunk, _CHUNK)
                while unpack.unconsumed_tail:
                    yield unpack.decompress(unpack.unconsumed_tail, _CHUNK)
                chunk = unpack.unused_data
    except zlib.error as error:
        raise UnreadableFile("truncated", file=name) from error
    if not unpack.eof:
        raise UnreadableFile("truncated", file=name)


def _write(chunks: Iterator[bytes], target: Path, packed: int, name: str, limits: Limits) -> int:
    """Write pieces to a file as long as they stay within the limits; return how many bytes they were."""
    written = 0
    with target.open("wb") as file:
        for chunk in chunks:
            written += len(chunk)
            limit = min(limits.unpacked, max(limits.small, packed * limits.ratio))
            if written > limit:
                raise UnreadableFile("too_large", file=name, limit=limit)
            file.write(chunk)
    return written


def _table(path: Path, name: str, connection: DuckDBPyConnection) -> Table:
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    if start.startswith(_PARQUET):
        columns = _parquet_columns(path, name, connection)
        return Table(path, name, tuple(columns), detect(list(columns)), columns=tuple(columns.values()))
    header, delimiter = _header(start)
    return Table(path, name, tuple(header), detect(header), delimiter)


def _header(start: bytes) -> tuple[list[str], str]:
    """Return the column names of a CSV file and what separates them."""
    if not start.strip(b"\r\n\t \xef\xbb\xbf"):
        raise UnreadableFile("empty")
    if start.startswith(_UTF16):
        raise UnreadableFile("not_utf8", line=1)
    if b"\0" in start:
        raise UnreadableFile("not_csv", reason="NUL")
    line = start.removeprefix(_BOM).split(b"\n", 1)[0]
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile("not_utf8", line=1) from error
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        header = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise UnreadableFile("not_csv", reason=str(error)) from error
    if len(header) < 2:
        raise UnreadableFile("not_csv", reason=text[:80].strip())
    return [column.strip() for column in header], delimiter


def _parquet_columns(path: Path, name: str, connection: DuckDBPyConnection) -> dict[str, str]:
    """Return the columns of a Parquet file, those inside structures too, and how each is read as text."""
    try:
        relation = connection.sql(f"SELECT * FROM {parquet(path)}")  # noqa: S608
    except duckdb.Error as error:
        raise UnreadableFile("not_parquet", file=name or path.name) from error
    columns: dict[str, str] = {}
    for column, type_ in zip(relation.columns, relation.types, strict=True):
        columns |= _text_columns(column, _identifier(column), type_)
    return columns


def _text_columns(name: str, expression: str, type_: Any) -> dict[str, str]:
    if type_.id == "struct":
        columns: dict[str, str] = {}
        for child, child_type in type_.children:
            columns |= _text_columns(f"{name}.{child}", f"{expression}.{_identifier(child)}", child_type)
        return columns
    if type_.id in {"map", "list", "array"}:
        return {name: f"to_json({expression})::{TEXT}"}
    if type_.id == "varchar":
        return {name: f"nullif(nullif({expression}, ''), 'NULL')"}
    return {name: f"{expression}::{TEXT}"}


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def rows_of(table: Table, positions: Sequence[int], paths: Sequence[Path]) -> str:
    """Return the SELECT of some columns of tables with one header, as text named c0, c1, ...

    Rows of CSV that are no rows are left out and noted in DuckDB's reject tables.
    """
    files = ", ".join(literal(str(path)) for path in paths)
    if table.is_parquet:
        chosen = ", ".join(f"{table.columns[position]} AS c{position}" for position in positions)
        return f"SELECT {chosen} FROM read_parquet([{files}], hive_partitioning = false)"  # noqa: S608
    types = ", ".join(f"'c{position}': '{TEXT}'" for position in range(len(table.header)))
    chosen = ", ".join(f"c{position}" for position in positions)
    return (
        f"SELECT {chosen} FROM read_csv([{files}], header = true, auto_detect = false, hive_partitioning = false, "  # noqa: S608
        f"delim = {literal(table.delimiter)}, quote = '\"', escape = '\"', columns = {{{types}}}, "
        f"nullstr = ['', 'NULL'], store_rejects = true, rejects_limit = {_MANY_LINES})"
    )
