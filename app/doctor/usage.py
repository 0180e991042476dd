"""Does the usage store hold what the database says, and does work that was put in get done?"""

from __future__ import annotations

import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from app.doctor.faults import MEND, WARNING, Fault, of_rows
from app.extensions import db
from app.jobs.models import Job, JobState
from app.kernel.clock import utc_now
from app.usage import places, sweeping
from app.usage.importing import part_files
from app.usage.models import UsagePart

#: A worker looks twice a minute and gives signs of life; what waits or is silent for so long has none.
PATIENCE = datetime.timedelta(minutes=30)


def check_usage() -> list[Fault]:
    """Return what is wrong with jobs, with parts without files, and with files without rows."""
    return [*_stuck_jobs(), *_parts_without_files(), *_files_without_rows(), *_watched_folder()]


def _stuck_jobs() -> list[Fault]:
    border = utc_now() - PATIENCE
    waiting = select(func.count(Job.id)).where(Job.state == JobState.QUEUED, Job.queued_at < border)
    silent = select(func.count(Job.id)).where(Job.state == JobState.RUNNING, Job.heartbeat_at < border)
    count = (db.session.scalar(waiting) or 0) + (db.session.scalar(silent) or 0)
    if not count:
        return []
    jobs = "1 job waits" if count == 1 else f"{count} jobs wait"
    return [
        Fault(
            "jobs_stuck",
            WARNING,
            f"{jobs} for a worker since more than half an hour.",
            "Start a worker, one of them with --beat; its log says why it stops.",
            count,
        )
    ]


def _parts_without_files() -> list[Fault]:
    store = places.store()
    parts = db.session.scalars(select(UsagePart).order_by(UsagePart.id))
    names = [str(part) for part in parts if not store.holds(part_files(part))]
    return of_rows(
        "usage_without_files",
        names,
        "month of usage has lost its files",
        "months of usage have lost their files",
        "Restore the usage folder from a backup, or import these bills again.",
    )


def _files_without_rows() -> list[Fault]:
    return of_rows(
        "usage_files_left_behind",
        [folder.parent.name + "/" + folder.name for folder in sweeping.orphans()],
        "folder of the usage store belongs to nothing",
        "folders of the usage store belong to nothing",
        f"They were left behind by imports that were killed, and take space only. {MEND}",
        level=WARNING,
        repair=_clear,
    )


def _clear() -> None:
    sweeping.clear_orphans()


def _watched_folder() -> list[Fault]:
    named = current_app.config["CLOUDTALLY_USAGE_WATCH_FOLDER"]
    if not named or Path(named).is_dir():
        return []
    return [
        Fault(
            "watched_folder_missing",
            WARNING,
            f"The watched folder {named} is not there.",
            "Make it, with a subfolder called like each reseller's nickname, or correct CLOUDTALLY_USAGE_WATCH_FOLDER.",
        )
    ]
