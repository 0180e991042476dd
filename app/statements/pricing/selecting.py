# ruff: noqa: S608  (every name in the queries is a constant of this package; accounts go in as literals)
"""Which rows of a month are whose: numbered, so that everything after it compares numbers.

Three tables are made of the usage and of who holds which account: ``kinds`` (whatever a price can depend on, and
currency and unit), ``commitments`` and ``held``. ``selected`` is the rollup in their numbers.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import duckdb

from app.rating.months import Days, last_day
from app.rating.pricebook import Naming
from app.statements.pricing import commitments
from app.statements.pricing.commitments import Borne, Commitments, borne_elsewhere
from app.statements.pricing.tables import fill, telling_apart, view
from app.statements.pricing.values import Buyer, Held
from app.usage.store import literal

#: Of so many accounts and fewer, their rows alone are read.
_FEW = 500

AMOUNTS = ("quantity", "list_cost", "effective_cost", "billed_cost", "recurring_cost")
COUNTS = ("lines", "lines_without_list")

#: What a price depends on besides book, terms and ownership, of a row ``u``: the columns of a kind, in their order.
KEY = {
    "provider": "u.provider",
    "service": "u.service",
    "sku": "u.sku",
    "region": "u.region",
    "usage_type": "u.usage_type",
    "category": "u.category",
    "pricing_category": "u.pricing_category",
    "is_marketplace": "u.is_marketplace",
    "has_commitment": "(u.commitment_id <> '')",
    "commitment_kind": "u.commitment_kind",
    "commitment_status": "u.commitment_status",
    "is_carried": "u.is_carried",
    "has_recurring": "u.has_recurring",
}
_NAMED = ("sku", "region", "usage_type")
#: What is told apart beside it, whatever the price.
_BESIDE = {"currency": "u.currency", "unit": "u.unit"}


class Selection:
    """The rows of a month that are some buyers'.

    ``months`` and ``days``: an account that was a buyer's for a part of the month is read by days, every other one by
    the month. ``profiles``: by which profile each account of each buyer is priced. ``naming``: which of SKU, region and
    usage type is told apart. ``bearers`` has buyer and account by their number in ``selected``.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        month: datetime.date,
        *,
        months: duckdb.DuckDBPyRelation,
        days: duckdb.DuckDBPyRelation,
        purchases: Mapping[str, str],
        borne: Sequence[Borne] | None,
        naming: Naming,
    ) -> None:
        self._connection = connection
        self._first, self._last = month, last_day(month)
        self._days = days
        self._months = months
        self._purchases = purchases
        self._borne = borne
        self._usage = "usage_months"
        self._columns = {
            name: value
            for name, value in {**KEY, **_BESIDE}.items()
            if name not in _NAMED or naming[_NAMED.index(name)]
        }
        self._kinds: list[tuple[Any, ...]] = []
        self._telling: Sequence[str] = ()
        self._commitment: Sequence[str] = ()
        self._held: set[Held] = set()
        self._partial: set[Held] = set()
        self.bearers: list[tuple[int, str]] = []

    def choose(self, buyers: Iterable[Buyer], profiles: Mapping[tuple[int, Held], int]) -> Commitments:
        """Make the tables; return the commitments of the rows."""
        self._hold(buyers, profiles)
        view(self._connection, "usage_months", self._months)
        usage = self._read("usage_months", self._held)
        if usage != "usage_months":  # few rows, and asked for several times
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE usage_read AS SELECT * FROM {usage}")
            usage = "usage_read"
        self._usage = usage
        self._name_kinds(usage)
        found = Commitments(self._connection, usage, self._purchases)
        self._commitment = found.telling
        numbers = "h.buyer, h.bearer, h.profile, k.key, k.money, k.measure, c.number AS commitment, c.owner"
        # Rows that differ in nothing that is told apart are summed at once: there are a third as many to go on with.
        amounts = ", ".join(f"sum(u.{one}) AS {one}" for one in (*AMOUNTS, *COUNTS))
        chosen = " UNION ALL ".join(
            f"SELECT {numbers}, {amounts} {rows} GROUP BY ALL" for rows in self.rollup()
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE selected AS {chosen}")
        return found

    def rollup(self) -> list[str]:
        """Return FROM clauses of the month's rows in the rollups.

        A row is ``u``, its kind ``k``, its commitment ``c``, and whose it is ``h``.
        """
        found = [self._joined(self._usage, "h.first_day IS NULL", self._telling, self._commitment)]
        if self._partial:
            view(self._connection, "usage_days", self._days)
            days = self._read("usage_days", self._partial)
            found.append(self._joined(days, self._on_the_day()))
        return found

    def single(self, usage: duckdb.DuckDBPyRelation) -> str:
        """Return the FROM clause of single rows: lines, days or months of the same usage."""
        view(self._connection, "usage_lines", usage)
        is_held = f"(h.first_day IS NULL OR {self._on_the_day()})"
        return self._joined(self._read("usage_lines", self._held), is_held)

    def _joined(
        self, usage: str, condition: str, telling: Iterable[str] = (), commitment: Iterable[str] = ()
    ) -> str:
        """``telling``, ``commitment``: what tells kinds and commitments apart in ``usage``; without them, all does."""
        same = " AND ".join(f"k.{name} = {self._columns[name]}" for name in telling or self._columns)
        return f"""FROM {usage} u JOIN kinds k ON {same} {commitments.joined(commitment)}
            JOIN held h ON h.provider = u.provider AND h.account = {commitments.BEARING} AND {condition}"""

    def _on_the_day(self) -> str:
        """Say when a row is of a day on which the account was held; a day outside the month is its nearest one.

        Corrections of earlier months are whose the account was on the first of this one.
        """
        day = f"greatest(least(u.usage_date, DATE '{self._last}'), DATE '{self._first}')"
        return f"{day} BETWEEN h.first_day AND h.last_day"

    def _hold(self, buyers: Iterable[Buyer], profiles: Mapping[tuple[int, Held], int]) -> None:
        """Write down whose each account is, and on which days where it was not anybody's for the whole month."""
        whole = (self._first, self._last)
        times: dict[Held, int] = {}
        spans: list[tuple[int, Held, tuple[datetime.date, datetime.date]]] = []
        for buyer in buyers:
            for account in buyer.accounts:
                name = (account.provider, account.id)
                days = buyer.days_of(account)
                times[name] = times.get(name, 0) + len(days)
                spans += [(len(self.bearers), name, self._within(one)) for one in days]
                self.bearers.append((buyer.id, account.id))
        self._held = set(times)
        self._partial = {name for _, name, within in spans if within != whole or times[name] > 1}
        rows = []
        for bearer, name, within in spans:
            buyer_id = self.bearers[bearer][0]
            some = within if name in self._partial else (None, None)
            rows.append((bearer, buyer_id, *name, profiles[buyer_id, name], *some))
        columns = {
            "bearer": "INTEGER",
            "buyer": "BIGINT",
            "provider": "VARCHAR",
            "account": "VARCHAR",
            "profile": "INTEGER",
            "first_day": "DATE",
            "last_day": "DATE",
        }
        fill(self._connection, "held", columns, rows)

    def _within(self, span: Days) -> tuple[datetime.date, datetime.date]:
        if span.first is None and span.last is None:
            return self._first, self._last
        within = span.together(Days(self._first, self._last))
        return within.first or self._first, within.last or self._last

    def _read(self, usage: str, held: Collection[Held]) -> str:
        """Return where rows are read from. Of few accounts no others are read: whatever a month holds, it is quick.

        What belongs to an account is written under it, or is a commitment that it bears.
        """
        names = {account for _, account in held}
        if len(names) > _FEW:
            return usage
        if self._borne is None:
            self._borne = borne_elsewhere(self._months, self._purchases)
        borne = {one[1] for one in self._borne if one[-1] in names}
        named = ", ".join(literal(one) for one in sorted({"", *names, *borne}))
        return f"(SELECT * FROM {usage} WHERE account IN ({named}))"

    def _name_kinds(self, usage: str) -> None:
        """Number what a price can depend on, and currencies and units."""
        told = ", ".join(f"{value} AS {name}" for name, value in self._columns.items())
        kinds = ", ".join(name if name in self._columns else f"'' AS {name}" for name in KEY)
        by_key = ", ".join(name for name in KEY if name in self._columns)
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE kinds AS SELECT {kinds}, currency, unit,
                dense_rank() OVER (ORDER BY {by_key})::INTEGER AS key,
                dense_rank() OVER (ORDER BY currency)::INTEGER AS money,
                dense_rank() OVER (ORDER BY unit)::INTEGER AS measure
            FROM (SELECT DISTINCT {told} FROM {usage} u)""")
        self._kinds = self._connection.execute("SELECT * FROM kinds").fetchall()
        places = [place for place, name in enumerate((*KEY, *_BESIDE)) if name in self._columns]
        self._telling = telling_apart([[row[one] for one in places] for row in self._kinds], [*self._columns])

    def keys(self) -> dict[int, tuple[Any, ...]]:
        """Return the columns of ``KEY`` by number."""
        return {row[-3]: row[: len(KEY)] for row in self._kinds}

    def currencies(self) -> dict[int, str]:
        """Return currencies by number."""
        return {row[-2]: row[-5] for row in self._kinds}

    def units(self) -> dict[int, str]:
        """Return units by number; 0 is none."""
        return {0: "", **{row[-1]: row[-4] for row in self._kinds}}
