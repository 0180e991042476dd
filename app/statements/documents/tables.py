"""A statement as CSV: one row per line with its document, period and state, and the total at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.kernel.csv_safe import Cell, stream_csv
from app.statements.documents import labels as words
from app.statements.documents.labels import Translate, translator
from app.statements.documents.rows import rows_of, state_of, title_of
from app.statements.paper import Paper


def csv(paper: Paper, translate: Translate | None = None) -> str:
    """Return the statement as CSV, with the byte order mark by which Excel knows UTF-8.

    Numbers are written as every program reads them, with a point and all their decimals; no text is a formula.
    """
    translate = translate or translator(paper.language)
    rows = rows_of(paper, translate)
    titles = (words.DOCUMENT, words.STATE, words.CUSTOMER_NUMBER, words.FIRST_DAY, words.LAST_DAY)
    document = (
        title_of(paper, translate),
        state_of(paper, translate),
        paper.customer_number,
        paper.first_day,
        paper.last_day,
    )

    def every() -> Iterator[Sequence[Cell]]:
        for row in (*rows.lines, rows.total):
            yield (*document, *row)

    return b"".join(stream_csv((*map(translate, titles), *rows.header), every())).decode()
