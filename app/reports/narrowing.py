"""What of all usage a report or dashboard is about, as its address says: provider, customers, account, service, and
what custom fields of customers and accounts hold. And in which currency its amounts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.ownership import find_active_customer
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers.models import Customer
from app.customers.queries import FieldFilter
from app.extensions import db
from app.kernel.numbers import small_number
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.reports.account_sums import Account
from app.reports.costs import Wanted, rates_now
from app.reports.naming import customers_known
from app.reports.periods import Period
from app.reports.priced_months import months_now
from app.reports.remembered import remembered
from app.reports.tables import ACCOUNT_FIELD, CUSTOMER_FIELD, Fields

#: The argument in which a form sends a customer that somebody typed: a number or a name.
TYPED = "who"
#: How many customers a report can be narrowed down to.
MOST_CUSTOMERS = 20


@dataclass(frozen=True)
class Narrowing:
    """Which usage, in which currency. Empty means all, and the reseller's own. ``fields``: by the key of the column."""

    provider: Provider | None = None
    customer_ids: tuple[int, ...] = ()
    account: str = ""
    service: str = ""
    fields: Mapping[str, tuple[CustomFieldDefinition, str]] = field(default_factory=dict)
    currency: str = ""

    @property
    def is_any(self) -> bool:
        """Is anything left out, besides other providers?"""
        return bool(self.customer_ids or self.account or self.service or self.fields)

    @property
    def held(self) -> dict[str, str]:
        """Return what is asked of custom fields, by the key of the column."""
        return {key: value for key, (_definition, value) in self.fields.items()}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return what an address says to mean this, always in the same order."""
        found = [("provider", self.provider.code if self.provider else "")]
        found += [("customer", str(one)) for one in self.customer_ids]
        found += [("account", self.account), ("service", self.service)]
        found += [(key, value) for key, (_definition, value) in sorted(self.fields.items())]
        found.append(("currency", self.currency))
        return [(name, value) for name, value in found if value]

    def chips(self) -> list[tuple[str, str, tuple[str, str]]]:
        """Return (label, value, the pair of the address) of each filter, as people read them."""
        known = customers_known(self.customer_ids)
        found = [
            (_("Customer"), known[one].name if one in known else str(one), ("customer", str(one)))
            for one in self.customer_ids
        ]
        for name, label, value in (
            ("account", _("Account"), self.account),
            ("service", _("Service"), self.service),
        ):
            if value:
                found.append((label, value, (name, value)))
        for key, (definition, value) in sorted(self.fields.items()):
            words = {"yes": _("Yes"), "no": _("No")}
            text = words.get(value, value) if definition.type is FieldType.YES_NO else value
            found.append((definition.label, text, (key, value)))
        return found

    def wanted(self, period: Period) -> Wanted:
        """Return the usage of a period that is asked for; ``accounts`` narrow it down further."""
        return Wanted(
            period.first,
            period.last,
            provider=self.provider,
            customer_ids=self._customers,
            account=self.account,
            service=self.service,
        )

    @cached_property
    def _customers(self) -> tuple[int, ...] | None:
        filters = self._filters(of_customers=True)
        if not filters:
            return self.customer_ids or None
        query = select(Customer.id).where(*(one.condition(Customer) for one in filters))
        if self.customer_ids:
            query = query.where(Customer.id.in_(self.customer_ids))
        return tuple(db.session.scalars(query.order_by(Customer.id)))

    @cached_property
    def accounts(self) -> frozenset[Account] | None:
        """The accounts whose custom fields hold what was asked for; None where nothing was asked of accounts."""
        filters = self._filters(of_customers=False)
        if not filters:
            return None
        query = (
            select(Provider.code, CloudAccount.account_id)
            .join(Provider, Provider.id == CloudAccount.provider_id)
            .where(*(one.condition(CloudAccount) for one in filters))
        )
        return frozenset((row.code, row.account_id) for row in db.session.execute(query))

    def _filters(self, *, of_customers: bool) -> list[FieldFilter]:
        return [
            FieldFilter.asked(definition, value)
            for key, (definition, value) in self.fields.items()
            if key.startswith(CUSTOMER_FIELD) is of_customers
        ]


#: All usage, in the reseller's currency.
EVERYTHING = Narrowing()


def narrowing_from(arguments: MultiDict[str, str], fields: Fields) -> Narrowing:
    """Return what an address asks for; answers 400, or 404, to what no form or link of ours could ask."""
    code = arguments.get("provider", "")
    provider = next((one for one in offered_providers() if one.code == code), None)
    if code and provider is None:
        abort(404)
    numbers = [small_number(one) for one in arguments.getlist("customer") if one]
    ids = tuple(dict.fromkeys(one for one in numbers if one is not None))
    currency = arguments.get("currency", "")
    if None in numbers or len(ids) > MOST_CUSTOMERS or (currency and currency not in currencies()):
        abort(400)
    if not can_narrow(arguments.items(), fields):
        abort(400)
    held = {key: arguments.get(key, "").strip()[:200] for key in fields.all}
    return Narrowing(
        provider,
        ids,
        arguments.get("account", "").strip(),
        arguments.get("service", "").strip(),
        {key: (fields.all[key], value) for key, value in held.items() if value},
        "" if currency == months_now().currency else currency,
    )


def can_narrow(pairs: Iterable[tuple[str, str]], fields: Fields) -> bool:
    """Are the custom fields that an address filters by still there? Without one, it would show more than was asked."""
    return all(
        name in fields.all
        for name, value in pairs
        if name.startswith((CUSTOMER_FIELD, ACCOUNT_FIELD)) and value
    )


def typed_customer(narrowing: Narrowing) -> list[tuple[str, str]] | None:
    """Return the running request's arguments with the customer whom somebody typed there; None where nobody did.

    Raises ``Invalid`` for a text that is no customer's name or number.
    """
    text = request.args.get(TYPED, "").strip()
    if not text:
        return None
    found = find_active_customer(text)
    kept = [(name, value) for name, value in request.args.items(multi=True) if value and name != TYPED]
    is_new = found.id not in narrowing.customer_ids and len(narrowing.customer_ids) < MOST_CUSTOMERS
    return [*kept, ("customer", str(found.id))] if is_new else kept


def chips(
    narrowing: Narrowing, pairs: Sequence[tuple[str, str]], here: str
) -> tuple[list[tuple[str, str, str]], str]:
    """Return (label, value, address without it) of each filter, and the address without any.

    ``pairs`` is what the whole address says, ``here`` its path.
    """
    all_chips = narrowing.chips()

    def without(*gone: tuple[str, str]) -> str:
        kept = [pair for pair in pairs if pair not in gone]
        return f"{here}?{urlencode(kept)}" if kept else here

    found = [(label, value, without(pair)) for label, value, pair in all_chips]
    return found, without(*(pair for _label, _value, pair in all_chips))


def currencies() -> list[str]:
    """Return the currencies that amounts can be shown in: the reseller's own, and those with an exchange rate."""
    own = months_now().currency
    others = {one.to_currency for rates in rates_now().values() for one in rates}
    return [own, *sorted(others - {own})]


def offered_providers() -> Sequence[Provider]:
    """Return the providers that a report can be narrowed down to, asked once in a transaction."""
    return remembered("providers", resold_providers)
