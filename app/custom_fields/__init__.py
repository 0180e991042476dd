"""Custom fields: what a reseller wants to know beyond the standard, and how it is asked."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the definitions in the settings."""
    from app.audit.places import add_record_page
    from app.audit.words import name_own_fields_with
    from app.custom_fields.models import CustomFieldDefinition
    from app.custom_fields.queries import fields_in_words
    from app.custom_fields.views import CustomFieldModelView
    from app.shell.navigation import NavItem, add_item

    appbuilder.add_view_no_menu(CustomFieldModelView)
    name_own_fields_with(fields_in_words)
    add_record_page(
        "custom_field", CustomFieldDefinition, ("edit", "CustomFieldDefinitions"), "CustomFieldModelView.edit"
    )
    add_item(
        current_app,
        NavItem(
            "settings.custom_fields",
            _l("Custom Fields"),
            "tags",
            "CustomFieldModelView.list",
            ("list", "CustomFieldDefinitions"),
            group="cost",
            area="settings",
        ),
    )
