"""The form of a customer's custom fields, built for each request from the reseller's definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request

from app.custom_fields.form_fields import PREFIX, audit_names, fill_form, form_fields, stored_values
from app.custom_fields.models import CustomFieldDefinition
from app.shell.fields import VersionedForm

__all__ = ["PREFIX", "custom_fields_form", "stored_values"]


def custom_fields_form(definitions: Sequence[CustomFieldDefinition], customer: Any) -> VersionedForm:
    """Return the form for these definitions, filled from ``customer`` when it is opened."""
    parts = form_fields(definitions) | {"audit_fields": audit_names(definitions)}
    form: VersionedForm = type("CustomFieldsForm", (VersionedForm,), parts)()
    if request.method == "GET":
        form["version"].data = str(customer.version)
        fill_form(form, definitions, customer.custom_values)
    return form
