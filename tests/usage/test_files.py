"""Files that are packed, in parts, damaged or meant to do harm."""

import gzip
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from app.usage import reading as reading_module
from app.usage.delivery import Limits
from app.usage.faults import UnreadableFile
from app.usage.reading import Wanted, inspect, read
from app.usage.store import Store
from tests.usage.bills import CUR_ROW, FOCUS_ROW, OCTOBER, lines, write_csv

pytestmark = pytest.mark.once

TWO = [{}, {"SubAccountId": "2"}]


def refusal_of(
    store: Store, path: Path, wanted: Wanted | None = None, limits: Limits | None = None
) -> UnreadableFile:
    """Read what cannot be read, see that nothing stays, and return why."""
    with pytest.raises(UnreadableFile) as refused:
        read(path, wanted or Wanted(1), into=store, limits=limits)
    assert list(store.versions()) == []
    assert list(store.temporary.iterdir()) == [] if store.temporary.exists() else True
    return refused.value


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "bill.csv", FOCUS_ROW, TWO)


def _gzipped(bill: Path) -> Path:
    packed = bill.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(bill.read_bytes()) + gzip.compress(b""))
    return packed


def _zipped(bill: Path) -> Path:
    packed = bill.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("export/part-1.csv", bill.read_bytes())
        archive.writestr("export/part-2.csv.gz", gzip.compress(bill.read_bytes()))
    return packed


def _folder(bill: Path) -> Path:
    folder = bill.parent / "export"
    folder.mkdir()
    (folder / "_SUCCESS").touch()
    (folder / "1.csv").write_bytes(bill.read_bytes())
    (folder / "2.csv.gz").write_bytes(gzip.compress(bill.read_bytes()))
    (folder / "elsewhere.csv").symlink_to("/etc/passwd")
    return folder


def _parquet(bill: Path) -> Path:
    packed = bill.with_suffix(".parquet")
    duckdb.connect().execute(
        f"COPY (SELECT * REPLACE (BilledCost::DOUBLE AS BilledCost, ChargePeriodStart::TIMESTAMP AS ChargePeriodStart, "
        f"MAP {{'team': 'web'}} AS Tags) FROM read_csv('{bill}', all_varchar = true)) TO '{packed}' (FORMAT parquet)"
    ).fetchall()
    return packed


def _shuffled_case_and_mark(bill: Path) -> Path:
    header, rest = bill.read_text().split("\n", 1)
    bill.write_text("\ufeff" + header.upper() + "\n" + rest, encoding="utf-8")
    return bill


def _semicolons(bill: Path) -> Path:
    bill.write_text(bill.read_text().replace('"', "").replace(", Inc.", " Inc.").replace(",", ";"))
    return bill


@pytest.mark.parametrize(
    ("pack", "compression", "rows"),
    [
        (_gzipped, "gzip", 2),
        (_zipped, "zip", 4),
        (_folder, "folder", 4),
        (_parquet, "", 2),
        (_shuffled_case_and_mark, "", 2),
        (_semicolons, "", 2),
    ],
)
def test_a_bill_is_read_however_it_is_packed(
    store: Store, bill: Path, pack: Callable[[Path], Path], compression: str, rows: int
) -> None:
    path = pack(bill)

    facts, reading = inspect(path, into=store), read(path, Wanted(1), into=store)

    assert (facts.formats, facts.compression) == (("focus",), compression)
    assert (reading.rows, reading.rejected_count) == (rows, 0)
    assert [totals.billed_cost for totals in reading.totals.values()] == [rows * Decimal("9.7")]


def test_parquet_maps_are_tags(store: Store, bill: Path) -> None:
    reading = read(_parquet(bill), Wanted(1), into=store)

    assert lines(store, reading, "tags", "starts_at::VARCHAR")[0] == ('{"team":"web"}', "2026-10-05 10:00:00")


def test_rows_that_are_no_rows_are_rejected_with_their_line(store: Store, bill: Path) -> None:
    good = bill.read_text().splitlines()
    bill.write_text(
        "\n".join([*good[:2], "1,2", good[1] + ",more", good[1].replace("9.7", "nine", 1), good[2]])
    )

    reading = read(bill, Wanted(1), into=store)

    assert [(row.line, row.reason) for row in reading.rejected] == [
        (3, "missing_columns"),
        (4, "too_many_columns"),
        (5, "not_a_number"),
    ]
    assert (reading.rows, reading.parts[0].rows) == (5, 2)


def test_lines_are_counted_in_each_file_of_a_folder(store: Store, bill: Path) -> None:
    folder = _folder(bill)
    (folder / "3.csv").write_text(bill.read_text().replace("9.7", "x", 1))

    reading = read(folder, Wanted(1), into=store)

    assert [(row.file, row.line, row.value) for row in reading.rejected] == [("3.csv", 2, "x")]


def test_a_file_of_several_providers_and_months_becomes_several_parts(store: Store, tmp_path: Path) -> None:
    september = {"BillingPeriodStart": "2026-09-01"}
    rows = [{}, {"BillingAccountId": "other"}, september, {"ProviderName": "Google Cloud"}]
    path = write_csv(tmp_path / "bill.csv", FOCUS_ROW, rows)

    whole = read(path, Wanted(1), into=store)
    asked = read(path, Wanted(1, provider="aws", month=OCTOBER, source="ours"), into=store)

    assert [
        (part.files.provider, part.files.month, part.files.source, part.rows) for part in whole.parts
    ] == [
        ("aws", date(2026, 9, 1), "shared", 1),
        ("aws", OCTOBER, "shared", 2),
        ("google", OCTOBER, "700000000000", 1),
    ]
    assert [(part.files.source, part.rows) for part in asked.parts] == [("ours", 2)]
    assert (asked.rows, asked.skipped_rows) == (4, 2)


def test_the_same_content_has_the_same_hash_and_another_version(store: Store, bill: Path) -> None:
    first, second = (read(bill, Wanted(1), into=store).parts[0] for _ in range(2))

    assert first.sha256 == second.sha256
    assert first.files.version != second.files.version
    assert store.holds(first.files) and store.holds(second.files)


def _evil(bill: Path, what: str) -> Path:
    """A file with one thing wrong with it."""
    content = bill.read_bytes()
    if what == "traversal":
        packed = bill.with_suffix(".zip")
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("../../evil.csv", content)
        return packed
    if what == "bomb":
        packed = bill.with_suffix(".zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bill.csv", content + b"\0" * 5_000_000)
        return packed
    wrong = {
        "empty": b"",
        "blank": b"\n\n",
        "header alone": content.split(b"\n")[0],
        "no bill": b"name,city\nAda,Kiel\n",
        "no account column": content.replace(b"SubAccountId", b"Account", 1),
        "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "prose": b"Dear customer\nplease find attached\n",
        "cut gzip": gzip.compress(content)[:-20],
        "broken gzip": gzip.compress(content)[:20] + b"garbage" * 9,
        "gzip bomb": gzip.compress(content + b"\n" * 5_000_000),
        "latin-1": content.replace(b"Compute", "Comput\u00e9".encode("latin-1"), 1),
        "utf-16": content.decode().encode("utf-16"),
        "cut zip": _zipped(bill).read_bytes()[:-30],
        "cut parquet": _parquet(bill).read_bytes()[:-30],
    }  # fmt: skip
    bill.write_bytes(wrong[what])
    return bill


@pytest.mark.parametrize(
    ("what", "code"),
    {
        "empty": "empty",
        "blank": "empty",
        "header alone": "empty",
        "no bill": "unknown_format",
        "no account column": "columns_missing",
        "picture": "not_csv",
        "prose": "not_csv",
        "cut gzip": "truncated",
        "broken gzip": "truncated",
        "gzip bomb": "too_large",
        "bomb": "too_large",
        "latin-1": "not_utf8",
        "utf-16": "not_utf8",
        "cut zip": "not_an_archive",
        "cut parquet": "not_parquet",
        "traversal": "unsafe_path",
    }.items(),
)
def test_a_file_that_is_wrong_is_refused_and_leaves_nothing(
    store: Store, bill: Path, what: str, code: str
) -> None:
    path = _evil(bill, what)

    refused = refusal_of(store, path, limits=Limits(small=100_000))

    assert refused.code == code
    assert not (bill.parent.parent / "evil.csv").exists()


def test_the_columns_that_are_missing_are_named(store: Store, tmp_path: Path) -> None:
    without = {name: value for name, value in CUR_ROW.items() if name != "lineItem/UnblendedCost"}

    refused = refusal_of(store, write_csv(tmp_path / "cur.csv", without, [{}]))

    assert (refused.code, refused.parameters) == (
        "columns_missing",
        {"format": "aws", "columns": "lineItem/UnblendedCost"},
    )


def test_what_was_asked_for_and_is_not_there_is_refused(store: Store, bill: Path) -> None:
    month = refusal_of(store, bill, Wanted(1, month=date(2026, 11, 1)))
    provider = refusal_of(store, bill, Wanted(1, provider="azure"))

    assert (month.code, month.parameters) == ("month_absent", {"month": "2026-11", "months": "2026-10"})
    assert (provider.code, provider.parameters["providers"]) == ("provider_absent", "aws")


def test_who_listens_hears_how_far_it_is(store: Store, bill: Path) -> None:
    heard: list[tuple[int, int]] = []

    read(bill, Wanted(1), into=store, note=lambda done, total: heard.append((done, total)))

    assert heard[0][0] == 0 and heard[0][1] in (2, 3)
    assert heard[-1] == (2, 2)


@pytest.mark.parametrize("when", [0, 2])
def test_who_stops_the_reading_leaves_nothing(store: Store, bill: Path, when: int) -> None:
    def stop(done: int, total: int) -> None:
        if done == when:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(bill, Wanted(1), into=store, note=stop)

    assert list(store.versions()) == []
    assert list(store.temporary.iterdir()) == []


def test_what_fails_between_two_parts_takes_the_first_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "bill.csv", FOCUS_ROW, [{}, {"ProviderName": "Google Cloud"}])
    write = reading_module.write_rollups

    def fail_at_the_second(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        if folder.name == "part-1":
            raise OSError("No space left on device")
        write(connection, folder)

    monkeypatch.setattr(reading_module, "write_rollups", fail_at_the_second)

    with pytest.raises(OSError, match="No space"):
        read(path, Wanted(1), into=store)

    assert list(store.versions()) == []


def test_names_of_files_and_folders_are_names_and_nothing_else(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for name in ("a*.csv", "ab.csv", "BilledCost=999/c[1].csv", "BilledCost=999/c1.csv", "c0=7/it's.csv"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(path, FOCUS_ROW, [{}])
    packed = folder / "BilledCost=999" / "d*.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_csv('{folder / 'ab.csv'}', all_varchar = true)) "
        f"TO '{packed}' (FORMAT parquet)"
    ).fetchall()

    reading = read(folder, Wanted(1), into=store)

    assert reading.rows == 6
    assert [totals.billed_cost for totals in reading.totals.values()] == [6 * Decimal("9.7")]


def test_an_archive_of_nothing_but_bills_is_read(store: Store, bill: Path) -> None:
    packed = bill.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(bill, "october.csv")
        archive.write(bill, "more.csv")

    assert read(packed, Wanted(1), into=store).rows == 4
