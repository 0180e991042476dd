"""cloud_accounts"""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Nothing to show yet."""
    from app.cloud_accounts import models  # noqa: F401
