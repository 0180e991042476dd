"""The report of an import, as JSON holds it: amounts are text, and the page puts it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.usage.decisions import Asked, Part, is_unchanged
from app.usage.reading import Reading, Totals

#: Accounts never seen before that the report names; the others are counted.
MOST_NAMED = 200


def sums_of(totals: Mapping[str, Totals]) -> dict[str, dict[str, Decimal]]:
    return {
        currency: {"list": one.list_cost, "effective": one.effective_cost, "billed": one.billed_cost}
        for currency, one in totals.items()
    }


def as_texts(totals: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[str, str]]:
    return {
        currency: {kind: format(amount, "f") for kind, amount in sums.items()}
        for currency, sums in totals.items()
    }


def report_of(
    found: Reading,
    new: Sequence[Part],
    old: dict[tuple[str, str, date], Part],
    asked: Sequence[Asked],
    fresh: Sequence[dict[str, str]],
) -> dict[str, Any]:
    """Return what the page of an import shows, as JSON holds it; amounts are text."""
    return {
        "rows": found.rows,
        "rejected": [[one.file, one.line, one.column, one.value, one.reason] for one in found.rejected],
        "skipped": found.skipped_rows,
        "totals": as_texts(sums_of(found.totals)),
        "file_totals": {currency: format(total, "f") for currency, total in found.own_totals.items()},
        "fell_back": dict(found.fell_back),
        "absent": list(found.absent),
        "parts": [
            {
                "provider": part.provider,
                "source": part.source,
                "month": part.month.isoformat(),
                "rows": part.rows,
                "accounts": len(part.accounts - {""}),
                "totals": as_texts(part.totals),
                "rows_before": old[part.key].rows if part.key in old else None,
                "outcome": _outcome(part, old.get(part.key)),
            }
            for part in new
        ],
        "new_accounts": list(fresh[:MOST_NAMED]),
        "new_account_count": len(fresh),
        "questions": [{"question": str(ask.question), "about": ask.about} for ask in asked],
    }


def _outcome(part: Part, old: Part | None) -> str:
    if old is None:
        return "new"
    return "unchanged" if is_unchanged(part, old, has_rejected=part.is_incomplete) else "replaced"
