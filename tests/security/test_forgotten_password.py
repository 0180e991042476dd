"""A forgotten password: the same answer for everybody, a mail for whoever may sign in, a link that works once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, select

from app.audit.models import AuditEntry
from app.customers import lifecycle
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.notifications.models import OutgoingMail
from app.platform_admin.services import admins
from app.security import accounts
from app.security.models import User, UserStatus
from app.tenancy.scope import system_scope
from tests.client import Client
from tests.worlds import PASSWORD, World

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
NEW = "herons wade before dawn"
NEUTRAL = "If a login with this address exists, a mail with a link is on its way."


def forget(client: Client, email: str) -> Any:
    return client.post("/password/forgotten/", {"email": email})


def links(app: Any) -> list[str]:
    """Return the paths of the links that were mailed, oldest first."""
    with app.app_context(), system_scope("the test reads its mail"):
        texts: Sequence[str] = db.session.scalars(
            select(OutgoingMail.text).where(OutgoingMail.event == "password_reset").order_by(OutgoingMail.id)
        ).all()
    return [
        line[line.index("/password/") :] for text in texts for line in text.splitlines() if "/reset/" in line
    ]


def change(app: Any, user_id: int, **values: Any) -> None:
    with app.app_context(), system_scope("test"):
        for name, value in values.items():
            setattr(db.session.get(User, user_id), name, value)
        db.session.commit()


@pytest.fixture
def link(flask_app: Any, world: World, client_for: Any) -> str:
    """The link that the northern Ops person asked for at nine."""
    with frozen_at(NOW):
        forget(client_for(), world.north.ops.email)
    [only] = links(flask_app)
    return only


def set_new(client: Client, link: str, password: str = NEW, repeated: str | None = None) -> Any:
    return client.post(link, {"password": password, "repeated": repeated or password})


def sign_in(client: Client, email: str, password: str) -> int:
    return int(client.post("/login/", {"username": email, "password": password}).status_code)


def test_from_the_sign_in_page_to_a_new_password(flask_app: Any, world: World, client_for: Any) -> None:
    ops = world.north.ops
    client, elsewhere = client_for(), client_for(ops)

    assert 'href="/password/forgotten/"' in client.get("/login/").text
    asked = forget(client, f"  {ops.email.upper()} ")
    told = client.get(asked.headers["Location"])
    [path] = links(flask_app)
    page = client.get(path)
    answer = set_new(client, path)
    home = client.get("/home/")

    assert NEUTRAL in told.text
    assert f'value="{ops.email}"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert answer.headers["Location"] == "/"
    assert "Your new password is set. Other browsers were logged out." in home.text
    assert elsewhere.get("/home/").status_code == 302, "other sessions have ended"
    assert sign_in(client_for(), ops.email, PASSWORD) == 422
    assert sign_in(client_for(), ops.email, NEW) == 302
    with flask_app.app_context(), system_scope("the test looks"):
        query = select(AuditEntry).where(AuditEntry.record_id == ops.id).order_by(AuditEntry.id)
        by_action = {one.action: one for one in db.session.scalars(query)}
        asked_entry, set_entry = by_action["reset_asked"], by_action["password_set"]
        assert (asked_entry.actor_id, asked_entry.reseller_id) == (None, world.north.id)
        assert (set_entry.actor_id, set_entry.actor_name) == (ops.id, ops.name)


def test_opening_the_link_changes_nothing(flask_app: Any, world: World, client_for: Any, link: str) -> None:
    with frozen_at(NOW):
        for _ in range(3):
            assert client_for().get(link).status_code == 200

    with flask_app.app_context(), system_scope("the test looks"):
        kept = db.session.get(User, world.north.ops.id).reset_hash
    assert kept
    assert kept not in link
    assert sign_in(client_for(), world.north.ops.email, PASSWORD) == 302


def test_a_link_works_once(world: World, client_for: Any, link: str) -> None:
    with frozen_at(NOW):
        assert set_new(client_for(), link).status_code == 302
        again = set_new(client_for(), link, "another long password")
        page = client_for().get(link)

    assert (again.status_code, page.status_code) == (404, 404)
    assert "This link has ended" in page.text


@pytest.mark.parametrize(("minutes", "status"), [(59, 302), (60, 404)])
def test_it_works_for_an_hour(client_for: Any, link: str, minutes: int, status: int) -> None:
    with frozen_at(NOW + datetime.timedelta(minutes=minutes)):
        assert set_new(client_for(), link).status_code == status


def test_a_link_that_ends_while_the_page_is_open_says_so(
    flask_app: Any, client_for: Any, link: str, world: World
) -> None:
    with frozen_at(NOW), flask_app.test_request_context(), system_scope("test"):
        token = link.rstrip("/").rpartition("/")[2]
        with unit_of_work(db.session):
            accounts.reset_password(token, password=NEW, now=NOW)
        with pytest.raises(accounts.WrongState, match="used already"), unit_of_work(db.session):
            accounts.reset_password(token, password="another long password", now=NOW)


def test_a_newer_link_ends_the_older(flask_app: Any, world: World, client_for: Any, link: str) -> None:
    with frozen_at(NOW):
        forget(client_for(), world.north.ops.email)
        older, newer = links(flask_app)

        assert set_new(client_for(), older).status_code == 404
        assert set_new(client_for(), newer).status_code == 302


@pytest.mark.parametrize(
    "status",
    [UserStatus.SUSPENDED, UserStatus.PENDING_APPROVAL, UserStatus.PENDING_EMAIL_VALIDATION],
)
def test_who_may_not_sign_in_gets_the_same_answer_and_no_mail(
    flask_app: Any, world: World, client_for: Any, status: UserStatus
) -> None:
    change(flask_app, world.north.ops.id, status=status)
    client = client_for()

    answer = forget(client, world.north.ops.email)

    assert answer.headers["Location"] == "/login/"
    assert NEUTRAL in client.get("/login/").text
    assert links(flask_app) == []


def test_people_of_an_archived_customer_get_no_mail(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), system_scope("test"), unit_of_work(db.session):
        lifecycle.archive_customer(db.session.get(Customer, world.north.customer.id), now=NOW)

    assert forget(client_for(), world.north.customer_user.email).headers["Location"] == "/login/"
    assert links(flask_app) == []


def test_an_address_that_nobody_has_gets_the_same_answer(
    flask_app: Any, world: World, client_for: Any
) -> None:
    known, unknown = client_for(), client_for()

    answers = [forget(known, world.north.ops.email), forget(unknown, "nobody@nowhere.example")]

    assert len({(one.status_code, one.headers["Location"], one.text) for one in answers}) == 1
    pages = [client.get("/login/").text for client in (known, unknown)]
    assert [NEUTRAL in page for page in pages] == [True, True]
    with flask_app.app_context(), system_scope("the test looks"):
        assert db.session.scalars(select(OutgoingMail.recipient)).all() == [world.north.ops.email]
        stranger = db.session.scalars(
            select(AuditEntry).where(AuditEntry.record_type == "unknown_login")
        ).one()
        assert "nowhere" not in repr([stranger.actor_name, stranger.record_name, stranger.changes])


def test_the_same_is_written_for_nobody(flask_app: Any, world: World, client_for: Any) -> None:
    """Time tells too: the mail is written for an unknown address as well, and taken back."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT"):
            seen.append(statement.split()[2])

    with flask_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        forget(client_for(), world.north.ops.email)
        known, seen[:] = list(seen), []
        forget(client_for(), "nobody@nowhere.example")
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert known == seen
    assert sorted(known) == ["audit_entries", "outgoing_mails"]


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 400 + "@example.com"])
def test_what_is_no_address_is_refused(world: World, client_for: Any, email: str) -> None:
    refused = forget(client_for(), email)

    assert refused.status_code == 422
    assert 'id="error-summary"' in refused.text


@pytest.mark.parametrize(
    ("password", "repeated", "sentence"),
    [
        ("short", "short", "Use at least 12 characters"),
        (NEW, "herons wade at dusk", "The two passwords differ"),
        ("", "", "Enter a password"),
    ],
)
def test_weak_passwords_are_refused_and_the_link_stays_good(
    client_for: Any, link: str, password: str, repeated: str, sentence: str
) -> None:
    with frozen_at(NOW):
        refused = set_new(client_for(), link, password, repeated)

        assert refused.status_code == 422
        assert sentence in refused.text
        assert set_new(client_for(), link).status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 400, "..", "%00"])
def test_invented_links_lead_nowhere(world: World, client_for: Any, token: str) -> None:
    assert client_for().get(f"/password/reset/{token}/").status_code in (400, 404)


def test_an_invitation_is_no_reset_link_and_a_reset_link_no_invitation(
    world: World, client_for: Any, link: str
) -> None:
    with frozen_at(NOW):
        assert client_for().get(link.replace("/password/reset/", "/invitation/")).status_code == 404


def test_without_token_nothing_happens(flask_app: Any, world: World, client_for: Any, link: str) -> None:
    with frozen_at(NOW):
        changed = client_for().post_without_token(link, {"password": NEW, "repeated": NEW})
        asked = client_for().post_without_token("/password/forgotten/", {"email": world.north.sales.email})

    assert (changed.status_code, asked.status_code) == (400, 400)
    assert len(links(flask_app)) == 1


def test_suspending_a_person_ends_the_link_for_good(
    flask_app: Any, world: World, client_for: Any, link: str
) -> None:
    with flask_app.app_context(), system_scope("test"), unit_of_work(db.session):
        user = db.session.get(User, world.north.ops.id)
        accounts.set_status(user, UserStatus.SUSPENDED)
        accounts.set_status(user, UserStatus.ACTIVE)

    with frozen_at(NOW):
        assert set_new(client_for(), link).status_code == 404


def test_a_link_to_an_address_that_was_given_up_is_worth_nothing(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with frozen_at(NOW):
        forget(client_for(), world.admin.email)
        with flask_app.app_context(), system_scope("test"), unit_of_work(db.session):
            admin = db.session.get(User, world.admin.id)
            admins.change_admin(admin, name=admin.name, email="ada@elsewhere.example")

        assert set_new(client_for(), links(flask_app)[0]).status_code == 404


def test_nobody_reads_the_link_under_mails(flask_app: Any, world: World, client_for: Any, link: str) -> None:
    with flask_app.app_context(), system_scope("the test looks"):
        mail_id = db.session.scalars(select(OutgoingMail.id)).one()

    page = client_for(world.north.owner).get(f"/settings/mails/{mail_id}/")

    assert page.status_code == 200
    assert "/password/reset/" not in page.text
    assert "Nobody but its recipient reads it" in page.text


def test_one_address_asks_five_times_a_minute(limited_app: Any, world: World) -> None:
    tries = [forget(Client(limited_app), f"guess{number}@nowhere.example").status_code for number in range(6)]

    assert tries == [302] * 5 + [429]
    assert Client(limited_app).get("/password/forgotten/").status_code == 200


def test_nobodys_mailbox_is_filled_from_many_addresses(limited_app: Any, world: World) -> None:
    def ask(number: int, email: str) -> int:
        place = {"REMOTE_ADDR": f"10.0.0.{number}"}
        client = Client(limited_app)
        return int(client.post("/password/forgotten/", {"email": email}, environ_overrides=place).status_code)

    assert [ask(number, world.north.ops.email) for number in range(6)] == [302] * 5 + [429]
    assert ask(7, world.north.sales.email) == 302
    assert [ask(number, "nobody@nowhere.example") for number in range(10, 16)] == [302] * 5 + [429]


def test_a_mailbox_is_the_same_however_its_address_is_spelled(limited_app: Any, world: World) -> None:
    def ask(number: int, email: str) -> int:
        place = {"REMOTE_ADDR": f"10.0.1.{number}"}
        client = Client(limited_app)
        return int(client.post("/password/forgotten/", {"email": email}, environ_overrides=place).status_code)

    name, domain = world.north.ops.email.split("@")
    wide = [chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in domain]
    spelled = [f"{name}@{domain[:at]}{wide[at]}{domain[at + 1 :]}" for at in range(6)]

    assert [ask(number, email) for number, email in enumerate(spelled)] == [302] * 5 + [429]
