"""The tabs above the customer list: four that everybody has, then the views that a person has saved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import url_for
from flask_babel import gettext as _

from app.customers.fields_form import PREFIX
from app.customers.models import CustomerStatus
from app.customers.queries import CustomerFilter, ListCounts
from app.customers.registry import ATTENTION
from app.saved_views.models import SavedView
from app.shell.formats import integer_text

LIST_KEY = "customers"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. ``count`` is a number as text, or nothing."""

    label: object
    url: str
    is_on: bool
    count: str = ""
    is_warning: bool = False


def _attention_count(counts: ListCounts) -> str:
    """Return how many need attention, ``12+`` for at least twelve, and nothing for an unknown number."""
    if counts.is_attention_exact:
        return integer_text(counts.attention)
    return f"{integer_text(counts.attention)}+" if counts.attention else ""


def _address(base: str, **arguments: str) -> str:
    query = urlencode([(name, value) for name, value in arguments.items() if value])
    return f"{base}?{query}" if query else base


def standard_tabs(wanted: CustomerFilter, counts: ListCounts, total: int, *, is_own: bool) -> list[Tab]:
    """Return the tabs that everybody has; none of them is on where one of the person's own is.

    ``total`` is what ``wanted`` finds.
    """
    pending, archived = counts.by_status[CustomerStatus.PENDING], counts.by_status[CustomerStatus.ARCHIVED]
    texts: dict[tuple[str, str], str] = {
        ("", ""): integer_text(pending + counts.by_status[CustomerStatus.ACTIVE]),
        ("", "any"): _attention_count(counts),
        (CustomerStatus.PENDING, ""): integer_text(pending),
        (CustomerStatus.ARCHIVED, ""): integer_text(archived),
    }
    here, asked = url_for("CustomerModelView.list"), (wanted.status, wanted.attention)
    if asked == ("", "any") and not (wanted.text or wanted.provider or wanted.custom):
        texts[asked] = integer_text(total)
    labels: dict[tuple[str, str], object] = {
        ("", ""): _("All"),
        ("", "any"): _("Needs attention"),
        (CustomerStatus.PENDING, ""): _("Pending"),
        (CustomerStatus.ARCHIVED, ""): _("Archived"),
    }
    if wanted.attention in ATTENTION:
        labels["", wanted.attention] = ATTENTION[wanted.attention].action
    return [
        Tab(
            label,
            _address(here, status=status, attention=attention),
            is_on=asked == (status, attention) and not is_own,
            count=texts.get((status, attention), ""),
            is_warning=attention == "any" and texts["", "any"] not in ("", "0"),
        )
        for (status, attention), label in labels.items()
    ]


def shown_arguments(arguments: str, fields: Collection[str]) -> str | None:
    """Return a saved view's arguments without columns of custom fields that are gone; None with a filter by such one.

    ``fields`` are the names of those that there are.
    """
    if PREFIX not in arguments:
        return arguments
    known = {f"{PREFIX}{one}" for one in fields}
    pairs = parse_qsl(arguments)
    if any(name.startswith(PREFIX) and name not in known for name, _value in pairs):
        return None
    kept = [
        (name, value)
        for name, value in pairs
        if name != "columns" or not value.startswith(PREFIX) or value in known
    ]
    return urlencode(kept)


def own_tabs(
    views: Sequence[SavedView], *, written: str, fields: Collection[str]
) -> tuple[list[Tab], SavedView | None]:
    """Return the tabs of saved views and the view that is shown now, which is what ``written`` says.

    A view that cannot be shown any more leads to its own page, which says why.
    """
    tabs: list[Tab] = []
    current: Any = None
    for view in views:
        arguments = shown_arguments(view.arguments, fields)
        if arguments is None:
            tabs.append(Tab(view.name, url_for("SavedViewsView.edit", view_id=view.id), is_on=False))
            continue
        is_on = current is None and arguments == written
        current = view if is_on else current
        query = f"?{arguments}" if arguments else ""
        tabs.append(Tab(view.name, url_for("CustomerModelView.list") + query, is_on=is_on))
    return tabs, current
