"""Rows of usage become priced rows, and priced rows printed lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.rating.assignments import Account
from app.rating.commitments import ProviderTerms, PurchaseMode, SellerCost, StatementKind, owner_of, treat
from app.rating.exchange import Converter
from app.rating.money import HUNDRED, ZERO, exactly, round_money
from app.rating.pricebook import (
    Book,
    BookSource,
    Coefficients,
    Resolver,
    choose_book,
)
from app.rating.reasons import Reason, ReasonCode, reason
from app.rating.usage import (
    Basis,
    LineKind,
    Review,
    Treatment,
    UsageLine,
    basis_amount,
    list_basis,
)


@dataclass(frozen=True, slots=True)
class TreatedRow:
    """A row of the bill, and what happens to it."""

    line: UsageLine
    account: Account
    terms: ProviderTerms
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class PricedRow:
    """What a row costs: ``per_cost`` x basis x rate + ``per_unit`` x quantity x rate of the book is its ``amount``.

    ``basis`` is in the currency of the row, the other amounts in that of the statement; nothing is rounded. ``why``
    says which basis, ``reason`` which price.
    """

    line: UsageLine
    treatment: Treatment
    basis: Decimal
    coefficients: Coefficients
    source: BookSource
    #: Exchange rates into the currency of the statement: of the row's, and of the book's.
    rate: Decimal
    unit_rate: Decimal
    amount: Decimal
    seller_cost: Decimal
    list_cost: Decimal
    commitment_margin: Decimal
    reason: Reason
    reviews: tuple[Review, ...]

    @property
    def why(self) -> Reason:
        return self.treatment.reason


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A printed line: ``amount`` is rounded, and what it is made of stands beside it.

    ``basis`` is unrounded except where printed sums are taken; ``rate`` in percent of it (90 for 10 % under list), None
    where there is not one rate for all of it. ``subject`` is the id of the plan, credit or tax rate, ``text`` its name.
    """

    kind: LineKind
    amount: Decimal
    basis: Decimal
    rate: Decimal | None
    reason: Reason
    provider: str = ""
    account: str = ""
    service: str = ""
    subject: int | None = None
    text: str = ""
    #: What the line costs the reseller, rounded; 0 for what is no usage.
    seller_cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class KeptCost:
    """What a customer costs the reseller beside the printed lines; below 0: credits that the reseller keeps."""

    kind: LineKind
    provider: str
    account: str
    service: str
    seller_cost: Decimal


def _place(line: UsageLine) -> tuple[object, ...]:
    """Rows in an order of their own, so that the order in which they come changes nothing."""
    names = (line.provider, line.account, line.service, line.sku, line.region, line.usage_type)
    commitment = (line.commitment_id, line.commitment_kind, line.commitment_status, line.is_carried)
    kinds = (line.category, *commitment, line.is_spot, line.is_marketplace)
    optional = (line.list_cost, line.list_unit_price, line.recurring_cost)
    known = tuple((one is None, one or ZERO) for one in optional)
    amounts = (line.quantity, *known, line.effective_cost, line.billed_cost, line.lines_without_list)
    return (*names, *kinds, line.currency, line.reference, *amounts)


def treat_rows(
    lines: Iterable[UsageLine],
    accounts: Sequence[Account],
    terms: Mapping[str, ProviderTerms],
    purchase_accounts: Mapping[str, str],
    mode: PurchaseMode,
    kind: StatementKind,
) -> tuple[TreatedRow, ...]:
    """Return the rows in their own order, each with its basis or the reason why it is not on the statement."""
    by_name = {(one.provider, one.id): one for one in accounts}
    own: dict[str, set[str]] = defaultdict(set)
    for provider, account in by_name:
        own[provider].add(account)
    found = []
    for line in sorted(lines, key=_place):
        holds = terms.get(line.provider) or ProviderTerms(line.provider)
        owner = owner_of(line, holds, own[line.provider], purchase_accounts)
        treatment = treat(line, owner, holds, mode, kind)
        found.append(TreatedRow(line, by_name[line.provider, line.account], holds, treatment))
    return tuple(found)


class Pricer:
    """The books of a statement, each made ready once."""

    def __init__(self, month: date, converter: Converter) -> None:
        self._month = month
        self._converter = converter
        self._resolvers: dict[int, Resolver] = {}

    @exactly
    def price(self, row: TreatedRow) -> PricedRow:
        """Return the row with its customer cost and its seller cost."""
        line, treatment = row.line, row.treatment
        book, source = choose_book(row.account.book, row.terms.book)
        coefficients = self._resolver(book).coefficients(line.key, treatment.scope)
        rate = self._converter.factor(line.currency)
        unit_rate = self._unit_rate(book, coefficients, rate)
        basis = basis_amount(line, treatment.basis)
        amount = coefficients.per_cost * basis * rate + coefficients.per_unit * line.quantity * unit_rate
        return PricedRow(
            line=line,
            treatment=treatment,
            basis=basis,
            coefficients=coefficients,
            source=source,
            rate=rate,
            unit_rate=unit_rate,
            amount=amount,
            seller_cost=_seller_cost(row) * rate,
            list_cost=basis_amount(line, list_basis(line)) * rate if treatment.counts_list else ZERO,
            commitment_margin=(basis - line.effective_cost) * rate if treatment.keeps_difference else ZERO,
            reason=_price_reason(book, coefficients),
            reviews=(*treatment.reviews, *_below_zero(coefficients, amount, basis)),
        )

    def _resolver(self, book: Book) -> Resolver:
        found = self._resolvers.get(id(book))
        if found is None:
            found = self._resolvers[id(book)] = Resolver(book, self._month)
        return found

    def _unit_rate(self, book: Book, coefficients: Coefficients, rate: Decimal) -> Decimal:
        """A price per unit is in the currency of the book; where there is none, no rate is asked for."""
        if book.currency and coefficients.per_unit:
            return self._converter.factor(book.currency)
        return rate


def seller_basis(treatment: Treatment, terms: ProviderTerms) -> Basis:
    """Return which number of a row is what it costs the reseller; ``NOTHING`` where it is not this statement's."""
    if not treatment.counts_cost:
        return Basis.NOTHING
    return Basis.BILLED if terms.seller_cost is SellerCost.BILLED else Basis.EFFECTIVE


def _seller_cost(row: TreatedRow) -> Decimal:
    return basis_amount(row.line, seller_basis(row.treatment, row.terms))


def _price_reason(book: Book, coefficients: Coefficients) -> Reason:
    if coefficients.is_whole:
        return reason(ReasonCode.PASSED_WHOLE)
    if coefficients.rule is None:
        return reason(ReasonCode.BOOK_PERCENT, book=book.id, percent=book.percent)
    rule = coefficients.rule
    return reason(ReasonCode.RULE, book=book.id, rule=rule.id, kind=rule.kind.value, value=rule.value)


def _below_zero(coefficients: Coefficients, amount: Decimal, basis: Decimal) -> tuple[Review, ...]:
    """A difference per unit can be larger than the price."""
    is_turned = coefficients.per_unit < 0 and basis >= 0 and amount < 0
    return (Review.BELOW_ZERO,) if is_turned else ()


@exactly
def print_usage(
    rows: Iterable[PricedRow], currency: str
) -> tuple[tuple[StatementLine, ...], tuple[KeptCost, ...]]:
    """Return one line per provider, account, service and kind, each rounded once; and the costs that are on none."""
    units: dict[tuple[str, str, int, str], list[PricedRow]] = {}
    order = list(LineKind)
    for row in rows:
        name = (row.line.provider, row.line.account, order.index(row.treatment.kind), row.line.service)
        units.setdefault(name, []).append(row)
    printed: list[StatementLine] = []
    kept: list[KeptCost] = []
    for name in sorted(units):
        unit = units[name]
        billed = [row for row in unit if row.treatment.is_billed]
        cost = round_money(sum((row.seller_cost for row in unit), ZERO), currency)
        if billed:
            printed.append(_usage_line(billed, cost, currency))
        elif cost:
            kept.append(KeptCost(order[name[2]], name[0], name[1], name[3], cost))
    return tuple(printed), tuple(kept)


def _usage_line(rows: Sequence[PricedRow], seller_cost: Decimal, currency: str) -> StatementLine:
    first = rows[0]
    carrying = [row for row in rows if row.treatment.basis is not Basis.NOTHING]
    rates = {
        row.coefficients.per_cost * HUNDRED if not row.coefficients.per_unit else None for row in carrying
    }
    return StatementLine(
        kind=first.treatment.kind,
        amount=round_money(sum((row.amount for row in rows), ZERO), currency),
        basis=sum((row.basis * row.rate for row in rows), ZERO),
        rate=rates.pop() if len(rates) == 1 else None,
        reason=reason(
            ReasonCode.USAGE_ROWS, rows=len(rows), quantity=sum((row.line.quantity for row in rows), ZERO)
        ),
        provider=first.line.provider,
        account=first.line.account,
        service=first.line.service,
        seller_cost=seller_cost,
    )
