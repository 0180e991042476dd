"""Codes of an authenticator app: RFC 6238 with what every app can do, and how the secret is kept.

Six digits, a new code every 30 seconds, one step of drift either way. The secret has 160 bits (RFC 4226, 4).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import hmac
import re
import secrets

import pyotp
import segno
from flask import current_app
from markupsafe import Markup

SECONDS = 30
DRIFT = 1
_CODE = re.compile(r"[0-9]{6}")
_NONCE, _TAG = 16, 32


def new_secret() -> str:
    """Return a secret as authenticator apps take it: 32 letters and digits of base 32."""
    return pyotp.random_base32(32)


def step_of(secret: str, code: str, *, now: datetime.datetime) -> int | None:
    """Return the half minute whose code this is, None for a code of none that counts now."""
    typed = re.sub(r"[\s-]", "", code)
    if not _CODE.fullmatch(typed):
        return None
    totp, present = pyotp.TOTP(secret, interval=SECONDS), int(now.timestamp()) // SECONDS
    steps = range(present - DRIFT, present + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), typed)]
    return found[0] if found else None


def in_groups(secret: str) -> str:
    """Return the secret in groups of four, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def qr_code(secret: str, *, email: str, issuer: str) -> Markup:
    """Return the QR code that an authenticator app reads, as an inline SVG without colours of its own."""
    address = pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=email, issuer_name=issuer)
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(svg)  # noqa: S704 - segno's own drawing; the address is in its squares, not in its text


# -- how the secret is kept --------------------------------------------------------------------------------------------


def seal(secret: str, *, user_id: int) -> str:
    """Return ``secret`` unreadable without SECRET_KEY, for this login only (ADR 8).

    A keystream of HMAC-SHA-256 over a random nonce, then a tag over everything: what the standard library has, in
    the order encrypt, then authenticate.
    """
    nonce, plain = secrets.token_bytes(_NONCE), secret.encode()
    hidden = _mixed(plain, nonce)
    return base64.urlsafe_b64encode(nonce + hidden + _tag(nonce + hidden, user_id)).decode()


def unseal(sealed: str, *, user_id: int) -> str | None:
    """Return the secret; None where the key is another one, the login is, or somebody touched it."""
    try:
        whole = base64.urlsafe_b64decode(sealed.encode())
    except (ValueError, binascii.Error):
        return None
    body, tag = whole[:-_TAG], whole[-_TAG:]
    if len(body) <= _NONCE or not hmac.compare_digest(tag, _tag(body, user_id)):
        return None
    return _mixed(body[_NONCE:], body[:_NONCE]).decode()


def _key(purpose: str) -> bytes:
    root = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(root, f"second factor, {purpose}".encode(), hashlib.sha256).digest()


def _mixed(text: bytes, nonce: bytes) -> bytes:
    key, blocks = _key("encryption"), range(-(-len(text) // 32))
    stream = b"".join(hmac.new(key, nonce + bytes([block]), hashlib.sha256).digest() for block in blocks)
    return bytes(one ^ other for one, other in zip(text, stream, strict=False))


def _tag(body: bytes, user_id: int) -> bytes:
    return hmac.new(_key("seal"), f"{user_id}:".encode() + body, hashlib.sha256).digest()
