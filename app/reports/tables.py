"""The billing report: which columns it can have, what it is grouped by, and its rows as screens and files show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.cloud_accounts.queries import account_fields
from app.custom_fields.form_fields import cell_text, custom_cell
from app.custom_fields.models import CustomFieldDefinition
from app.customers.queries import customer_fields
from app.kernel.folding import fold
from app.reports.costs import By, Costs, Key, Sums, Wanted, sums_by, total
from app.reports.naming import Known, accounts_known, customers_known, provider_names
from app.shell.formats import month_text

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
    """Return the custom fields of customers and of cloud accounts that are in use."""
    return Fields(
        {f"{CUSTOMER_FIELD}{one.name}": one for one in customer_fields()},
        {f"{ACCOUNT_FIELD}{one.name}": one for one in account_fields()},
    )


@dataclass(frozen=True, slots=True)
class Name:
    """What a row is about. ``sort``: what it is ordered by; ``arguments``: what narrows the report down to it."""

    text: str
    sub: str = ""
    sort: Any = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report. ``fields``: custom fields by the key of their column."""

    currency: str
    names: tuple[Name, ...]
    costs: Costs
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a billing report was asked for."""

    wanted: Wanted
    groups: tuple[str, ...]
    columns: tuple[str, ...]
    sort: str = "customer_cost"
    descending: bool = True


def rows_of(asked: Asked, fields: Fields) -> tuple[list[Row], dict[str, Costs]]:
    """Return the rows of a report in their order, and what they come to by currency, the reseller's first."""
    bys = [_by_of(one) for one in asked.groups]
    [sums] = sums_by(asked.wanted, bys)
    named = _Naming(sums, bys, fields, asked)
    rows, totals = [], {}
    for currency, found in sums.items():
        merged: dict[tuple[Any, ...], Row] = {}
        for key, costs in found.items():
            row = named.row(currency, key, costs)
            name = tuple(one.sort for one in row.names)
            before = merged.get(name)
            merged[name] = (
                row if before is None else Row(currency, row.names, before.costs + costs, row.fields)
            )
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
    return rows


def _orderly(value: Any) -> tuple[str, Any]:
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
        self._groups, self._bys = asked.groups, bys
        self._columns = [one for one in asked.columns if one in fields.all]
        self._cells: dict[str, Callable[[Mapping[str, Any]], str]] = {
            key: _text_of(one) for key, one in fields.all.items()
        }

    def row(self, currency: str, key: Key, costs: Costs) -> Row:
        names = tuple(self._named(group, value) for group, value in zip(self._groups, key, strict=True))
        return Row(currency, names, costs, {one: self._field(one, key) for one in self._columns})

    def _field(self, column: str, key: Key) -> str:
        by = By.CUSTOMER if column.startswith(CUSTOMER_FIELD) else By.ACCOUNT
        for group, one, value in zip(self._groups, self._bys, key, strict=True):
            if one is by and group == by.value:
                known = self._known(by, value)
                return self._cells[column](known.values) if known else ""
        return ""

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
            text = self._cells[group](known.values) if known else ""
            return Name(text or _("Without a value"), sort=(not text, fold(text)))
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
            return Name(value.isoformat(), sort=value)
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
