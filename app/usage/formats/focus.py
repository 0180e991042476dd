"""FOCUS 1.0 and later, of any provider; columns it does not know are left aside.

docs/usage-formats.md#focus. From 1.3 on the provider may stand in ServiceProviderName alone.
"""

from __future__ import annotations

from app.usage.formats.mapping import Format, LineMapping, costs
from app.usage.formats.sources import ZERO, Sources, chosen, first

#: What providers call themselves, and the code they have here; the first word that is found decides.
_PROVIDERS = (
    ("amazon", "aws"),
    ("aws", "aws"),
    ("microsoft", "azure"),
    ("azure", "azure"),
    ("google", "google"),
    ("oracle", "oracle"),
    ("ibm", "ibm"),
)
_CATEGORIES = {name.title(): name for name in ("usage", "purchase", "tax", "credit", "adjustment")}


def build(sources: Sources) -> LineMapping:
    """Return how rows of FOCUS are read."""
    text, number, time = sources.text, sources.number, sources.time
    provider = first(text("ServiceProviderName"), text("ProviderName"), text("PublisherName"))
    category = chosen(text("ChargeCategory"), _CATEGORIES, "'adjustment'")
    starts = time("ChargePeriodStart")
    period = time("BillingPeriodStart")
    payer, currency = text("BillingAccountId"), text("BillingCurrency")
    commitment, status = text("CommitmentDiscountId"), text("CommitmentDiscountStatus")
    # What is billed to the billing account as a whole has no sub account: taxes, support, commitments.
    account = first(
        f"nullif(trim({text('SubAccountId')}), '')",
        f"CASE WHEN {text('ChargeCategory')} <> 'Usage' OR {commitment} IS NOT NULL THEN {payer} END",
    )
    billed = first(number("BilledCost"), number("EffectiveCost"))
    effective = first(number("EffectiveCost"), number("BilledCost"))
    sources.require(account, "SubAccountId")
    sources.require(starts, "ChargePeriodStart")
    sources.require(currency, "BillingCurrency")
    sources.require(provider, "ProviderName")
    sources.require(text("ChargeCategory"), "ChargeCategory")
    sources.require(billed, "BilledCost")

    quantity = first(number("PricingQuantity"), number("ConsumedQuantity"))
    is_usage = f"{text('ChargeCategory')} = 'Usage' AND coalesce({status}, '') <> 'Unused'"
    is_committed = f"{text('ChargeCategory')} = 'Usage' AND {commitment} IS NOT NULL"
    kind_words = f"lower({first(text('CommitmentDiscountType'), text('CommitmentDiscountCategory'))})"
    return LineMapping(
        expressions={
            "provider": _provider_code(f"lower({provider})"),
            "month": f"date_trunc('month', {first(period, starts)})::DATE",
            "payer": first(payer, account),
            "account": account,
            "account_name": text("SubAccountName"),
            "usage_date": f"{starts}::DATE",
            "starts_at": starts,
            "ends_at": time("ChargePeriodEnd"),
            "service": text("ServiceName"),
            "service_category": text("ServiceCategory"),
            "sku": first(text("SkuId"), text("SkuPriceId")),
            "region": first(text("RegionId"), text("RegionName")),
            "usage_type": first(text("x_UsageType"), text("SkuMeter"), text("x_SkuMeterName")),
            "operation": text("x_Operation"),
            "description": text("ChargeDescription"),
            "resource_id": text("ResourceId"),
            "resource_name": text("ResourceName"),
            "category": category,
            "is_correction": f"{text('ChargeClass')} = 'Correction'",
            "pricing_category": chosen(
                text("PricingCategory"),
                {
                    "Standard": "standard",
                    "On-Demand": "standard",
                    "Committed": "committed",
                    "Commitment Discount": "committed",
                    "Dynamic": "dynamic",
                    "Other": "other",
                },
                f"CASE WHEN {text('PricingCategory')} IS NULL THEN '' ELSE 'other' END",
            ),
            "commitment_id": commitment,
            "commitment_kind": f"CASE WHEN {commitment} IS NULL THEN '' "
            f"WHEN contains({kind_words}, 'saving') OR contains({kind_words}, 'spend') THEN 'savings_plan' "
            "ELSE 'reserved' END",
            # 1.0 files of some providers name the commitment and leave the status out.
            "commitment_status": f"CASE WHEN {status} = 'Unused' THEN 'unused' WHEN {status} = 'Used' THEN 'used' "
            f"WHEN {is_committed} THEN 'used' ELSE 'none' END",
            "line_type": first(text("x_LineItemType"), text("x_ChargeType"), text("ChargeCategory")),
            "is_marketplace": _is_third_party(sources, provider),
            "is_carried": "false",
            "has_recurring": "false",
            "unit": first(text("PricingUnit"), text("ConsumedUnit")),
            "currency": currency,
            "quantity": quantity,
            **costs(
                is_usage=f"({is_usage})",
                list_cost=number("ListCost"),
                quantity=number("PricingQuantity"),
                list_unit_price=number("ListUnitPrice"),
                effective=effective,
                billed=billed,
            ),
            "contracted_cost": first(number("ContractedCost"), billed),
            "effective_cost": effective,
            "billed_cost": billed,
            "recurring_cost": ZERO,
            "invoice_id": first(text("InvoiceId"), text("x_InvoiceId")),
            "tags": f"nullif({text('Tags')}, '{{}}')",
        }
    )


def _provider_code(name: str) -> str:
    whens = " ".join(f"WHEN contains({name}, '{word}') THEN '{code}'" for word, code in _PROVIDERS)
    return f"CASE {whens} ELSE trim(regexp_replace({name}, '[^a-z0-9]+', '-', 'g'), '-') END"


def _is_third_party(sources: Sources, provider: str) -> str:
    """Microsoft says it; elsewhere a publisher that is not the provider is a third party."""
    publisher = sources.text("PublisherName")
    words = (("aws", ("amazon", "aws")), ("azure", ("microsoft", "azure")), ("google", ("google",)))
    code = _provider_code(f"lower({provider})")
    others = " OR ".join(
        f"({code} = '{known}' AND "
        + " AND ".join(f"NOT contains(lower({publisher}), '{word}')" for word in its)
        + ")"
        for known, its in words
    )
    return (
        f"coalesce({sources.text('x_PublisherCategory')} = 'Vendor', "
        f"CASE WHEN {publisher} IS NULL THEN false ELSE {others} END)"
    )


FORMAT = Format(
    code="focus",
    signature=frozenset({"chargecategory", "billingcurrency"}),
    required=(
        ("BilledCost",),
        ("EffectiveCost",),
        ("BillingAccountId",),
        ("ChargePeriodStart",),
        ("ServiceName",),
        ("ProviderName", "ServiceProviderName"),
        ("SubAccountId",),
    ),
    build=build,
)
