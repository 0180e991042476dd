"""The slices in menu order. Each shows itself on one page: its ``register``."""

from __future__ import annotations

from typing import Any

from app import (
    approvals,
    audit,
    charges,
    cloud_accounts,
    custom_fields,
    customers,
    home,
    notifications,
    platform_admin,
    portal,
    pricebooks,
    providers,
    saved_views,
    settings,
    taxes,
)

SLICES = (
    home,
    saved_views,
    customers,
    cloud_accounts,
    charges,
    approvals,
    pricebooks,
    settings,
    custom_fields,
    taxes,
    providers,
    audit,
    notifications,
    platform_admin,
    portal,
)


def register_slices(appbuilder: Any) -> None:
    """Register the frame's own screens, then every slice."""
    from app.security.views import InvitationView, PasswordView, ProfileView
    from app.shell.views import LanguageView

    for view in (LanguageView, ProfileView, InvitationView, PasswordView):
        appbuilder.add_view_no_menu(view)
    for slice_ in SLICES:
        slice_.register(appbuilder)
