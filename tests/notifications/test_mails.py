"""What each event mails: to whom, in which language, with which link, and word for word."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.colors import contrast, read_color
from app.kernel.unit_of_work import unit_of_work
from app.notifications.events import EVENTS, Event
from app.notifications.hooks import mail_invitation
from app.notifications.models import MailState, OutgoingMail
from app.notifications.render import language_of, render, samples
from app.security import accounts
from app.security.models import User
from app.security.roles import RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope
from tests.notifications.mails_table import PAGE, page
from tests.worlds import World

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
SNAPSHOTS = Path(__file__).parent / "snapshots"


def mails(app: Any) -> Sequence[OutgoingMail]:
    with app.app_context(), system_scope("the test looks"):
        return db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_each_mail_reads_as_it_was_approved(flask_app: Any, event: Event, language: str) -> None:
    """A changed word shows as a difference of files; delete the file to approve what is written now."""
    reseller = Reseller(
        id=0,
        name="Nordlicht <Cloud> & Söhne",
        time_zone="Europe/Berlin",
        support_email="help@nordlicht.example",
    )
    odd = {"NAME": "Iris <b>Invited</b>", "ORGANIZATION": "*|REASON|* {{ 7*7 }} GmbH"}
    with flask_app.app_context():
        values = samples(event, reseller) | {name: odd[name] for name in event.names & odd.keys()}
        letter = render(event, language=language, reseller=reseller, values=values)
    written = f"Subject: {letter.subject}\n\n{letter.text}\n{letter.html}"
    file = SNAPSHOTS / f"{event.key}.{language}.txt"
    if not file.exists():
        file.write_text(written, encoding="utf-8")
        pytest.fail(f"{file.name} was written: read it, and run the test again")

    assert written == file.read_text(encoding="utf-8")
    assert "<b>Invited" not in letter.html
    assert "src=" not in letter.html, "nothing is fetched when a mail is opened"
    assert "49" not in letter.subject


@pytest.mark.parametrize("color", ["#ffef5c", "#e11d48", "#0b1f2a", "#8a8a8a", "#ffffff"])
def test_mails_wear_the_resellers_colour_and_can_be_read(flask_app: Any, world: World, color: str) -> None:
    with flask_app.test_request_context(), system_scope("test"):
        reseller = db.session.get(Reseller, world.north.id)
        assert reseller is not None
        reseller.brand_color = color
        told = {
            key: render(
                EVENTS[key], language="en", reseller=reseller, values=samples(EVENTS[key], reseller)
            ).html
            for key in ("user_invited", "signup_forwarded")
        }

    html = told["user_invited"]
    pairs = re.findall(r"background:? ?(#\w{6})(?: !important)?; ?color: ?(#\w{6})", html)
    assert len(pairs) == 2, "the button on light and on dark"
    assert [contrast(read_color(ground), read_color(text)) >= Decimal("4.5") for ground, text in pairs] == [
        True
    ] * 2
    assert "#0c536c" not in html
    [link] = re.findall(r'class="link" href="[^"]+" style="color:(#\w{6})"', html)
    assert contrast(read_color(link), read_color("#ffffff")) >= Decimal("4.5")
    assert "#0c536c" in told["signup_forwarded"], "Cloud Ops knows the platform's face"


def test_there_is_a_snapshot_of_every_mail_and_of_nothing_else() -> None:
    wanted = {f"{key}.{language}.txt" for key in EVENTS for language in ("en", "de")}

    assert {path.name for path in SNAPSHOTS.iterdir()} == wanted


def test_a_console_user_who_is_invited_gets_the_link_by_mail(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.north.owner)
    new = {"name": "Iris Invited", "email": "iris@north.example", "role": RoleName.OPS.value}

    answer = client.post("/settings/users/add", new | {"access": "invite"})
    page = client.get(answer.headers["Location"])

    [mail] = mails(flask_app)
    assert (mail.event, mail.recipient, mail.reseller_id) == (
        "user_invited",
        "iris@north.example",
        world.north.id,
    )
    assert (mail.state, mail.has_secret) == (MailState.WAITING, True)
    link = next(line for line in mail.text.splitlines() if "/invitation/" in line)
    path = link.removeprefix("http://127.0.0.1:8080")
    assert link in mail.html
    assert path in page.text, "the page shows the same link once"
    assert "no mail server is set, and the mail waits under Mails" in page.text
    assert client_for().get(path).status_code == 200


def test_the_page_says_that_the_link_was_mailed(
    flask_app: Any, world: World, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(flask_app.config, "MAIL_SERVER", "smtp.example")
    client = client_for(world.north.ops)
    users = f"/customers/{world.north.customer.id}/users/"

    client.post(
        f"{users}add/", {"name": "Cora Customer", "email": "cora@customer.example", "status": "active"}
    )

    assert "It was mailed too." in client.get(users).text
    assert [mail.recipient for mail in mails(flask_app)] == ["cora@customer.example"]


def test_a_new_resellers_owner_and_platform_admins_get_theirs(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client = client_for(world.admin)
    client.post(
        "/platform/resellers/add",
        {
            "name": "Western Cloud",
            "nickname": "west",
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
            "language_codes": ["de", "en"],
            "default_language": "de",
            "operations_email": "ops@west.example",
            "owner_name": "Wanda West",
            "owner_email": "wanda@west.example",
        },
    )
    client.post(
        "/platform/users/add",
        {"name": "Bea Admin", "email": "bea@platform.example", "start": "invitation"},
    )

    owner, admin = mails(flask_app)
    with flask_app.app_context(), system_scope("the test looks"):
        west = db.session.scalars(select(Reseller.id).where(Reseller.nickname == "west")).one()
    assert (owner.recipient, owner.reseller_id, owner.subject) == (
        "wanda@west.example",
        west,
        "Ihr Zugang bei Western Cloud",
    )
    assert (admin.recipient, admin.reseller_id, admin.subject) == (
        "bea@platform.example",
        None,
        "Your login at Cloudtally",
    )


def test_whoever_gets_a_password_by_hand_gets_no_mail(flask_app: Any, world: World, client_for: Any) -> None:
    client_for(world.north.ops).post(
        f"/customers/{world.north.customer.id}/users/add/",
        {
            "name": "Cora Customer",
            "email": "cora@customer.example",
            "status": "active",
            "password": "herons wade before dawn",
        },
    )

    assert list(mails(flask_app)) == []


def test_an_invitation_that_is_taken_back_was_never_mailed(flask_app: Any, world: World) -> None:
    with (
        flask_app.app_context(),
        system_scope("test"),
        pytest.raises(RuntimeError),
        unit_of_work(db.session),
    ):
        accounts.invite(db.session.get(User, world.north.ops.id), now=NOW)
        raise RuntimeError("something failed afterwards")

    assert list(mails(flask_app)) == []


def test_one_link_is_mailed_once_and_each_new_link_again(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), system_scope("test"), frozen_at(NOW):
        with unit_of_work(db.session):
            user = db.session.get(User, world.north.ops.id)
            token = accounts.invite(user, now=NOW)
            mail_invitation(user, token=token, expires_at=user.invitation_expires_at, now=NOW)
        assert len(mails(flask_app)) == 1

        with unit_of_work(db.session):
            accounts.invite(db.session.get(User, world.north.ops.id), now=NOW)

    assert len(mails(flask_app)) == 2


@pytest.mark.parametrize(
    ("public", "host", "start"),
    [
        ("https://console.example.com", "127.0.0.1", "https://console.example.com/invitation/"),
        ("", "127.0.0.1", "http://127.0.0.1:8080/invitation/"),
        ("", "::1", "http://[::1]:8080/invitation/"),
    ],
)
def test_links_never_lead_to_the_host_that_a_request_names(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch, public: str, host: str, start: str
) -> None:
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_PUBLIC_URL", public)
    monkeypatch.setitem(flask_app.config, "HOST", host)
    with (
        flask_app.test_request_context(base_url="http://evil.example"),
        system_scope("test"),
        unit_of_work(db.session),
    ):
        accounts.invite(db.session.get(User, world.north.ops.id), now=NOW)

    [mail] = mails(flask_app)
    assert f"\n{start}" in mail.text
    assert "evil.example" not in mail.text + mail.html


@pytest.mark.parametrize(
    ("locale", "languages", "language"),
    [("de", "en,de", "de"), ("", "de,en", "de"), ("", "xx", "en"), ("xx", "de", "de"), ("", None, "en")],
)
def test_people_are_written_to_in_their_language(
    flask_app: Any, locale: str, languages: str | None, language: str
) -> None:
    reseller = Reseller(name="North", languages=languages) if languages else None
    with flask_app.app_context():
        assert language_of(locale, reseller) == language


def test_the_readers_language_is_not_the_writers(flask_app: Any, world: World, client_for: Any) -> None:
    """A German Owner invites: the page stays German, the mail is in the reseller's first language."""
    client = client_for(world.north.owner)
    client.post("/language/", {"locale": "de"})

    client.post(f"/settings/users/{world.north.ops.id}/invite")
    page = client.get(f"/settings/users/{world.north.ops.id}/")

    assert "Einladungslink" in page.text
    [mail] = mails(flask_app)
    assert mail.subject == f"Your login at {world.north.name}"
    assert "UTC" not in mail.text
    assert " CET" in mail.text or " CEST" in mail.text


def test_the_printed_table_is_the_registry() -> None:
    printed = PAGE.read_text(encoding="utf-8")

    assert printed == page(printed), "print it anew: python -m tests.notifications.mails_table"
    assert all(f"| `{key}` |" in printed for key in EVENTS)
