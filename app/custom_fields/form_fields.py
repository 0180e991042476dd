"""Custom fields in forms and lists, whatever they describe: built for each request from the reseller's definitions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import wtforms
from flask_babel import gettext as _
from wtforms.validators import InputRequired, Optional

from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.custom_fields.values import LONGEST_TEXT, NUMBER_DECIMALS, NUMBER_DIGITS, typed_value
from app.shell.fields import ChoiceField, ExactField, Text
from app.shell.formats import date_text, number_text

PREFIX = "cf_"

Cell = str | int | Decimal | datetime.date | None


def _form_field(definition: CustomFieldDefinition) -> Any:
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


def _entered(definition: CustomFieldDefinition, stored: Any) -> Any:
    """Return a stored value as its field wants it; one that no longer fits the type is shown as nothing."""
    try:
        return typed_value(definition.type, stored)
    except ValueError:
        return None


def form_fields(definitions: Sequence[CustomFieldDefinition]) -> dict[str, Any]:
    """Return the fields of a form for these definitions, by name."""
    return {f"{PREFIX}{one.name}": _form_field(one) for one in definitions}


def audit_names(definitions: Sequence[CustomFieldDefinition]) -> dict[str, str]:
    """Return how the change log calls the same fields: its name to the form's."""
    return {f"custom_values.{one.name}": f"{PREFIX}{one.name}" for one in definitions}


def fill_form(form: Any, definitions: Sequence[CustomFieldDefinition], values: Mapping[str, Any]) -> None:
    """Show stored values in a form that is opened."""
    for one in definitions:
        form[f"{PREFIX}{one.name}"].data = _entered(one, values.get(one.name))


def stored_values(form: Any, definitions: Sequence[CustomFieldDefinition]) -> dict[str, str | None]:
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


def custom_cell(definition: CustomFieldDefinition) -> Callable[[Mapping[str, Any]], Cell]:
    """Return the function that reads this field out of a record's values as what it means.

    What no longer fits the field's type comes out as the text it is.
    """
    name, kind = definition.name, definition.type

    def cell(values: Mapping[str, Any]) -> Cell:
        stored = values.get(name)
        try:
            return typed_value(kind, stored)
        except ValueError:
            return str(stored)

    return cell


def cell_text(cell: Cell, kind: FieldType) -> str:
    """Return a value as people read it, nothing where there is none."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return number_text(cell)
    if isinstance(cell, datetime.date):
        return date_text(cell)
    return (
        {"yes": _("Yes"), "no": _("No")}.get(str(cell), str(cell)) if kind is FieldType.YES_NO else str(cell)
    )
