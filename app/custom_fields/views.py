"""Settings > Cost Management > Custom Fields."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.custom_fields import services
from app.custom_fields.forms import TARGET_WORDS, TYPE_WORDS, CustomFieldForm
from app.custom_fields.models import CustomFieldDefinition
from app.custom_fields.queries import count_values
from app.shell.crud import Interface
from app.shell.formats import badge
from app.shell.settings_area import SettingsModelView


class CustomFieldModelView(SettingsModelView):
    """The reseller's definitions, in form order."""

    datamodel = Interface(CustomFieldDefinition)
    route_base = "/settings/custom-fields"
    class_permission_name = "CustomFieldDefinitions"
    form = CustomFieldForm
    list_columns = [
        "label",
        "name",
        "target",
        "type",
        "is_required",
        "in_billing_reports",
        "position",
        "is_retired",
    ]
    search_columns = ["label"]
    order_columns = ["label", "name", "position"]
    base_order = ("position", "asc")
    quick_search = "label"
    label_columns = {
        "label": _l("Label"),
        "name": _l("Name"),
        "target": _l("Describes"),
        "type": _l("Type"),
        "is_required": _l("Required"),
        "in_billing_reports": _l("In reports"),
        "position": _l("Order"),
        "is_retired": _l("Status"),
    }
    formatters_columns = {
        "target": lambda target: str(TARGET_WORDS[target]),
        "type": lambda kind: str(TYPE_WORDS[kind]),
        "is_retired": lambda retired: badge("retired" if retired else "active"),
    }
    number_columns = ("position",)
    secondary_columns = ("is_required", "in_billing_reports", "position")
    list_title = _l("Custom Fields")
    add_title = _l("Add custom field")
    edit_title = _l("Edit custom field")
    list_note = _l(
        "What you want to know of customers and cloud accounts beyond the standard. Customers see of it only what "
        "Invoice Options put on statements."
    )
    add_label = _l("Add custom field")
    add_save_label = _l("Save custom field")
    edit_save_label = _l("Save custom field")
    delete_text = _l("Only a field without values can be removed. This cannot be undone.")
    empty_icon = "tags"
    empty_title = _l("No custom fields yet")
    empty_text = _l(
        "Add a field for what you want to know of each customer, such as a sales region or your own customer number. "
        "It appears in the customer's Custom Fields section, in the list's filters and in exports."
    )
    add_fieldsets = edit_fieldsets = [
        (
            _l("Field"),
            {
                "fields": ["target", "label", "name"],
                "text": _l("What it describes, and what it is called."),
                "widths": {"target": 3, "label": 3, "name": 6},
            },
        ),
        (
            _l("Values"),
            {
                "fields": ["type", "position", "choices", "is_required"],
                "text": _l("What can be entered. The type stays once values exist."),
                "widths": {"type": 3, "position": 3},
            },
        ),
        (
            _l("Use"),
            {"fields": ["in_billing_reports", "is_retired"], "text": _l("Where it appears.")},
        ),
    ]

    def prepare(self, form: Any, row: Any) -> None:
        if row is None:
            return
        form.target.choices = [(row.target.value, TARGET_WORDS[row.target])]
        form.name.render_kw = {**form.name.render_kw, "readonly": True}
        if count_values(row):
            form.type.choices = [(row.type.value, TYPE_WORDS[row.type])]

    def use_of(self, row: CustomFieldDefinition) -> str:
        held = count_values(row)
        if not held:
            return ""
        return ngettext(
            "%(num)s record has a value and keeps it when you retire the field.",
            "%(num)s records have a value and keep it when you retire the field.",
            held,
        )

    def create(self, form: Any) -> CustomFieldDefinition:
        return services.create_field(_values(form))

    def change(self, row: CustomFieldDefinition, form: Any) -> CustomFieldDefinition:
        return services.change_field(row, _values(form))

    def remove(self, row: CustomFieldDefinition) -> None:
        services.delete_field(row)


def _values(form: Any) -> dict[str, Any]:
    return {**form.data, "choices": form.entered("choices")}
