"""The customer list as a table: the rows of the list's filter in the list's order, every field a column.

Column titles are those that an import takes, so that an exported file can be corrected and its new rows imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func
from sqlalchemy.orm import selectinload

from app.audit.log import record
from app.custom_fields.form_fields import Cell, custom_cell
from app.custom_fields.models import CustomFieldDefinition
from app.customers.import_cells import custom_titles
from app.customers.list_columns import plain_cells
from app.customers.models import Customer, ProviderEnablement
from app.customers.queries import CustomerFilter, count_customers, customer_fields, customers_query
from app.customers.registry import ListColumn
from app.customers.services import INFORMATION_FIELDS
from app.extensions import db

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Export:
    """A table on its way out. ``rows`` reads the database while it is consumed."""

    header: list[str]
    rows: Iterator[list[Cell]]
    count: int


def _fields(wanted: CustomerFilter) -> list[CustomFieldDefinition]:
    """Return the custom fields in use, and retired ones that one of the wanted customers has a value in."""
    fields = list(customer_fields(with_retired=True))
    retired = [one for one in fields if one.is_retired]
    if not retired:
        return fields
    held = [
        func.count(Customer.id).filter(Customer.custom_values[one.name].as_string().is_not(None))
        for one in retired
    ]
    row = db.session.execute(customers_query(wanted).with_only_columns(*held).order_by(None)).one()
    empty = {one.id for one, number in zip(retired, row, strict=True) if not number}
    return [one for one in fields if one.id not in empty]


def export_customers(wanted: CustomerFilter, *, time_zone: str) -> Export:
    """Return the customers that ``wanted`` finds. Days are those of ``time_zone``."""
    fields = _fields(wanted)
    titles = custom_titles(fields)
    header = [
        "number",
        *INFORMATION_FIELDS,
        "spend_threshold_currency",
        "status",
        "added_on",
        *(titles[one.name] for one in fields),
        "providers",
        "pricebooks",
    ]
    zone = ZoneInfo(time_zone)
    cells = [custom_cell(one) for one in fields]
    return Export(header, _rows(wanted, cells, zone, _("Master")), count_customers(wanted))


def export_shown(wanted: CustomerFilter, columns: Sequence[ListColumn]) -> Export:
    """Return the same customers with the list's own columns, in the reader's words; the name takes three of them."""
    header = [_("Account number"), _("Organization"), _("Contact name"), *(str(one.label) for one in columns)]
    return Export(header, _shown_rows(wanted, columns), count_customers(wanted))


def _shown_rows(wanted: CustomerFilter, columns: Sequence[ListColumn]) -> Iterator[list[Cell]]:
    query = (
        customers_query(wanted)
        .options(selectinload(Customer.enablements))
        .execution_options(yield_per=_AT_ONCE)
    )
    for customers in db.session.scalars(query).partitions():
        cells = [plain_cells(column, customers) for column in columns]
        for one in customers:
            name = [one.account_number, one.organization, one.contact_name]
            yield [*name, *(column.get(one.id) for column in cells)]


def _rows(
    wanted: CustomerFilter, custom: Sequence[Callable[[Mapping[str, Any]], Cell]], zone: ZoneInfo, master: str
) -> Iterator[list[Cell]]:
    query = (
        customers_query(wanted)
        .options(selectinload(Customer.enablements).selectinload(ProviderEnablement.pricebook))
        .execution_options(yield_per=_AT_ONCE)
    )
    for customer in db.session.scalars(query):
        authorised = [one for one in customer.enablements if one.is_authorised]
        authorised.sort(key=lambda one: (one.provider.position, one.provider.name))
        yield [
            customer.account_number,
            *(getattr(customer, name) for name in INFORMATION_FIELDS),
            customer.spend_threshold_currency,
            customer.status.value,
            customer.created_at.astimezone(zone).date(),
            *(cell(customer.custom_values) for cell in custom),
            "; ".join(one.provider.name for one in authorised),
            "; ".join(
                f"{one.provider.name}: {one.pricebook.name if one.pricebook else master}"
                for one in authorised
            ),
        ]


def note_export(export: Export, *, file_name: str, conditions: str) -> None:
    """Leave an entry in the change log: how many customers left, and which filter chose them."""
    changes: dict[str, list[str | None]] = {"row_count": [None, str(export.count)]}
    if conditions:
        changes["filter"] = [None, conditions[:500]]
    record("exported", noun="customer_export", name=file_name, changes=changes)


def described(wanted: CustomerFilter) -> str:
    """Return the filter as the change log keeps it."""
    parts = [("search", wanted.text), ("status", wanted.status), ("provider", wanted.provider)]
    parts += [("attention", wanted.attention), *((one.name, one.value) for one in wanted.custom)]
    return "; ".join(f"{name}: {value}" for name, value in parts if value)
