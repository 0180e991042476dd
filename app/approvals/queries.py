"""Named reads of requests: the reseller's queue, Cloud Ops' queue, and those of one customer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.approvals.models import STILL_OPEN, WITH_OPS, ApprovalRequest, RequestStatus, RequestType
from app.customers.models import Customer
from app.extensions import db
from app.providers.models import Provider
from app.security.models import User
from app.tenancy.models import Reseller

#: The filter's words beside the states themselves: what somebody still has to do something about, and everything.
OPEN, ALL = "", "all"
#: How long a customer's section shows a request that came to nothing.
SHOWN_AFTER_END = datetime.timedelta(days=30)

# Named one by one: what is not of a list is found by no index.
_IS_OPEN = ApprovalRequest.status.in_(STILL_OPEN)
_IS_PENDING = ApprovalRequest.status == RequestStatus.PENDING


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a queue was asked for. ``status`` is ``OPEN``, ``ALL`` or a state; ``reseller`` a nickname, for Ops."""

    text: str = ""
    status: str = OPEN
    type: str = ""
    provider: str = ""
    reseller: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != RequestFilter()


def _conditions(wanted: RequestFilter, open_ones: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status == OPEN:
        conditions.append(open_ones)
    elif wanted.status != ALL:
        conditions.append(ApprovalRequest.status == RequestStatus(wanted.status))
    if wanted.text:
        conditions.append(ApprovalRequest.from_name.icontains(wanted.text, autoescape=True))
    if wanted.type:
        conditions.append(ApprovalRequest.type == RequestType(wanted.type))
    if wanted.provider:
        code = select(Provider.id).where(Provider.code == wanted.provider).scalar_subquery()
        conditions.append(ApprovalRequest.provider_id == code)
    return conditions


def queue_query(wanted: RequestFilter) -> Select[tuple[ApprovalRequest]]:
    """Return the reseller's queue: what waits first, the oldest of it first; then the others, newest first."""
    return (
        select(ApprovalRequest)
        .where(*_conditions(wanted, _IS_OPEN))
        .order_by(
            case((_IS_PENDING, 0), else_=1),
            case((_IS_PENDING, ApprovalRequest.created_at)),
            ApprovalRequest.created_at.desc(),
            ApprovalRequest.id.desc(),
        )
    )


def operations_query(wanted: RequestFilter) -> Select[tuple[ApprovalRequest]]:
    """Return Cloud Ops' queue over all resellers: what is open, the oldest first; then the others, newest first."""
    is_open = ApprovalRequest.status.in_(WITH_OPS)
    query = select(ApprovalRequest).options(joinedload(ApprovalRequest.reseller))
    if wanted.reseller:
        query = query.join(ApprovalRequest.reseller).where(Reseller.nickname == wanted.reseller)
    return query.where(*_conditions(wanted, is_open)).order_by(
        case((is_open, 0), else_=1),
        case((is_open, ApprovalRequest.forwarded_at)),
        ApprovalRequest.forwarded_at.desc(),
        ApprovalRequest.id.desc(),
    )


def is_empty() -> bool:
    """Is there no request at all, of those that the scope in force sees?"""
    return db.session.scalars(select(ApprovalRequest.id).limit(1)).first() is None


PENDING_COUNT = select(func.count(ApprovalRequest.id)).where(_IS_PENDING)


def count_pending() -> int:
    """Return how many requests wait for the reseller in scope."""
    return db.session.scalar(PENDING_COUNT) or 0


@dataclass(frozen=True, slots=True)
class OpsCounts:
    """How many requests nobody at Cloud Ops has taken yet, and how many are being worked on."""

    waiting: int
    in_progress: int


def count_for_ops() -> OpsCounts:
    """Return what is open at Cloud Ops, over all resellers."""
    query = (
        select(ApprovalRequest.status, func.count(ApprovalRequest.id))
        .where(ApprovalRequest.status.in_(WITH_OPS))
        .group_by(ApprovalRequest.status)
    )
    found = dict.fromkeys(WITH_OPS, 0)
    found.update((status, number) for status, number in db.session.execute(query))
    return OpsCounts(found[RequestStatus.FORWARDED], found[RequestStatus.IN_PROGRESS])


def oldest_pending() -> tuple[ApprovalRequest, int] | None:
    """Return the request that has waited longest, and how many wait in all; None where none does."""
    query = (
        select(ApprovalRequest, func.count().over())
        .where(_IS_PENDING)
        .order_by(ApprovalRequest.created_at, ApprovalRequest.id)
        .limit(1)
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request stands among those that wait: its rank from 1, of how many, and its neighbours' ids."""

    rank: int
    total: int
    before: int | None
    after: int | None


def place_of(request: ApprovalRequest) -> Place:
    """Return a request's place in the queue of those that wait; it may have left the queue itself."""
    other = aliased(ApprovalRequest)
    is_older = or_(
        other.created_at < request.created_at,
        and_(other.created_at == request.created_at, other.id < request.id),
    )
    is_newer = or_(
        other.created_at > request.created_at,
        and_(other.created_at == request.created_at, other.id > request.id),
    )
    waiting = select(other.id).where(other.status == RequestStatus.PENDING)
    before = waiting.where(is_older).order_by(other.created_at.desc(), other.id.desc()).limit(1)
    after = waiting.where(is_newer).order_by(other.created_at, other.id).limit(1)
    total = select(func.count(other.id)).where(other.status == RequestStatus.PENDING)
    row = db.session.execute(
        select(
            total.scalar_subquery(),
            total.where(is_older).scalar_subquery(),
            before.scalar_subquery(),
            after.scalar_subquery(),
        )
    ).one()
    return Place(rank=row[1] + 1, total=row[0], before=row[2], after=row[3])


def next_pending(request: ApprovalRequest) -> int | None:
    """Return the id of the request to decide on after this one: the next in the queue, else its first."""
    after = place_of(request).after
    if after is not None:
        return after
    oldest = oldest_pending()
    return None if oldest is None else oldest[0].id


ACCOUNT_TYPES = (RequestType.ACCOUNT_PROVISION, RequestType.ACCOUNT_LINK, RequestType.ACCOUNT_DELETE)


def requests_of(
    customer: Customer, *, now: datetime.datetime, types: Sequence[RequestType] = ACCOUNT_TYPES
) -> Sequence[ApprovalRequest]:
    """Return what a customer has asked for that is open, and what came to nothing lately, newest first."""
    came_to_nothing = and_(
        ApprovalRequest.status.in_((RequestStatus.DECLINED, RequestStatus.REJECTED)),
        func.coalesce(ApprovalRequest.ended_at, ApprovalRequest.decided_at) >= now - SHOWN_AFTER_END,
    )
    query = (
        select(ApprovalRequest)
        .where(
            ApprovalRequest.customer_id == customer.id,
            ApprovalRequest.type.in_(types),
            or_(_IS_OPEN, came_to_nothing),
        )
        .order_by(ApprovalRequest.created_at.desc(), ApprovalRequest.id.desc())
    )
    return db.session.scalars(query).all()


def login_emails(request: ApprovalRequest) -> Sequence[str]:
    """Return the addresses under which people of the request's customer sign in, or will."""
    query = select(User.email).where(User.customer_id == request.customer_id).order_by(User.email)
    return db.session.scalars(query).all() if request.customer_id is not None else ()


def requester_of(request: ApprovalRequest) -> Any:
    """Return the login that asked, as far as the scope in force sees it and it is still there."""
    return None if request.requester_id is None else db.session.get(User, request.requester_id)
