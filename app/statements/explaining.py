"""How an amount was computed: basis, rule and arithmetic as they were kept, and the lines of the bill behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from flask_babel import gettext as _

from app.errors import NotVisible, WrongState
from app.extensions import db
from app.rating.commitments import StatementKind
from app.rating.money import EXACT, ZERO
from app.rating.statement import USAGE_KINDS
from app.rating.usage import Review
from app.statements.freezing import read_behind
from app.statements.inputs import agreed_with
from app.statements.models import Kind, Statement, StatementLine, StatementPart
from app.statements.month_usage import open_month
from app.statements.queries import lines_of
from app.statements.rated import pricing_of
from app.usage.models import UsagePart

#: How many lines of the bill a page shows; the most expensive ones.
MOST_LINES = 50

_COLUMNS = (
    "usage_date", "sku", "region", "usage_type", "description", "resource_id", "quantity", "unit", "currency",
    "list_cost", "effective_cost", "billed_cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of the provider's bill, with what it costs the customer. ``price`` is unrounded, in its currency."""

    facts: Mapping[str, Any]
    basis: Decimal
    from_cost: Decimal
    from_quantity: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """A printed line, and what it is made of. ``rows`` are those that were priced alike, unrounded."""

    line: StatementLine
    rows: Sequence[Mapping[str, Any]]
    bill: Sequence[BillLine]
    bill_count: int

    @property
    def exact(self) -> Decimal:
        """What the rows come to before the line was rounded."""
        return sum((Decimal(one["amount"]) for one in self.rows), Decimal(0))


def find_line(statement: Statement, position: int) -> StatementLine:
    """Return a printed line by its position."""
    found = next((one for one in lines_of(statement) if one.position == position), None)
    if found is None:
        raise NotVisible
    return found


def explain(statement: Statement, position: int, *, with_bill: bool) -> Explanation:
    """Return how a line was computed; ``with_bill``: down to the lines of the bill, which are read anew."""
    line = find_line(statement, position)
    if line.kind not in USAGE_KINDS:
        return Explanation(line, (), (), 0)
    rows = [one for one in read_behind(statement.behind) if one["is_billed"] and _is_of(line, one)]
    rows.sort(key=lambda one: -abs(Decimal(one["amount"])))
    bill, count = _bill(statement, line, rows) if with_bill else ((), sum(one["lines"] for one in rows))
    return Explanation(line, rows, bill, count)


def _is_of(line: StatementLine, row: Mapping[str, Any]) -> bool:
    name = (row["provider"][:40], row["account"][:200], row["service"][:300], row["kind"])
    return name == (line.provider, line.account, line.service, line.kind.value)


def lines_to_review(
    statement: Statement, lines: Sequence[StatementLine]
) -> dict[Review, list[StatementLine]]:
    """Return the lines with a row that somebody should look at, by what is to be looked at."""
    rows = [one for one in read_behind(statement.behind) if one["reviews"]]
    found = {
        reason: [
            line for line in lines if any(reason in row["reviews"] and _is_of(line, row) for row in rows)
        ]
        for reason in Review
    }
    return {reason: some for reason, some in found.items() if some}


def parts_of(statement: Statement) -> list[UsagePart]:
    """Return the versions of usage that a statement was made of."""
    query = (
        db.select(UsagePart)
        .join(StatementPart, StatementPart.part_id == UsagePart.id)
        .where(StatementPart.statement_id == statement.id)
        .order_by(UsagePart.id)
    )
    return list(db.session.scalars(query))


def _bill(
    statement: Statement, line: StatementLine, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[BillLine], int]:
    """Return the lines of the bill behind a printed one, priced by what was agreed.

    A draft may be older than what was agreed, and the month of a void statement may have been changed: where the lines
    do not come to what was kept in ``rows``, they are refused (``WrongState``).
    """
    kind = StatementKind.FEES if statement.kind is Kind.FEES else StatementKind.USAGE
    kept = statement.frozen.get("purchase_accounts", {})
    with open_month(statement.month, statement.provider, parts=parts_of(statement)) as opened:
        # Whose a commitment is stays as it was, whatever was delivered since.
        usage = replace(opened, purchases={**opened.purchases, **kept})
        agreed = agreed_with(
            [statement.customer], statement.month, kind, provider=statement.provider, payers=usage.payers
        )
        pricing = pricing_of(usage, agreed)
        query = pricing.priced(usage.open("lines"), (*_COLUMNS, "provider", "service"))
        chosen = (
            f"SELECT * FROM ({query}) WHERE is_billed AND provider = $1 AND bearer = $2 AND service = $3"  # noqa: S608
            " AND kind = $4"
        )
        values = [line.provider, line.account, line.service, line.kind.value]
        summed = "count(*), coalesce(sum(from_cost + from_quantity), 0)"
        counted = usage.connection.execute(f"SELECT {summed} FROM ({chosen})", values).fetchone()  # noqa: S608
        count, together = counted or (0, ZERO)
        if together != _kept(rows):
            raise WrongState(
                _(
                    "What was agreed has changed since this was computed, so the single lines of the bill cannot be "
                    "priced as they were. The amounts above are those of this statement."
                )
            )
        names = ", ".join(_COLUMNS)
        found = usage.connection.execute(
            f"SELECT {names}, basis, from_cost, from_quantity FROM ({chosen})"  # noqa: S608
            f" ORDER BY abs(from_cost + from_quantity) DESC, usage_date, sku, resource_id LIMIT {MOST_LINES}",
            values,
        ).fetchall()
    width = len(_COLUMNS)
    return (
        [BillLine(dict(zip(_COLUMNS, row[:width], strict=True)), *row[width:]) for row in found],
        int(count),
    )


def _kept(rows: Sequence[Mapping[str, Any]]) -> Decimal:
    """Return what rows came to before they were exchanged and rounded."""
    with localcontext(EXACT):
        return sum(
            (
                Decimal(one["per_cost"]) * Decimal(one["basis"])
                + Decimal(one["per_unit"]) * Decimal(one["quantity"])
                for one in rows
            ),
            ZERO,
        )
