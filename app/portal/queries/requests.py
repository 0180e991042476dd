"""What the customer has asked for, and how far it is.

The reseller stands for everybody who works on a request: no name of its people or of the operations behind it comes in
here. A sign-up is no request of the customer's any more once somebody can look at it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select

from app.approvals.labels import labels_of, type_word
from app.approvals.models import ENDED, ApprovalRequest, RequestStatus, RequestType
from app.errors import NotVisible
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, paginate
from app.portal.queries.providers import PortalProvider, shown
from app.security.models import User

#: For how long a settled request stays beside the open ones.
STAYS = datetime.timedelta(days=14)

#: What each state is called here: the customer need not know who does what.
_STATES = {RequestStatus.PENDING: "requested", RequestStatus.FORWARDED: "approved"}


@dataclass(frozen=True, slots=True)
class PortalRequest:
    """A request as the portal shows it. ``name`` says which account is meant, where that is known."""

    id: int
    what: str
    name: str
    provider: PortalProvider | None
    state: str
    created_at: datetime.datetime
    settled_at: datetime.datetime | None
    reason: str

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request's way. ``state``: done, current, refused, or open for one that is not reached yet."""

    key: str
    state: str
    at: datetime.datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request with everything that was entered and the steps of its way.

    ``requester`` is a colleague's name, empty where the reseller asked or the colleague's login is gone.
    """

    request: PortalRequest
    details: Sequence[tuple[str, str]]
    steps: Sequence[Step]
    requester: str
    is_resellers: bool


_REQUESTS = (
    select(ApprovalRequest)
    .where(ApprovalRequest.type != RequestType.SIGNUP)
    .order_by(ApprovalRequest.created_at.desc(), ApprovalRequest.id.desc())
)
_OPEN = select(func.count(ApprovalRequest.id)).where(
    ApprovalRequest.type != RequestType.SIGNUP, ApprovalRequest.status.not_in(ENDED)
)


def count_open_requests() -> int:
    """Return how many requests are not settled yet."""
    return db.session.scalar(_OPEN) or 0


def recent_requests(*, now: datetime.datetime, limit: int) -> tuple[list[PortalRequest], int]:
    """Return the open requests, then those settled lately, the newest of each first; and how many are open."""
    settled_at = func.coalesce(ApprovalRequest.ended_at, ApprovalRequest.decided_at)
    is_ended = ApprovalRequest.status.in_(ENDED)
    query = (
        select(ApprovalRequest, _OPEN.scalar_subquery())
        .where(ApprovalRequest.type != RequestType.SIGNUP, or_(~is_ended, settled_at >= now - STAYS))
        .order_by(case((is_ended, 1), else_=0), ApprovalRequest.created_at.desc(), ApprovalRequest.id.desc())
        .limit(limit)
    )
    rows = db.session.execute(query).all()
    return [_shown(request) for request, _open in rows], rows[0][1] if rows else 0


def own_requests(wanted: PageRequest) -> Page[PortalRequest]:
    """Return a page of all requests, the newest first."""
    page = paginate(db.session, _REQUESTS, wanted)
    return Page(page.number, page.size, page.total, [_shown(one) for one in page])


def own_request(request_id: int) -> RequestPage:
    """Return one request; raises ``NotVisible`` for what is not the customer's, a sign-up included."""
    request = db.session.get(ApprovalRequest, request_id) if 0 < request_id < 2**31 else None
    if request is None or request.type is RequestType.SIGNUP:
        raise NotVisible
    requester = db.session.get(User, request.requester_id) if request.requester_id else None
    return RequestPage(
        request=_shown(request),
        details=labels_of(request),
        steps=_steps(request),
        requester=str(requester or ""),
        is_resellers=request.requester_id is not None and requester is None,
    )


def _shown(request: ApprovalRequest) -> PortalRequest:
    details = request.details
    is_ended = request.status in ENDED
    return PortalRequest(
        id=request.id,
        what=type_word(request),
        name=str(details.get("name") or details.get("account_id") or ""),
        provider=shown(request.provider) if request.provider else None,
        state=_STATES.get(request.status, request.status.value),
        created_at=request.created_at,
        settled_at=(request.ended_at or request.decided_at) if is_ended else None,
        reason=request.reason if is_ended else "",
    )


def _steps(request: ApprovalRequest) -> list[Step]:
    """Return the way of a request: asked, decided by the reseller, worked on, done."""
    asked, status = Step("asked", "done", request.created_at), request.status
    if status is RequestStatus.DECLINED:
        return [asked, Step("decision", "refused", request.decided_at, request.reason)]
    if status is RequestStatus.PENDING:
        return [asked, Step("decision", "current"), Step("work", "open"), Step("end", "open")]
    decided = Step("decision", "done", request.decided_at)
    work = {
        RequestStatus.FORWARDED: Step("work", "open"),
        RequestStatus.IN_PROGRESS: Step("work", "current", request.taken_at),
    }.get(status, Step("work", "done", request.taken_at))
    end = {
        RequestStatus.COMPLETED: Step("end", "done", request.ended_at),
        RequestStatus.REJECTED: Step("end", "refused", request.ended_at, request.reason),
    }.get(status, Step("end", "open"))
    return [asked, decided, work, end]
