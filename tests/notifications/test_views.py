"""Settings > Mails: the Owner reads what was sent, what waits and what failed, and sends again; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.tenancy.scope import system_scope
from tests.worlds import World


@pytest.fixture
def failed(flask_app: Any, world: World) -> int:
    """A mail of the northern reseller that its server refused."""
    with flask_app.app_context(), system_scope("the test puts a mail"):
        mail_id = outbox.put(
            event="test",
            recipient="ada@customer.example",
            subject="Your <account> is ready",
            text="Hello Ada,\n\nsign in: https://portal.example/",
            now=utc_now(),
            reseller_id=world.north.id,
        )
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail_id)
            .values(state=MailState.FAILED, attempts=1, last_error="550 No such user")
        )
        db.session.commit()
    assert mail_id is not None
    return mail_id


def test_the_owner_sees_why_a_mail_failed_and_sends_it_again(
    flask_app: Any, world: World, client_for: Any, failed: int
) -> None:
    client = client_for(world.north.owner)

    listed, page = client.get("/settings/mails/"), client.get(f"/settings/mails/{failed}/")
    answer = client.post(f"/settings/mails/{failed}/send/")

    assert "Your &lt;account&gt; is ready" in listed.text
    assert "550 No such user" in listed.text
    assert "https://portal.example/" in page.text
    assert "Given up after 1 try" in page.text
    assert answer.status_code == 302
    with flask_app.app_context(), system_scope("the test looks"):
        mail = db.session.get(OutgoingMail, failed)
        assert mail is not None
        assert (mail.state, mail.attempts, mail.last_error) == (MailState.WAITING, 0, "")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sent_again")).one()
        assert (entry.record_id, entry.actor_name) == (failed, world.north.owner.name)


def test_a_mail_that_waits_is_not_sent_again(world: World, client_for: Any, failed: int) -> None:
    client = client_for(world.north.owner)
    client.post(f"/settings/mails/{failed}/send/")

    again = client.post(f"/settings/mails/{failed}/send/")

    assert again.status_code == 302
    assert "waiting to be sent already" in client.get(f"/settings/mails/{failed}/").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ADA", True),
        ("?q=ready&state=failed", True),
        ("?state=waiting", False),
        ("?state=sent", False),
        ("?q=%25", False),
    ],
)
def test_mails_are_found_by_recipient_subject_and_state(
    world: World, client_for: Any, failed: int, query: str, found: bool
) -> None:
    page = client_for(world.north.owner).get(f"/settings/mails/{query}")

    assert page.status_code == 200
    assert ("ada@customer.example" in page.text) is found
    assert ("No mail matches" in page.text) is not found


def test_others_do_not_see_it(world: World, client_for: Any, failed: int) -> None:
    assert client_for(world.south.owner).get(f"/settings/mails/{failed}/").status_code == 404
    assert "ada@customer.example" not in client_for(world.south.owner).get("/settings/mails/").text
    for person in (world.north.ops, world.north.sales):
        assert client_for(person).get("/settings/mails/").status_code == 403
        assert client_for(person).post(f"/settings/mails/{failed}/send/").status_code == 403


def test_an_unknown_state_is_no_page(world: World, client_for: Any) -> None:
    assert client_for(world.north.owner).get("/settings/mails/?state=lost").status_code == 400
