"""Usage: providers' bills as normalised lines and their sums, in Parquet files that DuckDB reads, and how they come in."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the screens, the commands' and the worker's part, and what each sweep looks after."""
    from app.usage import models  # noqa: F401
