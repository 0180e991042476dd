"""The platform's own console: resellers, platform users, roles, entering a reseller for support."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the platform's screens and put them into its navigation."""
    from app.approvals.queries import count_for_ops
    from app.audit.places import Place, add_place, add_record_page
    from app.platform_admin.views import VIEWS
    from app.security.models import User
    from app.shell.navigation import NavItem, add_item
    from app.tenancy.models import Reseller

    add_record_page("reseller", Reseller, ("show", "Resellers"), "ResellerModelView.show")
    add_record_page("user", User, ("show", "PlatformUsers"), "PlatformUserView.show")
    requirements = Place(lambda _entry: url_for("PlatformPasswordRequirementsView.show"))
    add_place("login_policy", ("show", "PlatformPasswordRequirements"), requirements)
    for view in VIEWS:
        appbuilder.add_view_no_menu(view)
    for item in (
        NavItem(
            "platform_home",
            _l("Home"),
            "house",
            "PlatformHomeView.show",
            ("show", "PlatformHome"),
            area="platform",
        ),
        NavItem(
            "operations",
            _l("Cloud Ops queue"),
            "inbox",
            "OperationsView.list",
            ("list", "Operations"),
            area="platform",
            badge=lambda: count_for_ops().waiting,
        ),
        NavItem(
            "resellers",
            _l("Resellers"),
            "building",
            "ResellerModelView.list",
            ("list", "Resellers"),
            area="platform",
        ),
        NavItem(
            "provider_catalog",
            _l("Providers"),
            "cloud",
            "ProviderCatalogView.list",
            ("list", "ProviderCatalog"),
            area="platform",
        ),
        NavItem(
            "platform_users",
            _l("Platform users"),
            "users-gear",
            "PlatformUserView.list",
            ("list", "PlatformUsers"),
            group="manage",
            area="platform",
        ),
        NavItem(
            "platform_passwords",
            _l("Password Requirements"),
            "key",
            "PlatformPasswordRequirementsView.show",
            ("show", "PlatformPasswordRequirements"),
            group="manage",
            area="platform",
        ),
        NavItem(
            "roles",
            _l("Roles"),
            "user-shield",
            "RoleView.list",
            ("list", "FabRoles"),
            group="manage",
            area="platform",
        ),
    ):
        add_item(current_app, item)
