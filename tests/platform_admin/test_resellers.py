"""Resellers: seen, added with their first Owner, changed; and what the platform may not see of them."""

from __future__ import annotations

import datetime
import re

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import frozen_at
from app.security.models import User
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
NEW = {
    "name": "Harbourline Cloud",
    "nickname": "harbourline",
    "operations_email": "ops@harbourline.example",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "language_codes": ["en", "de"],
    "default_language": "de",
    "owner_name": "Olga Owner",
    "owner_email": "Olga@Harbourline.example",
}


def invitation_path(page: str) -> str:
    found = re.search(r'data-copy="https?://[^/"]+(/invitation/[^"]+)"', page)
    assert found, "the page shows no invitation link"
    return found[1]


def rows_of(flask_app, model):
    with flask_app.app_context(), system_scope("a test counts"):
        return db.session.scalar(select(func.count(model.id)))


def add_reseller(client, **changes):
    added = client.post("/platform/resellers/add", NEW | changes)
    assert added.status_code == 302, added.text
    return added.location


def test_admin_sees_resellers_and_finds_one_by_name(world, client_for):
    client = client_for(world.admin)

    everybody = client.get("/platform/resellers/list/")
    one = client.get("/platform/resellers/list/?_flt_2_name=South")

    assert world.north.name in everybody.text
    assert world.south.name in everybody.text
    assert one.status_code == 200
    assert world.south.name in one.text
    assert world.north.name not in one.text


@pytest.mark.parametrize("who", ["owner", "ops", "sales", "customer_user"])
@pytest.mark.parametrize(
    "path",
    [
        "/platform/",
        "/platform/resellers/list/",
        "/platform/resellers/add",
        "/platform/resellers/show/1",
        "/platform/users/list/",
        "/platform/roles/list/",
        "/platform/providers/list/",
    ],
)
def test_nobody_of_a_reseller_reaches_the_platform(world, client_for, who, path):
    assert client_for(getattr(world.north, who)).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/platform/", "/platform/resellers/list/", "/platform/users/list/"])
def test_anonymous_is_sent_to_sign_in(world, client_for, path):
    answer = client_for().get(path)

    assert answer.status_code == 302
    assert "/login/" in answer.location


@pytest.mark.parametrize("path", ["/home/", "/customers/list/", "/customers/add"])
def test_admin_opens_no_page_of_a_reseller_before_entering(world, client_for, path):
    assert client_for(world.admin).get(path).status_code == 403


def test_adding_a_reseller_invites_its_owner_and_shows_the_link_once(flask_app, world, client_for):
    client = client_for(world.admin)

    page = client.get(add_reseller(client))
    again = client.get(page.request.path)

    path = invitation_path(page.text)
    assert "data-copy" not in again.text
    with flask_app.app_context(), system_scope("test"):
        reseller = db.session.scalars(select(Reseller).where(Reseller.nickname == "harbourline")).one()
        owner = db.session.scalars(select(User).where(User.reseller_id == reseller.id)).one()
        assert reseller.languages == "de,en"
        assert (owner.email, owner.role_name, owner.password) == (
            "olga@harbourline.example",
            "Reseller Owner",
            None,
        )
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.reseller_id == reseller.id)).all()
        assert {(one.action, one.record_type) for one in entries} >= {
            ("created", "reseller"),
            ("created", "user"),
            ("invited", "user"),
        }
        assert all(one.is_platform_actor for one in entries)
        assert path.rsplit("/", 2)[-2] not in str([one.changes for one in entries])


def test_the_owner_takes_up_the_invitation_and_works(world, client_for):
    admin = client_for(world.admin)
    path = invitation_path(admin.get(add_reseller(admin)).text)
    owner = client_for()

    accepted = owner.post(
        path, {"password": "tall ships in the harbour", "repeated": "tall ships in the harbour"}
    )

    assert accepted.status_code == 302
    assert owner.get("/home/").status_code == 200
    assert owner.get("/platform/").status_code == 403


def test_an_address_in_use_adds_neither_reseller_nor_owner(flask_app, world, client_for):
    before = rows_of(flask_app, Reseller), rows_of(flask_app, User), rows_of(flask_app, AuditEntry)

    refused = client_for(world.admin).post(
        "/platform/resellers/add", NEW | {"owner_email": world.south.sales.email}
    )

    assert refused.status_code == 422
    assert re.search(r'id="owner_email-err"[^>]*>.*?This address cannot be used', refused.text, re.S)
    assert world.south.name not in refused.text
    assert (rows_of(flask_app, Reseller), rows_of(flask_app, User), rows_of(flask_app, AuditEntry)) == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("nickname", "north", "This nickname is taken"),
        ("nickname", "portal", "This word is reserved"),
        ("nickname", "Harbour", "lower-case letters"),
        ("nickname", "ab", "3 to 40"),
        ("nickname", "-harbour", "lower-case letters"),
        ("nickname", "a" * 41, "at most 40"),
        ("name", "", "Enter the reseller"),
        ("name", "x" * 201, "at most 200"),
        ("currency", "XYZ", "Choose one of the list"),
        ("time_zone", "Mars/Base", "Choose one of the list"),
        ("language_codes", ["xx"], "Choose"),
        ("language_codes", [], "Choose at least one language"),
        ("default_language", "fr", "Choose"),
        ("operations_email", "nobody", "name@example.com"),
        ("owner_email", "", "name@example.com"),
        ("owner_name", "", "Enter the Owner"),
        ("portal_host", "https://portal.example.com", "Enter a host name"),
        ("portal_host", "portal.example.com/path", "Enter a host name"),
        ("portal_host", "portal.example.com:8443", "Enter a host name"),
        ("portal_host", "*.example.com", "Enter a host name"),
        ("portal_host", "portal", "Enter a host name"),
        ("portal_host", "10.0.0.1", "Enter a host name"),
        ("portal_host", "por tal.example.com", "Enter a host name"),
        ("portal_host", "a" * 260, "at most 253"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(flask_app, world, client_for, field, value, sentence):
    before = rows_of(flask_app, Reseller)

    refused = client_for(world.admin).post("/platform/resellers/add", NEW | {field: value})

    assert refused.status_code == 422
    assert sentence in refused.text
    assert 'id="error-summary"' in refused.text
    assert "<title>Error:" in refused.text
    assert rows_of(flask_app, Reseller) == before


def test_adding_without_token_is_refused(flask_app, world, client_for):
    before = rows_of(flask_app, Reseller)

    assert client_for(world.admin).post_without_token("/platform/resellers/add", NEW).status_code == 400
    assert rows_of(flask_app, Reseller) == before


def test_details_are_changed_and_an_old_form_is_refused(flask_app, world, client_for):
    client = client_for(world.admin)
    url = f"/platform/resellers/edit/{world.north.id}"
    assert "North Cloud" in client.get(url).text
    form = {key: NEW[key] for key in NEW if not key.startswith("owner")} | {
        "nickname": "north",
        "version": "1",
    }

    saved = client.post(url, form | {"name": "North Star"})
    stale = client.post(url, form | {"name": "North Pole"})

    assert saved.status_code == 302
    assert stale.status_code == 409
    assert "Somebody else saved this record" in stale.text
    with flask_app.app_context(), system_scope("test"):
        reseller = db.session.get(Reseller, world.north.id)
        assert (reseller.name, reseller.version) == ("North Star", 2)


@pytest.mark.parametrize("key", ["0", "999", "abc", "99999999999999999999999", "-1"])
def test_resellers_that_do_not_exist(world, client_for, key):
    client = client_for(world.admin)

    assert client.get(f"/platform/resellers/show/{key}").status_code == 404
    assert client.get(f"/platform/resellers/edit/{key}").status_code == 404


def test_an_owner_who_never_came_gets_a_new_link_and_the_old_one_stops(world, client_for):
    admin = client_for(world.admin)
    with frozen_at(NOW):
        page_url = add_reseller(admin)
        page = admin.get(page_url).text
        first = invitation_path(page)
        again = re.search(r'action="(/platform/resellers/\d+/owners/\d+/invitation/)"', page)
        assert again
        assert "Invitation open until" in page
    with frozen_at(NOW + datetime.timedelta(hours=100)):
        admin = client_for(world.admin)
        assert "expired without being taken up" in admin.get(page_url).text
        second = invitation_path(admin.get(admin.post(again[1]).location).text)
        visitor = client_for()

        assert second != first
        assert visitor.get(first).status_code == 404
        assert visitor.get(second).status_code == 200


def test_no_new_link_for_owners_who_came_or_are_of_another_reseller(world, client_for):
    admin = client_for(world.admin)
    page_url = add_reseller(admin)
    page = admin.get(page_url).text
    user_id = re.search(r"/owners/(\d+)/invitation/", page)[1]

    assert (
        admin.post(
            f"/platform/resellers/{world.north.id}/owners/{world.north.owner.id}/invitation/"
        ).status_code
        == 404
    )
    assert admin.post(f"/platform/resellers/{world.north.id}/owners/{user_id}/invitation/").status_code == 404
    assert world.north.owner.email not in admin.get(f"/platform/resellers/show/{world.north.id}").text


def test_home_counts_what_is_the_platforms_and_names_no_customer(world, client_for):
    page = client_for(world.admin).get("/platform/").text

    assert "Resellers" in page
    assert world.north.customer.name not in page
    assert world.south.customer.name not in page


def edit_host(client, reseller, host):
    """Open the form of a reseller, change its portal's host name, and send it."""
    url = f"/platform/resellers/edit/{reseller.id}"
    form = {key: NEW[key] for key in NEW if not key.startswith("owner")} | {"nickname": reseller.nickname}
    return client.post(url, form | {"version": client.opened(url, "version"), "portal_host": host})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Portal.North.Example.", "portal.north.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", None),
    ],
)
def test_the_platform_gives_a_portal_a_host_name(flask_app, world, client_for, typed, kept):
    client = client_for(world.admin)

    assert edit_host(client, world.north, typed).status_code == 302

    with flask_app.app_context(), system_scope("test"):
        assert db.session.get(Reseller, world.north.id).portal_host == kept
    page = client.get(f"/platform/resellers/show/{world.north.id}").text
    assert "/portal/north/" in page
    if kept:
        assert f"http://{kept}:8080/" in page
        assert client_for().http.get("/", base_url=f"http://{kept}").location == "/portal/north/"


def test_a_host_name_belongs_to_one_portal(flask_app, world, client_for):
    client = client_for(world.admin)
    edit_host(client, world.north, "portal.example.com")

    taken = edit_host(client, world.south, "PORTAL.example.com")
    again = edit_host(client, world.north, "portal.example.com")
    gone = edit_host(client, world.north, "")
    free = edit_host(client, world.south, "portal.example.com")

    assert taken.status_code == 422
    assert "portal has this host name." in taken.text
    assert [one.status_code for one in (again, gone, free)] == [302, 302, 302]


def test_the_products_own_host_names_are_nobodys(flask_app, world, client_for, monkeypatch):
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_PUBLIC_URL", "https://console.example.com")

    refused = edit_host(client_for(world.admin), world.north, "console.example.com")

    assert refused.status_code == 422
    assert "own address. Choose another." in refused.text


def test_a_host_name_stands_in_the_change_log(flask_app, world, client_for):
    edit_host(client_for(world.admin), world.north, "portal.example.com")

    with flask_app.app_context(), system_scope("test"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry.changes["portal_host"] == [None, "portal.example.com"]
