"""Three full months of usage of every account in the demo world, and what there is of the running one, as if imported."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from pathlib import Path

from duckdb import DuckDBPyConnection
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.cloud_accounts.models import CloudAccount
from app.extensions import db
from app.rating.months import days_in, first_day, month_after
from app.tenancy.models import Reseller
from app.usage import importing, places, services
from app.usage.generator import Bill, BilledAccount, write_lines
from app.usage.models import ImportState, Origin, UsageImport
from app.usage.reading import AccountSeen, PartRead, Reading, Totals
from app.usage.rollup import write_rollups
from app.usage.store import PartFiles, Store, literal, new_version

MONTHS = 3
#: Metered lines of a month, over all accounts of a reseller.
LINES = 6000
KEYS = 14
#: When, on the first day after it, the bill of a month arrives.
_DELIVERED = datetime.time(5, 30)
_UNTIL_FINAL = datetime.timedelta(days=2, hours=3)
#: Of the running month a bill has the days before yesterday: providers tell of a day some hours after it.
_BEHIND = datetime.timedelta(days=1)

#: Whom the providers bill, so that sources have names.
_PAYERS = {"aws": "700100200300", "azure": "86115370", "google": "01A0F5-7C42D9-B83E04"}


def load_usage(reseller: Reseller, *, now: datetime.datetime) -> None:
    """Bring the last three full months in, for the reseller in scope, all but the last closed; and the running one."""
    accounts = tuple(_accounts(reseller))
    if not accounts:
        return
    this_month = first_day(now.date())
    for back in range(MONTHS, 0, -1):
        month = month_after(this_month, -back)
        delivered = datetime.datetime.combine(month_after(month, 1), _DELIVERED, tzinfo=now.tzinfo)
        moment = min(delivered, now)
        one = _imported(Bill(7, month, accounts, LINES, KEYS), reseller, moment)
        if back > 1:
            for provider in {part.provider for part in importing.parts_of(one)}:
                services.close_month(provider, month, now=min(moment + _UNTIL_FINAL, now))
    until = now.date() - _BEHIND
    days = (until - this_month).days
    if days > 0:
        lines = LINES * days // days_in(this_month)
        delivered = datetime.datetime.combine(now.date(), _DELIVERED, tzinfo=now.tzinfo)
        _imported(Bill(7, this_month, accounts, lines, KEYS, until), reseller, min(delivered, now))


def _imported(bill: Bill, reseller: Reseller, moment: datetime.datetime) -> UsageImport:
    store = places.store()
    one = services.new_import(
        file_name=f"{reseller.nickname}-{bill.month:%Y-%m}.csv",
        kept_name="",
        size=0,
        origin=Origin.DEMO,
        now=moment,
    )
    importing.settle(one, _written(bill, reseller.id, store), store, now=moment)
    if one.state is not ImportState.DONE:
        raise RuntimeError(f"the demo world's usage asks something: {one.report['questions']}")
    return one


def _accounts(reseller: Reseller) -> list[BilledAccount]:
    """Return the accounts of the reseller as its providers bill them, each with a size of its own."""
    query = select(CloudAccount).options(joinedload(CloudAccount.provider)).order_by(CloudAccount.id)
    found = []
    for account in db.session.scalars(query):
        code = account.provider.code
        if code in _PAYERS:
            digest = hashlib.sha256(f"{reseller.nickname}/{account.account_id}".encode()).digest()
            size = 30 + digest[0]
            found.append(
                BilledAccount(code, account.account_id, account.name, _PAYERS[code], reseller.currency, size)
            )
    return found


def _written(bill: Bill, reseller_id: int, store: Store) -> Reading:
    """Write a month into the store, provider by provider."""
    parts = []
    with store.work_folder() as work, store.connect() as connection:
        for provider in bill.providers:
            folder = work / provider
            folder.mkdir()
            lines = folder / "lines.parquet"
            write_lines(connection, bill, lines, provider=provider)
            write_rollups(connection, folder)
            part = _part(connection, lines, bill.month, provider, reseller_id)
            store.take_in(folder, part.files)
            parts.append(part)
    totals: dict[str, Totals] = defaultdict(Totals)
    for part in parts:
        for currency, sums in part.totals.items():
            totals[currency] += sums
    return Reading(
        formats=("focus",),
        rows=sum(part.rows for part in parts),
        rejected_count=0,
        rejected=(),
        skipped_rows=0,
        totals=dict(totals),
        parts=tuple(parts),
    )


def _part(
    connection: DuckDBPyConnection, lines: Path, month: datetime.date, provider: str, reseller_id: int
) -> PartRead:
    rows = connection.execute(
        "SELECT payer, account, currency, max(account_name), count(*), count(*) FILTER (WHERE is_list_missing), "  # noqa: S608
        "sum(list_cost), sum(effective_cost), sum(billed_cost) "
        f"FROM read_parquet({literal(str(lines))}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    digest = hashlib.sha256(lines.read_bytes()).hexdigest()
    totals: dict[str, Totals] = defaultdict(Totals)
    for row in rows:
        totals[row[2]] += Totals(*row[6:])
    return PartRead(
        files=PartFiles(reseller_id, provider, _PAYERS[provider], month, new_version(digest)),
        rows=sum(row[4] for row in rows),
        lines=sum(row[4] for row in rows),
        lines_without_list=sum(row[5] for row in rows),
        sha256=digest,
        totals=dict(totals),
        accounts=tuple(AccountSeen(row[1], row[3], row[0]) for row in rows),
        payers=(_PAYERS[provider],),
    )
