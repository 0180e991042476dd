"""What reports have the worker do: price ahead what has changed, and every hour clear away what has got old."""

from __future__ import annotations

from flask import Flask

from app.jobs import work
from app.jobs.queue import repeat
from app.reports import ahead, price_marks, priced_months

CLEAR_TASK = "reports.clear"
CLEAR_SECONDS = 60 * 60


def register(app: Flask) -> None:
    """Announce to the application's Celery what is done again and again, and how often."""
    work.in_each_sweep(ahead.look_for_changes)
    repeat(app, CLEAR_TASK, clear, seconds=CLEAR_SECONDS)


def clear() -> int:
    """Remove what nobody needs any more; returns of how much that was."""
    return priced_months.clear() + price_marks.thin_out()
