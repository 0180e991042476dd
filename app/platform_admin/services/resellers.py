"""Resellers: made together with their first Owner, changed, and their Owners invited anew."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import EditConflict, Invalid, NotVisible
from app.extensions import db
from app.platform_admin import queries
from app.security import accounts
from app.security.roles import RoleName
from app.settings.services import check_new_nickname, check_nickname, portal_host
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope

FIELDS = ("name", "nickname", "currency", "time_zone", "languages", "operations_email")


@dataclass(frozen=True, slots=True)
class NewReseller:
    """A reseller that was just made, its first Owner, and the secret of the Owner's invitation link."""

    reseller: Reseller
    owner: Any
    token: str


def create_reseller(
    values: Mapping[str, str],
    *,
    owner_name: str,
    owner_email: str,
    now: datetime.datetime,
    own_hosts: Collection[str] = (),
) -> NewReseller:
    """Create a reseller and invite its first Owner: both or, when anything is refused, neither.

    ``own_hosts`` are the product's host names, which no portal may have.
    """
    check_nickname(values["nickname"])
    host = portal_host(values.get("portal_host", ""), own=own_hosts)
    reseller = Reseller(**{name: values[name] for name in FIELDS}, portal_host=host, created_at=now)
    db.session.add(reseller)
    db.session.flush()
    with reseller_scope(reseller.id):
        try:
            owner = accounts.create_user(
                name=owner_name, email=owner_email, role=RoleName.OWNER, reseller_id=reseller.id
            )
        except Invalid as refusal:
            refusal.field = "owner_email"
            raise
        token = accounts.invite(owner, now=now)
    return NewReseller(reseller, owner, token)


def change_reseller(
    reseller: Reseller, values: Mapping[str, str], *, version: int, own_hosts: Collection[str] = ()
) -> Reseller:
    """Change a reseller's details; refuses to overwrite what somebody else saved since the form was opened."""
    db.session.refresh(reseller, with_for_update=True)  # as it is now, held until the commit
    if reseller.version != version:
        raise EditConflict
    check_new_nickname(reseller, values["nickname"])
    wanted: dict[str, str | None] = {name: values[name] for name in FIELDS}
    wanted["portal_host"] = portal_host(values.get("portal_host", ""), own=own_hosts, besides=reseller.id)
    changed = {name: value for name, value in wanted.items() if getattr(reseller, name) != value}
    for name, value in changed.items():
        setattr(reseller, name, value)
    if changed:
        reseller.version += 1
    return reseller


def invite_owner_again(reseller: Reseller, user_id: int, *, now: datetime.datetime) -> str:
    """Return the secret of a new invitation link for an Owner who never set a password; the old link stops working."""
    owner = next((one for one in queries.waiting_owners(reseller) if one.id == user_id), None)
    if owner is None:
        raise NotVisible
    with reseller_scope(reseller.id):
        return accounts.invite(owner, now=now)
