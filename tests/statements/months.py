"""Generated months: single lines of every kind, the rollups of them, and what is agreed with some customers."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb

from app.rating.assignments import Account
from app.rating.commitments import ProviderTerms, PurchaseMode, SellerCost, StatementKind, bearing_account
from app.rating.exchange import ExchangeRate
from app.rating.months import Days
from app.rating.pricebook import Book, MatchMode, PriceRule, RuleKind
from app.rating.usage import Category, CommitmentKind, CommitmentStatus, UsageLine
from app.statements.pricing import Buyer

MONTH = datetime.date(2026, 10, 1)
PAYER = "999999999999"
ACCOUNTS = tuple(f"{number:012d}" for number in range(1, 13))
SERVICES, SKUS, REGIONS = ("EC2", "S3", "RDS"), ("", "A", "B", "C"), ("", "eu", "us")
TYPES = ("", "Box", "Box:large", "Data", "Requests")
PURCHASES = {"order-1": ACCOUNTS[0], "order-2": ACCOUNTS[5]}
RATES = (ExchangeRate("EUR", "USD", Decimal("1.0834")),)

_START = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC).replace(tzinfo=None)

_TEXT = {
    **dict.fromkeys(("account", "account_name", "service", "service_category", "sku", "region"), ""),
    **dict.fromkeys(("usage_type", "operation", "description", "resource_id", "resource_name"), ""),
    **dict.fromkeys(("commitment_id", "commitment_kind", "line_type"), ""),
    **dict.fromkeys(("is_correction", "is_marketplace", "is_carried", "has_recurring"), False),
    "provider": "aws",
    "source": "main",
    "payer": PAYER,
    "usage_date": MONTH,
    "starts_at": _START,
    "ends_at": _START,
    "category": "usage",
    "pricing_category": "standard",
    "commitment_status": "none",
    "unit": "Hrs",
    "currency": "USD",
}
_COSTS = ("quantity", "list_cost", "contracted_cost", "effective_cost", "billed_cost", "recurring_cost")
_KEY = (
    "provider", "source", "payer", "account", "service", "sku", "region", "usage_type", "category", "is_correction",
    "pricing_category", "commitment_id", "commitment_kind", "commitment_status", "line_type", "is_marketplace",
    "is_carried", "has_recurring", "unit", "currency",
)  # fmt: skip


def arn(account: str, number: int = 1) -> str:
    return f"arn:aws:ec2:eu-west-1:{account}:reserved-instances/{number}"


def usage_row(**given: Any) -> dict[str, Any]:
    """Return one normalised line; costs that are not given are 0, and the list cost is the effective one."""
    values = {
        **_TEXT,
        **dict.fromkeys(_COSTS, Decimal(0)),
        "is_list_missing": False,
        "invoice_id": "",
        "tags": "{}",
    }
    return values | given


def generated_lines(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield lines of every kind: commitments of every ownership, credits, taxes, marketplace, two currencies."""
    chance = random.Random(seed)
    commitments = [
        arn(ACCOUNTS[0]),
        arn(ACCOUNTS[4], 2),
        arn(PAYER, 3),
        "order-1",
        "order-2",
        "order-unknown",
    ]
    for _number in range(count):
        category = chance.choice([*["usage"] * 10, *Category])
        has_commitment = chance.random() < 0.25
        status = "none"
        if has_commitment and category == "usage":
            status = chance.choice(["used", "used", "unused"])
        listed = Decimal(chance.randrange(-20_000, 3_000_000)).scaleb(-chance.choice([2, 4, 9]))
        effective = listed * Decimal(chance.randrange(0, 100)).scaleb(-2)
        knows_recurring = has_commitment and chance.random() < 0.5
        yield usage_row(
            provider=chance.choice(["aws", "aws", "aws", "azure"]),
            account=chance.choice([*ACCOUNTS, PAYER]),
            usage_date=MONTH + datetime.timedelta(days=chance.randrange(-2, 33)),
            service=chance.choice(SERVICES),
            sku=chance.choice(SKUS),
            region=chance.choice(REGIONS),
            usage_type=chance.choice(TYPES),
            category=str(category),
            is_correction=chance.random() < 0.05,
            pricing_category=chance.choice(["standard", "standard", "dynamic"]),
            commitment_id=chance.choice(commitments) if has_commitment else "",
            commitment_kind=chance.choice([*CommitmentKind]).value if has_commitment else "",
            commitment_status=status,
            is_marketplace=chance.random() < 0.05,
            is_carried=category == "purchase" and chance.random() < 0.3,
            has_recurring=knows_recurring,
            currency=chance.choice(["USD", "USD", "EUR"]),
            quantity=Decimal(chance.randrange(-5, 900_000)).scaleb(-3),
            list_cost=listed,
            effective_cost=effective,
            billed_cost=effective + Decimal(chance.randrange(0, 100)).scaleb(-3),
            recurring_cost=effective / 4 if knows_recurring else Decimal(0),
            is_list_missing=chance.random() < 0.02,
        )


def connect(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """Return a connection with the tables ``lines``, ``days`` and ``months``, as the usage store keeps them."""
    connection = duckdb.connect()
    kinds = {
        **_TEXT,
        **dict.fromkeys(_COSTS, Decimal(0)),
        "is_list_missing": False,
        "invoice_id": "",
        "tags": "",
    }
    names = {
        bool: "BOOLEAN",
        datetime.date: "DATE",
        datetime.datetime: "TIMESTAMP",
        Decimal: "DECIMAL(38,18)",
    }
    columns = ", ".join(f"{name} {names.get(type(value), 'VARCHAR')}" for name, value in kinds.items())
    connection.execute(f"CREATE TABLE lines ({columns})")
    for start in range(0, len(rows), 20_000):
        some = rows[start : start + 20_000]
        values = [[str(one[name]) for one in some] for name in kinds]
        holders = ", ".join(f"unnest(${place}::VARCHAR[])" for place in range(1, len(values) + 1))
        connection.execute(f"INSERT INTO lines SELECT {holders}", values)
    sums = ", ".join(f"sum({one}) AS {one}" for one in _COSTS)
    for table, by in (("days", (*_KEY, "usage_date")), ("months", _KEY)):
        connection.execute(
            f"CREATE TABLE {table} AS SELECT {', '.join(by)}, {sums}, count(*) AS lines,"  # noqa: S608
            f" count(*) FILTER (WHERE is_list_missing) AS lines_without_list FROM lines GROUP BY {', '.join(by)}"
        )
    return connection


def _rules(chance: random.Random) -> tuple[PriceRule, ...]:
    values = {
        RuleKind.DEFAULT: lambda: None,
        RuleKind.PERCENT: lambda: Decimal(chance.randrange(-900_000, 900_000)).scaleb(-4),
        RuleKind.DELTA: lambda: Decimal(chance.randrange(-99, 99)).scaleb(-10),
        RuleKind.FIXED: lambda: Decimal(chance.randrange(0, 10**9)).scaleb(-10),
    }
    found = []
    for number in range(1, 15):
        kind = list(RuleKind)[number % 4]
        found.append(
            PriceRule(
                number,
                chance.randrange(1, 9),
                kind,
                values[kind](),
                chance.choice(("", *SERVICES)),
                chance.choice(SKUS),
                chance.choice(REGIONS),
                chance.choice((*TYPES, "B*", "Box:*")),
                chance.choice((None, None, MONTH, datetime.date(2026, 11, 1))),
            )
        )
    return tuple(found)


def generated_buyers(seed: int, mode: PurchaseMode, kind: StatementKind = StatementKind.USAGE) -> list[Buyer]:
    """Return three customers: with books of every kind, accounts that moved, and one that left and came back."""
    chance = random.Random(seed)
    books = [
        Book(1, Decimal("-5"), _rules(chance)),
        Book(2, Decimal("7.5"), _rules(chance), MatchMode.FIRST_BY_POSITION),
        Book(3, Decimal(0), _rules(chance), currency="EUR"),
        None,
    ]
    day = lambda number: MONTH.replace(day=number)  # noqa: E731
    moved, gone = ACCOUNTS[9], ACCOUNTS[10]
    spans = (Days(None, day(9)), Days(day(21), None))
    shared = {("aws", gone): spans}
    accounts = {
        1: [
            *[Account("aws", one) for one in ACCOUNTS[:4]],
            Account("aws", moved, held_to=day(14), book=books[2]),
        ],
        2: [
            *[Account("aws", one, book=chance.choice(books)) for one in ACCOUNTS[4:8]],
            Account("aws", moved, held_from=day(15)),
            Account("azure", ACCOUNTS[0]),
        ],
        3: [
            Account("aws", ACCOUNTS[8]),
            Account("aws", gone, held_from=MONTH, held_to=day(20)),
            Account("aws", PAYER, held_from=day(3)),
            *[Account("azure", one) for one in ACCOUNTS[1:9]],
        ],
    }
    return [
        Buyer(
            number,
            tuple(found),
            tuple(
                ProviderTerms(
                    provider,
                    chance.choice(books),
                    *(chance.random() < 0.5 for _ in range(4)),
                    chance.choice(list(SellerCost)),
                    frozenset({PAYER}),
                )
                for provider in ("aws", "azure")
            ),
            mode,
            kind,
            shared if number == 3 else {},
        )
        for number, found in accounts.items()
    ]


def line_by_line(rows: list[dict[str, Any]], buyer: Buyer) -> tuple[UsageLine, ...]:
    """Return a customer's lines one by one, chosen day by day: the long way, for comparison."""
    spans = {(one.provider, one.id): buyer.days_of(one) for one in buyer.accounts}
    last = MONTH.replace(day=31)
    found = []
    for row in rows:
        line = UsageLine(
            provider=row["provider"],
            account=row["account"],
            service=row["service"],
            quantity=row["quantity"],
            currency=row["currency"],
            list_cost=row["list_cost"],
            effective_cost=row["effective_cost"],
            billed_cost=row["billed_cost"],
            sku=row["sku"],
            region=row["region"],
            usage_type=row["usage_type"],
            category=Category(row["category"]),
            is_spot=row["pricing_category"] == "dynamic",
            is_marketplace=row["is_marketplace"],
            commitment_id=row["commitment_id"],
            commitment_kind=CommitmentKind(row["commitment_kind"] or "reserved"),
            commitment_status=CommitmentStatus(row["commitment_status"]),
            recurring_cost=row["recurring_cost"] if row["has_recurring"] else None,
            is_carried=row["is_carried"],
            lines_without_list=int(row["is_list_missing"]),
        )
        bearer = bearing_account(line, PURCHASES)
        day = max(min(row["usage_date"], last), MONTH)
        if any(
            one.together(Days(day, day)) == Days(day, day) for one in spans.get((line.provider, bearer), ())
        ):
            if bearer != line.account:
                line = _under(line, bearer)
            found.append(line)
    return tuple(found)


def _under(line: UsageLine, account: str) -> UsageLine:
    import dataclasses

    return dataclasses.replace(line, account=account)
