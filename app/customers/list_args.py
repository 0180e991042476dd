"""The customer list's address: which filter, order and page it asks for, and what the page then shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers import queries
from app.customers.fields_form import PREFIX
from app.customers.lifecycle import MOST_AT_ONCE
from app.customers.list_columns import NAME, chosen_columns, offered_columns
from app.customers.list_tabs import LIST_KEY, own_tabs, shown_arguments, standard_tabs
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import CustomerFilter, FieldFilter
from app.customers.registry import ATTENTION, ListColumn
from app.customers.search import SHORTEST_TRIGRAM
from app.kernel.folding import fold
from app.kernel.numbers import LARGEST_PAGE, small_number
from app.kernel.pagination import SIZES
from app.providers.queries import resold_providers
from app.saved_views.queries import can_keep_views, views_of

STATUS_LABELS = {
    CustomerStatus.PENDING: _l("Pending"),
    CustomerStatus.ACTIVE: _l("Active"),
    CustomerStatus.ARCHIVED: _l("Archived"),
}


def filter_from_args() -> tuple[CustomerFilter, int, int]:
    """Return filter, page (from 0) and page size of the running request; answers 400 to values no link of ours has."""
    args = request.args
    status, attention = args.get("status", ""), args.get("attention", "")
    sort, direction = args.get("sort", "organization"), args.get("dir", "asc")
    page = small_number(args.get("page", "0"), largest=LARGEST_PAGE)
    size = args.get("per_page", str(SIZES[0]))
    is_known = (
        (not status or status in set(CustomerStatus))
        and (not attention or attention == "any" or attention in ATTENTION)
        and sort in queries.SORTABLE
        and direction in ("asc", "desc")
        and size in {str(one) for one in SIZES}
    )
    if page is None or not is_known:
        abort(400)
    wanted = CustomerFilter(
        text=args.get("q", ""),
        status=status,
        provider=args.get("provider", ""),
        attention=attention,
        custom=_custom_filters(),
        sort=f"-{sort}" if direction == "desc" else sort,
    )
    return wanted, page, int(size)


def _fields() -> Sequence[CustomFieldDefinition]:
    """Return the custom fields in use, read once per request."""
    if "customer_list_fields" not in g:
        g.customer_list_fields = queries.customer_fields()
    fields: Sequence[CustomFieldDefinition] = g.customer_list_fields
    return fields


def columns_from_args() -> tuple[list[ListColumn], list[ListColumn]]:
    """Return the columns that the list offers beside the name, and those of them that the running request asks for."""
    offered = offered_columns(_fields())
    return offered, chosen_columns(offered, request.args.getlist("columns"))


def written_arguments() -> str:
    """Return the running request's filter, order, page size and columns as an address says them, and only one way.

    Two addresses that show the same are written alike. The page is left out: a view begins at its first row.
    """
    wanted, _page, size = filter_from_args()
    return _written(wanted, size, *columns_from_args())


def can_show(arguments: str) -> bool:
    """Are the custom fields that a saved view filters by still there?"""
    return shown_arguments(arguments, [one.name for one in _fields()]) is not None


def _written(
    wanted: CustomerFilter, size: int, offered: Sequence[ListColumn], shown: Sequence[ListColumn]
) -> str:
    pairs = [
        ("q", wanted.text.strip()),
        ("status", wanted.status),
        ("provider", wanted.provider),
        ("attention", wanted.attention),
        *sorted((f"{PREFIX}{one.name}", one.value.strip()) for one in wanted.custom),
    ]
    if wanted.sort != CustomerFilter().sort:
        pairs.append(("sort", wanted.sort.removeprefix("-")))
        pairs.append(("dir", "desc" if wanted.sort.startswith("-") else ""))
    if size != SIZES[0]:
        pairs.append(("per_page", str(size)))
    if shown != chosen_columns(offered, ()):
        pairs += [("columns", key) for key in (NAME, *(one.key for one in shown))]
    return urlencode([(name, value) for name, value in pairs if value])


def _custom_filters() -> tuple[FieldFilter, ...]:
    """Return the filters on custom fields; a name that no field has would find more than was asked for: 400."""
    asked = {name: value for name, value in request.args.items() if name.startswith(PREFIX) and value.strip()}
    if not asked:
        return ()
    fields = {f"{PREFIX}{one.name}": one for one in _fields()}
    if not asked.keys() <= fields.keys():
        abort(400)
    return tuple(FieldFilter.asked(fields[name], value) for name, value in asked.items())


def _field_text(one: FieldFilter) -> str:
    return (
        {"yes": _("Yes"), "no": _("No")}.get(one.value, one.value)
        if one.type is FieldType.YES_NO
        else one.value
    )


def list_context(wanted: CustomerFilter, page: int, size: int) -> dict[str, Any]:
    """Return everything the list's template shows."""
    counts = queries.count_for_tabs()
    providers = resold_providers()
    fields, (offered, columns) = _fields(), columns_from_args()
    reads = [attribute for column in columns for attribute in column.reads]
    found = queries.page_of_customers(
        wanted, page=page, size=size, reads=reads, total=counts.total_of(wanted)
    )
    customers = found.customers
    written = _written(wanted, size, offered, columns)
    own, current = own_tabs(views_of(LIST_KEY), written=written, fields=[one.name for one in fields])
    names = {one.name: one.label for one in fields}
    chips = []
    if wanted.status:
        chips.append(("status", _("Status"), STATUS_LABELS[CustomerStatus(wanted.status)]))
    if wanted.provider:
        label = next((one.name for one in providers if one.code == wanted.provider), wanted.provider)
        chips.append(("provider", _("Provider"), label))
    chips += [(f"{PREFIX}{one.name}", names[one.name], _field_text(one)) for one in wanted.custom]
    return {
        "wanted": wanted,
        "customers": customers,
        "total": found.total,
        "page": found.number,
        "size": size,
        "columns": columns,
        "cells": _cells(columns, customers) if customers else {},
        "offered": [(one.key, one.label, one in columns) for one in offered],
        "tabs": [*standard_tabs(wanted, counts, found.total, is_own=current is not None), *own],
        "saving": {"list_key": LIST_KEY, "arguments": written, "current": current}
        if can_keep_views()
        else None,
        "providers": providers,
        "fields": fields,
        "asked": {one.name: one.value for one in wanted.custom},
        "chips": chips,
        "is_short": 0 < len(fold(wanted.text)) < SHORTEST_TRIGRAM,
        "is_archived": wanted.status == CustomerStatus.ARCHIVED,
        "most_at_once": MOST_AT_ONCE,
        "status_choices": STATUS_LABELS,
        "sorting": (wanted.sort.removeprefix("-"), "desc" if wanted.sort.startswith("-") else "asc"),
        "attention_choices": ATTENTION,
    }


def _cells(columns: Sequence[ListColumn], customers: Sequence[Customer]) -> dict[int, Markup]:
    """Return each customer's cells as one piece of text: a template takes far longer for a thousand of them."""
    is_chosen = bool(request.args.get("columns"))
    drawn = [(_opening(one, is_chosen=is_chosen), one.load(customers)) for one in columns]
    rows = {}
    for one in customers:
        pieces = [f"{opening}{escape(cells.get(one.id, ''))}</td>" for opening, cells in drawn]
        rows[one.id] = Markup("".join(pieces))  # noqa: S704 - each piece is escaped
    return rows


def _opening(column: ListColumn, *, is_chosen: bool) -> Markup:
    classes = [*column.style.split(), *(["num"] if column.is_number else [])]
    if is_chosen:  # what somebody chose is shown on small screens too
        classes = [one for one in classes if one != "sm-hide"]
    kind = Markup(' class="{}"').format(" ".join(classes)) if classes else ""
    return Markup('<td data-l="{}"{}>').format(column.label, kind)
