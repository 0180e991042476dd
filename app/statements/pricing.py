# ruff: noqa: S608  (every name in the queries is a constant of this module; values go in as parameters)
"""Prices the usage of a month for any set of customers, exactly and however many lines it had (docs/statements.md).

Neither half of a price depends on an amount: ``rating`` says once per distinct kind of row what it is priced on and
which rule wins, DuckDB applies the answer to all of them. Rows that are priced alike are summed, so what goes into a
statement is small; and the same answers price single lines, for exports and for "how was this computed".

No Flask and no database here: value objects and a DuckDB connection go in.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from app.rating.assignments import Account
from app.rating.commitments import (
    Owner,
    Ownership,
    ProviderTerms,
    PurchaseMode,
    StatementKind,
    bearing_account,
    owner_of,
    treat,
)
from app.rating.money import ZERO
from app.rating.months import Days, last_day
from app.rating.pricebook import Book, Coefficients, Naming, PriceKey, Resolver, choose_book, naming_of
from app.rating.pricing import seller_basis
from app.rating.usage import Basis, Category, CommitmentKind, CommitmentStatus, Treatment, UsageLine
from app.usage.store import literal

_ONE_DAY = datetime.timedelta(days=1)
#: How many values go to DuckDB in one statement.
_BATCH = 20_000
#: Of so many accounts and fewer, their rows alone are read.
_FEW = 500

Held = tuple[str, str]  # provider and account
#: A row of ``borne_elsewhere``: provider, account, category, commitment, its status, and the account that bears it.
Borne = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose usage is priced, and how: all that was agreed with one customer for the month.

    ``accounts``: each once; ``spans`` has the days of those that were the customer's more than once in the month.
    ``terms``: one per provider, none means the master.
    """

    id: int
    accounts: tuple[Account, ...]
    terms: tuple[ProviderTerms, ...] = ()
    mode: PurchaseMode = PurchaseMode.AMORTISED
    kind: StatementKind = StatementKind.USAGE
    spans: Mapping[Held, tuple[Days, ...]] = field(default_factory=dict)

    def days_of(self, account: Account) -> tuple[Days, ...]:
        return self.spans.get((account.provider, account.id), (account.days,))


@dataclass(frozen=True, slots=True)
class Behind:
    """What the ``reference`` of a line says: its class, how many lines it sums up, and their unit ("": several)."""

    number: int
    lines: int
    unit: str

    def written(self) -> str:
        return f"{self.number}:{self.lines}:{self.unit}"

    @classmethod
    def read(cls, reference: str) -> Behind:
        number, lines, unit = reference.split(":", 2)
        return cls(int(number), int(lines), unit)


def one_span(spans: Sequence[Days], month: datetime.date) -> Days:
    """Return one span of as many days of the month as several have together, from the first of them on."""
    if len(spans) == 1:
        return spans[0]
    whole = Days(month, last_day(month))
    parts = sorted(
        (one.together(whole) for one in spans if one.in_month(month)), key=lambda one: one.first or month
    )
    first = parts[0].first or month
    return Days(first, first + _ONE_DAY * (sum(one.in_month(month) for one in parts) - 1))


@dataclass(frozen=True, slots=True)
class PriceClass:
    """Rows that are priced alike: what they are, on which basis, and the two numbers of their price."""

    number: int
    sample: UsageLine
    treatment: Treatment
    coefficients: Coefficients
    book: Book
    seller_basis: Basis


@dataclass(frozen=True, slots=True)
class KeyedSum:
    """What a customer used of one thing that has one price, in one currency."""

    buyer: int
    key: PriceKey
    currency: str
    treatment: Treatment
    basis: Decimal
    quantity: Decimal
    effective_cost: Decimal
    billed_cost: Decimal


@dataclass(slots=True)
class _Profile:
    """A book and terms that any number of accounts share."""

    terms: ProviderTerms
    book: Book
    mode: PurchaseMode
    kind: StatementKind
    resolver: Resolver


#: What a commitment's owner and bearer depend on. The account of covered usage is not among it.
_COMMITMENT = {
    "provider": "u.provider",
    "looked_account": "CASE WHEN u.category = 'purchase' OR u.commitment_status <> 'used' THEN u.account ELSE '' END",
    "category": "u.category",
    "commitment_id": "u.commitment_id",
    "commitment_status": "u.commitment_status",
}
_IS_COMMITMENT = "(u.commitment_id <> '' OR u.commitment_status <> 'none')"
#: Commitments that somebody else may bear than the account they are written under.
_IS_BORNE = f"({_IS_COMMITMENT} AND u.commitment_status <> 'used')"
#: What a price depends on besides profile and ownership: columns of ``selected``.
_KEY = (
    "provider",
    "service",
    "sku_key",
    "region_key",
    "usage_type_key",
    "category",
    "pricing_category",
    "is_marketplace",
    "has_commitment",
    "commitment_kind",
    "commitment_status",
    "is_carried",
    "has_recurring",
)
_AMOUNTS = ("quantity", "list_cost", "effective_cost", "billed_cost", "recurring_cost")
#: Columns of the usage that ``selected`` has as they are.
_CARRIED = (
    "provider",
    "account",
    "service",
    "category",
    "pricing_category",
    "is_marketplace",
    "commitment_id",
    "commitment_kind",
    "commitment_status",
    "is_carried",
    "has_recurring",
    "currency",
    "unit",
    *_AMOUNTS,
)
_SELLER = """CASE k.seller_basis WHEN 'effective' THEN u.effective_cost WHEN 'billed' THEN u.billed_cost
    ELSE 0::DECIMAL(38,18) END"""
_BASIS = """CASE k.basis WHEN 'list' THEN u.list_cost WHEN 'effective' THEN u.effective_cost
    WHEN 'billed' THEN u.billed_cost WHEN 'recurring' THEN u.recurring_cost ELSE 0::DECIMAL(38,18) END"""


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
    names = ", ".join(f"{value} AS {name}" for name, value in _COMMITMENT.items())
    found = usage.set_alias("u").filter(_IS_BORNE).project(names).distinct().fetchall()
    rows = ((*row, bearing_account(_commitment_line(*row), purchases)) for row in sorted(found))
    return tuple(row for row in rows if row[-1] != row[1])


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
        self._naming = naming
        self._days = days
        self.purchases = purchases
        self.buyers = {one.id: one for one in buyers}
        self.classes: list[PriceClass] = []
        self._connection = connection
        self._profiles: list[_Profile] = []
        self._held = {(one.provider, one.id) for buyer in self.buyers.values() for one in buyer.accounts}
        self._own = {buyer.id: _accounts_by_provider(buyer.accounts) for buyer in self.buyers.values()}
        self._terms = {(buyer.id, one.provider): one for buyer in self.buyers.values() for one in buyer.terms}
        self._view("usage_months", months)
        self._partial: set[Held] = set()
        self._hold()
        if borne is None:
            self._find_bearers("usage_months")
        else:
            self._add("bearers", borne)
        self._select()
        self._find_owners()
        self._resolve()

    # -- what comes out ------------------------------------------------------------------------------------------------

    def lines(self) -> dict[int, tuple[UsageLine, ...]]:
        """Return what the statement of each customer is made of: sums of rows that are priced alike."""
        found: dict[int, list[UsageLine]] = {one: [] for one in self.buyers}
        cursor = self._connection.execute(f"{self.sums()} ORDER BY 1, 2, 3, 4, 5")
        while rows := cursor.fetchmany(_BATCH):
            for row in rows:
                found[row[0]].append(self._line(*row[1:]))
        return {buyer: tuple(lines) for buyer, lines in found.items()}

    def sums(self, more: str = "") -> str:
        """Return the query behind ``lines``; ``more`` are columns of one's own."""
        sums = ", ".join(f"sum(u.{one})" for one in _AMOUNTS)
        return f"""
            SELECT u.buyer, u.bearer, k.class, u.currency, min(u.commitment_id), {sums}, sum(u.lines_without_list),
                sum(u.lines), CASE WHEN min(u.unit) = max(u.unit) THEN min(u.unit) ELSE '' END {more}
            FROM selected u {self._joins()}
            GROUP BY u.buyer, u.bearer, k.class, u.currency, o.ownership, o.owner"""

    def prices(self) -> str:
        """Return the query of the same sums with what they cost the customer: from cost, and from quantity."""
        return self.sums(
            f", sum(k.per_cost * {_BASIS}) AS from_cost, sum(k.per_unit * u.quantity) AS from_quantity"
        )

    def priced(self, usage: duckdb.DuckDBPyRelation, columns: Sequence[str]) -> str:
        """Return a query of single rows, priced: those of ``usage`` (lines, days or months) that are a buyer's.

        Besides ``columns``: buyer, bearer, class, is_billed, kind, basis, per_cost, per_unit, ``from_cost`` (in the
        currency of the row), ``from_quantity`` (in ``unit_currency``, which is the book's, the row's where that has
        none) and ``seller_cost`` (in the currency of the row).
        """
        self._view("usage_lines", usage)
        self._find_bearers("usage_lines", adding=True)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP VIEW selected_lines AS {self._selection_of_lines()}"
        )
        self._find_owners("selected_lines", adding=True)
        return self._priced("selected_lines", columns)

    def priced_rollup(self, columns: Sequence[str]) -> str:
        """Return the same query of the month's usage as ``lines`` sums it up, whatever the number of its lines.

        Days are not among its columns: for those, ask for the days with ``priced``.
        """
        chosen = [self._selection("usage_months", "h.is_whole", "u.*")]
        if self._partial:
            chosen.append(self._selection("usage_days", self._on_the_day(), "u.* EXCLUDE (usage_date)"))
        rows = " UNION ALL BY NAME ".join(chosen)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW selected_rollup AS {rows}")
        return self._priced("selected_rollup", columns)

    def _priced(self, rows: str, columns: Sequence[str]) -> str:
        own = ", ".join(f"u.{one}" for one in columns)
        return f"""
            SELECT {own}, u.buyer, u.bearer, k.class, k.is_billed, k.kind, {_BASIS} AS basis, k.per_cost, k.per_unit,
                k.per_cost * {_BASIS} AS from_cost, k.per_unit * u.quantity AS from_quantity,
                {_SELLER} AS seller_cost,
                CASE WHEN k.per_unit <> 0 THEN coalesce(nullif(k.book_currency, ''), u.currency) ELSE u.currency END
                    AS unit_currency
            FROM {rows} u {self._joins()}"""

    def keyed_sums(self, book: Book) -> Iterator[KeyedSum]:
        """Yield sums of what a book prices, by all that its rules and ``naming`` tell apart."""
        keys = "u.buyer, u.service, u.sku_key, u.region_key, u.usage_type_key, u.currency, k.class"
        profiles = [number for number, one in enumerate(self._profiles) if one.book.id == book.id]
        cursor = self._connection.execute(
            f"""
            SELECT {keys}, sum({_BASIS}), sum(u.quantity), sum(u.effective_cost), sum(u.billed_cost)
            FROM selected u {self._joins()}
            WHERE list_contains($1::INTEGER[], u.profile) GROUP BY {keys} ORDER BY {keys}""",
            [profiles],
        )
        while rows := cursor.fetchmany(_BATCH):
            for buyer, service, sku, region, usage_type, currency, number, *amounts in rows:
                key = PriceKey(service, sku, region, usage_type)
                yield KeyedSum(buyer, key, currency, self.classes[number].treatment, *amounts)

    def _line(
        self,
        bearer: str,
        number: int,
        currency: str,
        commitment_id: str,
        quantity: Decimal,
        list_cost: Decimal,
        effective_cost: Decimal,
        billed_cost: Decimal,
        recurring_cost: Decimal,
        lines_without_list: int,
        lines: int,
        unit: str,
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

    # -- how -----------------------------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Write down which accounts are whose on which days, and by which profile they are priced."""
        interned: dict[tuple[Any, ...], int] = {}
        resolvers: dict[int, Resolver] = {}
        held: list[tuple[Any, ...]] = []
        times: dict[Held, int] = {}
        for buyer in self.buyers.values():
            for account in buyer.accounts:
                terms = self._terms.get((buyer.id, account.provider)) or ProviderTerms(account.provider)
                book, _ = choose_book(account.book, terms.book)
                name = (id(book), *_switches(terms), buyer.mode, buyer.kind)
                if name not in interned:
                    interned[name] = len(self._profiles)
                    resolver = resolvers.setdefault(id(book), Resolver(book, self.month))
                    self._profiles.append(_Profile(terms, book, buyer.mode, buyer.kind, resolver))
                for span in buyer.days_of(account):
                    times[account.provider, account.id] = times.get((account.provider, account.id), 0) + 1
                    held.append((buyer.id, account.provider, account.id, interned[name], *self._within(span)))
        last = last_day(self.month)
        rows = [
            (*one, one[4] == self.month and one[5] == last and times[one[1], one[2]] == 1) for one in held
        ]
        self._partial = {(one[1], one[2]) for one in rows if not one[-1]}
        self._fill(
            "held",
            {
                "buyer": "BIGINT",
                "provider": "VARCHAR",
                "account": "VARCHAR",
                "profile": "INTEGER",
                "first_day": "DATE",
                "last_day": "DATE",
                "is_whole": "BOOLEAN",
            },
            rows,
        )
        names = [
            tuple(map(operator.or_, naming_of(one.book, self.month), self._naming)) for one in self._profiles
        ]
        self._fill(
            "profiles",
            {
                "profile": "INTEGER",
                "names_sku": "BOOLEAN",
                "names_region": "BOOLEAN",
                "names_type": "BOOLEAN",
            },
            [(number, *one) for number, one in enumerate(names)],
        )
        self._fill("bearers", {**dict.fromkeys(_COMMITMENT, "VARCHAR"), "bearer": "VARCHAR"}, [])
        self._fill(
            "owners",
            {
                "buyer": "BIGINT",
                **dict.fromkeys(_COMMITMENT, "VARCHAR"),
                "ownership": "VARCHAR",
                "owner": "VARCHAR",
            },
            [],
        )

    def _within(self, span: Days) -> tuple[datetime.date, datetime.date]:
        within = span.together(Days(self.month, last_day(self.month)))
        return within.first or self.month, within.last or last_day(self.month)

    def _find_bearers(self, usage: str, *, adding: bool = False) -> None:
        """Ask once per commitment and kind of row whose statement it belongs to; what is used stays where it is."""
        names = ", ".join(f"{value} AS {name}" for name, value in _COMMITMENT.items())
        query = f"SELECT DISTINCT {names} FROM {usage} u WHERE {_IS_BORNE}"
        if adding:
            query += f" EXCEPT SELECT {', '.join(_COMMITMENT)} FROM bearers"
        found = self._connection.execute(query).fetchall()
        self._add(
            "bearers",
            [(*row, bearing_account(_commitment_line(*row), self.purchases)) for row in sorted(found)],
        )

    def _select(self) -> None:
        """Choose the rows: those of whole accounts from the months, those of others from the days."""
        chosen = [self._selection(self._read("usage_months"), "h.is_whole")]
        if self._partial:
            self._view("usage_days", self._days)
            chosen.append(self._selection(self._read("usage_days", self._partial), self._on_the_day()))
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE selected AS {' UNION ALL '.join(chosen)}")

    def _read(self, usage: str, held: Collection[Held] | None = None) -> str:
        """Return where rows are read from. Of few accounts no others are read: whatever a month holds, it is quick.

        What belongs to an account is written under it, or is a commitment that it bears.
        """
        names = {one for _, one in (self._held if held is None else held)}
        if len(names) > _FEW:
            return usage
        bearing = sorted(names)
        borne = self._connection.execute(
            "SELECT DISTINCT looked_account FROM bearers WHERE list_contains($1::VARCHAR[], bearer)",
            [bearing],
        ).fetchall()
        named = ", ".join(literal(one) for one in sorted({"", *names, *(row[0] for row in borne)}))
        return f"(SELECT * FROM {usage} WHERE account IN ({named}))"

    def _on_the_day(self) -> str:
        """Say when a row is of a day on which the account was held; a day outside the month is its nearest one.

        Corrections of earlier months are whose the account was on the first of this one.
        """
        first, last = self.month.isoformat(), last_day(self.month).isoformat()
        day = f"greatest(least(u.usage_date, DATE '{last}'), DATE '{first}')"
        return f"NOT h.is_whole AND {day} BETWEEN h.first_day AND h.last_day"

    def _selection_of_lines(self) -> str:
        on_the_day = self._on_the_day()
        return self._selection("usage_lines", f"(h.is_whole OR ({on_the_day}))", "u.*")

    @staticmethod
    def _selection(usage: str, condition: str, columns: str = "") -> str:
        own = columns or ", ".join(f"u.{one}" for one in (*_CARRIED, "lines", "lines_without_list"))
        same = " AND ".join(f"b.{name} = {value}" for name, value in _COMMITMENT.items())
        return f"""
            SELECT {own}, h.buyer, h.profile, h.account AS bearer,
                {_COMMITMENT["looked_account"]} AS looked_account, u.commitment_id <> '' AS has_commitment,
                {_IS_COMMITMENT} AS is_commitment,
                CASE WHEN p.names_sku THEN u.sku ELSE '' END AS sku_key,
                CASE WHEN p.names_region THEN u.region ELSE '' END AS region_key,
                CASE WHEN p.names_type THEN u.usage_type ELSE '' END AS usage_type_key
            FROM {usage} u
            LEFT JOIN bearers b ON {_IS_BORNE} AND {same}
            JOIN held h ON h.provider = u.provider AND h.account = coalesce(nullif(b.bearer, ''), u.account)
                AND {condition}
            JOIN profiles p ON p.profile = h.profile"""

    def _find_owners(self, selected: str = "selected", *, adding: bool = False) -> None:
        """Ask once per customer and commitment whose it is."""
        names = ", ".join(_COMMITMENT)
        query = f"SELECT DISTINCT buyer, {names} FROM {selected} WHERE is_commitment"
        if adding:
            query += f" EXCEPT SELECT buyer, {names} FROM owners"
        rows = []
        lines: dict[tuple[str, ...], UsageLine] = {}
        for buyer, *row in sorted(self._connection.execute(query).fetchall()):
            name = tuple(row)
            line = lines.get(name) or lines.setdefault(name, _commitment_line(*row))
            terms = self._terms.get((buyer, line.provider)) or ProviderTerms(line.provider)
            owner = owner_of(line, terms, self._own[buyer].get(line.provider, frozenset()), self.purchases)
            rows.append((buyer, *row, owner.ownership.value, owner.account))
        self._add("owners", rows)

    def _resolve(self) -> None:
        """Ask once per kind of row what it is priced on and which rule wins."""
        keys = ", ".join(f"u.{one}" for one in _KEY)
        query = f"SELECT DISTINCT u.profile, coalesce(o.ownership, ''), {keys} FROM selected u {_OWNERS} ORDER BY ALL"
        numbers: dict[tuple[Any, ...], int] = {}
        treated: dict[tuple[Any, ...], tuple[int, Treatment]] = {}
        rows = []
        for row in self._connection.execute(query).fetchall():
            profile_number, ownership, *key = row
            profile = self._profiles[profile_number]
            line = _sample(*key)
            # What is done to a row depends on everything but what a rule can name.
            kind = (profile_number, ownership, *key[:1], *key[5:])
            if kind not in treated:
                owner = Owner(Ownership(ownership), None) if ownership else _NOBODY
                treated[kind] = (
                    len(treated),
                    treat(line, owner, profile.terms, profile.mode, profile.kind),
                )
            place, treatment = treated[kind]
            coefficients = profile.resolver.coefficients(line.key, treatment.scope)
            name = (
                place,
                line.service,
                coefficients.rule.id if coefficients.rule else None,
                coefficients.is_whole,
            )
            number = numbers.setdefault(name, len(numbers))
            if number == len(self.classes):
                basis = seller_basis(treatment, profile.terms)
                self.classes.append(PriceClass(number, line, treatment, coefficients, profile.book, basis))
            rows.append((*row, number))
        self._fill(
            "keys",
            {"profile": "INTEGER", "ownership": "VARCHAR", **_KEY_COLUMNS, "class": "INTEGER"},
            rows,
        )
        self._fill(
            "classes",
            {
                "class": "INTEGER",
                "is_billed": "BOOLEAN",
                "kind": "VARCHAR",
                "basis": "VARCHAR",
                "per_cost": "DECIMAL(9,6)",
                "per_unit": "DECIMAL(18,10)",
                "seller_basis": "VARCHAR",
                "book_currency": "VARCHAR",
            },
            [
                (
                    one.number,
                    one.treatment.is_billed,
                    one.treatment.kind.value,
                    one.treatment.basis.value,
                    one.coefficients.per_cost if one.treatment.is_billed else ZERO,
                    one.coefficients.per_unit if one.treatment.is_billed else ZERO,
                    one.seller_basis.value,
                    one.book.currency or "",
                )
                for one in self.classes
            ],
        )
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE priced_keys AS SELECT * FROM keys JOIN classes USING (class)"
        )

    def _view(self, name: str, usage: duckdb.DuckDBPyRelation) -> None:
        """Name rows for this connection alone: others may share its database."""
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {usage.sql_query()}")

    @staticmethod
    def _joins() -> str:
        same = " AND ".join(f"k.{one} = u.{one}" for one in _KEY)
        return f"""{_OWNERS}
            JOIN priced_keys k ON k.profile = u.profile AND k.ownership = coalesce(o.ownership, '') AND {same}"""

    def _fill(self, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
        names = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({names})")
        self._add(table, rows)

    def _add(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Hand rows over column by column, as texts, which is by far the fastest way in."""
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            columns = [[_text(value) for value in column] for column in zip(*some, strict=True)]
            values = ", ".join(f"unnest(${place}::VARCHAR[])" for place in range(1, len(columns) + 1))
            self._connection.execute(f"INSERT INTO {table} SELECT {values}", columns)


_KEY_COLUMNS = {one: "BOOLEAN" if one.startswith(("is_", "has_")) else "VARCHAR" for one in _KEY}
_OWNERS = "LEFT JOIN owners o ON u.is_commitment AND o.buyer = u.buyer AND " + " AND ".join(
    f"o.{one} = u.{one}" for one in _COMMITMENT
)
_NOBODY = Owner(Ownership.UNKNOWN, None)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _accounts_by_provider(accounts: Iterable[Account]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in accounts:
        found.setdefault(one.provider, set()).add(one.id)
    return {provider: frozenset(ids) for provider, ids in found.items()}


def _switches(terms: ProviderTerms) -> tuple[Any, ...]:
    """What of the terms a treatment depends on, and what the reseller's own cost is."""
    return (
        terms.provider,
        terms.passes_reserved,
        terms.passes_savings_plans,
        terms.passes_credits,
        terms.includes_marketplace,
        terms.seller_cost,
    )


def _commitment_line(
    provider: str, account: str, category: str, commitment_id: str, commitment_status: str
) -> UsageLine:
    """A row that says no more than whose commitment it is about."""
    return UsageLine(
        provider=provider,
        account=account,
        service="",
        quantity=ZERO,
        currency="XXX",
        list_cost=ZERO,
        effective_cost=ZERO,
        billed_cost=ZERO,
        category=Category(category),
        commitment_id=commitment_id,
        commitment_status=CommitmentStatus(commitment_status),
    )


def _sample(
    provider: str,
    service: str,
    sku: str,
    region: str,
    usage_type: str,
    category: str,
    pricing_category: str,
    is_marketplace: bool,
    has_commitment: bool,
    commitment_kind: str,
    commitment_status: str,
    is_carried: bool,
    has_recurring: bool,
) -> UsageLine:
    """A row that stands for all of its kind: its amounts are 0, and whether they are known is as in all of them."""
    return UsageLine(
        provider=provider,
        account="",
        service=service,
        quantity=ZERO,
        currency="XXX",
        list_cost=ZERO,
        effective_cost=ZERO,
        billed_cost=ZERO,
        sku=sku,
        region=region,
        usage_type=usage_type,
        category=Category(category),
        is_spot=pricing_category == "dynamic",
        is_marketplace=is_marketplace,
        commitment_id="?" if has_commitment else "",
        commitment_kind=CommitmentKind(commitment_kind or CommitmentKind.RESERVED),
        commitment_status=CommitmentStatus(commitment_status),
        recurring_cost=ZERO if has_recurring else None,
        is_carried=is_carried,
    )
