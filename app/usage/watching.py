"""The folder that is watched: what is put into a reseller's subfolder imports itself, once, and again when it changes.

A subfolder is called like the reseller's nickname. Each file in it is a delivery, and so is each folder, as a bill in
several files. What was touched within the last minute is still being written, and so is what is hidden or has the
ending of an unfinished copy.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope
from app.usage import places, services
from app.usage.models import Origin, UsageImport

log = logging.getLogger(__name__)

#: What was touched within so many seconds is left alone: somebody may still be writing it.
SETTLED_SECONDS = 60

_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".download", ".swp", "~")

WATCHER = Actor(None, "Watched folder")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file or a folder of parts. ``key`` changes when it does."""

    path: Path
    key: str


def watch() -> int:
    """Put everything new or changed in the watched folder to work; returns how many deliveries that were."""
    root = places.watched_folder()
    if root is None or not root.is_dir():
        return 0
    with system_scope("the watched folder is looked into for all resellers"):
        rows = db.session.execute(select(Reseller.nickname, Reseller.id)).all()
        resellers = {row.nickname: row.id for row in rows}
        db.session.rollback()
    taken = 0
    for folder in sorted(root.iterdir()):
        reseller_id = resellers.get(folder.name)
        if reseller_id is None or not folder.is_dir():
            continue
        with reseller_scope(reseller_id, actor=WATCHER):
            for delivery in deliveries(folder):
                taken += _take(delivery, reseller_id)
    return taken


def deliveries(folder: Path) -> Iterator[Delivery]:
    """List what lies in a reseller's folder and is not being written any more."""
    border = time.time() - SETTLED_SECONDS
    for path in sorted(folder.iterdir()):
        if _is_unfinished(path) or path.is_symlink():
            continue
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        if not files or any(_is_unfinished(one) or one.is_symlink() for one in files):
            continue
        facts = [one.stat() for one in files]
        if any(max(one.st_mtime, one.st_ctime) > border for one in facts):
            continue
        size, newest = sum(one.st_size for one in facts), max(one.st_mtime_ns for one in facts)
        yield Delivery(path, f"{_readable(path)[-400:]}|{len(files)}|{size}|{newest}")


def _readable(path: Path) -> str:
    """Return a name as a database can keep it: file systems take bytes that are no text."""
    return os.fsencode(path.name).decode(errors="replace")


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED)


def _take(delivery: Delivery, reseller_id: int) -> bool:
    """Copy a delivery to the uploads and put it to work, unless just this was taken before."""
    known = db.session.scalars(
        select(UsageImport.id).where(UsageImport.origin_key == delivery.key)
    ).one_or_none()
    db.session.rollback()
    if known is not None:
        return False
    kept_name = places.new_name(delivery.path.name)
    try:
        size = places.keep_copy(delivery.path, reseller_id, kept_name)
        with unit_of_work(db.session):
            one = services.new_import(
                file_name=_readable(delivery.path),
                kept_name=kept_name,
                size=size,
                origin=Origin.FOLDER,
                origin_key=delivery.key,
                now=utc_now(),
            )
            services.begin(one, now=utc_now())
    except (OSError, IntegrityError) as problem:  # not readable, or another sweep was faster
        log.warning("%s was not taken from the watched folder: %s", _readable(delivery.path), problem)
        db.session.rollback()
        places.forget(reseller_id, kept_name)
        return False
    return True
