"""The form of the custom fields, built for each request from the reseller's definitions."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import wtforms
from flask import request
from flask_babel import gettext as _
from wtforms.validators import InputRequired, Optional

from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.custom_fields.values import LONGEST_TEXT, NUMBER_DECIMALS, NUMBER_DIGITS, typed_value
from app.shell.fields import ChoiceField, ExactField, Text, VersionedForm

PREFIX = "cf_"


def _field(definition: CustomFieldDefinition) -> Any:
    required = definition.is_required
    match definition.type:
        case FieldType.NUMBER:
            return ExactField(
                definition.label, digits=NUMBER_DIGITS, decimals=NUMBER_DECIMALS, required=required
            )
        case FieldType.DATE:
            presence = InputRequired(_("Enter a date.")) if required else Optional()
            return wtforms.DateField(definition.label, validators=[presence])
        case FieldType.CHOICE:
            choices = [("", "")] + [(choice, choice) for choice in definition.choices]
            return ChoiceField(definition.label, required=required, choices=choices)
        case FieldType.YES_NO:
            choices = [("", ""), ("yes", _("Yes")), ("no", _("No"))]
            return ChoiceField(definition.label, required=required, choices=choices)
        case _:
            return Text(definition.label, required=required, longest=LONGEST_TEXT)


def _shown(definition: CustomFieldDefinition, stored: Any) -> Any:
    """Return a stored value as its field wants it; one that no longer fits the type is shown as nothing."""
    try:
        return typed_value(definition.type, stored)
    except ValueError:
        return None


def custom_fields_form(definitions: Sequence[CustomFieldDefinition], customer: Any) -> VersionedForm:
    """Return the form for these definitions, filled from ``customer`` when it is opened."""
    fields = {f"{PREFIX}{one.name}": _field(one) for one in definitions}
    names = {f"custom_values.{one.name}": f"{PREFIX}{one.name}" for one in definitions}
    form: VersionedForm = type("CustomFieldsForm", (VersionedForm,), fields | {"audit_fields": names})()
    if request.method == "GET":
        form["version"].data = str(customer.version)
        for one in definitions:
            form[f"{PREFIX}{one.name}"].data = _shown(one, customer.custom_values.get(one.name))
    return form


def stored_values(form: VersionedForm, definitions: Sequence[CustomFieldDefinition]) -> dict[str, str | None]:
    """Return what was entered as it is stored: text, exact, dates in ISO form."""
    values: dict[str, str | None] = {}
    for one in definitions:
        data = form[f"{PREFIX}{one.name}"].data
        if isinstance(data, datetime.date):
            data = data.isoformat()
        elif isinstance(data, Decimal):
            data = format(data, "f")
        values[one.name] = data or None
    return values
