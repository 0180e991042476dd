"""The company's contact data, as far as the company itself may change it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from app.customers.models import Customer
from app.customers.search import own_words
from app.customers.services import check_not_archived
from app.extensions import db

#: What the company changes itself. Its name, its number and all that the reseller notes about it are the reseller's.
CONTACT_FIELDS = (
    "contact_name",
    "contact_title",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "state",
    "country",
    "language",
)


def change_contact(customer: Customer, values: Mapping[str, str], *, now: datetime.datetime) -> Customer:
    """Change ``CONTACT_FIELDS``; forms that the console has open of this customer are old from now on.

    Nothing else of ``values`` is taken. The caller holds the row, and has checked that its form is not an old one.
    """
    check_not_archived(customer)
    changed = [name for name in CONTACT_FIELDS if getattr(customer, name) != values[name]]
    if changed:
        for name in changed:
            setattr(customer, name, values[name])
        customer.search_own = own_words(customer)
        customer.updated_at = now
    db.session.flush()
    return customer
