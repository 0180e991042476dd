"""The status vocabulary: each state is a tone, an icon and a word. Five tones, no other (design, section 3)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Status:
    """How one state looks: ``tone`` is success, info, warning, danger or neutral."""

    tone: str
    icon: str
    word: object


VOCABULARY: dict[str, Status] = {
    "active": Status("success", "circle-check", _l("Active")),
    "authorised": Status("success", "circle-check", _l("Authorised")),
    "pending": Status("warning", "hourglass-half", _l("Pending")),
    "pending_email_validation": Status("info", "envelope", _l("Pending email validation")),
    "pending_approval": Status("warning", "hourglass-half", _l("Pending approval")),
    "invited": Status("info", "paper-plane", _l("Invited")),
    "suspended": Status("danger", "circle-pause", _l("Suspended")),
    "archived": Status("neutral", "box-archive", _l("Archived")),
    "retired": Status("neutral", "box-archive", _l("Retired")),
    "not_authorised": Status("neutral", "circle-xmark", _l("Not authorised")),
    "withdrawn": Status("warning", "ban", _l("Withdrawn")),
    "checked": Status("info", "list-check", _l("Checked")),
    "applied": Status("success", "circle-check", _l("Applied")),
    "waiting": Status("warning", "hourglass-half", _l("Waiting")),
    "sending": Status("info", "paper-plane", _l("Sending")),
    "handing_over": Status("info", "paper-plane", _l("Sending")),
    "sent": Status("success", "circle-check", _l("Sent")),
    "failed": Status("danger", "circle-exclamation", _l("Failed")),
    "in_use": Status("success", "circle-check", _l("In use")),
}


def status(value: object) -> Status:
    """Return how to show ``value``, an enum member or its word."""
    key = str(value.value if isinstance(value, enum.Enum) else value)
    return VOCABULARY.get(key) or Status("neutral", "circle-info", key)
