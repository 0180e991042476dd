"""What tests of pricebooks do again and again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import Lockable, Subject, lock_month
from app.pricebooks.models import Pricebook
from app.pricebooks.queries import rules_of
from app.pricebooks.rows import CELLS, RuleRow, cells_of
from app.pricebooks.rule_services import save_rules
from app.tenancy.scope import reseller_scope

NOW = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)


def month(text: str) -> datetime.date:
    """Return the month ``2026-11``."""
    return datetime.date.fromisoformat(f"{text}-01")


def cells(**given: str) -> dict[str, str]:
    """Return a row of the grid: ten percent off, unless it is said otherwise."""
    return {**dict.fromkeys(CELLS, ""), "kind": "percent", "value": "-10", **given}


@contextmanager
def in_north(app: Any, world: Any) -> Iterator[Pricebook]:
    """Work in the first reseller's scope, with its book."""
    with app.app_context(), reseller_scope(world.north.id):
        yield db.session.get_one(Pricebook, world.north.pricebook.id)


def put(
    app: Any,
    world: Any,
    *rows: dict[str, str],
    from_month: str = "",
    keep: bool = True,
) -> Any:
    """Save rows in the book, below the rules that it has unless ``keep`` is False; returns the plan."""
    with in_north(app, world) as book:
        kept = [RuleRow(0, cells_of(one), one.id) for one in rules_of(book)] if keep else []
        wanted = [*kept, *(RuleRow(0, row) for row in rows)]
        version = book.version
        with unit_of_work(db.session):
            return save_rules(
                book,
                [RuleRow(number, one.cells, one.id) for number, one in enumerate(wanted, start=1)],
                from_month=month(from_month) if from_month else None,
                version=version,
                now=NOW,
            )


def lock(app: Any, world: Any, text: str) -> None:
    """Lock a month of the book, as an issued statement does."""
    with in_north(app, world) as book, unit_of_work(db.session):
        lock_month(month(text), [Lockable(Subject.PRICEBOOK, book.id)], cause="ST-1", now=NOW)


def save_all(app: Any, world: Any, rows: list[tuple[int | None, dict[str, str]]], from_month: str) -> None:
    """Save a whole grid from a month on: (id of the rule or None, cells) row by row."""
    with in_north(app, world) as book:
        version = book.version
        with unit_of_work(db.session):
            save_rules(
                book,
                [RuleRow(number, row, key) for number, (key, row) in enumerate(rows, start=1)],
                from_month=month(from_month),
                version=version,
                now=NOW,
            )


def rules(app: Any, world: Any) -> list[tuple[Any, ...]]:
    """Return the stored rules in their order: what they name and do, and their months."""
    with in_north(app, world) as book:
        return [
            (
                " ".join(part for part in (one.service, one.sku, one.region, one.usage_type) if part),
                one.kind.value,
                one.value if one.value is None else Decimal(one.value).normalize(),
                f"{one.first_month:%Y-%m}" if one.first_month else "",
                f"{one.last_month:%Y-%m}" if one.last_month else "",
            )
            for one in rules_of(book)
        ]


def grid(*rows: dict[str, str], version: int = 1, ids: tuple[Any, ...] = (), **more: str) -> dict[str, Any]:
    """Return what the grid's form sends."""
    sent: dict[str, Any] = {name: [row[name] for row in rows] for name in CELLS}
    sent["rule_id"] = [str(one) for one in ids] + [""] * (len(rows) - len(ids))
    return {**sent, "version": str(version), "counts_from": "always", **more}
