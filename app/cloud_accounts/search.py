"""The customer list finds a customer by the ids and names of its accounts."""

from __future__ import annotations

from sqlalchemy import select, update

from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.customers.services import hold_customer
from app.extensions import db
from app.kernel.folding import fold


def refresh_search(customer: Customer) -> None:
    """Let the customer list find the customer by its accounts' ids and names.

    Written past the customer's version: linking an account is no edit of Customer Information.
    """
    hold_customer(customer)
    rows = db.session.execute(
        select(CloudAccount.account_id, CloudAccount.name).where(CloudAccount.customer_id == customer.id)
    )
    words = "\n".join(fold(word) for row in rows for word in row if word)
    db.session.execute(
        update(Customer)
        .where(Customer.id == customer.id)
        .values(search_accounts=words)
        .execution_options(synchronize_session=False)
    )
