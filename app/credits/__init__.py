"""Credits: what a customer need not pay of its next statements."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the workspace section."""
    from app.credits import sections, views

    sections.announce()
    appbuilder.add_view_no_menu(views.CustomerCreditsView)
