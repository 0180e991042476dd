"""What is kept of logins beside the user's own columns: requirements, sessions, recovery codes, earlier passwords."""

from __future__ import annotations

import datetime
import enum

from flask_appbuilder import Model
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import StrEnumType, UtcDateTime
from app.tenancy.owned import LoginOwned, PlatformOrTenantRule

LONGEST_BROWSER = 300


class SecondFactorFor(enum.StrEnum):
    """Who has to sign in with a second factor."""

    NOBODY = "nobody"
    CONSOLE = "console"
    EVERYBODY = "everybody"


class LoginPolicy(Model):
    """What one reseller, or the platform, requires of passwords and of signing in. Without a row the defaults hold.

    The key is the reseller's, 0 for the platform: one row each, and every request finds it by key.
    """

    __tablename__ = "login_policies"
    __guard__ = PlatformOrTenantRule()
    __audit_name__ = "login_policy"
    __table_args__ = (CheckConstraint("id = coalesce(reseller_id, 0)", name="is_its_owners"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reseller_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("resellers.id"), index=True)
    minimum_length: Mapped[int] = mapped_column(Integer)
    needs_upper: Mapped[bool] = mapped_column(Boolean)
    needs_lower: Mapped[bool] = mapped_column(Boolean)
    needs_digit: Mapped[bool] = mapped_column(Boolean)
    needs_symbol: Mapped[bool] = mapped_column(Boolean)
    expires_days: Mapped[int] = mapped_column(Integer)
    remembered: Mapped[int] = mapped_column(Integer)
    lock_after: Mapped[int] = mapped_column(Integer)
    lock_minutes: Mapped[int] = mapped_column(Integer)
    second_factor: Mapped[SecondFactorFor] = mapped_column(StrEnumType(SecondFactorFor))
    version: Mapped[int] = mapped_column(Integer, default=1)

    def __str__(self) -> str:
        return ""


class LoginSession(LoginOwned, Model):
    """One browser in which somebody is signed in. The cookie holds a secret, this row its hash.

    ``version`` is the login's ``session_version`` at the time: a session of an older one has ended. Not in the change
    log as a row: signing in and out are entries of their own.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(LONGEST_BROWSER), default="")


class RecoveryCode(LoginOwned, Model):
    """One of the codes that stand in for a lost second factor; its hash, and when it was used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id_code_hash", "user_id", "code_hash", unique=True),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)


class EarlierPassword(LoginOwned, Model):
    """The hash of a password that somebody had, kept as long as the requirements ask for it."""

    __tablename__ = "earlier_passwords"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    password: Mapped[str] = mapped_column(String(256))
    replaced_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
