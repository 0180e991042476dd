"""Small bills in FOCUS for tests, and an import from its file to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.extensions import db
from app.jobs import work
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import current_scope
from app.usage import places, services
from app.usage.models import Origin, UsageImport

COLUMNS = (
    "BillingAccountId,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
    "ProviderName,ServiceName,SubAccountId,SubAccountName,ListCost,EffectiveCost,BilledCost,ContractedCost,"
    "PricingQuantity,PricingUnit,SkuId,RegionId"
)
PROVIDERS = {"aws": "Amazon Web Services", "azure": "Microsoft", "google": "Google Cloud"}


def row(
    cost: str = "1.5",
    *,
    account: str = "700000000001",
    day: str = "2026-10-03",
    provider: str = "aws",
    payer: str = "999999999999",
    currency: str = "USD",
    service: str = "Amazon S3",
) -> str:
    """Return one line of usage."""
    month = f"{day[:7]}-01T00:00:00Z"
    return (
        f"{payer},{currency},{month},{day}T00:00:00Z,{day}T01:00:00Z,Usage,{PROVIDERS[provider]},{service},"
        f"{account},Account {account[-1]},{cost},{cost},{cost},{cost},1,Hours,sku-1,eu-central-1"
    )


def bill(*rows: str) -> bytes:
    """Return a CSV file."""
    return ("\n".join([COLUMNS, *rows]) + "\n").encode()


def put(content: bytes, name: str = "bill.csv", **asked: Any) -> UsageImport:
    """Bring a file in, in the scope in force; a worker has not seen it yet."""
    reseller_id = current_scope().reseller_id
    assert reseller_id is not None
    kept = places.new_name(name)
    path = places.kept_path(reseller_id, kept)
    Path(path).write_bytes(content)
    accepted = asked.pop("accepted", [])
    with unit_of_work(db.session):
        one = services.new_import(
            file_name=name, kept_name=kept, size=len(content), origin=Origin.UPLOAD, now=utc_now(), **asked
        )
        one.accepted = accepted
        return services.begin(one, now=utc_now())


def worked(one: UsageImport) -> UsageImport:
    """Let a worker do an import that waits; return it as it is afterwards."""
    import_id, job_id = one.id, one.job_id
    assert job_id is not None
    assert work.work_on(job_id)
    return again(import_id)


def again(import_id: int) -> UsageImport:
    """Return an import as it is now."""
    db.session.rollback()
    return db.session.get_one(UsageImport, import_id, populate_existing=True)


def brought(content: bytes, name: str = "bill.csv", **asked: Any) -> UsageImport:
    """Bring a file in and let a worker do it."""
    return worked(put(content, name, **asked))
