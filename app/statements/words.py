"""What statements say to people of the reseller: states, kinds, and why an amount is what it is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.rating.reasons import ReasonCode
from app.rating.usage import Basis, LineKind, Review
from app.shell.formats import exact_text, month_text, percent_text, signed_percent_text
from app.statements.models import Kind, SettledBy, State, Statement

if TYPE_CHECKING:
    from app.statements.services.late import Settled

TAB_WORDS: dict[str, object] = {
    "all": _l("All"),
    "draft": _l("Drafts"),
    "open": lazy_pgettext("statements of this state", "Open"),
    "past_due": _l("Past due"),
    "paid": _l("Paid"),
    "void": _l("Void"),
}

KIND_WORDS: dict[Kind, object] = {
    Kind.USAGE: _l("Statement"),
    Kind.FEES: _l("Commitment fees"),
    Kind.CREDIT_NOTE: _l("Credit note"),
}

LINE_WORDS: dict[LineKind, object] = {
    LineKind.USAGE: _l("Usage"),
    LineKind.PURCHASE: _l("Purchase"),
    LineKind.COMMITMENT_FEE: _l("Commitment fee"),
    LineKind.PROVIDER_ADJUSTMENT: _l("Adjustment by the provider"),
    LineKind.PROVIDER_CREDIT: _l("Credit of the provider"),
    LineKind.MARKETPLACE: _l("Marketplace"),
    LineKind.CHARGE: _l("Charge"),
    LineKind.DISCOUNT: _l("Discount"),
    LineKind.GLOBAL_ADJUSTMENT: _l("Global discount or uplift"),
    LineKind.CREDIT: _l("Credit"),
    LineKind.TAX: _l("Tax"),
}

BASIS_WORDS: dict[Basis, object] = {
    Basis.LIST: _l("List cost"),
    Basis.LIST_FROM_UNIT_PRICE: _l("List unit price × quantity"),
    Basis.EFFECTIVE: _l("Effective cost"),
    Basis.BILLED: _l("Billed cost"),
    Basis.RECURRING: _l("Monthly part of the commitment"),
    Basis.NOTHING: _l("Nothing"),
}

REVIEW_WORDS: dict[Review, object] = {
    Review.LIST_MISSING: _l("No list price: priced at effective cost"),
    Review.OWNER_UNKNOWN: _l("Nobody knows whose commitment this is: it counts as yours"),
    Review.RECURRING_UNKNOWN: _l("The monthly part of the commitment is unknown: priced at billed cost"),
    Review.BELOW_ZERO: _l("A difference per unit makes the price negative"),
}

_WHY: dict[ReasonCode, object] = {
    ReasonCode.LIST_PRICE: _l("Usage counts at list price."),
    ReasonCode.LIST_FROM_UNIT_PRICE: _l(
        "Usage counts at list price, which is unit price times quantity here."
    ),
    ReasonCode.LIST_MISSING: _l("The bill has no list price, so effective cost stands in for it."),
    ReasonCode.SPOT: _l("Spot usage counts at effective cost."),
    ReasonCode.PROVIDER_ADJUSTMENT: _l("Adjustments of the provider count as billed."),
    ReasonCode.OTHER_PURCHASE: _l("Purchases that are no commitment count as billed."),
    ReasonCode.PROVIDER_TAX: _l("Taxes of the provider are not passed on."),
    ReasonCode.CREDIT_KEPT: _l("Credits of the provider stay with you."),
    ReasonCode.CREDIT_PASSED: _l("Credits of the provider are passed on, as billed."),
    ReasonCode.MARKETPLACE: _l("Marketplace charges count as billed."),
    ReasonCode.MARKETPLACE_LEFT_OUT: _l("Marketplace charges are not on statements."),
    ReasonCode.NEGATION: _l("Takes a covered line back, which costs the customer nothing."),
    ReasonCode.COMMITMENT_OWN: _l("Covered by the customer's own commitment: the discount stays."),
    ReasonCode.COMMITMENT_PASSED: _l("Covered by a commitment that you pass on to the customer."),
    ReasonCode.COMMITMENT_KEPT: _l(
        "Covered by a commitment that is not the customer's: counts at list price."
    ),
    ReasonCode.COMMITMENT_UNUSED: _l("What nobody used of the customer's own commitment."),
    ReasonCode.COMMITMENT_UNUSED_ELSEWHERE: _l("What nobody used of a commitment is paid by its owner."),
    ReasonCode.PURCHASE_AMORTISED: _l("The covered usage carries what was paid for the commitment."),
    ReasonCode.PURCHASE_FEE: _l("What was paid for the customer's commitment."),
    ReasonCode.PURCHASE_FEE_ELSEWHERE: _l("The fee of a commitment is on its owner's statement."),
    ReasonCode.PURCHASE_CARRIED: _l("The covered usage carries this monthly fee already."),
    ReasonCode.PURCHASE_NOT_BILLED: _l("What is paid for commitments is settled elsewhere."),
    ReasonCode.NOT_A_FEE: _l("Only fees are on this statement."),
    ReasonCode.PLAN_FIXED: _l("A fixed amount."),
    ReasonCode.PLAN_PERCENT: _l("A percentage of the basis."),
    ReasonCode.PLAN_TIERED: _l("Tiers of the basis, each slice at its own rate."),
    ReasonCode.GLOBAL_DISCOUNT: _l("The customer's global discount, on everything before credits and tax."),
    ReasonCode.GLOBAL_UPLIFT: _l("The customer's global uplift, on everything before credits and tax."),
    ReasonCode.CREDIT_USED: _l("Credits are used oldest first, and never make a statement less than 0."),
    ReasonCode.TAX: _l("Tax on the taxable sum, rounded once."),
}

LEVEL_WORDS: dict[str, object] = {
    "account": _l("the cloud account"),
    "group": _l("the account group"),
    "customer": _l("the customer"),
    "reseller": _l("all customers"),
}

LIMIT_WORDS: dict[str, object] = {
    "minimum": _l("the minimum"),
    "maximum": _l("the maximum"),
}

BOOK_SOURCE_WORDS: dict[str, object] = {
    "account": _l("agreed for the cloud account"),
    "customer": _l("agreed for the customer"),
    "master": _l("no pricebook was agreed"),
}


def why_words(reason: Mapping[str, Any]) -> str:
    """Say why an amount is what it is; "" for what says itself."""
    code = reason.get("code", "")
    if code == "credit_note":
        return _("Takes a part of the corrected statement back.")
    return str(_WHY.get(ReasonCode(code), "")) if code in set(ReasonCode) else ""


def rule_words(row: Mapping[str, Any]) -> str:
    """Say which rule of which book priced a row."""
    if row["is_whole"]:
        return _("Passed on whole: no rule applies")
    book = row["book"] or _("Master (list price)")
    rule = row["rule"]
    if rule is None:
        percent = Decimal(row["book_percent"] or 0)
        if not percent:
            return _("%(book)s: no rule, list price", book=book)
        return _(
            "%(book)s: no rule, %(percent)s on everything", book=book, percent=signed_percent_text(percent)
        )
    names = [rule[one] for one in ("service", "sku", "region", "usage_type") if rule[one]]
    what = ", ".join(names) or _("everything")
    return _("%(book)s: %(what)s %(price)s", book=book, what=what, price=_rule_price(rule))


def _rule_price(rule: Mapping[str, Any]) -> str:
    if not rule["has_value"]:
        return _("at the book's own percentage")
    value = Decimal(rule["value"])
    if rule["kind"] == "percent":
        return signed_percent_text(value)
    if rule["kind"] == "delta":
        sign = "+" if value >= 0 else "−"
        return _("%(value)s per unit on top", value=f"{sign}{exact_text(abs(value))}")
    return _("%(value)s per unit", value=exact_text(value))


def arithmetic(row: Mapping[str, Any]) -> str:
    """Return ``1,000 × 0.9 = 900``: how the amount of a row comes about."""
    per_cost, per_unit = Decimal(row["per_cost"]), Decimal(row["per_unit"])
    parts = []
    if per_cost or not per_unit:
        parts.append(_product(row["basis"], row["per_cost"], row["rate"]))
    if per_unit:
        parts.append(_product(row["quantity"], row["per_unit"], row["unit_rate"]))
    return f"{' + '.join(parts)} = {exact(row['amount'])}"


def _product(amount: str, factor: str, rate: str) -> str:
    factors = [exact(amount), exact(factor)]
    if Decimal(rate) != 1:
        factors.append(exact(rate))
    return " × ".join(factors)


def exact(value: str) -> str:
    """Return a decimal that was kept as text, as people read it."""
    return exact_text(Decimal(value))


def measured(quantity: str | Decimal, unit: str) -> str:
    """Return a quantity with its unit."""
    return f"{exact_text(Decimal(quantity))} {unit_word(unit)}".rstrip()


def badge_of(statement: Statement, today: datetime.date) -> str:
    """Return the word of where a statement stands, for its badge."""
    return "past_due" if statement.is_past_due(today) else f"statement_{statement.state.value}"


def unit_word(unit: str) -> str:
    """Return a unit as it stands behind a quantity: Azure measures in "1 Hour", others count in lots: 3 × 10K."""
    unit = unit.removeprefix("1 ")
    return f"× {unit}" if unit[:1].isdigit() else unit


def kind_word(statement: Statement) -> object:
    """Return what a statement is called: one that gives money back is a credit note, too."""
    return KIND_WORDS[Kind.CREDIT_NOTE if statement.is_credit_note else statement.kind]


def title_of(statement: Statement) -> str:
    """Return what a statement is called."""
    kind = kind_word(statement)
    if statement.number:
        return f"{kind} {statement.number}"
    if statement.state is State.DISCARDED:
        return _("%(kind)s of %(month)s, discarded", kind=kind, month=month_text(statement.month))
    return _("%(kind)s of %(month)s, draft", kind=kind, month=month_text(statement.month))


def rate_words(rate: str) -> str:
    """Return a rate as it is shown; "" for none."""
    return percent_text(Decimal(rate)) if rate else ""


def rates_words(percents: tuple[Decimal | None, Decimal | None]) -> str:
    """Say from which percentage to which other one something goes; "" for none at all."""
    before, after = ((one or Decimal(0)) for one in percents)
    return f"{signed_percent_text(before)} → {signed_percent_text(after)}" if before != after else ""


def fact_words(name: str, value: Any, currency: str) -> str:
    """Return a parameter of a reason as people read it."""
    if name in ("base", "fee", "remaining"):
        return f"{currency} {exact(str(value))}"
    return str(LEVEL_WORDS.get(str(value)) or LIMIT_WORDS.get(str(value)) or value)


def settled_text(settled: Settled) -> str:
    """Say what became of a late change."""
    if settled.by is SettledBy.CHARGE:
        return _("It will be on the statement of %(month)s.", month=month_text(settled.month))
    if settled.by is SettledBy.CREDIT:
        return _("The customer has a credit of it. The next statement uses it.")
    return _("The credit note is a draft. Look at it, then issue it.")


def late_text(is_missing: bool, month: datetime.date) -> str:
    """Return how a late change is usually called on what the customer gets."""
    if is_missing:
        return _("Late usage of %(month)s", month=month_text(month))
    return _("Correction of %(month)s", month=month_text(month))
