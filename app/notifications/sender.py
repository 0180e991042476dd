"""How one mail of the outbox is handed to the mail server."""

from __future__ import annotations

import logging
import smtplib
import ssl
import time
from email.header import Header
from email.policy import compat32
from typing import Any

from flask import current_app
from flask_mail import BadHeaderError, Connection, Message, sanitize_address
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox
from app.notifications.models import OutgoingMail
from app.tenancy.scope import system_scope

log = logging.getLogger(__name__)

_FOLDING = compat32.clone(linesep="\r\n")

#: SMTP answers that no later try will change: the mailbox is unknown, the message is refused.
_FINAL = range(500, 600)


class PatientConnection(Connection):
    """Flask-Mail's connection, which ends: a server that stays silent is given up, and one that hangs up is let go.

    And the mail is for its recipient: where the server takes it for copies only, it has not taken it.
    """

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        server, port, timeout = (
            self.mail.server,
            self.mail.port,
            current_app.config["CLOUDTALLY_MAIL_TIMEOUT"],
        )
        checked = ssl.create_default_context()  # left alone, smtplib takes any certificate
        host: smtplib.SMTP | smtplib.SMTP_SSL
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(server, port, timeout=timeout, context=checked)
        else:
            host = smtplib.SMTP(server, port, timeout=timeout)
        try:
            if self.mail.use_tls:
                host.starttls(context=checked)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
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

    def hand_over(self, message: Message) -> str:
        """Give the server a mail; return what it said about copies that it does not take.

        smtplib's own ``sendmail`` is content when anybody gets the mail.
        """
        if message.has_bad_headers():
            raise BadHeaderError
        message.date = message.date or time.time()
        host, content = self.host, content_of(message)
        assert host is not None  # noqa: S101 - nothing is suppressed here
        sender = sanitize_address(message.sender)
        host.ehlo_or_helo_if_needed()
        code, answer = host.mail(sender, [f"size={len(content)}"] if host.has_extn("size") else [])
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        [recipient] = message.recipients
        code, answer = host.rcpt(sanitize_address(recipient))
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({str(recipient): (code, answer)})
        refused = []
        for copy in message.bcc:
            code, answer = host.rcpt(sanitize_address(copy))
            if code not in (250, 251):
                refused.append(f"{copy}: {code} {_words(answer)}")
        code, answer = host.data(content)
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
        return "; ".join(refused)


def content_of(message: Message) -> bytes:
    """Return a mail as it goes over the wire.

    Left to itself the library folds a long subject behind an empty first line: some programs show no subject then.
    """
    mail: Any = message._message()
    mail.policy = _FOLDING
    subject = str(message.subject or "")
    del mail["Subject"]
    mail["Subject"] = Header(subject, None if subject.isascii() else "utf-8", header_name="Subject")
    content: bytes = mail.as_bytes()
    return content


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
            note = connection.hand_over(message_of(row))
            with unit_of_work(db.session):
                outbox.settle_sent(row, now=utc_now(), note=note)
    except SQLAlchemyError:
        raise  # nothing can be noted: when the claim ends, the mail is due again
    except (
        Exception
    ) as problem:  # whatever it is, this mail must neither keep others waiting nor wait for ever
        log.warning("mail %s was not sent: %s", row.id, problem, exc_info=not _is_usual(problem))
        with unit_of_work(db.session):
            outbox.settle_failure(row, reason=_reason(problem), is_final=_is_final(problem), now=utc_now())


def _is_usual(problem: Exception) -> bool:
    return isinstance(problem, smtplib.SMTPException | OSError)


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
    if isinstance(problem, smtplib.SMTPResponseException):
        return problem.smtp_code in _FINAL
    return not _is_usual(problem)  # a mail that cannot be written will not be writable later


def _reason(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(problem.recipients.values()))
        return f"{code} {_words(text)}"
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_words(problem.smtp_error)}"
    return str(problem) or type(problem).__name__


def _words(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
