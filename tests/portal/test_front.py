"""What visitors see of a portal: the reseller's own face, whatever page it is, and nothing of the product's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import utc_now
from app.providers.models import Provider
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.signals import password_forgotten
from app.shell.links import mailed_url
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.portal.steps import change_reseller, change_settings, last_entry, looking, new_entries
from tests.worlds import PASSWORD, World

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
HOST = "portal.north.example"
FORGOTTEN = "/portal/north/password/forgotten/"


@pytest.fixture
def dressed(flask_app: Any, world: World) -> None:
    change_reseller(
        flask_app,
        world.north,
        portal_name="Polar Portal",
        brand_color="#7a2c4b",
        support_email="help@polar.example",
        logo=PNG,
        logo_type="image/png",
    )


def test_the_front_shows_both_ways_in_and_who_helps(world: World, client_for: Any, dressed: None) -> None:
    page = client_for().get("/portal/north/").text

    assert "Welcome to Polar Portal" in page
    assert "<title>Polar Portal" in page
    assert 'href="/portal/north/login/">Log in</a>' in page
    assert 'href="/portal/north/signup/">Sign up</a>' in page
    assert 'href="mailto:help@polar.example"' in page
    assert 'src="/portal/north/logo"' in page


def test_tiles_of_what_is_sold_appear_by_setting(flask_app: Any, world: World, client_for: Any) -> None:
    assert "Amazon Web Services" not in client_for().get("/portal/north/").text
    change_settings(flask_app, world.north, shows_catalog=True)

    page = client_for().get("/portal/north/").text

    assert "Amazon Web Services" in page
    assert "Microsoft Azure" in page
    assert "Google" not in page, "nobody sells it here"


def test_a_provider_that_left_the_catalogue_is_not_offered(
    flask_app: Any, world: World, client_for: Any
) -> None:
    change_settings(flask_app, world.north, shows_catalog=True)
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(update(Provider).where(Provider.code == "azure").values(is_active=False))
        db.session.commit()

    assert "Microsoft Azure" not in client_for().get("/portal/north/").text
    assert "Microsoft Azure" not in client_for().get("/portal/north/signup/").text


def test_logos_of_what_is_sold_are_shown_to_visitors_and_no_others(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(update(Provider).values(logo=PNG, logo_type="image/png"))
        db.session.commit()
        ids = dict(db.session.execute(select(Provider.code, Provider.id)).all())
    change_settings(flask_app, world.north, shows_catalog=True)
    client = client_for()

    logo = client.get(f"/portal/north/providers/{ids['aws']}/logo")

    assert f"/portal/north/providers/{ids['aws']}/logo" in client.get("/portal/north/").text
    assert (logo.status_code, logo.mimetype, logo.data) == (200, "image/png", PNG)
    assert client.get(f"/portal/north/providers/{ids['google']}/logo").status_code == 404
    assert client.get("/portal/north/providers/999999/logo").status_code == 404


PUBLIC = (
    "",
    "login/",
    "signup/",
    "signup/sent/",
    "signup/confirmed/",
    "validate/",
    "validate/x/",
    "nowhere/",
)


@pytest.mark.parametrize("path", [*PUBLIC, "password/forgotten/"])
def test_every_page_wears_the_brand_and_never_the_products_name(
    client_for: Any, dressed: None, path: str
) -> None:
    answer = client_for().get(f"/portal/north/{path}")

    assert answer.status_code in (200, 404)
    assert "Polar Portal" in answer.text
    assert re.search(r'href="/portal/north/brand.css\?v=[0-9a-f]{10}"', answer.text)
    assert '<link rel="icon" href="/portal/north/logo">' in answer.text
    visible = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)
    assert "Cloudtally" not in visible


def test_error_pages_lead_back_to_the_front(client_for: Any, dressed: None) -> None:
    page = client_for().get("/portal/north/nowhere/").text

    assert 'class="btn btn-primary" href="/portal/north/"' in page


@pytest.mark.parametrize("path", ["/portal/nobody/nowhere/", "/portal/", "/portal/nobody/"])
def test_a_portal_of_nobody_is_answered_by_the_product(client_for: Any, path: str) -> None:
    answer = client_for().get(path)

    assert answer.status_code == 404
    assert "brand.css" not in answer.text


def test_without_a_colour_the_products_own_is_worn(client_for: Any, world: World) -> None:
    page = client_for().get("/portal/north/").text

    assert "brand.css" not in page
    assert client_for().get("/portal/north/brand.css").get_data() == b""


def test_the_sheet_is_a_file_of_this_reseller(client_for: Any, dressed: None) -> None:
    answer = client_for().get("/portal/north/brand.css?v=1")

    assert answer.mimetype == "text/css"
    assert "--ct-brand:#7a2c4b" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    assert "#7a2c4b" not in client_for().get("/portal/south/brand.css").text


def test_a_reseller_without_a_logo_has_its_letter(flask_app: Any, world: World, client_for: Any) -> None:
    change_reseller(flask_app, world.north, name="«östlich»", brand_color="#7a2c4b")

    icon = client_for().get("/portal/north/icon.svg")

    assert icon.mimetype == "image/svg+xml"
    assert ">Ö</text>" in icon.text
    assert 'fill="#7a2c4b"' in icon.text
    assert icon.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_markup_in_a_name_stays_text(flask_app: Any, world: World, client_for: Any) -> None:
    change_reseller(
        flask_app, world.north, portal_name='<script>alert(1)</script>"', website="https://a.example"
    )

    for path in PUBLIC:
        assert "<script>alert" not in client_for().get(f"/portal/north/{path}").text
    assert "<script" not in client_for().get("/portal/north/icon.svg").text


def test_customers_see_the_brand_on_their_own_pages_too(world: World, client_for: Any, dressed: None) -> None:
    client = client_for(world.north.customer_user)

    for path in ("/portal/north/", "/profile/", "/nowhere/"):
        page = client.get(path).text
        assert "brand.css" in page, path
        assert "Polar Portal" in page
    assert "brand.css" not in client_for(world.north.owner).get("/home/").text, "the console is the product's"
    assert "brand.css" not in client_for(world.north.owner).get("/profile/").text


# -- links that were mailed ----------------------------------------------------------------------------------------


def test_a_forgotten_password_is_asked_for_at_the_portal(
    flask_app: Any, world: World, client_for: Any, dressed: None
) -> None:
    client, person = client_for(), world.north.customer_user
    before = last_entry(flask_app)

    assert f'href="{FORGOTTEN}"' in client.get("/portal/north/login/").text
    answer = client.post(FORGOTTEN, {"email": person.email})
    told = client.get(answer.location)

    assert answer.location == "/portal/north/login/"
    assert "If a login with this address exists, a mail with a link is on its way." in told.text
    assert [one.action for one in new_entries(flask_app, before)] == ["reset_asked"]


def test_the_answer_is_the_same_for_an_address_that_nobody_has(world: World, client_for: Any) -> None:
    known, unknown = client_for(), client_for()

    answers = [known.post(FORGOTTEN, {"email": world.north.customer_user.email})]
    answers.append(unknown.post(FORGOTTEN, {"email": "nobody@nowhere.example"}))

    assert len({(one.status_code, one.location, one.text) for one in answers}) == 1


def test_reset_and_invitation_wear_the_brand_of_whom_they_are_for(
    flask_app: Any, world: World, client_for: Any, dressed: None
) -> None:
    with flask_app.test_request_context(), system_scope("test"):
        customer_user = db.session.get(User, world.north.customer_user.id)
        ops = db.session.get(User, world.north.ops.id)
        customers, consoles = (accounts.invite(one, now=utc_now()) for one in (customer_user, ops))
        db.session.commit()

    theirs = client_for().get(f"/invitation/{customers}/").text
    ours = client_for().get(f"/invitation/{consoles}/").text

    assert "brand.css" in theirs
    assert "Set a password for your login at Polar Portal" in theirs
    assert "· Polar Portal</title>" in theirs
    assert "brand.css" not in ours


def test_setting_the_password_leads_into_the_portal(
    flask_app: Any, world: World, client_for: Any, dressed: None
) -> None:
    tokens: list[str] = []

    def note(_user: Any, *, token: str, **_rest: Any) -> None:
        tokens.append(token)

    client = client_for()
    with password_forgotten.connected_to(note):
        client.post(FORGOTTEN, {"email": world.north.customer_user.email})
    link = f"/password/reset/{tokens[0]}/"

    assert "brand.css" in client.get(link).text
    new = {"password": "herons wade before dawn", "repeated": "herons wade before dawn"}
    answer = client.http.post(
        link, data={**new, "csrf_token": client.token}, follow_redirects=True, buffered=True
    )
    assert answer.request.path.startswith("/portal/north/")


# -- a host name of its own ----------------------------------------------------------------------------------------


def test_links_in_mails_never_come_from_the_host_header(flask_app: Any, world: World) -> None:
    change_reseller(flask_app, world.north, portal_host=HOST)
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    with (
        flask_app.test_request_context("/portal/north/signup/", headers=forged),
        system_scope("test"),
    ):
        north, south = (db.session.get(Reseller, side.id) for side in (world.north, world.south))
        link = mailed_url("ValidationView.show", portal_of=north, nickname="north", token="secret")
        plain = mailed_url("ValidationView.show", portal_of=south, nickname="south", token="secret")

    assert link == f"http://{HOST}:8080/portal/north/validate/secret/"
    assert plain == "http://127.0.0.1:8080/portal/south/validate/secret/"


def test_shared_pages_at_the_own_host_wear_its_brand(
    flask_app: Any, world: World, client_for: Any, dressed: None
) -> None:
    change_reseller(flask_app, world.north, portal_host=HOST)
    browser = client_for().http

    for path in ("/password/forgotten/", "/invitation/none/", "/nowhere/", "/login/"):
        page = browser.get(path, base_url=f"http://{HOST}").text
        assert "brand.css" in page, path
        assert "Polar Portal" in page


def test_a_visitor_stays_one_after_a_failed_form(flask_app: Any, world: World, client_for: Any) -> None:
    """A form that is refused is shown again with the reseller's face, whatever the database did in between."""
    for path, values in (
        ("login/", {"username": "a@b.example", "password": PASSWORD}),
        ("signup/", {"organization": "x"}),
        ("validate/", {"email": "no address"}),
        ("password/forgotten/", {"email": "no address"}),
    ):
        answer = client_for().post(f"/portal/north/{path}", values)
        assert answer.status_code == 422, path
        assert world.north.name in answer.text


def test_who_is_suspended_gets_no_link(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, world.north.customer_user.id).status = UserStatus.SUSPENDED
        db.session.commit()
    client_for().post(FORGOTTEN, {"email": world.north.customer_user.email})

    with looking(flask_app) as session:
        assert session.get(User, world.north.customer_user.id).reset_hash is None
        assert (
            session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "reset_asked"
        )
