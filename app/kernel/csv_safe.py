"""CSV in both directions: nothing that a spreadsheet would run goes out, nothing unclear comes in."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l

UTF8_BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";")
MOST_COLUMNS = 200

# Characters with which a spreadsheet begins a formula, and those it skips before looking for one. The full-width
# forms count as the plain ones in some locales.
_FORMULA = "=+-@＝＋－＠"
_SKIPPED = "\t\r\n\0"
_DANGEROUS = re.compile(rf"\s*[{re.escape(_FORMULA)}]|[{_SKIPPED}]")
_PLAIN_NUMBER = re.compile(r"-\d+(?:[.,]\d+)*(?: ?%)?")
_CHUNK_CHARACTERS = 64 * 1024

Cell = str | int | Decimal | date | datetime | None


def safe_cell(value: Cell) -> str:
    """`value` as the text of one cell that no spreadsheet takes for a formula; negative numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, float):
        raise TypeError("A cell takes exact numbers only")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def plain_cell(text: str) -> str:
    """What was meant by a cell of a file that `safe_cell` may have written."""
    if text.startswith("'") and _DANGEROUS.match(text, 1):
        return text[1:]
    return text


def stream_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    delimiter: str = ",",
    with_bom: bool = True,
) -> Iterator[bytes]:
    """The file in pieces, so that a long export needs no more memory than a short one.

    The byte order mark tells Excel that the file is UTF-8.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    if with_bom:
        yield UTF8_BOM
    writer.writerow([safe_cell(title) for title in header])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        if buffer.tell() >= _CHUNK_CHARACTERS:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


class CsvProblem(ValueError):
    """The file cannot be read; `message` is for people, `line` is where (counted from 1, None for the whole file)."""

    def __init__(self, message: object, line: int | None = None) -> None:
        self.message = message
        self.line = line
        super().__init__(message, line)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class CsvRow:
    """One record: the line on which it begins and its cells by column title."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class CsvFile:
    """A readable file: its titles in order, its delimiter, and its records."""

    header: tuple[str, ...]
    delimiter: str
    text: str

    def rows(self) -> Iterator[CsvRow]:
        """The records, blank lines left out; raises CsvProblem at one that does not fit the header."""
        records = _records(self.text, self.delimiter)
        next(records)
        for line, cells in records:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(self.header):
                raise CsvProblem(
                    _l(
                        "Line %(line)s has %(found)s columns, the first line has %(expected)s",
                        line=line,
                        found=len(cells),
                        expected=len(self.header),
                    ),
                    line,
                )
            yield CsvRow(line, dict(zip(self.header, map(plain_cell, cells), strict=True)))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CsvProblem(
                _l(
                    "Line %(line)s cannot be read: check its quotation marks and the length of its cells",
                    line=begins,
                ),
                begins,
            ) from None
        yield begins, cells
        begins = reader.line_num + 1


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CsvProblem(_l("The file is UTF-16. Save it as CSV UTF-8 and try again"))
    body = content.removeprefix(UTF8_BOM)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = body.count(b"\n", 0, problem.start) + 1
        raise CsvProblem(
            _l("Line %(line)s is not UTF-8 text. Save the file as CSV UTF-8 and try again", line=line), line
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CsvProblem(_l("Line %(line)s holds a NUL character; this is not a text file", line=line), line)
    return text


def read_csv(content: bytes) -> CsvFile:
    """The file that `content` holds: UTF-8 with or without byte order mark, columns parted by comma or semicolon."""
    text = _decoded(content)
    if not text.strip():
        raise CsvProblem(_l("The file is empty"))
    delimiter = max(DELIMITERS, key=text.splitlines()[0].count)
    titles = next(_records(text, delimiter))[1]
    if not any(title.strip() for title in titles):
        raise CsvProblem(_l("The first line must hold the column titles"), 1)
    if len(titles) > MOST_COLUMNS:
        raise CsvProblem(
            _l(
                "The first line has %(found)s columns; a file may have %(most)s",
                found=len(titles),
                most=MOST_COLUMNS,
            ),
            1,
        )
    header = tuple(plain_cell(title).strip() for title in titles)
    if "" in header:
        raise CsvProblem(_l("Column %(column)s has no title", column=header.index("") + 1), 1)
    doubled = sorted(title for title, times in Counter(header).items() if times > 1)
    if doubled:
        raise CsvProblem(_l("The column %(title)s appears twice", title=doubled[0]), 1)
    return CsvFile(header, delimiter, text)
