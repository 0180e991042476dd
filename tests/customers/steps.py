"""Forms of a customer, and a look at what is stored, for several tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.customers.models import Customer
from app.extensions import db
from app.tenancy.scope import system_scope

NEW = {
    "organization": "Tessera Health AG",
    "contact_name": "Annika Feldt",
    "email": "Annika.Feldt@Tessera.example",
    "country": "CH",
    "language": "de",
    "city": "Zürich",
    "spend_threshold_amount": "25000,50",
}


def read(app: Any, query: Any) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.execute(query).all()


def one_customer(app: Any, organization: str) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(select(Customer).where(Customer.organization == organization)).one()


def provider_form(**changes: Any) -> dict[str, Any]:
    form = {
        "is_authorised": "y",
        "all_services": "all",
        "pricebook_id": "",
        "currency": "EUR",
        "counts_from": "always",
        "version": "0",
    }
    return {**form, **changes}
