"""CSV files: what a spreadsheet would run is disarmed, what cannot be read is named with its line."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.csv_safe import CsvFile, CsvProblem, plain_cell, read_csv, safe_cell, stream_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        "  =1",
        "＝1",
        "-1+1",
        "+49 30 123",
        "-",
        "--1",
        "-1;=2",
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["-1", "-1.50", "-1,234.50", "-1.234,50", "-5 %", "-5%", "1-2", "a=b", "", "Ä", "'quoted"]
)
def test_harmless_text_stays(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Decimal("-1234.50"), "-1234.50"),
        (Decimal("1E+3"), "1000"),
        (-7, "-7"),
        (date(2026, 2, 1), "2026-02-01"),
        (datetime(2026, 2, 1, 8, tzinfo=UTC), "2026-02-01T08:00:00+00:00"),
    ],
)
def test_values_have_one_spelling(value: object, text: str) -> None:
    assert safe_cell(value) == text  # type: ignore[arg-type]


def test_inexact_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="exact"):
        safe_cell(0.1)  # type: ignore[arg-type]


@given(st.text())
def test_reading_gives_back_what_was_written(text: str) -> None:
    if not text.startswith("'"):
        assert plain_cell(safe_cell(text)) == text


def test_export_is_streamed_in_pieces() -> None:
    drawn = 0

    def rows() -> "list[list[str]]":
        nonlocal drawn
        for number in range(20_000):
            drawn = number
            yield [f"row {number}", "x" * 20]

    pieces = stream_csv(["Name", "Note"], rows())

    next(pieces)
    next(pieces)
    assert drawn < 5_000
    assert len(list(pieces)) > 3


def test_export_can_be_imported() -> None:
    names = ["=SUM(1)", "Müller; Söhne", 'say "hi"', "two\nlines", "-5", "'"]

    content = b"".join(stream_csv(["Name", "+Number"], [[name, 1] for name in names], delimiter=";"))

    assert content.startswith(b"\xef\xbb\xbf")
    file = read_csv(content)
    assert file.header == ("Name", "+Number")
    assert [row.cells["Name"] for row in file.rows()] == names
    assert [row.line for row in file.rows()] == [2, 3, 4, 5, 7, 8]


def test_export_without_mark_and_with_lone_surrogate() -> None:
    assert b"".join(stream_csv(["a"], [["x\ud800"]], with_bom=False)) == b"a\r\nx?\r\n"


@pytest.mark.parametrize(
    ("content", "delimiter"), [(b"a,b\n1,2\n", ","), (b"a;b\r\n1;2", ";"), (b"a\n1", ",")]
)
def test_delimiter_is_found(content: bytes, delimiter: str) -> None:
    file = read_csv(content)

    assert file.delimiter == delimiter
    assert next(file.rows()).cells["a"] == "1"


def test_blank_lines_are_skipped_and_counted() -> None:
    assert [row.line for row in read_csv(b"a,b\n\n1,2\n , \n3,4\n").rows()] == [3, 5]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "empty"),
        (b" \n \n", None, "empty"),
        (b"\n\na,b\n", 1, "column titles"),
        (b"a,b\n1,\xfc\n", 2, "UTF-8"),
        (b"a\n\n\xe4", 3, "UTF-8"),
        ("a,b".encode("utf-16"), None, "UTF-16"),
        (b"a,b\n1,\0\n", 2, "NUL"),
        (b"a,,c\n", 1, "Column 2 has no title"),
        (b"a,b, a\n", 1, "a appears twice"),
        (b"a,b\n1,2\n1,2,3\n", 3, "3 columns, the first line has 2"),
        (b'a,b\n1,"2\n', 2, "quotation marks"),
        (b'a,b\n1,"2"x\n', 2, "quotation marks"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", 2, "length"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, line: int | None, words: str) -> None:
    with pytest.raises(CsvProblem) as caught:
        list(read_csv(content).rows())

    assert caught.value.line == line
    assert words in str(caught.value)


def test_a_file_of_very_many_columns_is_refused_before_one_of_them_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr("app.kernel.csv_safe.plain_cell", lambda cell: looked_at.append(cell) or cell)

    def read(columns: int) -> CsvFile:
        return read_csv(",".join(f"c{number}" for number in range(columns)).encode())

    for columns in (201, 400_000):
        with pytest.raises(CsvProblem, match=f"has {columns} columns; a file may have 200"):
            read(columns)
    assert looked_at == []
    assert len(read(200).header) == len(looked_at) == 200
