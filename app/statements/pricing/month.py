# ruff: noqa: S608  (every name in the queries is a constant of this package; values go in as parameters)
"""A month's usage, priced: the answers of ``resolving`` applied to the rows of ``selecting``, by DuckDB."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import duckdb

from app.rating.pricebook import Book, Naming, PriceKey
from app.rating.usage import UsageLine
from app.statements.pricing.commitments import Borne
from app.statements.pricing.resolving import Prices, Profiles, owned_by, priced_as
from app.statements.pricing.selecting import AMOUNTS, COUNTS, Selection
from app.statements.pricing.tables import BATCH
from app.statements.pricing.values import Behind, Buyer, KeyedSum, PriceClass

_SELLER = """CASE v.seller_basis WHEN 'effective' THEN u.effective_cost WHEN 'billed' THEN u.billed_cost
    ELSE 0::DECIMAL(38,18) END"""
_BASIS = """CASE v.basis WHEN 'list' THEN u.list_cost WHEN 'effective' THEN u.effective_cost
    WHEN 'billed' THEN u.billed_cost WHEN 'recurring' THEN u.recurring_cost ELSE 0::DECIMAL(38,18) END"""


class MonthPricing:
    """One month's usage, ready to be priced for some customers.

    ``months`` and ``days`` are the rollups of the month (docs/usage-store.md): an account that was a customer's for a
    part of the month is read by days, every other one by the month. ``purchases``: see ``purchase_accounts``; of all
    months that are there, because a commitment lasts for years. ``naming``: what is told apart although no rule does.
    ``borne``: see ``borne_elsewhere``, where it is known already.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        month: datetime.date,
        buyers: Iterable[Buyer],
        *,
        months: duckdb.DuckDBPyRelation,
        days: duckdb.DuckDBPyRelation,
        purchases: Mapping[str, str],
        naming: Naming = (False, False, False),
        borne: Sequence[Borne] | None = None,
    ) -> None:
        self.month = month
        self.purchases = purchases
        self.buyers = {one.id: one for one in buyers}
        self._connection = connection
        self._profiles = Profiles(month, self.buyers.values(), naming)
        self._selection = Selection(
            connection,
            month,
            months=months,
            days=days,
            purchases=purchases,
            borne=borne,
            naming=self._profiles.naming,
        )
        self._commitments = self._selection.choose(self.buyers.values(), self._profiles.by_account)
        prices = Prices(connection, self._profiles, self._selection.keys())
        prices.find(self.buyers, self._commitments)
        self.classes: list[PriceClass] = prices.classes

    def lines(self) -> dict[int, tuple[UsageLine, ...]]:
        """Return what the statement of each customer is made of: sums of rows that are priced alike."""
        found: dict[int, list[UsageLine]] = {one: [] for one in self.buyers}
        currencies, units = self._selection.currencies(), self._selection.units()
        names = ", ".join((*AMOUNTS, *COUNTS))
        cursor = self._connection.execute(
            f"SELECT buyer, bearer, class, money, commitment, measure, {names} FROM ({_SUMS}) ORDER BY ALL"
        )
        while rows := cursor.fetchmany(BATCH):
            for buyer, bearer, number, money, commitment, measure, *sums in rows:
                account, currency = self._selection.bearers[bearer][1], currencies[money]
                commitment_id = self._commitments.ids[commitment or 0]
                found[buyer].append(
                    self._line(account, number, currency, commitment_id, units[measure], *sums)
                )
        return {buyer: tuple(lines) for buyer, lines in found.items()}

    def prices(self) -> str:
        """Return the query of the same sums with what they cost the customer: from cost, and from quantity."""
        names = ", ".join(f"u.{one}" for one in (*AMOUNTS, *COUNTS))
        return f"""
            SELECT u.buyer, h.account, u.class, m.currency, {names},
                v.per_cost * {_BASIS} AS from_cost, v.per_unit * u.quantity AS from_quantity
            FROM ({_SUMS}) u JOIN classes v USING (class)
            JOIN (SELECT DISTINCT bearer, account FROM held) h USING (bearer)
            JOIN (SELECT DISTINCT money, currency FROM kinds) m USING (money)"""

    def priced(self, usage: duckdb.DuckDBPyRelation, columns: Sequence[str]) -> str:
        """Return a query of single rows, priced: those of ``usage`` that are a buyer's.

        ``usage`` are lines, days or months of what the rollup sums up. Besides ``columns``: buyer, bearer, class,
        is_billed, kind, basis, per_cost, per_unit, ``from_cost`` (in the currency of the row), ``from_quantity`` (in
        ``unit_currency``, which is the book's, the row's where that has none) and ``seller_cost`` (in the currency of
        the row).
        """
        return _priced(self._selection.single(usage), columns)

    def priced_rollup(self, columns: Sequence[str]) -> str:
        """Return the same query of the month's usage as ``lines`` sums it up, whatever the number of its lines.

        Days are not among its columns: for those, ask for the days with ``priced``.
        """
        return " UNION ALL ".join(_priced(rows, columns) for rows in self._selection.rollup())

    def sources(self) -> dict[int, set[tuple[str, str]]]:
        """Return where the rows of each customer came from: (provider, source)."""
        found: dict[int, set[tuple[str, str]]] = {one: set() for one in self.buyers}
        rows = " UNION ".join(
            f"SELECT h.buyer, u.provider, u.source {rows}" for rows in self._selection.rollup()
        )
        for buyer, provider, source in self._connection.execute(rows).fetchall():
            found[buyer].add((provider, source))
        return found

    def keyed_sums(self, book: Book) -> Iterator[KeyedSum]:
        """Yield sums of what a book prices, by all that its rules and ``naming`` tell apart."""
        named = zip(("sku", "region", "usage_type"), self._profiles.naming_of(book), strict=True)
        texts = ", ".join(("n.service", *(f"n.{one}" if is_told else "''" for one, is_told in named)))
        cursor = self._connection.execute(
            f"""
            SELECT u.buyer, {texts}, m.currency, p.class, sum({_BASIS}), sum(u.quantity), sum(u.effective_cost),
                sum(u.billed_cost)
            FROM selected u {owned_by("u", "u")} {priced_as("u", "u")} JOIN classes v USING (class)
            JOIN (SELECT DISTINCT key, service, sku, region, usage_type FROM kinds) n ON n.key = u.key
            JOIN (SELECT DISTINCT money, currency FROM kinds) m ON m.money = u.money
            WHERE list_contains($1::INTEGER[], u.profile) GROUP BY ALL ORDER BY ALL""",
            [self._profiles.of_book(book)],
        )
        while rows := cursor.fetchmany(BATCH):
            for buyer, service, sku, region, usage_type, currency, number, *amounts in rows:
                key = PriceKey(service, sku, region, usage_type)
                yield KeyedSum(buyer, key, currency, self.classes[number].treatment, *amounts)

    def _line(
        self,
        bearer: str,
        number: int,
        currency: str,
        commitment_id: str,
        unit: str,
        quantity: Decimal,
        list_cost: Decimal,
        effective_cost: Decimal,
        billed_cost: Decimal,
        recurring_cost: Decimal,
        lines: int,
        lines_without_list: int,
    ) -> UsageLine:
        sample = self.classes[number].sample
        return UsageLine(
            provider=sample.provider,
            account=bearer,
            service=sample.service,
            quantity=quantity,
            currency=currency,
            list_cost=list_cost,
            effective_cost=effective_cost,
            billed_cost=billed_cost,
            sku=sample.sku,
            region=sample.region,
            usage_type=sample.usage_type,
            category=sample.category,
            is_spot=sample.is_spot,
            is_marketplace=sample.is_marketplace,
            commitment_id=commitment_id,
            commitment_kind=sample.commitment_kind,
            commitment_status=sample.commitment_status,
            recurring_cost=None if sample.recurring_cost is None else recurring_cost,
            is_carried=sample.is_carried,
            lines_without_list=int(lines_without_list),
            reference=Behind(number, int(lines), unit).written(),
        )


#: Sums of what was selected, in its numbers; ``measure`` is 0 where the rows have several units.
_SUMS = f"""
    SELECT s.buyer, s.bearer, p.class, s.money, min(s.commitment) AS commitment,
        CASE WHEN min(s.measure) = max(s.measure) THEN min(s.measure) ELSE 0 END AS measure,
        {", ".join(f"sum(s.{one}) AS {one}" for one in (*AMOUNTS, *COUNTS))}
    FROM selected s {owned_by("s", "s")} {priced_as("s", "s")}
    GROUP BY s.buyer, s.bearer, p.class, s.money, s.owner"""


def _priced(rows: str, columns: Sequence[str]) -> str:
    own = ", ".join(f"u.{one}" for one in columns)
    return f"""
        SELECT {own}, h.buyer, h.account AS bearer, p.class, v.is_billed, v.kind, {_BASIS} AS basis, v.per_cost,
            v.per_unit, v.per_cost * {_BASIS} AS from_cost, v.per_unit * u.quantity AS from_quantity,
            {_SELLER} AS seller_cost,
            CASE WHEN v.per_unit <> 0 THEN coalesce(nullif(v.book_currency, ''), u.currency) ELSE u.currency END
                AS unit_currency
        {rows} {owned_by("h", "c")} {priced_as("h", "k")} JOIN classes v USING (class)"""
