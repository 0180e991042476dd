"""A statement as CSV and XLSX: every line, sums that hold, numbers as numbers and texts as texts."""

from __future__ import annotations

import csv as reading
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.kernel.translations import compile_catalogs
from app.statements.documents import csv, xlsx
from app.statements.paper import Paper, PaperLine, Party
from tests.statements.documents.papers import account, group, line, long_paper, paper, summed

pytestmark = pytest.mark.once
D = Decimal


def rows(made: Paper) -> list[dict[str, str]]:
    return list(reading.DictReader(io.StringIO(csv(made).removeprefix("\ufeff"))))


def test_the_lines_add_up_to_the_total_in_the_last_row() -> None:
    *lines, total = rows(long_paper(20))
    assert total["Part"] == "Total"
    assert sum(D(row["Amount"]) for row in lines) == D(total["Amount"]) == long_paper(20).totals.total
    assert len(lines) == 20 + 2 + 1 + 1 + 2 + 1
    assert lines[0]["Cost centre"] == "CC-100"


def test_csv_says_whose_month_it_is_and_that_it_is_not_final() -> None:
    first = rows(paper(is_draft=True, is_estimated=True))[0]
    assert (first["Document"], first["State"]) == ("Statement HL-2026-0042", "Draft, Estimated")
    assert (first["First day"], first["Last day"], first["Currency"]) == ("2026-10-01", "2026-10-31", "EUR")
    assert rows(paper())[0]["State"] == "Final"


def test_csv_speaks_the_language_of_the_customer() -> None:
    compile_catalogs(Path("translations"))
    first = rows(paper(language="de"))[0]
    assert (first["Beleg"], first["Bereich"]) == ("Abrechnung HL-2026-0042", "Nutzung")
    assert first["Betrag"] == "900.00", "numbers are for programs, whatever the language"


HOSTILE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1")


def hostile(typed: str) -> Paper:
    one = account(
        typed, typed, (PaperLine(typed, D("-5.00"), typed, D(-1), typed),), fields=((typed, typed),)
    )
    return summed(paper(number=typed, seller=Party(typed), notes=typed, groups=(group(typed, one),)))


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_text_is_a_formula_and_negative_numbers_stay_numbers(typed: str) -> None:
    first = rows(hostile(typed))[0]
    for column in ("Provider", "Account", "Account ID", "Description", "Detail", "Unit"):
        assert first[column] == "'" + typed
    assert (first["Amount"], first["Quantity"]) == ("-5.00", "-1")


def test_no_cell_of_the_workbook_is_a_formula_or_a_link() -> None:
    for typed in ("=1+1", "https://127.0.0.1/", "file:///etc/passwd"):
        book = openpyxl.load_workbook(io.BytesIO(xlsx(hostile(typed))))
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f" and cell.hyperlink is None


def test_the_workbook_has_real_numbers_in_the_format_of_the_currency() -> None:
    made = long_paper(10)
    book = openpyxl.load_workbook(io.BytesIO(xlsx(made)))
    sheet = book["Lines"]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
    titles = [cell.value for cell in sheet[1]]
    amounts = [row[titles.index("Amount")] for row in sheet.iter_rows(min_row=2)]
    assert all(isinstance(cell.value, int | float) and cell.number_format == "#,##0.00" for cell in amounts)
    printed = [D(str(cell.value)) for cell in amounts]
    assert sum(printed[:-1]) == printed[-1] == made.totals.total
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True) if row[0]}
    assert D(str(summary["Total EUR"])) == made.totals.total
    assert summary["Due on"].date() == made.due_on


@pytest.mark.parametrize(("currency", "pattern"), [("JPY", "#,##0"), ("KWD", "#,##0.000")])
def test_currencies_have_their_own_decimals(currency: str, pattern: str) -> None:
    one = account("Production", "1", (line(0, currency),))
    made = summed(paper(currency=currency, charges=(), adjustment=(), groups=(group("AWS", one),)))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(made)))["Lines"]
    assert sheet.cell(2, 11).number_format == pattern
    assert rows(made)[0]["Amount"] == str(made.totals.usage)


def test_numbers_that_a_cell_could_not_hold_stay_exact_as_text() -> None:
    exact = D("1234567890123456.789")
    made = paper(groups=(group("AWS", account("A", "1", (PaperLine("x", D("1.00"), quantity=exact),))),))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(made)))["Lines"]
    assert sheet.cell(2, 7).value == "1234567890123456.789"
    stored = PaperLine("x", D("1.00"), quantity=D("730.500000000000000000"))
    made = paper(groups=(group("AWS", account("A", "1", (stored,))),))
    assert openpyxl.load_workbook(io.BytesIO(xlsx(made)))["Lines"].cell(2, 7).value == 730.5


def test_the_same_paper_gives_the_same_workbook() -> None:
    assert xlsx(paper()) == xlsx(paper())
