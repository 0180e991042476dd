"""Which mail follows which event. Everything here runs in the transaction of what caused it."""

from __future__ import annotations

import datetime
import hashlib
from types import SimpleNamespace
from typing import Any

from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications.post import mail, recipient_of
from app.security.signals import (
    login_locked,
    password_forgotten,
    second_factor_reset,
    user_invited,
    user_suspended,
)
from app.shell.links import mailed_url
from app.tenancy.models import Reseller


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    user_invited.connect(mail_invitation)
    password_forgotten.connect(mail_password_reset)
    user_suspended.connect(mail_suspension)
    login_locked.connect(mail_lock)
    second_factor_reset.connect(mail_second_factor_reset)


def mail_invitation(user: Any, **link: Any) -> None:
    """Mail the invitation link to the person it invites."""
    _mail_link("user_invited", "InvitationView.show", user, **link)


def mail_password_reset(user: Any, **link: Any) -> None:
    """Mail the link to a new password. For nobody the same is done and taken back, so that it takes as long."""
    if user is not None:
        _mail_link("password_reset", "PasswordView.reset", user, **link)
        return
    attempt = db.session().trusted_connection().begin_nested()
    _mail_link("password_reset", "PasswordView.reset", _NOBODY, **link)
    attempt.rollback()


#: Stands in for the person whom an address does not belong to.
_NOBODY = SimpleNamespace(id=0, name="", email="", locale="", reseller_id=None, customer_id=None)


def mail_suspension(user: Any, **_more: Any) -> None:
    """Tell a person that the login was suspended. Each suspension raises the session's version, and is told once."""
    key = f"{user.id}:{user.session_version}"
    mail(
        "user_suspended",
        reseller=_reseller_of(user),
        to=[recipient_of(user)],
        values={},
        key=key,
        now=utc_now(),
    )


def mail_lock(user: Any, *, until: datetime.datetime, now: datetime.datetime, **_more: Any) -> None:
    """Tell a person that the login is locked for a while: somebody may be guessing the password."""
    mail(
        "login_locked",
        reseller=_reseller_of(user),
        to=[recipient_of(user)],
        values={"UNTIL": until},
        key=f"{user.id}:{until.isoformat()}",
        useful_until=until,
        now=now,
    )


def mail_second_factor_reset(user: Any, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell a person that somebody else took the second factor away."""
    key = f"{user.id}:{now.isoformat()}"
    mail(
        "second_factor_reset",
        reseller=_reseller_of(user),
        to=[recipient_of(user)],
        values={},
        key=key,
        now=now,
    )


def _reseller_of(user: Any) -> Reseller | None:
    found: Reseller | None = (
        db.session.get(Reseller, user.reseller_id) if user.reseller_id is not None else None
    )
    return found


def _mail_link(
    event: str,
    endpoint: str,
    user: Any,
    *,
    token: str,
    expires_at: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Put the mail that brings a person a link. A link is mailed once: the key names it, without giving it away."""
    reseller = _reseller_of(user)
    portal_of = reseller if user.customer_id is not None else None
    mail(
        event,
        reseller=reseller,
        to=[recipient_of(user)],
        values={"LINK": mailed_url(endpoint, portal_of=portal_of, token=token), "EXPIRES": expires_at},
        key=f"{user.id}:{hashlib.sha256(token.encode()).hexdigest()[:16]}",
        useful_until=expires_at,
        now=now,
    )
