"""Pricing a month beside bare DuckDB: the same Parquet files, the same keys, the same run.

    python -m bench.pricing [--lines 10000000] [--customers 1000] [--rounds 3] [--what-if-only]

Invented FOCUS usage (app/usage/generator.py, fixed seed, about 120,000 distinct keys a month) is made once and kept in
the system's temporary folder. Measured is CPU time of this process, user and system, because other work on the machine
does not change it; the wall clock stands beside it. Bare DuckDB computes five sums by the keys of the rollup. Ours, in
turns with it: rollup and prices for all customers, and prices again from a stored rollup; then one customer's what-if.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import duckdb

from app.pricebooks.dry_run import PricedSum, compare
from app.rating.assignments import Account
from app.rating.commitments import ProviderTerms
from app.rating.exchange import ExchangeRate
from app.rating.pricebook import Book, PriceRule, RuleKind, RuleScope, naming_of
from app.rating.statement import StatementInput, rate_statement
from app.rating.usage import UsageLine
from app.statements.pricing import Buyer, MonthPricing, borne_elsewhere, purchase_accounts
from app.usage import generator
from app.usage.catalogue import ITEMS
from app.usage.columns import KEY_NAMES
from app.usage.rollup import months_of_lines, write_rollups
from app.usage.store import Level, PartFiles, Store

SEED, MONTH, KEYS, RULES = 20261, date(2026, 10, 1), 60, 500
SUMS = ("quantity", "list_cost", "contracted_cost", "effective_cost", "billed_cost")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one measurement: of the processors, and of the clock on the wall."""

    cpu: float
    wall: float


def spent(work: Callable[[], object]) -> Spent:
    """Return what a piece of work takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Spent(time.process_time() - cpu, time.perf_counter() - wall)


class Month:
    """A stored month, and who buys it at which prices."""

    def __init__(self, lines: int, customers: int) -> None:
        self.folder = Path(tempfile.gettempdir()) / "cloudtally-bench" / f"usage-{SEED}-{lines}-{customers}"
        self.store = Store(self.folder)
        self.accounts = generator.invent_accounts(SEED, customers)
        self.bill = generator.Bill(SEED, MONTH, tuple(self.accounts), lines, keys=KEYS)
        self.parts = [PartFiles(1, name, "all", MONTH, "v1") for name in self.bill.providers]
        self.buyers = self._buyers(customers)

    def make(self) -> None:
        """Make what is missing of it."""
        for part in self.parts:
            if self.store.holds(part):
                continue
            print(f"Making the usage of {part.provider} ...", flush=True)
            with self.store.connect() as connection, self.store.work_folder() as work:
                (work / "part").mkdir()
                generator.write_lines(
                    connection, self.bill, work / "part" / "lines.parquet", provider=part.provider
                )
                write_rollups(connection, work / "part")
                self.store.take_in(work / "part", part)

    def open(self, level: Level, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """Return the rows of a level."""
        return self.store.open(self.parts, level, connection)

    def _buyers(self, customers: int) -> list[Buyer]:
        books = {name: [self._book(name, number) for number in range(5)] for name in self.bill.providers}
        found = []
        for number in range(customers):
            own = self.accounts[number * 2 : number * 2 + 2]
            accounts = tuple(Account(one.provider, one.account) for one in own)
            terms = tuple(
                ProviderTerms(one, books[one][number % 5], passes_reserved=number % 2 == 0)
                for one in dict.fromkeys(account.provider for account in own)
            )
            found.append(Buyer(number + 1, accounts, terms))
        return found

    @staticmethod
    def _book(provider: str, number: int) -> Book:
        """A book with 500 rules: on services, on usage types and on what begins like them."""
        items = ITEMS[provider]
        rules = []
        for place in range(RULES):
            item = items[place % len(items)]
            by_type = place % 3 != 0
            kind = (RuleKind.PERCENT, RuleKind.DELTA, RuleKind.PERCENT)[place % 3]
            value = Decimal(place % 40 - 20) if kind is RuleKind.PERCENT else Decimal("0.0001")
            usage_type = (item.usage_type[:-1] + "*" if place % 2 else item.usage_type) if by_type else ""
            rules.append(PriceRule(place + 1, place + 1, kind, value, item.service, usage_type=usage_type))
        return Book(number + 1, Decimal(number), tuple(rules))


def bare(month: Month, connection: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB compute the five sums by the keys of the rollup."""
    sums = ", ".join(f"sum({one}) AS {one}" for one in SUMS)
    names = ", ".join(KEY_NAMES)
    month.open("lines", connection).create_view("bare_lines", replace=True)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE bare AS SELECT {names}, {sums} FROM bare_lines GROUP BY {names}"  # noqa: S608
    )


def rollup_and_price(month: Month, connection: duckdb.DuckDBPyConnection) -> None:
    """Sum the lines by the keys of the rollup, then price them for all customers."""
    selects = " UNION ALL ".join(
        f"SELECT '{one.provider}' AS provider, 'all' AS source, DATE '{MONTH}' AS month, * FROM"  # noqa: S608
        f" ({months_of_lines(f'''read_parquet('{month.store.path(one, 'lines')}')''')})"
        for one in month.parts
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE rolled AS {selects}")
    price(month, connection, connection.table("rolled"))


def price(
    month: Month, connection: duckdb.DuckDBPyConnection, rolled: duckdb.DuckDBPyRelation | None = None
) -> None:
    """Price the rollup for all customers; like the bare sums, what comes out stays in DuckDB."""
    pricing = _pricing(month, connection, rolled)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE priced AS {pricing.prices()}")


def hand_over(month: Month, connection: duckdb.DuckDBPyConnection) -> None:
    """Price the rollup and hand over what the statements are made of."""
    _pricing(month, connection).lines()


def _pricing(
    month: Month, connection: duckdb.DuckDBPyConnection, rolled: duckdb.DuckDBPyRelation | None = None
) -> MonthPricing:
    months = month.open("months", connection) if rolled is None else rolled
    return MonthPricing(
        connection,
        MONTH,
        month.buyers,
        months=months,
        days=month.open("days", connection),
        purchases=purchase_accounts(months),
    )


class WhatIf:
    """One customer's page: what was asked for before is kept, as the product does."""

    rates = (ExchangeRate("EUR", "USD", Decimal("1.08")),)

    def __init__(self, month: Month, whole: duckdb.DuckDBPyConnection, buyer: Buyer) -> None:
        self.month, self.whole, self.buyer = month, whole, buyer
        self.purchases = purchase_accounts(month.open("months", whole))
        self.borne = borne_elsewhere(month.open("months", whole), self.purchases)
        self.lines = self.read(buyer)

    def read(self, buyer: Buyer) -> tuple[UsageLine, ...]:
        """Price what the customer used."""
        providers = {one.provider for one in buyer.accounts}
        parts = [one for one in self.month.parts if one.provider in providers]
        store = self.month.store
        with self.whole.cursor() as connection:
            pricing = MonthPricing(
                connection,
                MONTH,
                [buyer],
                months=store.open(parts, "months", connection),
                days=store.open(parts, "days", connection),
                purchases=self.purchases,
                borne=self.borne,
            )
            return pricing.lines()[buyer.id]

    def rate(self, buyer: Buyer, lines: tuple[UsageLine, ...], percent: int) -> None:
        """Compute the statement."""
        rate_statement(
            StatementInput(
                MONTH,
                "USD",
                buyer.accounts,
                lines,
                buyer.terms,
                adjustment_percent=Decimal(percent),
                exchange_rates=self.rates,
            )
        )

    def discount(self) -> None:
        """Move the slider: both statements from what is kept."""
        self.rate(self.buyer, self.lines, 5)
        self.rate(self.buyer, self.lines, 6)

    def pricebook(self) -> None:
        """Choose a book that was not asked for before: the month is read anew for it."""
        terms = (replace(one, book=replace(one.book, id=99)) for one in self.buyer.terms if one.book)
        other = replace(self.buyer, terms=tuple(terms))
        self.rate(self.buyer, self.lines, 5)
        self.rate(other, self.read(other), 5)


def try_book(month: Month, connection: duckdb.DuckDBPyConnection) -> None:
    """Try another percentage of a book that prices all customers of a provider."""
    before = month.buyers[0].terms[0].book
    if before is None:
        raise RuntimeError("the first customer has a book")
    after = replace(before, percent=before.percent + 1)
    provider = month.buyers[0].terms[0].provider
    buyers = [
        replace(one, terms=tuple(replace(terms, book=before) for terms in one.terms), accounts=own)
        for one in month.buyers
        if (own := tuple(account for account in one.accounts if account.provider == provider))
    ]
    months = month.open("months", connection)
    pricing = MonthPricing(
        connection,
        MONTH,
        buyers,
        months=months,
        days=month.open("days", connection),
        purchases=purchase_accounts(months),
        naming=naming_of(before, MONTH),
    )
    sums = (
        PricedSum(
            one.buyer,
            str(one.buyer),
            one.key,
            one.basis if one.treatment.is_billed else Decimal(0),
            one.quantity,
            one.effective_cost,
            one.currency,
            one.treatment.scope if one.treatment.is_billed else RuleScope.NONE,
        )
        for one in pricing.keyed_sums(before)
    )
    compare(sums, before, after, MONTH)


def what_ifs(month: Month, times: int) -> dict[str, list[Spent]]:
    """Measure the what-if of some customers."""
    found: dict[str, list[Spent]] = {"what-if, discount": [], "what-if, pricebook": []}
    with month.store.connect() as whole:
        for turn in range(times):
            one = WhatIf(month, whole, month.buyers[turn * 7 % len(month.buyers)])
            found["what-if, discount"].append(spent(one.discount))
            found["what-if, pricebook"].append(spent(one.pricebook))
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        prog="python -m bench.pricing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--lines", type=int, default=10_000_000)
    options.add_argument("--customers", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--what-if-only", action="store_true")
    chosen = options.parse_args()
    month = Month(chosen.lines, chosen.customers)
    month.make()
    with month.store.connect() as connection:
        [[lines]] = month.open("lines", connection).aggregate("count(*)").fetchall()
        [[keys]] = month.open("months", connection).aggregate("count(*)").fetchall()
    print(
        f"{lines:,} lines, {keys:,} keys, {chosen.customers:,} customers, {RULES} rules in each of 15 books"
    )
    measured: dict[str, list[Spent]] = {}
    works: dict[str, Callable[[Month, duckdb.DuckDBPyConnection], object]] = {
        "five sums, bare": bare,
        "rollup and prices": rollup_and_price,
        "prices again": price,
        "statements' lines": hand_over,
        "a book tried": try_book,
    }
    for _round in range(0 if chosen.what_if_only else chosen.rounds):
        for name, work in works.items():
            with month.store.connect() as connection:
                found = spent(partial(work, month, connection))
            measured.setdefault(name, []).append(found)
    measured |= what_ifs(month, 9)
    _report(measured)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"peak memory {peak / 1e6:.0f} MB")


def _report(measured: dict[str, list[Spent]]) -> None:
    print(f"\n{'':<20}{'CPU':>11}{'wall':>11}{'ratio':>8}")
    base = measured.get("five sums, bare")
    for name, some in measured.items():
        cpu, wall = (statistics.median(getattr(one, clock) for one in some) for clock in ("cpu", "wall"))
        unit, factor = ("ms", 1000) if cpu < 1 else ("s ", 1)
        ratio = ""
        if base and len(base) == len(some) and base is not some:
            ratio = f"{statistics.median(a.cpu / b.cpu for a, b in zip(some, base, strict=True)):.2f}"
        print(f"{name:<20}{cpu * factor:>8.1f} {unit}{wall * factor:>8.1f} {unit}{ratio:>8}")


if __name__ == "__main__":
    main()
