"""A real SMTP server on the loopback that keeps what it takes, and tells a test how far a conversation has come."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

#: The points of a conversation, in order, at which a test can do something.
POINTS = ("greeted", "sender", "recipient", "taken", "quit")


class Postbox:
    """What the server took. ``at`` runs at each point of a conversation; ``answers`` overrides what is said there.

    ``refused`` holds the answers to single recipients.
    """

    port = 0

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.at: Callable[[str], None] = lambda _point: None
        self.answers: dict[str, str] = {}
        self.refused: dict[str, str] = {}

    def _answer(self, point: str, usual: str) -> str:
        self.at(point)
        return self.answers.get(point, usual)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _server: Any, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.at("greeted")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("sender", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refused.get(address) or self._answer("recipient", "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("taken", "250 OK")
        if answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
            self.envelopes.append(envelope)
        self.at("taken")
        return answer

    async def handle_QUIT(self, _server: Any, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return self._answer("quit", "221 Bye")


@contextmanager
def postbox(tls: ssl.SSLContext | None = None, *, is_implicit: bool = False) -> Iterator[Postbox]:
    """Serve a postbox; with ``tls`` to those only who speak it, from the first byte or by STARTTLS."""
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    how: dict[str, Any] = {}
    if tls is not None:
        how = {"ssl_context": tls} if is_implicit else {"tls_context": tls, "require_starttls": True}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **how)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
