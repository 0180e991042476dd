"""Azure cost details, of Enterprise Agreements and of Microsoft Customer Agreements.

docs/usage-formats.md#azure. Both name columns differently and in any case. Covered rows say what they cost in the
amortised export only; in the actual one they cost nothing.
"""

from __future__ import annotations

from app.usage.formats.mapping import Format, LineMapping, costs
from app.usage.formats.sources import NO_NUMBER, NO_TEXT, ZERO, Sources, chosen, first, is_one_of, product

_CATEGORIES = {
    "Usage": "usage",
    "UnusedReservation": "usage",
    "UnusedSavingsPlan": "usage",
    "Purchase": "purchase",
    "Refund": "refund",
    "Credit": "credit",
    "Tax": "tax",
}
_UNUSED = ("UnusedReservation", "UnusedSavingsPlan")


def build(sources: Sources) -> LineMapping:
    """Return how rows of cost details are read."""
    text, number, time = sources.text, sources.number, sources.time
    charge, model = text("ChargeType"), text("PricingModel")
    date = time("Date", "UsageDate", "UsageDateTime")
    period = time("BillingPeriodStartDate")
    currency = first(text("BillingCurrencyCode"), text("BillingCurrency"), text("Currency"))
    payer = text("BillingAccountId", "EnrollmentNumber", "BillingProfileId")
    cost = number("CostInBillingCurrency", "Cost", "PreTaxCost")
    quantity = number("Quantity", "UsageQuantity")
    benefit = first(text("benefitId"), text("ReservationId"))
    # A reservation is bought for the billing account as a whole.
    account = first(
        f"nullif(trim({text('SubscriptionId', 'SubscriptionGuid')}), '')",
        f"CASE WHEN {charge} <> 'Usage' THEN {payer} END",
    )
    for expression, name in (
        (account, "SubscriptionId"),
        (date, "Date"),
        (currency, "BillingCurrencyCode"),
        (charge, "ChargeType"),
        (cost, "CostInBillingCurrency"),
    ):
        sources.require(expression, name)

    is_unused = is_one_of(charge, _UNUSED)
    is_covered = (
        f"({charge} = 'Usage' AND {is_one_of(model, ('Reservation', 'SavingsPlan', 'Savings Plan'))})"
    )
    is_commitment = f"({is_unused} OR {is_covered} OR ({benefit} IS NOT NULL AND {charge} <> 'Usage'))"
    is_plan = (
        f"coalesce(contains(lower({benefit}), 'billingbenefits') OR {charge} = 'UnusedSavingsPlan' "
        f"OR contains({model}, 'Savings'), false)"
    )
    is_fee = f"({charge} IN ('Purchase', 'Refund') AND {benefit} IS NOT NULL)"
    effective = f"CASE WHEN {is_fee} THEN {ZERO} ELSE {cost} END"
    billed = f"CASE WHEN {is_unused} OR {is_covered} THEN {ZERO} ELSE {cost} END"
    return LineMapping(
        expressions={
            "provider": "'azure'",
            "month": f"date_trunc('month', {first(period, date)})::DATE",
            "payer": first(payer, account),
            "account": account,
            "account_name": text("SubscriptionName"),
            "usage_date": f"{date}::DATE",
            "starts_at": date,
            "ends_at": f"{date} + INTERVAL 1 DAY",
            "service": first(text("MeterCategory"), text("ConsumedService")),
            "service_category": text("ServiceFamily"),
            "sku": text("MeterId", "PartNumber"),
            "region": text("ResourceLocation", "Location", "MeterRegion"),
            "usage_type": text("MeterName"),
            "operation": text("MeterSubCategory"),
            "description": text("ProductName", "Product"),
            "resource_id": text("ResourceId", "InstanceId", "InstanceName"),
            "resource_name": first(
                text("ResourceName"), f"split_part({text('ResourceId', 'InstanceId')}, '/', -1)"
            ),
            "category": chosen(charge, _CATEGORIES, "'adjustment'"),
            "is_correction": f"{charge} = 'Usage' AND {date} < {period}",
            "pricing_category": f"CASE WHEN {is_unused} OR {is_covered} THEN 'committed' "
            f"WHEN {charge} <> 'Usage' THEN '' WHEN {model} = 'Spot' THEN 'dynamic' ELSE 'standard' END",
            "commitment_id": f"CASE WHEN {is_commitment} THEN {benefit} END",
            "commitment_kind": f"CASE WHEN NOT {is_commitment} THEN '' WHEN {is_plan} THEN 'savings_plan' "
            "ELSE 'reserved' END",
            "commitment_status": f"CASE WHEN {is_unused} THEN 'unused' WHEN {is_covered} THEN 'used' ELSE 'none' END",
            "line_type": charge,
            "is_marketplace": f"{text('PublisherType')} = 'Marketplace'",
            "unit": text("UnitOfMeasure"),
            "currency": currency,
            "quantity": quantity,
            **costs(
                is_usage=f"({charge} = 'Usage')",
                list_cost=number("paygCostInBillingCurrency"),
                quantity=quantity,
                list_unit_price=_list_price(sources, currency),
                effective=f"({effective})",
                billed=f"({billed})",
            ),
            "contracted_cost": first(product(quantity, number("UnitPrice")), cost)
            if not _is_priced_elsewhere(sources)
            else cost,
            "effective_cost": effective,
            "billed_cost": billed,
            "invoice_id": text("InvoiceId"),
            "tags": _tags(text("Tags")),
        }
    )


def _is_priced_elsewhere(sources: Sources) -> bool:
    """Do unit prices stand in another currency than costs?"""
    return sources.has("PricingCurrency", "PricingCurrencyCode")


def _list_price(sources: Sources, currency: str) -> str:
    """Pay-as-you-go price, brought to the billing currency at the bill's own rate."""
    price = sources.number("PayGPrice")
    if price == NO_NUMBER or not _is_priced_elsewhere(sources):
        return price
    pricing = sources.text("PricingCurrency", "PricingCurrencyCode")
    rate = sources.number("exchangeRatePricingToBilling")
    return sources.mark(
        "list_price",
        f"CASE WHEN {pricing} IS NULL OR {pricing} = {currency} THEN {price} ELSE {product(price, rate)} END",
    )


def _tags(tags: str) -> str:
    """Enterprise Agreements leave out the braces around the tags."""
    if tags == NO_TEXT:
        return tags
    return f"CASE WHEN {tags} = '{{}}' THEN NULL WHEN prefix({tags}, '{{') THEN {tags} ELSE '{{' || {tags} || '}}' END"


FORMAT = Format(
    code="azure",
    signature=frozenset({"chargetype", "metercategory"}),
    required=(
        ("SubscriptionId", "SubscriptionGuid"),
        ("Date", "UsageDate", "UsageDateTime"),
        ("CostInBillingCurrency", "Cost", "PreTaxCost"),
        ("BillingCurrencyCode", "BillingCurrency", "Currency"),
        ("Quantity", "UsageQuantity"),
    ),
    build=build,
)
