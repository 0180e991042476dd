"""custom_fields"""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Nothing to show yet."""
    from app.custom_fields import models  # noqa: F401
