"""Usage: what is handed in of a provider's bill, and what of it counts how."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

from app.rating.money import ZERO, check_currency, check_decimal, check_optional_decimal, exactly
from app.rating.pricebook import PriceKey, RuleScope
from app.rating.problems import required
from app.rating.reasons import Reason


class Category(enum.StrEnum):
    """What a row of the bill is. FOCUS ChargeCategory, with what providers' own line types tell apart."""

    USAGE = "usage"
    PURCHASE = "purchase"
    CREDIT = "credit"
    REFUND = "refund"
    DISCOUNT = (
        "discount"  # private ones: EdpDiscount, PrivateRateDiscount, SppDiscount, DistributorDiscount ...
    )
    ADJUSTMENT = "adjustment"
    TAX = "tax"
    NEGATION = "negation"  # AWS SavingsPlanNegation: the equal negative of a covered row


class CommitmentKind(enum.StrEnum):
    """Which switch lets it through."""

    RESERVED = "reserved"
    SAVINGS_PLAN = "savings_plan"


class CommitmentStatus(enum.StrEnum):
    """What became of the commitment on this row."""

    NONE = "none"
    USED = "used"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One row of a bill, or the sum of rows that agree in everything but quantity and costs.

    All costs are in ``currency``.

    - ``list_cost`` is None where the bill has none and it was not filled either (0 is a price of 0);
      ``list_unit_price`` then helps out. ``lines_without_list`` counts the lines of a sum that were filled from
      effective cost.
    - ``recurring_cost`` is the part of the effective cost that is paid month by month, None where the bill does not
      say it. ``is_carried`` marks a purchase row whose amount covered rows carry as that part.
    """

    provider: str
    account: str
    service: str
    quantity: Decimal
    currency: str
    list_cost: Decimal | None
    effective_cost: Decimal
    billed_cost: Decimal
    sku: str = ""
    region: str = ""
    usage_type: str = ""
    category: Category = Category.USAGE
    is_spot: bool = False
    is_marketplace: bool = False
    commitment_id: str = ""
    commitment_kind: CommitmentKind = CommitmentKind.RESERVED
    commitment_status: CommitmentStatus = CommitmentStatus.NONE
    recurring_cost: Decimal | None = None
    is_carried: bool = False
    list_unit_price: Decimal | None = None
    lines_without_list: int = 0
    #: Whatever leads the caller back to the rows behind; rating only carries it along.
    reference: str = ""

    def __post_init__(self) -> None:
        check_currency(self.currency)
        for field in ("quantity", "effective_cost", "billed_cost"):
            check_decimal(getattr(self, field), field)
        for field in ("list_cost", "recurring_cost", "list_unit_price"):
            check_optional_decimal(getattr(self, field), field)

    @property
    def key(self) -> PriceKey:
        """What a price rule can name of it."""
        return PriceKey(self.service, self.sku, self.region, self.usage_type)


class Basis(enum.StrEnum):
    """Which number of a row the pricebook is applied to."""

    LIST = "list"
    LIST_FROM_UNIT_PRICE = "list_from_unit_price"  # list unit price x quantity
    EFFECTIVE = "effective"
    BILLED = "billed"
    RECURRING = "recurring"
    NOTHING = "nothing"


@exactly
def basis_amount(line: UsageLine, basis: Basis) -> Decimal:
    """Return that number of a row, in the row's currency; refuses one that the row does not know."""
    if basis is Basis.LIST:
        return required(line.list_cost, "list_cost")
    if basis is Basis.LIST_FROM_UNIT_PRICE:
        return required(line.list_unit_price, "list_unit_price") * line.quantity
    if basis is Basis.RECURRING:
        return required(line.recurring_cost, "recurring_cost")
    return {Basis.EFFECTIVE: line.effective_cost, Basis.BILLED: line.billed_cost, Basis.NOTHING: ZERO}[basis]


def list_basis(line: UsageLine) -> Basis:
    """Return what stands for the list cost of a row: that itself, else unit price x quantity, else effective cost."""
    if line.list_cost is not None:
        return Basis.LIST
    return Basis.EFFECTIVE if line.list_unit_price is None else Basis.LIST_FROM_UNIT_PRICE


class LineKind(enum.StrEnum):
    """What a printed line is, in the order of a statement."""

    USAGE = "usage"
    PURCHASE = "purchase"
    COMMITMENT_FEE = "commitment_fee"
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    PROVIDER_CREDIT = "provider_credit"
    MARKETPLACE = "marketplace"
    CHARGE = "charge"
    DISCOUNT = "discount"
    GLOBAL_ADJUSTMENT = "global_adjustment"
    CREDIT = "credit"
    TAX = "tax"


class Review(enum.StrEnum):
    """Why somebody should look at a row before the statement is issued."""

    LIST_MISSING = "list_missing"  # priced at effective cost, for want of a list price
    OWNER_UNKNOWN = "owner_unknown"  # a commitment that counts as the reseller's
    RECURRING_UNKNOWN = "recurring_unknown"  # priced at billed cost, for want of the recurring part
    BELOW_ZERO = "below_zero"  # a difference per unit makes the price negative


@dataclass(frozen=True, slots=True)
class Treatment:
    """What happens to a row before the pricebook: on the statement or not, on which basis, and why.

    It depends on what kind of row it is and never on an amount (list cost and recurring part only in whether they are
    known), so that it holds for a sum as for its lines, and an SQL engine can apply it.
    """

    is_billed: bool
    kind: LineKind
    basis: Basis
    scope: RuleScope
    reason: Reason
    reviews: tuple[Review, ...] = ()
    #: Does the seller cost of the row count for the statement's margin?
    counts_cost: bool = True
    #: Does the list cost of the row count for plans on list cost?
    counts_list: bool = False
    #: Does the reseller keep list cost - effective cost as commitment margin?
    keeps_difference: bool = False
