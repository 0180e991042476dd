"""What each provider's words become: categories, commitments, spot, credits."""

import pytest

from tests.rating.making import D
from tests.usage.bills import CUR_ROW, FOCUS_ROW, lines

pytestmark = pytest.mark.once

RESERVATION = "arn:aws:ec2:eu-central-1:012345678901:reserved-instances/5f2c"
PLAN = "arn:aws:savingsplans::012345678901:savingsplan/9e1b"
AZURE_ROW = {
    "BillingAccountId": "86115370",
    "BillingCurrencyCode": "EUR",
    "BillingPeriodStartDate": "10/01/2026",
    "SubscriptionId": "1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601",
    "SubscriptionName": "Production",
    "Date": "10/05/2026",
    "MeterCategory": "Virtual Machines",
    "MeterId": "a3a1b9d4",
    "MeterName": "D4s v5",
    "Quantity": "10",
    "CostInBillingCurrency": "2.05",
    "PayGPrice": "0.211",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "PublisherType": "Azure",
    "benefitId": "",
    "Tags": '"team": "web"',
}
GOOGLE_ROW = {
    "billing_account_id": "01A0F5",
    "service.description": "Compute Engine",
    "sku.id": "9B8C",
    "sku.description": "N2 Instance Core running in Frankfurt",
    "usage_start_time": "2026-10-05 10:00:00 UTC",
    "usage_end_time": "2026-10-05 11:00:00 UTC",
    "project.id": "brightmoor-prod",
    "location.region": "europe-west3",
    "cost": "4",
    "cost_at_list": "5",
    "currency": "USD",
    "usage.amount_in_pricing_units": "100",
    "usage.pricing_unit": "hour",
    "credits": "[]",
    "invoice.month": "202610",
    "cost_type": "regular",
    "labels": "",
}
KIND = ("category", "commitment_kind", "commitment_status", "pricing_category")
COSTS = ("list_cost", "effective_cost", "billed_cost")


def test_aws_reserved_instances(store, read_rows) -> None:
    reading = read_rows(
        CUR_ROW,
        [
            {
                "lineItem/LineItemType": "DiscountedUsage",
                "lineItem/UnblendedCost": "0",
                "reservation/AmortizedUpfrontCostForUsage": "0.02",
                "reservation/RecurringFeeForUsage": "0.05",
                "reservation/ReservationARN": RESERVATION,
            },
            {
                "lineItem/LineItemType": "RIFee",
                "lineItem/UnblendedCost": "36",
                "pricing/publicOnDemandCost": "",
                "pricing/publicOnDemandRate": "",
                "reservation/ReservationARN": RESERVATION,
                "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "3",
                "reservation/UnusedQuantity": "40",
                "reservation/UnusedRecurringFee": "2.5",
            },
            {
                "lineItem/LineItemType": "Fee",
                "lineItem/UnblendedCost": "400",
                "reservation/ReservationARN": RESERVATION,
                "pricing/publicOnDemandCost": "",
                "pricing/publicOnDemandRate": "",
            },
        ],
    )

    assert lines(store, reading, *KIND, *COSTS, "recurring_cost", "has_recurring", "is_carried") == [
        ("usage", "reserved", "used", "committed", D("0.115"), D("0.07"), D(0), D("0.05"), True, False),
        ("purchase", "reserved", "none", "", D(36), D(0), D(36), D(0), False, True),
        ("usage", "reserved", "unused", "committed", D(0), D("5.5"), D(0), D("2.5"), True, False),
        ("purchase", "reserved", "none", "", D(400), D(0), D(400), D(0), False, False),
    ]
    assert (reading.rows, reading.parts[0].rows, reading.parts[0].lines) == (3, 3, 4)
    assert {found for (found,) in lines(store, reading, "commitment_id")} == {RESERVATION}


def test_aws_savings_plans_come_in_pairs(store, read_rows) -> None:
    reading = read_rows(
        CUR_ROW,
        [
            {
                "lineItem/LineItemType": "SavingsPlanCoveredUsage",
                "savingsPlan/SavingsPlanArn": PLAN,
                "savingsPlan/PaymentOption": "No Upfront",
                "savingsPlan/SavingsPlanEffectiveCost": "0.08",
            },
            {
                "lineItem/LineItemType": "SavingsPlanNegation",
                "lineItem/UnblendedCost": "-0.115",
                "pricing/publicOnDemandCost": "",
                "savingsPlan/SavingsPlanArn": PLAN,
            },
            {
                "lineItem/LineItemType": "SavingsPlanRecurringFee",
                "lineItem/UnblendedCost": "0.1",
                "pricing/publicOnDemandCost": "",
                "pricing/publicOnDemandRate": "",
                "savingsPlan/SavingsPlanArn": PLAN,
                "savingsPlan/PaymentOption": "No Upfront",
                "savingsPlan/TotalCommitmentToDate": "0.1",
                "savingsPlan/UsedCommitment": "0.08",
            },
        ],
    )

    assert lines(store, reading, *KIND, *COSTS, "recurring_cost", "is_carried") == [
        ("usage", "savings_plan", "used", "committed", D("0.115"), D("0.08"), D("0.115"), D("0.08"), False),
        ("negation", "savings_plan", "used", "", D(0), D(0), D("-0.115"), D(0), False),
        ("purchase", "savings_plan", "none", "", D("0.1"), D(0), D("0.1"), D(0), True),
        ("usage", "savings_plan", "unused", "committed", D(0), D("0.02"), D(0), D("0.02"), False),
    ]


def test_aws_line_types_and_marks(store, read_rows) -> None:
    types = {
        "Credit": "credit",
        "Refund": "refund",
        "Tax": "tax",
        "SppDiscount": "discount",
        "EdpDiscount": "discount",
        "DistributorDiscount": "discount",
        "SomethingNewDiscount": "discount",
        "SomethingNew": "adjustment",
        "Fee": "purchase",
    }
    reading = read_rows(
        CUR_ROW,
        [
            *({"lineItem/LineItemType": type_} for type_ in types),
            {"lineItem/UsageType": "EUC1-SpotUsage:m5.large", "resourceTags/user:Team": 'we"b'},
            {"bill/BillingEntity": "AWS Marketplace"},
        ],
    )

    found = lines(store, reading, "category", "pricing_category", "is_marketplace", "tags")
    assert [category for category, *_ in found[: len(types)]] == list(types.values())
    assert found[-2:] == [
        ("usage", "dynamic", False, '{"user:Team":"we\\"b"}'),
        ("usage", "standard", True, ""),
    ]


def test_aws_report_2_has_other_names_and_maps(store, read_rows) -> None:
    two = {
        "bill_payer_account_id": "700000000000",
        "bill_billing_period_start_date": "2026-10-01 00:00:00",
        "line_item_usage_account_id": "012345678901",
        "line_item_usage_account_name": "web-prod",
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": "2026-10-05 10:00:00",
        "line_item_usage_amount": "1",
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": "0.1",
        "product": '{"product_name": "Amazon Elastic Compute Cloud", "region_code": "eu-central-1", "sku": "5C"}',
        "reservation_reservation_a_r_n": "",
        "resource_tags": '{"user_team": "web"}',
    }

    reading = read_rows(two, [{}])

    assert reading.formats == ("aws",)
    assert lines(store, reading, "account_name", "service", "region", "sku", "tags") == [
        ("web-prod", "Amazon Elastic Compute Cloud", "eu-central-1", "5C", '{"user_team": "web"}')
    ]


def test_focus_commitments_and_what_newer_versions_name_otherwise(store, read_rows) -> None:
    newer = {
        name: value for name, value in FOCUS_ROW.items() if name not in ("ProviderName", "PublisherName")
    }
    newer |= {"ServiceProviderName": "Microsoft", "HostProviderName": "Microsoft", "x_Unknown": "?"}
    reading = read_rows(
        newer,
        [
            {
                "CommitmentDiscountId": "r1",
                "PricingCategory": "Committed",
                "CommitmentDiscountStatus": "Used",
            },
            # 1.0 files leave the status out.
            {"CommitmentDiscountId": "r1", "PricingCategory": "Committed"},
            {
                "CommitmentDiscountId": "s1",
                "CommitmentDiscountStatus": "Unused",
                "CommitmentDiscountType": "Savings Plan",
            },
            {"CommitmentDiscountId": "r1", "ChargeCategory": "Purchase", "EffectiveCost": "0"},
            {"PricingCategory": "Dynamic"},
        ],
    )

    assert reading.parts[0].files.provider == "azure"
    assert [row[:3] for row in lines(store, reading, *KIND)] == [
        ("usage", "reserved", "used"),
        ("usage", "reserved", "used"),
        ("usage", "savings_plan", "unused"),
        ("purchase", "reserved", "none"),
        ("usage", "", "none"),
    ]


def test_azure_enterprise_agreement(store, read_rows) -> None:
    reading = read_rows(
        AZURE_ROW,
        [
            {},
            {"PricingModel": "Reservation", "benefitId": "/providers/Microsoft.Capacity/r1"},
            {"ChargeType": "UnusedSavingsPlan", "benefitId": "/providers/Microsoft.BillingBenefits/s1"},
            {"ChargeType": "Purchase", "benefitId": "/providers/Microsoft.Capacity/r1", "SubscriptionId": ""},
            {"PricingModel": "Spot"},
            {"ChargeType": "Refund", "PublisherType": "Marketplace"},
        ],
    )

    assert lines(store, reading, *KIND, *COSTS, "is_marketplace") == [
        ("usage", "", "none", "standard", D("2.11"), D("2.05"), D("2.05"), False),
        ("usage", "reserved", "used", "committed", D("2.11"), D("2.05"), D(0), False),
        ("usage", "savings_plan", "unused", "committed", D("2.11"), D("2.05"), D(0), False),
        ("purchase", "reserved", "none", "", D("2.11"), D(0), D("2.05"), False),
        ("usage", "", "none", "dynamic", D("2.11"), D("2.05"), D("2.05"), False),
        ("refund", "", "none", "", D("2.11"), D("2.05"), D("2.05"), True),
    ]
    assert lines(store, reading, "account", "payer", "tags", "usage_date::VARCHAR")[3] == (
        "86115370",
        "86115370",
        '{"team": "web"}',
        "2026-10-05",
    )


def test_azure_customer_agreement_prices_in_another_currency(store, read_rows) -> None:
    mca = {
        "billingAccountId": "b1",
        "billingCurrency": "EUR",
        "pricingCurrency": "USD",
        "exchangeRatePricingToBilling": "0.9",
        "subscriptionId": "s1",
        "date": "2026-10-05",
        "meterCategory": "Storage",
        "quantity": "10",
        "costInBillingCurrency": "1.5",
        "PayGPrice": "0.2",
        "chargeType": "Usage",
    }

    reading = read_rows(mca, [{}])

    assert lines(store, reading, "currency", *COSTS) == [("EUR", D("1.8"), D("1.5"), D("1.5"))]


def test_google_credits(store, read_rows) -> None:
    committed = '{"name": "Committed use", "id": "c1", "amount": -1.5, "type": "COMMITTED_USAGE_DISCOUNT"}'
    promotion = '{"name": "Trial", "id": "p", "amount": "-0.25", "type": "PROMOTION"}'
    sustained = '{"name": "Sustained use", "id": "s", "amount": -1e-7, "type": "SUSTAINED_USAGE_DISCOUNT"}'
    reading = read_rows(
        GOOGLE_ROW,
        [
            {
                "credits": f"[{committed}, {promotion}, {sustained}]",
                "labels": '[{"key": "team", "value": "web"}]',
            },
            {},
            {"cost_type": "tax", "project.id": "", "credits": ""},
            {"sku.description": "Commitment v1: Cpu in Frankfurt for 1 Year", "credits": ""},
        ],
    )

    assert lines(store, reading, *KIND, *COSTS) == [
        ("usage", "reserved", "used", "committed", D(5), D("2.5"), D("2.5")),
        ("credit", "", "none", "", D("-0.25"), D("-0.25"), D("-0.25")),
        ("discount", "", "none", "", D("-0.0000001"), D("-0.0000001"), D("-0.0000001")),
        ("usage", "", "none", "standard", D(5), D(4), D(4)),
        ("tax", "", "none", "", D(5), D(4), D(4)),
        ("purchase", "reserved", "none", "", D(5), D(4), D(4)),
    ]
    assert lines(store, reading, "account", "tags", "commitment_id")[0] == (
        "brightmoor-prod",
        '{"team":"web"}',
        "c1",
    )
    assert reading.rows == 4


def test_google_credits_that_are_none_reject_the_row(store, read_rows) -> None:
    reading = read_rows(
        GOOGLE_ROW, [{"credits": "[{"}, {"credits": '[{"amount": "many", "type": "PROMOTION"}]'}, {}]
    )

    assert [(row.line, row.column, row.reason) for row in reading.rejected] == [
        (2, "credits", "not_a_number"),
        (3, "credits", "not_a_number"),
    ]
    assert len(lines(store, reading, "account")) == 1
