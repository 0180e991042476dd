"""The platform's own console: resellers, provider catalogue, entering a reseller for support."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Show the platform's screens."""
    from app.platform_admin import views

    for view in (views.PlatformHomeView, views.EnterView):
        appbuilder.add_view_no_menu(view)
