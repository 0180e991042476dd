"""Locks of a login after failures, whatever the addresses they came from (ADR 8).

A lock lasts ``lock_minutes``, and each further one twice as long, up to a day. Tries during a lock count nothing and
extend nothing, so that it ends when it was said to end. Whoever signs in, sets a new password by a mailed link, or is
unlocked by an Owner begins anew. The password and the code of the second factor are counted apart: only who has
the password can lock the code, and nobody who has not gets in the way of who has.
"""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import record
from app.errors import WrongState
from app.extensions import db
from app.security.models import User
from app.security.policy import Policy
from app.security.signals import login_locked
from app.tenancy.scope import Actor

LONGEST = datetime.timedelta(days=1)


class Step(enum.StrEnum):
    """What is asked for at the door."""

    PASSWORD = "password"  # noqa: S105 - a word, no secret
    CODE = "code"


#: The columns of a step: failures since the last lock, locks since the last success, and when the lock ends.
_COLUMNS = {
    Step.PASSWORD: ("fail_login_count", "lock_count", "locked_until"),
    Step.CODE: ("code_fail_count", "code_lock_count", "code_locked_until"),
}


def hold(user_id: int) -> Any:
    """Return the login as it is now, held until the transaction ends; None where it is gone, or out of sight."""
    query = select(User).where(User.id == user_id).with_for_update(of=User)
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def locked_until(user: Any, *, now: datetime.datetime, step: Step | None = None) -> datetime.datetime | None:
    """Return when the lock of this step ends, of the longest one without a step; None for an open login."""
    steps = [step] if step else list(Step)
    ends = [getattr(user, _COLUMNS[one][2]) for one in steps]
    return max((end for end in ends if end is not None and end > now), default=None)


def count_failure(
    user: Any, step: Step, policy: Policy, *, now: datetime.datetime, address: str = ""
) -> None:
    """Count one failure of a login that is not locked; lock it when there were as many as the requirements allow."""
    failures, locks, until = _COLUMNS[step]
    count = (getattr(user, failures) or 0) + 1
    if count < policy.lock_after:
        setattr(user, failures, count)
        return
    first = datetime.timedelta(minutes=policy.lock_minutes)
    before = getattr(user, locks) or 0
    end = now + min(first * 2 ** min(before, 20), max(first, LONGEST))
    for name, value in ((failures, 0), (locks, before + 1), (until, end)):
        setattr(user, name, value)
    db.session.flush()
    record("locked", user, changes={"locked_until": [None, end.isoformat()]}, actor=Actor(address=address))
    login_locked.send(user, until=end, step=step.value, now=now)


def begin_anew(user: Any, *steps: Step) -> None:
    """Forget failures and locks of these steps, of all without any."""
    for step in steps or Step:
        failures, locks, until = _COLUMNS[step]
        for name, value in ((failures, 0), (locks, 0), (until, None)):
            if getattr(user, name) != value:
                setattr(user, name, value)


def unlock(user: Any, *, now: datetime.datetime) -> Any:
    """End the lock of somebody's login; raises ``WrongState`` where there is none."""
    hold(user.id)
    if locked_until(user, now=now) is None:
        raise WrongState(_("%(name)s is not locked any more.", name=user.name))
    begin_anew(user)
    db.session.flush()
    record("unlocked", user)
    return user
