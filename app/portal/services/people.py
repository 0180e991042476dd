"""Inviting colleagues: to no more than the own rights, and only by a mail to the person who is invited."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.customers.models import Customer
from app.customers.users import INVITED, add_user, find_user, hold, invite_user, remove_user, status_word
from app.errors import NotAllowed, WrongState
from app.security.models import SWITCHES, UserStatus


def rights_within(person: Any, wanted: Mapping[str, bool]) -> dict[str, bool]:
    """Return which of the wanted ``SWITCHES`` the person can pass on: those that it has."""
    return {name: bool(wanted.get(name)) and getattr(person, name) for name in SWITCHES}


def invite_colleague(
    customer: Customer,
    *,
    inviter: Any,
    name: str,
    email: str,
    switches: Mapping[str, bool],
    now: datetime.datetime,
) -> Any:
    """Create a colleague's login and mail the invitation. The secret of its link is nobody's but the mail's.

    Raises ``Invalid`` for an address that has a login anywhere, without saying where.
    """
    _check_may_invite(inviter)
    user, _token = add_user(
        customer,
        name=name,
        email=email,
        status=UserStatus.ACTIVE,
        password=None,
        switches=rights_within(inviter, switches),
        now=now,
    )
    return user


def invite_again(customer: Customer, user_id: int, *, inviter: Any, now: datetime.datetime) -> Any:
    """Mail a colleague who has not come yet a new link; the old one stops working."""
    user = _invited(customer, user_id, inviter)
    invite_user(customer, user, now=now)
    return user


def withdraw_invitation(customer: Customer, user_id: int, *, inviter: Any) -> str:
    """Remove the login of a colleague who has not come yet; return the person's name."""
    user = _invited(customer, user_id, inviter)
    name: str = user.name
    remove_user(customer, user)
    return name


def _invited(customer: Customer, user_id: int, inviter: Any) -> Any:
    user = find_user(customer, user_id)
    _check_may_invite(inviter)
    hold(user)
    if status_word(user) != INVITED:
        raise WrongState(_("%(name)s has no open invitation.", name=user.name))
    return user


def _check_may_invite(inviter: Any) -> None:
    if not inviter.may_invite:
        raise NotAllowed("")  # the page says whom to ask
