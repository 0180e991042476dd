"""Charges and discounts: the reseller's plans, and what a customer has of them."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the workspace section and the plans' screen."""
    from app.charges import sections, workspace

    sections.announce()
    appbuilder.add_view_no_menu(workspace.CustomerChargesView)
