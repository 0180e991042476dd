"""The form of a custom field definition."""

from __future__ import annotations

from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import InputRequired, Length, Optional

from app.custom_fields.models import FieldTarget, FieldType
from app.custom_fields.services import split_choices
from app.kernel.numbers import small_number
from app.kernel.plain_text import has_control_characters
from app.shell.crud import RecordForm
from app.shell.fields import ChoiceField, SwitchField, Text

TARGET_WORDS: dict[FieldTarget, object] = {
    FieldTarget.CUSTOMER: _l("Customer"),
    FieldTarget.CLOUD_ACCOUNT: _l("Cloud account"),
}
TYPE_WORDS: dict[FieldType, object] = {
    FieldType.TEXT: _l("Text"),
    FieldType.NUMBER: _l("Number"),
    FieldType.DATE: _l("Date"),
    FieldType.CHOICE: _l("Choice"),
    FieldType.YES_NO: _l("Yes or no"),
}


class OrderField(wtforms.IntegerField):
    """A place in an order: a whole number from 0 to 9999."""

    def __init__(self, label: object, **kwargs: Any) -> None:
        super().__init__(
            label,
            validators=[InputRequired(_l("Enter a whole number from 0 to 9999."))],
            render_kw={"inputmode": "numeric", "maxlength": 4},
            **kwargs,
        )
        self.type = "IntegerField"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        number = small_number(text, largest=9999)
        if text and number is None:
            raise ValueError(_("Enter a whole number from 0 to 9999."))
        self.data = number


class LinesField(wtforms.TextAreaField):
    """A list of words as text with one per line."""

    def __init__(self, label: object, *, longest: int, **kwargs: Any) -> None:
        super().__init__(label, validators=[Optional(), Length(max=longest)], render_kw={"rows": 5}, **kwargs)
        self.type = "TextAreaField"

    def process_data(self, value: Any) -> None:
        self.data = "\n".join(value or ())

    def pre_validate(self, form: Any) -> None:
        if has_control_characters(self.data or "", may_have_lines=True):
            raise ValidationError(_("Remove the control characters: they cannot be stored or printed."))


class CustomFieldForm(RecordForm):
    """One definition."""

    target = ChoiceField(
        _l("Describes"), required=True, choices=list(TARGET_WORDS.items()), default="customer"
    )
    name = Text(
        _l("Name"),
        required=True,
        longest=255,
        sentence=_l("Enter a name, such as sales_region."),
        description=_l("The key in exports: letters, digits and underscores. It cannot change later."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    label = Text(
        _l("Label"),
        required=True,
        sentence=_l("Enter the label that people read."),
        description=_l("What people read in forms and reports, such as Sales region."),
    )
    type = ChoiceField(_l("Type"), required=True, choices=list(TYPE_WORDS.items()), default="text")
    choices = LinesField(_l("Choices"), longest=12_000, description=_l("One per line, for the type Choice."))
    position = OrderField(_l("Order"), default=100, description=_l("Lower numbers come first in forms."))
    is_required = SwitchField(
        _l("Required"),
        description=_l("The form cannot be saved without a value. Records saved earlier stay as they are."),
    )
    in_billing_reports = SwitchField(
        _l("Include in billing reports"),
        default=True,
        description=_l("The field becomes a column that reports can group, sort and filter by."),
    )
    is_retired = SwitchField(
        _l("Retired"), description=_l("No longer asked for. Values stay, in exports of old months too.")
    )

    def entered(self, name: str) -> Any:
        """Return what would be stored of a field: the choices as a list."""
        return split_choices(self["choices"].data or "") if name == "choices" else super().entered(name)
