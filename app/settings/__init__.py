"""The reseller's own settings: the page that leads to all of them, account information, console users, storefront."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the settings, and fill their navigation's first entries."""
    from app.audit.places import Place, add_place, add_record_page
    from app.security.models import User
    from app.settings import models  # noqa: F401 - part of the database whether a page shows them or not
    from app.settings.invoice_views import InvoiceOptionsView
    from app.settings.password_views import PasswordRequirementsView
    from app.settings.storefront_views import CustomerSignupView, PortalFunctionalityView
    from app.settings.user_views import ConsoleUsersView
    from app.settings.views import AccountInformationView, SettingsView
    from app.shell.navigation import NavItem, add_item

    for view in (
        SettingsView,
        AccountInformationView,
        ConsoleUsersView,
        PasswordRequirementsView,
        CustomerSignupView,
        PortalFunctionalityView,
        InvoiceOptionsView,
    ):
        appbuilder.add_view_no_menu(view)
    add_record_page("user", User, ("edit", "ConsoleUsers"), "ConsoleUsersView.edit", "user_id")
    account = Place(lambda _entry: url_for("AccountInformationView.show"))
    add_place("reseller", ("edit", "AccountInformation"), account)
    signup = Place(lambda _entry: url_for("CustomerSignupView.show"))
    add_place("storefront_settings", ("edit", "CustomerSignup"), signup)
    requirements = Place(lambda _entry: url_for("PasswordRequirementsView.show"))
    add_place("login_policy", ("show", "PasswordRequirements"), requirements)
    invoices = Place(lambda _entry: url_for("InvoiceOptionsView.show"))
    add_place("invoice_options", ("edit", "InvoiceOptions"), invoices)
    settings = ("show", "Settings")
    for item in (
        NavItem("settings", _l("Settings"), "gear", "SettingsView.show", settings, group="manage"),
        NavItem(
            "settings.back", _l("Back to console"), "arrow-left", "HomeView.show", settings, area="settings"
        ),
        NavItem("settings.all", _l("All settings"), "gear", "SettingsView.show", settings, area="settings"),
        NavItem(
            "settings.account",
            _l("Account Information"),
            "building",
            "AccountInformationView.show",
            ("show", "AccountInformation"),
            group="account",
            area="settings",
        ),
        NavItem(
            "settings.users",
            _l("Users"),
            "users-gear",
            "ConsoleUsersView.list",
            ("list", "ConsoleUsers"),
            group="account",
            area="settings",
        ),
        NavItem(
            "settings.passwords",
            _l("Password Requirements"),
            "key",
            "PasswordRequirementsView.show",
            ("show", "PasswordRequirements"),
            group="account",
            area="settings",
        ),
        NavItem(
            "settings.signup",
            _l("Customer Signup"),
            "user-plus",
            "CustomerSignupView.show",
            ("edit", "CustomerSignup"),
            group="storefront",
            area="settings",
        ),
        NavItem(
            "settings.portal",
            _l("Portal Functionality"),
            "store",
            "PortalFunctionalityView.show",
            ("edit", "PortalFunctionality"),
            group="storefront",
            area="settings",
        ),
        NavItem(
            "settings.invoices",
            _l("Invoice Options"),
            "file-invoice-dollar",
            "InvoiceOptionsView.show",
            ("edit", "InvoiceOptions"),
            group="billing",
            area="settings",
        ),
    ):
        add_item(current_app, item)
