"""Users of a customer: who of its people may sign in to the portal (article, step 4; domain, 3)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from app.customers.models import Customer
from app.customers.services import check_not_archived
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.roles import RoleName


def users_of(customer: Customer) -> Sequence[Any]:
    """Return the customer's users by name."""
    query = (
        select(User)
        .where(User.customer_id == customer.id)
        .options(selectinload(User.roles))
        .order_by(User.first_name, User.last_name, User.id)
    )
    return db.session.scalars(query).all()


def find_user(customer: Customer, user_id: int) -> Any:
    """Return one user of this customer; raises ``NotVisible`` for everybody else's."""
    user = db.session.get(User, user_id) if 0 < user_id < 2**31 else None
    if user is None or user.customer_id != customer.id:
        raise NotVisible
    return user


def hold(user: Any) -> None:
    """Lock the login until the commit and read it as it is now; raises ``NotVisible`` when it was removed."""
    [user_id] = inspect(user).identity
    locked = select(User.id).where(User.id == user_id).with_for_update(of=User)
    if db.session.scalars(locked).one_or_none() is None:
        raise NotVisible
    db.session.refresh(user)


def add_user(
    customer: Customer,
    *,
    name: str,
    email: str,
    status: UserStatus,
    password: str | None,
    now: datetime.datetime,
) -> tuple[Any, str | None]:
    """Create a user of the customer; return it and, where no password was given, the secret of an invitation link."""
    check_not_archived(customer)
    try:
        user = accounts.create_user(
            name=name,
            email=email,
            role=RoleName.CUSTOMER,
            reseller_id=customer.reseller_id,
            customer_id=customer.id,
            status=status,
            password=password,
            is_temporary=bool(password),
        )
    except Invalid as refusal:
        refusal.field = refusal.field or "password"
        raise
    token = None
    if not password and status is not UserStatus.SUSPENDED:
        token = accounts.invite(user, now=now)
    return user, token


def change_user(customer: Customer, user: Any, *, name: str, status: UserStatus, password: str | None) -> Any:
    """Change name and status (any of the four at any time), and set a temporary password where one is given."""
    check_not_archived(customer)
    hold(user)
    if user.name != name:
        user.name = name
    accounts.set_status(user, status)
    if password:
        try:
            accounts.set_password(user, password, is_temporary=True)
        except Invalid as refusal:
            refusal.field = "password"
            raise
    db.session.flush()
    return user


def invite_user(customer: Customer, user: Any, *, now: datetime.datetime) -> str:
    """Return the secret of a new invitation link; an older one stops working."""
    check_not_archived(customer)
    hold(user)
    return accounts.invite(user, now=now)


def remove_user(customer: Customer, user: Any) -> None:
    """Delete a login. What the person did stays in the change log."""
    check_not_archived(customer)
    hold(user)
    user.roles = []
    db.session.flush()
    db.session.delete(user)
    db.session.flush()


def status_word(user: Any) -> str:
    """Return the state as the list shows it: an open invitation is told apart from a login that works."""
    if user.status is UserStatus.ACTIVE and not user.password:
        return "invited"
    return str(user.status.value)
