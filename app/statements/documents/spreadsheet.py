"""A statement as XLSX: a sheet with its facts and sums, and a sheet with every line; real numbers, no formulas."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import xlsxwriter

from app.kernel.xlsx import fits_a_number, sheet_text
from app.rating.money import decimals_of, minor_units
from app.statements.documents import labels as words
from app.statements.documents.labels import Translate, translator
from app.statements.documents.rows import AMOUNT, PERCENT, QUANTITY, UNIT_PRICE, rows_of, state_of, title_of
from app.statements.paper import Paper

_INK, _QUIET, _LINE, _SHADE = "#16202b", "#566372", "#dbe1e7", "#f4f6f8"
_PRICE_FORMAT = "#,##0.00########"
_QUANTITY_FORMAT = "#,##0.######"
_DAY_FORMATS = {"de": "dd.mm.yyyy"}
_WIDTHS = (22, 22, 26, 18, 38, 38, 14, 14, 14, 10, 16, 10)
_FIELD_WIDTH = 20


def xlsx(paper: Paper, translate: Translate | None = None) -> bytes:
    """Return the statement as a workbook.

    Every figure is a number in the currency's format; one that a spreadsheet could not hold exactly is a text.
    The same paper gives the same bytes.
    """
    translate = translate or translator(paper.language)
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    day = paper.issued_on or paper.last_day
    workbook.set_properties(
        {
            "title": sheet_text(title_of(paper, translate)),
            "author": sheet_text(paper.seller.name),
            "created": datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC),
        }
    )
    with workbook:
        writer = _Writer(workbook, paper, translate)
        writer.summary(workbook.add_worksheet(translate(words.SUMMARY)))
        writer.lines(workbook.add_worksheet(translate(words.LINES)))
    return target.getvalue()


class _Writer:
    """Writes the two sheets with one set of formats."""

    def __init__(self, workbook: Any, paper: Paper, translate: Translate) -> None:
        self.paper = paper
        self.translate = translate
        units = minor_units(paper.currency)
        money = f"#,##0.{'0' * units}" if units else "#,##0"
        base = {"font_name": "Calibri", "font_size": 11, "font_color": _INK, "valign": "top"}
        rule = {"bold": True, "top": 1, "border_color": _INK}
        day = _DAY_FORMATS.get(paper.language[:2], "d mmm yyyy")

        def style(**own: Any) -> Any:
            return workbook.add_format({**base, **own})

        self.plain = style(text_wrap=True)
        self.title = style(bold=True, font_size=16)
        self.mark = style(bold=True, font_color="#8a4b00")
        self.label = style(font_color=_QUIET)
        self.section = style(bold=True, font_size=12)
        self.head = style(bold=True, bg_color=_SHADE, bottom=1, border_color=_LINE)
        self.head_right = style(bold=True, bg_color=_SHADE, bottom=1, border_color=_LINE, align="right")
        self.day = style(num_format=day, align="left")
        self.money = style(num_format=money)
        self.price = style(num_format=_PRICE_FORMAT)
        self.quantity = style(num_format=_QUANTITY_FORMAT)
        self.whole = style(num_format="#,##0")
        self.percent = style(num_format='0.####" %"')
        self.whole_percent = style(num_format='0" %"')
        self.rate = style(num_format="0.0000######")
        self.total = style(**rule)
        self.total_money = style(**rule, num_format=money)

    def number(self, sheet: Any, row: int, column: int, value: Decimal, style: Any) -> None:
        if fits_a_number(value):
            sheet.write_number(row, column, value, style)
        else:
            sheet.write_string(row, column, format(value, "f"), style)

    def figure(self, sheet: Any, row: int, column: int, value: Decimal, kind: int) -> None:
        """Write a number of a line in the format of its column; a whole one without a point that hangs after it."""
        is_whole = decimals_of(value) == 0
        style = {
            QUANTITY: self.whole if is_whole else self.quantity,
            UNIT_PRICE: self.price,
            PERCENT: self.whole_percent if is_whole else self.percent,
            AMOUNT: self.money,
        }[kind]
        self.number(sheet, row, column, value, style)

    def text(self, sheet: Any, row: int, column: int, value: str, style: Any = None) -> None:
        if value:
            sheet.write_string(row, column, sheet_text(value), style or self.plain)

    def lines(self, sheet: Any) -> None:
        rows = rows_of(self.paper, self.translate)
        for column, title in enumerate(rows.header):
            is_number = column in (QUANTITY, UNIT_PRICE, PERCENT, AMOUNT)
            sheet.set_column(column, column, _WIDTHS[column] if column < len(_WIDTHS) else _FIELD_WIDTH)
            sheet.write_string(0, column, sheet_text(title), self.head_right if is_number else self.head)
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(rows.lines, start=1):
            for column, value in enumerate(row):
                if isinstance(value, Decimal):
                    self.figure(sheet, at, column, value, column)
                elif value:
                    self.text(sheet, at, column, value)
        last = len(rows.lines) + 1
        if rows.lines:
            sheet.autofilter(0, 0, last - 1, len(rows.header) - 1)
        for column, value in enumerate(rows.total):
            if isinstance(value, Decimal):
                self.number(sheet, last, column, value, self.total_money)
            else:
                sheet.write_string(last, column, sheet_text(value or ""), self.total)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def summary(self, sheet: Any) -> None:
        paper, translate = self.paper, self.translate
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 3, 20)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, sheet_text(title_of(paper, translate)), self.title)
        if paper.is_draft or paper.is_void or paper.is_estimated:
            sheet.write_string(1, 0, state_of(paper, translate), self.mark)
        at = self._facts(sheet, 3)
        at = self._sums(sheet, at + 1)
        at = self._taxes(sheet, at + 1)
        at = self._rates(sheet, at + 1)
        if paper.notes.strip():
            sheet.write_string(at + 1, 0, translate(words.NOTES), self.section)
            for place, line in enumerate(paper.notes.strip().splitlines()):
                sheet.write_string(at + 2 + place, 0, sheet_text(line), self.label)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 0)

    def _facts(self, sheet: Any, at: int) -> int:
        paper, translate = self.paper, self.translate
        facts: Iterable[tuple[str, str | datetime.date | None]] = (
            (translate(words.SELLER), paper.seller.legal_name or paper.seller.name),
            (translate(words.BILLED_TO), paper.buyer.legal_name or paper.buyer.name),
            (translate(words.NUMBER), paper.number),
            (translate(words.FIRST_DAY), paper.first_day),
            (translate(words.LAST_DAY), paper.last_day),
            (translate(words.ISSUED), paper.issued_on),
            (translate(words.DUE), paper.due_on),
            (translate(words.CORRECTS), paper.corrects_number),
            (translate(words.CURRENCY), paper.currency),
            (translate(words.CUSTOMER_NUMBER), paper.customer_number),
            (translate(words.EXTERNAL_ID), paper.external_id),
            *paper.header_fields,
        )
        for label, value in facts:
            if not value:
                continue
            sheet.write_string(at, 0, sheet_text(label), self.label)
            if isinstance(value, datetime.date):
                sheet.write_datetime(at, 1, datetime.datetime(value.year, value.month, value.day), self.day)  # noqa: DTZ001 - a cell knows no zones
            else:
                sheet.write_string(at, 1, sheet_text(value))
            at += 1
        return at

    def _sums(self, sheet: Any, at: int) -> int:
        paper, translate, totals = self.paper, self.translate, self.paper.totals
        by_group = [(group.title, group.subtotal) for group in paper.groups]
        usage = by_group or ([(translate(words.USAGE), totals.usage)] if totals.usage else [])
        charged = words.CORRECTIONS if paper.is_correction() else words.CHARGES_AND_DISCOUNTS
        own = [
            (translate(label), value)
            for label, value, is_there in (
                (charged, totals.charges, paper.charges or paper.discounts),
                (words.ADJUSTMENT, totals.adjustment, paper.adjustment),
            )
            if value or is_there
        ]
        credits = [(translate(words.CREDITS), totals.credits)] if totals.credits or paper.credits else []
        tax = [(translate(words.BEFORE_TAX), totals.before_tax), (translate(words.TAXES), totals.tax)]
        tax = tax if totals.tax or paper.taxes else []
        order = (*own, *tax, *credits) if paper.credits_follow_tax() else (*own, *credits, *tax)
        for label, value in (*usage, *order):
            self.text(sheet, at, 0, label)
            self.number(sheet, at, 1, value, self.money)
            at += 1
        sheet.write_string(at, 0, f"{translate(words.TOTAL)} {paper.currency}", self.total)
        self.number(sheet, at, 1, totals.total, self.total_money)
        return at + 1

    def _taxes(self, sheet: Any, at: int) -> int:
        if not self.paper.taxes:
            return at - 1
        titles = (words.TAX, words.RATE, words.TAXABLE, words.AMOUNT)
        for column, title in enumerate(titles):
            sheet.write_string(at, column, self.translate(title), self.head_right if column else self.head)
        for tax in self.paper.taxes:
            at += 1
            self.text(sheet, at, 0, tax.name)
            self.figure(sheet, at, 1, tax.percent, PERCENT)
            self.number(sheet, at, 2, tax.base, self.money)
            self.number(sheet, at, 3, tax.amount, self.money)
        return at + 1

    def _rates(self, sheet: Any, at: int) -> int:
        if not self.paper.exchange_rates:
            return at - 1
        sheet.write_string(at, 0, self.translate(words.EXCHANGE_RATES), self.section)
        for source, target, rate in self.paper.exchange_rates:
            at += 1
            self.text(sheet, at, 0, f"{source} → {target}")
            self.number(sheet, at, 1, rate, self.rate)
        return at + 1
