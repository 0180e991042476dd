"""Every hour what reports keep is looked through: priced months that have got old, and marks that became many."""

from __future__ import annotations

from flask import Flask

from app.jobs.queue import repeat
from app.reports import price_marks, priced_months

CLEAR_TASK = "reports.clear"
CLEAR_SECONDS = 60 * 60


def register(app: Flask) -> None:
    """Announce the task to the application's Celery, and how often it runs."""
    repeat(app, CLEAR_TASK, clear, seconds=CLEAR_SECONDS)


def clear() -> int:
    """Remove what nobody needs any more; returns of how much that was."""
    return priced_months.clear() + price_marks.thin_out()
