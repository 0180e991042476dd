"""Months of usage in the store, and the customer of the worked example of docs/pricing.md."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.charges.models import ChargeAssignment, GlobalAdjustment
from app.charges.ready_made import ready_made
from app.charges.services import create_plan
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.customers.models import Customer, CustomerTaxRate, ProviderEnablement
from app.customers.services import create_customer
from app.extensions import db
from app.pricebooks.models import Pricebook, PriceRule
from app.providers.models import Provider
from app.rating.pricebook import RuleKind
from app.taxes.models import TaxProfile, TaxRate
from app.tenancy.scope import current_scope, reseller_scope
from app.usage.columns import LINE_COLUMNS
from app.usage.models import ImportState, Origin, UsageImport, UsagePart
from app.usage.places import shared_cursor, store
from app.usage.rollup import write_rollups
from app.usage.store import PartFiles, copy_to, new_version
from tests.statements.months import usage_row
from tests.worlds import World

OCTOBER = datetime.date(2026, 10, 1)
NOVEMBER = datetime.date(2026, 11, 1)
NOW = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)

#: The files of a delivery, by its lines: the same lines are written once, and copied for every other test.
_WRITTEN: dict[str, dict[str, bytes]] = {}


@pytest.fixture(autouse=True)
def usage_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep usage in a folder that is empty before and after, always the same: what reads it need open only once."""
    if "flask_app" not in request.fixturenames:
        yield
        return
    folder: Path = request.getfixturevalue("database").folder / "usage-of-statements"
    config = request.getfixturevalue("flask_app").config
    before, config["CLOUDTALLY_USAGE_FOLDER"] = config["CLOUDTALLY_USAGE_FOLDER"], str(folder)
    try:
        yield
    finally:
        config["CLOUDTALLY_USAGE_FOLDER"] = before
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def working(app: Any, world: World, *, kept: bool = True) -> Iterator[Customer]:
    """The northern reseller at work, with its first customer."""
    with app.test_request_context(), reseller_scope(world.north.id):
        customer = db.session.get(Customer, world.north.customer.id)
        assert customer is not None
        yield customer
        db.session.commit() if kept else db.session.rollback()


def provider(code: str = "aws") -> Provider:
    return db.session.scalars(select(Provider).where(Provider.code == code)).one()


def deliver(
    rows: Sequence[dict[str, Any]], month: datetime.date = OCTOBER, *, code: str = "aws", source: str = "main"
) -> UsagePart:
    """Put lines into the store as what a source delivered of a month, in the place of what it delivered before."""
    reseller_id = current_scope().reseller_id or 0
    digest = hashlib.sha256(json.dumps([*rows], default=str).encode()).hexdigest()
    kept = store()
    files = PartFiles(reseller_id, code, source, month, new_version(digest))
    full = [{"month": month, "provider": code, "source": source, "usage_date": month} | one for one in rows]
    name = json.dumps(full, default=str)
    with kept.work_folder() as folder:
        (folder / "part").mkdir()
        if name not in _WRITTEN:
            _write(full, folder / "part")
            _WRITTEN[name] = {one.name: one.read_bytes() for one in (folder / "part").iterdir()}
        for file, content in _WRITTEN[name].items():
            (folder / "part" / file).write_bytes(content)
        kept.take_in(folder / "part", files)
    for old in db.session.scalars(
        select(UsagePart).where(
            UsagePart.provider_id == provider(code).id, UsagePart.source == source,
            UsagePart.month == month, UsagePart.replaced_at.is_(None),
        )
    ):  # fmt: skip
        old.replaced_at = NOW
    came = UsageImport(
        file_name="bill.csv", kept_name="", size=1, received=1, file_hash=digest, format="focus",
        origin=Origin.COMMAND, state=ImportState.DONE, accepted=[], row_count=len(rows), rejected_count=0,
        report={}, asked_source="", created_at=NOW, created_by="",
    )  # fmt: skip
    db.session.add(came)
    db.session.flush()
    part = UsagePart(
        provider_id=provider(code).id, source=source, month=month, version=files.version, row_count=len(rows),
        content_hash=digest, totals={}, days=[], import_id=came.id, imported_at=NOW,
    )  # fmt: skip
    db.session.add(part)
    db.session.flush()
    return part


def _write(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """Write lines, and what they come to, as the files of a version."""
    values = [[str(one[column.name]) for one in rows] for column in LINE_COLUMNS]
    columns = ", ".join(
        f"unnest(${place}::VARCHAR[])::{column.type} AS {column.name}"
        for place, column in enumerate(LINE_COLUMNS, 1)
    )
    with shared_cursor() as connection:
        connection.execute(f"CREATE TEMP TABLE delivered AS SELECT {columns}", values)
        copy_to(connection, "SELECT * FROM delivered", folder / "lines.parquet")
        write_rollups(connection, folder)


def usage(account: str, service: str, listed: str, **given: Any) -> dict[str, Any]:
    """A line of usage in euros that costs the reseller 60 % of its list price."""
    listed_cost = Decimal(listed)
    values = {
        "account": account, "service": service, "list_cost": listed_cost, "currency": "EUR", "quantity": Decimal(10),
        "effective_cost": listed_cost * Decimal("0.6"), "billed_cost": listed_cost * Decimal("0.6"),
    }  # fmt: skip
    return usage_row(**(values | given))


def account_of(customer: Customer) -> CloudAccount:
    return db.session.scalars(select(CloudAccount).where(CloudAccount.customer_id == customer.id)).one()


def many_customers(
    app: Any, world: World, number: int, *, called: str = "Buyer", code: str = "aws"
) -> list[int]:
    """Add customers with one account each, in AWS with 100.00 of usage; return their ids."""
    with working(app, world):
        rows, ids = [], []
        for place in range(number):
            customer = create_customer(
                {"organization": f"{called} {place:02}", "contact_name": "A", "email": "a@b.example", "country": "DE",
                 "language": "en"},
                now=NOW,
            )  # fmt: skip
            account = CloudAccount(
                customer=customer,
                provider=provider(code),
                account_id=f"{7000 + place:012d}",
                name="",
                created_at=NOW,
            )
            db.session.add_all([account, AccountPeriod(customer_id=customer.id, account=account)])
            db.session.flush()
            rows.append(usage(account.account_id, "EC2", "100"))
            ids.append(customer.id)
        if code == "aws":
            deliver(rows, source="many")
    return ids


def worked_example(customer: Customer) -> UsagePart:
    """Let everything be as in docs/pricing.md: EC2 -10 %, AWS Business, +5 %, tax 20 %; 1,200 at list."""
    owned = {"reseller_id": customer.reseller_id, "customer_id": customer.id}
    for model in (ChargeAssignment, CustomerTaxRate):
        db.session.execute(delete(model).where(model.customer_id == customer.id))
    book = Pricebook(name="Worked", provider=provider(), adjustment_percent=Decimal(0), currency="EUR")
    rate = TaxRate(name="VAT 20", country="DE", percent=Decimal(20))
    db.session.add_all([book, rate])
    db.session.flush()
    db.session.add(
        PriceRule(pricebook_id=book.id, position=1, kind=RuleKind.PERCENT, value=Decimal(-10), service="EC2",
                  sku="", region="", usage_type="")
    )  # fmt: skip
    template = ready_made("aws-business")
    assert template is not None
    plan = create_plan(
        provider_id=provider().id,
        values={**template.values(), "name": "AWS Business", "currency": "EUR", "line_text": ""},
    )
    db.session.add(ChargeAssignment(provider=provider(), plan=plan, **owned))
    enablement = db.session.scalars(
        select(ProviderEnablement).where(ProviderEnablement.customer_id == customer.id)
    ).one()
    enablement.pricebook = book
    adjustment = db.session.scalars(
        select(GlobalAdjustment).where(GlobalAdjustment.customer_id == customer.id)
    ).one()
    adjustment.percent = Decimal(5)
    profile = db.session.scalars(select(TaxProfile).where(TaxProfile.customer_id == customer.id)).one()
    profile.is_taxable, profile.tax_rate_ids = True, [rate.id]
    db.session.flush()
    account = account_of(customer).account_id
    return deliver([usage(account, "EC2", "1000"), usage(account, "S3", "200")])
