"""Named reads of customers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import aliased, lazyload, load_only
from sqlalchemy.orm.attributes import set_committed_value

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.custom_fields.values import NUMBER_DECIMALS, BadValue, reader_of
from app.customers.models import Customer, CustomerStatus, ProviderEnablement
from app.customers.registry import ATTENTION
from app.customers.search import driven_by_trigrams, matching
from app.extensions import db
from app.months.terms import earlier_terms
from app.pricebooks.models import Pricebook
from app.providers.models import Provider, ResellerProvider
from app.providers.queries import grants

SORTABLE = {
    "organization": Customer.organization_key,
    "number": Customer.number,
    "status": Customer.status,
    "email": Customer.email,
    "added": Customer.created_at,
}


#: How many customers are asked whether they need attention, for the number on the list's tab: what that costs stays the
#: same however many there are.
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """A custom field and what was asked of it. ``stored`` are the texts that count as equal; none: no value does."""

    name: str
    type: FieldType
    value: str
    stored: tuple[str, ...] = ()

    @classmethod
    def asked(cls, definition: CustomFieldDefinition, value: str) -> FieldFilter:
        """Return the filter for what a person typed or chose."""
        try:
            exact = reader_of(definition)(value.strip())
        except BadValue:
            return cls(definition.name, definition.type, value)
        stored = _same_numbers(exact) if definition.type is FieldType.NUMBER else (exact,)
        return cls(definition.name, definition.type, value, stored)

    def condition(self, owner: Any = Customer) -> ColumnElement[bool]:
        """Return the condition: a part of a text in upper or lower case, anything else as a whole.

        ``owner``: whose custom values, of another class than customers.
        """
        held = owner.custom_values[self.name].as_string()
        if self.type is FieldType.TEXT:
            return held.icontains(self.value.strip(), autoescape=True)
        return held.in_(self.stored)


def _same_numbers(text: str) -> tuple[str, ...]:
    """Return every way in which a number can be stored: ``12.5`` and ``12.50`` are one number."""
    whole, _point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    padded = [decimals.ljust(n, "0") for n in range(len(decimals), NUMBER_DECIMALS + 1)]
    return tuple(f"{whole}.{one}" if one else whole for one in padded)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What the customer list was asked for; the export uses the same."""

    text: str = ""
    status: str = ""
    provider: str = ""
    attention: str = ""
    custom: tuple[FieldFilter, ...] = field(default=())
    sort: str = "organization"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.status or self.provider or self.attention or self.custom)


#: The first column of the list, and what the other columns show of enablements.
_NAME_ATTRIBUTES = (Customer.number, Customer.organization, Customer.contact_name)
#: The framework's own eager load joins the customers once more; without statistics SQLite then reads all enablements of
#: the reseller. The providers are few and known already.
_ENABLEMENTS = (
    select(ProviderEnablement)
    .where(ProviderEnablement.customer_id.in_(bindparam("customers", expanding=True)))
    .options(
        load_only(
            ProviderEnablement.customer_id,
            ProviderEnablement.provider_id,
            ProviderEnablement.is_authorised,
            raiseload=True,
        ),
        lazyload(ProviderEnablement.provider),
    )
    .order_by(ProviderEnablement.provider_id)
)


def needs_attention() -> ColumnElement[bool]:
    """Return the condition for active customers that any slice has a warning about."""
    conditions = [found for one in ATTENTION.values() if (found := one.condition()) is not None]
    return and_(Customer.status == CustomerStatus.ACTIVE, or_(*conditions) if conditions else false())


def _conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    text = matching(wanted.text)
    if text is not None:
        conditions.append(text)
    if wanted.status:
        conditions.append(Customer.status == CustomerStatus(wanted.status))
    else:
        conditions.append(Customer.status != CustomerStatus.ARCHIVED)
    if wanted.provider:
        conditions.append(
            exists().where(
                ProviderEnablement.customer_id == Customer.id,
                ProviderEnablement.is_authorised.is_(True),
                ProviderEnablement.provider_id
                == select(Provider.id).where(Provider.code == wanted.provider).scalar_subquery(),
            )
        )
    if wanted.attention:
        one = ATTENTION[wanted.attention].condition() if wanted.attention in ATTENTION else None
        condition = one if one is not None else (needs_attention() if wanted.attention == "any" else false())
        conditions.append(condition)
    conditions += [one.condition() for one in wanted.custom]
    return conditions


def customers_query(wanted: CustomerFilter) -> Select[tuple[Customer]]:
    """Return the filtered, sorted query of the customer list."""
    descending = wanted.sort.startswith("-")
    by = SORTABLE[wanted.sort.removeprefix("-")]
    order = (by.desc(), Customer.id.desc()) if descending else (by, Customer.id)
    query = select(Customer).where(*_conditions(wanted)).order_by(*order)
    return driven_by_trigrams(query, wanted.text)


def count_customers(wanted: CustomerFilter) -> int:
    """Return how many customers the filter finds."""
    query = select(func.count()).select_from(Customer).where(*_conditions(wanted))
    return db.session.scalar(driven_by_trigrams(query, wanted.text)) or 0


@dataclass(frozen=True, slots=True)
class ListCounts:
    """How many customers stand behind the list's tabs.

    Whether one needs attention is asked of the first ``LOOKED_AT`` active customers only: with more of them
    ``attention`` is the least that there are.
    """

    by_status: dict[CustomerStatus, int]
    attention: int

    @property
    def is_attention_exact(self) -> bool:
        return self.by_status[CustomerStatus.ACTIVE] <= LOOKED_AT

    def total_of(self, wanted: CustomerFilter) -> int | None:
        """Return how many customers the filter finds where that is known: it asks for a status and no more."""
        if wanted != CustomerFilter(status=wanted.status, sort=wanted.sort):
            return None
        if wanted.status:
            return self.by_status[CustomerStatus(wanted.status)]
        return self.by_status[CustomerStatus.PENDING] + self.by_status[CustomerStatus.ACTIVE]


def count_for_tabs() -> ListCounts:
    """Return the counts behind the tabs."""
    rows = db.session.execute(_tab_counts()).all()
    by_status = dict.fromkeys(CustomerStatus, 0) | {status: number for status, number, _attention in rows}
    return ListCounts(by_status, rows[0][2] if rows else 0)


@lru_cache(maxsize=1)
def _tab_counts() -> Select[tuple[CustomerStatus, int, int]]:
    """Return the one statement behind all tabs, which is the same for everybody."""
    first = aliased(Customer)
    looked_at = (
        select(first.id)
        .where(first.status == CustomerStatus.ACTIVE)
        .order_by(first.organization_key)
        .limit(LOOKED_AT)
    )
    one = aliased(Customer)
    attention = select(func.count(Customer.id)).where(Customer.id.in_(looked_at), needs_attention())
    return select(one.status, func.count(), attention.scalar_subquery()).group_by(one.status)


def all_customers(wanted: CustomerFilter, *, limit: int) -> Sequence[Customer]:
    """Return everything that the filter finds, up to ``limit``."""
    return db.session.scalars(customers_query(wanted).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of the list, its number (from 0), and how many customers there are on all pages."""

    customers: Sequence[Customer]
    number: int
    total: int


def page_of_customers(
    wanted: CustomerFilter, *, page: int, size: int, reads: Sequence[Any] = (), total: int | None = None
) -> FoundPage:
    """Return one page of the list with what its rows show; past the end, the last page.

    Only the name and the attributes in ``reads`` are there; a column that reads another one raises until it says so.
    Where the ``total`` is not known it is counted with the page, so that a search is made once.
    """
    if total is not None:
        page = min(page, max(0, total - 1) // size)
    query = customers_query(wanted).options(_only(tuple(reads))).offset(page * size).limit(size)
    if total is None:
        rows = db.session.execute(query.add_columns(func.count().over())).all()
        if page and not rows:
            return page_of_customers(wanted, page=page, size=size, reads=reads, total=count_customers(wanted))
        customers, total = [row[0] for row in rows], rows[0][1] if rows else 0
    else:
        customers = list(db.session.scalars(query)) if total else []
    if customers:
        _load_enablements(customers)
    return FoundPage(customers, page, total)


@lru_cache(maxsize=128)
def _only(reads: tuple[Any, ...]) -> Any:
    return load_only(*_NAME_ATTRIBUTES, *reads, raiseload=True)


def _load_enablements(customers: Sequence[Customer]) -> None:
    """Load the customers' enablements in one small statement."""
    found: dict[int, list[ProviderEnablement]] = {one.id: [] for one in customers}
    for enablement in db.session.scalars(_ENABLEMENTS, {"customers": list(found)}):
        found[enablement.customer_id].append(enablement)
    for customer in customers:
        set_committed_value(customer, "enablements", found[customer.id])


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as a customer has it: ``grant`` is None once the platform has withdrawn it from the reseller."""

    provider: Provider
    enablement: ProviderEnablement | None
    grant: ResellerProvider | None

    @property
    def is_authorised(self) -> bool:
        return self.enablement is not None and self.enablement.is_authorised

    @property
    def is_withdrawn(self) -> bool:
        return self.grant is None

    @property
    def is_offered(self) -> bool:
        """Can a customer be authorised for it anew? What the platform has set inactive stays where it is only."""
        return self.grant is not None and self.provider.is_active

    @property
    def is_in_portal(self) -> bool:
        """The portal shows a provider that is both authorised and switched on for it."""
        return self.enablement is not None and self.enablement.is_authorised and self.enablement.in_portal


def provider_rows(customer: Customer) -> list[ProviderRow]:
    """Return the providers that can be authorised or were set up, then those that were withdrawn after that."""
    enabled = {one.provider_id: one for one in customer.enablements}
    rows = [ProviderRow(grant.provider, enabled.pop(grant.provider_id, None), grant) for grant in grants()]
    withdrawn = sorted(enabled.values(), key=lambda one: (one.provider.position, one.provider.name))
    return [row for row in rows if row.is_offered or row.enablement is not None] + [
        ProviderRow(one.provider, one, None) for one in withdrawn
    ]


def buyable_providers(customer: Customer) -> list[Provider]:
    """Return the providers of which the customer may get more: authorised, and not withdrawn."""
    return [row.provider for row in provider_rows(customer) if row.is_authorised and not row.is_withdrawn]


_ALL_FIELDS = (
    select(CustomFieldDefinition)
    .where(CustomFieldDefinition.target == FieldTarget.CUSTOMER)
    .order_by(CustomFieldDefinition.position, CustomFieldDefinition.id)
)
_FIELDS_IN_USE = _ALL_FIELDS.where(CustomFieldDefinition.is_retired.is_(False))


def customer_fields(*, with_retired: bool = False) -> Sequence[CustomFieldDefinition]:
    """Return the reseller's custom fields for customers, in form order."""
    return db.session.scalars(_ALL_FIELDS if with_retired else _FIELDS_IN_USE).all()


def customers_on_master() -> Any:
    """Return the condition for customers with an authorised provider that has no pricebook."""
    return exists().where(
        ProviderEnablement.customer_id == Customer.id,
        ProviderEnablement.is_authorised.is_(True),
        ProviderEnablement.pricebook_id.is_(None),
    )


def customers_without_provider() -> Any:
    """Return the condition for customers that may buy nothing yet."""
    return ~exists().where(
        ProviderEnablement.customer_id == Customer.id, ProviderEnablement.is_authorised.is_(True)
    )


@dataclass(frozen=True, slots=True)
class EarlierBook:
    """What a customer paid at a provider in earlier months; ``pricebook`` None means the master, ``terms`` are all."""

    first_month: datetime.date | None
    last_month: datetime.date
    pricebook: Pricebook | None
    terms: Mapping[str, Any]


def earlier_books(enablement: ProviderEnablement | None) -> list[EarlierBook]:
    """Return what counted before, the latest first."""
    if enablement is None or enablement.counts_from is None:
        return []
    found = earlier_terms(enablement)
    ids = {terms["pricebook_id"] for _first, _last, terms in found}
    books = {one.id: one for one in db.session.scalars(select(Pricebook).where(Pricebook.id.in_(ids)))}
    return [EarlierBook(first, last, books.get(terms["pricebook_id"]), terms) for first, last, terms in found]


def usable_pricebooks(provider: Provider, *, current: int | None) -> Sequence[Pricebook]:
    """Return the provider's books that can be chosen, and the one in use even when it was retired."""
    usable = or_(Pricebook.is_retired.is_(False), Pricebook.id == current)
    query = select(Pricebook).where(Pricebook.provider_id == provider.id, usable).order_by(Pricebook.name)
    return db.session.scalars(query).all()
