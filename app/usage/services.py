"""What happens to imports: they arrive in pieces, wait for a worker, for a person, and end. And months are closed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.audit.log import because, record
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.jobs import work
from app.months.locks import hold_months
from app.providers.models import Provider
from app.rating.months import first_day
from app.shell.formats import month_text
from app.tenancy.scope import current_scope
from app.usage.decisions import Question
from app.usage.formats.mapping import LONGEST_ID
from app.usage.models import ImportState, Origin, ProviderMonth, UsageImport
from app.usage.queries import provider_month

JOB_KIND = "usage_import"

#: States in which nothing more happens to an import by itself.
ENDED = (ImportState.DONE, ImportState.REFUSED, ImportState.FAILED, ImportState.DISMISSED)


def find_import(import_id: int) -> UsageImport:
    """Return one import; raises ``NotVisible`` for one of somebody else."""
    found = db.session.get(UsageImport, import_id) if 0 < import_id < 2**31 else None
    if found is None:
        raise NotVisible
    return found


def new_import(
    *,
    file_name: str,
    kept_name: str,
    size: int,
    origin: Origin,
    now: datetime.datetime,
    provider: Provider | None = None,
    month: datetime.date | None = None,
    source: str = "",
    origin_key: str | None = None,
) -> UsageImport:
    """Note a file that is on its way in; ``begin`` puts it to work once all of it is there."""
    one = UsageImport(
        file_name=file_name[-250:] or "usage",
        kept_name=kept_name,
        size=size,
        received=0,
        file_hash="",
        format="",
        origin=origin,
        origin_key=origin_key,
        asked_provider=provider,
        asked_month=month,
        asked_source=source.strip()[:LONGEST_ID],
        state=ImportState.UPLOADING,
        accepted=[],
        row_count=0,
        rejected_count=0,
        report={},
        created_at=now,
        created_by=current_scope().actor.name[:200],
    )
    db.session.add(one)
    db.session.flush()
    return one


def check_size(size: int, largest: int) -> None:
    """Raise ``Invalid`` beside ``file`` for a file that is empty or larger than what is taken."""
    if size <= 0:
        raise Invalid(_("This file is empty."), field="file")
    if size > largest:
        raise Invalid(
            _(
                "This file has %(size)s MB; at most %(largest)s MB can be uploaded. Compress it with gzip, or have it "
                "imported on the server.",
                size=-(-size // 1024 // 1024),
                largest=largest // 1024 // 1024,
            ),
            field="file",
        )


def note_piece(one: UsageImport, *, at: int, length: int) -> int:
    """Note that a piece has arrived; returns how many bytes are there now.

    Raises ``WrongState`` where another piece was expected: the sender goes on at ``received``.
    """
    if one.state is not ImportState.UPLOADING:
        raise WrongState(_("This file has arrived already."))
    if length <= 0 or at + length > one.size:
        raise Invalid(_("More arrived than the file has. Upload it again."))
    statement = (
        update(UsageImport)
        .where(
            UsageImport.id == one.id,
            UsageImport.state == ImportState.UPLOADING,
            UsageImport.received == at,
        )
        .values(received=at + length)
        .execution_options(synchronize_session=False)
    )
    moved = db.session.execute(statement)
    db.session.expire(one)
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(_("Another piece of this file was expected."))
    return one.received


def begin(one: UsageImport, *, now: datetime.datetime) -> UsageImport:
    """Hand a file that is there whole to a worker."""
    if one.state is not ImportState.UPLOADING:
        raise WrongState(_("This file has arrived already."))
    one.state, one.received = ImportState.QUEUED, one.size
    one.job = work.enqueue(JOB_KIND, one.id, now=now)
    db.session.flush()
    return one


def accept(one: UsageImport, answered: Sequence[Question], *, now: datetime.datetime) -> UsageImport:
    """Answer the questions of an import with yes, and let a worker go on."""
    hold_months()
    db.session.refresh(one, with_for_update=True)
    if one.state is not ImportState.NEEDS_DECISION:
        raise WrongState(_("Nothing is to be decided here any more."))
    open_questions = {one_["question"] for one_ in one.report.get("questions", [])}
    if set(answered) != open_questions:
        raise WrongState(_("Something else is to be decided here now. Look at the page again."))
    with because("accepted"):
        one.accepted = sorted({*one.accepted, *(str(question) for question in answered)})
        one.state, one.ended_at = ImportState.QUEUED, None
        one.job = work.enqueue(JOB_KIND, one.id, now=now)
    return one


def dismiss(one: UsageImport, *, now: datetime.datetime) -> str:
    """Leave everything as it was; returns the name of the upload, which nobody needs once this is saved."""
    db.session.refresh(one, with_for_update=True)
    if one.shown_state not in (ImportState.NEEDS_DECISION, ImportState.FAILED, ImportState.UPLOADING):
        raise WrongState(_("Nothing is to be decided here any more."))
    kept, one.kept_name = one.kept_name, ""
    one.state, one.ended_at = ImportState.DISMISSED, now
    record("dismissed", one)
    db.session.flush()
    return kept


def restart(one: UsageImport, *, now: datetime.datetime) -> UsageImport:
    """Try an import that failed once more, from its file."""
    db.session.refresh(one, with_for_update=True)
    if one.shown_state is not ImportState.FAILED or not one.kept_name:
        raise WrongState(_("Only an import that failed can be tried again."))
    one.state, one.ended_at = ImportState.QUEUED, None
    one.job = work.enqueue(JOB_KIND, one.id, now=now)
    record("restarted", one)
    db.session.flush()
    return one


def close_month(provider: Provider, month: datetime.date, *, now: datetime.datetime) -> ProviderMonth:
    """Say that nothing more comes for a provider's month: its statements are estimated no longer."""
    if first_day(now.date()) <= month:
        raise WrongState(_("%(month)s is not over yet.", month=month_text(month)))
    said = _month_to_change(provider, month)
    if said.is_closed:
        raise WrongState(
            _("%(month)s is closed already, by %(name)s.", month=month_text(month), name=said.closed_by)
        )
    with because("closed"):
        said.is_closed, said.closed_at, said.closed_by = True, now, current_scope().actor.name[:200]
    return said


def open_month(provider: Provider, month: datetime.date, *, now: datetime.datetime) -> ProviderMonth:
    """Say that more may come for a month that was closed."""
    said = _month_to_change(provider, month)
    if not said.is_closed:
        raise WrongState(_("%(month)s is open already.", month=month_text(month)))
    with because("opened"):
        said.is_closed, said.closed_at, said.closed_by = False, now, current_scope().actor.name[:200]
    return said


def _month_to_change(provider: Provider, month: datetime.date) -> ProviderMonth:
    """Return the row of a provider's month, held until the commit; a new one where there is none."""
    hold_months()
    said = provider_month(provider, month)
    if said is None:
        said = ProviderMonth(provider=provider, month=month, is_closed=False, closed_by="")
        db.session.add(said)
        return said
    db.session.refresh(said)
    return said


def imports_of(states: Sequence[ImportState]) -> Sequence[UsageImport]:
    """Return the imports in some states, the latest first."""
    query = select(UsageImport).where(UsageImport.state.in_(states)).order_by(UsageImport.id.desc())
    return db.session.scalars(query).all()
