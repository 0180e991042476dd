"""The columns of the customer list: which there are, which are shown, what stands in them on screen and in a file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.custom_fields.form_fields import PREFIX, Cell, cell_text, custom_cell
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers.models import Customer
from app.customers.registry import ListColumn, add_list_column, ordered_columns
from app.shell.formats import badge, date_text, provider_mark, reader_zone
from app.shell.status import status

#: The first column, which is always there: organization with number and contact.
NAME = "organization"

NOTHING = Markup('<span class="ct-subtle">–</span>')


def _authorised(customer: Customer) -> list[Any]:
    return [one.provider for one in customer.enablements if one.is_authorised]


def _statuses(customers: Sequence[Customer]) -> dict[int, Any]:
    badges = {one: badge(one) for one in {customer.status for customer in customers}}
    return {one.id: badges[one.status] for one in customers}


def _provider_marks(customers: Sequence[Customer]) -> dict[int, Any]:
    found = {one.id: _authorised(one) for one in customers}
    shown = {one.id: one for providers in found.values() for one in providers}
    marks = {key: provider_mark(one) for key, one in shown.items()}
    none = Markup('<span class="ct-subtle">{}</span>').format(_("None"))
    drawn = {
        keys: Markup('<span class="ct-marks">{}</span>').format(
            Markup("").join(marks[one] for one in keys) or none
        )
        for keys in {tuple(one.id for one in providers) for providers in found.values()}
    }
    return {customer: drawn[tuple(one.id for one in providers)] for customer, providers in found.items()}


def _provider_names(customers: Sequence[Customer]) -> dict[int, Any]:
    return {one.id: "; ".join(provider.name for provider in _authorised(one)) for one in customers}


def _emails(customers: Sequence[Customer]) -> dict[int, Any]:
    """A narrow column breaks an address after the @, and only there."""
    at = Markup("@<wbr>")
    return {one.id: escape(one.email).replace("@", at) for one in customers}


def _day_of(customer: Customer) -> datetime.date:
    """Return the day on which a customer was added where the reseller is, as exports have it too."""
    return customer.created_at.astimezone(reader_zone()).date()


def _days(customers: Sequence[Customer]) -> dict[int, Any]:
    return {one.id: date_text(_day_of(one)) for one in customers}


def _field(attribute: Any, label: object, position: int, **more: Any) -> ListColumn:
    """Return the column of a standard field that is text."""
    name = attribute.key

    def cells(customers: Sequence[Customer]) -> dict[int, Any]:
        return {one.id: getattr(one, name) for one in customers}

    return ListColumn(name, label, cells, position, reads=(attribute,), **more)


def announce() -> None:
    """Announce the columns of the standard fields; those that are not shown unless chosen come last."""
    created = (Customer.created_at,)
    for column in (
        ListColumn(
            "status",
            _l("Status"),
            _statuses,
            1,
            sort="status",
            reads=(Customer.status,),
            plain=lambda customers: {one.id: str(status(one.status).word) for one in customers},
        ),
        ListColumn("providers", _l("Providers"), _provider_marks, 2, plain=_provider_names),
        ListColumn(
            "email",
            _l("Email"),
            _emails,
            50,
            sort="email",
            style="sm-hide",
            reads=(Customer.email,),
            plain=lambda customers: {one.id: one.email for one in customers},
        ),
        ListColumn(
            "added",
            _l("Added"),
            _days,
            60,
            sort="added",
            style="nowrap tnum sm-hide",
            reads=created,
            plain=lambda customers: {one.id: _day_of(one) for one in customers},
        ),
        _field(Customer.external_id, _l("External ID"), 110, is_default=False),
        _field(Customer.phone, _l("Phone"), 120, is_default=False, style="nowrap"),
        _field(Customer.city, _l("City"), 130, is_default=False),
        _field(Customer.country, _l("Country"), 140, is_default=False),
    ):
        add_list_column(column)


def _custom_column(definition: CustomFieldDefinition) -> ListColumn:
    cell, kind = custom_cell(definition), definition.type
    return ListColumn(
        f"{PREFIX}{definition.name}",
        definition.label,
        lambda customers: {one.id: cell_text(cell(one.custom_values), kind) or NOTHING for one in customers},
        1000,
        is_number=kind is FieldType.NUMBER,
        is_default=False,
        style="nowrap tnum" if kind is FieldType.DATE else "",
        reads=(Customer.custom_values,),
        plain=lambda customers: {one.id: cell(one.custom_values) for one in customers},
    )


def offered_columns(fields: Sequence[CustomFieldDefinition]) -> list[ListColumn]:
    """Return every column that can be shown beside the name, in the order in which they are shown."""
    return [*ordered_columns(), *(_custom_column(one) for one in fields)]


def chosen_columns(offered: Sequence[ListColumn], keys: Sequence[str]) -> list[ListColumn]:
    """Return those of ``offered`` that ``keys`` name, the usual ones without any key.

    A key that is not offered is passed over: a link may be older than the removal of a custom field.
    """
    return [one for one in offered if (one.key in keys if keys else one.is_default)]


def plain_cells(column: ListColumn, customers: Sequence[Customer]) -> dict[int, Cell]:
    """Return a column's cells as a file holds them: without markup, and empty where the screen shows a dash."""
    if column.plain is not None:
        return column.plain(customers)
    texts = {
        key: cell.striptags() if isinstance(cell, Markup) else cell
        for key, cell in column.load(customers).items()
    }
    return {key: "" if text == "–" else text for key, text in texts.items()}
