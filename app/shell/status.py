"""The status vocabulary: each state is a tone, an icon and a word. Five tones, no other (design, section 3)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext


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
    "anonymised": Status("neutral", "user-slash", _l("Anonymised")),
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
    "requested": Status("info", "paper-plane", _l("Requested")),
    "with_ops": Status("info", "share-nodes", _l("With Cloud Ops")),
    "forwarded": Status("info", "share-nodes", _l("Approved and forwarded")),
    "in_progress": Status("info", "rotate", _l("In progress")),
    "completed": Status("success", "circle-check", _l("Completed")),
    "declined": Status("danger", "circle-xmark", _l("Declined")),
    "rejected": Status("danger", "circle-exclamation", _l("Rejected")),
    "approved": Status("info", "check", _l("Approved")),
    "removal_requested": Status("warning", "hourglass-half", _l("Removal requested")),
    "on": Status("success", "circle-check", _l("On")),
    "off": Status("neutral", "circle-xmark", _l("Off")),
    "not_sent_yet": Status("neutral", "hourglass-half", _l("Not sent yet")),
    "in_force": Status("success", "circle-check", _l("In force")),
    "replaced": Status("neutral", "clock-rotate-left", _l("Replaced")),
    "switched_on": Status("success", "circle-check", _l("On")),
    "switched_off": Status("neutral", "circle-xmark", _l("Off")),
    "this_browser": Status("info", "circle-check", _l("This browser")),
    "signed_in": Status("success", "circle-check", _l("Logged in")),
    "sign_in_refused": Status("warning", "ban", _l("Refused")),
    "locked": Status("danger", "lock", _l("Locked")),
    "taxable": Status("success", "circle-check", _l("Taxable")),
    "not_taxable": Status("neutral", "circle-xmark", _l("Not taxable")),
    "credit_open": Status("info", "coins", lazy_pgettext("state of a credit", "Open")),
    "credit_waiting": Status("neutral", "hourglass-half", _l("Not yet")),
    "credit_used": Status("success", "circle-check", _l("Used up")),
    "credit_reversed": Status("neutral", "rotate-left", _l("Reversed")),
    "uploading": Status("info", "upload", _l("Uploading")),
    "queued": Status("neutral", "hourglass-half", _l("Waiting")),
    "running": Status("info", "rotate", _l("Running")),
    "needs_decision": Status("warning", "circle-question", _l("Needs a decision")),
    "done": Status("success", "circle-check", _l("Done")),
    "refused": Status("danger", "circle-xmark", _l("Refused")),
    "dismissed": Status("neutral", "ban", _l("Dismissed")),
    "cancelled": Status("neutral", "ban", _l("Cancelled")),
    "month_open": Status("info", "lock-open", lazy_pgettext("state of a month", "Open")),
    "month_closed": Status("success", "lock", _l("Closed")),
    "incomplete": Status("warning", "triangle-exclamation", _l("Incomplete")),
    "statement_draft": Status("neutral", "pen", _l("Draft")),
    "statement_open": Status("info", "file-invoice-dollar", lazy_pgettext("state of a statement", "Open")),
    "statement_paid": Status("success", "circle-check", _l("Paid")),
    "statement_void": Status("neutral", "ban", _l("Void")),
    "statement_discarded": Status("neutral", "box-archive", _l("Discarded")),
    "past_due": Status("danger", "clock", _l("Past due")),
    "rate_unused": Status("neutral", "circle-info", _l("Not used yet")),
    "on_statements": Status("info", "lock", _l("On issued statements")),
    "in_use": Status("success", "circle-check", _l("In use")),
}


def status(value: object) -> Status:
    """Return how to show ``value``, an enum member or its word."""
    key = str(value.value if isinstance(value, enum.Enum) else value)
    return VOCABULARY.get(key) or Status("neutral", "circle-info", key)
