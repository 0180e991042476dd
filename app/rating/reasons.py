"""Why an amount is what it is: a code and its parameters, which screens put into words."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.rating.problems import Parameters, Value


class ReasonCode(enum.StrEnum):
    """Every reason there is. The parameters of each are named beside it."""

    # Which basis a row of usage has, or why it is not on the statement.
    LIST_PRICE = "list_price"
    LIST_FROM_UNIT_PRICE = "list_from_unit_price"
    LIST_MISSING = "list_missing"
    SPOT = "spot"
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    OTHER_PURCHASE = "other_purchase"
    PROVIDER_TAX = "provider_tax"
    CREDIT_KEPT = "credit_kept"
    CREDIT_PASSED = "credit_passed"
    MARKETPLACE = "marketplace"
    MARKETPLACE_LEFT_OUT = "marketplace_left_out"
    NEGATION = "negation"
    # Commitments: ``ownership`` and ``owner`` (the account, or None where nobody knows).
    COMMITMENT_OWN = "commitment_own"
    COMMITMENT_PASSED = "commitment_passed"
    COMMITMENT_KEPT = "commitment_kept"
    COMMITMENT_UNUSED = "commitment_unused"
    COMMITMENT_UNUSED_ELSEWHERE = "commitment_unused_elsewhere"
    PURCHASE_AMORTISED = "purchase_amortised"
    PURCHASE_FEE = "purchase_fee"
    PURCHASE_FEE_ELSEWHERE = "purchase_fee_elsewhere"
    PURCHASE_CARRIED = "purchase_carried"
    PURCHASE_NOT_BILLED = "purchase_not_billed"
    NOT_A_FEE = "not_a_fee"
    # What the pricebook made of it: ``book``, and ``rule`` where one won.
    RULE = "rule"
    BOOK_PERCENT = "book_percent"
    PASSED_WHOLE = "passed_whole"
    # Printed lines.
    USAGE_ROWS = "usage_rows"  # rows, quantity
    PLAN_FIXED = "plan_fixed"  # plan, level, limit, days, days_in_month, accounts, fee
    PLAN_PERCENT = "plan_percent"  # the same
    PLAN_TIERED = "plan_tiered"  # the same
    GLOBAL_DISCOUNT = "global_discount"
    GLOBAL_UPLIFT = "global_uplift"
    CREDIT_USED = "credit_used"  # credit, remaining
    TAX = "tax"
    # Credits that were not used.
    NOT_YET = "not_yet"  # first_month
    OTHER_CURRENCY = "other_currency"  # currency
    NOTHING_LEFT_TO_PAY = "nothing_left_to_pay"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters, in the order of their names."""

    code: ReasonCode
    parameters: Parameters = ()

    def parameter(self, name: str) -> Value:
        """Return one parameter by its name; ``KeyError`` where the reason has none of that name."""
        return dict(self.parameters)[name]


def reason(code: ReasonCode, **parameters: Value) -> Reason:
    """Return a reason; parameters are kept in the order of their names."""
    return Reason(code, tuple(sorted(parameters.items())))
