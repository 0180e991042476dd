"""The queues and the numbers beside them are found by an index, however many requests were settled before."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from app.approvals import queries
from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.approvals.queries import ALL, RequestFilter
from app.extensions import db
from app.tenancy.scope import Scope, ScopeKind, reseller_scope, system_scope, use_scope
from tests.conftest import Database
from tests.worlds import EPOCH, World


@pytest.fixture
def many(flask_app: Any, world: World, database: Database) -> Iterator[None]:
    """20,000 requests of one reseller, of which one in five hundred is open."""
    with flask_app.app_context():
        database.bring_built("many requests", lambda: _build_many(world))
        yield


def _build_many(world: World) -> None:
    def status_of(n: int) -> RequestStatus:
        return list(RequestStatus)[n // 500 % 6] if n % 500 == 0 else RequestStatus.COMPLETED

    rows = [
        {
            "reseller_id": world.north.id,
            "customer_id": world.north.customer.id,
            "type": RequestType.ACCOUNT_PROVISION,
            "status": status_of(n),
            "from_name": f"Customer {n % 700}",
            "details": {},
            "created_at": EPOCH + datetime.timedelta(minutes=n),
            "forwarded_at": EPOCH + datetime.timedelta(minutes=n + 1),
            "decided_by": "",
            "taken_by": "",
            "ended_by": "",
            "reason": "",
            "version": 1,
        }
        for n in range(20_000)
    ]
    with system_scope("the test fills the queue"):
        db.session().trusted_connection().execute(insert(ApprovalRequest.__table__), rows)
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE approval_requests"))
            db.session.commit()


def plan(ask: Callable[[], Any]) -> str:
    """Return how the engine answers the first statement on requests that ``ask`` sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    statement, parameters = next(one for one in sent if "FROM approval_requests" in one[0])
    answer = db.session().trusted_connection().exec_driver_sql(explain + statement, parameters)
    return "\n".join(str(row[-1]) for row in answer)


def test_the_reseller_finds_what_is_open(many: None, world: World) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: db.session.scalars(queries.queue_query(RequestFilter()).limit(25)).all(),
        queries.count_pending,
        queries.oldest_pending,
    ]
    with reseller_scope(world.north.id):
        for ask in asks:
            found = plan(ask)

            assert "ix_approval_requests_reseller_id_status_created_at" in found, found


def test_cloud_ops_finds_what_is_open(many: None) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: db.session.scalars(queries.operations_query(RequestFilter()).limit(25)).all(),
        queries.count_for_ops,
    ]
    with use_scope(Scope(ScopeKind.PLATFORM)):
        for ask in asks:
            found = plan(ask)

            assert "ix_approval_requests_status_forwarded_at" in found, found


def test_everything_is_shown_in_order_too(many: None, world: World) -> None:
    with reseller_scope(world.north.id):
        found = db.session.scalars(queries.queue_query(RequestFilter(status=ALL)).limit(40)).all()

    waiting = [one for one in found if one.is_pending]
    assert [one.created_at for one in waiting] == sorted(one.created_at for one in waiting)
    assert found[: len(waiting)] == waiting
    rest = [one.created_at for one in found[len(waiting) :]]
    assert rest == sorted(rest, reverse=True)
