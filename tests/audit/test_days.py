"""The days of the change log's filter are days of the zone that its times are shown in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.worlds import World


@pytest.fixture
def late(flask_app: Any, world: World) -> None:
    """A change of the evening of 30 June, UTC, when it is 08:30 on 1 July in Kiritimati."""
    moment = datetime.datetime(2026, 6, 30, 18, 30, tzinfo=datetime.UTC)
    with flask_app.app_context(), system_scope("test"):
        db.session.get(Reseller, world.north.id).time_zone = "Pacific/Kiritimati"
        db.session.commit()
        with frozen_at(moment):
            db.session.get(Customer, world.north.customer.id).phone = "late"
            db.session.commit()


CASES = (
    ("since=2026-07-01&until=2026-07-01", True),
    ("since=2026-06-30&until=2026-06-30", False),
    ("until=2026-06-30", False),
    ("since=2026-07-02&until=2026-07-31", False),
    ("since=0001-01-01&until=9999-12-31", True),
)


@pytest.mark.parametrize(("arguments", "is_found"), CASES)
def test_list_and_export_begin_and_end_a_day_where_it_is_shown(
    arguments: str, is_found: bool, late: None, world: World, client_for: Any
) -> None:
    client = client_for(world.north.ops)

    page = client.get(f"/audit/list/?{arguments}&action=changed&q={world.north.customer.name}").text
    table = client.get(f"/audit/export.csv?{arguments}&action=changed").text

    assert ("1 Jul 2026, 08:30" in page) is is_found
    assert ("→ late" in table) is is_found
