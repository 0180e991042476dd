"""Whose an account is, and since when: assigned, moved from a day on, given back (docs/cloud-accounts.md#whose).

Usage belongs to whoever had the account on the day of use, so a move rewrites days: what the account's periods said of
the day and of all later ones is replaced. Everything a move touches is locked first, customers before accounts, so
that of two people at once one moves and the other is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.audit.log import because
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import periods_of
from app.cloud_accounts.registry import check_may_move, tell_of_move
from app.cloud_accounts.search import refresh_search
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import provider_rows
from app.customers.search import matching
from app.customers.services import check_is_active, check_not_archived, check_version, hold_customer
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.folding import fold
from app.months.locks import Lockable, Subject, check_open, first_open_month, hold_months
from app.months.terms import forget_terms
from app.providers.models import Provider
from app.rating.months import first_day
from app.shell.formats import date_text, integer_text

#: How many accounts one order may assign.
MOST_AT_ONCE = 1000
LONGEST_REASON = 500

_DAY = datetime.timedelta(days=1)


def find_active_customer(text: str) -> Customer:
    """Return the customer that a person names by its number (``C-1001``, ``1001``) or its organization.

    Raises ``Invalid`` beside ``customer`` where nobody fits.
    """
    words = text.strip()
    number = words.upper().removeprefix("C-").split(" ", 1)[0]
    found: Customer | None = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = db.session.scalars(select(Customer).where(Customer.number == int(number))).one_or_none()
    if found is None and words:
        found = db.session.scalars(
            select(Customer).where(Customer.organization_key == fold(words))
        ).one_or_none()
    if found is None:
        raise Invalid(_nobody(words), field="customer")
    if found.is_archived:
        raise Invalid(_("%(customer)s is archived. Restore it first.", customer=found), field="customer")
    return found


def _nobody(words: str) -> str:
    """Say that nobody is called so, and who may have been meant: a bill is for nobody that was only guessed."""
    meant: Sequence[Customer] = []
    condition = matching(words)
    if condition is not None:
        query = select(Customer).where(condition, Customer.status == CustomerStatus.ACTIVE)
        meant = db.session.scalars(query.limit(2)).all()
    if len(meant) == 1:
        return _(
            "No customer has this number or name. Did you mean %(customer)s (%(number)s)?",
            customer=meant[0],
            number=meant[0].account_number,
        )
    return _("No customer has this number or name. Enter a number such as C-1001.")


#: How many customers a form suggests; all others are found by number or name.
MOST_SUGGESTED = 200


def suggested_customers(*, besides: Customer | None = None) -> Sequence[Customer]:
    """Return active customers by name, as many as a form can suggest."""
    query = (
        select(Customer)
        .where(Customer.status == CustomerStatus.ACTIVE, Customer.id != (besides.id if besides else 0))
        .order_by(Customer.organization_key)
        .limit(MOST_SUGGESTED)
    )
    return db.session.scalars(query).all()


def earliest_day(customer: Customer) -> datetime.date | None:
    """Return the first day of which nothing is on an issued statement of the customer; None: all days are open."""
    return first_open_month([Lockable(Subject.CUSTOMER, customer.id)])


def assign_accounts(
    accounts: Sequence[CloudAccount],
    customer: Customer,
    *,
    from_day: datetime.date | None,
    reason: str = "",
    today: datetime.date,
    now: datetime.datetime,
) -> list[CloudAccount]:
    """Give accounts that are nobody's to a customer, from a day on (None: from the beginning): all of them or none."""
    if not accounts:
        raise Invalid(_("Select the accounts first."))
    if len(accounts) > MOST_AT_ONCE:
        raise Invalid(
            _("These are more than %(n)s accounts. Narrow the filter first.", n=integer_text(MOST_AT_ONCE))
        )
    hold_customer(customer)
    _check_takes_accounts(customer)
    held = _hold(accounts)
    for one in held:
        if one.customer is not None:
            raise WrongState(
                _(
                    "%(account)s was assigned to %(customer)s meanwhile. Nothing was changed.",
                    account=one,
                    customer=one.customer,
                )
            )
        _check_is_not_put_aside(one)
    _check_authorised(customer, {one.provider for one in held})
    with because("assigned", reason=_checked_reason(reason)):
        _give(held, customer, from_day=from_day, reason=reason, today=today, now=now)
    refresh_search(customer)
    return held


def move_account(
    account: CloudAccount,
    to: Customer | None,
    *,
    from_day: datetime.date | None,
    reason: str,
    version: int,
    today: datetime.date,
    now: datetime.datetime,
) -> CloudAccount:
    """Give an account to another customer from a day on (None: from the beginning); ``to`` None: to nobody yet.

    Raises ``Invalid`` where the day is on an issued statement of either customer, ``WrongState`` for archived
    customers and accounts and while somebody waits for an answer about the account, ``EditConflict`` for an old form.
    """
    owner = account.customer
    affected = sorted({one for one in (owner, to) if one is not None}, key=lambda one: one.id)
    for one in affected:
        hold_customer(one)
    [account] = _hold([account])
    check_version(account, version)
    if account.customer is not None:
        check_not_archived(account.customer)
    _check_is_not_put_aside(account)
    if to is not None:
        _check_takes_accounts(to)
        _check_authorised(to, {account.provider})
    check_may_move([account])
    text = _checked_reason(reason)
    if not text:
        raise Invalid(_("Say why: both customers' timelines keep it."), field="reason")
    with because("moved", reason=text):
        _give([account], to, from_day=from_day, reason=text, today=today, now=now)
    for customer in affected:
        refresh_search(customer)
    return account


def begin_period(
    account: CloudAccount, customer: Customer, *, first_day: datetime.date | None
) -> AccountPeriod:
    """Note that an account is linked to a customer, from a day on (None: from the beginning).

    Days on which somebody else had it stay theirs: it begins after them.
    """
    had = [one.last_day for one in periods_of([account])[account.id]] if account.id is not None else []
    free_from = max((day + _DAY for day in had if day is not None), default=None)
    begins = _latest(first_day, free_from)
    period = AccountPeriod(first_day=begins, counts_from=None, reason="", **_of(account, customer))
    db.session.add(period)
    db.session.flush()
    return period


def _hold(accounts: Iterable[CloudAccount]) -> list[CloudAccount]:
    """Lock the accounts' rows until the commit and read them as they are now, by id."""
    query = (
        select(CloudAccount)
        .where(CloudAccount.id.in_({one.id for one in accounts}))
        .order_by(CloudAccount.id)
        .with_for_update(of=CloudAccount, key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def _give(
    accounts: Sequence[CloudAccount],
    to: Customer | None,
    *,
    from_day: datetime.date | None,
    reason: str,
    today: datetime.date,
    now: datetime.datetime,
) -> None:
    """Let accounts be somebody's, or nobody's, from a day on: what was said of it and of later days is replaced."""
    if from_day is not None and from_day > today:
        raise Invalid(
            _("Choose today or an earlier day: a move counts from a day that has come."), field="from_day"
        )
    periods = periods_of(accounts)
    touched: dict[int, datetime.date | None] = {}
    for one in accounts:
        if _is_so(periods[one.id], to, from_day):
            raise Invalid(_already(one, to), field="customer")
        for period in _later_than(periods[one.id], from_day):
            _touch(touched, period.customer_id, _latest(period.first_day, from_day))
        if to is not None:
            _touch(touched, to.id, from_day)
    hold_months()
    for customer_id, day in touched.items():
        month = None if day is None else first_day(day)
        check_open([Lockable(Subject.CUSTOMER, customer_id)], month, field="from_day")
    going_on = {one.id: _end(periods[one.id], to, from_day) for one in accounts}
    db.session.flush()  # an account has one open period at most: the old one ends before another one is open
    for one in accounts:
        if to is not None:
            _begin(one, going_on[one.id], to, from_day, reason)
        tell_of_move(one, to, from_day)
        one.customer, one.updated_at = to, now
    db.session.flush()


def _end(
    periods: Sequence[AccountPeriod], to: Customer | None, from_day: datetime.date | None
) -> AccountPeriod | None:
    """End what holds on ``from_day`` or later; return the period of ``to`` that goes on, if there is one.

    A customer that gets an account back on the day after its last one goes on as before, with what was agreed then.
    """
    before = None if from_day is None else from_day - _DAY
    going_on: AccountPeriod | None = None
    for period in periods:
        if before is not None and period.last_day is not None and period.last_day < before:
            continue
        starts_before = before is not None and (period.first_day is None or period.first_day <= before)
        is_own = to is not None and period.customer_id == to.id
        if is_own and period.last_day is None and not starts_before:
            going_on = period  # it is the same customer's already, from a later day
        elif starts_before:
            period.last_day = before
            going_on = period if is_own else going_on
        else:
            forget_terms(period)
            db.session.delete(period)
    return going_on


def _begin(
    account: CloudAccount,
    going_on: AccountPeriod | None,
    to: Customer,
    from_day: datetime.date | None,
    reason: str,
) -> None:
    if going_on is None:
        period = AccountPeriod(first_day=from_day, counts_from=None, reason=reason, **_of(account, to))
        db.session.add(period)
    elif going_on.last_day is None:
        going_on.first_day = from_day
    else:
        going_on.last_day = None


def _of(account: CloudAccount, customer: Customer) -> dict[str, object]:
    return {"reseller_id": account.reseller_id, "customer_id": customer.id, "account": account}


def _later_than(periods: Sequence[AccountPeriod], day: datetime.date | None) -> list[AccountPeriod]:
    return [one for one in periods if day is None or one.last_day is None or one.last_day >= day]


def _is_so(periods: Sequence[AccountPeriod], to: Customer | None, from_day: datetime.date | None) -> bool:
    """Does nothing change?"""
    later = _later_than(periods, from_day)
    if to is None or len(later) != 1:
        return to is None and not later
    [only] = later
    begins = only.first_day is None or (from_day is not None and only.first_day <= from_day)
    return only.customer_id == to.id and only.last_day is None and begins


def _already(account: CloudAccount, to: Customer | None) -> str:
    if to is None:
        return _("%(account)s is unassigned already.", account=account)
    return _("%(account)s belongs to %(customer)s already.", account=account, customer=to)


def _latest(one: datetime.date | None, other: datetime.date | None) -> datetime.date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def _touch(touched: dict[int, datetime.date | None], customer_id: int, day: datetime.date | None) -> None:
    """Note the earliest day of which something changes for a customer."""
    known = touched.get(customer_id, day)
    touched[customer_id] = None if known is None or day is None else min(known, day)


def _check_takes_accounts(customer: Customer) -> None:
    if customer.is_archived:
        raise Invalid(_("%(customer)s is archived. Restore it first.", customer=customer), field="customer")
    check_is_active(customer)


def _check_is_not_put_aside(account: CloudAccount) -> None:
    if not account.is_active:
        raise WrongState(_("%(account)s is archived. Restore it to move it.", account=account))


def _check_authorised(customer: Customer, providers: Iterable[Provider]) -> None:
    bought = {row.provider.id for row in provider_rows(customer) if row.is_authorised}
    for one in sorted(providers, key=lambda provider: provider.id):
        if one.id not in bought:
            raise Invalid(
                _(
                    "Authorise %(provider)s for %(customer)s first, under Cloud Providers.",
                    provider=one.name,
                    customer=customer,
                ),
                field="customer",
            )


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if len(text) > LONGEST_REASON:
        raise Invalid(_("Use at most %(longest)s characters.", longest=LONGEST_REASON), field="reason")
    return text


def held_words(period: AccountPeriod) -> str:
    """Return ``1 Oct 2026 to 14 Nov 2026``: the days of a period."""
    first = date_text(period.first_day) if period.first_day else ""
    last = date_text(period.last_day) if period.last_day else ""
    if first and last:
        return _("%(first)s to %(last)s", first=first, last=last)
    if first:
        return _("since %(first)s", first=first)
    return _("until %(last)s", last=last) if last else _("from the beginning")


def assigned_words(number: int, customer: Customer) -> str:
    """Return what is said after accounts were assigned."""
    return ngettext(
        "%(num)s account was assigned to %(customer)s.",
        "%(num)s accounts were assigned to %(customer)s.",
        number,
        customer=customer,
    )
