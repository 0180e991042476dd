"""Named reads of the reseller's settings."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.settings.models import DEFAULTS, StorefrontSettings


def storefront_settings() -> StorefrontSettings:
    """Return the settings of the reseller in scope; where it never decided, defaults that no session knows."""
    found = db.session.scalars(select(StorefrontSettings)).one_or_none()
    return found or StorefrontSettings(**DEFAULTS, version=0)
