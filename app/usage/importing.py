"""An import at work: the file is read into versions that nobody sees, then all its parts count at once, or none.

What can be interrupted leaves nothing: a version of a part is visible only because a row names it, and the rows of
one file are written in one transaction, together with the import's own end. Versions that nobody came to name are
removed by the sweep. So an import can be begun again at any point.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import note_accounts
from app.extensions import db
from app.jobs import work
from app.jobs.work import Progress
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import hold_months
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.usage import places, reading
from app.usage.decisions import Part, questions
from app.usage.faults import UnreadableFile
from app.usage.models import ImportState, ProviderMonth, UsageImport, UsagePart
from app.usage.reading import PartRead, Reading, Wanted
from app.usage.report import as_texts, report_of, sums_of
from app.usage.services import JOB_KIND, find_import
from app.usage.signals import usage_imported
from app.usage.store import PartFiles, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """What an import was asked to do, as plain values."""

    import_id: int
    reseller_id: int
    path: Path
    kept_name: str
    file_name: str
    provider: str
    month: date | None
    source: str


@work.worker(JOB_KIND)
def import_usage(import_id: int, progress: Progress) -> None:
    """Do an import from its file to its end, or to its questions; again from the beginning where it was interrupted."""
    order = _begin(import_id, progress)
    if order is None:
        return
    store = places.store()
    found: Reading | None = None
    named: set[PartFiles] = set()
    try:
        found = _read(order, store, progress)
        with unit_of_work(db.session):
            progress.hold()
            one = db.session.get_one(UsageImport, order.import_id, populate_existing=True)
            named = settle(one, found, store, now=utc_now())
    except UnreadableFile as refusal:
        _refuse(order, refusal, progress)
    except work.JobLost:
        raise
    except Exception:
        _fail(order, progress)
        raise
    finally:
        for part in found.parts if found else ():
            if part.files not in named:
                store.remove(part.files)
    _tidy(order)


def _begin(import_id: int, progress: Progress) -> _Order | None:
    """Mark the import as running; None where it has ended already: the worker died between its end and the job's."""
    with unit_of_work(db.session):
        progress.hold()
        one = find_import(import_id)
        if one.state not in (ImportState.QUEUED, ImportState.RUNNING):
            return None
        one.state = ImportState.RUNNING
        return _Order(
            import_id=one.id,
            reseller_id=one.reseller_id,
            path=places.kept_path(one.reseller_id, one.kept_name),
            kept_name=one.kept_name,
            file_name=one.file_name,
            provider=one.asked_provider.code if one.asked_provider else "",
            month=one.asked_month,
            source=one.asked_source,
        )


def _read(order: _Order, store: Store, progress: Progress) -> Reading:
    if not order.kept_name or not order.path.exists():
        raise UnreadableFile("file_gone")

    def note(done: int, total: int) -> None:
        progress.note(done, total, "reading")

    progress.note(0, 0, "reading", at_once=True)
    wanted = Wanted(order.reseller_id, order.provider, order.month, order.source)
    return reading.read(order.path, wanted, into=store, note=note)


def settle(one: UsageImport, found: Reading, store: Store, *, now: datetime) -> set[PartFiles]:
    """Make the parts count, or ask; returns the versions that rows name now. Holds the reseller's row."""
    hold_months()
    now = max(now, utc_now())  # a statement that was issued while we waited is older than what comes now
    providers = _providers({part.files.provider for part in found.parts})
    resold = {provider.code for provider in resold_providers()}
    strange = sorted(provider.name for code, provider in providers.items() if code not in resold)
    live = _live_parts(found.parts, providers)
    new = [_as_part(part, one.id, has_rejected=found.rejected_count > 0) for part in found.parts]
    old = [_as_live(part, store) for part in live.values()]
    asked = questions(
        new,
        old,
        rejected=found.rejected_count,
        closed=_closed(providers, {part.files.month for part in found.parts}),
    )
    is_answered = all(str(ask.question) in one.accepted for ask in asked)
    one.format = "+".join(found.formats)[:40]
    one.row_count, one.rejected_count = found.rows, found.rejected_count
    if not is_answered:
        one.state, one.ended_at = ImportState.NEEDS_DECISION, now
        one.report = {"not_resold": strange} | report_of(
            found, new, {part.key: part for part in old}, asked, []
        )
        return set()
    fresh = _note_accounts(found.parts, providers, now=now)
    named = _replace(one, found, providers, live, store, now=now)
    one.state, one.ended_at = ImportState.DONE, now
    one.report = {"not_resold": strange} | report_of(
        found, new, {part.key: part for part in old}, asked, fresh
    )
    db.session.flush()
    if named:
        months = sorted({files.month for files in named})
        usage_imported.send(one, reseller_id=one.reseller_id, months=months)
    return named


def _providers(codes: Iterable[str]) -> dict[str, Provider]:
    """Return the providers of these codes; raises ``UnreadableFile`` for one that the catalogue does not have."""
    wanted = set(codes)
    found = {one.code: one for one in db.session.scalars(select(Provider).where(Provider.code.in_(wanted)))}
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise UnreadableFile("provider_unknown", provider=", ".join(unknown))
    return found


def _live_parts(
    parts: Sequence[PartRead], providers: dict[str, Provider]
) -> dict[tuple[str, str, date], UsagePart]:
    """Return what is live of these providers and months, of all sources."""
    query = (
        select(UsagePart)
        .where(
            UsagePart.replaced_at.is_(None),
            UsagePart.provider_id.in_([one.id for one in providers.values()]),
            UsagePart.month.in_({part.files.month for part in parts}),
        )
        .execution_options(populate_existing=True)
    )
    return {(one.provider.code, one.source, one.month): one for one in db.session.scalars(query)}


def _closed(providers: dict[str, Provider], months: set[date]) -> frozenset[tuple[str, date]]:
    query = select(ProviderMonth).where(
        ProviderMonth.provider_id.in_([one.id for one in providers.values()]),
        ProviderMonth.month.in_(months),
        ProviderMonth.is_closed.is_(True),
    )
    return frozenset((one.provider.code, one.month) for one in db.session.scalars(query))


def _as_part(part: PartRead, import_id: int, *, has_rejected: bool) -> Part:
    return Part(
        part.files.provider,
        part.files.source,
        part.files.month,
        part.rows,
        part.sha256,
        sums_of(part.totals),
        frozenset(one.account for one in part.accounts if one.account),
        has_rejected,
        import_id,
    )


def _as_live(part: UsagePart, store: Store) -> Part:
    totals = {
        currency: {kind: Decimal(text) for kind, text in sums.items()}
        for currency, sums in part.totals.items()
    }
    accounts = accounts_of(part_files(part), store)
    return Part(
        part.provider.code,
        part.source,
        part.month,
        part.row_count,
        part.content_hash,
        totals,
        accounts,
        part.is_incomplete,
        part.import_id,
    )


def parts_of(one: UsageImport) -> Sequence[UsagePart]:
    """Return the parts that an import brought."""
    return db.session.scalars(select(UsagePart).where(UsagePart.import_id == one.id)).all()


def part_files(part: UsagePart) -> PartFiles:
    """Return which files in the store a row names."""
    return PartFiles(part.reseller_id, part.provider.code, part.source, part.month, part.version)


def accounts_of(files: PartFiles, store: Store) -> frozenset[str]:
    """Return the accounts that a version names; nothing where its files are gone, which the doctor tells."""
    if not store.holds(files):
        return frozenset()
    with places.shared_cursor() as connection:
        rows = store.open([files], "months", connection).aggregate("account", "account").fetchall()
    return frozenset(account for (account,) in rows if account)


def days_of(parts: Iterable[PartFiles], store: Store) -> dict[PartFiles, list[int]]:
    """Return the days of its month on which each version has lines."""
    found = {}
    with places.shared_cursor() as connection:
        for files in parts:
            rows = store.open([files], "days", connection).aggregate("usage_date", "usage_date").fetchall()
            days = sorted(day for (day,) in rows)
            found[files] = [
                day.day for day in days if (day.year, day.month) == (files.month.year, files.month.month)
            ]
    return found


def _note_accounts(
    parts: Sequence[PartRead], providers: dict[str, Provider], *, now: datetime
) -> list[dict[str, str]]:
    """Make accounts that nobody knew yet unassigned ones; returns those."""
    fresh = []
    for code, provider in providers.items():
        names: dict[str, str] = {}
        for part in parts:
            if part.files.provider == code:
                for seen in part.accounts:
                    names[seen.account] = seen.name or names.get(seen.account, "")
        names.pop("", None)
        known = set(
            db.session.scalars(select(CloudAccount.account_id).where(CloudAccount.provider_id == provider.id))
        )
        noted = note_accounts(provider, names, now=now)
        fresh += [
            {"provider": code, "id": one.account_id, "name": one.name}
            for one in noted.values()
            if one.account_id not in known
        ]
    return sorted(fresh, key=lambda one: (one["provider"], one["id"]))


def _replace(
    one: UsageImport,
    found: Reading,
    providers: dict[str, Provider],
    live: dict[tuple[str, str, date], UsagePart],
    store: Store,
    *,
    now: datetime,
) -> set[PartFiles]:
    """Let the new versions be live instead of the old ones; what says the same again changes nothing."""
    has_rejected = found.rejected_count > 0
    changed = []
    for part in found.parts:
        old = live.get((part.files.provider, part.files.source, part.files.month))
        if old is None or old.content_hash != part.sha256 or old.is_incomplete != has_rejected:
            changed.append(part)
            if old is not None:
                old.replaced_at = now
    db.session.flush()  # before the new ones come: one version of a part is live at a time
    days = days_of([part.files for part in changed], store) if changed else {}
    for part in changed:
        db.session.add(
            UsagePart(
                provider=providers[part.files.provider],
                source=part.files.source,
                month=part.files.month,
                version=part.files.version,
                row_count=part.rows,
                account_count=len([one for one in part.accounts if one.account]),
                content_hash=part.sha256,
                totals=as_texts(sums_of(part.totals)),
                days=days[part.files],
                is_incomplete=has_rejected,
                import_id=one.id,
                imported_at=now,
            )
        )
    db.session.flush()
    return {part.files for part in changed}


def _refuse(order: _Order, refusal: UnreadableFile, progress: Progress) -> None:
    with unit_of_work(db.session):
        progress.hold()
        one = find_import(order.import_id)
        one.state, one.ended_at = ImportState.REFUSED, utc_now()
        # Whoever sent it knows the file by its own name, not by the one under which it is kept.
        told = {
            name: order.file_name if value == order.kept_name else value
            for name, value in refusal.parameters.items()
        }
        one.report = {"refusal": {"code": refusal.code, "parameters": told}}


def _fail(order: _Order, progress: Progress) -> None:
    db.session.rollback()
    with unit_of_work(db.session):
        progress.hold()
        one = find_import(order.import_id)
        one.state, one.ended_at = ImportState.FAILED, utc_now()


def _tidy(order: _Order) -> None:
    """Remove the upload of an import that has ended: nobody reads it again."""
    with unit_of_work(db.session):
        one = find_import(order.import_id)
        if one.state not in (ImportState.DONE, ImportState.REFUSED):
            return
        one.kept_name = ""
    places.forget(order.reseller_id, order.kept_name)
