"""The second factor: codes of an authenticator app, and recovery codes for when that is lost (ADR 8).

Every code is taken once. Both ways of taking one are a single statement that changes a row only if nobody did before,
so that of two requests with the same code one wins on every database.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import secrets
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.audit.log import record
from app.errors import Invalid, WrongState
from app.extensions import db
from app.security import locks, totp
from app.security.login_models import RecoveryCode
from app.security.models import User
from app.security.policy import Policy, policy_of
from app.security.signals import second_factor_reset
from app.tenancy.scope import system_scope

CODES = 10
#: Letters and digits that nobody takes for one another: 16 of them are 79 bits, which nobody tries out.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 4, 4


def has_one(user: Any) -> bool:
    """Does the person sign in with a second factor?"""
    return user.totp_since is not None


def must_set_up(user: Any, policy: Policy) -> bool:
    """Is a second factor demanded of this person, who has none yet?"""
    return not has_one(user) and policy.demands_second_factor(user)


# -- setting up and taking away ----------------------------------------------------------------------------------------


def switch_on(user: Any, secret: str, code: str, *, now: datetime.datetime) -> list[str]:
    """Begin to ask ``user`` for codes of ``secret``, which the first code proves to be in an app.

    Returns the recovery codes, which nobody can read again.
    """
    locks.hold(user.id)
    step = totp.step_of(secret, code, now=now)
    if step is None:
        raise Invalid(
            _("This is not the app's present code. Wait for the next one and enter it."), field="code"
        )
    if has_one(user):
        raise WrongState(_("A second factor is set up already."))
    user.totp_secret = totp.seal(secret, user_id=user.id)
    user.totp_since, user.totp_last_step = now, step
    locks.begin_anew(user, locks.Step.CODE)
    db.session.flush()
    record("second_factor_on", user)
    return make_codes(user)


def check_can_be_switched_off(user: Any) -> None:
    """Raise ``WrongState`` where the requirements demand a second factor."""
    if policy_of(user.reseller_id).demands_second_factor(user):
        raise WrongState(_("A second factor is required for your login, so it cannot be switched off."))


def switch_off(user: Any) -> None:
    """Ask the person, whose last code was taken, for codes no longer. Refused where the requirements demand one."""
    locks.hold(user.id)
    check_can_be_switched_off(user)
    _clear(user)
    record("second_factor_off", user)


def reset(user: Any, *, now: datetime.datetime) -> Any:
    """Take away the second factor of somebody who lost it, and sign the person out everywhere."""
    locks.hold(user.id)
    if not has_one(user):
        raise WrongState(_("%(name)s has no second factor.", name=user.name))
    _clear(user)
    user.session_version += 1
    db.session.flush()
    record("second_factor_reset", user)
    second_factor_reset.send(user, now=now)
    return user


def _clear(user: Any) -> None:
    user.totp_secret = user.totp_since = user.totp_last_step = None
    locks.begin_anew(user, locks.Step.CODE)
    db.session.flush()
    _remove_codes(user)


# -- taking codes ------------------------------------------------------------------------------------------------------


def take_code(user: Any, code: str, *, now: datetime.datetime) -> bool:
    """Use up a code of the app. False for a wrong one, one of another time, and one that was used before."""
    secret = totp.unseal(user.totp_secret or "", user_id=user.id)
    step = totp.step_of(secret, code, now=now) if secret else None
    if step is None:
        return False
    taken: Any = db.session.execute(
        update(User)
        .where(User.id == user.id, or_(User.totp_last_step.is_(None), User.totp_last_step < step))
        .values(totp_last_step=step)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return False
    set_committed_value(user, "totp_last_step", step)
    return True


def take_recovery_code(user: Any, code: str, *, now: datetime.datetime) -> bool:
    """Use up a recovery code. They do not depend on SECRET_KEY, so they work even after that was changed."""
    with system_scope("a recovery code is used before its person has a scope"):
        taken: Any = db.session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.user_id == user.id,
                RecoveryCode.code_hash == _code_hash(user.id, code),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
    return bool(taken.rowcount == 1)


# -- recovery codes ----------------------------------------------------------------------------------------------------


def make_codes(user: Any) -> list[str]:
    """Return new recovery codes; all older ones stop working. Only their hashes are kept."""
    locks.hold(user.id)
    codes = [_new_code() for _number in range(CODES)]
    _remove_codes(user)
    with system_scope("recovery codes are made for whoever the services were given"):
        db.session.add_all(
            RecoveryCode(reseller_id=user.reseller_id, user_id=user.id, code_hash=_code_hash(user.id, code))
            for code in codes
        )
        db.session.flush()
    record("recovery_codes_made", user)
    return codes


def codes_left(user: Any) -> int:
    """Return how many recovery codes of the person in scope were not used yet."""
    query = select(func.count()).select_from(RecoveryCode)
    unused = query.where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalars(unused).one()


def _new_code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _at in range(_GROUP)) for _number in range(_GROUPS))
    return "-".join(groups)


def _code_hash(user_id: int, code: str) -> str:
    plain = re.sub(r"[\s-]", "", code).lower()[:64]
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()


def _remove_codes(user: Any) -> None:
    with system_scope("an Owner takes away what belongs to the person alone"):
        db.session.execute(
            delete(RecoveryCode)
            .where(RecoveryCode.user_id == user.id)
            .execution_options(synchronize_session=False)
        )
