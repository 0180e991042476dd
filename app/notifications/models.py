"""A mail as the database keeps it, and what a reseller says about its mails: how each is sent, and in which words."""

from __future__ import annotations

import datetime
import enum

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import StrEnumType, UtcDateTime
from app.tenancy.owned import PlatformOrTenantRule, TenantOwned


class MailState(enum.StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"
    #: A worker has it, and the mail server has not yet been given its content.
    SENDING = "sending"
    #: The content is on its way, and the server's answer is not known yet.
    HANDING_OVER = "handing_over"
    SENT = "sent"
    #: Given up after the last try, or refused for good; somebody can send it again.
    FAILED = "failed"


#: Events whose text nobody but the recipient reads: whoever follows the link becomes that person. (Who makes an
#: invitation sees its link anyway.)
FOR_THE_RECIPIENT_ALONE = frozenset({"password_reset"})

#: Events that are the last word to somebody of whom nothing is kept: with the mail its recipient is forgotten.
LAST_WORDS = frozenset({"signup_declined"})

#: States in which nobody works on the mail and nobody will by itself.
AT_REST = (MailState.SENT, MailState.FAILED)


class OutgoingMail(Model):
    """One mail to one address.

    ``key`` names what it is about ("signup_validate_email:17:1"): a second mail with the same key is not kept, so that
    an event told twice is mailed once. ``claim`` is the worker's mark; until ``claimed_until`` the mail is its own.
    ``has_secret`` marks mails with a link that signs in: the text is blanked when the mail has left. ``useful_until``
    is when the link ends: later the mail is given up instead of sent.
    """

    __tablename__ = "outgoing_mails"
    __guard__ = PlatformOrTenantRule()
    __audit_name__ = "mail"
    __audit_ignored__ = frozenset(
        {"attempts", "due_at", "useful_until", "last_error", "sent_at", "claim", "claimed_until"}
    )
    __table_args__ = (
        Index("ix_outgoing_mails_reseller_id_created_at", "reseller_id", "created_at"),
        Index("ix_outgoing_mails_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reseller_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("resellers.id"))
    event: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    recipient: Mapped[str] = mapped_column(String(320))
    sender: Mapped[str] = mapped_column(String(400), default="")
    reply_to: Mapped[str] = mapped_column(String(400), default="")
    bcc: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    has_secret: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[MailState] = mapped_column(StrEnumType(MailState), default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    useful_until: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.subject

    @property
    def is_private(self) -> bool:
        """Is the text none of the reader's business who looks after the mails?"""
        return self.event in FOR_THE_RECIPIENT_ALONE


class EmailTemplate(TenantOwned, Model):
    """How a reseller wants one event's mails to be sent. Without a row, and where a text is empty, the default holds.

    ``bcc`` and ``send_to`` hold addresses, one a line. Which events take which of them, ``events`` says.
    """

    __tablename__ = "email_templates"
    __audit_name__ = "email_template"
    __table_args__ = (UniqueConstraint("reseller_id", "event"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    is_on: Mapped[bool] = mapped_column(Boolean)
    from_name: Mapped[str] = mapped_column(String(120), default="")
    from_address: Mapped[str] = mapped_column(String(320), default="")
    reply_to_name: Mapped[str] = mapped_column(String(120), default="")
    reply_to_address: Mapped[str] = mapped_column(String(320), default="")
    bcc: Mapped[str] = mapped_column(Text, default="")
    send_to: Mapped[str] = mapped_column(Text, default="")

    def __str__(self) -> str:
        return self.event


class EmailText(TenantOwned, Model):
    """What a reseller writes in one event's mails in one language, in place of the default words."""

    __tablename__ = "email_texts"
    __audit_name__ = "email_text"
    __table_args__ = (UniqueConstraint("reseller_id", "event", "language"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)

    def __str__(self) -> str:
        return f"{self.event} ({self.language})"
