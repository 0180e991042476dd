"""The columns of one file as expressions of SQL: text first, then numbers and times, with every fault noted.

A format asks for columns by their folded names (``lineItem/UsageAccountId``, ``line_item_usage_account_id`` and
``LineItemUsageAccountID`` are one) and gets expressions; what it asked for is what is read and checked. Everything is
text in the file, empty and NULL are nothing, and a number that is none makes the row faulty instead of being guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.usage.columns import AMOUNT, TEXT

NO_TEXT = f"NULL::{TEXT}"
NO_NUMBER = f"NULL::{AMOUNT}"
NO_TIME = "NULL::TIMESTAMP"
ZERO = f"0::{AMOUNT}"

_DECIMALS = 18
#: A plain text of this length has at most 18 decimals, whatever it says.
_SURELY_SHORT = _DECIMALS + 1
_AMERICAN = "['%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']"


@dataclass(frozen=True, slots=True)
class Fault:
    """When a row is faulty: the column's name, what stood there, why, and the condition."""

    column: str
    value: str
    reason: str
    condition: str


@dataclass
class Sources:
    """The header of a file, and what a format asked of it."""

    header: Sequence[str]
    used: dict[int, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._positions: dict[str, int] = {}
        for position, name in enumerate(self.header):
            self._positions.setdefault(fold(name), position)

    def has(self, *names: str) -> bool:
        """Is there a column of one of these names?"""
        return self._find(names) is not None

    def text(self, *names: str) -> str:
        """Return the text of the first of these columns that there is; NULL where it is empty."""
        position = self._find(names)
        if position is None:
            return NO_TEXT
        return self.at(position)

    def at(self, position: int) -> str:
        """Return the text of the column at a position."""
        self.used[position] = self.header[position]
        return f"c{position}"

    def number(self, *names: str) -> str:
        """Return the exact number in the first of these columns that there is; NULL where it is empty."""
        position = self._find(names)
        if position is None:
            return NO_NUMBER
        text, number = self.at(position), f"n{position}"
        if number not in self.typed:
            self.typed[number] = f"TRY_CAST({text} AS {AMOUNT})"
            name = self.header[position]
            self.faults += [
                Fault(
                    name,
                    text,
                    "not_a_number",
                    f"{number} IS NULL AND {text} IS NOT NULL OR contains({text}, '_')",
                ),
                Fault(name, text, "too_many_decimals", _too_many_decimals(text)),
            ]
        return number

    def time(self, *names: str) -> str:
        """Return the time in UTC in the first of these columns that there is; without a zone it is UTC."""
        position = self._find(names)
        if position is None:
            return NO_TIME
        text, time = self.at(position), f"t{position}"
        if time not in self.typed:
            self.typed[time] = (
                f"CASE WHEN length({text}) <= 19 OR suffix({text}, 'Z') "
                f"THEN coalesce(TRY_CAST({text} AS TIMESTAMP), try_strptime({text}, {_AMERICAN})) "
                f"ELSE TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
            )
            self.faults.append(
                Fault(
                    self.header[position],
                    text,
                    "not_a_date",
                    f"{text} IS NOT NULL AND ({time} IS NULL OR year({time}) NOT BETWEEN 2000 AND 2199)",
                )
            )
        return time

    def mark(self, name: str, expression: str) -> str:
        """Return a name for what several expressions need, so that it is computed once a row."""
        self.marks[name] = expression
        return name

    def require(self, expression: str, *names: str) -> None:
        """Make rows faulty in which an expression is nothing; ``names`` is where it would have come from."""
        position = self._find(names)
        name = names[0] if position is None else self.header[position]
        self.faults.append(Fault(name, NO_TEXT, "missing", f"{expression} IS NULL"))

    def tags(self, *prefixes: str) -> str:
        """Return the columns that begin with one of these as a JSON object; '' where all are empty."""
        found = [
            (name[len(prefix) :], position)
            for position, name in enumerate(self.header)
            for prefix in prefixes
            if name.lower().startswith(prefix.lower())
        ]
        if not found:
            return NO_TEXT
        pairs = ", ".join(
            f"{quoted(_json_key(name))} || to_json({self.at(position)})::{TEXT}" for name, position in found
        )
        return f"nullif('{{' || concat_ws(',', {pairs}) || '}}', '{{}}')"

    def _find(self, names: Sequence[str]) -> int | None:
        return next(
            (self._positions[name] for name in map(fold, names) if name in self._positions),
            None,
        )


def fold(name: str) -> str:
    """Return a column's name with nothing but small letters and digits."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def first(*expressions: str) -> str:
    """Return the first of some expressions that is something."""
    known = [expression for expression in expressions if not expression.startswith("NULL::")]
    if len(known) <= 1:
        return known[0] if known else expressions[0]
    return f"coalesce({', '.join(known)})"


def product(number: str, other: str) -> str:
    """Return two amounts' product to 18 decimals, rounded once; NULL where one is nothing.

    DECIMAL(38,18) times itself would need 36 decimals, so whole parts and fractions are multiplied apart.
    """
    if NO_NUMBER in (number, other):
        return NO_NUMBER

    def parts(value: str) -> tuple[str, str]:
        return f"trunc({value})::DECIMAL(19,0)", f"({value} - trunc({value}))::DECIMAL(18,18)"

    (whole, fraction), (other_whole, other_fraction) = parts(number), parts(other)
    return (
        f"(({whole} * {other_whole})::{AMOUNT} + {whole} * {other_fraction} + {other_whole} * {fraction} + "
        f"({fraction} * {other_fraction})::{AMOUNT})::{AMOUNT}"
    )


def chosen(value: str, cases: Mapping[str, str], otherwise: str) -> str:
    """Return what stands for an exact text, as literals."""
    whens = " ".join(f"WHEN {quoted(text)} THEN {quoted(result)}" for text, result in cases.items())
    return f"CASE {value} {whens} ELSE {otherwise} END"


def is_one_of(value: str, texts: Sequence[str]) -> str:
    """Return whether a text is one of some; false where it is nothing."""
    return f"coalesce({value} IN ({', '.join(map(quoted, texts))}), false)"


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _json_key(name: str) -> str:
    return f"{json.dumps(name, ensure_ascii=False)}:"


def _too_many_decimals(text: str) -> str:
    """When a number has more than 18 decimals; zeros at the end are none.

    Bills are full of short plain numbers, so these are told by their length alone.
    """
    plain = f"strlen(rtrim(split_part(trim({text}), '.', 2), '0')) > {_DECIMALS}"
    mantissa, exponent = (f"split_part(lower({text}), 'e', {part})" for part in (1, 2))
    scientific = (
        f"strlen(rtrim(split_part({mantissa}, '.', 2), '0')) - TRY_CAST({exponent} AS INTEGER) > {_DECIMALS} "
        f"AND strlen(trim({mantissa}, '+-0. ')) > 0"
    )
    return (
        f"CASE WHEN contains({text}, 'e') OR contains({text}, 'E') THEN {scientific} "
        f"WHEN strlen({text}) > {_SURELY_SHORT} THEN {plain} ELSE false END"
    )
