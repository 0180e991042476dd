"""Rules as a CSV file: what a grid shows goes out, and comes in again with every fault named by its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.errors import Invalid
from app.kernel.csv_safe import CsvProblem, read_csv, stream_csv
from app.kernel.folding import fold
from app.pricebooks.models import PriceRule
from app.pricebooks.rows import CELLS, LABELS, MOST_RULES, NAMES, RuleRow, cells_of, clean

LARGEST_FILE = 1024 * 1024
_NEEDED = ("kind", "value")
_TITLES = {
    **{fold(name.replace("_", " ")): name for name in CELLS},
    **{
        fold("rule"): "kind",
        fold("usagetype"): "usage_type",
        fold("from"): "first_month",
        fold("to"): "last_month",
    },
    **{
        fold("dienst"): "service",
        fold("art"): "kind",
        fold("wert"): "value",
        fold("nutzungsart"): "usage_type",
    },
    **{fold("erster monat"): "first_month", fold("letzter monat"): "last_month"},
}


@dataclass(slots=True)
class RuleFile:
    """The rows of a file, each with its line, and the titles that mean nothing here."""

    rows: list[RuleRow] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def rules_csv(rules: Iterable[PriceRule]) -> Iterator[bytes]:
    """Return the file of these rules; it can be imported again."""
    return stream_csv(CELLS, [[_cell(rule, name) for name in CELLS] for rule in rules])


def _cell(rule: PriceRule, name: str) -> Any:
    if name == "value" and rule.value is not None:
        return rule.value.normalize()
    return cells_of(rule)[name]


def read_file(content: bytes) -> RuleFile:
    """Return the rows of a file; raises ``Invalid`` for one that is no table of rules."""
    if len(content) > LARGEST_FILE:
        raise Invalid(_("The file is larger than %(n)s MB.", n=LARGEST_FILE // 1024 // 1024), field="file")
    try:
        table = read_csv(content)
        titles, ignored = _match(table.header)
        found = RuleFile(ignored=ignored)
        for row in table.rows():
            cells = {name: clean(row.cells[title]) for title, name in titles.items()}
            found.rows.append(RuleRow(row.line, cells))
            if len(found.rows) > MOST_RULES:
                raise Invalid(_("The file has more than %(n)s rules.", n=MOST_RULES), field="file")
    except CsvProblem as problem:
        raise Invalid(str(problem), field="file") from None
    if not found.rows:
        raise Invalid(_("The file has column titles and no rules."), field="file")
    return found


def _match(header: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    known = _TITLES | {fold(str(label)): name for name, label in LABELS.items()}
    titles: dict[str, str] = {}
    ignored = []
    for title in header:
        name = known.get(fold(title.replace("_", " ").replace("-", " ")))
        if name is None:
            ignored.append(title[:100])
        elif name in titles.values():
            raise Invalid(_("Two columns mean %(name)s. Remove one of them.", name=name), field="file")
        else:
            titles[title] = name
    missing = [name for name in _NEEDED if name not in titles.values()]
    if missing:
        raise Invalid(
            _(
                "The first line has no column %(names)s. An exported file has all columns.",
                names=", ".join(missing),
            ),
            field="file",
        )
    return titles, ignored


def grid_rows(rules: Iterable[PriceRule]) -> list[RuleRow]:
    """Return rules as the rows of a grid, numbered from 1."""
    return [RuleRow(number, cells_of(rule), rule.id) for number, rule in enumerate(rules, start=1)]


def replacing(rules: Iterable[PriceRule], rows: Sequence[RuleRow]) -> list[RuleRow]:
    """Return a file's rows as what takes the place of these rules: a row that names the same in the same months is that
    rule, so that only what differs is changed."""
    waiting: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for rule in rules:
        waiting[_key(cells_of(rule))].append(rule.id)
    found = []
    for row in rows:
        ids = waiting[_key(row.cells)]
        found.append(RuleRow(row.number, row.cells, ids.pop(0) if ids else None))
    return found


def _key(cells: Any) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in (*NAMES, "first_month", "last_month"))
