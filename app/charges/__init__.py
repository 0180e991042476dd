"""charges"""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Nothing to show yet."""
    from app.charges import models  # noqa: F401
