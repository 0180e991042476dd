# ruff: noqa: S608  (names are constants of this package; values go in as parameters)
"""Commitments in a month's usage: who bears one, and whose it is. ``rating.commitments`` is asked once for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from app.rating.commitments import bearing_account, owner_account
from app.rating.money import ZERO
from app.rating.usage import Category, CommitmentStatus, UsageLine
from app.statements.pricing.tables import fill, telling_apart
from app.statements.pricing.values import NO_CURRENCY

#: A row of ``borne_elsewhere``: provider, account, category, commitment, its status, and the account that bears it.
Borne = tuple[str, ...]

#: What a commitment's owner and bearer depend on, of a row ``u``. The account of covered usage is not among it.
_NAMES = {
    "provider": "u.provider",
    "looked_account": "CASE WHEN u.category = 'purchase' OR u.commitment_status <> 'used' THEN u.account ELSE '' END",
    "category": "u.category",
    "commitment_id": "u.commitment_id",
    "commitment_status": "u.commitment_status",
}
_CHOSEN = ", ".join(f"{value} AS {name}" for name, value in _NAMES.items())
_IS_COMMITMENT = "(u.commitment_id <> '' OR u.commitment_status <> 'none')"
#: Commitments that somebody else may bear than the account they are written under.
_IS_BORNE = f"({_IS_COMMITMENT} AND u.commitment_status <> 'used')"

#: The account that a row belongs to.
BEARING = "coalesce(nullif(c.bearer, ''), u.account)"


def joined(telling: Iterable[str] = ()) -> str:
    """Return what joins the commitment of a row ``u`` as ``c``; rows without one have none.

    ``telling``: the columns that tell it apart (``Commitments.telling``) where the rows are those it was found in.
    """
    names = tuple(telling) or _NAMES
    return "LEFT JOIN commitments c ON " + " AND ".join(f"c.{name} = {_NAMES[name]}" for name in names)


def purchase_accounts(usage: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Return the account of the purchase row by commitment id, of all usage that is given (rows, days or months)."""
    found = usage.filter("category = 'purchase' AND commitment_id <> ''")
    rows = found.aggregate("commitment_id, max(account)", "commitment_id").fetchall()
    return dict(sorted(rows))


def payers_of(usage: duckdb.DuckDBPyRelation) -> dict[str, frozenset[str]]:
    """Return the billing accounts by provider."""
    payers: dict[str, set[str]] = {}
    for code, payer in usage.aggregate("provider, payer", "provider, payer").fetchall():
        payers.setdefault(code, set()).add(payer)
    return {code: frozenset(some) for code, some in payers.items()}


def borne_elsewhere(usage: duckdb.DuckDBPyRelation, purchases: Mapping[str, str]) -> tuple[Borne, ...]:
    """Return the commitments that another account bears than the one they are written under, with that account."""
    found = usage.set_alias("u").filter(_IS_BORNE).project(_CHOSEN).distinct().fetchall()
    rows = ((*row, bearing_account(_line(*row), purchases)) for row in sorted(found))
    return tuple(row for row in rows if row[-1] != row[1])


class Commitments:
    """The commitments of some usage, numbered from 1: the table ``commitments``, to be joined by ``joined``.

    ``ids``: the commitment's id by its number, "" at 0. ``owners``: provider and account by the number that stands in
    the column ``owner``; the account is None where nobody knows. ``telling``: the columns that tell these commitments
    apart, and rows without one from them.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, usage: str, purchases: Mapping[str, str]
    ) -> None:
        found = connection.execute(
            f"SELECT DISTINCT {_CHOSEN} FROM {usage} u WHERE {_IS_COMMITMENT}"
        ).fetchall()
        has_nameless = any(not row[3] for row in found)  # only its status tells it from a row without one
        first = ("commitment_id", "commitment_status") if has_nameless else ("commitment_id",)
        self.telling = telling_apart(found, [*_NAMES], first)
        numbers: dict[tuple[str, str | None], int] = {}
        rows = []
        for number, row in enumerate(sorted(found), 1):
            line = _line(*row)
            owner = numbers.setdefault((line.provider, owner_account(line, purchases)), len(numbers))
            rows.append((*row, number, bearing_account(line, purchases), owner))
        self.owners = list(numbers)
        self.ids = ["", *(row[3] for row in rows)]
        columns = {
            **dict.fromkeys(_NAMES, "VARCHAR"),
            "number": "INTEGER",
            "bearer": "VARCHAR",
            "owner": "INTEGER",
        }
        fill(connection, "commitments", columns, rows)


def _line(
    provider: str, account: str, category: str, commitment_id: str, commitment_status: str
) -> UsageLine:
    """A row that says no more than whose commitment it is about."""
    return UsageLine(
        provider=provider,
        account=account,
        service="",
        quantity=ZERO,
        currency=NO_CURRENCY,
        list_cost=ZERO,
        effective_cost=ZERO,
        billed_cost=ZERO,
        category=Category(category),
        commitment_id=commitment_id,
        commitment_status=CommitmentStatus(commitment_status),
    )
