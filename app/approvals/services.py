"""What happens to requests: opened, declined or approved and forwarded by the reseller, followed up by Cloud Ops.

Whoever decides holds the request's row until the commit and reads it as it is now: of two people at once one wins, and
the other is told who did what. Order of refusal: wrong state (409), then what is missing (422).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.approvals import effects
from app.approvals.checklist import Verdict, checklist_of
from app.approvals.models import STILL_OPEN, WITH_OPS, ApprovalRequest, RequestStatus, RequestType
from app.approvals.signals import (
    approval_declined,
    approval_forwarded,
    approval_requested,
    request_completed,
    request_rejected,
    request_taken,
)
from app.audit.log import because
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.customers.services import hold_customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.providers.models import Provider
from app.shell.formats import datetime_text
from app.tenancy.scope import current_scope, reseller_scope

LONGEST_REASON = 1000


def open_request(
    request_type: RequestType,
    *,
    customer: Customer,
    now: datetime.datetime,
    provider: Provider | None = None,
    account: CloudAccount | None = None,
    requester: Any = None,
    details: Mapping[str, str] | None = None,
    is_forwarded: bool = False,
) -> ApprovalRequest:
    """Put a request into the queue and tell the reseller; ``is_forwarded`` for one that the reseller makes itself.

    ``details`` is what was entered, by field name. Raises ``WrongState`` where the same is asked for already.
    """
    hold_customer(customer)  # of two who ask for the same at once the second sees the first one's request
    _check_is_new(request_type, customer=customer, provider=provider, account=account, details=details or {})
    request = ApprovalRequest(
        reseller_id=customer.reseller_id,
        customer_id=customer.id,
        type=request_type,
        status=RequestStatus.FORWARDED if is_forwarded else RequestStatus.PENDING,
        provider=provider,
        cloud_account_id=account.id if account else None,
        requester_id=requester.id if requester is not None else None,
        from_name=customer.organization,
        details=dict(details or {}),
        created_at=now,
        forwarded_at=now if is_forwarded else None,
        decided_by=_actor_name() if is_forwarded else "",
        decided_at=now if is_forwarded else None,
        reason="",
    )
    with because("requested"):
        db.session.add(request)
    (approval_forwarded if is_forwarded else approval_requested).send(request, now=now)
    return request


def _check_is_new(
    request_type: RequestType,
    *,
    customer: Customer,
    provider: Provider | None,
    account: CloudAccount | None,
    details: Mapping[str, str],
) -> None:
    query = select(ApprovalRequest).where(
        ApprovalRequest.customer_id == customer.id,
        ApprovalRequest.type == request_type,
        ApprovalRequest.provider_id == (provider.id if provider else None),
        ApprovalRequest.status.in_(STILL_OPEN),
    )
    for other in db.session.scalars(query):
        if _is_same(other, account, details):
            raise WrongState(
                _(
                    "This was asked for already on %(when)s and is not settled yet.",
                    when=datetime_text(other.created_at),
                )
            )


def _is_same(other: ApprovalRequest, account: CloudAccount | None, details: Mapping[str, str]) -> bool:
    """Does an open request of the same kind and provider ask for the same?"""
    match other.type:
        case RequestType.ACCOUNT_PROVISION:  # a customer may want several
            return other.details == dict(details)
        case RequestType.ACCOUNT_LINK:
            return other.details.get("account_id") == details.get("account_id")
        case RequestType.ACCOUNT_DELETE:
            return account is not None and other.cloud_account_id == account.id
    return True


def find_request(request_id: int) -> ApprovalRequest:
    """Return a request; raises ``NotVisible`` where the scope in force does not see it."""
    request = db.session.get(ApprovalRequest, request_id) if 0 < request_id < 2**31 else None
    if request is None:
        raise NotVisible
    return request


def hold(request: ApprovalRequest) -> ApprovalRequest:
    """Lock the request's row until the commit, and read it as it is now."""
    query = (
        select(ApprovalRequest)
        .where(ApprovalRequest.id == request.id)
        .with_for_update(of=ApprovalRequest)
        .execution_options(populate_existing=True)
    )
    held = db.session.scalars(query).one_or_none()
    if held is None:
        raise NotVisible
    return held


def approve_and_forward(request: ApprovalRequest, *, now: datetime.datetime) -> ApprovalRequest:
    """Say yes and hand the request to Cloud Ops (domain, 0.5). A sign-up's customer and user become active.

    Refused while something on the checklist blocks, and after somebody else's decision.
    """
    request = hold(request)
    _check_is_pending(request)
    customer = effects.customer_of(request)
    blocking = next((one for one in checklist_of(request) if one.verdict is Verdict.BLOCKS), None)
    if blocking is not None:
        raise Invalid(f"{blocking.title}. {blocking.text}")
    return _forward(request, customer, by=_actor_name(), now=now)


def approve_automatically(request: ApprovalRequest, *, now: datetime.datetime) -> ApprovalRequest:
    """Say yes to a sign-up because the reseller's settings want it so: nobody decides, and nothing holds it back.

    What the checklist would have said shows where a customer needs attention.
    """
    request = hold(request)
    _check_is_pending(request)
    return _forward(request, effects.customer_of(request), by="", now=now)


def _forward(
    request: ApprovalRequest, customer: Customer, *, by: str, now: datetime.datetime
) -> ApprovalRequest:
    with because("approved"):
        effects.on_approval(request, customer, now=now)
        request.status = RequestStatus.FORWARDED
        request.decided_by, request.decided_at, request.forwarded_at = by, now, now
    approval_forwarded.send(request, now=now)
    return request


def decline(request: ApprovalRequest, *, reason: str, now: datetime.datetime) -> ApprovalRequest:
    """Say no, with a reason that the applicant is mailed.

    The row stays as declined. A sign-up's pending customer and login go, and with them what was entered.
    """
    request = hold(request)
    _check_is_pending(request)
    text = _checked_reason(reason)
    with because("declined", reason=text):
        request.status, request.reason = RequestStatus.DECLINED, text
        request.decided_by, request.decided_at = _actor_name(), now
    approval_declined.send(request, now=now)
    effects.on_decline(request)
    db.session.flush()
    return request


def take(request: ApprovalRequest, *, now: datetime.datetime) -> ApprovalRequest:
    """Begin to work on a forwarded request, at Cloud Ops."""
    request = hold(request)
    if request.status is not RequestStatus.FORWARDED:
        raise WrongState(_state_sentence(request))
    with because("taken"):
        request.status, request.taken_by, request.taken_at = RequestStatus.IN_PROGRESS, _actor_name(), now
    _tell(request_taken, request, now)
    return request


def complete(
    request: ApprovalRequest,
    *,
    now: datetime.datetime,
    account_id: str = "",
    name: str | None = None,
    support_type: str | None = None,
) -> ApprovalRequest:
    """Note that the provider's side is done. A request for an account takes the provider's id and makes it active.

    ``name`` and ``support_type`` are as they were asked for unless Ops says otherwise.
    """
    request = hold(request)
    _check_is_with_ops(request)
    asked = request.details
    with reseller_scope(request.reseller_id), because("completed"):
        effects.on_completion(
            request,
            account_id=account_id,
            name=str(asked.get("name", "")) if name is None else name,
            support_type=str(asked.get("support_type", "")) if support_type is None else support_type,
            now=now,
        )
    with because("completed"):
        request.status, request.ended_by, request.ended_at = RequestStatus.COMPLETED, _actor_name(), now
        request.taken_by, request.taken_at = request.taken_by or _actor_name(), request.taken_at or now
    _tell(request_completed, request, now)
    return request


def reject(request: ApprovalRequest, *, reason: str, now: datetime.datetime) -> ApprovalRequest:
    """Note that Cloud Ops cannot do it, and why. A customer that signed up stays active: the reseller is told."""
    request = hold(request)
    _check_is_with_ops(request)
    text = _checked_reason(reason)
    with because("rejected", reason=text):
        request.status, request.reason = RequestStatus.REJECTED, text
        request.ended_by, request.ended_at = _actor_name(), now
    _tell(request_rejected, request, now)
    return request


def _tell(signal: Any, request: ApprovalRequest, now: datetime.datetime) -> None:
    """Send a signal of Ops' in the scope of the reseller: hearers look at its customer and people."""
    with reseller_scope(request.reseller_id):
        signal.send(request, now=now)


def _actor_name() -> str:
    return current_scope().actor.name[:130]


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid(_("Say why: the reason is mailed."), field="reason")
    if len(text) > LONGEST_REASON:
        raise Invalid(_("Use at most %(longest)s characters.", longest=LONGEST_REASON), field="reason")
    return text


def _check_is_pending(request: ApprovalRequest) -> None:
    if not request.is_pending:
        raise WrongState(_state_sentence(request))


def _check_is_with_ops(request: ApprovalRequest) -> None:
    if request.status not in WITH_OPS:
        raise WrongState(_state_sentence(request))


def _state_sentence(request: ApprovalRequest) -> str:
    """Say what became of a request, by whom and when: for the second of two people."""
    automatic = _("Automatic approval")
    by, at, sentence = {
        RequestStatus.PENDING: ("", request.created_at, _("The reseller has not decided yet.")),
        RequestStatus.DECLINED: (
            request.decided_by,
            request.decided_at,
            _("%(who)s declined this on %(when)s. Nothing was changed."),
        ),
        RequestStatus.FORWARDED: (
            request.decided_by or automatic,
            request.decided_at,
            _("%(who)s approved and forwarded this on %(when)s. Nothing was changed."),
        ),
        RequestStatus.IN_PROGRESS: (
            request.taken_by,
            request.taken_at,
            _("%(who)s has been working on this since %(when)s. Nothing was changed."),
        ),
        RequestStatus.COMPLETED: (
            request.ended_by,
            request.ended_at,
            _("%(who)s completed this on %(when)s. Nothing was changed."),
        ),
        RequestStatus.REJECTED: (
            request.ended_by,
            request.ended_at,
            _("%(who)s rejected this on %(when)s. Nothing was changed."),
        ),
    }[request.status]
    return sentence % {"who": by, "when": datetime_text(at)} if by else sentence
