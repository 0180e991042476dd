"""Reads a bill into the store: every row becomes a normalised line or is rejected with its reason.

DuckDB does the reading, as text first and then strictly, in constant memory. The parts that come out lie in the store
under versions of their own and count for nothing until a row of the database names them, so that the caller can show
what was found and ask before anything changes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from app.usage.columns import LINE_COLUMNS
from app.usage.control import own_totals
from app.usage.delivery import Compression, Limits, Table, compression_of, rows_of, tables_of
from app.usage.faults import RejectedRow, UnreadableFile
from app.usage.formats.mapping import RowReader, reader_of
from app.usage.rollup import write_rollups
from app.usage.store import PartFiles, Store, copy_to, literal, new_version, parquet

#: The source of a part whose rows belong to several billing accounts.
SHARED = "shared"
#: So many rejected rows are shown; all are counted.
SHOWN = 100
#: A file with more rows that are no rows is no CSV file.
_MOST_BROKEN = 10_000
_BROKEN = {
    "MISSING COLUMNS": "missing_columns",
    "TOO MANY COLUMNS": "too_many_columns",
    "UNQUOTED VALUE": "broken_quotes",
}
_ZERO = Decimal(0)

#: Hears how many rows are done and how many there are, estimated until all are. What it raises stops the reading.
Note = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a delivered file or folder is, before anything of it is read."""

    formats: tuple[str, ...]
    compression: Compression
    files: tuple[str, ...]
    header: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in one currency."""

    list_cost: Decimal = _ZERO
    effective_cost: Decimal = _ZERO
    billed_cost: Decimal = _ZERO

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.list_cost + other.list_cost,
            self.effective_cost + other.effective_cost,
            self.billed_cost + other.billed_cost,
        )


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """An account that has lines in a part; ``name`` is '' where the bill has none."""

    account: str
    name: str
    payer: str


@dataclass(frozen=True, slots=True)
class PartRead:
    """A part as it lies in the store. ``rows`` of the bill became ``lines``: some become two (docs/usage-formats.md).

    ``sha256`` is that of its lines' file: equal content has an equal one.
    """

    files: PartFiles
    rows: int
    lines: int
    lines_without_list: int
    sha256: str
    totals: dict[str, Totals]
    accounts: tuple[AccountSeen, ...]
    payers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: parts in the store, and rows that could not be read.

    ``rows`` are all of the file, ``rejected_count`` those that could not be read (the first are in ``rejected``) and
    ``skipped_rows`` those of months and providers that were not asked for. ``fell_back`` says for each column that had
    to be filled from another one on how many lines; ``absent`` the columns that nothing in the file speaks of.
    """

    formats: tuple[str, ...]
    rows: int
    rejected_count: int
    rejected: tuple[RejectedRow, ...]
    skipped_rows: int
    totals: dict[str, Totals]
    parts: tuple[PartRead, ...]
    fell_back: dict[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    own_totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Was every row read?"""
        return self.rejected_count == 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a file is to be imported: all of it, or one provider, or one month. ``source`` names it."""

    reseller_id: int
    provider: str = ""
    month: date | None = None
    source: str = ""


def inspect(path: Path, *, into: Store, limits: Limits | None = None) -> FileFacts:
    """Return what a file, archive or folder is; refuses what is no bill."""
    _check_there(path)
    with into.work_folder() as work, _connected(into, path) as connection:
        tables = tables_of(path, work, connection, limits)
        size = sum(table.path.stat().st_size for table in tables)
        return FileFacts(
            formats=_formats(tables),
            compression=compression_of(path),
            files=tuple(table.name for table in tables if table.name),
            header=tables[0].header,
            bytes=size,
        )


def read(
    path: Path, wanted: Wanted, *, into: Store, limits: Limits | None = None, note: Note | None = None
) -> Reading:
    """Read a file, archive or folder into the store; raises UnreadableFile, and then leaves nothing there."""
    _check_there(path)
    written: list[PartFiles] = []
    try:
        with into.work_folder() as work, _connected(into, path) as connection:
            tables = tables_of(path, work, connection, limits)
            return _Run(into, connection, work, wanted, tables, note, written).read()
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        _remove(into, written)
        raise UnreadableFile("out_of_range", reason=_one_line(error)) from error
    except BaseException:
        _remove(into, written)
        raise


@dataclass
class _Run:
    """One reading, step by step."""

    store: Store
    connection: DuckDBPyConnection
    work: Path
    wanted: Wanted
    tables: list[Table]
    note: Note | None
    written: list[PartFiles]

    def read(self) -> Reading:
        groups = [list(group) for _, group in groupby(self.tables, key=_shape)]
        readers = [reader_of(group[0].format, group[0].header) for group in groups]
        staged = self.work / "lines.parquet"
        selects = (
            reader.lines(f"({rows_of(group[0], reader.positions, [table.path for table in group])})")
            for group, reader in zip(groups, readers, strict=True)
        )
        self._copy(" UNION ALL ".join(selects), staged)
        broken = self._broken_rows()
        overview = self._overview(staged)
        faulty = sum(seen.rows for seen in overview if not seen.account)
        rejected = [*broken, *self._faulty_rows(broken)] if faulty else broken
        good = [seen for seen in overview if seen.account]
        rows = sum(seen.rows for seen in overview) + len(broken)
        if not rows:
            raise UnreadableFile("empty")
        if self.note:
            self.note(rows, rows)
        chosen = self._chosen(good)
        is_whole = len(chosen) == len(overview)
        parts = self._write_parts(staged, chosen, is_whole=is_whole)
        return Reading(
            formats=_formats(self.tables),
            rows=rows,
            rejected_count=faulty + len(broken),
            rejected=tuple(sorted(rejected, key=lambda row: (row.file, row.line))[:SHOWN]),
            skipped_rows=sum(seen.rows for seen in good) - sum(seen.rows for seen in chosen),
            totals=_totals(chosen),
            parts=tuple(parts),
            fell_back=_fell_back(chosen),
            absent=_absent(readers),
            own_totals=self._own_totals(),
        )

    def _own_totals(self) -> dict[str, Decimal]:
        """What the file itself sums up to; nothing where only a part of it was asked for."""
        is_part = self.wanted.provider or self.wanted.month
        return {} if is_part else own_totals(self.connection, self.tables)

    def _copy(self, select: str, target: Path) -> None:
        """Run the long query in a thread of its own, and say meanwhile how far it is."""
        failure: list[BaseException] = []

        def run() -> None:
            try:
                copy_to(self.connection, select, target)
            except BaseException as error:  # raised again below
                failure.append(error)

        expected = _expected_rows(self.tables) if self.note else 0
        if self.note:
            self.note(0, expected)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(1)
                if self.note and thread.is_alive():
                    self.note(int(max(self.connection.query_progress(), 0) * expected) // 100, expected)
        except BaseException:
            self.connection.interrupt()
            thread.join()
            raise
        if failure:
            raise _refusal(failure[0]) from failure[0]

    def _overview(self, staged: Path) -> list[_Seen]:
        """What the staged lines hold, by provider, month, payer, account and currency."""
        found = self.connection.execute(
            "SELECT provider, month, payer, account, currency, max(account_name), count(*), "  # noqa: S608
            "count(*) FILTER (WHERE NOT is_second), count(*) FILTER (WHERE is_list_missing), sum(list_cost), "
            f"sum(effective_cost), sum(billed_cost) FROM {parquet(staged)} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [
            _Seen(provider, month, payer, account, currency, name, lines, rows, without_list, Totals(*sums))
            for provider, month, payer, account, currency, name, lines, rows, without_list, *sums in found
        ]

    def _broken_rows(self) -> list[RejectedRow]:
        """The rows of CSV files that are no rows; refuses a file that is full of them, or in another encoding."""
        if all(table.is_parquet for table in self.tables):
            return []
        names = {str(table.path): table.name for table in self.tables}
        found = self.connection.execute(
            "SELECT file_path, line, column_name, error_type::VARCHAR, csv_line FROM reject_errors "  # noqa: S608
            f"JOIN reject_scans USING (scan_id, file_id) ORDER BY file_path, line LIMIT {_MOST_BROKEN + 1}"
        ).fetchall()
        if len(found) > _MOST_BROKEN:
            raise UnreadableFile("too_many_rows_rejected", count=_MOST_BROKEN)
        for _, line, _, kind, _ in found:
            if kind == "INVALID ENCODING":
                raise UnreadableFile("not_utf8", line=int(line))
        headers = {str(table.path): table.header for table in self.tables}
        rows: dict[tuple[str, int], RejectedRow] = {}
        for file, line, column, kind, text in found:
            position = int(column[1:]) if column and column[1:].isdigit() else None
            name = headers[file][position] if position is not None and position < len(headers[file]) else ""
            reason = _BROKEN.get(kind, "broken_row")
            rows.setdefault((file, line), RejectedRow(int(line), name, text[:200], reason, names[file]))
        return list(rows.values())

    def _faulty_rows(self, broken: Sequence[RejectedRow]) -> list[RejectedRow]:
        """Read again for the numbers of the first rows that are faulty; only when there are some."""
        rejected: list[RejectedRow] = []
        for table in self.tables:
            if len(rejected) >= SHOWN:
                break
            reader = reader_of(table.format, table.header)
            rows = rows_of(table, reader.positions, [table.path])
            # DuckDB leaves out broken rows before it counts.
            numbered = f"(SELECT *, row_number() OVER () + 1 AS line FROM ({rows}))"  # noqa: S608
            lines_before = sorted(row.line for row in broken if row.file == table.name)
            for line, column, value, reason in self.connection.execute(
                reader.faults(numbered, limit=SHOWN - len(rejected))
            ).fetchall():
                actual = _with_broken(line, lines_before)
                rejected.append(RejectedRow(actual, column, value[:200], reason, table.name))
        return rejected

    def _chosen(self, good: Sequence[_Seen]) -> list[_Seen]:
        """What of the file was asked for; refuses a file that does not have it."""
        chosen = list(good)
        if self.wanted.provider:
            chosen = [seen for seen in chosen if seen.provider == self.wanted.provider]
            if good and not chosen:
                there = ", ".join(sorted({seen.provider for seen in good}))
                raise UnreadableFile("provider_absent", provider=self.wanted.provider, providers=there)
        if self.wanted.month:
            months = ", ".join(sorted({f"{seen.month:%Y-%m}" for seen in chosen}))
            chosen = [seen for seen in chosen if seen.month == self.wanted.month]
            if not chosen:
                raise UnreadableFile("month_absent", month=f"{self.wanted.month:%Y-%m}", months=months)
        return chosen

    def _write_parts(self, staged: Path, chosen: Sequence[_Seen], *, is_whole: bool) -> list[PartRead]:
        by_provider: dict[str, set[str]] = {}
        for seen in chosen:
            by_provider.setdefault(seen.provider, set()).add(seen.payer)
        parts: list[PartRead] = []
        for (provider, month), group in groupby(
            sorted(chosen, key=lambda seen: (seen.provider, seen.month)),
            key=lambda seen: (seen.provider, seen.month),
        ):
            seen_there = list(group)
            payers = by_provider[provider]
            source = self.wanted.source or (next(iter(payers)) if len(payers) == 1 else SHARED)
            folder = self.work / f"part-{len(parts)}"
            folder.mkdir()
            if is_whole and len(seen_there) == len(chosen):
                staged.rename(folder / "lines.parquet")
            else:
                copy_to(
                    self.connection,
                    f"SELECT * FROM {parquet(staged)} WHERE account IS NOT NULL "  # noqa: S608
                    f"AND provider = {literal(provider)} AND month = DATE {literal(month.isoformat())}",
                    folder / "lines.parquet",
                )
            write_rollups(self.connection, folder)
            sha256 = _hash(folder / "lines.parquet")
            files = PartFiles(self.wanted.reseller_id, provider, source, month, new_version(sha256))
            self.written.append(files)
            self.store.take_in(folder, files)
            parts.append(_part(files, seen_there, sha256))
        return parts


@dataclass(frozen=True, slots=True)
class _Seen:
    provider: str
    month: date
    payer: str
    account: str | None
    currency: str
    name: str
    lines: int
    rows: int
    lines_without_list: int
    totals: Totals


def _part(files: PartFiles, seen: Sequence[_Seen], sha256: str) -> PartRead:
    accounts: dict[str, AccountSeen] = {}
    for each in seen:
        known = accounts.get(each.account or "")
        if known is None or (each.name and not known.name):
            accounts[each.account or ""] = AccountSeen(each.account or "", each.name, each.payer)
    return PartRead(
        files=files,
        rows=sum(each.rows for each in seen),
        lines=sum(each.lines for each in seen),
        lines_without_list=sum(each.lines_without_list for each in seen),
        sha256=sha256,
        totals=_totals(seen),
        accounts=tuple(accounts.values()),
        payers=tuple(sorted({each.payer for each in seen})),
    )


def _totals(seen: Iterable[_Seen]) -> dict[str, Totals]:
    totals: dict[str, Totals] = {}
    for each in seen:
        totals[each.currency] = totals.get(each.currency, Totals()) + each.totals
    return dict(sorted(totals.items()))


def _fell_back(seen: Iterable[_Seen]) -> dict[str, int]:
    without_list = sum(each.lines_without_list for each in seen)
    return {"list_cost": without_list} if without_list else {}


def _absent(readers: Sequence[RowReader]) -> tuple[str, ...]:
    """The normalised columns that no file speaks of."""
    return tuple(
        column.name
        for column in LINE_COLUMNS
        if column.name != "source" and not any(reader.knows(column.name) for reader in readers)
    )


def _shape(table: Table) -> tuple[object, ...]:
    return table.format.code, table.header, table.delimiter, table.columns


def _formats(tables: Sequence[Table]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.format.code for table in tables))


def _with_broken(line: int, broken: Sequence[int]) -> int:
    """The number a row has in the file, from the one it has among the rows that are rows."""
    for each in broken:
        if each > line:
            break
        line += 1
    return line


def _expected_rows(tables: Sequence[Table]) -> int:
    """How many rows there are, about, from the first of each file."""
    expected = 0
    for table in tables:
        with table.path.open("rb") as file:
            start = file.read(1 << 20)
        size = table.path.stat().st_size
        expected += max(1, size * max(start.count(b"\n"), 1) // max(len(start), 1))
    return expected


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refusal(error: BaseException) -> BaseException:
    """What to say of an error of the engine; one that is not the file's fault stays what it is."""
    if isinstance(error, duckdb.OutOfRangeException | duckdb.ConversionException):
        return UnreadableFile("out_of_range", reason=_one_line(error))
    if isinstance(error, duckdb.InvalidInputException):
        return UnreadableFile("not_csv", reason=_one_line(error))
    return error


def _one_line(error: BaseException) -> str:
    """The first line of an engine's message, without the path of a file of ours."""
    return str(error).split("\n", 1)[0].split('"/')[0][:200]


def _check_there(path: Path) -> None:
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        raise UnreadableFile("empty")


def _remove(store: Store, written: Iterable[PartFiles]) -> None:
    for files in written:
        store.remove(files)


def _connected(store: Store, path: Path) -> DuckDBPyConnection:
    return store.connect(path if path.is_dir() else path.parent)
