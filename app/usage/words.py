"""What an import found, in words for people. docs/usage.md explains each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.providers.models import Provider
from app.shell.formats import integer_text, iso_month_text
from app.usage.decisions import Question
from app.usage.models import ImportState, Origin, UsageImport

#: Formats by the names that ``formats.detect`` gives them.
FORMATS: dict[str, object] = {
    "focus": _l("FOCUS"),
    "aws": _l("AWS Cost and Usage Report"),
    "azure": _l("Azure cost details"),
    "google": _l("Google Cloud billing export"),
}

ORIGINS: dict[str, object] = {
    Origin.COMMAND: _l("Command line"),
    Origin.FOLDER: _l("Watched folder"),
    Origin.DEMO: _l("Demo world"),
}

#: What a month and source of a file is beside what was there, by the words of ``report``.
OUTCOMES: dict[str, object] = {
    "new": _l("New"),
    "replaced": _l("Replaces what was there"),
    "unchanged": _l("Unchanged"),
}

_REFUSALS: dict[str, object] = {
    "empty": _l("The file is empty: it holds no rows of a bill."),
    "not_csv": _l("The file is no CSV that can be read: %(reason)s."),
    "not_utf8": _l("Line %(line)s is not in UTF-8. Save the file as CSV UTF-8 and send it again."),
    "unknown_format": _l(
        "These columns belong to no bill that Cloudtally knows: %(columns)s. It reads FOCUS, AWS Cost and Usage "
        "Reports, Azure cost details and Google Cloud billing exports."
    ),
    "columns_missing": _l("The bill lacks columns that are needed: %(columns)s."),
    "truncated": _l("%(file)s is cut off: its end is missing. Download it again and send it whole."),
    "too_large": _l("%(file)s is larger than what is read once it is unpacked (%(limit)s)."),
    "unsafe_path": _l("The archive holds a file that would land outside it: %(file)s."),
    "not_an_archive": _l("%(file)s is no archive that can be opened."),
    "no_bill_inside": _l("There is no bill inside: neither CSV nor Parquet."),
    "month_absent": _l("The file holds nothing of %(month)s. It holds: %(months)s."),
    "provider_absent": _l("The file holds nothing of %(provider)s. It holds: %(providers)s."),
    "too_many_rows_rejected": _l(
        "%(count)s rows cannot be read. That is no fault of rows any more: look how the file was made."
    ),
    "out_of_range": _l("An amount, or a sum of them, is larger than any bill has."),
    "not_parquet": _l("%(file)s is no Parquet file that can be read."),
    "file_gone": _l("The uploaded file is not there any more. Send it again."),
    "provider_unknown": _l(
        "The file holds usage of %(provider)s, which is not in the catalogue. Ask the platform to add it."
    ),
}

_REASONS: dict[str, object] = {
    "not_a_number": _l("This is no number."),
    "too_many_decimals": _l("This number has more than 18 decimals."),
    "not_a_date": _l("This is no date."),
    "missing": _l("This must not be empty."),
    "missing_columns": _l("This row has fewer columns than the first line."),
    "too_many_columns": _l("This row has more columns than the first line."),
    "broken_quotes": _l("A quotation mark is missing."),
    "broken_row": _l("This row cannot be taken apart into columns."),
}

_QUESTIONS: dict[Question, object] = {
    Question.LESS_THAN_HALF: _l(
        "This file holds less than half of what is there for the same source and month. Is it a part of the bill only?"
    ),
    Question.OVERLAP: _l(
        "Another source has delivered some of these accounts for the same month. Together they would be billed twice."
    ),
    Question.CLOSED_MONTH: _l("This month was closed: nothing more was to come for it."),
    Question.NEWER_THERE: _l(
        "A file that arrived later is there already for the same source and month. Is this older one to count instead?"
    ),
}


def format_text(name: str) -> str:
    """Return what a format is called; several of one delivery are joined by ``+``."""
    return ", ".join(str(FORMATS.get(one, one)) for one in name.split("+"))


def brought_by(one: UsageImport) -> str:
    """Return who brought a file in: a person, or the way in that needs none."""
    return one.created_by if one.origin is Origin.UPLOAD else str(ORIGINS[one.origin])


def codes_in(report: Mapping[str, Any]) -> set[str]:
    """Return the codes of the providers that a report names."""
    told = report.get("refusal", {}).get("parameters", {})
    refused = [str(told[name]).split(", ") for name in ("provider", "providers") if name in told]
    listed = [*report.get("parts", []), *report.get("new_accounts", [])]
    return {one["provider"] for one in listed}.union(*refused)


def result_text(one: UsageImport, providers: Mapping[str, Provider]) -> str:
    """Return what came of an import, in short: what its months are beside what was there, or why it was refused."""
    if one.state is ImportState.REFUSED:
        return refusal_text(one.report["refusal"], providers)
    if one.state is not ImportState.DONE:
        return ""
    seen = {part["outcome"] for part in one.report.get("parts", [])}
    return ", ".join(str(text) for outcome, text in OUTCOMES.items() if outcome in seen)


def refusal_text(refusal: Mapping[str, Any], providers: Mapping[str, Provider] | None = None) -> str:
    """Return why a file was refused and what to do, from the report's ``refusal``.

    ``providers``: those that are called by name, by their codes. Without them, what is told is what was typed at the
    command line: codes, and months such as 2026-10.
    """
    template = _REFUSALS.get(refusal["code"])
    if template is None:
        return _("This file cannot be read.")
    told = dict(refusal["parameters"])
    if providers is not None:
        for name in told.keys() & {"provider", "providers"}:
            codes = str(told[name]).split(", ")
            told[name] = ", ".join(providers[one].name if one in providers else one for one in codes)
        for name in told.keys() & {"month", "months"}:
            told[name] = ", ".join(iso_month_text(f"{one}-01") for one in str(told[name]).split(", "))
    try:
        return str(template) % told
    except (KeyError, TypeError, ValueError):
        return str(template)


def reason_text(reason: str) -> str:
    """Return why a row was rejected."""
    return str(_REASONS.get(reason, reason))


def question_text(question: str, about: list[dict[str, Any]]) -> str:
    """Return what a person is asked."""
    asked = Question(question)
    if asked is Question.REJECTED_ROWS:
        count = about[0]["rows"]
        return ngettext(
            "%(count)s row cannot be used. Correct it and send the file again, or go on without it: then the month is "
            "marked as incomplete.",
            "%(count)s rows cannot be used. Correct them and send the file again, or go on without them: then the "
            "month is marked as incomplete.",
            count,
            count=integer_text(count),
        )
    return str(_QUESTIONS[asked])
