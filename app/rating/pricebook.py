"""Pricebooks: which rule prices a row, and why every other rule did not (docs/pricing.md#pricebooks).

A rule is two numbers: customer cost = ``per_cost`` x basis + ``per_unit`` x quantity. Which rule wins depends on the
price key, the month and the kind of row alone, so it is found once per key, and pricing a sum is summing the prices.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.rating.money import ZERO, check_decimal, exactly
from app.rating.months import Days, check_month, months
from app.rating.problems import required

ONE = Decimal(1)
#: The rank of an exact usage type: before every prefix, however long.
_EXACT = -1_000_000
#: Of a price or difference per unit: DECIMAL(18, 10) in SQL.
UNIT_DECIMALS = 10
UNIT_DIGITS = 8


@dataclass(frozen=True, slots=True)
class PriceKey:
    """What a rule can name of a row; "" where the row has none."""

    service: str
    sku: str = ""
    region: str = ""
    usage_type: str = ""


class RuleKind(enum.StrEnum):
    """What a rule does to the price."""

    DEFAULT = "default"  # basis x (1 + the book's percent): an exception to a wider rule
    PERCENT = "percent"  # basis x (1 + the rule's percent)
    DELTA = "delta"  # basis + a difference per unit
    FIXED = "fixed"  # a price per unit, whatever the basis


PER_UNIT = frozenset({RuleKind.DELTA, RuleKind.FIXED})


class RuleField(enum.StrEnum):
    """What a rule may name, the most telling first: so two rules are compared."""

    SKU = "sku"
    USAGE_TYPE = "usage_type"
    REGION = "region"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One rule of a book. A field of "" is not named; ``usage_type`` may be a prefix that ends in ``*``.

    ``value`` is the percent (12.5 means 12.5 %), the difference or the price per unit; None for a default rule.
    """

    id: int
    position: int
    kind: RuleKind
    value: Decimal | None = None
    service: str = ""
    sku: str = ""
    region: str = ""
    usage_type: str = ""
    first_month: date | None = None
    last_month: date | None = None

    def __post_init__(self) -> None:
        if self.value is not None:
            check_decimal(self.value, "value")
        for name, month in (("first_month", self.first_month), ("last_month", self.last_month)):
            if month is not None:
                check_month(month, name)

    @property
    def days(self) -> Days:
        """The days on which it holds."""
        return months(self.first_month, self.last_month)

    @property
    def is_prefix(self) -> bool:
        return self.usage_type.endswith("*")

    def is_in_force(self, month: date) -> bool:
        """Does it hold in this month?"""
        if self.first_month is None and self.last_month is None:
            return True
        return self.days.in_month(month) > 0

    def mismatch(self, key: PriceKey) -> RuleField | None:
        """Return the first field that the rule names and the key has otherwise; None where it matches."""
        if self.sku and self.sku != key.sku:
            return RuleField.SKU
        if self.usage_type and not _matches(self.usage_type, key.usage_type):
            return RuleField.USAGE_TYPE
        if self.region and self.region != key.region:
            return RuleField.REGION
        if self.service and self.service != key.service:
            return RuleField.SERVICE
        return None

    def specificity(self) -> tuple[int, int, int, int]:
        """How specific it is in each ``RuleField``; what is smaller is more specific."""
        if not self.usage_type:
            usage = 1
        elif self.is_prefix:
            usage = -len(self.usage_type)  # "BoxUsage:*" before "Box*"
        else:
            usage = _EXACT
        return (0 if self.sku else 1, usage, 0 if self.region else 1, 0 if self.service else 1)

    def rank(self) -> tuple[tuple[RuleField, int], ...]:
        """How specific it is, field by field."""
        return tuple(zip(RuleField, self.specificity(), strict=True))


def _matches(pattern: str, usage_type: str) -> bool:
    if pattern.endswith("*"):
        return usage_type.startswith(pattern[:-1])
    return usage_type == pattern


#: Are SKU, region and usage type named, in this order?
Naming = tuple[bool, bool, bool]


class MatchMode(enum.StrEnum):
    """How the winner is found among the rules that match."""

    MOST_SPECIFIC = "most_specific"
    FIRST_BY_POSITION = "first_by_position"


@dataclass(frozen=True, slots=True)
class Book:
    """A pricebook: one global percent (below 0 a discount) and rules. Without rules and percent it is the master.

    ``currency`` is that of differences and prices per unit; "" means the currency of the row.
    """

    id: int
    percent: Decimal = ZERO
    rules: tuple[PriceRule, ...] = ()
    match_mode: MatchMode = MatchMode.MOST_SPECIFIC
    currency: str = ""

    def __post_init__(self) -> None:
        check_decimal(self.percent, "percent")


#: The provider's list price, unchanged. It is no row anywhere, so its id is 0.
MASTER = Book(0)


class BookSource(enum.StrEnum):
    """Where an account's book comes from."""

    ACCOUNT = "account"
    CUSTOMER = "customer"
    MASTER = "master"


def choose_book(account: Book | None, customer: Book | None) -> tuple[Book, BookSource]:
    """Return the book of an account: its own, else the customer's for the provider, else the master."""
    if account is not None:
        return account, BookSource.ACCOUNT
    if customer is not None:
        return customer, BookSource.CUSTOMER
    return MASTER, BookSource.MASTER


class RuleScope(enum.StrEnum):
    """Which rules a kind of row lets in."""

    ALL = "all"  # usage
    PERCENT_ONLY = "percent_only"  # commitments that pass through, purchases, adjustments: no price per unit
    NAMED = "named"  # marketplace: rules that name its service or SKU; else it passes whole
    NONE = "none"  # credits of the provider pass whole


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Customer cost = ``per_cost`` x basis + ``per_unit`` x quantity; the second in the currency of the book.

    ``rule`` is the rule that won; None means the book's percent, or, where ``is_whole``, that the row passes whole.
    """

    per_cost: Decimal
    per_unit: Decimal
    rule: PriceRule | None
    is_whole: bool = False


class LossCode(enum.StrEnum):
    """Why a rule did not win."""

    NOT_IN_FORCE = "not_in_force"  # its months do not hold this one
    DOES_NOT_MATCH = "does_not_match"  # in the field
    PERCENT_ONLY = "percent_only"  # a price per unit on a row that takes percentages only
    NOT_NAMING = "not_naming"  # names neither service nor SKU of a marketplace row
    NO_RULES = "no_rules"  # the row passes whole, whatever the book says
    LESS_SPECIFIC = "less_specific"  # the winner says more, in the field
    LATER = "later"  # as specific as the winner, but after it


@dataclass(frozen=True, slots=True)
class Lost:
    """A rule that did not win, and why."""

    rule: PriceRule
    code: LossCode
    field: RuleField | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which rule prices a key, and why each other rule of the book does not, in the order of their positions."""

    coefficients: Coefficients
    lost: tuple[Lost, ...]

    @property
    def winner(self) -> PriceRule | None:
        return self.coefficients.rule


@exactly
def coefficients_of(book: Book, rule: PriceRule | None) -> Coefficients:
    """Return the two numbers of a rule; of the book's percent where there is none."""
    if rule is None or rule.kind is RuleKind.DEFAULT:
        return Coefficients(ONE + book.percent.scaleb(-2), ZERO, rule)
    value = required(rule.value, "value")
    if rule.kind is RuleKind.PERCENT:
        return Coefficients(ONE + value.scaleb(-2), ZERO, rule)
    if rule.kind is RuleKind.DELTA:
        return Coefficients(ONE, value, rule)
    return Coefficients(ZERO, value, rule)


@exactly
def customer_cost(coefficients: Coefficients, basis: Decimal, quantity: Decimal) -> Decimal:
    """Return the unrounded customer cost of a row, or of a sum of rows with the same key."""
    return coefficients.per_cost * basis + coefficients.per_unit * quantity


def _order(book: Book, rule: PriceRule) -> tuple[tuple[int, ...], int, int]:
    """What the winner has smallest, among rules that match the same key."""
    if book.match_mode is MatchMode.FIRST_BY_POSITION:
        return (), rule.position, rule.id
    return rule.specificity(), rule.position, rule.id


def precedes(book: Book, rule: PriceRule, other: PriceRule) -> bool:
    """Does a rule win over another one where both match?"""
    return _order(book, rule) < _order(book, other)


def _refusal(rule: PriceRule, scope: RuleScope) -> LossCode | None:
    """Why a kind of row does not let a rule in, whatever its key."""
    if scope is RuleScope.NONE:
        return LossCode.NO_RULES
    if scope is RuleScope.PERCENT_ONLY and rule.kind in PER_UNIT:
        return LossCode.PERCENT_ONLY
    if scope is RuleScope.NAMED and not (rule.service or rule.sku):
        return LossCode.NOT_NAMING
    return None


#: A rule, and its place among those in force: the first that matches wins. None: no rule, after all of them.
_Placed = tuple[int, PriceRule | None]


@dataclass(slots=True)
class Resolver:
    """One book in one month, made ready for many keys: a look-up costs the same with 500 rules as with five."""

    book: Book
    month: date
    _buckets: dict[tuple[str, str, str], _Bucket] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_month(self.month)
        self._buckets = {}
        in_force = [rule for rule in self.book.rules if rule.is_in_force(self.month)]
        for place, rule in enumerate(sorted(in_force, key=lambda one: _order(self.book, one))):
            name = (rule.sku, rule.region, rule.service)
            if name not in self._buckets:
                self._buckets[name] = _Bucket()
            self._buckets[name].add(place, rule)

    def coefficients(self, key: PriceKey, scope: RuleScope = RuleScope.ALL) -> Coefficients:
        """Return the two numbers for a key, with the rule they come from."""
        best: _Placed = (len(self.book.rules), None)
        for sku in {key.sku, ""}:
            for region in {key.region, ""}:
                for service in {key.service, ""}:
                    if bucket := self._buckets.get((sku, region, service)):
                        best = bucket.better(best, key.usage_type, scope)
        return _outcome(self.book, best[1], scope)


def naming_of(book: Book, month: date) -> Naming:
    """Return which of SKU, region and usage type any rule in force names: what none names cannot change a price."""
    rules = [one for one in book.rules if one.is_in_force(month)]
    return (
        any(one.sku for one in rules),
        any(one.region for one in rules),
        any(one.usage_type for one in rules),
    )


@dataclass(slots=True)
class _Bucket:
    """The rules that name the same SKU, region and service."""

    exact: dict[str, list[tuple[int, PriceRule]]] = field(default_factory=dict)
    prefixes: list[tuple[int, PriceRule]] = field(default_factory=list)

    def add(self, place: int, rule: PriceRule) -> None:
        if rule.is_prefix:
            self.prefixes.append((place, rule))
        else:
            self.exact.setdefault(rule.usage_type, []).append((place, rule))

    def better(self, best: _Placed, usage_type: str, scope: RuleScope) -> _Placed:
        """Return the first rule that matches and is let in, if it comes before ``best``."""
        for rules in (self.exact.get(usage_type, ()), self.prefixes, self.exact.get("", ())):
            for place, rule in rules:
                if place >= best[0]:
                    break
                matches = not rule.is_prefix or _matches(rule.usage_type, usage_type)
                if matches and _refusal(rule, scope) is None:
                    best = place, rule
                    break
        return best


def _outcome(book: Book, winner: PriceRule | None, scope: RuleScope) -> Coefficients:
    if winner is None and scope in (RuleScope.NAMED, RuleScope.NONE):
        return Coefficients(ONE, ZERO, None, is_whole=True)
    return coefficients_of(book, winner)


def resolve(book: Book, key: PriceKey, month: date, scope: RuleScope = RuleScope.ALL) -> Resolution:
    """Return which rule of a book prices a key in a month, and why each other rule does not.

    For one key on a screen; for many keys make a ``Resolver``, which comes to the same.
    """
    check_month(month)
    lost: list[Lost] = []
    matching: list[PriceRule] = []
    for rule in book.rules:
        loss = _loss_by_itself(rule, key, month, scope)
        if loss is None:
            matching.append(rule)
        else:
            lost.append(loss)
    matching.sort(key=lambda one: _order(book, one))
    lost += [_loss_to(matching[0], rule, book.match_mode) for rule in matching[1:]]
    lost.sort(key=lambda one: (one.rule.position, one.rule.id))
    return Resolution(_outcome(book, matching[0] if matching else None, scope), tuple(lost))


def _loss_by_itself(rule: PriceRule, key: PriceKey, month: date, scope: RuleScope) -> Lost | None:
    """Why a rule does not come into question at all."""
    if not rule.is_in_force(month):
        return Lost(rule, LossCode.NOT_IN_FORCE)
    mismatch = rule.mismatch(key)
    if mismatch is not None:
        return Lost(rule, LossCode.DOES_NOT_MATCH, mismatch)
    refusal = _refusal(rule, scope)
    return None if refusal is None else Lost(rule, refusal)


def _loss_to(winner: PriceRule, rule: PriceRule, mode: MatchMode) -> Lost:
    """Why a rule that matches loses to another one."""
    if mode is MatchMode.MOST_SPECIFIC:
        for (name, own), (_, better) in zip(rule.rank(), winner.rank(), strict=True):
            if own != better:
                return Lost(rule, LossCode.LESS_SPECIFIC, name)
    return Lost(rule, LossCode.LATER)
