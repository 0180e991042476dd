"""One typed queue of what customers ask for: sign-ups, cloud accounts, providers; and Cloud Ops' follow-up."""

from __future__ import annotations

from typing import Any


def register(_appbuilder: Any) -> None:
    """Announce that a customer who asked for something has history."""
    from app.approvals import sections

    sections.announce()
