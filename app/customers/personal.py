"""What a customer's record holds of one of its people."""

from __future__ import annotations

from typing import Any

from app.customers.models import Customer
from app.extensions import db

_FIELDS = ("contact_name", "contact_title", "email", "phone", "language")


def contact_of(user: Any) -> dict[str, Any] | None:
    """Return where the person works, and the contact data of the customer where they are the person's."""
    customer = db.session.get(Customer, user.customer_id) if user.customer_id is not None else None
    if customer is None:
        return None
    found: dict[str, Any] = {"organization": customer.organization}
    if customer.email == user.email:
        found |= {name: getattr(customer, name) or None for name in _FIELDS}
    return found
