"""Users of a customer: who of its people may sign in to the portal (article, step 4; domain, 3)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from app.customers.models import Customer
from app.customers.services import check_not_archived
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.security import accounts, locks, second_factor
from app.security.models import SWITCHES, User, UserStatus
from app.security.personal_data import check_not_anonymised
from app.security.roles import RoleName

#: What the list shows of a login whose invitation nobody has taken up yet.
INVITED = "invited"


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
    switches: Mapping[str, bool] | None = None,
) -> tuple[Any, str | None]:
    """Create a user of the customer; return it and, where no password was given, the secret of an invitation link.

    ``switches``: which of ``SWITCHES`` are on; all of them where nothing is said.
    """
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
            switches=switches,
        )
    except Invalid as refusal:
        refusal.field = refusal.field or "password"
        raise
    token = None
    if not password and status is not UserStatus.SUSPENDED:
        token = accounts.invite(user, now=now)
    return user, token


def change_user(
    customer: Customer,
    user: Any,
    *,
    name: str,
    status: UserStatus,
    password: str | None,
    switches: Mapping[str, bool],
) -> Any:
    """Change name, status (any of the four at any time) and ``SWITCHES``; set a temporary password where one is given.

    A switch counts from the person's next request on.
    """
    check_not_archived(customer)
    hold(user)
    check_not_anonymised(user)
    if user.name != name:
        user.name = name
    for switch in SWITCHES:
        setattr(user, switch, switches[switch])
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


def unlock_user(customer: Customer, user: Any, *, now: datetime.datetime) -> Any:
    """End the lock that came after too many failures."""
    check_not_archived(customer)
    hold(user)
    return locks.unlock(user, now=now)


def sign_out_user(customer: Customer, user: Any) -> Any:
    """End all sessions of somebody."""
    check_not_archived(customer)
    hold(user)
    return accounts.sign_out_everywhere(user)


def reset_second_factor(customer: Customer, user: Any, *, now: datetime.datetime) -> Any:
    """Take away the second factor of somebody who lost it."""
    check_not_archived(customer)
    hold(user)
    return second_factor.reset(user, now=now)


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
    if user.anonymised_at is not None:
        return "anonymised"
    if user.status is UserStatus.ACTIVE and not user.password:
        return INVITED
    return str(user.status.value)


def switched_off(user: Any) -> str:
    """Return in words what the login may not do in the portal, nothing for one that may do all."""
    words = {
        "sees_statements": _("no statements"),
        "may_request_accounts": _("no requests"),
        "may_invite": _("no invitations"),
    }
    text = ", ".join(word for switch, word in words.items() if not getattr(user, switch))
    return text[:1].upper() + text[1:]
