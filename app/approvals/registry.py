"""Where the slice that writes the mails announces what one would say, so that this slice need not know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.approvals.models import ApprovalRequest


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as a page shows it before it is written."""

    subject: str
    text: str


#: What declining a request would mail, by who announced it. None where that mail is switched off.
DECLINE_MAILS: dict[str, Callable[[ApprovalRequest], ShownMail | None]] = {}


def mail_of_decline(request: ApprovalRequest) -> ShownMail | None:
    """Return the mail that declining ``request`` would send, with dots for the reason; None for no mail."""
    return next((found for shown in DECLINE_MAILS.values() if (found := shown(request)) is not None), None)
