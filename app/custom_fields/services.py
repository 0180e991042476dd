"""Rules of custom field definitions (domain, 5): the name stays, the type stays once values exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.custom_fields.queries import count_values
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.folding import fold
from app.tenancy.names import check_name_is_free

FIXED_FIELDS = ("target", "name")
FIELDS = ("label", "type", "is_required", "choices", "position", "in_billing_reports", "is_retired")

MOST_CHOICES = 100
LONGEST_CHOICE = 100
NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def create_field(values: Mapping[str, Any]) -> CustomFieldDefinition:
    """Define a field of the reseller in scope. ``values`` holds ``FIXED_FIELDS`` and ``FIELDS``."""
    checked = _checked(values)
    if not NAME_PATTERN.fullmatch(values["name"]):
        raise Invalid(
            _("Use letters from A to Z, digits and underscores, and do not start with a digit."), field="name"
        )
    target = FieldTarget(values["target"])
    same_target = CustomFieldDefinition.target == target
    check_name_is_free(db.session, CustomFieldDefinition.name, values["name"], same_target)
    field = CustomFieldDefinition(target=target, name=values["name"], **checked)
    db.session.add(field)
    db.session.flush()
    return field


def change_field(field: CustomFieldDefinition, values: Mapping[str, Any]) -> CustomFieldDefinition:
    """Change a definition; raises ``Invalid`` where the change would leave stored values without a meaning."""
    if values["name"] != field.name or FieldTarget(values["target"]) is not field.target:
        raise Invalid(
            _("The name is the key in exports and cannot change. Add another field instead."), field="name"
        )
    checked = _checked(values)
    if checked["type"] is not field.type and count_values(field):
        raise Invalid(
            _("Values of this field exist, so its type stays. Add another field instead."), field="type"
        )
    if field.type is FieldType.CHOICE is checked["type"]:
        _check_choices_in_use(field, checked["choices"])
    for name, value in checked.items():
        if getattr(field, name) != value:
            setattr(field, name, value)
    db.session.flush()
    return field


def delete_field(field: CustomFieldDefinition) -> None:
    """Delete a definition without values; raises ``WrongState`` while somebody has one."""
    held = count_values(field)
    if held:
        raise WrongState(
            ngettext(
                "%(num)s record has a value of %(name)s. Retire the field instead: the value stays.",
                "%(num)s records have a value of %(name)s. Retire the field instead: the values stay.",
                held,
                name=field.label,
            )
        )
    db.session.delete(field)
    db.session.flush()


def split_choices(text: str) -> list[str]:
    """Return the choices of a text with one per line; empty lines do not count."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = {name: values[name] for name in FIELDS}
    checked["type"] = FieldType(values["type"])
    checked["choices"] = list(values["choices"]) if checked["type"] is FieldType.CHOICE else []
    if checked["type"] is FieldType.CHOICE:
        _check_choices(checked["choices"])
    return checked


def _check_choices(choices: list[str]) -> None:
    if not choices:
        raise Invalid(_("Enter at least one choice, one per line."), field="choices")
    if len(choices) > MOST_CHOICES:
        raise Invalid(
            _("Use at most %(most)s choices; these are %(n)s.", most=MOST_CHOICES, n=len(choices)),
            field="choices",
        )
    seen: set[str] = set()
    for choice in choices:
        if len(choice) > LONGEST_CHOICE:
            raise Invalid(
                _(
                    "“%(choice)s…” is too long. Use at most %(n)s characters.",
                    choice=choice[:20],
                    n=LONGEST_CHOICE,
                ),
                field="choices",
            )
        if fold(choice) in seen:
            raise Invalid(_("“%(choice)s” stands there twice.", choice=choice), field="choices")
        seen.add(fold(choice))


def _check_choices_in_use(field: CustomFieldDefinition, choices: list[str]) -> None:
    for gone in (one for one in field.choices if one not in choices):
        held = count_values(field, value=gone)
        if held:
            raise Invalid(
                ngettext(
                    "%(num)s record has the value “%(choice)s”. Keep this choice.",
                    "%(num)s records have the value “%(choice)s”. Keep this choice.",
                    held,
                    choice=gone,
                ),
                field="choices",
            )
