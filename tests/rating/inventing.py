"""Invented statements and their parts, for laws that hold for all of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from app.rating.assignments import Account, Assignment, Level
from app.rating.commitments import ProviderTerms, PurchaseMode, SellerCost
from app.rating.credits import Credit
from app.rating.exchange import ExchangeRate
from app.rating.money import minor_units
from app.rating.plans import Band, Frequency, Plan, PlanBase, PlanKind, PlanScope, PlanType
from app.rating.pricebook import Book, MatchMode, PriceKey, PriceRule, RuleKind
from app.rating.statement import StatementInput
from app.rating.taxes import TaxRate
from app.rating.usage import Category, CommitmentKind, CommitmentStatus, UsageLine
from tests.rating.making import NOVEMBER, OCTOBER, ONE, THREE, TWO

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
SERVICES, SKUS, REGIONS = ("EC2", "S3"), ("", "A", "B"), ("", "eu", "us")
USAGE_TYPES = ("", "Box", "Box:large", "Data")


def decimals(first: int, last: int, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals of so many places, made of whole numbers: faster than hypothesis' own."""
    unit = 10**places
    return st.integers(first * unit, last * unit).map(lambda one: Decimal(one).scaleb(-places))


costs = decimals(-50, 2000, 7)
quantities = decimals(-5, 500, 3)
discounts_and_uplifts = decimals(-100, 100, 4)
percents = decimals(0, 100, 4)


def printable(first: int, last: int, currency: str) -> st.SearchStrategy[Decimal]:
    return decimals(first, last, minor_units(currency))


keys = st.builds(
    PriceKey,
    st.sampled_from(SERVICES),
    st.sampled_from(SKUS),
    st.sampled_from(REGIONS),
    st.sampled_from(USAGE_TYPES),
)


@st.composite
def price_rules(draw: st.DrawFn, number: int) -> PriceRule:
    kind = draw(st.sampled_from(RuleKind))
    value = {
        RuleKind.DEFAULT: st.none(),
        RuleKind.PERCENT: discounts_and_uplifts,
        RuleKind.DELTA: decimals(-1, 1, 10),
        RuleKind.FIXED: decimals(0, 3, 10),
    }[kind]
    return PriceRule(
        number,
        draw(st.integers(1, 4)),
        kind,
        draw(value),
        draw(st.sampled_from(("", *SERVICES))),
        draw(st.sampled_from(SKUS)),
        draw(st.sampled_from(REGIONS)),
        draw(st.sampled_from((*USAGE_TYPES, "B*", "Box*", "Box:*"))),
        draw(st.sampled_from((None, OCTOBER, NOVEMBER))),
        None,
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    count = draw(st.integers(0, 6))
    rules = tuple(draw(price_rules(number)) for number in range(1, count + 1))
    return Book(draw(st.integers(1, 9)), draw(discounts_and_uplifts), rules, draw(st.sampled_from(MatchMode)))


def arn(account: str) -> str:
    return f"arn:aws:ec2:eu-west-1:{account}:reserved-instances/1"


@st.composite
def usage_lines(draw: st.DrawFn, currency: str) -> UsageLine:
    category = draw(st.sampled_from((*[Category.USAGE] * 6, *Category)))
    commitment = draw(st.sampled_from(("", "", "", arn(ONE), arn(TWO), arn(THREE), "order-1")))
    is_usage = category is Category.USAGE
    return UsageLine(
        provider="aws",
        account=draw(st.sampled_from((ONE, TWO))),
        service=draw(st.sampled_from(SERVICES)),
        quantity=draw(quantities),
        currency=draw(st.sampled_from((currency, "EUR"))),
        list_cost=draw(st.one_of(costs, st.none())),
        effective_cost=draw(costs),
        billed_cost=draw(costs),
        sku=draw(st.sampled_from(SKUS)),
        region=draw(st.sampled_from(REGIONS)),
        usage_type=draw(st.sampled_from(USAGE_TYPES)),
        category=category,
        is_spot=not commitment and draw(st.booleans()),
        is_marketplace=draw(st.integers(0, 9)) == 0,
        commitment_id=commitment,
        commitment_kind=draw(st.sampled_from(CommitmentKind)),
        commitment_status=draw(st.sampled_from((CommitmentStatus.USED, CommitmentStatus.UNUSED)))
        if commitment and is_usage
        else CommitmentStatus.NONE,
        recurring_cost=draw(st.one_of(costs, st.none())),
    )


@st.composite
def percent_bands(draw: st.DrawFn) -> tuple[Band, ...]:
    """Bands of percentages without gap or overlap."""
    limits = sorted(draw(st.sets(st.integers(1, 3000), max_size=3)))
    edges = [Decimal(0), *(Decimal(one) for one in limits)]
    ends: list[Decimal | None] = [*edges[1:], None]
    return tuple(Band(first, last, draw(percents)) for first, last in zip(edges, ends, strict=True))


@st.composite
def plans(draw: st.DrawFn, currency: str, number: int = 1) -> Plan:
    kind = draw(st.sampled_from(PlanType))
    minimum = draw(st.one_of(st.none(), decimals(0, 100, 2)))
    maximum = draw(st.one_of(st.none(), decimals(100, 400, 2)))
    return Plan(
        id=number,
        kind=draw(st.sampled_from(PlanKind)),
        type=kind,
        currency=draw(st.sampled_from((currency, "EUR"))),
        base=draw(st.sampled_from(PlanBase)),
        scope=draw(st.sampled_from(PlanScope)),
        frequency=draw(st.sampled_from(Frequency)),
        percent=draw(percents) if kind is PlanType.PERCENT else None,
        amount=draw(decimals(0, 300, 2)) if kind is PlanType.FIXED else None,
        bands=draw(percent_bands()) if kind is PlanType.TIERED else (),
        minimum=minimum,
        maximum=maximum,
        excluded_services=frozenset(draw(st.sets(st.sampled_from(SERVICES), max_size=1))),
        valid_from=date(2026, 10, draw(st.integers(1, 31))),
        is_prorated=draw(st.booleans()),
        includes_fixed=draw(st.booleans()),
        includes_marketplace=draw(st.booleans()),
    )


@st.composite
def assignments(draw: st.DrawFn, currency: str, number: int) -> Assignment:
    return Assignment(
        number,
        draw(plans(currency, number)),
        draw(st.sampled_from(Level)),
        "aws",
        draw(st.sampled_from((ONE, TWO))),
        draw(st.sampled_from((8, 9))),
    )


@st.composite
def credits_(draw: st.DrawFn, currency: str) -> tuple[Credit, ...]:
    count = draw(st.integers(0, 3))
    return tuple(
        Credit(
            number,
            draw(printable(0, 900, currency)),
            currency,
            date(2026, 5, draw(st.integers(1, 3))),
            draw(st.sampled_from((None, OCTOBER, NOVEMBER))),
        )
        for number in range(1, count + 1)
    )


tax_rates = st.lists(percents, max_size=3).map(
    lambda found: tuple(TaxRate(number, f"Tax {number}", one) for number, one in enumerate(found))
)


@st.composite
def statements(draw: st.DrawFn) -> StatementInput:
    """A month of two accounts, with everything that can be on a statement."""
    currency = draw(CURRENCIES)
    plan_count = draw(st.integers(0, 3))
    holds = ProviderTerms(
        "aws",
        draw(st.one_of(st.none(), books())),
        *(draw(st.booleans()) for _ in range(4)),
        draw(st.sampled_from(SellerCost)),
        frozenset({THREE}),
    )
    return StatementInput(
        month=OCTOBER,
        currency=currency,
        accounts=(
            Account("aws", ONE, group=8),
            Account("aws", TWO, group=draw(st.sampled_from((None, 8, 9)))),
        ),
        lines=tuple(draw(st.lists(usage_lines(currency), max_size=5))),
        terms=(holds,),
        assignments=tuple(draw(assignments(currency, number)) for number in range(1, plan_count + 1)),
        adjustment_percent=draw(st.one_of(st.just(Decimal(0)), discounts_and_uplifts)),
        credits=draw(credits_(currency)),
        tax_rates=draw(tax_rates),
        is_taxable=draw(st.booleans()),
        credits_lower_tax=draw(st.booleans()),
        purchase_mode=draw(st.sampled_from(PurchaseMode)),
        exchange_rates=(ExchangeRate("EUR", currency, draw(decimals(1, 150, 6))),),
        purchase_accounts={"order-1": draw(st.sampled_from((ONE, TWO)))},
    )
