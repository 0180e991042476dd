"""AWS Cost and Usage Report, 1.0 (``lineItem/UsageAmount``) and 2.0 (``line_item_usage_amount``, with maps).

docs/usage-formats.md#aws. What a line is, its type says. The fee of a commitment and what nobody used of it are one row
here and two lines in the store: a purchase, and usage of an unused commitment that its owner pays.
"""

from __future__ import annotations

from app.usage.formats.mapping import Format, LineMapping, costs
from app.usage.formats.sources import (
    NO_NUMBER,
    NO_TEXT,
    ZERO,
    Sources,
    chosen,
    first,
    is_one_of,
    quoted,
)

_COVERED = ("DiscountedUsage", "SavingsPlanCoveredUsage")
_PLAN_FEES = ("SavingsPlanRecurringFee", "SavingsPlanUpfrontFee")
#: Their rows say what nobody used of the commitment.
_WITH_UNUSED = ("RIFee", "SavingsPlanRecurringFee")
_CATEGORIES = {
    "Usage": "usage",
    "DiscountedUsage": "usage",
    "SavingsPlanCoveredUsage": "usage",
    "SavingsPlanNegation": "negation",
    "Fee": "purchase",
    "RIFee": "purchase",
    "SavingsPlanRecurringFee": "purchase",
    "SavingsPlanUpfrontFee": "purchase",
    "Credit": "credit",
    "Refund": "refund",
    "Tax": "tax",
}
_UNUSED = "piece IS NOT NULL"


def build(sources: Sources) -> LineMapping:
    """Return how the rows of a Cost and Usage Report are read."""
    text, number = sources.text, sources.number
    product_of, price_of = _map_or_columns(sources, "product"), _map_or_columns(sources, "pricing")
    line_type = text("lineItem/LineItemType")
    starts, period = sources.time("lineItem/UsageStartDate"), sources.time("bill/BillingPeriodStartDate")
    account = f"trim({text('lineItem/UsageAccountId')})"
    currency = text("lineItem/CurrencyCode")
    sources.require(f"nullif({account}, '')", "lineItem/UsageAccountId")
    sources.require(starts, "lineItem/UsageStartDate")
    sources.require(currency, "lineItem/CurrencyCode")
    sources.require(line_type, "lineItem/LineItemType")

    quantity, billed = number("lineItem/UsageAmount"), number("lineItem/UnblendedCost")
    reserved, plan = text("reservation/ReservationARN"), text("savingsPlan/SavingsPlanARN")
    is_reserved_fee = f"({line_type} = 'RIFee' OR ({line_type} = 'Fee' AND {reserved} IS NOT NULL))"
    is_plan = sources.mark(
        "is_plan", is_one_of(line_type, ("SavingsPlanCoveredUsage", "SavingsPlanNegation", *_PLAN_FEES))
    )
    is_reserved = sources.mark("is_reserved", f"({line_type} = 'DiscountedUsage' OR {is_reserved_fee})")
    is_covered = sources.mark("is_covered", is_one_of(line_type, _COVERED))
    is_fee = sources.mark("is_fee", f"({is_one_of(line_type, _PLAN_FEES)} OR {is_reserved_fee})")
    is_usage = sources.mark("is_usage", is_one_of(line_type, ("Usage", *_COVERED)))
    plan_recurs = _plan_is_paid_monthly(sources)
    unused, unused_recurring = _unused(sources, line_type, plan_recurs)
    plan_cost = first(number("savingsPlan/SavingsPlanEffectiveCost"), billed)
    effective = (
        f"CASE WHEN {_UNUSED} THEN {unused} WHEN {is_fee} OR {line_type} = 'SavingsPlanNegation' THEN {ZERO} "
        f"WHEN {line_type} = 'SavingsPlanCoveredUsage' THEN {plan_cost} "
        f"WHEN {line_type} = 'DiscountedUsage' THEN {_reserved_cost(sources, billed)} ELSE {billed} END"
    )
    billed_once = f"CASE WHEN {_UNUSED} THEN {ZERO} ELSE {billed} END"
    listed = costs(
        is_usage=f"({is_usage} AND NOT {_UNUSED})",
        list_cost=number("pricing/publicOnDemandCost"),
        quantity=quantity,
        list_unit_price=number("pricing/publicOnDemandRate"),
        effective=f"({effective})",
        billed=billed,
    )
    recurring_of_usage = number("reservation/RecurringFeeForUsage")
    return LineMapping(
        expressions={
            "provider": "'aws'",
            "month": f"date_trunc('month', {first(period, starts)})::DATE",
            "payer": first(text("bill/PayerAccountId"), account),
            "account": account,
            "account_name": text("lineItem/UsageAccountName"),
            "usage_date": f"{starts}::DATE",
            "starts_at": starts,
            "ends_at": sources.time("lineItem/UsageEndDate"),
            "service": first(product_of("ProductName"), text("lineItem/ProductCode")),
            "sku": product_of("sku"),
            "region": first(product_of("regionCode"), product_of("region")),
            "usage_type": text("lineItem/UsageType"),
            "operation": text("lineItem/Operation"),
            "description": text("lineItem/LineItemDescription"),
            "resource_id": f"CASE WHEN {_UNUSED} THEN {first(plan, reserved)} "
            f"ELSE {text('lineItem/ResourceId')} END",
            "category": f"CASE WHEN {_UNUSED} THEN 'usage' ELSE {_category(line_type)} END",
            "is_correction": f"{is_usage} AND {starts} < {period}",
            "pricing_category": _pricing_category(sources, is_usage, is_covered, product_of),
            "commitment_id": f"CASE WHEN {is_plan} THEN {plan} WHEN {is_reserved} THEN {reserved} END",
            "commitment_kind": f"CASE WHEN {is_plan} THEN 'savings_plan' WHEN {is_reserved} THEN 'reserved' END",
            "commitment_status": f"CASE WHEN {_UNUSED} THEN 'unused' "
            f"WHEN {is_covered} OR {line_type} = 'SavingsPlanNegation' THEN 'used' ELSE 'none' END",
            "line_type": line_type,
            "is_marketplace": f"{text('bill/BillingEntity')} = 'AWS Marketplace'",
            "is_carried": f"NOT {_UNUSED} AND ({line_type} = 'RIFee' OR "
            f"({line_type} = 'SavingsPlanRecurringFee' AND {plan_recurs} IS NOT NULL))",
            "has_recurring": f"CASE WHEN {_UNUSED} THEN {unused_recurring} IS NOT NULL "
            f"WHEN {line_type} = 'DiscountedUsage' THEN {recurring_of_usage} IS NOT NULL "
            f"WHEN {line_type} = 'SavingsPlanCoveredUsage' THEN {plan_recurs} IS NOT NULL ELSE false END",
            "unit": first(price_of("unit"), text("pricing/unit")),
            "currency": currency,
            "quantity": f"CASE WHEN {_UNUSED} THEN {number('reservation/UnusedQuantity')} ELSE {quantity} END",
            "list_cost": f"CASE WHEN {_UNUSED} OR {line_type} = 'SavingsPlanNegation' THEN {ZERO} "
            f"ELSE {listed['list_cost']} END",
            "is_list_missing": listed["is_list_missing"],
            "contracted_cost": f"CASE WHEN {_UNUSED} THEN {ZERO} "
            f"WHEN {line_type} = 'DiscountedUsage' THEN {listed['list_cost']} ELSE {billed} END",
            "effective_cost": effective,
            "billed_cost": billed_once,
            "recurring_cost": f"CASE WHEN {_UNUSED} THEN {unused_recurring} "
            f"WHEN {line_type} = 'DiscountedUsage' THEN {recurring_of_usage} "
            f"WHEN {line_type} = 'SavingsPlanCoveredUsage' AND {plan_recurs} "
            f"THEN {number('savingsPlan/SavingsPlanEffectiveCost')} END",
            "invoice_id": text("bill/InvoiceId"),
            "tags": first(sources.tags("resourceTags/"), f"nullif({text('resource_tags')}, '{{}}')")
            if sources.has("resource_tags")
            else sources.tags("resourceTags/", "resource_tags_"),
        },
        pieces=f"CASE WHEN {is_one_of(line_type, _WITH_UNUSED)} AND {unused} <> 0 THEN [NULL, 'unused'] ELSE [NULL] END"
        if unused != NO_NUMBER
        else "[NULL::VARCHAR]",
    )


def _map_or_columns(sources: Sources, name: str):  # type: ignore[no-untyped-def]
    """Return what finds a value in ``product/sku`` or ``product_sku``, else in the map ``product`` of version 2."""

    def find(key: str) -> str:
        column = sources.text(f"{name}/{key}")
        if column != NO_TEXT or not sources.has(name):
            return column
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key).lstrip("_")
        return f"json_extract_string({sources.text(name)}, '$.{snake}')"

    return find


def _category(line_type: str) -> str:
    # A new type of discount is a discount; whatever else is new is taken as billed.
    otherwise = f"CASE WHEN suffix({line_type}, 'Discount') THEN 'discount' ELSE 'adjustment' END"
    return chosen(line_type, _CATEGORIES, otherwise)


def _pricing_category(sources: Sources, is_usage: str, is_covered: str, product_of) -> str:  # type: ignore[no-untyped-def]
    """Spot is known by what AWS says of the purchase; where it says nothing, by usage type or description."""
    option = first(
        sources.text("pricing/PurchaseOption"), product_of("purchaseOption"), product_of("marketoption")
    )
    usage_type, description = sources.text("lineItem/UsageType"), sources.text("lineItem/LineItemDescription")
    is_spot = (
        f"(coalesce(prefix({option}, 'Spot'), false) OR coalesce(contains({usage_type}, 'SpotUsage'), false) "
        f"OR coalesce(contains({description}, ' Spot Instance'), false))"
    )
    return (
        f"CASE WHEN {_UNUSED} OR {is_covered} THEN 'committed' WHEN NOT {is_usage} THEN '' "
        f"WHEN {is_spot} THEN 'dynamic' ELSE 'standard' END"
    )


def _reserved_cost(sources: Sources, billed: str) -> str:
    """What an hour covered by a reserved instance costs: its share of the upfront fee and its recurring part."""
    upfront = sources.number("reservation/AmortizedUpfrontCostForUsage")
    recurring = sources.number("reservation/RecurringFeeForUsage")
    return first(
        f"CASE WHEN {upfront} IS NOT NULL OR {recurring} IS NOT NULL "
        f"THEN coalesce({upfront}, {ZERO}) + coalesce({recurring}, {ZERO}) END",
        sources.number("reservation/EffectiveCost"),
        billed,
    )


def _plan_is_paid_monthly(sources: Sources) -> str:
    """True where all of a savings plan is paid month by month, false where nothing is, NULL where nobody says."""
    option = sources.text("savingsPlan/PaymentOption")
    return f"CASE {option} WHEN {quoted('No Upfront')} THEN true WHEN {quoted('All Upfront')} THEN false END"


def _unused(sources: Sources, line_type: str, plan_recurs: str) -> tuple[str, str]:
    """What nobody used of a commitment, and the part of that which is paid month by month."""
    upfront = sources.number("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
    recurring = sources.number("reservation/UnusedRecurringFee")
    committed, used = (
        sources.number("savingsPlan/TotalCommitmentToDate"),
        sources.number("savingsPlan/UsedCommitment"),
    )
    if (upfront, recurring, committed) == (NO_NUMBER,) * 3:
        return NO_NUMBER, NO_NUMBER
    of_reserved = f"coalesce({upfront}, {ZERO}) + coalesce({recurring}, {ZERO})"
    of_plan = f"coalesce({committed}, {ZERO}) - coalesce({used}, {ZERO})"
    whole = f"CASE {line_type} WHEN 'RIFee' THEN {of_reserved} ELSE {of_plan} END"
    monthly = (
        f"CASE {line_type} WHEN 'RIFee' THEN {recurring} ELSE CASE WHEN {plan_recurs} THEN {of_plan} "
        f"WHEN NOT {plan_recurs} THEN {ZERO} END END"
    )
    return f"({whole})", f"({monthly})"


FORMAT = Format(
    code="aws",
    signature=frozenset({"lineitemlineitemtype"}),
    required=(
        ("lineItem/UsageAccountId",),
        ("lineItem/UsageStartDate",),
        ("lineItem/UnblendedCost",),
        ("lineItem/UsageAmount",),
        ("lineItem/CurrencyCode",),
    ),
    build=build,
)
