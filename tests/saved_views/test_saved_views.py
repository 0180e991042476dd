"""Saved views: made, opened, renamed and removed by the person they belong to, and by nobody else."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.saved_views import services
from app.saved_views.models import SavedView
from app.security.manager import ENTERED
from app.tenancy.scope import system_scope
from tests.worlds import World

ADD = "/views/customers/add"
LIST = "/customers/list/"
SHOWN = "status=active&sort=added&dir=desc&per_page=50&columns=organization&columns=email"


def tabs(client: Any, url: str = LIST) -> dict[str, str]:
    """Return label -> address of the list's tabs; the one that is on has ``*`` before its label."""
    page = client.get(url).text
    found = re.findall(
        r'<li( class="active")?><a href="([^"]*)"[^>]*><span>([^<]+)', page[page.index("ct-views") :]
    )
    return {("*" if on else "") + unescape(label): unescape(address) for on, address, label in found}


def stored(app: Any) -> list[SavedView]:
    with app.app_context(), system_scope("the test looks"):
        return list(db.session.scalars(select(SavedView).order_by(SavedView.position)))


@pytest.fixture
def ops(client_for: Any, world: World) -> Any:
    return client_for(world.north.ops)


def test_a_view_is_saved_opened_renamed_and_removed(flask_app: Any, ops: Any) -> None:
    saved = ops.post(f"{ADD}?{SHOWN}&page=3", {"name": "Newest"})
    view = stored(flask_app)[0]

    assert (saved.status_code, saved.location) == (302, f"{LIST}?{SHOWN}")
    assert view.arguments == SHOWN
    assert tabs(ops)["Newest"] == f"{LIST}?{SHOWN}"
    assert "*Newest" in tabs(ops, f"{LIST}?{SHOWN}") and "*All" not in tabs(ops, f"{LIST}?{SHOWN}")
    assert "Change view" in ops.get(saved.location).text

    renamed = ops.post(f"/views/{view.id}/", {"name": "Latest"})
    assert (renamed.status_code, renamed.location) == (302, f"{LIST}?{SHOWN}")
    assert "*Latest" in tabs(ops, renamed.location)

    removed = ops.post(f"/views/{view.id}/remove/")
    assert (removed.status_code, removed.location) == (302, LIST)
    assert "Latest" not in tabs(ops)
    assert stored(flask_app) == []


def test_two_addresses_that_show_the_same_are_one_view(ops: Any) -> None:
    ops.post(f"{ADD}?columns=email&dir=desc&per_page=50&sort=added&status=active&q=&page=2", {"name": "Mine"})

    assert tabs(ops)["Mine"] == f"{LIST}?{SHOWN}"
    assert "*Mine" in tabs(ops, f"{LIST}?per_page=50&status=active&sort=added&dir=desc&columns=email&page=1")
    assert "*Mine" not in tabs(ops, f"{LIST}?status=active&sort=added&dir=desc&columns=email")


def test_the_change_log_tells_colleagues_nothing(flask_app: Any, ops: Any, world: World) -> None:
    with flask_app.app_context(), system_scope("the test looks"):
        before = list(db.session.scalars(select(AuditEntry.id)))
    ops.post(f"{ADD}?status=pending&q=Only+my+search", {"name": "Only my business"})
    view = stored(flask_app)[0]
    ops.post(f"/views/{view.id}/", {"name": "New"})
    ops.post(f"/views/{view.id}/remove/")

    with flask_app.app_context(), system_scope("the test looks"):
        after = list(db.session.scalars(select(AuditEntry.id)))
    assert after == before


def test_nobody_else_sees_or_touches_it(flask_app: Any, ops: Any, client_for: Any, world: World) -> None:
    ops.post(f"{ADD}?status=pending", {"name": "Only mine"})
    view = stored(flask_app)[0]

    for person in (world.north.owner, world.north.sales, world.south.ops):
        other = client_for(person)
        assert "Only mine" not in other.get(LIST).text
        assert other.get(f"/views/{view.id}/").status_code == 404
        assert other.post(f"/views/{view.id}/", {"name": "Taken"}).status_code == 404
        assert other.post(f"/views/{view.id}/remove/").status_code == 404
    assert [one.name for one in stored(flask_app)] == ["Only mine"]


def test_who_has_entered_a_reseller_keeps_nothing_and_is_not_offered_to(
    flask_app: Any, client_for: Any, world: World
) -> None:
    entered = client_for(world.admin)
    with entered.http.session_transaction() as session:
        session[ENTERED] = {"id": world.north.id, "reason": "support", "by": world.admin.id}

    assert "Save this view" not in entered.get(LIST).text
    refused = entered.post(ADD, {"name": "Left behind"})
    assert refused.status_code == 403
    assert "entered its console for support" in refused.text
    assert stored(flask_app) == []


def test_a_customers_user_saves_nothing(client_for: Any, world: World) -> None:
    assert client_for(world.north.customer_user).post(ADD, {"name": "X"}).status_code == 403
    assert client_for(world.north.owner).post("/views/nothing/add", {"name": "X"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name, such as"),
        ("x" * 61, "Use at most 60 characters"),
        ("  MINE ", "exists already"),
    ],
)
def test_a_name_is_needed_once_and_short(flask_app: Any, ops: Any, name: str, sentence: str) -> None:
    ops.post(ADD, {"name": "Mine"})

    refused = ops.post(f"{ADD}?status=pending", {"name": name})

    assert refused.status_code == 422
    assert sentence in refused.text
    assert len(stored(flask_app)) == 1
    assert ops.post(f"{ADD}?status=pending", {"name": "Another"}).status_code == 302


def test_a_colleague_may_use_the_same_name(ops: Any, client_for: Any, world: World) -> None:
    assert ops.post(ADD, {"name": "Mine"}).status_code == 302
    assert client_for(world.north.sales).post(ADD, {"name": "Mine"}).status_code == 302


def test_no_more_than_the_most_are_kept(
    flask_app: Any, ops: Any, client_for: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_VIEWS", 2)
    answers = [ops.post(ADD, {"name": f"View {n}"}) for n in range(3)]

    assert [one.status_code for one in answers] == [302, 302, 409]
    assert "You have 2 views of this list" in answers[2].text
    assert client_for(world.north.sales).post(ADD, {"name": "View"}).status_code == 302
    assert len(stored(flask_app)) == 3


def test_a_view_of_nonsense_is_refused(flask_app: Any, ops: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ops.post(f"{ADD}?sort=password", {"name": "Bad"}).status_code == 400
    monkeypatch.setattr(services, "LONGEST_ARGUMENTS", 20)
    assert ops.post(f"{ADD}?q={'x' * 30}", {"name": "Long"}).status_code == 422
    assert stored(flask_app) == []


def test_an_unknown_id_is_not_found(ops: Any) -> None:
    for number in ("0", "2147483647", "9" * 40):
        assert ops.get(f"/views/{number}/").status_code == 404
