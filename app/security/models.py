"""What Cloudtally adds to the framework's user.

The columns hang on Flask-AppBuilder's own ``User``, not on a subclass: one mapped class, so that a suspended user is
suspended on every way in, API tokens too.
"""

from __future__ import annotations

import enum
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    event,
    inspect,
    true,
)
from sqlalchemy.orm import Session, mapped_column, relationship

from app.errors import Invalid
from app.kernel.types import StrEnumType, UtcDateTime
from app.security.roles import CONSOLE_ROLES, RoleName
from app.tenancy.guarded import TenantViolation
from app.tenancy.models import Reseller
from app.tenancy.owned import LoginRule, Rule
from app.tenancy.scope import ScopeKind, current_scope

LONGEST_NAME_PART = 64

#: What the reseller switches off for one of a customer's people. The person itself and its colleagues cannot.
SWITCHES = ("sees_statements", "may_request_accounts", "may_invite")

__all__ = ["SWITCHES", "Role", "User", "UserStatus"]


class UserStatus(enum.StrEnum):
    """The four states of a login."""

    PENDING_EMAIL_VALIDATION = "pending_email_validation"
    PENDING_APPROVAL = "pending_approval"
    ACTIVE = "active"
    SUSPENDED = "suspended"


User.reseller_id = mapped_column(Integer, ForeignKey("resellers.id"), nullable=True, index=True)
User.customer_id = mapped_column(Integer, nullable=True, index=True)
User.status = mapped_column(StrEnumType(UserStatus), nullable=False, default=UserStatus.PENDING_APPROVAL)
User.locale = mapped_column(String(10), nullable=False, default="")
User.session_version = mapped_column(Integer, nullable=False, default=1)
User.has_temporary_password = mapped_column(Boolean, nullable=False, default=False)
User.invitation_hash = mapped_column(String(64), nullable=True, unique=True)
User.invitation_expires_at = mapped_column(UtcDateTime, nullable=True)
User.reset_hash = mapped_column(String(64), nullable=True, unique=True, index=True)
User.reset_expires_at = mapped_column(UtcDateTime, nullable=True)
User.sees_statements = mapped_column(Boolean, nullable=False, default=True, server_default=true())
User.may_request_accounts = mapped_column(Boolean, nullable=False, default=True, server_default=true())
User.may_invite = mapped_column(Boolean, nullable=False, default=True, server_default=true())
User.anonymised_at = mapped_column(UtcDateTime, nullable=True)
#: Failed passwords are counted in the framework's ``fail_login_count``. What ends a lock sets all of these back.
User.lock_count = mapped_column(Integer, nullable=False, default=0, server_default="0")
User.locked_until = mapped_column(UtcDateTime, nullable=True)
User.code_fail_count = mapped_column(Integer, nullable=False, default=0, server_default="0")
User.code_lock_count = mapped_column(Integer, nullable=False, default=0, server_default="0")
User.code_locked_until = mapped_column(UtcDateTime, nullable=True)
User.password_changed_at = mapped_column(UtcDateTime, nullable=True)
#: The second factor: its secret, sealed; since when; and the last half minute whose code was taken.
User.totp_secret = mapped_column(String(200), nullable=True)
User.totp_since = mapped_column(UtcDateTime, nullable=True)
User.totp_last_step = mapped_column(BigInteger, nullable=True)
User.reseller = relationship(Reseller, foreign_keys=[User.reseller_id], lazy="joined")
User.__table__.append_constraint(
    ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"])
)
Index("ix_ab_user_reseller_id_customer_id", User.__table__.c.reseller_id, User.__table__.c.customer_id)
User.__guard__ = LoginRule(customer_key="customer_id")
User.__audit_name__ = "user"
User.__audit_links__ = ("roles",)
User.__audit_merged__ = {"name": ("first_name", "last_name")}
User.__audit_secret__ = frozenset({"password"})
User.__audit_ignored__ = frozenset(
    {
        "username",
        "active",
        "last_login",
        "login_count",
        "fail_login_count",
        "created_on",
        "changed_on",
        "created_by_fk",
        "changed_by_fk",
        "session_version",
        "invitation_hash",
        "invitation_expires_at",
        "reset_hash",
        "reset_expires_at",
        "anonymised_at",
        "lock_count",
        "locked_until",
        "code_fail_count",
        "code_lock_count",
        "code_locked_until",
        "password_changed_at",
        "totp_secret",
        "totp_since",
        "totp_last_step",
    }
)


def _name(user: Any) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _set_name(user: Any, name: str) -> None:
    """Split a contact name into the framework's two columns, at the last blank that leaves neither too long.

    Raises ``Invalid`` where there is none: nobody's name is cut.
    """
    text = name.strip()
    parts = [(text, "")] if " " not in text else []
    parts += [(text[:at], text[at + 1 :]) for at in range(len(text) - 1, 0, -1) if text[at] == " "]
    for first, last in parts:
        if len(first) <= LONGEST_NAME_PART and len(last) <= LONGEST_NAME_PART:
            user.first_name, user.last_name = first, last
            return
    raise Invalid(
        _("Use a shorter name: at most %(n)s characters before and after a space.", n=LONGEST_NAME_PART),
        field="name",
    )


def _role_name(user: Any) -> str | None:
    """The one role of a user, None for a user without any (who can do nothing)."""
    return user.roles[0].name if user.roles else None


def _is_active(user: Any) -> bool:
    return bool(user.active) and user.status is UserStatus.ACTIVE


User.name = property(_name, _set_name)
User.role_name = property(_role_name)
User.is_active = property(_is_active)
User.__str__ = lambda self: self.name or self.email


Role.__guard__ = Rule()  # roles are the platform's; who has which is checked below


def _roles_that_fit(user: Any) -> frozenset[str]:
    """Return the roles a person may hold: those of the platform, of a reseller's console, or of a customer."""
    if user.reseller_id is None:
        return frozenset({RoleName.PLATFORM_ADMIN})
    return frozenset({RoleName.CUSTOMER}) if user.customer_id is not None else frozenset(CONSOLE_ROLES)


@event.listens_for(Session, "before_flush")
def _refuse_roles_from_elsewhere(session: Session, _context: Any, _instances: Any) -> None:
    """In every scope, the system's too: nobody makes a customer's person an Owner, or an Owner a Platform Admin."""
    for row in (*session.new, *session.dirty):
        if isinstance(row, User):
            given = {role.name for role in inspect(row).attrs.roles.history.added}
            if not given <= _roles_that_fit(row):
                raise TenantViolation(f"{', '.join(sorted(given))} is no role for this login")


@event.listens_for(Session, "before_flush")
def _refuse_switches_to_customers(session: Session, _context: Any, _instances: Any) -> None:
    """What a login may do in the portal is the reseller's to say: no form of the portal changes it."""
    if current_scope().kind is ScopeKind.CUSTOMER:
        for row in session.dirty:
            changes = inspect(row).attrs
            if isinstance(row, User) and any(changes[name].history.has_changes() for name in SWITCHES):
                raise TenantViolation("a customer's people do not change what their logins may do")


@event.listens_for(Session, "before_flush")
def _keep_active_in_step(session: Session, _context: Any, _instances: Any) -> None:
    """The framework's ``active`` follows the status: two truths, one writer."""
    for row in (*session.new, *session.dirty):
        if isinstance(row, User):
            row.active = row.status is UserStatus.ACTIVE
