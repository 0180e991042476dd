"""What happens to customers: created, changed, enabled for providers. How they go stands in ``lifecycle``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import defaultload

from app.customers.models import LONGEST_KEY, Customer, CustomerStatus, ProviderEnablement
from app.customers.search import own_words
from app.errors import EditConflict, Invalid, NotVisible, WrongState
from app.extensions import db
from app.kernel.folding import fold
from app.months.locks import Lockable, Subject, check_open, hold_months
from app.months.terms import change_terms
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.providers.queries import is_resold
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope

#: The fields of Customer Information, as forms, imports and exports name them.
INFORMATION_FIELDS = (
    "organization",
    "external_id",
    "contact_name",
    "contact_title",
    "email",
    "phone",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "language",
    "spend_threshold_amount",
)

#: The longest name of an organization, and how many may differ only by the number behind it.
LONGEST_NAME, MOST_NAMESAKES = 200, 100

#: The strip names the pricebook of each enablement; they come in the enablements' own statement.
_BOOKS_WITH_ENABLEMENTS = defaultload(Customer.enablements).joinedload(ProviderEnablement.pricebook)


def find_customer(customer_id: int) -> Customer:
    """Return the customer with this id; raises ``NotVisible`` when the scope in force does not see it."""
    customer: Customer | None = (
        db.session.get(Customer, customer_id, options=[_BOOKS_WITH_ENABLEMENTS])
        if 0 < customer_id < 2**31
        else None
    )
    if customer is None:
        raise NotVisible
    return customer


def hold_customer(customer: Customer) -> Customer:
    """Lock the customer's row until the commit and read it as it is now.

    Whatever is decided by looking at several rows of one customer begins with this: of two people at once the second
    waits here, and then sees what the first did.
    """
    query = (
        select(Customer)
        .where(Customer.id == customer.id)
        .with_for_update(of=Customer, key_share=True)
        .execution_options(populate_existing=True)
    )
    held: Customer | None = db.session.scalars(query).one_or_none()
    if held is None:
        raise NotVisible
    return held


_RESELLERS = cast(Table, Reseller.__table__)
_TAKE_NUMBERS = (
    update(_RESELLERS)
    .where(_RESELLERS.c.id == bindparam("reseller"))
    .values(last_customer_number=_RESELLERS.c.last_customer_number + bindparam("how_many"))
    .returning(_RESELLERS.c.last_customer_number)
)


def take_numbers(how_many: int) -> int:
    """Take ``how_many`` customer numbers and return the first. Holds the reseller's row until the commit.

    Because everybody who creates a customer waits here, the uniqueness check that follows sees all that came before.
    """
    # Past the guard, because it is quicker so: the row is the one of the reseller in scope, and no other.
    values = {"reseller": current_scope().reseller_id, "how_many": how_many}
    last: int = db.session().trusted_connection().execute(_TAKE_NUMBERS, values).scalar_one()
    return last - how_many + 1


_BY_ORGANIZATION = select(Customer).where(Customer.organization_key == bindparam("key"))
_BY_SUBMISSION = select(Customer).where(Customer.submission == bindparam("submission"))


def check_organization_is_free(key: str, *, besides: int | None = None) -> None:
    """Raise ``Invalid`` for a folded name that is empty or too long, or that a customer of this reseller has."""
    if not key:
        raise Invalid(_("Enter the organization's name."), field="organization")
    if len(key) > LONGEST_KEY:
        raise Invalid(_("Use a shorter name."), field="organization")
    found = db.session.scalars(_BY_ORGANIZATION, {"key": key}).one_or_none()
    if found is not None and found.id != besides:
        who = {"number": found.account_number, "name": found.organization}
        raise Invalid(
            _("There is already a customer of this name: %(number)s %(name)s (archived).", **who)
            if found.is_archived
            else _("There is already a customer of this name: %(number)s %(name)s.", **who),
            field="organization",
        )


def free_organization(wanted: str) -> tuple[str, Customer | None]:
    """Return a name that no customer of the reseller has, ``Acme (2)`` where there is an ``Acme``, and that customer.

    Holds the reseller's row until the commit, as creating a customer does: what is free stays free. Raises ``Invalid``
    for a name that no customer can have.
    """
    take_numbers(0)
    namesake: Customer | None = None
    for number in range(1, MOST_NAMESAKES + 1):
        suffix = f" ({number})" if number > 1 else ""
        name = wanted[: LONGEST_NAME - len(suffix)] + suffix
        key = fold(name)
        found = db.session.scalars(_BY_ORGANIZATION, {"key": key}).one_or_none()
        if found is None:
            check_organization_is_free(key)
            return name, namesake
        namesake = namesake or found
    raise Invalid(_("Use another name."), field="organization")


def reseller_currency() -> str:
    """Return the currency that the reseller in scope works in: amounts are entered in it."""
    query = select(Reseller.currency).where(Reseller.id == current_scope().reseller_id)
    return db.session.scalars(query).one()


def threshold_currency(amount: Any) -> str:
    """Return what a spend threshold that is entered now is in, nothing without an amount."""
    return "" if amount is None else reseller_currency()


def create_customer(
    values: Mapping[str, Any],
    *,
    now: datetime.datetime,
    submission: str | None = None,
    status: CustomerStatus = CustomerStatus.ACTIVE,
) -> Customer:
    """Create a customer of the reseller in scope, an active one unless it signed up itself.

    ``values`` holds ``INFORMATION_FIELDS``. ``submission`` names one filled-in form: sent twice, it makes one
    customer, and the second call returns the first one's. Raises ``Invalid`` when the organization exists.
    """
    first = take_numbers(1)
    if submission:
        done = db.session.scalars(_BY_SUBMISSION, {"submission": submission}).one_or_none()
        if done is not None:
            return done
    key = fold(values["organization"])
    check_organization_is_free(key)
    customer = Customer(
        **{name: values.get(name) for name in INFORMATION_FIELDS if values.get(name) is not None},
        number=first,
        organization_key=key,
        status=status,
        submission=submission or None,
        spend_threshold_currency=threshold_currency(values.get("spend_threshold_amount")),
        created_at=now,
        updated_at=now,
        custom_values={},
    )
    customer.search_own, customer.search_accounts = own_words(customer), ""
    db.session.add(customer)
    db.session.flush()
    return customer


def check_version(row: Any, version: int) -> None:
    """Raise ``EditConflict`` when ``row`` was saved by somebody else since the form with ``version`` was opened."""
    if row.version != version:
        raise EditConflict


def check_not_archived(customer: Customer) -> None:
    """Raise ``WrongState`` for an archived customer: it is read only until it is restored."""
    if customer.is_archived:
        raise WrongState(_("This customer is archived. Restore it to change it."))


def check_is_active(customer: Customer) -> None:
    """Raise ``WrongState`` for an archived customer, and for one whose sign-up nobody has decided on."""
    check_not_archived(customer)
    if customer.status is CustomerStatus.PENDING:
        raise WrongState(_("This customer has signed up and waits for approval. Decide on that first."))


def is_open(customer_id: int) -> bool:
    """May the customer's people sign in? Not while it is pending or archived."""
    customer = db.session.get(Customer, customer_id)
    # Held on to: a session forgets what nobody holds, and the pages of these people ask for it again.
    db.session().info["customer_at_door"] = customer
    return customer is not None and customer.status is CustomerStatus.ACTIVE


def is_waiting(customer_id: int) -> bool:
    """Does the customer wait for the reseller's approval?"""
    customer = db.session.get(Customer, customer_id)
    return customer is not None and customer.status is CustomerStatus.PENDING


def update_customer(
    customer: Customer, values: Mapping[str, Any], *, version: int, now: datetime.datetime
) -> Customer:
    """Change Customer Information; raises ``EditConflict`` when the form is older than the record."""
    check_version(customer, version)
    check_not_archived(customer)
    changed = [name for name in INFORMATION_FIELDS if getattr(customer, name) != values.get(name)]
    if not changed:
        return customer  # and forms that others have open stay current
    key = fold(values["organization"])
    if key != customer.organization_key:
        check_organization_is_free(key, besides=customer.id)
    if "spend_threshold_amount" in changed:
        customer.spend_threshold_currency = threshold_currency(values.get("spend_threshold_amount"))
    for name in changed:
        setattr(customer, name, values.get(name))
    customer.organization_key = key
    customer.search_own = own_words(customer)
    customer.updated_at = now
    db.session.flush()
    return customer


def save_custom_values(customer: Customer, values: Mapping[str, Any], *, version: int) -> Customer:
    """Store checked custom field values; those of retired fields stay as they are."""
    check_version(customer, version)
    check_not_archived(customer)
    kept = {name: value for name, value in customer.custom_values.items() if name not in values}
    given = {name: value for name, value in values.items() if value not in (None, "")}
    merged = kept | given
    if merged != customer.custom_values:
        customer.custom_values = merged
    db.session.flush()
    return customer


def enablement_of(customer: Customer, provider: Provider, *, currency: str) -> ProviderEnablement:
    """Return the customer's record for a provider, a new unsaved one with everything off when there is none."""
    query = select(ProviderEnablement).where(
        ProviderEnablement.customer_id == customer.id, ProviderEnablement.provider_id == provider.id
    )
    found = db.session.scalars(query).one_or_none()
    if found is not None:
        return found
    return ProviderEnablement(
        reseller_id=customer.reseller_id,
        customer_id=customer.id,
        provider_id=provider.id,
        provider=provider,
        currency=currency,
        is_authorised=False,
        in_portal=False,
        may_request_accounts=False,
        pass_reserved_instances=False,
        pass_savings_plans=False,
        pass_provider_credits=False,
        services=None,
    )


def save_enablement(
    customer: Customer,
    provider: Provider,
    values: Mapping[str, Any],
    *,
    version: int,
    currency: str,
    from_month: datetime.date | None = None,
) -> ProviderEnablement:
    """Decide what a customer may do with a provider, and from a month on (None: in all months) what it pays there.

    ``values``: is_authorised, services (None for all), in_portal, may_request_accounts; and what counts from the month:
    pricebook_id (None for the master), currency, pass_reserved_instances, pass_savings_plans, pass_provider_credits.
    ``version`` is 0 for a first decision. Raises ``Invalid`` where the month is on an issued statement.
    """
    hold_customer(customer)
    check_not_archived(customer)
    row = enablement_of(customer, provider, currency=currency)
    if values["is_authorised"] and not row.is_authorised:
        _check_can_be_authorised(provider)
    is_new = row.id is None
    if (0 if is_new else row.version) != version:
        raise EditConflict
    book = _pricebook(values.get("pricebook_id"), provider, current=row.pricebook_id)
    chosen = values.get("services")
    if chosen is not None:
        unknown = set(chosen) - set(provider.services)
        if unknown or not chosen:
            raise Invalid(_("Choose at least one service of the list, or all of them."), field="services")
        chosen = [name for name in provider.services if name in chosen]
    if row.services != chosen:
        row.services = chosen
    for name in ("is_authorised", "in_portal", "may_request_accounts"):
        setattr(row, name, values[name])
    terms: dict[str, Any] = {"pricebook_id": book.id if book else None, "currency": values["currency"]}
    passed = ["pass_provider_credits"]
    passed += ["pass_reserved_instances", "pass_savings_plans"] if provider.has_reserved_instances else []
    terms |= {name: values.get(name, False) for name in passed}
    _settle_terms(row, book, terms, months_of(customer), from_month, is_new=is_new)
    db.session.flush()
    return row


def months_of(customer: Customer) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of what the customer pays can count."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def _settle_terms(
    row: ProviderEnablement,
    book: Pricebook | None,
    terms: Mapping[str, Any],
    locked_with: list[Lockable],
    from_month: datetime.date | None,
    *,
    is_new: bool,
) -> None:
    if not is_new:
        # The change log names books by their relationship, whose column must not move before the terms are kept.
        with db.session.no_autoflush:
            row.pricebook = book
            change_terms(row, terms, from_month=from_month, locked_with=locked_with)
        return
    if any(
        terms[name] for name in terms if name != "currency"
    ):  # before it: the master, and nothing passed on
        hold_months()
        check_open(locked_with, from_month)
        row.counts_from = from_month
    row.pricebook = book
    for name, value in terms.items():
        setattr(row, name, value)
    db.session.add(row)


def _check_can_be_authorised(provider: Provider) -> None:
    if not is_resold(provider):
        text = _(
            "The platform has withdrawn %(provider)s from you, so nobody can be authorised for it anew.",
            provider=provider.name,
        )
    elif not provider.is_active:
        text = _(
            "The platform no longer offers %(provider)s, so nobody can be authorised for it anew.",
            provider=provider.name,
        )
    else:
        return
    raise Invalid(text, field="is_authorised")


def _pricebook(pricebook_id: int | None, provider: Provider, *, current: int | None) -> Pricebook | None:
    if pricebook_id is None:
        return None
    book: Pricebook | None = db.session.get(Pricebook, pricebook_id)
    if book is None or book.provider_id != provider.id or (book.is_retired and book.id != current):
        raise Invalid(_("Choose one of the pricebooks of this provider."), field="pricebook_id")
    return book
