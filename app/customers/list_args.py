"""The customer list's address: which filter, order and page it asks for, and what the page then shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.custom_fields.models import FieldType
from app.customers import queries
from app.customers.fields_form import PREFIX
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import CustomerFilter, FieldFilter
from app.customers.registry import ATTENTION, ordered_columns
from app.customers.search import SHORTEST_TRIGRAM
from app.customers.services import MOST_AT_ONCE
from app.kernel.folding import fold
from app.kernel.numbers import LARGEST_PAGE, small_number
from app.kernel.pagination import SIZES
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.shell.formats import badge, date_text, provider_mark

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


def _custom_filters() -> tuple[FieldFilter, ...]:
    """Return the filters on custom fields; a name that no field has would find more than was asked for: 400."""
    asked = {name: value for name, value in request.args.items() if name.startswith(PREFIX) and value.strip()}
    if not asked:
        return ()
    fields = {f"{PREFIX}{one.name}": one for one in queries.customer_fields()}
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
    total = queries.count_customers(wanted)
    page = min(page, max(0, (total - 1) // size))
    providers = resold_providers()
    customers = queries.page_of_customers(wanted, offset=page * size, limit=size) if total else []
    columns = ordered_columns()
    fields = queries.customer_fields()
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
        "total": total,
        "page": page,
        "size": size,
        "columns": [(str(column.label), column.is_number, column.load(customers)) for column in columns],
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
        "badge_of": {status: badge(status) for status in CustomerStatus},
        "marks": {provider.id: provider_mark(provider) for provider in _shown_providers(customers)},
        "days": {one.id: date_text(one.created_at.date()) for one in customers},
    }


def _shown_providers(customers: Sequence[Customer]) -> set[Provider]:
    return {one.provider for customer in customers for one in customer.enablements if one.is_authorised}
