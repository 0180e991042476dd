"""Named reads of statements."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.cloud_accounts.models import AccountPeriod
from app.cloud_accounts.queries import held_in
from app.customers.models import Customer
from app.extensions import db
from app.kernel.folding import fold
from app.kernel.pagination import Page, PageRequest, paginate
from app.providers.models import Provider
from app.rating.months import month_after
from app.statements.models import (
    COUNTING,
    LIVE,
    BillingOutcome,
    BillingRun,
    Kind,
    Outcome,
    State,
    Statement,
    StatementLine,
)

#: The tabs of the list, and the states that each shows. "all" leaves out what was discarded.
TABS: dict[str, tuple[State, ...]] = {
    "all": (State.DRAFT, State.OPEN, State.PAID, State.VOID),
    "draft": (State.DRAFT,),
    "open": (State.OPEN,),
    "past_due": (State.OPEN,),
    "paid": (State.PAID,),
    "void": (State.VOID,),
}


def live_key(
    month: datetime.date, kind: Kind, provider_id: int | None, corrects_id: int | None = None
) -> str:
    """Return the name under which a live statement is the only one of its customer."""
    scope = f"correction of {corrects_id}" if corrects_id else (provider_id or "all")
    return f"{month:%Y-%m} {kind.value} {scope}"


def live_statement(customer_id: int, key: str) -> Statement | None:
    """Return the one live statement of a customer under a key, as it is now."""
    query = select(Statement).where(Statement.customer_id == customer_id, Statement.live_key == key)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def live_beside(
    customer_id: int, month: datetime.date, kind: Kind, provider_id: int | None
) -> Sequence[Statement]:
    """Return live statements of the month that bill a part of the same: a united one beside one of a provider."""
    is_other: ColumnElement[bool] = (
        Statement.provider_id.is_not(None) if provider_id is None else Statement.provider_id.is_(None)
    )
    query = select(Statement).where(
        Statement.customer_id == customer_id,
        Statement.month == month,
        Statement.kind == kind,
        Statement.state.in_(LIVE),
        is_other,
    )
    return db.session.scalars(query).all()


def billable_customers(month: datetime.date, provider: Provider | None = None) -> Sequence[Customer]:
    """Return the customers that had an account in a month and were not archived before, or have a draft of it."""
    held = held_in(month, AccountPeriod.customer_id.is_not(None))
    ids = {one.customer_id for one in held if provider is None or one.account.provider_id == provider.id}
    gone = select(Customer.id).where(Customer.archived_on < month)
    ids -= set(db.session.scalars(gone))
    drafts = select(Statement.customer_id).where(Statement.month == month, Statement.state == State.DRAFT)
    ids |= set(db.session.scalars(drafts))
    return customers_by_id(ids)


def named_like(customers: Sequence[Customer], text: str) -> list[Customer]:
    """Return those of customers whose name or account number has a text in it."""
    wanted = fold(text)
    return [one for one in customers if wanted in one.organization_key or wanted in fold(one.account_number)]


def customers_by_id(ids: Collection[int]) -> Sequence[Customer]:
    """Return customers by name."""
    found: list[Customer] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        query = select(Customer).where(Customer.id.in_(wanted[start : start + 500]))
        found += db.session.scalars(query.options(joinedload(Customer.reseller))).all()
    return sorted(found, key=lambda one: (one.organization_key, one.id))


def lines_of(statement: Statement) -> Sequence[StatementLine]:
    """Return the printed lines in their order."""
    query = select(StatementLine).where(StatementLine.statement_id == statement.id)
    return db.session.scalars(query.order_by(StatementLine.position)).all()


# -- lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """What a list of statements was asked for. ``month`` None: all months; ``customer_id`` None: all customers."""

    today: datetime.date
    month: datetime.date | None = None
    customer_id: int | None = None
    tab: str = "all"
    text: str = ""
    sort: str = "customer"
    is_descending: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list. ``before``: the total of the same customer, kind and scope a month earlier."""

    statement: Statement
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.statement.total - self.before


def _conditions(wanted: StatementFilter, tab: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Statement.state.in_(TABS[tab])]
    past_due = (Statement.due_on < wanted.today) & (Statement.total > 0)
    if tab == "past_due":
        found.append(past_due)
    if tab == "open":
        found.append(or_(Statement.due_on.is_(None), ~past_due))
    if wanted.month is not None:
        found.append(Statement.month == wanted.month)
    if wanted.customer_id is not None:
        found.append(Statement.customer_id == wanted.customer_id)
    if wanted.text:
        found.append(
            or_(
                Statement.number.icontains(wanted.text.strip(), autoescape=True),
                Customer.organization_key.contains(fold(wanted.text), autoescape=True),
            )
        )
    return found


#: What a list can be sorted by.
SORTABLE: dict[str, Any] = {
    "customer": Customer.organization_key,
    "number": func.coalesce(Statement.number, ""),
    "due": func.coalesce(Statement.due_on, datetime.date(9999, 12, 31)),
    "usage": Statement.usage_amount,
    "margin": Statement.usage_amount - Statement.seller_cost,
    "total": Statement.total,
}


def statements_query(wanted: StatementFilter) -> Select[tuple[Statement]]:
    """Return what a list shows, sorted as it asks within the month, the latest month first."""
    by = SORTABLE[wanted.sort]
    return (
        select(Statement)
        .join(Statement.customer)
        .options(contains_eager(Statement.customer), joinedload(Statement.provider))
        .where(*_conditions(wanted, wanted.tab))
        .order_by(
            Statement.month.desc(),
            by.desc() if wanted.is_descending else by,
            Customer.organization_key,
            Statement.id,
        )
    )


def statement_page(wanted: StatementFilter, request: PageRequest) -> Page[StatementRow]:
    """Return one page of a list, with what each came to a month before: three statements."""
    page = paginate(db.session, statements_query(wanted), request)
    before = _before(page.items)
    rows = [StatementRow(one, before.get(_name(one, month_after(one.month, -1)))) for one in page.items]
    return Page(page.number, page.size, page.total, rows)


_Name = tuple[int, datetime.date, Kind, int | None, str]


def _name(one: Statement, month: datetime.date) -> _Name:
    return one.customer_id, month, one.kind, one.provider_id, one.currency


def _before(rows: Sequence[Statement]) -> dict[_Name, Decimal]:
    months = {month_after(one.month, -1) for one in rows if one.kind is not Kind.CREDIT_NOTE}
    if not months:
        return {}
    query = select(Statement).where(
        Statement.customer_id.in_({one.customer_id for one in rows}),
        Statement.month.in_(months),
        Statement.state.in_(LIVE),
        Statement.kind != Kind.CREDIT_NOTE,
    )
    return {_name(one, one.month): one.total for one in db.session.scalars(query)}


def count_for_tabs(wanted: StatementFilter) -> dict[str, int]:
    """Return how many statements each tab has."""
    found = {}
    for tab in TABS:
        query = select(func.count(Statement.id)).join(Statement.customer).where(*_conditions(wanted, tab))
        found[tab] = db.session.scalar(query) or 0
    return found


def totals_by_currency(wanted: StatementFilter) -> dict[str, Decimal]:
    """Return what a list comes to, by currency."""
    query = (
        select(Statement.currency, func.sum(Statement.total))
        .join(Statement.customer)
        .where(*_conditions(wanted, wanted.tab), Statement.state.in_(LIVE))
        .group_by(Statement.currency)
        .order_by(Statement.currency)
    )
    return dict(db.session.execute(query).all())


def issued_months() -> Sequence[datetime.date]:
    """Return the months that have statements, the latest first."""
    query = select(Statement.month).where(Statement.state != State.DISCARDED).distinct()
    return sorted(db.session.scalars(query), reverse=True)


def drafts_of(month: datetime.date) -> tuple[list[int], str]:
    """Return the ids of a month's drafts by customer, and a mark that is another one when any of them changes."""
    query = (
        select(Statement.id, Statement.version)
        .join(Statement.customer)
        .where(Statement.month == month, Statement.state == State.DRAFT)
        .order_by(Customer.organization_key, Statement.id)
    )
    found = [tuple(one) for one in db.session.execute(query)]
    return [one for one, _version in found], hashlib.sha256(repr(sorted(found)).encode()).hexdigest()[:16]


def counting_statements(month: datetime.date) -> Sequence[Statement]:
    """Return the issued statements of a month that count, by customer; corrections are left out."""
    query = (
        select(Statement)
        .join(Statement.customer)
        .options(contains_eager(Statement.customer), joinedload(Statement.provider))
        .where(Statement.month == month, Statement.state.in_(COUNTING), Statement.kind != Kind.CREDIT_NOTE)
        .order_by(Customer.organization_key, Statement.id)
    )
    return db.session.scalars(query).all()


def corrections_of(statement: Statement) -> Sequence[Statement]:
    """Return the credit notes of a statement, void ones too."""
    query = select(Statement).where(Statement.corrects_id == statement.id, Statement.state != State.DISCARDED)
    return db.session.scalars(query.order_by(Statement.id)).all()


# -- runs ----------------------------------------------------------------------------------------------------------


def outcomes_of(run: BillingRun) -> dict[Outcome, list[BillingOutcome]]:
    """Return what a run did so far, by outcome."""
    found: defaultdict[Outcome, list[BillingOutcome]] = defaultdict(list)
    query = select(BillingOutcome).where(BillingOutcome.run_id == run.id)
    for one in db.session.scalars(query.order_by(BillingOutcome.name, BillingOutcome.id)):
        found[one.outcome].append(one)
    return found


def last_run(month: datetime.date) -> BillingRun | None:
    """Return the latest run of a month."""
    query = select(BillingRun).where(BillingRun.month == month).order_by(BillingRun.id.desc()).limit(1)
    return db.session.scalars(query).one_or_none()
