"""The name of a saved view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.saved_views.models import LONGEST_NAME
from app.shell.fields import BaseForm, Text


class ViewForm(BaseForm):
    """What the tab says."""

    name = Text(
        _l("Name of the view"),
        required=True,
        longest=LONGEST_NAME,
        sentence=_l("Enter a name, such as AWS without support plan."),
        render_kw={"autocomplete": "off"},
    )
