"""Forms of imports."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import MonthField, SelectField, StringField
from wtforms.validators import Length, Optional, StopValidation

from app.providers.queries import resold_providers
from app.shell.fields import BaseForm
from app.usage.formats.mapping import LONGEST_ID


class ChosenFile:
    """Refuses a form without a file."""

    field_flags = {"required": True}

    def __call__(self, _form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation(_("Choose a file."))


class OrderForm(BaseForm):
    """What can be said about a file."""

    provider = SelectField(_l("Provider"), validators=[Optional()], default="")
    month = MonthField(_l("Billing month"), validators=[Optional()])
    source = StringField(_l("Source"), validators=[Optional(), Length(max=LONGEST_ID)])

    def offer(self) -> None:
        """Fill the list of providers."""
        self.provider.choices = [
            ("", _("As the file says")),
            *((one.code, one.name) for one in resold_providers()),
        ]


class UploadForm(OrderForm):
    """A file as a whole: for browsers without a script."""

    file = FileField(
        _l("File"),
        validators=[ChosenFile()],
        render_kw={"accept": ".csv,.gz,.zip,.parquet,text/csv,application/gzip,application/zip"},
    )
