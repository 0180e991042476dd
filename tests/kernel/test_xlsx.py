"""Spreadsheets: texts stay texts, numbers stay exact, moments are UTC."""

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

import app.kernel.xlsx as xlsx
from app.kernel.xlsx import TooManyRows, write_xlsx


def _sheet(rows: list[list[Any]], title: str = "Customers") -> Any:
    target = io.BytesIO()
    assert write_xlsx(target, title=title, header=["Name", "Value"], rows=rows) == len(rows)
    return openpyxl.load_workbook(io.BytesIO(target.getvalue())).worksheets[0]


def test_cells_keep_their_kind() -> None:
    moment = datetime(2026, 2, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))

    sheet = _sheet(
        [
            ["a", Decimal("-1234.56")],
            ["b", 7],
            ["c", date(2026, 2, 1)],
            ["d", moment],
            ["e", None],
            ["f", True],
        ]
    )

    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [
        -1234.56,
        7,
        datetime(2026, 2, 1),  # noqa: DTZ001
        datetime(2026, 2, 1, 8, 30),  # noqa: DTZ001
        None,
        True,
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "@x", "https://example.com", "=cmd|' /C calc'!A0", "007", "-1"]
)
def test_text_is_neither_formula_nor_link_nor_number(text: str) -> None:
    cell = _sheet([["a", text]])["B2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_long_numbers_keep_all_their_digits() -> None:
    assert _sheet([["a", Decimal("12345678901234567.89")]])["B2"].value == "12345678901234567.89"


def test_texts_that_do_not_fit_are_cut_visibly() -> None:
    value = _sheet([["a", "x" * 40_000]])["B2"].value

    assert len(value) == 32_767
    assert value.endswith("…")


def test_odd_characters_do_no_harm() -> None:
    sheet = _sheet([["a\x00\ud800", "emoji 🎉"]], title="a/b:[c]?*\\'" + "x" * 40)

    assert sheet["B2"].value == "emoji 🎉"
    assert len(sheet.title) == 31


def test_inexact_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="exact"):
        write_xlsx(io.BytesIO(), title="t", header=["a"], rows=[[0.1]])  # type: ignore[list-item]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAXIMUM_ROWS", 2)

    with pytest.raises(TooManyRows):
        write_xlsx(io.BytesIO(), title="t", header=["a"], rows=[["1"], ["2"], ["3"]])


def test_untitled_sheet_gets_a_name() -> None:
    assert _sheet([], title="??").title == "Sheet1"


def test_utc_moment() -> None:
    assert _sheet([["a", datetime(2026, 1, 1, tzinfo=UTC)]])["B2"].value == datetime(2026, 1, 1)  # noqa: DTZ001


def test_what_is_there_to_be_added_up_is_a_number_however_many_digits_it_has() -> None:
    target = io.BytesIO()
    rows = [["a", Decimal("3325.219221687664")], ["b", Decimal("0.5")], ["c", 7]]

    write_xlsx(target, title="t", header=["Name", "Value"], rows=rows, summable="#,##0.00")

    sheet = openpyxl.load_workbook(target).active
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert [one.value for one in cells] == [3325.21922168766, 0.5, 7]
    assert [one.number_format for one in cells] == ["#,##0.00", "#,##0.00", "General"]
