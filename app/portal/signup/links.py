"""The secrets of a sign-up: the one in the link, and the one that a browser keeps. Only their hashes are stored."""

from __future__ import annotations

import datetime
import hashlib
import secrets

from flask import current_app


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return the stored form of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret_of(secret: str, stored: str) -> bool:
    """Is ``stored`` the hash of this secret?"""
    return secrets.compare_digest(hash_of(secret), stored)


def expiry_of_a_link(now: datetime.datetime) -> datetime.datetime:
    """Return until when a link works that is mailed now."""
    expiry: datetime.datetime = now + current_app.config["EMAIL_VALIDATION_LIFETIME"]
    return expiry
