"""How one mail of the outbox is handed to the mail server."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from flask import current_app
from flask_mail import Connection, Message

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox
from app.notifications.models import OutgoingMail
from app.tenancy.scope import system_scope

log = logging.getLogger(__name__)

#: SMTP answers that no later try will change: the mailbox is unknown, the message is refused.
_FINAL = range(500, 600)


class PatientConnection(Connection):
    """Flask-Mail's connection, which ends: a server that stays silent is given up, and one that hangs up is let go."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        kind = smtplib.SMTP_SSL if self.mail.use_ssl else smtplib.SMTP
        host = kind(self.mail.server, self.mail.port, timeout=current_app.config["CLOUDTALLY_MAIL_TIMEOUT"])
        if self.mail.use_tls:
            host.starttls()
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def __exit__(self, *_problem: object) -> None:
        if self.host is not None:
            try:
                self.host.quit()
            except (
                smtplib.SMTPException,
                OSError,
            ):  # the mail has left by now, or has not: quitting changes nothing
                self.host.close()


def can_send() -> bool:
    """Is there a mail server? Without one the mails wait in the outbox, where they can be read."""
    return bool(current_app.config["MAIL_SERVER"])


def send(mail_id: int) -> None:
    """Send one mail of the outbox if it is due; every outcome is noted beside it."""
    if not can_send():
        return
    with system_scope("the worker sends the mails of all resellers"):
        with unit_of_work(db.session):
            row = outbox.take(mail_id, now=utc_now())
        if row is not None:
            _try(row)


def _try(row: OutgoingMail) -> None:
    try:
        with PatientConnection(_server()) as connection:
            with unit_of_work(db.session):
                is_ours = outbox.begin_handing_over(row, now=utc_now())
            if not is_ours:
                return
            connection.send(message_of(row))
            with unit_of_work(db.session):
                outbox.settle_sent(row, now=utc_now())
    except (smtplib.SMTPException, OSError) as problem:
        log.warning("mail %s was not sent: %s", row.id, problem)
        with unit_of_work(db.session):
            outbox.settle_failure(row, reason=_reason(problem), is_final=_is_final(problem), now=utc_now())


def _server() -> Any:
    return current_app.extensions["mail"]


def message_of(row: OutgoingMail) -> Message:
    """Return the mail as it is handed over: text, HTML where there is one, and the Message-ID of all its tries."""
    domain = current_app.config["MAIL_DEFAULT_SENDER"].rpartition("@")[2]
    message = Message(
        subject=row.subject,
        recipients=[row.recipient],
        bcc=[address for address in row.bcc.split(", ") if address],
        body=row.text,
        html=row.html or None,
        sender=row.sender or current_app.config["MAIL_DEFAULT_SENDER"],
        reply_to=row.reply_to or None,
        # Machines that answer mails leave these alone (RFC 3834).
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    message.msgId = f"<{row.message_id}@{domain}>"
    return message


def _is_final(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code in _FINAL for code, _text in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return False  # our own settings: once they are right, the mail goes
    return isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code in _FINAL


def _reason(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(problem.recipients.values()))
        return f"{code} {_words(text)}"
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_words(problem.smtp_error)}"
    return str(problem) or type(problem).__name__


def _words(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
