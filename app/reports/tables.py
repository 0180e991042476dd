"""The billing report: which columns it can have, what it is grouped by, and its rows as screens and files show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any, overload

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.custom_fields.form_fields import cell_text, custom_cell
from app.custom_fields.models import CustomFieldDefinition, FieldTarget
from app.custom_fields.values import typed_value
from app.extensions import db
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


#: Where a figure is missing, as a percentage of nothing is.
_LEAST = Decimal("-Infinity")
#: Whose names stand in records.
_ASKED_FOR: frozenset[By] = frozenset({By.CUSTOMER, By.ACCOUNT})
_ATTRIBUTES = {"seller_cost": "seller", "customer_cost": "customer"}


@dataclass(frozen=True, slots=True)
class Fields:
    """The custom fields that reports may show, by the key of their column."""

    customer: Mapping[str, CustomFieldDefinition]
    account: Mapping[str, CustomFieldDefinition]

    @property
    def all(self) -> dict[str, CustomFieldDefinition]:
        return {**self.customer, **self.account}


_REPORT_FIELDS = (
    select(CustomFieldDefinition)
    .where(CustomFieldDefinition.is_retired.is_(False), CustomFieldDefinition.in_billing_reports.is_(True))
    .order_by(CustomFieldDefinition.position, CustomFieldDefinition.id)
)


def report_fields() -> Fields:
    """Return the custom fields of customers and of cloud accounts that are in use, and in reports."""
    found = db.session.scalars(_REPORT_FIELDS).all()
    return Fields(
        {f"{CUSTOMER_FIELD}{one.name}": one for one in found if one.target is FieldTarget.CUSTOMER},
        {f"{ACCOUNT_FIELD}{one.name}": one for one in found if one.target is FieldTarget.CLOUD_ACCOUNT},
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
    """A row of a report. ``fields``: custom fields by the key of their column."""

    currency: str
    names: tuple[Name, ...]
    costs: Costs
    fields: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Report:
    """What was asked for, by currency: the rows in their order and what they come to, the reseller's own first."""

    rows: Mapping[str, Rows]
    totals: Mapping[str, Costs]


def report_of(asked: Asked, fields: Fields, *, suggesting: bool = False) -> Report:
    """Return a report whose rows get their names when they are taken: a page of many costs what its own rows cost.

    ``suggesting``: the same statement that names customers finds those that ``naming.suggested`` returns.
    """
    [sums] = sums_of(
        asked.wanted,
        [_by_of(one) for one in asked.groups],
        accounts=asked.accounts,
        currency=asked.currency,
    )
    naming = Naming(asked, fields, suggesting=suggesting)
    merged = naming.merged(sums)
    return Report(
        {currency: Rows(naming, currency, [*found.items()]) for currency, found in merged.items()},
        {currency: total(found) for currency, found in sums.items()},
    )


def rows_of(asked: Asked, fields: Fields) -> tuple[list[Row], Mapping[str, Costs]]:
    """Return all rows of a report in their order, and what they come to by currency, the reseller's first."""
    report = report_of(asked, fields)
    return [row for some in report.rows.values() for row in some[:]], report.totals


def _by_of(group: str) -> By:
    if group.startswith(CUSTOMER_FIELD):
        return By.CUSTOMER
    return By.ACCOUNT if group.startswith(ACCOUNT_FIELD) else By(group)


def _orderly(value: Any) -> tuple[Any, ...]:
    if isinstance(value, tuple):
        return tuple(part for one in value for part in _orderly(one))
    return (type(value).__name__, value)


def figure_of(costs: Costs, column: str) -> Any:
    """Return the figure of a column."""
    return getattr(costs, _ATTRIBUTES.get(column, column))


def _figure_key(costs: Costs, column: str) -> Decimal:
    value = figure_of(costs, column)
    return _LEAST if value is None else Decimal(value)


class Rows(Sequence[Row]):
    """The rows of one currency in the order asked for: by a column of figures, or by name; equal ones by name."""

    def __init__(self, naming: Naming, currency: str, found: list[tuple[Key, Costs]]) -> None:
        self._naming, self._currency, self._found = naming, currency, found
        asked = naming.asked
        self._figures: list[Decimal] | None = None
        if asked.sort in FIGURES:
            keyed = [(_figure_key(costs, asked.sort), key, costs) for key, costs in found]
            keyed.sort(key=itemgetter(0), reverse=asked.descending)
            self._found = [(key, costs) for _figure, key, costs in keyed]
            self._figures = [figure for figure, _key, _costs in keyed]
            return
        naming.learn(key for key, _costs in found)
        found.sort(key=lambda one: naming.order(one[0]))
        if asked.sort in asked.groups or asked.sort in asked.columns:
            found.sort(key=lambda one: naming.order_by_sort(one[0]), reverse=asked.descending)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, int):
            place = range(len(self))[place]
            return self[place : place + 1][0]
        first, last, step = place.indices(len(self))
        found = (
            self._found[first:last] if self._figures is None else self._by_name(self._figures, first, last)
        )
        self._naming.learn(key for key, _costs in found)
        return [self._naming.row(self._currency, key, costs) for key, costs in found][::step]

    def _by_name(self, figures: list[Decimal], first: int, last: int) -> list[tuple[Key, Costs]]:
        """Return some of the rows, those of the same figure by name: for that, all of these have to be named."""
        begin, end = first, max(first, last)
        while 0 < begin < len(figures) and figures[begin - 1] == figures[begin]:
            begin -= 1
        while 0 < end < len(figures) and figures[end - 1] == figures[end]:
            end += 1
        if end - begin <= 1:
            return self._found[first:last]
        self._naming.learn(key for key, _costs in self._found[begin:end])
        chosen = sorted(
            zip(figures[begin:end], self._found[begin:end], strict=True),
            key=lambda one: self._naming.order(one[1][0]),
        )
        chosen.sort(key=itemgetter(0), reverse=self._naming.asked.descending)
        return [one for _figure, one in chosen[first - begin : last - begin]]


class Naming:
    """Turns the keys of sums into what people call them. Who is behind a key is asked when it is learned, and once."""

    def __init__(self, asked: Asked, fields: Fields, *, suggesting: bool = False) -> None:
        self.asked = asked
        self._suggesting = suggesting
        self._customers: dict[Any, Known] = {}
        self._accounts: dict[Any, Known] = {}
        self._learned: set[tuple[By, Any]] = set()
        self._providers = provider_names()
        self._names: dict[tuple[str, Any], Name] = {}
        self._orders: dict[tuple[str, Any], tuple[Any, ...]] = {}
        self._fields = fields
        self._groups, self._sort = asked.groups, asked.sort
        self._bys = [_by_of(one) for one in asked.groups]
        self._columns = [one for one in asked.columns if one in fields.all]
        self._cells: dict[str, Callable[[Mapping[str, Any]], str]] = {
            key: _text_of(one) for key, one in fields.all.items()
        }

    def learn(self, keys: Iterable[Key]) -> None:
        """Ask who the customers and accounts of keys are, with a statement for each kind at most."""
        wanted: dict[By, set[Any]] = {}
        places: list[tuple[int, By]] = [
            (place, by) for place, by in enumerate(self._bys) if by in (By.CUSTOMER, By.ACCOUNT)
        ]
        if not places:
            return
        for key in keys:
            for place, by in places:
                wanted.setdefault(by, set()).add(key[place])
        for by, values in wanted.items():
            new = {one for one in values if (by, one) not in self._learned}
            self._learned.update((by, one) for one in new)
            if new and by is By.CUSTOMER:
                self._customers |= customers_known(new, suggesting=self._suggesting)
            elif new:
                self._accounts |= accounts_known(new)

    def merged(self, sums: Sums) -> Sums:
        """Return sums in which keys that people call the same are one: of a custom field, or written differently."""
        places = [place for place, group in enumerate(self._groups) if self._may_be_called_alike(group)]
        if any(self._groups[place] in self._fields.all for place in places):
            self.learn(key for found in sums.values() for key in found)
        first: list[dict[Any, Any]] = []
        for place in places:
            by_name: dict[Any, Any] = {}
            values = dict.fromkeys(key[place] for found in sums.values() for key in found)
            group = self._groups[place]
            first.append({one: by_name.setdefault(self._named(group, one).sort, one) for one in values})
        if all(value == one for some in first for value, one in some.items()):
            return sums
        return {currency: _together(found, places, first) for currency, found in sums.items()}

    def _may_be_called_alike(self, group: str) -> bool:
        return group in self._fields.all or group in (By.SERVICE, By.REGION)

    def order(self, key: Key) -> tuple[Any, ...]:
        """Return what rows are ordered by that are ordered by name."""
        return tuple([self._ordered(*one) for one in zip(self._groups, key, strict=True)])

    def order_by_sort(self, key: Key) -> tuple[Any, ...]:
        """Return what rows are ordered by that are ordered by one of the groups, or by a custom field."""
        if self._sort in self._groups:
            return self._ordered(self._sort, key[self._groups.index(self._sort)])
        return _orderly(self._order(self._sort, self._held(self._sort, key)))

    def _ordered(self, group: str, value: Any) -> tuple[Any, ...]:
        found = self._orders.get((group, value))
        if found is None:
            found = self._orders[group, value] = _orderly(self._named(group, value).sort)
        return found

    def names(self, key: Key) -> tuple[Name, ...]:
        """Return what people call what a key is of, once it is learned."""
        return tuple([self._named(*one) for one in zip(self._groups, key, strict=True)])

    def row(self, currency: str, key: Key, costs: Costs) -> Row:
        """Return the row of a key, once it is learned."""
        fields = {one: self._cells[one](self._held(one, key)) for one in self._columns}
        return Row(currency, self.names(key), costs, fields)

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


def _together(
    sums: Mapping[Key, Costs], places: Sequence[int], first: Sequence[Mapping[Any, Any]]
) -> dict[Key, Costs]:
    """Return sums with the values at some places replaced by the first one that is called the same."""
    found: dict[Key, Costs] = {}
    for key, costs in sums.items():
        parts = [*key]
        for place, firsts in zip(places, first, strict=True):
            parts[place] = firsts[parts[place]]
        same = tuple(parts)
        found[same] = found[same] + costs if same in found else costs
    return found


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
