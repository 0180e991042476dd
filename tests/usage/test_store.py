"""The store: where files lie, what a connection may touch, and sums that are sums."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from app.usage.columns import DAY_COLUMNS, LINE_COLUMNS, MONTH_COLUMNS
from app.usage.store import PartFiles, Store, new_version, safe_name

pytestmark = pytest.mark.once

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "usage")


def test_no_parts_are_no_rows_in_the_right_columns(store: Store) -> None:
    for level, columns in (("lines", LINE_COLUMNS), ("days", DAY_COLUMNS), ("months", MONTH_COLUMNS)):
        found = store.open([], level)

        assert found.columns == [column.name for column in columns]
        assert [str(type_) for type_ in found.types] == [column.type for column in columns]
        assert found.fetchall() == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '{outside}/x.csv'",
        "SELECT * FROM read_csv('{root}/../secret.csv')",
        "ATTACH '{outside}/other.db'",
        "SELECT * FROM 'https://example.com/bill.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_a_connection_reaches_nothing_but_the_store(store: Store, tmp_path: Path, forbidden: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    connection = store.connect()

    with pytest.raises(duckdb.Error):
        connection.execute(forbidden.format(outside=tmp_path, root=store.root)).fetchall()


def test_a_sum_that_does_not_fit_is_an_error(store: Store) -> None:
    with pytest.raises(duckdb.OutOfRangeException):
        store.connect().execute(
            "SELECT sum(x) FROM (VALUES ('99999999999999999999'::DECIMAL(38,18)), "
            "('99999999999999999999'::DECIMAL(38,18))) AS t(x)"
        ).fetchall()


@pytest.mark.parametrize("name", [".", "..", "a/b", "../../x", "x" * 300, "A", "a", "", " a", "Ä", "c:\\x"])
def test_any_source_is_a_folder_of_its_own_inside_the_store(store: Store, name: str) -> None:
    part = PartFiles(1, "aws", name, OCTOBER, new_version("ab" * 32))

    folder = store.folder(part)

    assert folder.parent.parent.parent == store.root / "1" / "aws"
    assert len(folder.parent.parent.name) <= 100


def test_names_that_differ_only_in_case_stay_apart() -> None:
    assert safe_name("Billing").lower() != safe_name("billing").lower()


def test_what_was_begun_and_not_finished_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.work_folder() as folder:
        (folder / "lines.parquet").write_bytes(b"half")
        raise RuntimeError

    assert list(store.versions()) == []
    assert list(store.temporary.iterdir()) == []
