"""The platform's catalogue of cloud providers, and which of them a reseller may resell."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Show the catalogue on the platform, and the logos."""
    from app.audit.places import add_record_page
    from app.providers import views
    from app.providers.models import Provider

    add_record_page("provider", Provider, ("edit", "ProviderCatalog"), "ProviderCatalogView.edit")
    appbuilder.add_view_no_menu(views.ProviderCatalogView)
    appbuilder.add_view_no_menu(views.ProviderLogoView)
