"""What happens to cloud accounts: linked, changed, archived, brought back, deleted. Moves stand in ``ownership``."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import because
from app.cloud_accounts import registry
from app.cloud_accounts.models import AccountPeriod, AccountType, CloudAccount, CloudAccountStatus
from app.cloud_accounts.ownership import begin_period, earliest_day
from app.cloud_accounts.queries import current_period, periods_of
from app.cloud_accounts.search import refresh_search
from app.customers.models import Customer, ProviderEnablement
from app.customers.queries import usable_pricebooks
from app.customers.services import check_is_active, check_not_archived, check_version, hold_customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.kernel.references import is_pointed_at
from app.months.locks import Lockable, Subject, check_open, first_open_month, hold_months
from app.months.terms import change_terms, forget_terms
from app.providers.models import Provider
from app.providers.queries import is_resold
from app.rating.months import first_day
from app.shell.formats import date_text

__all__ = ["AccountTaken", "link_account", "refresh_search"]

LONGEST_ID = 128

#: The provider, by code, whose accounts let somebody in by a role that asks for an external id (domain, 9.1).
HAS_ROLES = "aws"

#: What people may change of an account itself, by the names of its columns.
FIELDS = ("name", "account_type", "support_type", "root_email", "cost_centre", "role_arn")

_ROLE_ARN = re.compile(r"arn:aws(?:-cn|-us-gov)?:iam::(\d{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)


class AccountTaken(Invalid):
    """The account is linked to ``customer`` already, whom the text names: not for everybody to read."""

    def __init__(self, account: CloudAccount, customer: Customer | None) -> None:
        super().__init__(
            _(
                "This account is linked to %(customer)s already. An account belongs to one customer.",
                customer=customer,
            ),
            field="account_id",
        )
        self.account = account


def find_account(customer: Customer, account_id: int) -> CloudAccount:
    """Return one account of this customer; raises ``NotVisible`` for everybody else's."""
    account: CloudAccount | None = (
        db.session.get(CloudAccount, account_id) if 0 < account_id < 2**31 else None
    )
    if account is None or account.customer_id != customer.id:
        raise NotVisible
    return account


def find_unassigned(account_id: int) -> CloudAccount:
    """Return one account that is nobody's; raises ``NotVisible`` for any other."""
    account = db.session.get(CloudAccount, account_id) if 0 < account_id < 2**31 else None
    if account is None or account.customer_id is not None:
        raise NotVisible
    return account


def normal_account_id(provider: Provider, text: str) -> str:
    """Return the id as the provider writes it; raises ``Invalid`` with an example when it has another form.

    Blanks that people put in for reading ("1234 5678 9012", also with hyphens for AWS) are taken out.
    """
    compact = re.sub(r"\s+", "", text)
    if provider.code == "aws":
        compact = compact.replace("-", "")
    elif provider.code == "azure":
        compact = compact.lower()
    if len(compact) > LONGEST_ID or not re.fullmatch(provider.account_pattern, compact, re.ASCII):
        raise Invalid(
            _(
                "Enter the %(label)s in the form %(example)s.",
                label=provider.account_words,
                example=provider.account_example,
            ),
            field="account_id",
        )
    return compact


def normal_role_arn(account: CloudAccount, text: str) -> str:
    """Return the ARN of a role in the account, nothing for none; raises ``Invalid`` beside ``role_arn``."""
    arn = "".join(text.split())
    if not arn:
        return ""
    if account.provider.code != HAS_ROLES:
        raise Invalid(
            _("Accounts of %(provider)s have no roles.", provider=account.provider), field="role_arn"
        )
    form = _ROLE_ARN.fullmatch(arn)
    if form is None:
        raise Invalid(
            _(
                "This is no ARN of a role. An example is %(example)s.",
                example=f"arn:aws:iam::{account.account_id}:role/cloudtally",
            ),
            field="role_arn",
        )
    if form[1] != account.account_id:
        raise Invalid(
            _(
                "This role is in the account %(other)s; it has to be in %(account)s.",
                other=form[1],
                account=account.account_id,
            ),
            field="role_arn",
        )
    return arn


def _new_account(
    provider: Provider, account_id: str, *, customer: Customer | None, name: str, now: datetime.datetime
) -> CloudAccount:
    return CloudAccount(
        customer=customer,
        provider=provider,
        account_id=account_id,
        name=name,
        account_type=AccountType.RESALE,
        external_id=f"CA{secrets.token_hex(16)}" if provider.code == HAS_ROLES else None,
        custom_values={},
        status=CloudAccountStatus.ACTIVE,
        created_at=now,
    )


def _billed_account_id(provider: Provider, text: str) -> str:
    try:
        return normal_account_id(provider, text)
    except Invalid:
        return text[:LONGEST_ID]


def note_accounts(
    provider: Provider, names: Mapping[str, str], *, now: datetime.datetime
) -> dict[str, CloudAccount]:
    """Return the reseller's accounts by these ids (id -> name at the provider); unknown ones are made, nobody's yet.

    For imports of bills: what they name is there before anybody says whose it is. The bill is right about the ids of
    its accounts: one that people could not enter so is taken as it stands. Holds the reseller's row, so that two
    imports make an account once.
    """
    hold_months()
    wanted = {_billed_account_id(provider, text): name for text, name in names.items()}
    query = select(CloudAccount).where(
        CloudAccount.provider_id == provider.id, CloudAccount.account_id.in_(wanted)
    )
    found = {one.account_id: one for one in db.session.scalars(query)}
    for account_id, name in wanted.items():
        if account_id not in found:
            account = _new_account(provider, account_id, customer=None, name=name[:120], now=now)
            db.session.add(account)
            found[account_id] = account
    db.session.flush()
    return found


def _known(provider: Provider, account_id: str) -> CloudAccount | None:
    """Return the reseller's account with this id, held until the commit."""
    query = (
        select(CloudAccount)
        .where(CloudAccount.provider_id == provider.id, CloudAccount.account_id == account_id)
        .with_for_update(of=CloudAccount, key_share=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one_or_none()


def link_account(
    customer: Customer,
    provider: Provider,
    *,
    account_id: str,
    name: str,
    support_type: str,
    now: datetime.datetime,
    from_day: datetime.date | None = None,
    more: Mapping[str, Any] | None = None,
) -> CloudAccount:
    """Link an account that exists at the provider. The customer must be active, and authorised for the provider.

    An account that is nobody's yet, because a bill named it first, becomes the customer's. ``from_day``: it is a new
    one, and nothing of it counts before that day; else it counts from the first day that is not billed yet. ``more``:
    other ``FIELDS``, ``custom_values``, ``pricebook_id`` and ``billing_starts_on``.
    """
    hold_customer(customer)
    check_is_active(customer)
    is_authorised = db.session.scalars(
        select(ProviderEnablement.id).where(
            ProviderEnablement.customer_id == customer.id,
            ProviderEnablement.provider_id == provider.id,
            ProviderEnablement.is_authorised.is_(True),
        )
    ).one_or_none()
    if is_authorised is None:
        raise Invalid(
            _(
                "Authorise %(provider)s for this customer first, under Cloud Providers.",
                provider=provider.name,
            ),
            field="provider_id",
        )
    if not is_resold(provider):
        raise Invalid(
            _(
                "The platform has withdrawn %(provider)s from you, so no account of it can be added.",
                provider=provider.name,
            ),
            field="provider_id",
        )
    account_id = normal_account_id(provider, account_id)
    check_support_type(provider, support_type)
    account = _known(provider, account_id)
    first = max((day for day in (earliest_day(customer), from_day) if day is not None), default=None)
    if account is None:
        account = _new_account(provider, account_id, customer=customer, name=name, now=now)
        account.support_type = support_type
        _fill(account, more or {})
        db.session.add(account)
        period = begin_period(account, customer, first_day=first)
    elif account.customer_id is not None:
        raise AccountTaken(account, account.customer)
    else:
        with because("assigned"):
            account.customer, account.updated_at = customer, now
            account.status, account.archived_on = CloudAccountStatus.ACTIVE, None
            account.name, account.support_type = name or account.name, support_type or account.support_type
            _fill(account, more or {})
            period = begin_period(account, customer, first_day=first)
    if more:
        _check_book(account, period, more.get("pricebook_id"))
        period.pricebook_id = more.get("pricebook_id")
        _set_billing_start(account, period, more.get("billing_starts_on"))
        db.session.flush()
    refresh_search(customer)
    return account


def _fill(account: CloudAccount, values: Mapping[str, Any]) -> None:
    """Take over what was entered of an account itself."""
    if "role_arn" in values:
        values = {**values, "role_arn": normal_role_arn(account, values["role_arn"] or "")}
    for name in (*FIELDS, "custom_values"):
        if name in values and getattr(account, name) != values[name]:
            setattr(account, name, values[name])


def check_support_type(provider: Provider, support_type: str) -> None:
    """Raise ``Invalid`` for a support type that the provider does not have; none is always right."""
    if support_type and support_type not in provider.support_types:
        raise Invalid(_("Choose one of the list."), field="support_type")


def _check_book(account: CloudAccount, period: AccountPeriod, pricebook_id: int | None) -> None:
    usable = {one.id for one in usable_pricebooks(account.provider, current=period.pricebook_id)}
    if pricebook_id is not None and pricebook_id not in usable:
        raise Invalid(_("Choose one of the list."), field="pricebook_id")


def _set_billing_start(account: CloudAccount, period: AccountPeriod, day: datetime.date | None) -> None:
    """Bill usage from a day on only; raises ``Invalid`` beside ``billing_starts_on``."""
    before = period.billing_starts_on
    if day == before:
        return
    if day is not None and period.first_day is not None and day < period.first_day:
        raise Invalid(
            _(
                "The account is this customer's since %(day)s. Choose that day or a later one.",
                day=date_text(period.first_day),
            ),
            field="billing_starts_on",
        )
    if day is not None and account.archived_on is not None and day > account.archived_on:
        raise Invalid(
            _(
                "The account was archived on %(day)s. Choose that day or an earlier one.",
                day=date_text(account.archived_on),
            ),
            field="billing_starts_on",
        )
    # What changes is what is billed between the earlier and the later of both days.
    earliest = None if day is None or before is None else min(day, before)
    start = earliest or period.first_day
    hold_months()
    check_open(months_of(period), None if start is None else first_day(start), field="billing_starts_on")
    period.billing_starts_on = day


def months_of(period: AccountPeriod) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of what was agreed can count."""
    return [Lockable(Subject.CUSTOMER, period.customer_id)]


def months_of_customer(customer: Customer) -> list[Lockable]:
    """Return the same for a customer that is about to lose or get an account."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def change_account(
    account: CloudAccount,
    values: Mapping[str, Any],
    *,
    from_month: datetime.date | None = None,
    version: int,
    now: datetime.datetime,
) -> CloudAccount:
    """Change what people may change of an account: ``FIELDS``, ``custom_values``, and what was agreed for its customer.

    ``pricebook_id`` counts from ``from_month`` on (None: in all months of the customer's); ``billing_starts_on`` and it
    are left alone while nobody has the account. Raises ``Invalid`` beside the field that is wrong.
    """
    customer = account.customer
    if customer is not None:
        hold_customer(customer)
        check_not_archived(customer)
    check_version(account, version)
    if values.get("support_type", account.support_type) != account.support_type:
        check_support_type(account.provider, values["support_type"])
    kept = {key: one for key, one in account.custom_values.items() if key not in values["custom_values"]}
    given = {key: one for key, one in values["custom_values"].items() if one not in (None, "")}
    _fill(account, {**values, "custom_values": kept | given})
    if customer is not None:
        _change_agreement(account, customer, values, from_month, now)
    db.session.flush()
    if customer is not None:
        refresh_search(customer)
    return account


def _change_agreement(
    account: CloudAccount,
    customer: Customer,
    values: Mapping[str, Any],
    from_month: datetime.date | None,
    now: datetime.datetime,
) -> None:
    period = current_period(account) or begin_period(account, customer, first_day=earliest_day(customer))
    before = (period.pricebook_id, period.billing_starts_on)
    if "billing_starts_on" in values:
        _set_billing_start(account, period, values["billing_starts_on"])
    if "pricebook_id" in values:
        _check_book(account, period, values["pricebook_id"])
        change_terms(
            period,
            {"pricebook_id": values["pricebook_id"]},
            from_month=from_month,
            locked_with=months_of(period),
        )
    if before != (period.pricebook_id, period.billing_starts_on):
        account.updated_at = now  # moves the version, so that forms opened before are old


def archive_account(account: CloudAccount, *, today: datetime.date | None = None) -> CloudAccount:
    """Put an account out of the way; its usage and history stay."""
    _check_owner_is_not_archived(account)
    if account.status is CloudAccountStatus.ARCHIVED:
        raise WrongState(_("This account is archived already."))
    with because("archived"):
        account.status, account.archived_on = CloudAccountStatus.ARCHIVED, today
    return account


def restore_account(account: CloudAccount, *, today: datetime.date | None = None) -> CloudAccount:
    """Bring an archived account back, from this month on; the months in between stay as they were."""
    _check_owner_is_not_archived(account)
    if account.status is CloudAccountStatus.ACTIVE:
        raise WrongState(_("This account is not archived."))
    with because("restored"):
        if account.archived_on is not None and today is not None:
            span = [account.archived_on.isoformat(), today.isoformat()]
            account.archived_spans = [*(account.archived_spans or ()), span]
        account.status, account.archived_on = CloudAccountStatus.ACTIVE, None
    return account


def _check_owner_is_not_archived(account: CloudAccount) -> None:
    if account.customer is not None:
        check_not_archived(account.customer)


def can_be_deleted(account: CloudAccount) -> bool:
    """Was it linked by mistake? Nobody asked for anything about it, it never moved, and no statement can name it."""
    periods = periods_of([account])[account.id]
    if len(periods) > 1 or any(first_open_month(months_of(one)) is not None for one in periods):
        return False
    known = {"account_periods", *registry.BELONGINGS}
    return not is_pointed_at(db.session, account, besides=known)


def delete_account(account: CloudAccount) -> None:
    """Delete an account that was linked by mistake; one with history can only be archived."""
    customer = account.customer
    if customer is not None:
        hold_customer(customer)
        check_not_archived(customer)
    hold_months()
    if not can_be_deleted(account):
        raise WrongState(_("This account has history. Archive it: what happened stays on record."))
    for model in registry.BELONGINGS.values():
        for row in db.session.scalars(select(model).where(model.cloud_account_id == account.id)):
            db.session.delete(row)
    for period in periods_of([account])[account.id]:
        forget_terms(period)
        db.session.delete(period)
    db.session.delete(account)
    db.session.flush()
    if customer is not None:
        refresh_search(customer)
