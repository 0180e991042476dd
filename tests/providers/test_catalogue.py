"""The catalogue: who may change it, what it takes, and the logos."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.providers.models import Provider, ResellerProvider
from app.providers.services import save_grants
from app.tenancy.scope import system_scope

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
NEW = {
    "name": "Hetzner Cloud",
    "code": "hetzner",
    "account_label": "Project ID",
    "account_pattern": r"\d{4,9}",
    "account_example": "123456",
    "services": "Servers\r\n\r\n  Volumes \r\nServers",
    "support_types": "",
    "position": "60",
    "is_active": "y",
}


def find(flask_app, code):
    with flask_app.app_context(), system_scope("test"):
        return db.session.scalars(select(Provider).where(Provider.code == code)).one_or_none()


def edit_form(**changes):
    return {key: value for key, value in NEW.items() if key != "code"} | changes


def test_the_catalogue_lists_every_provider(world, client_for):
    page = client_for(world.admin).get("/platform/providers/list/").text

    assert all(
        name in page for name in ("Amazon Web Services", "Microsoft Azure", "Google Cloud", "IBM Cloud")
    )


def test_a_provider_is_added(flask_app, world, client_for):
    added = client_for(world.admin).post("/platform/providers/add", NEW)

    assert added.status_code == 302, added.text
    provider = find(flask_app, "hetzner")
    assert provider.services == ["Servers", "Volumes"]
    assert provider.support_types == []
    assert provider.is_active
    assert not provider.has_reserved_instances


def test_the_code_never_changes(flask_app, world, client_for):
    client = client_for(world.admin)
    client.post("/platform/providers/add", NEW)
    key = find(flask_app, "hetzner").id

    url = f"/platform/providers/edit/{key}"

    saved = client.post(url, edit_form(code="other", name="Hetzner", opened=client.opened(url)))

    assert saved.status_code == 302
    assert find(flask_app, "hetzner").name == "Hetzner"
    assert find(flask_app, "other") is None


@pytest.mark.parametrize("who", ["owner", "ops", "sales", "customer_user"])
def test_nobody_of_a_reseller_changes_the_catalogue(flask_app, world, client_for, who):
    client = client_for(getattr(world.north, who))

    assert client.post("/platform/providers/add", NEW).status_code == 403
    assert client.post("/platform/providers/edit/1", edit_form()).status_code == 403
    assert find(flask_app, "hetzner") is None


def test_there_is_no_way_to_remove_a_provider(world, client_for):
    assert client_for(world.admin).post("/platform/providers/delete/1").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "aws", "Another provider has this code"),
        ("code", "Not Good", "lower-case letters"),
        ("name", "Microsoft Azure", "Another provider has this name"),
        ("name", "", "Enter the provider"),
        ("account_pattern", "(", "not a regular expression"),
        ("account_pattern", "(a+)+", "could take too long"),
        ("account_pattern", "x" * 201, "at most 200"),
        ("account_example", "nope", "does not match the format"),
        ("services", "x" * 101, "Keep each line"),
        ("services", "\n".join(str(n) for n in range(201)), "at most 200 lines"),
        ("position", "soon", "There is a problem"),
        ("position", "10000", "between 0 and 9999"),
    ],
)
def test_what_cannot_be_used_is_refused(flask_app, world, client_for, field, value, sentence):
    refused = client_for(world.admin).post("/platform/providers/add", NEW | {field: value})

    assert refused.status_code == 422
    assert sentence in refused.text
    assert find(flask_app, "hetzner") is None


def test_a_logo_is_kept_and_served_to_everybody_signed_in(flask_app, world, client_for):
    admin = client_for(world.admin)
    saved = admin.post(
        "/platform/providers/add",
        NEW | {"logo_file": (io.BytesIO(PNG), "logo.svg")},
        content_type="multipart/form-data",
    )
    assert saved.status_code == 302
    url = f"/providers/{find(flask_app, 'hetzner').id}/logo"

    for person in (world.admin, world.north.sales, world.south.customer_user):
        answer = client_for(person).get(url)
        assert answer.status_code == 200
        assert answer.mimetype == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.data == PNG
    assert "/login/" in client_for().get(url).location
    assert f'src="{url}"' in admin.get("/platform/providers/list/").text


def test_a_logo_is_removed(flask_app, world, client_for):
    admin = client_for(world.admin)
    admin.post(
        "/platform/providers/add",
        NEW | {"logo_file": (io.BytesIO(PNG), "a.png")},
        content_type="multipart/form-data",
    )
    key = find(flask_app, "hetzner").id

    url = f"/platform/providers/edit/{key}"
    admin.post(url, edit_form(remove_logo="y", opened=admin.opened(url)))

    assert admin.get(f"/providers/{key}/logo").status_code == 404


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "PNG, JPEG or WebP"),
        (b"GIF89a" + b"\x00" * 20, "PNG, JPEG or WebP"),
        (PNG + b"\x00" * 256 * 1024, "larger than 256 KB"),
    ],
)
def test_other_files_are_no_logo(flask_app, world, client_for, data, sentence):
    refused = client_for(world.admin).post(
        "/platform/providers/add",
        NEW | {"logo_file": (io.BytesIO(data), "logo.png")},
        content_type="multipart/form-data",
    )

    assert refused.status_code == 422
    assert sentence in refused.text
    assert find(flask_app, "hetzner") is None


@pytest.mark.parametrize("key", ["0", "1", "999", "99999999999999999999"])
def test_there_is_no_logo_where_none_was_uploaded(world, client_for, key):
    assert client_for(world.admin).get(f"/providers/{key}/logo").status_code == 404


def test_what_a_reseller_may_resell_is_granted_and_withdrawn(flask_app, world, client_for):
    client = client_for(world.admin)
    ids = {code: find(flask_app, code).id for code in ("aws", "azure", "google")}
    wanted = {f"provider_{ids['aws']}": "y", f"provider_{ids['google']}": "y"}
    wanted["opened"] = client.opened(f"/platform/resellers/show/{world.north.id}")

    saved = client.post(f"/platform/resellers/{world.north.id}/providers/", wanted)

    assert saved.status_code == 302
    with flask_app.app_context(), system_scope("test"):
        query = select(AuditEntry).where(
            AuditEntry.record_type == "reseller_provider", AuditEntry.is_platform_actor
        )
        found = {
            (one.action, one.record_name, one.reseller_id, tuple(one.changes))
            for one in db.session.scalars(query)
        }
    actions = {(action, name, reseller) for action, name, reseller, _changes in found}
    assert actions == {
        ("withdrawn", "Microsoft Azure", world.north.id),
        ("granted", "Google Cloud", world.north.id),
        ("changed", "Amazon Web Services", world.north.id),
    }


def test_withdrawing_keeps_what_customers_have(world, client_for):
    admin = client_for(world.admin)
    state = admin.opened(f"/platform/resellers/show/{world.north.id}")
    admin.post(f"/platform/resellers/{world.north.id}/providers/", {"opened": state})

    page = client_for(world.north.customer_user).get("/portal/north/").text

    assert "Amazon Web Services" in page
    assert world.north.account.name in page


def test_the_second_of_two_who_exchange_the_logo_is_told(flask_app, world, client_for):
    admin = client_for(world.admin)
    url = f"/platform/providers/edit/{find(flask_app, 'oracle').id}"
    values = edit_form(name="Oracle Cloud", opened=admin.opened(url))

    saved, refused = (
        admin.post(
            url,
            values | {"logo_file": (io.BytesIO(PNG + data), "a.png")},
            content_type="multipart/form-data",
        )
        for data in (b"first", b"second")
    )

    assert (saved.status_code, refused.status_code) == (302, 409)
    with flask_app.app_context(), system_scope("test"):
        assert find(flask_app, "oracle").logo_type == "image/png"


def test_the_second_of_two_who_grant_is_told_and_withdraws_nothing(flask_app, world, client_for):
    """Both open the page with two providers; the first grants a third, the second saves the two."""
    client = client_for(world.admin)
    page, save = (
        f"/platform/resellers/show/{world.north.id}",
        f"/platform/resellers/{world.north.id}/providers/",
    )
    keys = {code: find(flask_app, code).id for code in ("aws", "azure", "google")}
    wanted = {f"provider_{key}": "y" for key in keys.values()}
    wanted |= {"opened": client.opened(page), "opened_at": client.opened(page, "opened_at")}

    saved = client.post(save, wanted)
    del wanted[f"provider_{keys['google']}"]
    refused = client.post(save, wanted)

    assert (saved.status_code, refused.status_code) == (302, 409)
    assert "You saved this record" in refused.text
    assert "+ Google Cloud" in refused.text
    assert f'<a href="{page}">Reload the page' in refused.text
    with flask_app.app_context(), system_scope("test"):
        query = select(ResellerProvider).where(ResellerProvider.reseller_id == world.north.id)
        assert "Google Cloud" in {str(one) for one in db.session.scalars(query)}
    over = re.search(r'form="opened-form" name="over" value="([^"]+)"', refused.text)[1]
    assert client.post(save, wanted | {"over": over}).status_code == 302


@pytest.mark.parametrize("who", ["owner", "ops", "sales", "customer_user"])
def test_nobody_grants_oneself(world, client_for, who):
    client = client_for(getattr(world.north, who))

    assert client.post(f"/platform/resellers/{world.north.id}/providers/", {}).status_code == 403


def test_granting_to_nobody_is_not_found(world, client_for):
    assert client_for(world.admin).post("/platform/resellers/999/providers/", {}).status_code == 404


def test_a_provider_out_of_the_catalogue_is_offered_to_nobody_new(flask_app, world, client_for):
    client = client_for(world.admin)
    with flask_app.app_context(), system_scope("test"):
        for code in ("aws", "oracle"):
            db.session.scalars(select(Provider).where(Provider.code == code)).one().is_active = False
        db.session.commit()

    page = client.get(f"/platform/resellers/show/{world.north.id}").text
    keys = {code: find(flask_app, code).id for code in ("aws", "azure", "oracle")}
    client.post(
        f"/platform/resellers/{world.north.id}/providers/",
        {f"provider_{key}": "y" for key in keys.values()}
        | {"opened": client.opened(f"/platform/resellers/show/{world.north.id}")},
    )

    assert "Oracle Cloud" not in page
    assert "No longer in the catalogue" in page
    with flask_app.app_context(), system_scope("test"):
        query = select(ResellerProvider).where(ResellerProvider.reseller_id == world.north.id)
        assert {str(one) for one in db.session.scalars(query)} == {"Amazon Web Services", "Microsoft Azure"}
        save_grants(world.north.id, dict.fromkeys(keys.values(), False))
        assert len(db.session.scalars(query).all()) == 2, "the form is not the only guard"
