"""What happens to cloud accounts: linked to a customer, renamed, archived, brought back."""

from __future__ import annotations

import datetime
import re

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.audit.log import because
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import check_is_active, check_not_archived, check_version, hold_customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.kernel.folding import fold
from app.providers.models import Provider
from app.providers.queries import is_resold

LONGEST_ID = 128


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


def _check_is_free(provider: Provider, account_id: str) -> None:
    taken = db.session.scalars(
        select(CloudAccount).where(
            CloudAccount.provider_id == provider.id, CloudAccount.account_id == account_id
        )
    ).one_or_none()
    if taken is not None:
        raise AccountTaken(taken, db.session.get(Customer, taken.customer_id))


def link_account(
    customer: Customer,
    provider: Provider,
    *,
    account_id: str,
    name: str,
    support_type: str,
    now: datetime.datetime,
) -> CloudAccount:
    """Link an account that exists at the provider. The customer must be active, and authorised for the provider."""
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
    _check_is_free(provider, account_id)
    check_support_type(provider, support_type)
    account = CloudAccount(
        reseller_id=customer.reseller_id,
        customer_id=customer.id,
        provider=provider,
        account_id=account_id,
        name=name,
        support_type=support_type,
        status=CloudAccountStatus.ACTIVE,
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    refresh_search(customer)
    return account


def check_support_type(provider: Provider, support_type: str) -> None:
    """Raise ``Invalid`` for a support type that the provider does not have; none is always right."""
    if support_type and support_type not in provider.support_types:
        raise Invalid(_("Choose one of the list."), field="support_type")


def change_account(account: CloudAccount, *, name: str, support_type: str, version: int) -> CloudAccount:
    """Change what people may change about an account: its friendly name and support type."""
    check_not_archived(account.customer)
    check_version(account, version)
    if support_type != account.support_type:
        check_support_type(account.provider, support_type)
    account.name, account.support_type = name, support_type
    db.session.flush()
    refresh_search(account.customer)
    return account


def archive_account(account: CloudAccount) -> CloudAccount:
    """Put an account out of the way; its usage and history stay."""
    check_not_archived(account.customer)
    if account.status is CloudAccountStatus.ARCHIVED:
        raise WrongState(_("This account is archived already."))
    with because("archived"):
        account.status = CloudAccountStatus.ARCHIVED
    return account


def restore_account(account: CloudAccount) -> CloudAccount:
    """Bring an archived account back."""
    check_not_archived(account.customer)
    if account.status is CloudAccountStatus.ACTIVE:
        raise WrongState(_("This account is not archived."))
    with because("restored"):
        account.status = CloudAccountStatus.ACTIVE
    return account


def refresh_search(customer: Customer) -> None:
    """Let the customer list find the customer by its accounts' ids and names.

    Written past the customer's version: linking an account is no edit of Customer Information.
    """
    hold_customer(customer)
    rows = db.session.execute(
        select(CloudAccount.account_id, CloudAccount.name).where(CloudAccount.customer_id == customer.id)
    )
    words = "\n".join(fold(word) for row in rows for word in row if word)
    db.session.execute(
        update(Customer)
        .where(Customer.id == customer.id)
        .values(search_accounts=words)
        .execution_options(synchronize_session=False)
    )
