"""Which mail follows which event. Everything here runs in the transaction of what caused it."""

from __future__ import annotations

import datetime
import hashlib
from types import SimpleNamespace
from typing import Any

from app.extensions import db
from app.notifications import outbox
from app.notifications.render import language_of, render
from app.security.signals import password_forgotten, user_invited
from app.shell.links import mailed_url
from app.tenancy.models import Reseller


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    user_invited.connect(mail_invitation)
    password_forgotten.connect(mail_password_reset)


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
_NOBODY = SimpleNamespace(id=0, name="", email="", locale="", reseller_id=None)


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
    reseller = db.session.get(Reseller, user.reseller_id) if user.reseller_id is not None else None
    letter = render(
        event,
        language=language_of(user, reseller),
        reseller=reseller,
        name=user.name,
        email=user.email,
        url=mailed_url(endpoint, token=token),
        expires_at=expires_at,
    )
    outbox.put(
        event=event,
        recipient=user.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        reseller_id=user.reseller_id,
        key=f"{event}:{user.id}:{hashlib.sha256(token.encode()).hexdigest()[:16]}",
        has_secret=True,
        now=now,
    )
