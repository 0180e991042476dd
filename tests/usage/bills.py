"""Bills written by hand: a usual row of each format, and rows that name what differs from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.usage.reading import Reading
from app.usage.store import Store

OCTOBER = date(2026, 10, 1)
Rows = Sequence[Mapping[str, str]]

FOCUS_ROW = {
    "BilledCost": "9.7",
    "BillingAccountId": "700000000000",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargePeriodStart": "2026-10-05T10:00:00Z",
    "ChargePeriodEnd": "2026-10-05T11:00:00Z",
    "CommitmentDiscountId": "",
    "CommitmentDiscountStatus": "",
    "CommitmentDiscountType": "",
    "EffectiveCost": "9.7",
    "ListCost": "10",
    "ListUnitPrice": "",
    "PricingCategory": "Standard",
    "PricingQuantity": "100",
    "PricingUnit": "Hours",
    "ProviderName": "AWS",
    "PublisherName": "Amazon Web Services, Inc.",
    "RegionId": "eu-central-1",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "SkuId": "5CJ7Q9YMNTXK3RWP",
    "SubAccountId": "012345678901",
    "Tags": "",
}
CUR_ROW = {
    "bill/BillingEntity": "AWS",
    "bill/PayerAccountId": "700000000000",
    "bill/BillingPeriodStartDate": "2026-10-01T00:00:00.000Z",
    "lineItem/UsageAccountId": "012345678901",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-10-05T10:00:00Z",
    "lineItem/UsageEndDate": "2026-10-05T11:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "EUC1-BoxUsage:m5.large",
    "lineItem/UsageAmount": "1",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "0.115",
    "lineItem/LineItemDescription": "$0.115 per On Demand Linux m5.large Instance Hour",
    "product/sku": "5CJ7Q9YMNTXK3RWP",
    "pricing/publicOnDemandCost": "0.115",
    "pricing/publicOnDemandRate": "0.115",
    "reservation/AmortizedUpfrontCostForUsage": "",
    "reservation/RecurringFeeForUsage": "",
    "reservation/ReservationARN": "",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "",
    "reservation/UnusedQuantity": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanArn": "",
    "savingsPlan/PaymentOption": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
    "savingsPlan/TotalCommitmentToDate": "",
    "savingsPlan/UsedCommitment": "",
    "resourceTags/user:Team": "",
}


def write_csv(path: Path, usual: Mapping[str, str], rows: Rows) -> Path:
    """Write rows that are as usual but for what they name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(usual))
        writer.writeheader()
        writer.writerows({**usual, **row} for row in rows)
    return path


def lines(store: Store, reading: Reading, *names: str) -> list[tuple[Any, ...]]:
    """Return columns of all lines that were read, in the order of the file."""
    found = store.open([part.files for part in reading.parts], "lines")
    return found.project(", ".join(names)).fetchall()
