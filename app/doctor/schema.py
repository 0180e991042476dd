"""The database's structure: reachable, at the newest migration, with what the migrations made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.doctor.faults import ERROR, MEND, Fault
from app.extensions import db

#: The migrations that made the search index and the seal; a repair runs their own statements again.
SEARCH_REVISION, SEAL_REVISION = "0002", "0003"
_SEARCH_TRIGGERS = {"customers_fts_insert", "customers_fts_update", "customers_fts_delete"}
_SEAL_TRIGGERS = {"audit_entries_no_update", "audit_entries_no_delete"}


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())


def current_revision() -> str | None:
    """Return the migration at which the database is, None for an empty one."""
    with db.engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return ", ".join(sorted(heads)) or None


def pending() -> list[str]:
    """Return the migrations that are missing; raises ``CommandError`` when the database is of another version."""
    script, current = _script(), current_revision()
    head = script.get_current_head()
    if current == head:
        return []
    if current is not None:
        script.get_revision(current)
    return [step.revision for step in script.iterate_revisions(head, current or "base")]


def first_line(problem: DatabaseError) -> str:
    """Return what the database said, without the statement and its values."""
    lines = str(problem.orig or problem).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(problem).__name__


def is_sqlite() -> bool:
    """Is the installation's database SQLite (and not PostgreSQL)?"""
    return str(db.engine.dialect.name) == "sqlite"


def check_schema() -> list[Fault]:
    """Find out whether the tables can be looked at. Any fault here ends the examination."""
    try:
        missing = pending()
    except DatabaseError as problem:
        return [
            Fault(
                "database_unreachable",
                ERROR,
                f"The database cannot be used: {first_line(problem)}.",
                "Check DATABASE_URL, and that the server runs and lets this machine in.",
            )
        ]
    except CommandError:
        return [
            Fault(
                "database_of_another_version",
                ERROR,
                f"The database is at migration {current_revision()}, which this version does not know.",
                "Install the version that made it, or restore the backup that belongs to this one.",
            )
        ]
    if not missing:
        return []
    return [
        Fault(
            "migrations_missing",
            ERROR,
            f"The database is not up to date; migrations missing: {len(missing)}.",
            "Make a backup, then run: flask --app app init",
            len(missing),
        )
    ]


def check_seal() -> list[Fault]:
    """Does the database still refuse to change or delete entries of the audit log?"""
    if is_sqlite():
        is_sealed = _triggers("audit_entries", refusing=True) >= _SEAL_TRIGGERS
    else:
        is_sealed = bool(
            db.session.scalar(
                text(
                    "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_entries_sealed' "
                    "AND tgrelid = to_regclass('audit_entries') AND tgenabled <> 'D'"
                )
            )
        )
    if is_sealed:
        return []
    return [
        Fault(
            "audit_log_not_sealed",
            ERROR,
            "The database no longer refuses to change the audit log.",
            f"Find out who took the triggers away, and compare the log with a backup. {MEND}",
            repair=seal_again,
        )
    ]


def search_index_is_whole() -> bool:
    """Is there the search index, with the triggers that fill it (SQLite) or valid (PostgreSQL)?"""
    if is_sqlite():
        has_table = db.session.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'customers_fts'"))
        return bool(has_table) and _triggers("customers") >= _SEARCH_TRIGGERS
    return bool(
        db.session.scalar(
            text(
                "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('ix_customers_trigrams') "
                "AND indisvalid"
            )
        )
    )


def _triggers(table: str, *, refusing: bool = False) -> set[str]:
    """The names of a SQLite table's triggers; ``refusing`` leaves out those that let the change pass."""
    rows = db.session.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
        {"table": table},
    )
    return {name for name, sql in rows if not refusing or "RAISE(ABORT" in sql}


def seal_again() -> None:
    """Make the database refuse changes of the audit log."""
    if is_sqlite():
        _again(SEAL_REVISION, [f"DROP TRIGGER IF EXISTS {name}" for name in sorted(_SEAL_TRIGGERS)])
        return
    _again(
        SEAL_REVISION,
        [
            "DROP TRIGGER IF EXISTS audit_entries_sealed ON audit_entries",
            "DROP FUNCTION IF EXISTS cloudtally_refuse_audit_change()",
        ],
    )


def rebuild_search_index() -> None:
    """Make the search index anew from the customers."""
    if not is_sqlite():
        _again(
            SEARCH_REVISION,
            [
                "DROP INDEX IF EXISTS ix_customers_trigrams",
                "DROP FUNCTION IF EXISTS cloudtally_trigrams(integer, text)",
            ],
        )
        return
    drops = [f"DROP TRIGGER IF EXISTS {name}" for name in sorted(_SEARCH_TRIGGERS)]
    _again(SEARCH_REVISION, [*drops, "DROP TABLE IF EXISTS customers_fts"])
    # The triggers know how a customer is indexed; writing a customer's own value again makes them do it.
    db.session.execute(text("UPDATE customers SET search_own = search_own"))


def _again(revision: str, drops: list[str]) -> None:
    """Take away what is left of a migration's work and run its ``upgrade`` again, in the running transaction."""
    connection = db.session.connection()
    for statement in drops:
        connection.execute(text(statement))
    upgrade: Callable[[], Any] = _script().get_revision(revision).module.upgrade
    with Operations.context(MigrationContext.configure(connection)):
        upgrade()
