"""A paper as a file for the browser."""

from __future__ import annotations

import re

from flask import Response

from app.errors import NotVisible
from app.statements.documents.printing import pdf
from app.statements.documents.spreadsheet import xlsx
from app.statements.documents.tables import csv
from app.statements.paper import Paper

_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def document_answer(paper: Paper, kind: str) -> Response:
    """Return a paper as PDF, CSV or XLSX; raises ``NotVisible`` for any other kind."""
    if kind not in _TYPES:
        raise NotVisible
    body: bytes | str
    if kind == "pdf":
        body = pdf(paper)
    else:
        body = csv(paper) if kind == "csv" else xlsx(paper)
    name = re.sub(
        r"[^A-Za-z0-9._-]+", "-", paper.number or f"draft-{paper.customer_number}-{paper.month:%Y-%m}"
    )
    answer = Response(body, mimetype=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
