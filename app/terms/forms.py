"""The form of the draft: one text per language of the reseller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.shell.fields import LongText, VersionedForm
from app.terms.services import LONGEST_TEXT


class _DraftForm(VersionedForm):
    """What every draft's form has."""

    languages: Mapping[str, str] = {}

    def texts(self) -> dict[str, str]:
        """Return what was entered, language -> text."""
        return {code: self[f"text_{code}"].data or "" for code in self.languages}


def draft_form(languages: Mapping[str, str], **kwargs: Any) -> _DraftForm:
    """Return the form for these languages, code -> name; the first one's text stands in for the others."""
    fields = {
        f"text_{code}": LongText(
            name,
            longest=LONGEST_TEXT,
            description=_l("Stands in for the languages below where they have no text.") if first else "",
            render_kw={"rows": 14, "lang": code, "spellcheck": "true"},
        )
        for first, (code, name) in zip([True, *[False] * len(languages)], languages.items(), strict=False)
    }
    names = {f"texts.{code}": f"text_{code}" for code in languages}
    made = type("DraftForm", (_DraftForm,), {**fields, "languages": languages, "audit_fields": names})
    form: _DraftForm = made(**kwargs)
    return form
