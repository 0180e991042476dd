"""The stored usage of a month, open for pricing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import WrongState
from app.extensions import db
from app.providers.models import Provider
from app.statements.pricing import payers_of, purchase_accounts
from app.usage.models import UsagePart
from app.usage.places import shared_cursor, store
from app.usage.queries import live_parts
from app.usage.store import Level, PartFiles


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """What was delivered for a month: ``parts`` are the versions that the files are of.

    ``purchases``: account of the purchase row by commitment id, of all months so far. ``payers``: the billing accounts
    by provider.
    """

    month: datetime.date
    parts: Sequence[UsagePart]
    connection: duckdb.DuckDBPyConnection
    purchases: Mapping[str, str]
    payers: Mapping[str, frozenset[str]]

    def open(self, level: Level) -> duckdb.DuckDBPyRelation:
        """Return the rows of a level."""
        return store().open(files_of(self.parts), level, self.connection)


def files_of(parts: Iterable[UsagePart]) -> list[PartFiles]:
    """Return the files that parts name."""
    return [
        PartFiles(one.reseller_id, one.provider.code, one.source, one.month, one.version) for one in parts
    ]


@contextmanager
def open_month(
    month: datetime.date,
    provider: Provider | None = None,
    *,
    parts: Sequence[UsagePart] | None = None,
    is_for_one: bool = False,
) -> Iterator[MonthUsage]:
    """Open the usage of a month, of one provider or of all; ``parts``: these versions instead of those of today.

    ``is_for_one``: one customer's rows are asked for, which are few, so that a connection that is open already will do.
    Raises ``WrongState`` where files are replaced just now, or were lost.
    """
    used = list(live_parts(month, provider)) if parts is None else parts
    kept = store()
    with reading(), shared_cursor() if is_for_one else kept.connect() as connection:
        purchases = purchase_accounts(kept.open(files_of(live_parts_until(month)), "months", connection))
        payers = payers_of(kept.open(files_of(used), "months", connection))
        yield MonthUsage(month, used, connection, purchases, payers)


@contextmanager
def reading() -> Iterator[None]:
    """Say in words that files are replaced just now, or were lost."""
    try:
        yield
    except duckdb.IOException:
        raise WrongState(
            _("The usage of this month is being replaced just now. Try again in a minute.")
        ) from None


def live_parts_until(month: datetime.date) -> Sequence[UsagePart]:
    """Return what the sources say now of a month and of all before it."""
    query = select(UsagePart).where(UsagePart.replaced_at.is_(None), UsagePart.month <= month)
    return db.session.scalars(query.order_by(UsagePart.id)).all()
