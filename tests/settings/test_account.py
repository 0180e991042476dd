"""Account Information: what a reseller says about itself, its logo, and two people editing at once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope, system_scope
from tests.settings import images

URL = "/settings/account/"


def good(**changes: Any) -> dict[str, Any]:
    values = {
        "version": "1",
        "name": "North Cloud",
        "nickname": "north-cloud",
        "legal_name": "North Cloud GmbH",
        "tax_number": "DE123456789",
        "street": "Kai 1",
        "city": "Hamburg",
        "state": "",
        "postal_code": "20457",
        "country": "DE",
        "phone": "+49 40 1234",
        "website": "https://north.example",
        "support_email": "Help@North.example",
        "currency": "CHF",
        "time_zone": "Europe/Zurich",
        "language_codes": ["de", "en"],
    }
    return {**values, **changes}


def reseller(app: Any, side: Any) -> Reseller:
    with app.app_context(), reseller_scope(side.id):
        found = db.session.get(Reseller, side.id)
        _ = found.logo
        return found


def test_ops_saves_the_account_information(flask_app: Any, world: Any, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(URL, good())

    assert answer.status_code == 302
    saved = reseller(flask_app, world.north)
    assert (saved.nickname, saved.currency, saved.support_email) == (
        "north-cloud",
        "CHF",
        "help@north.example",
    )
    assert (saved.version, saved.languages) == (2, "en,de")


def test_the_change_is_in_the_change_log(flask_app: Any, world: Any, client_for: Any) -> None:
    client_for(world.north.ops).post(URL, good())

    with flask_app.app_context(), reseller_scope(world.north.id):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.record_type, entry.changes["currency"]) == ("reseller", ["EUR", "CHF"])


def test_the_operations_address_is_shown_and_cannot_be_changed(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.owner)

    page = client.get(URL).text
    client.post(URL, good(operations_email="me@north.example", id="2", last_customer_number="1"))

    assert re.search(r'value="ops@northcanary.example" readonly', page)
    saved = reseller(flask_app, world.north)
    assert saved.operations_email == "ops@northcanary.example"
    assert (saved.id, saved.last_customer_number) == (world.north.id, 1002)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "x" * 100_000),
        ("nickname", ""),
        ("nickname", "ab"),
        ("nickname", "x" * 41),
        ("nickname", "North"),
        ("nickname", "no rth"),
        ("nickname", "-north"),
        ("nickname", "nörth"),
        ("nickname", "admin"),
        ("nickname", "login"),
        ("nickname", "static"),
        ("nickname", "south"),
        ("country", "XX"),
        ("currency", "XXX"),
        ("currency", ""),
        ("time_zone", "Mars/Base"),
        ("website", "javascript:alert(1)"),
        ("website", "www.example.com"),
        ("website", "https://"),
        ("website", "https://a b.example"),
        ("website", "http://[broken"),
        ("support_email", "nobody"),
        ("language_codes", []),
        ("language_codes", ["fr"]),
        ("phone", "1\x012"),
        ("portal_name", "x" * 101),
        ("brand_color", "petrol"),
        ("brand_color", "#12345"),
        ("brand_color", "#1234567"),
        ("brand_color", "red;}"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, world: Any, client_for: Any, field: str, value: Any
) -> None:
    answer = client_for(world.north.ops).post(URL, good(**{field: value}))

    assert answer.status_code == 422
    assert f"{field}-err" in answer.text
    assert reseller(flask_app, world.north).version == 1


def test_the_own_nickname_may_stay(flask_app: Any, world: Any, client_for: Any) -> None:
    assert client_for(world.north.ops).post(URL, good(nickname="north")).status_code == 302


def test_the_default_language_stays_first_as_long_as_it_is_chosen(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    client.post(URL, good(language_codes=["de"]))

    client.post(URL, good(version="2", language_codes=["en", "de"]))

    assert reseller(flask_app, world.north).languages == "de,en"


@pytest.mark.parametrize("version", ["0", "", "x", "-1", "99999999999999999999"])
def test_a_form_of_another_version_is_refused(
    flask_app: Any, world: Any, client_for: Any, version: str
) -> None:
    answer = client_for(world.north.ops).post(URL, good(version=version))

    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.text
    assert reseller(flask_app, world.north).nickname == "north"


def test_the_second_of_two_editors_is_told(flask_app: Any, world: Any, client_for: Any) -> None:
    first = client_for(world.north.owner).post(URL, good(city="Bremen"))
    second = client_for(world.north.ops).post(URL, good(city="Kiel"))

    assert (first.status_code, second.status_code) == (302, 409)
    assert 'value="Kiel"' in second.text
    assert reseller(flask_app, world.north).city == "Bremen"


def test_a_logo_is_kept_served_and_removed(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)

    stored = client.post(URL, good(logo=(io.BytesIO(images.png()), "evil.svg")))
    served = client.get(URL + "logo")
    client.post(URL, good(version="2", remove_logo="y"))

    assert stored.status_code == 302
    assert (served.status_code, served.mimetype, served.data) == (200, "image/png", images.png())
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(URL + "logo").status_code == 404
    assert reseller(flask_app, world.north).logo is None


@pytest.mark.parametrize(
    "content",
    [b"<svg onload=alert(1)>", b"MZ" + bytes(100), images.png(9000, 9000)],
)
def test_a_file_that_is_no_logo_is_refused(
    flask_app: Any, world: Any, client_for: Any, content: bytes
) -> None:
    answer = client_for(world.north.ops).post(URL, good(logo=(io.BytesIO(content), "logo.png")))

    assert answer.status_code == 422
    assert 'id="logo-err"' in answer.text
    saved = reseller(flask_app, world.north)
    assert (saved.logo, saved.version) == (None, 1)


def test_everybody_gets_the_own_logo_only(world: Any, client_for: Any) -> None:
    client_for(world.north.ops).post(URL, good(logo=(io.BytesIO(images.png()), "logo.png")))

    assert client_for(world.south.ops).get(URL + "logo").status_code == 404
    assert client_for(world.north.sales).get(URL + "logo").status_code == 403


def test_script_in_a_name_is_shown_as_text(world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(URL, good(name="</title><script>alert(1)</script>"))

    page = client.get(URL).text

    assert "<script>alert(1)" not in page


def test_sales_customers_and_the_platform_are_refused(world: Any, client_for: Any) -> None:
    for person in (world.north.sales, world.north.customer_user, world.admin):
        client = client_for(person)
        assert client.get(URL).status_code == 403
        assert client.post(URL, good()).status_code == 403
        assert client.get("/settings/").status_code == 403


def test_the_settings_page_offers_what_the_role_may_open(world: Any, client_for: Any) -> None:
    owner, ops = (
        client_for(world.north.owner).get("/settings/").text,
        client_for(world.north.ops).get("/settings/").text,
    )

    for url in (URL, "/settings/custom-fields/", "/settings/taxes/", "/settings/charges/", "/pricebooks/"):
        assert owner.count(f'href="{url}"') == 2
        assert url in ops
    assert "/settings/users/" in owner
    assert "/settings/users/" not in ops


@pytest.mark.parametrize(
    ("typed", "kept"), [("#7A2C4B", "#7a2c4b"), ("7a2c4b", "#7a2c4b"), ("#fa0", "#ffaa00"), ("", "")]
)
def test_a_brand_colour_is_kept_in_one_spelling(
    flask_app: Any, world: Any, client_for: Any, typed: str, kept: str
) -> None:
    answer = client_for(world.north.ops).post(URL, good(brand_color=typed, portal_name="Polar Portal"))

    assert answer.status_code == 302
    saved = reseller(flask_app, world.north)
    assert (saved.brand_color, saved.portal_name, saved.shown_name) == (kept, "Polar Portal", "Polar Portal")


@pytest.mark.parametrize(
    ("color", "notes"),
    [("#7a2c4b", ["dark"]), ("#ffe600", ["light"]), ("#0e8a5f", []), ("#3b1524", ["dark"])],
)
def test_a_colour_that_can_hardly_be_seen_is_said_to_be_worn_otherwise(
    world: Any, client_for: Any, color: str, notes: list[str]
) -> None:
    client = client_for(world.north.ops)
    client.post(URL, good(brand_color=color))

    page = client.get(URL).text

    for theme in ("light", "dark"):
        assert (f"In the {theme} theme {color} can hardly be seen" in page) is (theme in notes)
    assert f'fill="{color}"' in page


def test_the_portals_address_stands_ready_to_copy(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    before = client.get(URL).text
    with flask_app.app_context(), system_scope("the platform gives a portal its host name"):
        db.session.get(Reseller, world.north.id).portal_host = "portal.north.example"
        db.session.commit()
    after = client.get(URL).text

    assert 'data-copy="http://localhost/portal/north/"' in before
    assert 'data-copy="http://portal.north.example:8080/"' in after
    assert 'value="portal.north.example" readonly' in after
    assert "it vouches for the certificate and for DNS" in after


def test_the_reseller_cannot_give_itself_a_host_name(flask_app: Any, world: Any, client_for: Any) -> None:
    client_for(world.north.owner).post(URL, good(portal_host="evil.example"))

    assert reseller(flask_app, world.north).portal_host is None


def test_a_nickname_that_was_given_up_stays_the_resellers_own(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    """Old links would lead to a stranger's portal."""
    north, south = client_for(world.north.owner), client_for(world.south.owner)
    assert north.post(URL, good()).status_code == 302, "it is north-cloud now"

    taken = south.post(URL, good(nickname="north"))

    assert taken.status_code == 422
    assert "This nickname is taken" in taken.text
    assert client_for().get("/portal/north/").status_code == 404, "the old address leads nowhere"
    assert north.post(URL, good(nickname="north", version="2")).status_code == 302, (
        "its own can be taken back"
    )
    assert client_for().get("/portal/north/").status_code == 200
