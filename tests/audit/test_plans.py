"""Pages of the change log are found by an index, however many entries there are."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from app.audit.models import AuditEntry
from app.audit.queries import AuditFilter, entries_query, recent_entries
from app.extensions import db
from app.tenancy.scope import Scope, ScopeKind, reseller_scope, system_scope, use_scope
from tests.worlds import EPOCH, World


@pytest.fixture
def long_log(flask_app: Any, world: World) -> Iterator[None]:
    """20,000 entries of one reseller, two of each request; one in a thousand is the platform's."""
    rows = [
        {
            "reseller_id": world.north.id,
            "at": EPOCH + datetime.timedelta(seconds=n),
            "actor_name": "Somebody",
            "is_platform_actor": n % 1000 == 0,
            "action": "changed",
            "record_type": "customer",
            "request_id": f"request-{n // 2}",
            "address": "",
            "record_name": "",
            "reason": "",
            "changes": {},
        }
        for n in range(20_000)
    ]
    with flask_app.app_context():
        with system_scope("the test fills the log"):
            db.session().trusted_connection().execute(insert(AuditEntry.__table__), rows)
            db.session.commit()
            if db.engine.dialect.name == "postgresql":
                db.session.execute(text("ANALYZE audit_entries"))
                db.session.commit()
        yield


def plan(ask: Any) -> str:
    """Return how the engine answers the statement that ``ask`` sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    statement, parameters = next(one for one in sent if "FROM audit_entries" in one[0])
    answer = db.session().trusted_connection().exec_driver_sql(explain + statement, parameters)
    return "\n".join(str(row[-1]) for row in answer)


def newest(wanted: AuditFilter) -> Any:
    return lambda: db.session.scalars(entries_query(wanted).limit(50)).all()


def test_the_platform_reads_its_own_part(long_log: None) -> None:
    with use_scope(Scope(ScopeKind.PLATFORM)):
        for ask in (newest(AuditFilter()), lambda: recent_entries(limit=10)):
            found = plan(ask)

            assert "ix_audit_entries_platform_at" in found, found
            assert "TEMP B-TREE" not in found


def test_a_reseller_reads_one_request(long_log: None, world: World) -> None:
    with reseller_scope(world.north.id):
        found = plan(newest(AuditFilter(request_id="request-77")))

    assert "ix_audit_entries_reseller_id_request_id_at" in found, found
