"""Spreadsheets as files: streamed, every text a text, never a formula or a link."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import IO, Any

MAXIMUM_ROWS = 1_048_575  # one line of the sheet is the header
_CELL_CHARACTERS = 32_767
# A cell's number is a binary fraction with 15 safe digits; what is longer goes in as text, unchanged.
_SAFE_DIGITS = 15
_IN_A_CELL = Context(prec=_SAFE_DIGITS)
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")

Cell = str | int | Decimal | date | datetime | None


class TooManyRows(ValueError):
    """A sheet holds no more rows than this; export a smaller selection or CSV."""


def write_xlsx(
    target: IO[bytes],
    *,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[int] = (),
    summable: str = "",
) -> int:
    """Write one sheet to `target` and answer how many rows it got; memory use does not grow with them.

    With a format for ``summable`` numbers, what has more digits than a cell holds is cut to them: a text in its place
    would be left out of every sum. Without one such a number stays exact, as a text.
    Moments are written in UTC, because a spreadsheet knows no zones: the column's title has to say so.
    """
    import xlsxwriter  # large: read when the first sheet is written

    workbook = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    with workbook:
        sheet = workbook.add_worksheet(_sheet_title(title))
        bold = workbook.add_format({"bold": True})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        amount = workbook.add_format({"num_format": summable}) if summable else None
        for column, name in enumerate(header):
            width = widths[column] if column < len(widths) else min(max(len(name) + 2, 12), 40)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(header):
            sheet.write_string(0, column, sheet_text(name), bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count > MAXIMUM_ROWS:
                raise TooManyRows(f"A sheet holds {MAXIMUM_ROWS} rows")
            for column, value in enumerate(row):
                if amount is not None and isinstance(value, Decimal):
                    sheet.write_number(count, column, _IN_A_CELL.plus(value), amount)
                else:
                    _write(sheet, count, column, value, moment)
    return count


def _sheet_title(title: str) -> str:
    cleaned = _FORBIDDEN_IN_TITLE.sub(" ", _LONE_SURROGATES.sub(" ", title)).strip(" '")
    return cleaned[:31].strip(" '") or "Sheet1"


def sheet_text(value: object) -> str:
    """Return what a cell can hold of a text."""
    text = _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", str(value))
    return text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"


def fits_a_number(value: Decimal) -> bool:
    """Does a cell hold this number with all its digits?"""
    return len(value.as_tuple().digits) <= _SAFE_DIGITS


def _write(sheet: Any, line: int, column: int, value: Cell, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, float):
        raise TypeError("A cell takes exact numbers only")
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, Decimal | int):
        if fits_a_number(Decimal(value)):
            sheet.write_number(line, column, value)
        else:
            sheet.write_string(line, column, format(Decimal(value), "f"))
    elif isinstance(value, datetime):
        naive = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        sheet.write_datetime(line, column, naive, moment)
    elif isinstance(value, date):
        sheet.write_datetime(line, column, value)
    else:
        sheet.write_string(line, column, sheet_text(value))
