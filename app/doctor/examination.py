"""The examination as a whole, and mending what can be mended."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DatabaseError

from app.doctor.faults import ERROR, Fault
from app.doctor.logins import check_logins, check_seed
from app.doctor.mails import check_mails
from app.doctor.records import check_derived_fields, check_search_index
from app.doctor.schema import check_schema, check_seal, first_line
from app.doctor.surroundings import check_instance_folder, check_settings, check_translations
from app.doctor.usage import check_usage
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import system_scope

_SURROUNDINGS = (check_settings, check_instance_folder, check_translations)
# The search index comes before the words that its triggers carry into it.
_CONTENT = (
    check_seal,
    check_seed,
    check_logins,
    check_search_index,
    check_derived_fields,
    check_mails,
    check_usage,
)


def examine() -> list[Fault]:
    """Return every fault of the running application's installation. Changes nothing."""
    faults = [fault for check in _SURROUNDINGS for fault in check()]
    structure = check_schema()
    if structure:
        return faults + structure
    with system_scope("the doctor looks at every reseller"):
        for check in _CONTENT:
            faults += _examined(check)
        db.session.rollback()
    return faults


def _examined(check: Callable[[], list[Fault]]) -> list[Fault]:
    """The faults that ``check`` finds; one that the database interrupts is a fault itself."""
    try:
        return check()
    except DatabaseError as problem:
        db.session.rollback()
        return [
            Fault(
                "check_interrupted",
                ERROR,
                f"The database interrupted the examination: {first_line(problem)}.",
                "Look into the database's own log; restore a backup where its files are damaged.",
            )
        ]


def mend(faults: list[Fault]) -> list[Fault]:
    """Repair the faults that carry a repair, each in a transaction of its own, and return those."""
    mended = []
    done = set()
    for fault in faults:
        if fault.repair is None:
            continue
        if fault.repair not in done:  # one rebuilding answers several faults of the search index
            with system_scope("the doctor mends what it found"), unit_of_work(db.session):
                fault.repair()
            done.add(fault.repair)
        mended.append(fault)
    return mended
