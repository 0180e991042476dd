"""Which mail follows which event. Everything here runs in the transaction of what caused it."""

from __future__ import annotations

import datetime
from typing import Any

from app.extensions import db
from app.notifications import outbox
from app.notifications.render import language_of, render
from app.security.signals import user_invited
from app.shell.links import mailed_url
from app.tenancy.models import Reseller


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    user_invited.connect(mail_invitation)


def mail_invitation(user: Any, *, token: str, now: datetime.datetime) -> None:
    """Mail the invitation link to the person it invites."""
    _mail_link(
        "user_invited",
        user,
        url=mailed_url("InvitationView.show", token=token),
        link_hash=user.invitation_hash,
        expires_at=user.invitation_expires_at,
        now=now,
    )


def _mail_link(
    event: str,
    user: Any,
    *,
    url: str,
    link_hash: str,
    expires_at: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Put the mail that brings a person a link. Each link is mailed once: a part of its hash is in the key."""
    reseller = db.session.get(Reseller, user.reseller_id) if user.reseller_id is not None else None
    letter = render(
        event,
        language=language_of(user, reseller),
        reseller=reseller,
        name=user.name,
        email=user.email,
        url=url,
        expires_at=expires_at,
    )
    outbox.put(
        event=event,
        recipient=user.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        reseller_id=user.reseller_id,
        key=f"{event}:{user.id}:{link_hash[:16]}",
        has_secret=True,
        now=now,
    )
