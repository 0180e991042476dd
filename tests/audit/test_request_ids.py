"""A request has one id: in its answer, in every entry it leaves, and in what is said when it fails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.log import record
from app.audit.models import AuditEntry
from app.extensions import db
from app.tenancy.scope import system_scope
from tests.audit.test_exports import table

OWN = re.compile(r"[0-9a-f]{32}")


def save_name(client: Any, name: str, **kwargs: Any) -> str:
    """Save the own profile; return the id that the answer carries."""
    answer = client.post("/profile/", {"name": name, "locale": ""}, **kwargs)
    assert answer.status_code == 302
    return str(answer.headers["X-Request-ID"])


def ids_in_log(flask_app: Any) -> list[str | None]:
    with flask_app.app_context(), system_scope("tests look"):
        query = select(AuditEntry.request_id).where(AuditEntry.action == "changed").order_by(AuditEntry.id)
        return list(db.session.scalars(query))


def test_each_request_has_its_own_and_its_entries_carry_it(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    before = len(ids_in_log(flask_app))

    first, second = save_name(client, "Una"), save_name(client, "Due")

    assert OWN.fullmatch(first)
    assert OWN.fullmatch(second)
    assert first != second
    assert ids_in_log(flask_app)[before:] == [first, second]


@pytest.mark.parametrize("url", ["/login/", "/nowhere/", "/static/shell/app.css", "/home/?page_x=abc"])
def test_every_answer_carries_one(client_for: Any, url: str) -> None:
    assert OWN.fullmatch(client_for().get(url).headers["X-Request-ID"])


def test_visitors_do_not_choose_it(flask_app: Any, world: Any, client_for: Any) -> None:
    sent = save_name(client_for(world.north.ops), "Una", headers={"X-Request-ID": "chosen"})

    assert OWN.fullmatch(sent)
    assert ids_in_log(flask_app)[-1] == sent


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("7f9c.Proxy_1-a", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("two words", False),
        ("<b>bold</b>", False),
        ("größe", False),
        ("", False),
    ],
)
def test_a_trusted_proxy_does_in_a_safe_form(
    given: str, is_taken: bool, flask_app: Any, world: Any, client_for: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_PROXY_COUNT", 1)

    sent = save_name(client_for(world.north.ops), "Una", headers={"X-Request-ID": given})

    assert (sent == given) is is_taken
    assert is_taken or OWN.fullmatch(sent)
    assert ids_in_log(flask_app)[-1] == sent


def test_the_log_shows_finds_and_exports_it(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    wanted, other = save_name(client, "Una"), save_name(client, "Due")

    page = client.get("/audit/list/", query_string={"request": wanted}).text

    assert f"request={wanted}" in page
    assert other not in page
    [row] = table(client, f"?request={wanted}")
    assert row["Request"] == wanted
    assert f"Request: {wanted}" in client.get("/audit/list/?type=change_log").text
    assert table(client_for(world.south.ops), f"?request={wanted}") == []


def test_what_no_request_did_has_none(flask_app: Any) -> None:
    with flask_app.app_context(), system_scope("test"):
        record("exported", noun="change_log", name="of a command")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.record_name == "of a command")).one()
        assert entry.request_id is None
        db.session.rollback()


def test_a_failure_names_its_request(
    flask_app: Any, world: Any, client_for: Any, monkeypatch: Any, caplog: Any
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        db.session().trusted_connection().exec_driver_sql("SELECT nothing FROM nowhere")

    monkeypatch.setattr("app.audit.views.entries_query", fail)

    answer = client_for(world.north.ops).get("/audit/list/")

    assert answer.status_code == 500
    assert f"as request {answer.headers['X-Request-ID']}." in answer.text
    assert f"database error in request {answer.headers['X-Request-ID']}" in caplog.text
