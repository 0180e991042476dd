"""The nickname that names a reseller in addresses."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.errors import Invalid

PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")

#: Words that addresses of the product use, or that would pass for the platform itself.
_WORDS = """
about account accounts admin api app assets audit auth billing cloudtally console customer customers demo docs enter
health healthz help home invitation language legal login logout mail metrics news null operations ops owner platform
portal privacy profile provider providers public readyz reseller resellers root security settings signup signin
static status storefront support system terms test undefined user users www
"""
RESERVED = frozenset(_WORDS.split())


def check_nickname(nickname: str) -> str:
    """Return ``nickname``, or raise ``Invalid`` with a sentence that says what to enter instead."""
    if not PATTERN.fullmatch(nickname):
        raise Invalid(
            _("Use 3 to 40 lower-case letters, digits and hyphens; begin and end with a letter or a digit."),
            field="nickname",
        )
    if nickname in RESERVED:
        raise Invalid(
            _("This word is kept for the platform's own addresses. Choose another."), field="nickname"
        )
    return nickname
