"""Usage: providers' bills, imported into files that the analysis reads, and which months of them are complete."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the models; the screens follow."""
    from app.usage import models  # noqa: F401
