"""A report as a file: exactly what is filtered, in the same order, every amount as exact as it was added up.

A workbook holds fifteen digits of it, because its amounts are there to be added up.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, send_file, stream_with_context
from flask_babel import gettext as _

from app.audit.log import record
from app.extensions import db
from app.kernel.csv_safe import stream_csv
from app.kernel.unit_of_work import unit_of_work
from app.kernel.xlsx import write_xlsx
from app.reports.figures import basis_words, figure_cell, file_head
from app.reports.periods import Period
from app.reports.tables import FIGURES, GROUP_WORDS, Asked, Fields, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = ("csv", "xlsx")
#: How a workbook shows amounts, quantities and percentages; its cells hold more.
_SHOWN = "#,##0.00"


def table_of(asked: Asked, rows: Sequence[Row], fields: Fields) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the header and the rows of a billing report's file."""
    figures = [one for one in asked.columns if one in FIGURES]
    columns = [one for one in asked.columns if one in fields.all]
    labels = [str(GROUP_WORDS.get(one) or fields.all[one].label) for one in asked.groups]
    header: list[str] = []
    for label in labels:
        header += [label, _("%(label)s: number", label=label)]
    header += [fields.all[one].label for one in columns]
    header += [_("Currency"), *file_head(figures, basis_words(asked.wanted))]
    return header, (_cells(one, columns, figures) for one in rows)


def _cells(row: Row, columns: Sequence[str], figures: Sequence[str]) -> list[Any]:
    cells: list[Any] = []
    for name in row.names:
        cells += [name.file_text, name.sub]
    cells += [row.fields.get(one, "") for one in columns]
    cells.append(row.currency)
    for one in figures:
        cells.append(figure_cell(row.costs, one))
        if one == "quantity":
            cells.append(row.costs.unit)
    return cells


def file_name(stem: str, period: Period, kind: str) -> str:
    """Return what a file is called: what it is, and of which days."""
    return f"{stem}-{period.first:%Y-%m-%d}-{period.last:%Y-%m-%d}.{kind}"


def note(name: str, rows: int, conditions: str) -> None:
    """Leave an entry in the change log: what left, how many rows, and which question chose them."""
    changes: dict[str, list[str | None]] = {"row_count": [None, str(rows)]}
    if conditions:
        changes["filter"] = [None, conditions[:500]]
    with unit_of_work(db.session):
        record("exported", noun="report", name=name, changes=changes)


def file_answer(
    kind: str, name: str, title: str, header: Sequence[str], rows: Iterator[list[Any]]
) -> Response:
    """Answer with a file of that kind."""
    if kind == "csv":
        response = Response(stream_with_context(stream_csv(header, rows)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return response
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, title=title, header=header, rows=rows, summable=_SHOWN)
    file.seek(0)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
