"""The billing report: which columns it can have, what it is grouped by, and its rows as screens and files show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.cloud_accounts.queries import account_fields
from app.custom_fields.form_fields import cell_text, custom_cell
from app.custom_fields.models import CustomFieldDefinition
from app.custom_fields.values import typed_value
from app.customers.queries import customer_fields
from app.kernel.folding import fold
from app.reports.account_sums import Account, sums_of
from app.reports.costs import By, Costs, Key, Sums, Wanted, total
from app.reports.naming import Known, accounts_known, customers_known, provider_names
from app.shell.formats import date_text, month_text

CUSTOMER_FIELD, ACCOUNT_FIELD = "cf_", "af_"
#: What a report can be grouped by at once.
MOST_GROUPS = 3

GROUP_WORDS: dict[str, object] = {
    By.CUSTOMER.value: _l("Customer"),
    By.PROVIDER.value: _l("Provider"),
    By.ACCOUNT.value: _l("Cloud account"),
    By.SERVICE.value: _l("Service"),
    By.REGION.value: _l("Region"),
    By.MONTH.value: _l("Month"),
    By.DAY.value: _l("Day"),
}
#: Columns of figures: whether they are shown unless others are chosen.
FIGURES: dict[str, bool] = {
    "seller_cost": True,
    "customer_cost": True,
    "margin": True,
    "margin_percent": True,
    "quantity": False,
    "lines": False,
}


_ATTRIBUTES = {"seller_cost": "seller", "customer_cost": "customer"}


@dataclass(frozen=True, slots=True)
class Fields:
    """The custom fields that reports may show, by the key of their column."""

    customer: Mapping[str, CustomFieldDefinition]
    account: Mapping[str, CustomFieldDefinition]

    @property
    def all(self) -> dict[str, CustomFieldDefinition]:
        return {**self.customer, **self.account}


def report_fields() -> Fields:
    """Return the custom fields of customers and of cloud accounts that are in use, and in reports."""
    return Fields(
        {f"{CUSTOMER_FIELD}{one.name}": one for one in customer_fields() if one.in_billing_reports},
        {f"{ACCOUNT_FIELD}{one.name}": one for one in account_fields() if one.in_billing_reports},
    )


@dataclass(frozen=True, slots=True)
class Name:
    """What a row is about. ``sort``: what it is ordered by; ``arguments``: what narrows the report down to it."""

    text: str
    sub: str = ""
    sort: Any = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    #: As a file holds it, where that is not what people read.
    plain: str = ""

    @property
    def file_text(self) -> str:
        """Return the text for a file."""
        return self.plain or self.text


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report. ``fields``: custom fields by the key of their column; ``order``: of the one sorted by."""

    currency: str
    names: tuple[Name, ...]
    costs: Costs
    fields: Mapping[str, str] = field(default_factory=dict)
    order: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a billing report was asked for. ``accounts``: these alone; ``currency``: instead of the reseller's own."""

    wanted: Wanted
    groups: tuple[str, ...]
    columns: tuple[str, ...]
    sort: str = "customer_cost"
    descending: bool = True
    accounts: frozenset[Account] | None = None
    currency: str = ""


def rows_of(asked: Asked, fields: Fields) -> tuple[list[Row], dict[str, Costs]]:
    """Return the rows of a report in their order, and what they come to by currency, the reseller's first."""
    bys = [_by_of(one) for one in asked.groups]
    [sums] = sums_of(asked.wanted, bys, accounts=asked.accounts, currency=asked.currency)
    named = _Naming(sums, bys, fields, asked)
    rows, totals = [], {}
    for currency, found in sums.items():
        merged: dict[tuple[Any, ...], Row] = {}
        for key, costs in found.items():
            row = named.row(currency, key, costs)
            name = tuple(one.sort for one in row.names)
            before = merged.get(name)
            merged[name] = row if before is None else replace(before, costs=before.costs + costs)
        totals[currency] = total(found)
        rows += _sorted(list(merged.values()), asked)
    return rows, totals


def named_rows(sums: Sums, asked: Asked, fields: Fields) -> list[Row]:
    """Return a row for each key, in the order of the sums."""
    named = _Naming(sums, [_by_of(one) for one in asked.groups], fields, asked)
    return [
        named.row(currency, key, costs) for currency, found in sums.items() for key, costs in found.items()
    ]


def _by_of(group: str) -> By:
    if group.startswith(CUSTOMER_FIELD):
        return By.CUSTOMER
    return By.ACCOUNT if group.startswith(ACCOUNT_FIELD) else By(group)


def _sorted(rows: list[Row], asked: Asked) -> list[Row]:
    """Rows by a column of figures, or by what the report is grouped by; equal ones by name."""
    rows.sort(key=lambda one: tuple(_orderly(name.sort) for name in one.names))
    if asked.sort in FIGURES:
        rows.sort(key=lambda one: _figure_key(one, asked.sort), reverse=asked.descending)
    elif asked.sort in asked.groups:
        place = asked.groups.index(asked.sort)
        rows.sort(key=lambda one: _orderly(one.names[place].sort), reverse=asked.descending)
    elif asked.sort in asked.columns:
        rows.sort(key=lambda one: _orderly(one.order), reverse=asked.descending)
    return rows


def _orderly(value: Any) -> tuple[Any, ...]:
    if isinstance(value, tuple):
        return tuple(part for one in value for part in _orderly(one))
    return (type(value).__name__, value)


def figure_of(costs: Costs, column: str) -> Any:
    """Return the figure of a column."""
    return getattr(costs, _ATTRIBUTES.get(column, column))


def _figure_key(row: Row, sort: str) -> Decimal:
    value = figure_of(row.costs, sort)
    return Decimal("-Infinity") if value is None else Decimal(value)


class _Naming:
    """Turns the keys of sums into what people call them."""

    def __init__(self, sums: Sums, bys: Sequence[By], fields: Fields, asked: Asked) -> None:
        keys = [key for found in sums.values() for key in found]

        def of(by: By) -> set[Any]:
            return {key[place] for place, one in enumerate(bys) if one is by for key in keys}

        self._customers = customers_known(of(By.CUSTOMER)) if By.CUSTOMER in bys else {}
        self._accounts = accounts_known(of(By.ACCOUNT)) if By.ACCOUNT in bys else {}
        self._providers = provider_names()
        self._names: dict[tuple[str, Any], Name] = {}
        self._fields = fields
        self._groups, self._bys, self._sort = asked.groups, bys, asked.sort
        self._columns = [one for one in asked.columns if one in fields.all]
        self._cells: dict[str, Callable[[Mapping[str, Any]], str]] = {
            key: _text_of(one) for key, one in fields.all.items()
        }

    def row(self, currency: str, key: Key, costs: Costs) -> Row:
        names = tuple(self._named(group, value) for group, value in zip(self._groups, key, strict=True))
        held = {one: self._held(one, key) for one in self._columns}
        fields = {one: self._cells[one](values) for one, values in held.items()}
        order = self._order(self._sort, held[self._sort]) if self._sort in held else None
        return Row(currency, names, costs, fields, order)

    def _held(self, column: str, key: Key) -> Mapping[str, Any]:
        """Return the custom values of the customer or account of a row whose field the column is."""
        by = By.CUSTOMER if column.startswith(CUSTOMER_FIELD) else By.ACCOUNT
        for group, one, value in zip(self._groups, self._bys, key, strict=True):
            if one is by and group == by.value:
                known = self._known(by, value)
                return (known.values or {}) if known else {}
        return {}

    def _order(self, column: str, values: Mapping[str, Any]) -> tuple[bool, Any]:
        """Return what a field is sorted by: dates and numbers as such, what is empty after all others."""
        definition = self._fields.all[column]
        held = values.get(definition.name)
        try:
            value = typed_value(definition.type, held)
        except ValueError:
            value = str(held)
        return value is None, fold(value) if isinstance(value, str) else value

    def _known(self, by: By, value: Any) -> Known | None:
        return self._customers.get(value) if by is By.CUSTOMER else self._accounts.get(value)

    def _named(self, group: str, value: Any) -> Name:
        """Return a name, made once however many rows have it."""
        found = self._names.get((group, value))
        if found is None:
            found = self._names[group, value] = self._name(group, value)
        return found

    def _name(self, group: str, value: Any) -> Name:
        if group in self._fields.all:
            known = self._known(_by_of(group), value)
            values = (known.values or {}) if known else {}
            text = self._cells[group](values)
            arguments = {group: str(values[self._fields.all[group].name])} if text else {}
            return Name(text or _("Without a value"), "", self._order(group, values), arguments)
        if group == By.CUSTOMER:
            known = self._customers.get(value)
            text = known.name if known else str(value)
            number = known.number if known else ""
            return Name(text, number, (fold(text), value), {"customer": str(value)})
        if group == By.ACCOUNT:
            known = self._accounts.get(value)
            text = known.name if known else value[1]
            return Name(
                text, value[1] if text != value[1] else "", (fold(text), value), {"account": value[1]}
            )
        if group == By.PROVIDER:
            text = self._providers.get(value, value)
            return Name(text, sort=(fold(text), value), arguments={"provider": value})
        if group == By.MONTH:
            return Name(month_text(value), sort=value)
        if group == By.DAY:
            return Name(date_text(value), sort=value, plain=value.isoformat())
        text = value or (_("No region") if group == By.REGION else _("No service named"))
        return Name(
            text,
            sort=(not value, fold(value)),
            arguments={"service": value} if group == By.SERVICE and value else {},
        )


def _text_of(definition: CustomFieldDefinition) -> Callable[[Mapping[str, Any]], str]:
    cell, kind = custom_cell(definition), definition.type
    return lambda values: cell_text(cell(values or {}), kind)


def fields_for(groups: Sequence[str], fields: Fields) -> dict[str, CustomFieldDefinition]:
    """Return the fields that can be columns of a report with these groups."""
    found: dict[str, CustomFieldDefinition] = {}
    if By.CUSTOMER.value in groups:
        found |= fields.customer
    if By.ACCOUNT.value in groups:
        found |= fields.account
    return found
