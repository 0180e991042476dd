"""How customers go and come back: archived, restored, and deleted where nothing has happened yet."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.audit.log import because
from app.customers.models import Customer, CustomerStatus
from app.customers.registry import BELONGINGS, FAREWELLS, check_may_be_archived, check_may_go, has_history
from app.customers.services import hold_customer
from app.errors import WrongState
from app.extensions import db
from app.months.terms import Dated, forget_terms
from app.security.models import User
from app.shell.formats import integer_text

#: How many customers one order may archive or restore.
MOST_AT_ONCE = 10_000
#: How many keys one statement names.
_IDS_AT_ONCE = 1_000


def archive_customer(customer: Customer, *, now: datetime.datetime) -> Customer:
    """Put a customer out of the way. Its rows stay; it can be restored. Months after this one have no statement."""
    if customer.is_archived:
        raise WrongState(_("This customer is archived already."))
    check_may_be_archived([customer])
    with because("archived"):
        _set_status(customer, CustomerStatus.ARCHIVED, now)
    _end_sessions([customer])
    return customer


def restore_customer(customer: Customer, *, now: datetime.datetime) -> Customer:
    """Bring an archived customer back."""
    if not customer.is_archived:
        raise WrongState(_("This customer is not archived."))
    with because("restored"):
        _set_status(customer, CustomerStatus.ACTIVE, now)
    return customer


def activate_customer(customer: Customer, *, now: datetime.datetime) -> Customer:
    """Make a pending customer, one that signed up, a customer like any other."""
    if customer.status is not CustomerStatus.PENDING:
        raise WrongState(_("This customer is not pending."))
    with because("activated"):
        customer.status = CustomerStatus.ACTIVE
        customer.updated_at = now
    return customer


def archive_all(customers: Sequence[Customer], *, now: datetime.datetime) -> int:
    """Put customers out of the way, all or none; return how many were not archived before."""
    _check_number(customers)
    check_may_be_archived(customers)
    return _give_status(customers, CustomerStatus.ARCHIVED, "archived", now)


def restore_all(customers: Sequence[Customer], *, now: datetime.datetime) -> int:
    """Bring archived customers back, all or none; return how many were archived before."""
    _check_number(customers)
    archived = [one for one in customers if one.is_archived]
    return _give_status(archived, CustomerStatus.ACTIVE, "restored", now)


def _check_number(customers: Sequence[Customer]) -> None:
    if len(customers) > MOST_AT_ONCE:
        raise WrongState(
            _("These are more than %(n)s customers. Narrow the filter first.", n=integer_text(MOST_AT_ONCE))
        )


def _give_status(
    customers: Sequence[Customer], status: CustomerStatus, verb: str, now: datetime.datetime
) -> int:
    changed = [one for one in customers if one.status is not status]
    with because(verb):
        for customer in changed:
            _set_status(customer, status, now)
    if status is CustomerStatus.ARCHIVED:
        _end_sessions(changed)
    return len(changed)


def _set_status(customer: Customer, status: CustomerStatus, now: datetime.datetime) -> None:
    customer.status, customer.updated_at = status, now
    zone = ZoneInfo(customer.reseller.time_zone)
    customer.archived_on = now.astimezone(zone).date() if status is CustomerStatus.ARCHIVED else None


def _end_sessions(customers: Sequence[Customer]) -> None:
    """Sign everybody of these customers out for good: whoever comes back after a restoration signs in anew."""
    ids = [one.id for one in customers]
    for start in range(0, len(ids), _IDS_AT_ONCE):
        people = User.customer_id.in_(ids[start : start + _IDS_AT_ONCE])
        db.session.execute(update(User).where(people).values(session_version=User.session_version + 1))


def delete_customer(customer: Customer) -> None:
    """Delete a customer that was added by mistake; one with history can only be archived."""
    check_may_go([customer])
    query = select(Customer.id).where(Customer.id == customer.id, has_history())
    hold_customer(customer)  # whoever gives it a history at this moment does so before or not at all
    if db.session.scalar(query, {"this_customer": customer.id}):
        raise WrongState(_("This customer has history. Archive it: what happened stays on record."))
    remove_customer(customer)


def remove_customer(customer: Customer) -> None:
    """Delete a customer with its logins and settings, without asking whether it has history."""
    for forget in FAREWELLS.values():
        forget(customer)
    for user in db.session.scalars(select(User).where(User.customer_id == customer.id)):
        user.roles = []
        db.session.delete(user)
    for model in BELONGINGS.values():
        for row in db.session.scalars(select(model).where(model.customer_id == customer.id)):
            if isinstance(row, Dated):
                forget_terms(row)
            db.session.delete(row)
    db.session.flush()
    db.session.expire(customer, ["enablements", "tax_links"])
    db.session.delete(customer)
    db.session.flush()
