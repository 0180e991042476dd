"""A paper, or the usage behind it, as a file for the browser."""

from __future__ import annotations

import re

from flask import Response
from werkzeug.wsgi import FileWrapper

from app.errors import NotVisible
from app.statements.documents.printing import pdf
from app.statements.documents.spreadsheet import xlsx
from app.statements.documents.tables import csv
from app.statements.models import Statement
from app.statements.paper import Paper
from app.statements.printing import read_paper
from app.statements.usage_files import FileKind, has_usage_file, usage_file

_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


#: Priced usage: what the address calls it, the file, its media type.
_USAGE: dict[str, tuple[FileKind, str, str]] = {
    "focus-csv": ("csv", "-focus.csv", "text/csv"),
    "focus-parquet": ("parquet", "-focus.parquet", "application/vnd.apache.parquet"),
}
#: So many bytes of a file are sent at a time.
_PIECE = 256 * 1024


def usage_answer(statement: Statement, kind: str) -> Response:
    """Return the priced usage of a statement, sent piece by piece; raises ``NotVisible`` where there is none."""
    if not has_usage_file(statement):
        raise NotVisible
    file_kind, ending, media_type = _USAGE[kind]
    file = usage_file(statement, file_kind)
    answer = Response(FileWrapper(file, _PIECE), mimetype=media_type, direct_passthrough=True)
    answer.call_on_close(file.close)
    return _named(answer, read_paper(statement), ending)


def is_usage(kind: str) -> bool:
    """Does an address ask for the usage behind a statement, and not for the statement itself?"""
    return kind in _USAGE


def document_answer(paper: Paper, kind: str) -> Response:
    """Return a paper as PDF, CSV or XLSX; raises ``NotVisible`` for any other kind."""
    if kind not in _TYPES:
        raise NotVisible
    body: bytes | str
    if kind == "pdf":
        body = pdf(paper)
    else:
        body = csv(paper) if kind == "csv" else xlsx(paper)
    return _named(Response(body, mimetype=_TYPES[kind]), paper, f".{kind}")


def _named(answer: Response, paper: Paper, ending: str) -> Response:
    name = re.sub(
        r"[^A-Za-z0-9._-]+", "-", paper.number or f"draft-{paper.customer_number}-{paper.month:%Y-%m}"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}{ending}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
