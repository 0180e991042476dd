"""Home's figures and its date are the reseller's: its day and its month, and numbers that can be read."""

from __future__ import annotations

import datetime
import re
from typing import Any

from sqlalchemy import update

from app.customers.models import Customer
from app.extensions import db
from app.home import views
from app.kernel.clock import frozen_at
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.worlds import World


def figures(page: str) -> dict[str, str]:
    """Return label -> figure of the page's strip."""
    found = re.findall(r"<dt>(.*?)</dt><dd><span class=\"v\">(.*?)</span>", page)
    return {label: re.sub("<[^>]+>", "", value) for label, value in found}


def test_the_day_and_the_month_are_the_resellers(flask_app: Any, world: World, client_for: Any) -> None:
    new_year = datetime.datetime(2026, 12, 31, 15, 30, tzinfo=datetime.UTC)  # 00:30 on 1 January in Tokyo
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(update(Reseller).values(time_zone="Asia/Tokyo"))
        db.session.execute(update(Customer).values(created_at=new_year - datetime.timedelta(hours=1)))
        db.session.commit()

    with frozen_at(new_year):
        page = client_for(world.north.ops).get("/home/").text

    assert "1 Jan 2027" in page
    assert "31 Dec 2026" not in page.split("ct-kpis")[0]
    assert figures(page)["Added this month"] == "0"


def test_large_figures_have_separators(world: World, client_for: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        views, "_customer_figures", lambda: [{"label": "Customers", "value": 20017, "url": "/"}]
    )

    assert figures(client_for(world.north.ops).get("/home/").text)["Customers"] == "20,017"
