# ruff: noqa: S608  (every name in the queries is a constant of this package)
"""What each kind of row is priced on and which rule wins: ``rating`` is asked once for each."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from app.rating.assignments import Account
from app.rating.commitments import (
    Owner,
    Ownership,
    ProviderTerms,
    PurchaseMode,
    StatementKind,
    owner_seen_from,
    treat,
)
from app.rating.money import ZERO
from app.rating.pricebook import Book, Naming, Resolver, choose_book, naming_of
from app.rating.pricing import seller_basis
from app.rating.usage import Category, CommitmentKind, CommitmentStatus, Treatment, UsageLine
from app.statements.pricing.commitments import Commitments
from app.statements.pricing.tables import fill
from app.statements.pricing.values import NO_CURRENCY, Buyer, Held, PriceClass

#: By their number in ``owned`` and ``prices``; 0 is a row without a commitment.
_OWNERSHIPS: tuple[Ownership | None, ...] = (None, *Ownership)
_NUMBERS = {one: number for number, one in enumerate(_OWNERSHIPS)}
_NOBODY = Owner(Ownership.UNKNOWN, None)


def owned_by(row: str, owner: str) -> str:
    """Return the JOIN that says whose a row's commitment is: ``row`` has the buyer, ``owner`` the owner's number."""
    return f"LEFT JOIN owned o ON o.buyer = {row}.buyer AND o.owner = {owner}.owner"


def priced_as(row: str, kind: str) -> str:
    """Return the JOIN to the class of a row: ``row`` has the profile, ``kind`` the key; ``owned_by`` comes before."""
    return (
        f"JOIN prices p ON p.profile = {row}.profile AND p.ownership = coalesce(o.ownership, 0)"
        f" AND p.key = {kind}.key"
    )


@dataclass(slots=True)
class _Profile:
    """A book and terms that any number of accounts share."""

    terms: ProviderTerms
    book: Book
    mode: PurchaseMode
    kind: StatementKind
    resolver: Resolver
    naming: Naming


class Profiles:
    """By which book and terms each account of each buyer is priced.

    ``told``: what is told apart although no rule does.
    """

    def __init__(self, month: datetime.date, buyers: Iterable[Buyer], told: Naming) -> None:
        self._month = month
        self._told = told
        self._all: list[_Profile] = []
        self._books: dict[int, tuple[Resolver, Naming]] = {}
        self.by_account: dict[tuple[int, Held], int] = {}
        numbers: dict[tuple[Any, ...], int] = {}
        for buyer in buyers:
            by_provider = {one.provider: one for one in buyer.terms}
            for account in buyer.accounts:
                terms = by_provider.get(account.provider) or ProviderTerms(account.provider)
                book, _ = choose_book(account.book, terms.book)
                name = (id(book), *_switches(terms), buyer.mode, buyer.kind)
                number = numbers.setdefault(name, len(numbers))
                if number == len(self._all):
                    self._all.append(_Profile(terms, book, buyer.mode, buyer.kind, *self._ready(book)))
                self.by_account[buyer.id, (account.provider, account.id)] = number

    def __getitem__(self, number: int) -> _Profile:
        return self._all[number]

    @property
    def naming(self) -> Naming:
        """What any of them tells apart."""
        found = self._told
        for one in self._all:
            found = _either(found, one.naming)
        return found

    def naming_of(self, book: Book) -> Naming:
        """What one book tells apart."""
        return self._ready(book)[1]

    def of_book(self, book: Book) -> list[int]:
        """Return the numbers of those with a book."""
        return [number for number, one in enumerate(self._all) if one.book.id == book.id]

    def _ready(self, book: Book) -> tuple[Resolver, Naming]:
        if id(book) not in self._books:
            naming = _either(naming_of(book, self._month), self._told)
            self._books[id(book)] = Resolver(book, self._month), naming
        return self._books[id(book)]


class Prices:
    """What everything that was selected is priced by: the tables ``owned``, ``prices`` and ``classes``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        profiles: Profiles,
        keys: Mapping[int, tuple[Any, ...]],
    ) -> None:
        self.classes: list[PriceClass] = []
        self._connection = connection
        self._profiles = profiles
        self._keys = keys

    def find(self, buyers: Mapping[int, Buyer], commitments: Commitments) -> None:
        """Make the tables."""
        self._find_owners(buyers, commitments)
        self._resolve()

    def _find_owners(self, buyers: Mapping[int, Buyer], commitments: Commitments) -> None:
        """Ask once per customer and owner of commitments whose they are."""
        terms = {(buyer.id, one.provider): one for buyer in buyers.values() for one in buyer.terms}
        own: dict[int, dict[str, frozenset[str]]] = {}
        query = "SELECT DISTINCT buyer, owner FROM selected WHERE owner IS NOT NULL ORDER BY ALL"
        rows = []
        for buyer, number in self._connection.execute(query).fetchall():
            provider, account = commitments.owners[number]
            if buyer not in own:
                own[buyer] = _accounts_by_provider(buyers[buyer].accounts)
            holds = terms.get((buyer, provider)) or ProviderTerms(provider)
            found = owner_seen_from(account, holds, own[buyer].get(provider, frozenset()))
            rows.append((buyer, number, _NUMBERS[found.ownership]))
        columns = {"buyer": "BIGINT", "owner": "INTEGER", "ownership": "INTEGER"}
        fill(self._connection, "owned", columns, rows)

    def _resolve(self) -> None:
        """Ask once per kind of row what it is priced on and which rule wins."""
        query = (
            "SELECT DISTINCT s.profile, coalesce(o.ownership, 0), s.key"
            f" FROM selected s {owned_by('s', 's')} ORDER BY ALL"
        )
        found = self._connection.execute(query).fetchall()
        classes = _Classes(self._profiles, self._keys)
        rows = [(*row, classes.number(*row)) for row in found]
        self.classes = classes.found
        columns = dict.fromkeys(("profile", "ownership", "key", "class"), "INTEGER")
        fill(self._connection, "prices", columns, rows)
        fill(
            self._connection,
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


class _Classes:
    """Kinds of rows that are priced alike, as they are met."""

    def __init__(self, profiles: Profiles, keys: Mapping[int, tuple[Any, ...]]) -> None:
        self.found: list[PriceClass] = []
        self._profiles = profiles
        self._keys = keys
        self._samples: dict[tuple[int, Naming], UsageLine] = {}
        self._treated: dict[tuple[Any, ...], tuple[int, Treatment]] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}

    def number(self, profile_number: int, ownership: int, key: int) -> int:
        """Return the number of the class of a kind of row."""
        profile = self._profiles[profile_number]
        line = self._sample(key, profile.naming)
        place, treatment = self._treatment(profile_number, ownership, key, line)
        coefficients = profile.resolver.coefficients(line.key, treatment.scope)
        rule = coefficients.rule.id if coefficients.rule else None
        name = (place, line.service, rule, coefficients.is_whole)
        number = self._numbers.setdefault(name, len(self.found))
        if number == len(self.found):
            basis = seller_basis(treatment, profile.terms)
            self.found.append(PriceClass(number, line, treatment, coefficients, profile.book, basis))
        return number

    def _treatment(
        self, profile_number: int, ownership: int, key: int, line: UsageLine
    ) -> tuple[int, Treatment]:
        """Return what is done to a row, numbered: it depends on everything but what a rule can name."""
        provider, _, _, _, _, *rest = self._keys[key]
        name = (profile_number, ownership, provider, *rest)
        if name not in self._treated:
            whose = _OWNERSHIPS[ownership]
            owner = _NOBODY if whose is None else Owner(whose, None)
            profile = self._profiles[profile_number]
            done = treat(line, owner, profile.terms, profile.mode, profile.kind)
            self._treated[name] = len(self._treated), done
        return self._treated[name]

    def _sample(self, key: int, naming: Naming) -> UsageLine:
        """Return a row that stands for all of a kind: of what the book does not name, it says nothing."""
        if (key, naming) not in self._samples:
            self._samples[key, naming] = _sample(*self._keys[key], naming=naming)
        return self._samples[key, naming]


def _either(one: Naming, other: Naming) -> Naming:
    return one[0] or other[0], one[1] or other[1], one[2] or other[2]


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
    *,
    naming: Naming,
) -> UsageLine:
    """Return a row of amounts that are 0; whether they are known is as in all of its kind."""
    return UsageLine(
        provider=provider,
        account="",
        service=service,
        quantity=ZERO,
        currency=NO_CURRENCY,
        list_cost=ZERO,
        effective_cost=ZERO,
        billed_cost=ZERO,
        sku=sku if naming[0] else "",
        region=region if naming[1] else "",
        usage_type=usage_type if naming[2] else "",
        category=Category(category),
        is_spot=pricing_category == "dynamic",
        is_marketplace=is_marketplace,
        commitment_id="?" if has_commitment else "",
        commitment_kind=CommitmentKind(commitment_kind or CommitmentKind.RESERVED),
        commitment_status=CommitmentStatus(commitment_status),
        recurring_cost=ZERO if has_recurring else None,
        is_carried=is_carried,
    )
