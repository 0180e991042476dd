"""The edge's transaction: everything in the block is saved together, or nothing is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from app.kernel.database import take_write_lock, write_intent

# Key in Session.info: an earlier unit of work has ended, so what the session holds may be out of date.
_WAS_SAVED = "was_saved"


@contextmanager
def unit_of_work(session: Session | scoped_session[Any]) -> Iterator[Session]:
    """Commit `session` when the block ends well, roll back when it raises.

    On SQLite the block holds the write lock from its first line, so two of them wait for each other instead of
    failing with "database is locked". Objects loaded earlier are read again, because another writer may have
    changed them in between; changes already made to them are kept. After the block they keep what was saved, so that
    naming them in an answer begins no transaction. Units of work do not nest.
    """
    own: Session = session() if isinstance(session, scoped_session) else session
    if own.info.get("in_unit_of_work"):
        raise RuntimeError("A unit of work is already open; the service inside it must not open another one")
    own.info["in_unit_of_work"] = True
    try:
        with write_intent():
            _begin_writing(own)
            yield own
            own.commit()
            own.info[_WAS_SAVED] = True
    except BaseException:
        own.rollback()
        raise
    finally:
        own.info.pop("in_unit_of_work", None)


def _begin_writing(session: Session) -> None:
    is_stale = session.info.pop(_WAS_SAVED, False)
    if session.in_transaction():
        with session.no_autoflush:
            # A guarded session hands out its connection by a name of its own.
            connect = getattr(session, "trusted_connection", session.connection)
            is_stale |= take_write_lock(connect())
    if is_stale:
        changed = set(session.dirty) | set(session.deleted)
        for loaded in list(session.identity_map.values()):
            if loaded not in changed:
                session.expire(loaded)
