"""What a row of the bill is priced on: reserved instances and savings plans with their owners, and every other kind.

docs/pricing.md#commitments. The tool filters by ownership; it does not run the provider's allocation again.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from app.rating.pricebook import Book, RuleScope
from app.rating.reasons import ReasonCode, reason
from app.rating.usage import (
    Basis,
    Category,
    CommitmentKind,
    CommitmentStatus,
    LineKind,
    Review,
    Treatment,
    UsageLine,
    list_basis,
)

# arn:aws:ec2:eu-west-1:123456789012:reserved-instances/UUID; savings plans have no region.
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):.+", re.ASCII)


class PurchaseMode(enum.StrEnum):
    """How a reseller bills what was paid for a commitment."""

    AMORTISED = "amortised"  # the covered rows carry it
    FEE_IN_STATEMENT = "fee_in_statement"
    FEE_SEPARATE = "fee_separate"  # on a statement of its own
    NOT_BILLED = "not_billed"


class StatementKind(enum.StrEnum):
    """What a statement holds: a month's usage, or the fees of commitments that are billed apart."""

    USAGE = "usage"
    FEES = "fees"


class SellerCost(enum.StrEnum):
    """What counts as the reseller's cost."""

    EFFECTIVE = "effective"
    BILLED = "billed"


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """What holds for a customer at one provider. ``book``: the customer's; None is the master."""

    provider: str
    book: Book | None = None
    passes_reserved: bool = False
    passes_savings_plans: bool = False
    passes_credits: bool = False
    includes_marketplace: bool = True
    seller_cost: SellerCost = SellerCost.EFFECTIVE
    payer_accounts: frozenset[str] = frozenset()

    def passes(self, kind: CommitmentKind) -> bool:
        """Does a commitment that is not the customer's reach the customer?"""
        return self.passes_reserved if kind is CommitmentKind.RESERVED else self.passes_savings_plans


class Ownership(enum.StrEnum):
    """Whose a commitment is, seen from the customer whose statement it is."""

    CUSTOMER = "customer"
    OTHER_ACCOUNT = "other_account"
    PAYER = "payer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a commitment is, and the account that says so; None where nobody knows."""

    ownership: Ownership
    account: str | None


def arn_account(commitment_id: str) -> str | None:
    """Return field 5 of a commitment's ARN, the account that owns it; None for what is no such ARN."""
    found = _ARN.fullmatch(commitment_id)
    return found.group(1) if found else None


def bearing_account(line: UsageLine, purchase_accounts: Mapping[str, str]) -> str:
    """Return the account whose customer's statement a row belongs to.

    A purchase and an unused commitment are borne by the owner, wherever the provider wrote them; any other row by its
    own account.
    """
    if _is_commitment(line) and line.commitment_status is not CommitmentStatus.USED:
        return owner_account(line, purchase_accounts) or line.account
    return line.account


def owner_account(line: UsageLine, purchase_accounts: Mapping[str, str]) -> str | None:
    """Return the account that owns a row's commitment: as its ARN says, else the account of its purchase row."""
    if line.category is Category.PURCHASE:
        return arn_account(line.commitment_id) or line.account
    return arn_account(line.commitment_id) or purchase_accounts.get(line.commitment_id)


def owner_of(
    line: UsageLine, terms: ProviderTerms, own_accounts: Collection[str], purchase_accounts: Mapping[str, str]
) -> Owner:
    """Return whose a row's commitment is; the payer account's is the reseller's, whoever it is linked to."""
    return owner_seen_from(owner_account(line, purchase_accounts), terms, own_accounts)


def owner_seen_from(account: str | None, terms: ProviderTerms, own_accounts: Collection[str]) -> Owner:
    """Return whose a commitment is, by the account that owns it; None where nobody knows."""
    if account is None:
        return Owner(Ownership.UNKNOWN, None)
    if account in terms.payer_accounts:
        return Owner(Ownership.PAYER, account)
    return Owner(Ownership.CUSTOMER if account in own_accounts else Ownership.OTHER_ACCOUNT, account)


def treat(
    line: UsageLine, owner: Owner, terms: ProviderTerms, mode: PurchaseMode, kind: StatementKind
) -> Treatment:
    """Return what a row is priced on, or why it is not on the statement.

    ``owner`` is only asked where the row belongs to a commitment.
    """
    is_fee = _is_commitment(line) and line.category is Category.PURCHASE
    if kind is StatementKind.FEES and not is_fee:
        return _left_out(LineKind.USAGE, ReasonCode.NOT_A_FEE)
    if line.category in _SIMPLE:
        return _SIMPLE[line.category]
    if line.category in (Category.CREDIT, Category.REFUND, Category.DISCOUNT):
        return _CREDIT_PASSED if terms.passes_credits else _CREDIT_KEPT
    if line.is_marketplace:
        return _MARKETPLACE if terms.includes_marketplace else _MARKETPLACE_LEFT_OUT
    if is_fee:
        return _purchase(line, owner, mode, kind)
    if line.commitment_status is CommitmentStatus.UNUSED:
        return _unused(line, owner, mode)
    if line.commitment_status is CommitmentStatus.USED:
        return _covered(line, owner, terms, mode)
    if line.category in _AS_BILLED:
        return _AS_BILLED[line.category]
    if line.is_spot:
        return _SPOT
    basis = list_basis(line)
    return Treatment(
        True,
        LineKind.USAGE,
        basis,
        RuleScope.ALL,
        reason(_LIST_REASONS[basis]),
        _list_reviews(line),
        counts_list=True,
    )


def _is_commitment(line: UsageLine) -> bool:
    return bool(line.commitment_id) or line.commitment_status is not CommitmentStatus.NONE


def _left_out(kind: LineKind, code: ReasonCode, **parameters: str | None) -> Treatment:
    """Neither amount nor cost: the row is nothing of this statement's business."""
    return Treatment(
        False, kind, Basis.NOTHING, RuleScope.NONE, reason(code, **parameters), counts_cost=False
    )


def _kept(kind: LineKind, code: ReasonCode, **parameters: str | None) -> Treatment:
    """The reseller's: not on the statement, but part of what the customer costs."""
    return Treatment(False, kind, Basis.NOTHING, RuleScope.NONE, reason(code, **parameters))


def _billed(kind: LineKind, basis: Basis, scope: RuleScope, code: ReasonCode) -> Treatment:
    return Treatment(True, kind, basis, scope, reason(code))


_CREDIT_KEPT = _kept(LineKind.PROVIDER_CREDIT, ReasonCode.CREDIT_KEPT)
_CREDIT_PASSED = _billed(LineKind.PROVIDER_CREDIT, Basis.BILLED, RuleScope.NONE, ReasonCode.CREDIT_PASSED)
_MARKETPLACE = _billed(LineKind.MARKETPLACE, Basis.BILLED, RuleScope.NAMED, ReasonCode.MARKETPLACE)
_MARKETPLACE_LEFT_OUT = _left_out(LineKind.MARKETPLACE, ReasonCode.MARKETPLACE_LEFT_OUT)
_SPOT = Treatment(
    True, LineKind.USAGE, Basis.EFFECTIVE, RuleScope.ALL, reason(ReasonCode.SPOT), counts_list=True
)
_SIMPLE = {
    Category.TAX: _left_out(LineKind.TAX, ReasonCode.PROVIDER_TAX),
    # Joins the covered row that it takes back: no amount, and its cost where the seller's is as billed.
    Category.NEGATION: _billed(LineKind.USAGE, Basis.NOTHING, RuleScope.NONE, ReasonCode.NEGATION),
}
_AS_BILLED = {
    Category.PURCHASE: Treatment(
        True,
        LineKind.PURCHASE,
        Basis.BILLED,
        RuleScope.PERCENT_ONLY,
        reason(ReasonCode.OTHER_PURCHASE),
        counts_list=True,
    ),
    Category.ADJUSTMENT: _billed(
        LineKind.PROVIDER_ADJUSTMENT,
        Basis.BILLED,
        RuleScope.PERCENT_ONLY,
        ReasonCode.PROVIDER_ADJUSTMENT,
    ),
}


#: What stands for the list cost, and whether somebody should look at it; it is never silently 0.
_LIST_REASONS = {
    Basis.LIST: ReasonCode.LIST_PRICE,
    Basis.LIST_FROM_UNIT_PRICE: ReasonCode.LIST_FROM_UNIT_PRICE,
    Basis.EFFECTIVE: ReasonCode.LIST_MISSING,
}


def _list_reviews(line: UsageLine) -> tuple[Review, ...]:
    is_missing = line.lines_without_list or list_basis(line) is Basis.EFFECTIVE
    return (Review.LIST_MISSING,) if is_missing else ()


def _owner_reviews(owner: Owner) -> tuple[Review, ...]:
    return (Review.OWNER_UNKNOWN,) if owner.ownership is Ownership.UNKNOWN else ()


def _passed_basis(line: UsageLine, owner: Owner, mode: PurchaseMode) -> tuple[Basis, tuple[Review, ...]]:
    """What a commitment that reaches the customer costs there.

    All of it where nobody gets its fee; else only the part that is paid month by month, so that nothing is billed both
    amortised and as a fee. The reseller's own commitments have no fee for anybody.
    """
    has_fee = mode is not PurchaseMode.AMORTISED and owner.ownership in (
        Ownership.CUSTOMER,
        Ownership.OTHER_ACCOUNT,
    )
    if not has_fee:
        return Basis.EFFECTIVE, ()
    if line.recurring_cost is None:
        return Basis.BILLED, (Review.RECURRING_UNKNOWN,)
    return Basis.RECURRING, ()


def _covered(line: UsageLine, owner: Owner, terms: ProviderTerms, mode: PurchaseMode) -> Treatment:
    """A row that a commitment pays: as the commitment costs where it reaches the customer, else on demand."""
    is_own = owner.ownership is Ownership.CUSTOMER
    unknown = _owner_reviews(owner)
    facts = {"ownership": owner.ownership.value, "owner": owner.account}
    if is_own or terms.passes(line.commitment_kind):
        basis, reviews = _passed_basis(line, owner, mode)
        code = ReasonCode.COMMITMENT_OWN if is_own else ReasonCode.COMMITMENT_PASSED
        return Treatment(
            True,
            LineKind.USAGE,
            basis,
            RuleScope.PERCENT_ONLY,
            reason(code, **facts),
            (*unknown, *reviews),
            counts_list=True,
        )
    return Treatment(
        True,
        LineKind.USAGE,
        list_basis(line),
        RuleScope.ALL,
        reason(ReasonCode.COMMITMENT_KEPT, **facts),
        (*unknown, *_list_reviews(line)),
        counts_list=True,
        keeps_difference=True,
    )


def _unused(line: UsageLine, owner: Owner, mode: PurchaseMode) -> Treatment:
    """What of a commitment nobody used is paid by its owner."""
    facts = {"ownership": owner.ownership.value, "owner": owner.account}
    if owner.ownership is not Ownership.CUSTOMER:
        left_out = _left_out(LineKind.USAGE, ReasonCode.COMMITMENT_UNUSED_ELSEWHERE, **facts)
        return replace(left_out, reviews=_owner_reviews(owner))
    basis, reviews = _passed_basis(line, owner, mode)
    why = reason(ReasonCode.COMMITMENT_UNUSED, **facts)
    return Treatment(True, LineKind.USAGE, basis, RuleScope.PERCENT_ONLY, why, reviews)


def _purchase(line: UsageLine, owner: Owner, mode: PurchaseMode, kind: StatementKind) -> Treatment:
    """What was paid for a commitment: a fee of its owner, where fees are billed and on this statement."""
    facts = {"ownership": owner.ownership.value, "owner": owner.account}
    fee = LineKind.COMMITMENT_FEE
    is_apart = mode is PurchaseMode.FEE_SEPARATE and not line.is_carried
    if owner.ownership is not Ownership.CUSTOMER or is_apart is not (kind is StatementKind.FEES):
        return _left_out(fee, ReasonCode.PURCHASE_FEE_ELSEWHERE, **facts)
    if mode is PurchaseMode.AMORTISED:
        return _kept(fee, ReasonCode.PURCHASE_AMORTISED, **facts)
    if line.is_carried:
        return _kept(fee, ReasonCode.PURCHASE_CARRIED, **facts)
    if mode is PurchaseMode.NOT_BILLED:
        return _kept(fee, ReasonCode.PURCHASE_NOT_BILLED, **facts)
    why = reason(ReasonCode.PURCHASE_FEE, **facts)
    return Treatment(True, fee, Basis.BILLED, RuleScope.PERCENT_ONLY, why)
