"""Password Requirements: what a reseller, or the platform, asks of all of its logins (domain, 4).

OWASP ASVS 5.0 asks for length and for a list of common passwords, and advises against a forced mix of characters
(6.2.5) and against passwords that expire (6.2.10). So both are there for those who must, and off.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.errors import EditConflict, Invalid
from app.extensions import db
from app.security.login_models import LoginPolicy, SecondFactorFor
from app.shell.formats import words_list
from app.tenancy.scope import current_scope, system_scope

#: Field -> the lowest and the highest number it takes.
LIMITS: Mapping[str, tuple[int, int]] = {
    "minimum_length": (8, 64),
    "expires_days": (0, 3650),
    "remembered": (0, 24),
    "lock_after": (3, 100),
    "lock_minutes": (1, 24 * 60),
}
MAXIMUM_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Policy:
    """Requirements in force; without arguments the defaults. ``expires_days`` and ``remembered`` are off at 0."""

    minimum_length: int = 12
    needs_upper: bool = False
    needs_lower: bool = False
    needs_digit: bool = False
    needs_symbol: bool = False
    expires_days: int = 0
    remembered: int = 0
    lock_after: int = 10
    lock_minutes: int = 15
    second_factor: SecondFactorFor = SecondFactorFor.NOBODY

    @classmethod
    def of(cls, row: LoginPolicy | None) -> Policy:
        """Return what ``row`` says, the defaults where there is none."""
        return cls() if row is None else cls(**{name: getattr(row, name) for name in POLICY_FIELDS})

    def is_expired(self, user: Any, *, now: datetime.datetime) -> bool:
        """Has the person's password to be replaced because of its age?"""
        changed_at = user.password_changed_at
        return bool(
            self.expires_days
            and changed_at is not None
            and now >= changed_at + datetime.timedelta(days=self.expires_days)
        )

    def demands_second_factor(self, user: Any) -> bool:
        """Must this person have a second factor?"""
        if self.second_factor is SecondFactorFor.CONSOLE:
            return user.customer_id is None
        return self.second_factor is SecondFactorFor.EVERYBODY


POLICY_FIELDS = tuple(one.name for one in fields(Policy))


def policy_of(reseller_id: int | None) -> Policy:
    """Return the requirements in force for the logins of a reseller, for the platform's own without one."""
    with system_scope("requirements hold before somebody logs in, and for customers' users"):
        return Policy.of(db.session.get(LoginPolicy, reseller_id or 0))


def load_policy(*, lock: bool = False) -> LoginPolicy:
    """Return the row of the reseller in scope or of the platform; a new one, not added yet, where the defaults hold.

    Its version is 0 then, so that the first of two who change the defaults wins like any other.
    """
    reseller_id = current_scope().reseller_id
    row = db.session.get(LoginPolicy, reseller_id or 0, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        defaults = {name: getattr(Policy(), name) for name in POLICY_FIELDS}
        row = LoginPolicy(id=reseller_id or 0, reseller_id=reseller_id, version=0, **defaults)
    return row


def save_policy(values: Mapping[str, Any], *, version: int) -> LoginPolicy:
    """Change the requirements of the reseller in scope, or of the platform. ``version`` is that of the form.

    They hold for passwords that are set from now on; the one that somebody has stays good until it is replaced.
    """
    row = load_policy(lock=True)
    if row.version != version:
        raise EditConflict
    for name, (lowest, highest) in LIMITS.items():
        if not lowest <= values[name] <= highest:
            raise Invalid(
                _("Enter a whole number from %(low)s to %(high)s.", low=lowest, high=highest), field=name
            )
    for name in POLICY_FIELDS:
        if getattr(row, name) != values[name]:
            setattr(row, name, values[name])
    row.version += 1
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:  # somebody else was the first to change the defaults
        raise EditConflict from None
    return row


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "upper": str.isupper,
    "lower": str.islower,
    "digit": str.isdigit,
    "symbol": lambda character: not character.isalnum(),
}


def kinds_asked(policy: Policy) -> list[tuple[str, str]]:
    """Return the kinds of characters that a password needs, each with its words."""
    words = {
        "upper": _("an upper-case letter"),
        "lower": _("a lower-case letter"),
        "digit": _("a digit"),
        "symbol": _("a symbol"),
    }
    return [(kind, word) for kind, word in words.items() if getattr(policy, f"needs_{kind}")]


def missing_kinds(policy: Policy, password: str) -> list[str]:
    """Return the kinds of characters that a password lacks, in words."""
    return [word for kind, word in kinds_asked(policy) if not any(map(_KINDS[kind], password))]


def requirement_text(policy: Policy) -> str:
    """Return the requirements as the sentences that stand below every field for a new password."""
    sentences = [
        _(
            "At least %(n)s characters; a few words in a row are good. Common passwords are refused.",
            n=policy.minimum_length,
        )
    ]
    kinds = missing_kinds(policy, "")
    if kinds:
        sentences.append(_("It needs %(kinds)s.", kinds=words_list(kinds)))
    if policy.remembered == 1:
        sentences.append(_("It must differ from your last password."))
    elif policy.remembered:
        sentences.append(_("It must differ from your last %(n)s passwords.", n=policy.remembered))
    return " ".join(sentences)
