"""Billing > Months: who closed which month of which provider, and which days have data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import WrongState
from app.extensions import db
from app.providers.models import Provider
from app.tenancy.scope import Actor, reseller_scope
from app.usage import services
from app.usage.models import UsagePart
from app.usage.overview import ProviderInMonth
from app.usage.queries import is_closed
from tests.worlds import World

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


def aws() -> Provider:
    return db.session.scalars(select(Provider).where(Provider.code == "aws")).one()


def test_a_month_is_open_until_somebody_closes_it_and_can_be_opened_again(
    flask_app: Any, world: World
) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id, actor=Actor(7, "Ona")):
        assert not is_closed(aws(), OCTOBER)
        said = services.close_month(aws(), OCTOBER, now=NOW)
        assert (is_closed(aws(), OCTOBER), said.closed_by, said.closed_at) == (True, "Ona", NOW)
        with pytest.raises(WrongState, match="by Ona"):
            services.close_month(aws(), OCTOBER, now=NOW)

        services.open_month(aws(), OCTOBER, now=NOW)
        assert not is_closed(aws(), OCTOBER)

        with pytest.raises(WrongState, match="not over"):
            services.close_month(aws(), date(2026, 11, 1), now=NOW)


def test_the_bar_names_the_days_that_are_missing() -> None:
    part = UsagePart(days=[day for day in range(1, 32) if day not in (5, 30, 31)], row_count=1, totals={})
    past = ProviderInMonth(Provider(code="aws"), OCTOBER, date(2026, 11, 26), [part])
    running = ProviderInMonth(Provider(code="aws"), OCTOBER, date(2026, 10, 10), [part])

    assert (past.expected, past.missing, past.is_over) == (31, [5, 30, 31], True)
    assert (running.expected, running.missing, running.is_over) == (9, [5], False)
    assert dict(running.bar)[31] == "later"


def test_months_are_closed_on_their_page(
    flask_app: Any, client_for: Callable[..., Any], world: World
) -> None:
    owner = client_for(world.north.owner)

    assert owner.post("/billing/months/2026-09/aws/close/").status_code == 302
    assert owner.post("/billing/months/2026-09/aws/close/").status_code == 409
    assert owner.post("/billing/months/2026-13/aws/close/").status_code == 404
    with flask_app.app_context(), reseller_scope(world.south.id):
        assert not is_closed(aws(), date(2026, 9, 1))
