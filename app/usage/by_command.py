"""Importing a file from the command line: here and now, with the same rules and the same report as on the screen."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.errors import Invalid
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope
from app.usage import places, services, words
from app.usage.decisions import Question
from app.usage.models import ImportState, Origin, UsageImport

_PAUSE = 1


def import_file(
    path: Path,
    *,
    nickname: str,
    provider: str = "",
    month: datetime.date | None = None,
    source: str = "",
    accepted: Sequence[Question] = (),
) -> dict[str, Any]:
    """Import a file or a folder of parts for a reseller; returns what became of it, as ``--json`` prints it.

    Raises ``Invalid`` for a reseller or provider that there is not. Where a worker was faster, waits for that one.
    """
    with system_scope("the command line names the reseller"):
        reseller_id = db.session.scalar(select(Reseller.id).where(Reseller.nickname == nickname))
        db.session.rollback()
    if reseller_id is None:
        raise Invalid(f"There is no reseller with the nickname {nickname}.")
    with reseller_scope(reseller_id, actor=Actor(None, "Command line")):
        asked = db.session.scalars(select(Provider).where(Provider.code == provider)).one_or_none()
        if provider and asked is None:
            codes = ", ".join(db.session.scalars(select(Provider.code).order_by(Provider.position)))
            raise Invalid(f"There is no provider {provider}. There are: {codes}.")
        db.session.rollback()
        kept_name = places.new_name(path.name)
        try:
            size = places.keep_copy(path, reseller_id, kept_name)
            with unit_of_work(db.session):
                one = services.new_import(
                    file_name=os.fsencode(path.name).decode(errors="replace"),
                    kept_name=kept_name,
                    size=size,
                    origin=Origin.COMMAND,
                    provider=asked,
                    month=month,
                    source=source,
                    now=utc_now(),
                )
                one.accepted = sorted(str(question) for question in accepted)
                job_id, import_id = services.begin(one, now=utc_now()).job_id, one.id
        except BaseException:
            places.forget(reseller_id, kept_name)
            raise
        _work(job_id or 0, import_id, reseller_id)
        return _outcome(services.find_import(import_id))


def _work(job_id: int, import_id: int, reseller_id: int) -> None:
    try:
        if not work.work_on(job_id):
            _wait(job_id)
    except KeyboardInterrupt:
        kept = ""
        with unit_of_work(db.session):
            one = services.find_import(import_id)
            if one.job is not None and work.cancel(one.job):
                kept = services.dismiss(one, now=utc_now())
        places.forget(reseller_id, kept)
        raise


def _wait(job_id: int) -> None:
    while True:
        job = db.session.get(Job, job_id, populate_existing=True)
        is_live = job is not None and job.is_live
        db.session.rollback()
        if not is_live:
            return
        time.sleep(_PAUSE)


def _outcome(one: UsageImport) -> dict[str, Any]:
    report = one.report
    return {
        "import_id": one.id,
        "file": one.file_name,
        "state": str(one.shown_state),
        "format": one.format,
        "rows": one.row_count,
        "rejected": one.rejected_count,
        "rejected_rows": [
            {
                "file": file,
                "line": line,
                "column": column,
                "value": value,
                "reason": words.reason_text(reason),
            }
            for file, line, column, value, reason in report.get("rejected", [])
        ],
        "totals": report.get("totals", {}),
        "file_totals": report.get("file_totals", {}),
        "parts": report.get("parts", []),
        "new_accounts": report.get("new_accounts", []),
        "fell_back": report.get("fell_back", {}),
        "questions": [
            {**ask, "text": words.question_text(ask["question"], ask["about"])}
            for ask in report.get("questions", [])
            if one.state is ImportState.NEEDS_DECISION
        ],
        "message": words.refusal_text(report["refusal"]) if "refusal" in report else "",
    }
