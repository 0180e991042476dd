"""What a page asks the database more than once, remembered until the transaction ends or anything is written in it.

So nobody has to hand it from function to function, and nothing that could have changed is taken for what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from app.extensions import db
from app.tenancy.scope import current_scope

_T = TypeVar("_T")
_KEY = "remembered_by_reports"


def remembered(name: Hashable, find: Callable[[], _T]) -> _T:
    """Return what was found under a name in this transaction and scope, else find it now."""
    db.session.flush()  # what is still to be written counts, as for any query
    info = db.session().info
    known: dict[Hashable, Any] = info.setdefault(_KEY, {})
    # A unit of work may read what was committed since: it remembers for itself.
    place = current_scope(), bool(info.get("in_unit_of_work")), name
    if place not in known:
        found = find()
        info.setdefault(_KEY, {})[place] = found
        return found
    return cast(_T, known[place])


def forget() -> None:
    """Forget all of it: whatever is asked next is asked anew."""
    db.session().info.pop(_KEY, None)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget_with_transaction(session: Session) -> None:
    session.info.pop(_KEY, None)


@event.listens_for(Session, "after_flush")
def _forget_with_flush(session: Session, _context: Any) -> None:
    session.info.pop(_KEY, None)


@event.listens_for(Session, "do_orm_execute")
def _forget_with_writing(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info.pop(_KEY, None)
