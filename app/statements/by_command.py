"""Generating statements from the command line: here and now, with the same rules as on the screen."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.cloud_accounts.ownership import find_active_customer
from app.customers.models import Customer
from app.errors import DomainError, Invalid
from app.extensions import db
from app.kernel.clock import utc_now
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.rating.money import round_money
from app.statements.models import Statement
from app.statements.queries import billable_customers, customers_by_id, lines_of
from app.statements.services.drafts import check_begun
from app.statements.services.runs import generate
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope


def generate_statements(
    *, nickname: str, month: datetime.date, customer: str = "", provider: str = ""
) -> Iterator[dict[str, Any]]:
    """Draft the statements of a month, of one customer or of all; yield what became of each, with all lines.

    ``provider`` is the code of the only one whose usage is billed. Raises ``Invalid`` for a reseller, customer or
    provider that there is not, and ``WrongState`` for a month that has not begun.
    """
    with system_scope("the command line names the reseller"):
        reseller_id = db.session.scalar(select(Reseller.id).where(Reseller.nickname == nickname))
        db.session.rollback()
    if reseller_id is None:
        raise Invalid(f"There is no reseller with the nickname {nickname}.")
    with reseller_scope(reseller_id, actor=Actor(None, "Command line")):
        check_begun(month, now=utc_now())
        scope = _provider(provider) if provider else None
        chosen = customers_by_id([_customer(customer).id]) if customer else billable_customers(month, scope)
        for one, drafts, fault in generate(chosen, month, provider=scope, now=utc_now):
            yield {
                "customer": one.organization,
                "customer_number": one.account_number,
                "error": fault,
                "statements": [facts_of(draft) for draft in drafts],
            }


def _customer(text: str) -> Customer:
    try:
        return find_active_customer(text)
    except DomainError as refusal:
        raise Invalid(f"{text}: {refusal}") from None


def _provider(code: str) -> Provider:
    found = next((one for one in resold_providers() if one.code == code), None)
    if found is None:
        known = ", ".join(one.code for one in resold_providers())
        raise Invalid(f"{code} is no provider of this reseller. Its providers: {known}.")
    return found


def facts_of(statement: Statement) -> dict[str, Any]:
    """Return a statement with all its lines; amounts are texts with the decimals of their currency."""

    def money(amount: Decimal) -> str:
        return format(round_money(amount, statement.currency), "f")

    return {
        "id": statement.id,
        "number": statement.number or "",
        "month": f"{statement.month:%Y-%m}",
        "kind": statement.kind.value,
        "provider": statement.provider.code if statement.provider else "",
        "state": statement.state.value,
        "currency": statement.currency,
        "is_estimated": statement.is_estimated,
        "usage": money(statement.usage_amount),
        "charges": money(statement.charges_amount),
        "adjustment": money(statement.adjustment_amount),
        "credits": money(statement.credit_amount),
        "tax": money(statement.tax_amount),
        "total": money(statement.total),
        "seller_cost": money(statement.seller_cost),
        "lines": [
            {
                "kind": one.kind.value,
                "provider": one.provider,
                "account": one.account,
                "service": one.service,
                "text": one.text,
                "quantity": one.quantity,
                "unit": one.unit,
                "basis": one.basis,
                "rate": one.rate,
                "amount": money(one.amount),
                "seller_cost": money(one.seller_cost),
                "reason": one.reason,
            }
            for one in lines_of(statement)
        ],
    }
