"""What a format is: how it is recognised, and the SQL that makes normalised lines of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.usage.columns import AMOUNT, LINE_COLUMNS, TEXT
from app.usage.formats.sources import NO_NUMBER, NO_TEXT, NO_TIME, ZERO, Fault, Sources, product

#: Of an account or billing account, and so of a source.
LONGEST_ID = 128
#: What the store says about a part itself, not about its lines.
_OF_THE_PART = {"source"}


@dataclass(frozen=True, slots=True)
class LineMapping:
    """How the rows of one header are read.

    ``expressions`` holds one expression per normalised column, over the columns of the file. Where a row of the bill
    becomes several lines, ``pieces`` is a list with what each of them is, NULL for the row itself, and ``piece`` stands
    for it in expressions.
    """

    expressions: Mapping[str, str]
    pieces: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of bills. ``signature`` and ``required`` are folded names; one alternative of each is needed."""

    code: str
    signature: frozenset[str]
    required: tuple[tuple[str, ...], ...]
    build: Callable[[Sources], LineMapping]


@dataclass(frozen=True, slots=True)
class RowReader:
    """A header understood: what to read, and the SQL that reads it."""

    format: Format
    sources: Sources
    mapping: LineMapping

    @property
    def positions(self) -> list[int]:
        """Which columns of the file are read at all."""
        return sorted(self.sources.used)

    def lines(self, rows: str) -> str:
        """Return the SELECT of normalised lines from the text of a file's columns c0, c1, ...

        A row that has a fault has no account.
        """
        faulty = " OR ".join(f"({fault.condition})" for fault in self.sources.faults) or "false"
        marks = {**self.sources.marks, "is_faulty": f"coalesce({faulty}, false)"}
        marked = f"SELECT *{_named(marks)} FROM (SELECT *{_named(self.sources.typed)} FROM {rows})"
        if self.mapping.pieces:
            pieces = f"unnest(CASE WHEN is_faulty THEN [NULL] ELSE {self.mapping.pieces} END) AS piece"
            marked = f"SELECT *, {pieces} FROM ({marked})"
        is_second = "piece IS NOT NULL" if self.mapping.pieces else "false"
        return f"SELECT {', '.join(self._columns())}, {is_second} AS is_second FROM ({marked})"

    def knows(self, name: str) -> bool:
        """Does the file speak of a normalised column?"""
        return self.mapping.expressions.get(name, NO_TEXT) not in (NO_TEXT, NO_NUMBER, NO_TIME)

    def faults(self, rows: str, *, limit: int) -> str:
        """Return the SELECT of line, column, value and reason of faulty rows; ``rows`` has their number as ``line``."""
        cases = " ".join(f"WHEN {fault.condition} THEN {_struct(fault)}" for fault in self.sources.faults)
        return (
            f"SELECT line, fault.name, fault.value, fault.reason FROM (SELECT line, CASE {cases} END AS fault "
            f"FROM (SELECT *{_named(self.sources.marks)} FROM (SELECT *{_named(self.sources.typed)} FROM {rows}))) "
            f"WHERE fault IS NOT NULL LIMIT {limit}"
        )

    def _columns(self) -> list[str]:
        expressions = dict(self.mapping.expressions)
        for name in ("account", "payer"):
            expressions[name] = _account_id(expressions["provider"], expressions[name])
        expressions["account"] = f"CASE WHEN NOT is_faulty THEN {expressions['account']} END"
        return [
            f"{_complete(column.name, column.type, expressions)} AS {column.name}"
            for column in LINE_COLUMNS
            if column.name not in _OF_THE_PART
        ]


def reader_of(format_: Format, header: Sequence[str]) -> RowReader:
    """Return what reads the rows under a header of a format."""
    sources = Sources(header)
    return RowReader(format_, sources, format_.build(sources))


def costs(
    *,
    is_usage: str,
    list_cost: str,
    quantity: str,
    list_unit_price: str,
    effective: str,
    billed: str,
) -> dict[str, str]:
    """Return the expressions of list cost: as the bill says, else from the unit price, else from effective cost.

    Whatever is no usage has no public price: its list cost is what it says, else what was billed.
    """
    otherwise = f"CASE WHEN {is_usage} THEN {effective} ELSE {billed} END"
    unknown = f"{is_usage} AND {list_cost} IS NULL"
    # CASE computes the product for the rows that need it and for no other.
    if NO_NUMBER in (quantity, list_unit_price):
        return {
            "list_cost": f"CASE WHEN {list_cost} IS NOT NULL THEN {list_cost} ELSE {otherwise} END",
            "is_list_missing": unknown,
        }
    return {
        "list_cost": f"CASE WHEN {list_cost} IS NOT NULL THEN {list_cost} "
        f"WHEN {quantity} IS NOT NULL AND {list_unit_price} IS NOT NULL THEN {product(quantity, list_unit_price)} "
        f"ELSE {otherwise} END",
        "is_list_missing": f"{unknown} AND ({quantity} IS NULL OR {list_unit_price} IS NULL)",
    }


def _account_id(provider: str, account: str) -> str:
    """An account's id as the provider's accounts are kept: AWS in digits alone, Azure in small letters without a path.

    Bills write it otherwise now and then, and usage of an account that is known by another spelling is nobody's. What
    is longer than a database keeps of an id, as Azure's billing accounts are, ends in its hash.
    """
    short = (
        f"CASE WHEN strlen({account}) > {LONGEST_ID} THEN left({account}, {LONGEST_ID - 13}) || '-' || "
        f"left(sha256({account}), 12) ELSE {account} END"
    )
    digits = f"regexp_replace({account}, '[ -]', '', 'g')"
    by_provider = {
        "aws": f"CASE WHEN strlen({account}) > 12 AND regexp_full_match({digits}, '[0-9]{{12}}') "
        f"THEN {digits} ELSE {short} END",
        "azure": f"CASE WHEN strlen({account}) IN (36, 51) AND regexp_full_match(lower({account}), "
        f"'(/subscriptions/)?[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}') "
        f"THEN right(lower({account}), 36) ELSE {short} END",
    }
    if provider.startswith("'"):
        return by_provider.get(provider.strip("'"), short)
    whens = " ".join(f"WHEN '{code}' THEN {sql}" for code, sql in by_provider.items())
    return f"CASE {provider} {whens} ELSE {short} END"


def _complete(name: str, type_: str, expressions: Mapping[str, str]) -> str:
    """An expression of the right type that is never NULL, but for a faulty row's account, dates and costs."""
    nothing = {TEXT: "''", AMOUNT: ZERO, "BOOLEAN": "false"}.get(type_)
    found = expressions.get(name)
    if found is None or found in (NO_TEXT, NO_NUMBER):
        return nothing or (NO_TIME if type_ == "TIMESTAMP" else f"NULL::{type_}")
    if name == "account":
        return found
    if type_ == TEXT and not found.startswith("'"):
        return f"coalesce({found}, '')"
    if type_ == AMOUNT:
        return f"coalesce({found}, {ZERO})::{AMOUNT}"
    if type_ == "BOOLEAN":
        return f"coalesce({found}, false)"
    return f"({found})::{type_}"


def _named(expressions: Mapping[str, str]) -> str:
    return "".join(f", {sql} AS {name}" for name, sql in expressions.items())


def _struct(fault: Fault) -> str:
    name = fault.column.replace("'", "''")
    return f"{{'name': '{name}', 'value': coalesce({fault.value}, ''), 'reason': '{fault.reason}'}}"
