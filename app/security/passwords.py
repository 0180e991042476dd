"""What a password must be: OWASP ASVS 5.0, chapter 6.2, and what a reseller's Password Requirements add."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select
from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import Invalid
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.folding import fold
from app.security.login_models import EarlierPassword
from app.security.policy import MAXIMUM_LENGTH, Policy, missing_kinds, policy_of
from app.shell.formats import words_list
from app.tenancy.scope import system_scope


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the words that are refused, folded: the 30,000 most frequent of real leaks, as zxcvbn collects them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # large: read when the first password is set

    return frozenset(fold(word) for word in FREQUENCY_LISTS["passwords"])


def _core(password: str) -> str:
    """The word inside a password, without the digits and marks that people put around it."""
    return fold(password).strip("0123456789!?.,;:-_#*+$%&/()= ")


def check_password(password: str, *, about: tuple[str, ...] = (), policy: Policy | None = None) -> None:
    """Raise ``Invalid`` with a sentence that says what to do when ``password`` is too weak.

    ``about``: the person's own name, address and organization, which the password must not simply repeat.
    ``policy``: what the login's reseller requires (``policy_of``); the defaults without one.
    """
    policy = policy or Policy()
    if len(password) < policy.minimum_length:
        raise Invalid(
            _(
                "Use at least %(n)s characters. Three or four words make a good password.",
                n=policy.minimum_length,
            )
        )
    if len(password) > MAXIMUM_LENGTH:
        raise Invalid(_("Use at most %(n)s characters.", n=MAXIMUM_LENGTH))
    missing = missing_kinds(policy, password)
    if missing:
        raise Invalid(_("The password needs %(kinds)s too.", kinds=words_list(missing)))
    folded = fold(password)
    if folded in common_passwords() or _core(password) in common_passwords() or len(set(folded)) < 4:
        raise Invalid(_("This password is on the list of common ones. Choose another."))
    if any(fold(word) == folded for word in about if word):
        raise Invalid(_("The password repeats the name or the address. Choose another."))


def check_password_for(user: Any, password: str) -> None:
    """Raise ``Invalid`` when ``password`` cannot be this person's next one: too weak, or one of the last ones."""
    policy = policy_of(user.reseller_id)
    check_password(password, about=(user.name, user.email, user.email.partition("@")[0]), policy=policy)
    if policy.remembered and any(
        check_password_hash(stored, password) for stored in _last_passwords(user, policy.remembered)
    ):
        if policy.remembered == 1:
            raise Invalid(_("This was your last password. Choose another."))
        raise Invalid(_("This is one of your last %(n)s passwords. Choose another.", n=policy.remembered))


def _last_passwords(user: Any, number: int) -> list[str]:
    """Return the hashes of the last passwords of ``user``, the one in force first."""
    current = [user.password] if user.password else []
    with system_scope("what somebody's passwords were is nobody's to read"):
        query = (
            select(EarlierPassword.password)
            .where(EarlierPassword.user_id == user.id)
            .order_by(EarlierPassword.replaced_at.desc(), EarlierPassword.id.desc())
            .limit(number - len(current))
        )
        return [*current, *db.session.scalars(query)]


def put_password(user: Any, password: str, *, is_temporary: bool) -> None:
    """Give ``user`` a password that was checked before. Earlier hashes stay as long as the requirements ask for."""
    old, now = user.password, utc_now()
    user.password, user.password_changed_at = hash_password(password), now
    user.has_temporary_password = is_temporary
    if user.id is not None:
        _keep_earlier(user, old, now=now)


def _keep_earlier(user: Any, old: str | None, *, now: datetime.datetime) -> None:
    number = policy_of(user.reseller_id).remembered
    with system_scope("what somebody's passwords were is nobody's to read"):
        if number > 1 and old:
            row = EarlierPassword(
                reseller_id=user.reseller_id, user_id=user.id, password=old, replaced_at=now
            )
            db.session.add(row)
        db.session.flush()
        query = select(EarlierPassword.id).where(EarlierPassword.user_id == user.id)
        newest_first = query.order_by(EarlierPassword.replaced_at.desc(), EarlierPassword.id.desc())
        surplus = db.session.scalars(newest_first).all()[max(number - 1, 0) :]
        if surplus:
            db.session.execute(
                delete(EarlierPassword)
                .where(EarlierPassword.id.in_(surplus))
                .execution_options(synchronize_session=False)
            )


# -- how passwords are stored ------------------------------------------------------------------------------------------


_stored_alike: ContextVar[dict[str, str] | None] = ContextVar("stored_alike", default=None)


@contextmanager
def stored_alike() -> Iterator[None]:
    """Within, the same password gets the same stored form, made once: for logins whose password is public anyway."""
    token = _stored_alike.set({})
    try:
        yield
    finally:
        _stored_alike.reset(token)


def hash_password(password: str) -> str:
    """Return the stored form of a password, slow to make, and never the same twice but for ``stored_alike``."""
    made = _stored_alike.get()
    if made is not None and password in made:
        return made[password]
    stored = generate_password_hash(password, method=current_app.config["FAB_PASSWORD_HASH_METHOD"])
    if made is not None:
        made[password] = stored
    return stored


def is_outdated(stored: str) -> bool:
    """Was this password stored with a cheaper method than new ones are?"""
    method, wanted = stored.partition("$")[0], current_app.config["FAB_PASSWORD_HASH_METHOD"]
    kind, cost = _cost(method)
    wanted_kind, wanted_cost = _cost(wanted)
    return kind != wanted_kind or cost < wanted_cost


def _cost(method: str) -> tuple[str, int]:
    """Return (method, work) of ``scrypt:32768:8:3`` or ``pbkdf2:sha256:1000000``; work compares within one method."""
    name, *parts = method.split(":")
    numbers = [int(part) for part in parts if part.isdecimal()]
    work = 1
    for number in numbers:
        work *= number
    words = [part for part in parts if not part.isdecimal()]
    return ":".join([name, *words]), work if numbers else 0
