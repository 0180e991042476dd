"""Mails leave over TLS to a server that can prove who it is, and to no other."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.notifications import sender
from app.notifications.models import MailState, OutgoingMail
from tests.notifications.conftest import put, state_of
from tests.notifications.smtp import Postbox, postbox
from tests.notifications.test_outbox import mail

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the server's certificate")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody has signed, with its key beside it."""
    file = tmp_path / "server.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    made = subprocess.run(
        [OPENSSL or "", "req", "-x509", *key, *name, "-keyout", tmp_path / "server.key", "-out", file],
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr
    return file


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


@pytest.mark.parametrize("is_implicit", [False, True], ids=["STARTTLS", "TLS from the first byte"])
def test_only_a_server_with_a_certificate_that_is_trusted_gets_a_mail(
    mail_app: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch, is_implicit: bool
) -> None:
    with postbox(_context(certificate), is_implicit=is_implicit) as box:
        server = mail_app.extensions["mail"]
        server.port, server.use_ssl, server.use_tls = box.port, is_implicit, not is_implicit
        mail_id = put("ada@customer.example")

        sender.send(mail_id)

        stuck: OutgoingMail = mail(mail_id)
        assert stuck.state is MailState.WAITING
        assert "certificate" in stuck.last_error.lower()
        assert box.mails == []

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = put("bo@customer.example")
        sender.send(trusted)
        assert state_of(trusted) is MailState.SENT
        assert [one["To"] for one in box.mails] == ["bo@customer.example"]


def test_a_server_that_speaks_no_tls_gets_nothing_where_tls_is_wanted(mail_app: Any, box: Postbox) -> None:
    mail_app.extensions["mail"].use_tls = True
    mail_id = put("ada@customer.example")

    sender.send(mail_id)

    assert state_of(mail_id) is MailState.WAITING
    assert box.mails == []
