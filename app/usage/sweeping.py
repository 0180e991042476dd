"""What nobody needs any more is removed: replaced versions, files that no row names, uploads that were given up."""

from __future__ import annotations

import datetime
import logging
import shutil
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import work
from app.jobs.queue import repeat
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import system_scope
from app.usage import places, watching
from app.usage.holding import still_needed
from app.usage.importing import part_files
from app.usage.models import ImportState, UsageImport, UsagePart

log = logging.getLogger(__name__)

CLEAR_TASK = "usage.clear"
CLEAR_SECONDS = 60 * 60

#: A replaced version stays so long: whoever reads it just now can finish.
GRACE = datetime.timedelta(hours=1)
#: Files that no row names may belong to an import that is at work. None takes so long.
ORPHAN_SECONDS = 24 * 60 * 60
#: An upload that nobody goes on with.
UPLOAD_PATIENCE = datetime.timedelta(days=1)

_LIMIT = 500


def register(app: Flask) -> None:
    """Have the sweep look into the watched folder, and clear away every hour."""
    work.in_each_sweep(watching.watch)
    repeat(app, CLEAR_TASK, clear, seconds=CLEAR_SECONDS)


def clear() -> int:
    """Remove what nobody needs any more; returns how many versions, uploads and folders those were."""
    with system_scope("the worker clears away usage of all resellers"):
        return clear_uploads() + clear_versions() + clear_orphans()


def clear_versions() -> int:
    """Remove versions that were replaced a while ago and that no statement names: first the rows, then the files."""
    store, border, last_id, removed = places.store(), utc_now() - GRACE, 0, 0
    while True:  # those that are needed stay, and must not keep the later ones out of sight
        with unit_of_work(db.session):
            query = (
                select(UsagePart)
                .where(UsagePart.replaced_at < border, UsagePart.id > last_id)
                .order_by(UsagePart.id)
                .limit(_LIMIT)
                .with_for_update(of=UsagePart)
            )
            old = db.session.scalars(query).all()
            if not old:
                return removed
            last_id = old[-1].id
            needed = still_needed(one.id for one in old)
            gone = [one for one in old if one.id not in needed]
            files = [part_files(one) for one in gone]
            for one in gone:
                db.session.delete(one)
        for version in files:
            store.remove(version)
        removed += len(files)


def orphans() -> list[Path]:
    """Return the folders of versions that no row names and no import can be at work on any more."""
    store, border = places.store(), time.time() - ORPHAN_SECONDS
    old = [folder for folder in store.versions() if folder.stat().st_mtime < border]
    if not old:
        return []
    named = {store.folder(part_files(one)) for one in db.session.scalars(select(UsagePart))}
    return [folder for folder in old if folder not in named]


def clear_orphans() -> int:
    """Remove files of imports that were killed, and what they left half-written."""
    store, border = places.store(), time.time() - ORPHAN_SECONDS
    left = orphans()
    if store.temporary.is_dir():
        left += [one for one in store.temporary.iterdir() if one.stat().st_mtime < border]
    for path in left:
        log.info("%s was left behind by an import and is removed", path.name)
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return len(left)


def clear_uploads() -> int:
    """Give up uploads that nobody went on with, and remove files that no import needs."""
    border = utc_now() - UPLOAD_PATIENCE
    with unit_of_work(db.session):
        stale = db.session.scalars(
            select(UsageImport).where(
                UsageImport.state == ImportState.UPLOADING, UsageImport.created_at < border
            )
        ).all()
        for one in stale:
            one.state, one.ended_at, one.kept_name = ImportState.DISMISSED, utc_now(), ""
    needed = set(db.session.scalars(select(UsageImport.kept_name).where(UsageImport.kept_name != "")))
    db.session.rollback()
    removed = 0
    for reseller_id, path in places.kept_uploads():
        if path.name not in needed and path.stat().st_mtime < border.timestamp():
            places.forget(reseller_id, path.name)
            removed += 1
    return removed
