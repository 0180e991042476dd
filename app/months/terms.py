"""Records whose terms count from a month: what they say now, and what they said before (docs/pricing.md#months).

A class names its terms and takes the column from ``Dated``; the record itself always holds the newest terms, those
that count from ``counts_from`` on (None: since ever). What counted in months before stays in ``EarlierTerms``, so a
month can be rated again as it was, and lists and forms need to know nothing of it.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import delete, inspect, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.kernel.types import ExactDecimal, MonthDate
from app.months.locks import Lockable, check_open, hold_months
from app.months.models import EarlierTerms
from app.rating.months import check_month, month_after


class Dated:
    """What a model says whose terms count from a month; it is ``TenantOwned`` or ``CustomerOwned`` besides.

    ``__terms__`` names columns: exact decimals, dates, words of a closed list, numbers, texts and JSON.
    """

    __terms__: ClassVar[tuple[str, ...]] = ()

    counts_from: Mapped[datetime.date | None] = mapped_column(MonthDate)


def change_terms(
    row: Any,
    values: Mapping[str, Any],
    *,
    from_month: datetime.date | None,
    locked_with: Iterable[Lockable],
) -> bool:
    """Let a record say ``values`` from a month on (None: in all months); returns whether that changes anything.

    ``values`` are all or some of its terms. Earlier months keep what they had. Changing a month in the past replaces
    what was to count after it. Raises ``Invalid`` beside ``counts_from`` where an issued statement has used one of the
    months; ``locked_with`` names the records whose statements matter. Flushes.
    """
    if from_month is not None:
        check_month(from_month)
    wanted = {name: values[name] for name in row.__terms__ if name in values}
    reaches_back = row.counts_from is not None and (from_month is None or from_month < row.counts_from)
    if not reaches_back and all(getattr(row, name) == value for name, value in wanted.items()):
        return False
    hold_months()
    check_open(locked_with, from_month)
    if from_month is not None and (row.counts_from is None or from_month > row.counts_from):
        db.session.add(
            EarlierTerms(
                record_type=row.__tablename__,
                record_id=row.id,
                first_month=row.counts_from,
                last_month=month_after(from_month, -1),
                terms=_written(row),
            )
        )
    else:
        _forget_from(row, from_month)
    row.counts_from = from_month
    for name, value in wanted.items():
        setattr(row, name, value)
    db.session.flush()
    return True


def terms_in(row: Any, month: datetime.date) -> dict[str, Any] | None:
    """Return what a record says in a month, by the names of its terms; None where it did not count yet."""
    return terms_of([row], month)[row.id]


def terms_of(rows: Sequence[Any], month: datetime.date) -> dict[int, dict[str, Any] | None]:
    """Return the same for many records of one class, by id, with one statement at most."""
    check_month(month)
    found: dict[int, dict[str, Any] | None] = {}
    before: dict[int, Any] = {}
    for row in rows:
        if row.counts_from is None or row.counts_from <= month:
            found[row.id] = {name: getattr(row, name) for name in row.__terms__}
        else:
            found[row.id] = None
            before[row.id] = row
    if before:
        model = type(next(iter(before.values())))
        query = select(EarlierTerms).where(
            EarlierTerms.record_type == model.__tablename__,
            EarlierTerms.record_id.in_(before),
            or_(EarlierTerms.first_month.is_(None), EarlierTerms.first_month <= month),
            EarlierTerms.last_month >= month,
        )
        for one in db.session.scalars(query):
            found[one.record_id] = _read(model, one.terms)
    return found


def earlier_terms(row: Any) -> Sequence[tuple[datetime.date | None, datetime.date, dict[str, Any]]]:
    """Return what a record said before: (first month, last month, terms), the latest first."""
    query = select(EarlierTerms).where(*_of(row)).order_by(EarlierTerms.last_month.desc())
    return [
        (one.first_month, one.last_month, _read(type(row), one.terms)) for one in db.session.scalars(query)
    ]


def forget_terms(row: Any) -> None:
    """Take the earlier terms of a record away that is deleted."""
    db.session.execute(delete(EarlierTerms).where(*_of(row)))


def records_that_said(model: Any, name: str, values: Collection[int]) -> set[int]:
    """Return the ids of the records whose term ``name`` was one of ``values`` in earlier months: a book, say."""
    query = select(EarlierTerms.record_id).where(
        EarlierTerms.record_type == model.__tablename__, EarlierTerms.terms[name].as_integer().in_(values)
    )
    return set(db.session.scalars(query))


def _of(row: Any) -> tuple[Any, ...]:
    return EarlierTerms.record_type == row.__tablename__, EarlierTerms.record_id == row.id


def _forget_from(row: Any, from_month: datetime.date | None) -> None:
    """Take away what was to count from a month on, and end there what began before."""
    if from_month is None:
        forget_terms(row)
        return
    db.session.execute(delete(EarlierTerms).where(*_of(row), EarlierTerms.first_month >= from_month))
    db.session.execute(
        update(EarlierTerms)
        .where(*_of(row), EarlierTerms.last_month >= from_month)
        .values(last_month=month_after(from_month, -1))
    )


def _written(row: Any) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in row.__terms__}


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _read(model: Any, written: Mapping[str, Any]) -> dict[str, Any]:
    columns = inspect(model).columns
    return {
        name: _value(columns[name].type, written[name]) if name in written else None
        for name in model.__terms__
    }


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, ExactDecimal):
        return Decimal(value)
    if isinstance(kind, MonthDate | sa.Date):
        return datetime.date.fromisoformat(value)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value
