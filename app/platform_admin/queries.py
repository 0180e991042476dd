"""Named reads of the platform's console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.audit.queries import AuditFilter, entries_query
from app.errors import NotVisible
from app.extensions import db
from app.providers.models import Provider
from app.security.models import Role, User, UserStatus
from app.security.roles import RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope

LARGEST_KEY = 2**31 - 1


def find_reseller(reseller_id: int) -> Reseller:
    """Return the reseller; raises ``NotVisible``."""
    reseller = db.session.get(Reseller, reseller_id) if 0 < reseller_id <= LARGEST_KEY else None
    if reseller is None:
        raise NotVisible
    return reseller


def waiting_owners(reseller: Reseller) -> Sequence[Any]:
    """Return the reseller's Owners who never set a password: the only logins of a reseller the platform may look at."""
    query = (
        select(User)
        .join(User.roles)
        .where(User.password.is_(None), User.status != UserStatus.SUSPENDED)
        .where(User.customer_id.is_(None), Role.name == RoleName.OWNER.value)
        .order_by(User.id)
    )
    with reseller_scope(reseller.id):
        return db.session.scalars(query).all()


def recent_support(reseller: Reseller, *, limit: int) -> Sequence[AuditEntry]:
    """Return the newest changes that people of the platform made at one reseller."""
    query = entries_query(AuditFilter()).where(AuditEntry.reseller_id == reseller.id)
    return db.session.scalars(query.limit(limit)).all()


def platform_counts() -> dict[str, int]:
    """Count resellers, active providers and Platform Admins. Customers are not the platform's to count."""
    return {
        "resellers": db.session.scalar(select(func.count(Reseller.id))) or 0,
        "providers": db.session.scalar(select(func.count(Provider.id)).where(Provider.is_active)) or 0,
        "admins": db.session.scalar(select(func.count(User.id)).where(User.status == UserStatus.ACTIVE)) or 0,
    }
