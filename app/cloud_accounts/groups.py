"""Account groups: made, renamed, filled and deleted; which group an account is in, month by month.

An account is in one group at most, and only in one of its own customer and provider.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.cloud_accounts.group_models import AccountGroup, AccountGroupMember
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer
from app.customers.queries import buyable_providers
from app.customers.services import check_not_archived, check_version, hold_customer
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.months.locks import Lockable, Subject, check_open, hold_months
from app.months.models import EarlierTerms
from app.months.terms import change_terms, terms_of
from app.providers.models import Provider
from app.rating.months import month_after, month_from
from app.tenancy.names import check_name_is_free

#: What keeps a group from being deleted: each says why, or nothing. The slices above announce themselves.
KEEPERS: dict[str, Callable[[AccountGroup], str]] = {}


def add_group_keeper(key: str, reason_of: Callable[[AccountGroup], str]) -> None:
    """Announce what may keep a group: ``reason_of`` returns a sentence, empty where it may go."""
    KEEPERS[key] = reason_of


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with the number of active accounts in it."""

    group: AccountGroup
    accounts: int


def months_of(customer: Customer) -> list[Lockable]:
    """Return whose issued statements decide from which month a group's accounts can change."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def groups_of(customer: Customer, provider: Provider | None = None) -> Sequence[AccountGroup]:
    """Return a customer's groups, of one provider or of all, by name."""
    query = select(AccountGroup).where(AccountGroup.customer_id == customer.id)
    if provider is not None:
        query = query.where(AccountGroup.provider_id == provider.id)
    return db.session.scalars(query.order_by(AccountGroup.provider_id, AccountGroup.name)).all()


def group_rows(customer: Customer) -> list[GroupRow]:
    """Return a customer's groups with what is in them."""
    counted = dict(
        db.session.execute(
            select(AccountGroupMember.group_id, func.count())
            .join(CloudAccount, CloudAccount.id == AccountGroupMember.account_id)
            .where(
                AccountGroupMember.customer_id == customer.id,
                CloudAccount.customer_id == customer.id,
                CloudAccount.status == CloudAccountStatus.ACTIVE,
            )
            .group_by(AccountGroupMember.group_id)
        ).all()
    )
    return [GroupRow(one, counted.get(one.id, 0)) for one in groups_of(customer)]


def find_group(customer: Customer, group_id: int) -> AccountGroup:
    """Return one group of this customer; raises ``NotVisible`` for everybody else's."""
    group = db.session.get(AccountGroup, group_id) if 0 < group_id < 2**31 else None
    if group is None or group.customer_id != customer.id:
        raise NotVisible
    return group


def members_of(customer: Customer, provider: Provider) -> dict[int, AccountGroup]:
    """Return account's id -> the group it is in by the newest terms; accounts without one are left out."""
    query = (
        select(AccountGroupMember.account_id, AccountGroup)
        .join(AccountGroup, AccountGroup.id == AccountGroupMember.group_id)
        .where(AccountGroup.customer_id == customer.id, AccountGroup.provider_id == provider.id)
    )
    return dict(db.session.execute(query).all())


def groups_in(account_ids: Collection[int], month: datetime.date) -> dict[int, int]:
    """Return account's id -> id of the group it was in in a month. Two statements at most."""
    query = select(AccountGroupMember).where(AccountGroupMember.account_id.in_(account_ids))
    rows = db.session.scalars(query).all()
    terms = terms_of(rows, month)
    return {
        row.account_id: found["group_id"]
        for row in rows
        if (found := terms[row.id]) is not None and found["group_id"] is not None
    }


def add_group(
    customer: Customer,
    provider: Provider,
    *,
    name: str,
    account_ids: Collection[int] = (),
    from_month: datetime.date | None = None,
) -> AccountGroup:
    """Make a group of a customer at a provider that it may buy from, and put accounts into it from a month on."""
    hold_customer(customer)
    check_not_archived(customer)
    if provider.id not in {one.id for one in buyable_providers(customer)}:
        raise Invalid(
            _(
                "Authorise %(provider)s for this customer first, under Cloud Providers.",
                provider=provider.name,
            ),
            field="provider_id",
        )
    _check_name(customer, provider.id, name)
    group = AccountGroup(
        reseller_id=customer.reseller_id, customer_id=customer.id, provider=provider, name=name
    )
    db.session.add(group)
    db.session.flush()
    _fill(customer, group, account_ids, from_month)
    return group


def change_group(
    group: AccountGroup,
    *,
    customer: Customer,
    name: str,
    account_ids: Collection[int],
    from_month: datetime.date | None,
    version: int,
) -> AccountGroup:
    """Rename a group at once, and let it hold exactly these accounts from a month on.

    An account that was in another group leaves that one. Raises ``Invalid`` where a month is on an issued statement.
    """
    hold_customer(customer)
    check_not_archived(customer)
    check_version(group, version)
    _check_name(customer, group.provider_id, name, besides=group.id)
    group.name = name
    db.session.flush()
    _fill(customer, group, account_ids, from_month)
    return group


def delete_group(group: AccountGroup, *, customer: Customer) -> None:
    """Delete a group; its accounts stay, in no group. Raises ``Invalid`` saying what still needs it."""
    hold_customer(customer)
    check_not_archived(customer)
    for reason_of in KEEPERS.values():
        if reason := reason_of(group):
            raise Invalid(reason)
    # Nothing is charged by it in any month, so no month changes when its accounts are in no group.
    for row in db.session.scalars(select(AccountGroupMember).where(AccountGroupMember.group_id == group.id)):
        row.group = None
    db.session.flush()
    db.session.delete(group)
    db.session.flush()


def leave_when_moved(account: CloudAccount, _to: Customer | None, from_day: datetime.date | None) -> None:
    """Take an account that goes out of its group. In the month in which it goes, the days before are the group's."""
    query = select(AccountGroupMember).where(AccountGroupMember.account_id == account.id)
    row = db.session.scalars(query).one_or_none()
    if row is None or row.group_id is None:
        return
    with db.session.no_autoflush:  # the old terms are written down before the new ones
        row.group = None
        change_terms(row, {"group_id": None}, from_month=month_from(from_day), locked_with=[])


def _check_name(customer: Customer, provider_id: int, name: str, *, besides: int | None = None) -> None:
    check_name_is_free(
        db.session,
        AccountGroup.name,
        name,
        AccountGroup.customer_id == customer.id,
        AccountGroup.provider_id == provider_id,
        besides=besides,
    )


def _fill(
    customer: Customer,
    group: AccountGroup,
    account_ids: Collection[int],
    from_month: datetime.date | None,
) -> None:
    """Put these accounts into a group, and take all others out of it, from a month on."""
    wanted = set(account_ids)
    query = select(CloudAccount).where(
        CloudAccount.customer_id == customer.id,
        CloudAccount.provider_id == group.provider_id,
        CloudAccount.id.in_(wanted),
    )
    accounts = {one.id: one for one in db.session.scalars(query)}
    if set(accounts) != wanted:
        raise Invalid(_("Choose from the list."), field="account_ids")
    rows = {
        row.account_id: row
        for row in db.session.scalars(
            select(AccountGroupMember)
            .join(CloudAccount, CloudAccount.id == AccountGroupMember.account_id)
            .where(
                AccountGroupMember.account_id.in_(wanted)
                | (
                    (AccountGroupMember.group_id == group.id)
                    & (
                        CloudAccount.status == CloudAccountStatus.ACTIVE
                    )  # archived ones stay for when they are back
                )
            )
        )
    }
    for account_id in sorted(wanted - set(rows)):
        rows[account_id] = AccountGroupMember(
            reseller_id=customer.reseller_id,
            customer_id=customer.id,
            account=accounts[account_id],
            group_id=None,
            counts_from=None,
        )
        db.session.add(rows[account_id])
    db.session.flush()
    news = {account_id: group if account_id in wanted else None for account_id in rows}
    if any(rows[account_id].group is not new for account_id, new in news.items()):
        hold_months()
        check_open(months_of(customer), from_month)
    taken = _months_of_others(rows.values(), customer)
    for account_id, row in sorted(rows.items()):
        row.customer_id = customer.id
        new = news[account_id]
        own_from = taken.get(row.id)
        starts = from_month if own_from is None else max(own_from, from_month or own_from)
        with db.session.no_autoflush:  # the old terms are written down before the new ones
            row.group = new  # which the change log can name
            change_terms(
                row, {"group_id": new.id if new else None}, from_month=starts, locked_with=months_of(customer)
            )


def _months_of_others(rows: Iterable[AccountGroupMember], customer: Customer) -> dict[int, datetime.date]:
    """Return row's id -> the first month after those in which the account was in another customer's group.

    Those months are that customer's: its statements may have used them, whatever this one's have.
    """
    query = select(EarlierTerms.record_id, EarlierTerms.last_month, EarlierTerms.terms).where(
        EarlierTerms.record_type == AccountGroupMember.__tablename__,
        EarlierTerms.record_id.in_([row.id for row in rows]),
    )
    earlier = [(row_id, last, terms["group_id"]) for row_id, last, terms in db.session.execute(query)]
    if not earlier:
        return {}
    of_others = select(AccountGroup.id).where(
        AccountGroup.id.in_({group_id for _row, _last, group_id in earlier}),
        AccountGroup.customer_id != customer.id,
    )
    foreign = set(db.session.scalars(of_others))
    found: dict[int, datetime.date] = {}
    for row_id, last, group_id in earlier:
        if group_id in foreign:
            found[row_id] = max(month_after(last), found.get(row_id, month_after(last)))
    return found
