"""The forms of an email template: how it is sent, and its words in one language."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation

from app.notifications.addresses import MOST_COPIES, MOST_RECIPIENTS, read_addresses
from app.notifications.checking import LONGEST_BODY, LONGEST_SUBJECT, body_problems, subject_problems
from app.notifications.events import Event
from app.notifications.wording import Sending, Words
from app.shell.crud import RecordForm, digest_of
from app.shell.fields import EmailField, LongText, SwitchField, Text


class SendingForm(RecordForm):
    """How an event's mails are sent. ``fit`` takes away what the event may not have."""

    audit_empty = {"from_address": _l("the platform's address")}

    is_on = SwitchField(_l("Send this mail"))
    from_name = Text(_l("From name"), longest=120, render_kw={"autocomplete": "off"})
    from_address = EmailField(_l("From address"), render_kw={"autocomplete": "off"})
    reply_to_name = Text(_l("Answers go to: name"), longest=120, render_kw={"autocomplete": "off"})
    reply_to_address = EmailField(_l("Answers go to: address"), render_kw={"autocomplete": "off"})
    bcc = LongText(
        _l("Copies (BCC)"),
        longest=2000,
        description=_l("One address a line, five at most. The recipient does not see them."),
        render_kw={"rows": 2, "spellcheck": "false", "autocomplete": "off"},
    )
    send_to = LongText(
        _l("Send to"),
        longest=4000,
        description=_l("One address a line, ten at most. Each gets a mail of its own."),
        render_kw={"rows": 3, "spellcheck": "false", "autocomplete": "off"},
    )

    def fit(self, event: Event) -> SendingForm:
        """Keep the fields that this event has."""
        for name, is_kept in (
            ("is_on", not event.is_fixed),
            ("bcc", event.takes_copies),
            ("send_to", event.takes_addresses),
            ("from_name", event.may_name_sender),
        ):
            if not is_kept:
                del self[name]
        return self

    def show(self, sending: Sending) -> None:
        """Fill the fields, and remember from what."""
        for name in self._fields:
            if hasattr(sending, name):
                value = getattr(sending, name)
                self[name].data = "\n".join(value) if isinstance(value, tuple) else value
        self.remember(sending)

    def state_of(self, row: Any) -> str:
        names = ("is_on", "from_name", "from_address", "reply_to_name", "reply_to_address", "bcc", "send_to")
        values = {name: getattr(row, name) for name in names}
        return digest_of(
            {name: "\n".join(one) if isinstance(one, tuple) else one for name, one in values.items()}
        )

    def wanted(self) -> Sending:
        """Return what was entered; ``Invalid`` for what is no address."""

        def text(name: str) -> str:
            return (self[name].data or "") if name in self else ""

        return Sending(
            bool(self["is_on"].data) if "is_on" in self else True,
            text("from_name"),
            text("from_address"),
            text("reply_to_name"),
            text("reply_to_address"),
            read_addresses(text("bcc"), field="bcc", most=MOST_COPIES),
            read_addresses(text("send_to"), field="send_to", most=MOST_RECIPIENTS),
        )


class WordsForm(RecordForm):
    """Subject and text in one language. ``event`` says which variables they may have."""

    event: Event

    subject = Text(
        _l("Subject"),
        required=True,
        longest=LONGEST_SUBJECT,
        sentence=_l("Enter a subject."),
        render_kw={"autocomplete": "off", "spellcheck": "true"},
    )
    body = LongText(
        _l("Text"),
        required=True,
        longest=LONGEST_BODY,
        description=_l(
            "A blank line begins a paragraph. A link that stands alone in its paragraph is a button. "
            "Tags that mails may have: b, i, u, small, h2, ul, ol, li, blockquote, hr, a."
        ),
        render_kw={"rows": 16, "spellcheck": "true", "data-mail-text": ""},
    )

    def validate_subject(self, field: Any) -> None:
        _tell(field, subject_problems(self.event, field.data or ""))

    def validate_body(self, field: Any) -> None:
        _tell(field, body_problems(self.event, field.data or ""))

    def show(self, words: Words) -> None:
        """Fill the fields, and remember from what."""
        self["subject"].data, self["body"].data = words.subject, words.body
        self.remember(words)

    def state_of(self, row: Any) -> str:
        return digest_of({"subject": row.subject, "body": row.body})

    def wanted(self) -> Words:
        """Return what was entered."""
        return Words(self["subject"].data or "", (self["body"].data or "").replace("\r\n", "\n"))


def _tell(field: Any, problems: list[str]) -> None:
    """Say everything at once: whoever mends one word should not meet the next fault only then."""
    if problems:
        field.errors = [*field.errors, *problems]
        raise StopValidation
