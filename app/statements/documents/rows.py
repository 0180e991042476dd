"""Every amount of a statement as one flat table; its last row is the total, and the rows before it add up to it.

CSV and the sheet of lines in XLSX are this table, in two formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.rating.money import minor_units
from app.statements.documents import labels as words
from app.statements.documents.figures import plain
from app.statements.documents.labels import Translate
from app.statements.paper import Paper, PaperAccount, PaperLine

Cell = str | Decimal | None

#: Where the columns of a row stand that are numbers; what follows ``AMOUNT`` are currency and account fields.
QUANTITY, UNIT, UNIT_PRICE, PERCENT, AMOUNT = 6, 7, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Rows:
    """The titles of the columns, the rows, and the row of the total."""

    header: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]


def rows_of(paper: Paper, translate: Translate) -> Rows:
    """Return the statement's lines as rows, with a column for each custom field of its accounts."""
    fields = tuple(
        dict.fromkeys(label for group in paper.groups for one in group.accounts for label, _ in one.fields)
    )
    titles = (
        words.PART,
        words.PROVIDER,
        words.ACCOUNT,
        words.ACCOUNT_ID,
        words.DESCRIPTION,
        words.DETAIL,
        words.QUANTITY,
        words.UNIT,
        words.UNIT_PRICE,
        words.PERCENT,
        words.AMOUNT,
        words.CURRENCY,
    )
    total = _row(paper, translate(words.TOTAL), PaperLine("", paper.totals.total), fields)
    return Rows((*map(translate, titles), *fields), tuple(_lines(paper, translate, fields)), total)


def _lines(paper: Paper, translate: Translate, fields: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
    for group, account, line in paper.usage_lines():
        yield _row(paper, translate(words.USAGE), line, fields, group.title, account)
    discounts = words.CORRECTIONS if paper.is_correction() else words.DISCOUNTS
    parts = [(words.CHARGES, paper.charges), (discounts, paper.discounts)]
    parts.append((words.ADJUSTMENT, paper.adjustment))
    credits = (words.CREDITS, paper.credits)
    taxes = (
        words.TAXES,
        tuple(PaperLine(tax.name, tax.amount, percent=tax.percent) for tax in paper.taxes),
    )
    parts += (taxes, credits) if paper.credits_follow_tax() else (credits, taxes)
    for label, lines in parts:
        for line in lines:
            yield _row(paper, translate(label), line, fields)


def _row(
    paper: Paper,
    part: str,
    line: PaperLine,
    fields: tuple[str, ...],
    provider: str = "",
    account: PaperAccount | None = None,
) -> tuple[Cell, ...]:
    own = dict(account.fields) if account else {}
    return (
        part,
        provider,
        account.title if account else "",
        account.account_id if account else "",
        line.text,
        line.detail,
        plain(line.quantity),
        line.unit,
        plain(line.unit_price),
        plain(line.percent),
        plain(line.amount, minor_units(paper.currency)),
        paper.currency,
        *(own.get(label, "") for label in fields),
    )


def state_of(paper: Paper, translate: Translate) -> str:
    """Return in words what keeps the figures from being final: ``Draft, Estimated``; ``Final`` where nothing does."""
    said = (
        (paper.is_draft, words.DRAFT),
        (paper.is_void, words.VOID),
        (paper.is_estimated, words.ESTIMATED),
    )
    return ", ".join(translate(text) for is_so, text in said if is_so) or translate(words.FINAL)


def title_of(paper: Paper, translate: Translate) -> str:
    """Return ``Statement HL-2026-0042``."""
    return " ".join(filter(None, (translate(words.TITLES[paper.kind]), paper.number)))
