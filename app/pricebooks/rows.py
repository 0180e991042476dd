"""Rules as people write them: eight texts a row, from the grid or a file, and what is wrong with them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Invalid
from app.kernel.folding import fold
from app.kernel.plain_text import has_control_characters
from app.pricebooks.models import LONGEST_CELL
from app.rating.bookcheck import rule_problems
from app.rating.pricebook import PriceRule, RuleKind
from app.rating.problems import Problem, ProblemCode

#: The cells of a row, in the order of the grid and of files.
NAMES = ("service", "sku", "region", "usage_type")
CELLS = (*NAMES, "kind", "value", "first_month", "last_month")
LABELS: dict[str, object] = {
    "service": _l("Service"),
    "sku": _l("SKU"),
    "region": _l("Region"),
    "usage_type": _l("Usage type"),
    "kind": _l("Kind of rule"),
    "value": _l("Value"),
    "first_month": _l("First month"),
    "last_month": _l("Last month"),
}
KINDS: dict[RuleKind, object] = {
    RuleKind.PERCENT: _l("Percent"),
    RuleKind.DELTA: _l("Difference"),
    RuleKind.FIXED: _l("Fixed price"),
    RuleKind.DEFAULT: _l("Book's percent"),
}
#: As many rules as a book may have.
MOST_RULES = 2000

#: What people write for a kind, folded.
_KIND_WORDS = {
    **dict.fromkeys(("percent", "%", "per cent", "percentage", "prozent"), RuleKind.PERCENT),
    **dict.fromkeys(("delta", "difference", "difference per unit", "differenz"), RuleKind.DELTA),
    **dict.fromkeys(("differenz je einheit", "aufschlag je einheit"), RuleKind.DELTA),
    **dict.fromkeys(("fixed", "fixed price", "fixed per unit", "price", "fest"), RuleKind.FIXED),
    **dict.fromkeys(("festpreis", "preis", "festpreis je einheit", "fester preis"), RuleKind.FIXED),
    **dict.fromkeys(("default", "book's percent", "books percent", "standard", "vorgabe"), RuleKind.DEFAULT),
    **dict.fromkeys(("prozentsatz des preisbuchs",), RuleKind.DEFAULT),
}
_NUMBER = re.compile(r"[+\-−]?\d{1,18}(?:[.,]\d{1,30})?")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-01)?")
_LOCAL_MONTH = re.compile(r"(?:01[./])?(\d{1,2})[./](\d{4})")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row as it was entered: ``id`` of the rule that it shows (None for a new one), ``number`` is its line."""

    number: int
    cells: Mapping[str, str]
    id: int | None = None

    @property
    def is_blank(self) -> bool:
        """Was nothing entered but perhaps a kind?"""
        return not any(self.cells.get(name, "") for name in CELLS if name != "kind")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell: ``row`` counts the rows from 0, ``number`` is what people call the row."""

    row: int
    number: int
    cell: str
    text: str


@dataclass(slots=True)
class ReadRows:
    """The rules that rows say, in their order (None where a row says none), and all that is wrong."""

    rows: Sequence[RuleRow]
    rules: list[PriceRule | None] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)


class InvalidRules(Invalid):
    """Rules that cannot be saved; ``problems`` says all that is wrong, cell by cell."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__(_("Nothing was saved. Correct the marked cells."))
        self.problems = list(problems)


def kind_word(kind: RuleKind) -> str:
    """Return what a kind is called."""
    return str(KINDS[kind])


def filled(rows: Iterable[RuleRow]) -> list[RuleRow]:
    """Return the rows without those in which nothing was entered."""
    return [row for row in rows if row.id is not None or not row.is_blank]


def read_rows(rows: Sequence[RuleRow]) -> ReadRows:
    """Return what rows say. The ``position`` of a rule counts its rows from 1, a new one has minus that as its id."""
    found = ReadRows(rows)
    if len(rows) > MOST_RULES:
        raise Invalid(_("A pricebook has at most %(n)s rules; these are %(m)s.", n=MOST_RULES, m=len(rows)))
    for place, row in enumerate(rows):
        values: dict[str, Any] = {}
        wrong = False
        for cell in CELLS:
            try:
                values[cell] = _READERS[cell](clean(row.cells.get(cell, "")))
            except Invalid as problem:
                found.problems.append(CellProblem(place, row.number, cell, str(problem)))
                wrong = True
        if wrong:
            found.rules.append(None)
            continue
        rule = PriceRule(
            id=row.id if row.id is not None else -(place + 1),
            position=place + 1,
            **values,
        )
        problems = rule_problems(rule)
        found.problems += [
            CellProblem(place, row.number, one.field or "service", problem_text(one)) for one in problems
        ]
        found.rules.append(rule)
    return found


def clean(text: str) -> str:
    """Return a cell without blanks around it, in one normal form."""
    return unicodedata.normalize("NFC", text).strip()


def _name(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise Invalid(_("Use at most %(max)d characters.", max=LONGEST_CELL))
    if has_control_characters(text):
        raise Invalid(_("Remove the control characters: they cannot be stored or printed."))
    return text


def _kind(text: str) -> RuleKind:
    found = _KIND_WORDS.get(fold(text) if text != "%" else text)
    if found is None:
        raise Invalid(_("Enter one of percent, delta, fixed or default."))
    return found


def _number(text: str) -> Decimal | None:
    text = text.removesuffix("%").rstrip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Invalid(_("Enter a number such as −12.5 or 0.08, without thousands separators."))
    return Decimal(text.replace(",", ".").replace("−", "-"))


def read_month(text: str) -> datetime.date | None:
    """Return the month that ``2026-11``, ``11/2026`` or ``01.11.2026`` names; nothing for nothing."""
    if not text:
        return None
    if iso := _ISO_MONTH.fullmatch(text):
        year, month = iso.groups()
    elif local := _LOCAL_MONTH.fullmatch(text):
        month, year = local.groups()
    else:
        raise Invalid(_("Enter a month such as 2026-11."))
    if not 1 <= int(month) <= 12 or not 2000 <= int(year) <= 2999:
        raise Invalid(_("Enter a month such as 2026-11."))
    return datetime.date(int(year), int(month), 1)


_READERS: dict[str, Any] = {
    **dict.fromkeys(NAMES, _name),
    "kind": _kind,
    "value": _number,
    "first_month": read_month,
    "last_month": read_month,
}

_SENTENCES: dict[ProblemCode, object] = {
    ProblemCode.NOT_WANTED: _l("This kind has no value of its own. Empty the cell, or choose another kind."),
    ProblemCode.MISSING: _l("Enter a number."),
    ProblemCode.BELOW_MINUS_100: _l("Enter a percentage of at least −100."),
    ProblemCode.TOO_LARGE: _l("Enter a percentage of at most %(largest)s."),
    ProblemCode.TOO_MANY_DECIMALS: _l("Use at most %(decimals)s decimals."),
    ProblemCode.OUT_OF_RANGE: _l("Use at most %(largest_digits)s digits before the decimals."),
    ProblemCode.NEGATIVE: _l("A fixed price cannot be below 0."),
    ProblemCode.WILDCARD_NOT_HERE: _l("Enter the whole name: only a usage type may end in *."),
    ProblemCode.WILDCARD_ALONE: _l("Leave the cell empty: * alone names every usage type."),
    ProblemCode.WILDCARD_INSIDE: _l("Put * at the end: it stands for whatever follows."),
    ProblemCode.END_BEFORE_START: _l("Choose a last month that is not before the first."),
}


def problem_text(problem: Problem) -> str:
    """Return what is wrong with a rule, and what to do."""
    return str(_SENTENCES[problem.code]) % dict(problem.parameters)


def cells_of(rule: Any) -> dict[str, str]:
    """Return a rule, of a row or of ``app.rating``, as its cells are written."""
    return {
        **{name: getattr(rule, name) for name in NAMES},
        "kind": rule.kind.value,
        "value": "" if rule.value is None else plain_number(rule.value),
        "first_month": month_cell(rule.first_month),
        "last_month": month_cell(rule.last_month),
    }


def plain_number(value: Decimal) -> str:
    """Return ``-12.5``: without zeros that say nothing."""
    return format(value.normalize() if value else Decimal(0), "f")


def month_cell(month: datetime.date | None) -> str:
    """Return ``2026-11``."""
    return "" if month is None else f"{month:%Y-%m}"
