"""What the tests of logins do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security.login_models import LoginPolicy
from app.security.models import User
from app.security.policy import POLICY_FIELDS, Policy
from app.tenancy.scope import system_scope
from tests.worlds import PASSWORD, Person, World

NEW = "rivers bend to the sea"
EVERYBODY = ["admin", "owner", "ops", "sales", "customer_user"]


def person_of(world: World, who: str) -> Person:
    person: Person = world.admin if who == "admin" else getattr(world.north, who)
    return person


def sign_in(client: Any, person: Any, password: str = PASSWORD, **kwargs: Any) -> Any:
    """Send a person's own door email and password."""
    return client.post(person.door, {"username": person.email, "password": password}, **kwargs)


def change(app: Any, person: Any, act: Callable[[Any], Any]) -> Any:
    """Do something to a login, as the system."""
    with app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        return act(db.session.get(User, person.id))


def login_of(app: Any, person: Any) -> Any:
    """Return a login as it is now."""
    with app.app_context(), system_scope("test"):
        return db.session.get(User, person.id, options=[selectinload(User.roles)])


def require(app: Any, reseller_id: int | None, **values: Any) -> None:
    """Set Password Requirements, the defaults where nothing is said."""
    given = {name: getattr(Policy(), name) for name in POLICY_FIELDS} | values
    with app.app_context(), system_scope("test"):
        row = db.session.get(LoginPolicy, reseller_id or 0)
        if row is None:
            row = LoginPolicy(id=reseller_id or 0, reseller_id=reseller_id, version=1)
            db.session.add(row)
        for name, value in given.items():
            setattr(row, name, value)
        db.session.commit()


def entries(app: Any, person: Any, *actions: str) -> list[AuditEntry]:
    """Return the entries of the change log about a login, oldest first."""
    with app.app_context(), system_scope("test"):
        query = select(AuditEntry).where(
            AuditEntry.record_type == "user",
            AuditEntry.record_id == person.id,
            AuditEntry.action.in_(actions),
        )
        return list(db.session.scalars(query.order_by(AuditEntry.id)))
