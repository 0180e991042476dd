"""Whoever takes a copy of the change log leaves an entry in it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.tenancy.scope import system_scope


def table(client: Any, arguments: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/audit/export.csv{arguments}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def traces(flask_app: Any) -> list[tuple[Any, ...]]:
    with flask_app.app_context(), system_scope("tests look"):
        query = select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.id)
        return [
            (one.record_type, one.reseller_id, one.actor_id, one.changes) for one in db.session.scalars(query)
        ]


def test_an_export_is_written_down_with_its_size(flask_app: Any, world: Any, client_for: Any) -> None:
    count = len(table(client_for(world.north.ops)))

    assert count > 0
    size = {"row_count": [None, str(count)]}
    assert traces(flask_app) == [("change_log", world.north.id, world.north.ops.id, size)]


def test_with_its_filter(flask_app: Any, world: Any, client_for: Any) -> None:
    rows = table(client_for(world.north.ops), "?q=no+such+record&since=2026-01-31")

    told = {"row_count": [None, "0"], "filter": [None, "text: no such record; since: 2026-01-31"]}
    assert rows == []
    assert traces(flask_app) == [("change_log", world.north.id, world.north.ops.id, told)]


def test_the_next_export_has_it(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    table(client)

    page = client.get("/audit/list/?type=change_log").text

    assert "exported change log cloudtally-changes.csv" in page
    assert [row["Record"] for row in table(client, "?action=exported")] == ["change log"]


def test_the_platforms_export_stays_on_the_platform(flask_app: Any, world: Any, client_for: Any) -> None:
    table(client_for(world.admin))

    assert [trace[:3] for trace in traces(flask_app)] == [("change_log", None, world.admin.id)]


@pytest.mark.parametrize("who", ["sales", "customer_user"])
def test_a_refused_export_is_none(flask_app: Any, world: Any, client_for: Any, who: str) -> None:
    assert client_for(getattr(world.north, who)).get("/audit/export.csv").status_code == 403
    assert traces(flask_app) == []
