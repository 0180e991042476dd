"""The way of one request, step by step, as the timeline macro draws it: who, what, when, newest first."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

from flask_babel import gettext as _

from app.approvals.models import ApprovalRequest, RequestStatus, RequestType


def steps_of(request: ApprovalRequest, *, asked_by: str = "") -> list[SimpleNamespace]:
    """Return the steps that were taken. ``asked_by`` is who asked, where the reader may know."""
    steps = []
    if request.ended_at is not None:
        is_done = request.status is RequestStatus.COMPLETED
        steps.append(
            _step(
                request.ended_by,
                _("completed it") if is_done else _("rejected it: %(reason)s", reason=request.reason),
                request.ended_at,
            )
        )
    if request.taken_at is not None:
        steps.append(_step(request.taken_by, _("took it on at Cloud Ops"), request.taken_at))
    if request.decided_at is not None and not request.is_resellers_own:
        steps.append(_step(request.decided_by, _decision(request), request.decided_at))
    steps.append(
        _step(
            request.decided_by if request.is_resellers_own else asked_by, _asked(request), request.created_at
        )
    )
    return steps


def _decision(request: ApprovalRequest) -> str:
    if request.status is RequestStatus.DECLINED:
        return _("declined it: %(reason)s", reason=request.reason)
    return _("approved and forwarded it") if request.decided_by else _("approved it automatically")


def _asked(request: ApprovalRequest) -> str:
    if request.is_resellers_own:
        return _("asked Cloud Ops for it")
    return (
        _("signed up in the portal")
        if request.type is RequestType.SIGNUP
        else _("asked for it in the portal")
    )


def _step(who: str, sentence: str, at: datetime.datetime) -> SimpleNamespace:
    return SimpleNamespace(
        actor_name=who or _("System"),
        actor_kind="person" if who else "system",
        sentence=sentence,
        changes=[],
        at=at,
        link=None,
    )
