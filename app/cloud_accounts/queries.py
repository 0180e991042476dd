"""Named reads of cloud accounts: whose they are, on which days, and the rows of their lists."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.cloud_accounts.models import AccountPeriod, CloudAccount, CloudAccountStatus
from app.custom_fields.models import CustomFieldDefinition, FieldTarget
from app.customers.models import Customer
from app.extensions import db
from app.kernel.numbers import compact_account_id
from app.months.terms import terms_of
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.rating.months import Days, check_month, last_day


def found_by(text: str) -> list[ColumnElement[bool]]:
    """Return the conditions of a search for a part of the id or of the name; none for an empty one."""
    if not text:
        return []
    columns = (CloudAccount.account_id, CloudAccount.name)
    # SQLite's own comparison knows upper and lower case of ASCII only, hence the second spelling.
    spellings = {text, text.lower(), text.upper(), text.capitalize()} | {compact_account_id(text) or text}
    return [or_(*(column.icontains(one, autoescape=True) for column in columns for one in spellings))]


# -- whose an account is -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account with the days on which it is one customer's and billed, and the book agreed for the month.

    ``pricebook_id`` None: the customer's own book for the provider, else the master.
    """

    account: CloudAccount
    customer_id: int
    days: Days
    pricebook_id: int | None


def owner_on(account: CloudAccount, day: datetime.date) -> Customer | None:
    """Return whose account it was on a day; None where it was nobody's."""
    query = (
        select(Customer)
        .join(AccountPeriod, AccountPeriod.customer_id == Customer.id)
        .where(AccountPeriod.cloud_account_id == account.id, *_overlapping(day, day))
    )
    return db.session.scalars(query).one_or_none()


def accounts_of(customer: Customer, month: datetime.date) -> list[HeldAccount]:
    """Return the accounts whose usage of a month is the customer's, each with its days.

    ``days`` reaches beyond the month where the account did; usage before the start of billing is not in it. An account
    that went away and came back within the month is there twice.
    """
    return held_in(month, AccountPeriod.customer_id == customer.id)


def held_in(month: datetime.date, *conditions: ColumnElement[bool]) -> list[HeldAccount]:
    """Return the same for all customers, or for the periods that ``conditions`` choose, with two statements at most."""
    check_month(month)
    query = (
        select(AccountPeriod)
        .join(AccountPeriod.account)
        .options(contains_eager(AccountPeriod.account))
        .where(*conditions, *_overlapping(month, last_day(month)))
        .order_by(CloudAccount.provider_id, CloudAccount.account_id, AccountPeriod.id)
    )
    periods = db.session.scalars(query).all()
    terms = terms_of(periods, month)
    held = []
    for one in periods:
        days = Days(one.first_day, one.last_day).together(Days(one.billing_starts_on))
        if days.in_month(month):
            agreed = terms[one.id] or {}
            held.append(HeldAccount(one.account, one.customer_id, days, agreed.get("pricebook_id")))
    return held


def had_in(month: datetime.date) -> tuple[ColumnElement[bool], ...]:
    """Return what an ``AccountPeriod`` has to be so that its customer had the account in a month, and paid for it."""
    starts = AccountPeriod.billing_starts_on
    return (*_overlapping(month, last_day(month)), or_(starts.is_(None), starts <= last_day(month)))


def _overlapping(first: datetime.date, last: datetime.date) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(AccountPeriod.first_day.is_(None), AccountPeriod.first_day <= last),
        or_(AccountPeriod.last_day.is_(None), AccountPeriod.last_day >= first),
    )


def periods_of(accounts: Iterable[CloudAccount]) -> dict[int, list[AccountPeriod]]:
    """Return account's id -> its periods, the earliest first, with their customers: one statement for all."""
    found: dict[int, list[AccountPeriod]] = {one.id: [] for one in accounts}
    query = (
        select(AccountPeriod)
        .where(AccountPeriod.cloud_account_id.in_(found))
        .options(joinedload(AccountPeriod.customer), joinedload(AccountPeriod.pricebook))
        .order_by(AccountPeriod.first_day.is_not(None), AccountPeriod.first_day, AccountPeriod.id)
    )
    for period in db.session.scalars(query):
        found[period.cloud_account_id].append(period)
    return found


def current_period(account: CloudAccount) -> AccountPeriod | None:
    """Return the period of whoever has the account now; None while nobody has."""
    query = (
        select(AccountPeriod)
        .where(AccountPeriod.cloud_account_id == account.id, AccountPeriod.last_day.is_(None))
        .options(joinedload(AccountPeriod.pricebook))
    )
    return db.session.scalars(query).one_or_none()


def has_had(customer: Customer, account: CloudAccount) -> bool:
    """Was the account ever the customer's?"""
    query = select(AccountPeriod.id).where(
        AccountPeriod.cloud_account_id == account.id, AccountPeriod.customer_id == customer.id
    )
    return db.session.scalars(query.limit(1)).first() is not None


#: How many of a customer's earlier accounts its section shows.
MOST_EARLIER = 50


def earlier_periods(customer: Customer) -> Sequence[AccountPeriod]:
    """Return the customer's periods that have ended, the latest first, each with its account and who has that now."""
    query = (
        select(AccountPeriod)
        .join(AccountPeriod.account)
        .options(contains_eager(AccountPeriod.account).joinedload(CloudAccount.customer))
        .where(AccountPeriod.customer_id == customer.id, AccountPeriod.last_day.is_not(None))
        .order_by(AccountPeriod.last_day.desc(), AccountPeriod.id.desc())
        .limit(MOST_EARLIER)
    )
    return db.session.scalars(query).all()


# -- lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What a list of accounts was asked for; its export uses the same. ``customer_id`` None: those of nobody."""

    customer_id: int | None
    text: str = ""
    provider: str = ""
    status: str = ""
    sort: str = "account"
    is_descending: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.provider or self.status)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in a list, with the period of whoever has it now. ``state`` is what its badge says."""

    account: CloudAccount
    period: AccountPeriod | None = None
    state: object = field(default=CloudAccountStatus.ACTIVE)


_SORTED_BY = {
    "account": (CloudAccount.name, CloudAccount.account_id),
    "provider": (CloudAccount.provider_id, CloudAccount.name, CloudAccount.account_id),
    "account_id": (CloudAccount.account_id,),
    "added": (CloudAccount.created_at,),
}
SORTABLE = tuple(_SORTED_BY)


def accounts_query(wanted: AccountFilter) -> Select[tuple[CloudAccount]]:
    """Return the accounts that ``wanted`` finds, in its order.

    A customer's archived ones come last; those of nobody are left out unless they are asked for.
    """
    is_nobodys = wanted.customer_id is None
    whose = (
        CloudAccount.customer_id.is_(None) if is_nobodys else CloudAccount.customer_id == wanted.customer_id
    )
    conditions = [whose, *found_by(wanted.text)]
    if status := wanted.status or (CloudAccountStatus.ACTIVE if is_nobodys else ""):
        conditions.append(CloudAccount.status == status)
    query = select(CloudAccount)
    if wanted.provider:
        query = query.join(CloudAccount.provider)
        conditions.append(Provider.code == wanted.provider)
    columns = _SORTED_BY[wanted.sort]
    order = [one.desc() if wanted.is_descending else one.asc() for one in columns]
    return query.where(*conditions).order_by(CloudAccount.status, *order, CloudAccount.id)


def accounts_by_id(ids: Iterable[int]) -> Select[tuple[CloudAccount]]:
    """Return the accounts with these ids, in the order of lists."""
    return (
        select(CloudAccount)
        .where(CloudAccount.id.in_(ids))
        .order_by(CloudAccount.name, CloudAccount.account_id, CloudAccount.id)
    )


def book_names(ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the names of pricebooks by id; the customer's own stands for none."""
    query = select(Pricebook.id, Pricebook.name).where(Pricebook.id.in_([one for one in ids if one]))
    return {row.id: row.name for row in db.session.execute(query)}


def open_periods(accounts: Sequence[CloudAccount]) -> dict[int, AccountPeriod]:
    """Return account's id -> the period of whoever has it now, with its pricebook: one statement for all."""
    query = (
        select(AccountPeriod)
        .where(
            AccountPeriod.cloud_account_id.in_([one.id for one in accounts]), AccountPeriod.last_day.is_(None)
        )
        .options(joinedload(AccountPeriod.pricebook))
    )
    return {one.cloud_account_id: one for one in db.session.scalars(query)} if accounts else {}


_ALL_FIELDS = (
    select(CustomFieldDefinition)
    .where(CustomFieldDefinition.target == FieldTarget.CLOUD_ACCOUNT)
    .order_by(CustomFieldDefinition.position, CustomFieldDefinition.id)
)
_FIELDS_IN_USE = _ALL_FIELDS.where(CustomFieldDefinition.is_retired.is_(False))


def account_fields(*, with_retired: bool = False) -> Sequence[CustomFieldDefinition]:
    """Return the reseller's account fields, in form order."""
    return db.session.scalars(_ALL_FIELDS if with_retired else _FIELDS_IN_USE).all()


#: How many unassigned accounts a form suggests.
MOST_SUGGESTED = 50


def unassigned_accounts(providers: Sequence[Provider]) -> Sequence[CloudAccount]:
    """Return accounts of these providers that are nobody's yet, as many as a form can suggest."""
    query = (
        select(CloudAccount)
        .where(
            CloudAccount.customer_id.is_(None),
            CloudAccount.status == CloudAccountStatus.ACTIVE,
            CloudAccount.provider_id.in_([one.id for one in providers]),
        )
        .order_by(CloudAccount.account_id)
        .limit(MOST_SUGGESTED)
    )
    return db.session.scalars(query).all() if providers else []
