"""Entering a reseller for support: with a reason, with its Owner's rights, and never unseen."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.security.models import User, UserStatus
from app.taxes.models import TaxRate
from app.tenancy.scope import system_scope

REASON = "ticket 4711, wrong currency"


def enter(client, side, reason=REASON):
    return client.post(f"/enter/{side.id}/", {"reason": reason})


def entries(flask_app, *actions):
    with flask_app.app_context(), system_scope("test"):
        query = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
        return [
            (one.action, one.reseller_id, one.actor_name, one.is_platform_actor, one.reason)
            for one in db.session.scalars(query)
        ]


def test_entering_shows_the_reseller_and_nobody_elses(flask_app, world, client_for):
    client = client_for(world.admin)

    entered = enter(client, world.north)
    page = client.get("/home/").text
    customers = client.get("/customers/list/").text

    assert entered.status_code == 302
    assert REASON in page
    assert world.north.name in page
    assert world.north.customer.name in customers
    assert world.south.customer.name not in customers
    assert client.get(f"/customers/{world.south.customer.id}/").status_code == 404
    assert client.get("/platform/").status_code == 403
    assert entries(flask_app, "entered") == [("entered", world.north.id, "Ada Admin", True, REASON)]


def test_the_reseller_and_the_platform_both_read_of_it(world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)
    client.post("/enter/leave/")

    assert REASON in client_for(world.north.owner).get("/audit/list/").text
    assert REASON in client.get("/audit/list/").text
    assert REASON not in client_for(world.south.owner).get("/audit/list/").text


def test_changes_while_entered_carry_the_platforms_person(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)

    archived = client.post(f"/customers/{world.north.customer.id}/archive/")

    assert archived.status_code == 302
    assert entries(flask_app, "archived") == [("archived", world.north.id, "Ada Admin", True, "")]


def test_leaving_is_recorded_and_shuts_the_console(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)

    left = client.post("/enter/leave/")

    assert left.status_code == 302
    assert client.get("/home/").status_code == 403
    assert client.get("/platform/").status_code == 200
    assert entries(flask_app, "left") == [("left", world.north.id, "Ada Admin", True, "")]


def test_signing_out_leaves_too(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.south)

    client.post("/logout/")

    assert entries(flask_app, "left") == [("left", world.south.id, "Ada Admin", True, "")]


def test_entering_another_leaves_the_first(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)

    enter(client, world.south, "second look")

    assert entries(flask_app, "entered", "left") == [
        ("entered", world.north.id, "Ada Admin", True, REASON),
        ("left", world.north.id, "Ada Admin", True, ""),
        ("entered", world.south.id, "Ada Admin", True, "second look"),
    ]
    assert client.get(f"/customers/{world.south.customer.id}/").status_code == 200
    assert client.get(f"/customers/{world.north.customer.id}/").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "abc", "x" * 201, "bell\x07 rings"])
def test_a_reason_is_required(flask_app, world, client_for, reason):
    client = client_for(world.admin)

    refused = enter(client, world.north, reason)

    assert refused.status_code == 422
    assert 'id="error-summary"' in refused.text
    assert client.get("/home/").status_code == 403
    assert entries(flask_app, "entered") == []


def test_entering_takes_a_post_with_its_token(flask_app, world, client_for):
    client = client_for(world.admin)

    assert client.get(f"/enter/{world.north.id}/").status_code == 405
    refused = client.post_without_token(f"/enter/{world.north.id}/", {"reason": REASON})
    assert refused.status_code == 400
    assert client.get("/home/").status_code == 403


@pytest.mark.parametrize("who", ["owner", "ops", "sales", "customer_user"])
def test_nobody_else_enters(flask_app, world, client_for, who):
    client = client_for(getattr(world.north, who))

    assert enter(client, world.south).status_code == 403
    assert entries(flask_app, "entered") == []


def test_anonymous_is_sent_to_sign_in(world, client_for):
    assert "/login/" in enter(client_for(), world.north).location
    assert "/login/" in client_for().post("/enter/leave/").location


@pytest.mark.parametrize("key", [0, 999, 99999999999999999999])
def test_an_unknown_reseller_is_not_found(world, client_for, key):
    assert client_for(world.admin).post(f"/enter/{key}/", {"reason": REASON}).status_code == 404


def test_somebody_elses_entry_in_the_cookie_is_worth_nothing(world, client_for):
    client = client_for(world.north.owner)
    with client.http.session_transaction() as session:
        session["entered_reseller"] = {"id": world.south.id, "reason": "x", "by": world.north.owner.id}

    assert client.get(f"/customers/{world.south.customer.id}/").status_code == 404
    assert client.get(f"/customers/{world.north.customer.id}/").status_code == 200


def test_a_suspended_admin_is_out_at_the_next_request(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, world.admin.id).status = UserStatus.SUSPENDED
        db.session.commit()

    answer = client.get("/home/")

    assert answer.status_code == 302
    assert "/login/" in answer.location


def test_the_own_language_can_be_chosen_while_entered(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)

    assert client.post("/language/", {"locale": "de", "next": "/home/"}).status_code == 302
    with flask_app.app_context(), system_scope("test"):
        assert db.session.get(User, world.admin.id).locale == "de"


def test_the_own_profile_can_be_saved_while_entered(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)

    assert client.post("/profile/", {"name": "Ada Lovelace", "locale": "de"}).status_code == 302
    with flask_app.app_context(), system_scope("test"):
        user = db.session.get(User, world.admin.id)
        assert (user.name, user.reseller_id) == ("Ada Lovelace", None)


def form_token(client, url):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(url).text)[1]


def add_tax_rate(client, token):
    values = {"csrf_token": token, "name": "Stale", "country": "DE", "percent": "1", "counts_from": "always"}
    return client.post("/settings/taxes/add", values)


def tax_rates_named(flask_app, name):
    with flask_app.app_context(), system_scope("test"):
        return list(db.session.scalars(select(TaxRate.reseller_id).where(TaxRate.name == name)))


def test_a_form_opened_in_one_reseller_does_not_write_into_the_next(flask_app, world, client_for):
    client = client_for(world.admin)
    enter(client, world.north)
    token = form_token(client, "/settings/taxes/add")
    enter(client, world.south)

    refused = add_tax_rate(client, token)

    assert refused.status_code == 400
    assert "This form has expired" in refused.text
    assert tax_rates_named(flask_app, "Stale") == []
    assert add_tax_rate(client, form_token(client, "/settings/taxes/add")).status_code == 302
    assert tax_rates_named(flask_app, "Stale") == [world.south.id]


def test_forms_expire_on_the_way_in_and_on_the_way_out(world, client_for):
    client = client_for(world.admin)
    before = form_token(client, "/platform/resellers/add")
    enter(client, world.north)
    inside = form_token(client, "/settings/taxes/add")

    assert add_tax_rate(client, before).status_code == 400
    client.post("/enter/leave/")
    assert client.post("/profile/", {"csrf_token": inside, "name": "Ada", "locale": ""}).status_code == 400
    assert client.post("/profile/", {"csrf_token": before, "name": "Ada", "locale": ""}).status_code == 400
