# ruff: noqa: S608  (every name in the queries is a constant of this module; values go in as literals of the store)
"""Months of a reseller with their prices, kept beside the usage: what reports and dashboards add up.

A month is priced once, by whoever asks first after something has changed; from then on what a page costs depends
neither on the lines of the bills nor on the rules of the books. The files are named by all that their amounts are made
of: the versions of the usage, the marks of all changes (``price_marks``) and our own code. Nothing in them is ever
changed, so two processes can make the same one at once, and losing all of them costs time and nothing else.

    <usage>/.priced/<reseller>/<month>/<level>-<name>/*.parquet

Amounts are unrounded, in the currency of the bill (``from_quantity``: in that of the pricebook); they are converted and
named when they are read, so neither exchange rates nor names of customers make a month old.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import duckdb
from flask_babel import gettext as _
from sqlalchemy import and_, inspect, select

from app.errors import WrongState
from app.extensions import db
from app.providers.models import Provider
from app.rating.commitments import StatementKind
from app.rating.months import last_day
from app.rating.usage import LineKind
from app.reports import price_marks
from app.reports.remembered import forget, remembered
from app.statements.buyers import buyers_in
from app.statements.month_usage import MonthUsage, open_month
from app.statements.pricing import MonthPricing
from app.tenancy.guarded import ScopeMissing
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope
from app.usage.models import UsagePart
from app.usage.places import shared_cursor, store
from app.usage.store import flush_to_disk, literal

log = logging.getLogger(__name__)

#: Sums of whole months, or of their days.
Level = Literal["month", "days"]
LEVELS: tuple[Level, ...] = ("month", "days")

_FOLDER, _UNFINISHED = ".priced", ".unfinished-"
#: What is in a folder: sums of a month or of its days; sums of days by customer and provider alone; what was delivered
#: by account, and how much of that is nobody's; where all that was delivered went; the last day that has anything.
_SUMMED, _DATES, _DELIVERED, _LAST_DAY = "sums.parquet", "dates.parquet", "delivered.parquet", "last-day"
_WENT = "went.parquet"
#: Whoever reads a file that has got old can finish.
_GRACE_SECONDS = 60 * 60
#: Nanoseconds that every file system tells apart.
_A_LITTLE = 10_000_000
#: A month that nobody has asked for so long is priced again when somebody does.
_KEPT_SECONDS = 60 * 24 * 60 * 60
#: Somebody may go on changing prices; after so many attempts a page says so.
_ATTEMPTS = 3
#: Whose reports nobody has read for so long has nothing priced ahead.
_READ_LATELY_SECONDS = 35 * 24 * 60 * 60
#: Small enough for a customer's own rows to be few of those that are read: files are in the order of customers.
_ROW_GROUP = 20_000

#: What sums are kept by.
_KEYS = ("buyer", "provider", "bearer", "service", "region", "currency", "unit_currency")
_READ = (
    "provider", "account", "service", "region", "currency", "unit", "quantity", "lines", "lines_without_list",
    "billed_cost", "effective_cost",
)  # fmt: skip
_DELIVERED_BY = "provider, account, currency"
_DELIVERED_SUMS = "sum(billed_cost) AS billed, sum(effective_cost) AS effective"
_SUMS = """sum(seller_cost) AS seller_cost, sum(from_cost) AS from_cost, sum(from_quantity) AS from_quantity,
    coalesce(sum(quantity) FILTER (WHERE is_billed), 0) AS quantity,
    min(unit) FILTER (WHERE is_billed) AS first_unit, max(unit) FILTER (WHERE is_billed) AS last_unit,
    sum(lines)::BIGINT AS lines, sum(lines_without_list)::BIGINT AS lines_without_list"""
#: The same sums once more, of rows that are sums already.
SUMS_AGAIN = """sum(seller_cost) AS seller_cost, sum(from_cost) AS from_cost, sum(from_quantity) AS from_quantity,
    sum(quantity) AS quantity, min(first_unit) AS first_unit, max(last_unit) AS last_unit,
    sum(lines)::BIGINT AS lines, sum(lines_without_list)::BIGINT AS lines_without_list"""

#: And as whoever reads them takes them: amounts as texts, which is by far the fastest way out, and "" for nothing.
SUMS_READ = """sum(seller_cost)::VARCHAR, sum(from_cost)::VARCHAR, coalesce(nullif(sum(from_quantity), 0)::VARCHAR, ''),
    sum(quantity)::VARCHAR, min(first_unit), max(last_unit), sum(lines)::BIGINT, sum(lines_without_list)::BIGINT"""
#: The same without quantities and what lines lack, for who shows amounts alone.
AMOUNTS_READ = """sum(seller_cost)::VARCHAR, sum(from_cost)::VARCHAR,
    coalesce(nullif(sum(from_quantity), 0)::VARCHAR, ''), '0', NULL, NULL, sum(lines)::BIGINT, 0"""


class Went(enum.StrEnum):
    """Where a row of the bill went: onto a customer's lines, or why it is on none."""

    BILLED = "billed"
    CREDIT = "credit"  # a credit, refund or discount of the provider that the reseller keeps
    COMMITMENT = "commitment"  # a fee that is spread or billed apart, or what of a commitment nobody used
    TAX = "tax"  # the provider's own
    MARKETPLACE = "marketplace"
    NOBODY = "nobody"  # a day on which the account was no customer's


_WENT_OF = f"""CASE WHEN is_billed THEN '{Went.BILLED}' WHEN kind = '{LineKind.PROVIDER_CREDIT}' THEN '{Went.CREDIT}'
    WHEN kind = '{LineKind.TAX}' THEN '{Went.TAX}' WHEN kind = '{LineKind.MARKETPLACE}' THEN '{Went.MARKETPLACE}'
    ELSE '{Went.COMMITMENT}' END"""


@dataclass(frozen=True, slots=True)
class PricedMonth:
    """A month as it counts now. ``name``: of all that its amounts are made of; ``days`` are those with usage."""

    reseller_id: int
    month: datetime.date
    name: str
    codes: frozenset[str]
    days: frozenset[int]

    def folder(self, level: Level) -> Path:
        """Return where its files are, or will be."""
        return _month_folder(self.reseller_id, self.month) / f"{level}-{self.name}"

    def is_whole(self, first: datetime.date, last: datetime.date) -> bool:
        """Are all its days between two, or at least all that have usage: may its sums stand for those days?"""
        end = last_day(self.month)
        if first > self.month or (last.day < max(self.days, default=0) and last < end):
            return False
        # What a bill says of days after its month counts on the last one, and is none of ``days``.
        return last >= end or last.day >= int((ready(self, "month") / _LAST_DAY).read_text())


@lru_cache(maxsize=1)
def _code() -> str:
    """Return what says which release prices: another one may do it otherwise, and have moved rows before."""
    found = hashlib.sha256(duckdb.__version__.encode())
    root = Path(__file__).resolve().parent.parent
    for path in sorted(root.rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class MonthsNow:
    """The months that have usage, as they count now; the names of their providers, and the reseller's currency."""

    currency: str
    months: Mapping[datetime.date, PricedMonth]
    provider_names: Mapping[str, str]


def months_now() -> MonthsNow:
    """Return what counts of the reseller in scope, with one statement, asked once in a transaction."""
    return remembered("months", _months_now)


def _months_now() -> MonthsNow:
    reseller_id = current_scope().reseller_id
    if reseller_id is None:
        raise ScopeMissing("priced months are some reseller's")
    query = (
        select(
            Reseller.currency,
            UsagePart.month,
            UsagePart.source,
            UsagePart.version,
            UsagePart.days,
            Provider.code,
            Provider.name,
            *(one.label(name) for name, one in price_marks.state_of_marks().items()),
        )
        .select_from(Reseller)
        .outerjoin(UsagePart, and_(UsagePart.reseller_id == Reseller.id, UsagePart.replaced_at.is_(None)))
        .outerjoin(Provider, Provider.id == UsagePart.provider_id)
        .where(Reseller.id == reseller_id)
        .order_by(UsagePart.month, Provider.code, UsagePart.source)
    )
    parts = db.session.execute(query).all()
    if parts[0].month is None:
        return MonthsNow(parts[0].currency, {}, {})
    made_of = hashlib.sha256(f"{reseller_id} {_code()} {parts[0].marks} {parts[0].tokens}".encode())
    found: dict[datetime.date, PricedMonth] = {}
    # Who bought a commitment is asked of all months so far, so those before are part of the name.
    for month, group in groupby(parts, key=lambda one: one.month):
        own = [*group]
        for one in own:
            made_of.update(f"\n{month} {one.code} {one.source} {one.version}".encode())
        found[month] = PricedMonth(
            reseller_id,
            month,
            made_of.hexdigest()[:32],
            frozenset(one.code for one in own),
            frozenset(day for one in own for day in one.days),
        )
    return MonthsNow(parts[0].currency, found, {one.code: one.name for one in parts})


# -- reading -------------------------------------------------------------------------------------------------------


#: Months by the one that they are read as: those whose amounts are converted alike may be added up.
ReadAs = Mapping[datetime.date, datetime.date]
_ITSELF: ReadAs = {}


def sums(months: Sequence[PricedMonth], read_as: ReadAs = _ITSELF) -> str:
    """Return the SELECT of whole months' sums: their keys, their amounts, and ``month``."""
    return _union(months, "month", _SUMMED, read_as)


def sums_of_days(months: Sequence[PricedMonth], read_as: ReadAs = _ITSELF, *, by_account: bool = True) -> str:
    """Return the SELECT of the sums of single days (``day``); not ``by_account``: of customers and providers alone."""
    return _union(months, "days", _SUMMED if by_account else _DATES, read_as)


def delivered(months: Sequence[PricedMonth]) -> str:
    """Return the SELECT of what was delivered by provider, account and currency: ``billed`` and ``effective``.

    ``nobodys_billed`` and ``nobodys_effective`` are the parts of it that belong to no customer.
    """
    return _union(months, "month", _DELIVERED)


def went(month: PricedMonth) -> str:
    """Return the SELECT of where all that was delivered of a month went (``Went``), to the last digit.

    By provider, currency, ``buyer`` (NULL: nobody), ``account`` (whose the row is, not always who used it) and
    ``statement`` (``StatementKind``): ``billed`` as the bill has it, ``seller`` as reports have it.
    """
    return _union([month], "month", _WENT)


def read(
    months: Sequence[PricedMonth], query: Callable[[], str], values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a query over some months; ``query`` may be asked twice, should files be lost or damaged."""
    try:
        with shared_cursor() as cursor:
            return cursor.execute(query(), values).fetchall()
    except (duckdb.IOException, duckdb.InvalidInputException):
        log.warning(
            "priced months of reseller %s could not be read and are made again", months[0].reseller_id
        )
        for one in months:
            shutil.rmtree(_month_folder(one.reseller_id, one.month), ignore_errors=True)
    with shared_cursor() as cursor:
        return cursor.execute(query(), values).fetchall()


def _union(months: Sequence[PricedMonth], level: Level, name: str, read_as: ReadAs = _ITSELF) -> str:
    return " UNION ALL ".join(
        f"SELECT DATE '{read_as.get(one.month, one.month)}' AS month, * FROM"
        f" read_parquet({literal(str(ready(one, level) / name))}, hive_partitioning = false)"
        for one in months
    )


def _month_folder(reseller_id: int, month: datetime.date) -> Path:
    return store().root / _FOLDER / str(reseller_id) / f"{month:%Y-%m}"


# -- making --------------------------------------------------------------------------------------------------------

_MAKING = threading.Lock()


def ready(wanted: PricedMonth, level: Level, *, ahead: bool = False) -> Path:
    """Return the folder of a month's files, made now where they are not there.

    ``ahead``: nobody has asked for it yet, so it is kept for as long as what it follows would have been.
    Raises ``WrongState`` where the usage of the month is being replaced just now, or was lost.
    """
    folder = wanted.folder(level)
    if folder.is_dir():
        with suppress(OSError):  # that it was asked for keeps it
            if not ahead and time.time() - folder.stat().st_mtime > _GRACE_SECONDS:
                os.utime(folder)
        return folder
    with _MAKING:  # what others of this process wait for is most probably this
        return folder if folder.is_dir() else _make(wanted, level, ahead=ahead)


def _make(wanted: PricedMonth, level: Level, *, ahead: bool) -> Path:
    """Price a month as it counts now and keep it; nothing that this session had read before comes into it."""
    parent = _month_folder(wanted.reseller_id, wanted.month)
    for _attempt in range(_ATTEMPTS):
        _read_anew()
        began = months_now().months.get(wanted.month)
        if began is None:
            break
        folder = began.folder(level)
        if folder.is_dir():
            return folder
        work = parent / f"{_UNFINISHED}{uuid.uuid4().hex}"
        work.mkdir(parents=True)
        try:
            with open_month(wanted.month) as usage:
                (_write_month if level == "month" else _write_days)(usage, work)
            forget()
            if months_now().months.get(wanted.month) == began:
                before = [_asked_at(one) for one in parent.glob(f"{level}-*")]
                _take_in(work, folder)
                if ahead and before:  # a little later than what it follows: the latest one stays
                    os.utime(folder, ns=(max(before) + _A_LITTLE, max(before) + _A_LITTLE))
                return folder
        finally:
            shutil.rmtree(work, ignore_errors=True)
    raise WrongState(_("Prices of this month are being changed just now. Try again in a minute."))


def are_reports_read(reseller_id: int) -> bool:
    """Has anybody lately read this reseller's reports?"""
    border = time.time_ns() - _READ_LATELY_SECONDS * 1_000_000_000
    return any(_asked_at(one) > border for one in (store().root / _FOLDER / str(reseller_id)).glob("*/*"))


def _asked_at(folder: Path) -> int:
    """Return when somebody last asked for it, in nanoseconds of the clock; 0: it was removed just now."""
    with suppress(OSError):
        return folder.stat().st_mtime_ns
    return 0


def _take_in(work: Path, folder: Path) -> None:
    for file in work.iterdir():
        flush_to_disk(file)
    try:
        work.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster, with the same
            raise
    clear_month(folder.parent)


def _read_anew() -> None:
    """Let all records that a price may depend on be read again: this session may know them as they were before."""
    db.session.flush()
    forget()
    for row in list(db.session.identity_map.values()):
        if inspect(row).mapper.local_table.name not in price_marks.UNPRICED:
            db.session.expire(row)


def _pricings(usage: MonthUsage) -> Iterator[tuple[StatementKind, MonthPricing]]:
    """Yield the month, ready to be priced for everybody: once, and once more where fees are billed apart."""
    for kind, buyers in buyers_in(usage.month, payers=usage.payers).items():
        yield (
            kind,
            MonthPricing(
                usage.connection,
                usage.month,
                buyers,
                months=usage.open("months"),
                days=usage.open("days"),
                purchases=usage.purchases,
            ),
        )


def _write_month(usage: MonthUsage, folder: Path) -> None:
    run = usage.connection.execute
    for kind, pricing in _pricings(usage):
        is_first = kind is StatementKind.USAGE
        run(f"CREATE OR REPLACE TEMP TABLE rows_priced AS {pricing.priced_rollup(_READ)}")
        _gather(usage, "rows_priced", _KEYS, first=is_first)
        _follow(usage, kind)
        if is_first:  # whose a row is does not depend on the statement that it is billed on
            run(
                f"CREATE TEMP TABLE assigned AS SELECT {_DELIVERED_BY}, {_DELIVERED_SUMS} FROM rows_priced GROUP BY ALL"
            )
    _copy(usage, "FROM gathered ORDER BY buyer", folder / _SUMMED)
    run(f"CREATE TEMP VIEW rows_delivered AS {usage.open('months').sql_query()}")
    run(f"""
        CREATE TEMP TABLE compared AS
        SELECT {_DELIVERED_BY}, d.billed, d.effective, d.billed - coalesce(a.billed, 0) AS nobodys_billed,
            d.effective - coalesce(a.effective, 0) AS nobodys_effective
        FROM (SELECT {_DELIVERED_BY}, {_DELIVERED_SUMS} FROM rows_delivered GROUP BY ALL) d
        LEFT JOIN assigned a USING ({_DELIVERED_BY}) ORDER BY {_DELIVERED_BY}""")
    _copy(usage, "FROM compared", folder / _DELIVERED)
    nobodys = f"""
        SELECT provider, currency, NULL, account, '{StatementKind.USAGE}', '{Went.NOBODY}', nobodys_billed, 0
        FROM compared WHERE nobodys_billed <> 0"""
    _copy(usage, f"SELECT * FROM (FROM followed UNION ALL {nobodys}) ORDER BY ALL", folder / _WENT)
    [[last]] = usage.open("days").aggregate("max(usage_date)").fetchall()
    end = last_day(usage.month)
    (folder / _LAST_DAY).write_text(str(max(usage.month, min(last or usage.month, end)).day))


def _follow(usage: MonthUsage, kind: StatementKind) -> None:
    """Note where priced rows went: on the statement of usage each has its place, and that of fees takes some over."""
    names = "provider, currency, buyer, bearer AS account"
    rows = f"""
        SELECT {names}, '{kind}' AS statement, {_WENT_OF} AS went, sum(billed_cost) AS billed,
            sum(seller_cost) AS seller FROM rows_priced"""
    if kind is StatementKind.USAGE:
        usage.connection.execute(f"CREATE TEMP TABLE followed AS {rows} GROUP BY ALL")
        return
    taken = f"""
        SELECT {names}, '{StatementKind.USAGE}', '{Went.COMMITMENT}', -sum(billed_cost), 0
        FROM rows_priced WHERE is_billed GROUP BY ALL"""
    usage.connection.execute(
        f"INSERT INTO followed ({rows} WHERE is_billed GROUP BY ALL) UNION ALL ({taken})"
    )


def _write_days(usage: MonthUsage, folder: Path) -> None:
    first, end = usage.month.isoformat(), last_day(usage.month).isoformat()
    for kind, pricing in _pricings(usage):
        rows = pricing.priced(usage.open("days"), (*_READ, "usage_date"))
        # What a bill says of days outside its month counts on the month's nearest one, as on statements.
        day = f"greatest(least(usage_date, DATE '{end}'), DATE '{first}')"
        _gather(
            usage,
            f"(SELECT *, {day} AS day FROM ({rows}))",
            (*_KEYS, "day"),
            first=kind is StatementKind.USAGE,
        )
    _copy(usage, "FROM gathered ORDER BY buyer, day", folder / _SUMMED)
    names = "buyer, provider, currency, unit_currency, day"
    _copy(
        usage, f"SELECT {names}, {SUMS_AGAIN} FROM gathered GROUP BY ALL ORDER BY buyer, day", folder / _DATES
    )


def _gather(usage: MonthUsage, rows: str, keys: Sequence[str], *, first: bool) -> None:
    """Add up what counts of priced rows: what is billed, and what costs the reseller something."""
    into = "CREATE TEMP TABLE gathered AS" if first else "INSERT INTO gathered"
    usage.connection.execute(
        f"{into} SELECT {', '.join(keys)}, {_SUMS} FROM {rows} WHERE is_billed OR seller_cost <> 0 GROUP BY ALL"
    )


def _copy(usage: MonthUsage, query: str, path: Path) -> None:
    usage.connection.execute(
        f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )


# -- clearing away -------------------------------------------------------------------------------------------------


def clear() -> int:
    """Remove files that have got old, of all resellers; returns how many folders those were."""
    return sum(clear_month(one) for one in (store().root / _FOLDER).glob("*/*"))


def clear_month(parent: Path) -> int:
    """Remove what has got old of one month: all but the latest of each level, and that too if nobody asks for it."""
    now, removed, seen = time.time(), 0, set()
    with suppress(OSError):  # another process clears the same
        for folder in sorted(parent.iterdir(), key=lambda one: -one.stat().st_mtime):
            level = folder.name.partition("-")[0]
            age = now - folder.stat().st_mtime
            is_latest = level in LEVELS and level not in seen
            if age > (_KEPT_SECONDS if is_latest else _GRACE_SECONDS):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
            seen.add(level)
    return removed
