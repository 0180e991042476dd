"""What the change log keeps of people who are none of the reseller's yet: that something happened, not to whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.log import because, discreetly
from app.audit.models import AuditEntry
from app.customers.lifecycle import remove_customer
from app.customers.models import Customer
from app.extensions import db
from app.security.models import User
from app.tenancy.scope import reseller_scope
from tests.worlds import EPOCH, World


def entries_after(before: int) -> list[tuple[str, str, str, dict[str, Any]]]:
    query = select(AuditEntry).where(AuditEntry.id > before).order_by(AuditEntry.id)
    return [(one.action, one.record_type, one.record_name, one.changes) for one in db.session.scalars(query)]


def test_changes_in_the_block_tell_neither_names_nor_values(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        before = db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0
        customer = db.session.get(Customer, world.north.customer.id)
        user = db.session.get(User, world.north.customer_user.id)
        customer.city = "Before"
        with discreetly(), because("signed_up"):
            customer.contact_name, user.name = "Ruth Castellan", "Ruth Castellan"
        customer.city = "After"
        db.session.flush()

        told = entries_after(before)

    assert told[0] == ("changed", "customer", world.north.customer.name, {"city": [None, "Before"]})
    assert sorted(told[1:3]) == [("signed_up", "customer", "C-1001", {}), ("signed_up", "user", "", {})]
    assert told[3] == ("changed", "customer", world.north.customer.name, {"city": ["Before", "After"]})


def test_what_is_removed_in_the_block_is_not_named(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        before = db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0
        customer = Customer(
            organization="Castellan",
            organization_key="castellan",
            number=7,
            contact_name="Ruth",
            email="ruth@castellan.example",
            country="GB",
            created_at=EPOCH,
            updated_at=EPOCH,
            custom_values={},
        )
        with discreetly():
            db.session.add(customer)
            db.session.flush()
            remove_customer(customer)

        told = entries_after(before)

    assert {(action, name) for action, _noun, name, _changes in told} == {
        ("created", "C-7"),
        ("deleted", "C-7"),
    }
    assert "castellan" not in repr(told).lower()
