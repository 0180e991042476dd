"""Cloud accounts of customers, first form: linking accounts that exist at the provider."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the workspace section, the list column and the count on Home."""
    from app.cloud_accounts import sections, views

    sections.announce()
    appbuilder.add_view_no_menu(views.CustomerAccountsView)
