"""The rules of the demo world's pricebooks: enough to see what each kind does."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.pricebooks.models import Pricebook
from app.pricebooks.services import add_rules
from app.rating.pricebook import PriceRule, RuleKind

_NEXT_YEAR = datetime.date(2027, 1, 1)

#: By provider: what the rules name, what they do.
_RULES: dict[str, tuple[dict[str, Any], ...]] = {
    "aws": (
        {"service": "Amazon Elastic Compute Cloud", "kind": RuleKind.PERCENT, "value": "-10"},
        {
            "service": "Amazon Elastic Compute Cloud",
            "region": "eu-central-1",
            "kind": RuleKind.PERCENT,
            "value": "-12.5",
        },
        {
            "service": "Amazon Elastic Compute Cloud",
            "usage_type": "EUC1-BoxUsage:*",
            "kind": RuleKind.PERCENT,
            "value": "-15",
            "first_month": _NEXT_YEAR,
        },
        {"service": "Amazon Simple Storage Service", "kind": RuleKind.DEFAULT},
        {
            "service": "Amazon Simple Storage Service",
            "usage_type": "EUC1-TimedStorage-ByteHrs",
            "kind": RuleKind.FIXED,
            "value": "0.021",
        },
        {"service": "Amazon Relational Database Service", "kind": RuleKind.DELTA, "value": "0.004"},
        {"service": "Amazon CloudFront", "kind": RuleKind.PERCENT, "value": "5"},
    ),
    "azure": (
        {"service": "Virtual Machines", "region": "westeurope", "kind": RuleKind.PERCENT, "value": "-8"},
        {"service": "Storage", "kind": RuleKind.PERCENT, "value": "0"},
    ),
}


def add_price_rules(books: dict[str, list[Pricebook]]) -> None:
    """Give the first book of each provider its rules."""
    for code, rules in _RULES.items():
        for book in books.get(code, [])[:1]:
            add_rules(book, list(_made(rules)))


def _made(rules: Iterable[dict[str, Any]]) -> Iterable[PriceRule]:
    for place, one in enumerate(rules, start=1):
        value = Decimal(one["value"]) if "value" in one else None
        yield PriceRule(id=-place, position=place, **{**one, "value": value})
