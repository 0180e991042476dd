"""The one source of the current moment, so that tests can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def utc_now() -> datetime:
    """The current moment as an aware UTC datetime."""
    return _source()


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; refuses a naive one, because nobody knows which zone it meant."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("A moment needs a time zone")
    return moment.astimezone(UTC)


@contextmanager
def clock_from(source: Callable[[], datetime]) -> Iterator[None]:
    """Take the time from `source` until the block ends, in every thread of this process."""
    global _source  # noqa: PLW0603 - one clock for the process is the point
    before = _source
    _source = source
    try:
        yield
    finally:
        _source = before


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Let every `utc_now()` answer `moment` until the block ends."""
    fixed = as_utc(moment)
    with clock_from(lambda: fixed):
        yield
