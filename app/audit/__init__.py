"""The audit log: who changed what, when, from which address, before and after."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the log in the navigation, and a customer's own part in the workspace."""
    from app.audit import views
    from app.audit.conflicts import conflict_of
    from app.shell.conflicts import tell_with
    from app.shell.navigation import NavItem, add_item

    tell_with(conflict_of)
    appbuilder.add_view_no_menu(views.AuditView)
    add_item(
        current_app,
        NavItem(
            "audit",
            _l("Change log"),
            "clock-rotate-left",
            "AuditView.list",
            ("list", "Audit"),
            group="manage",
        ),
    )
    add_item(
        current_app,
        NavItem(
            "platform_audit",
            _l("Change log"),
            "clock-rotate-left",
            "AuditView.list",
            ("list", "PlatformAudit"),
            group="manage",
            area="platform",
        ),
    )
