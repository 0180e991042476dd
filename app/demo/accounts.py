"""Cloud accounts of the demo world that are not simply a customer's: two that bills named first, and one that moved."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.ownership import move_account
from app.cloud_accounts.services import link_account, note_accounts
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers.models import Customer, CustomerStatus, ProviderEnablement
from app.extensions import db
from app.providers.models import Provider
from app.rating.months import first_day

#: What bills named before anybody said whose it is: account's id -> its name at the provider.
UNASSIGNED = {"604118275530": "sandbox-eu-central", "771920448316": ""}


def account_fields() -> list[CustomFieldDefinition]:
    """Return the account fields of a reseller."""
    order = CustomFieldDefinition(
        name="purchase_order", label="Purchase order", type=FieldType.TEXT, choices=[], position=10
    )
    environment = CustomFieldDefinition(
        name="environment",
        label="Environment",
        type=FieldType.CHOICE,
        choices=["Production", "Test", "Sandbox"],
        position=20,
    )
    for one in (order, environment):
        one.target = FieldTarget.CLOUD_ACCOUNT
    return [order, environment]


def fill(providers: dict[str, Provider], *, now: datetime.datetime) -> None:
    """Add them, for the reseller in scope, and say something of the first customers' accounts."""
    aws = providers["aws"]
    note_accounts(aws, UNASSIGNED, now=now)
    first, second = db.session.scalars(
        select(Customer)
        .join(Customer.enablements)
        .where(
            Customer.status == CustomerStatus.ACTIVE,
            ProviderEnablement.provider_id == aws.id,
            ProviderEnablement.is_authorised.is_(True),
        )
        .order_by(Customer.number)
        .limit(2)
    )
    known = select(CloudAccount).where(CloudAccount.customer_id.in_([first.id, second.id]))
    for number, account in enumerate(db.session.scalars(known)):
        account.custom_values = {"environment": "Production", "purchase_order": f"PO-2026-{110 + number}"}
        account.cost_centre = f"CC-{400 + number * 10}"
    moving = link_account(
        first, aws, account_id="518830274119", name="shared-analytics", support_type="", now=now
    )
    today = now.date()
    move_account(
        moving,
        second,
        from_day=first_day(today) + datetime.timedelta(days=min(14, today.day - 1)),
        reason="The analytics team moved to the sister company.",
        version=moving.version,
        today=today,
        now=now,
    )
