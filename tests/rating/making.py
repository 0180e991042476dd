"""Short ways to say what a test is about: everything that it does not mention is plain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.rating.assignments import Account, Assignment, Level
from app.rating.commitments import ProviderTerms
from app.rating.plans import Band, Plan, PlanBase, PlanKind, PlanType
from app.rating.pricebook import Book, PriceRule, RuleKind
from app.rating.pricing import StatementLine
from app.rating.statement import StatementInput
from app.rating.usage import UsageLine

D = Decimal
OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"


def row(service: str = "EC2", listed: str | None = "100", **given: Any) -> UsageLine:
    """A row of usage at list price, which costs the reseller 60 % of that."""
    costs = D("0.6") * D(listed or "100")
    values: dict[str, Any] = {
        "provider": "aws",
        "account": ONE,
        "quantity": D(1),
        "currency": "USD",
        "list_cost": None if listed is None else D(listed),
        "effective_cost": costs,
        "billed_cost": costs,
    }
    return UsageLine(service=service, **(values | given))


def rule(number: int, kind: RuleKind, value: str | None = None, **given: Any) -> PriceRule:
    """A rule whose id and position are the same."""
    return PriceRule(
        number, given.pop("position", number), kind, None if value is None else D(value), **given
    )


def percent_rule(number: int, value: str, **given: Any) -> PriceRule:
    return rule(number, RuleKind.PERCENT, value, **given)


def book(percent: str = "0", *rules: PriceRule, **given: Any) -> Book:
    return Book(1, D(percent), rules, **given)


def bands(*steps: tuple[str, str | None, str]) -> tuple[Band, ...]:
    """Bands of a percentage each: from, to, percent."""
    return tuple(
        Band(D(first), None if last is None else D(last), D(percent)) for first, last, percent in steps
    )


def percent_plan(percent: str, **given: Any) -> Plan:
    return Plan(
        **({"id": 1, "kind": PlanKind.CHARGE, "type": PlanType.PERCENT, "currency": "USD"} | given),
        percent=D(percent),
    )


def fixed_plan(amount: str, **given: Any) -> Plan:
    return Plan(
        **({"id": 1, "kind": PlanKind.CHARGE, "type": PlanType.FIXED, "currency": "USD"} | given),
        amount=D(amount),
    )


def tiered_plan(*steps: tuple[str, str | None, str], **given: Any) -> Plan:
    return Plan(
        **(
            {
                "id": 1,
                "kind": PlanKind.CHARGE,
                "type": PlanType.TIERED,
                "currency": "USD",
                "bands": bands(*steps),
            }
            | given
        )
    )


BUSINESS = tiered_plan(
    ("0", "10000", "10"), ("10000", "80000", "7"), ("80000", "250000", "5"), ("250000", None, "3"),
    minimum=D(100), text="AWS Business", is_support=True,
)  # fmt: skip
ENTERPRISE = tiered_plan(
    ("0", "150000", "10"), ("150000", "500000", "7"), ("500000", "1000000", "5"), ("1000000", None, "3"),
    minimum=D(15000), text="AWS Enterprise", is_support=True,
)  # fmt: skip
DEVELOPER = percent_plan("3", minimum=D(29), text="AWS Developer", is_support=True)


def assigned(plan: Plan, number: int = 1, level: Level = Level.CUSTOMER, **given: Any) -> Assignment:
    """A plan, the customer's default at AWS."""
    return Assignment(number, plan, level, **({"provider": "aws"} | given))


def account(number: str = ONE, **given: Any) -> Account:
    return Account(**({"provider": "aws"} | given), id=number)


def terms(**given: Any) -> ProviderTerms:
    return ProviderTerms("aws", **given)


def statement(*lines: UsageLine, **given: Any) -> StatementInput:
    """October of a customer with the accounts of the lines, or with one account."""
    names = sorted({(one.provider, one.account) for one in lines}) or [("aws", ONE)]
    values: dict[str, Any] = {
        "month": OCTOBER,
        "currency": "USD",
        "accounts": tuple(Account(provider, number) for provider, number in names),
        "lines": lines,
    }
    return StatementInput(**(values | given))


CUSTOMER_COST = PlanBase.CUSTOMER_COST


def amounts(lines: tuple[StatementLine, ...]) -> list[str]:
    """The printed amounts, as they are printed."""
    return [str(one.amount) for one in lines]
