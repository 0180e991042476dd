"""The outbox: a mail exists if its cause does, is sent once, tried again with pauses, and can be read all the time."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import frozen_at, utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox, sender, tasks
from app.notifications.models import MailState, OutgoingMail
from app.tenancy.scope import Scope, ScopeKind, use_scope
from tests.notifications.conftest import put, state_of
from tests.notifications.smtp import Postbox

NOW = datetime.datetime(2026, 11, 25, 9, 0, tzinfo=datetime.UTC)


def mail(mail_id: int) -> OutgoingMail:
    db.session.rollback()
    found = db.session.get(OutgoingMail, mail_id)
    assert found is not None
    return found


def test_a_mail_is_handed_over_as_it_was_put(box: Postbox, mail_app: Any) -> None:
    mail_id = put(
        "ada@customer.example",
        html="<p>A <b>text</b>.</p>",
        sender="North Cloud <hello@north.example>",
        reply_to="help@north.example",
        bcc=["archive@north.example", "ops@north.example"],
    )

    sender.send(mail_id)

    (found,), (envelope,) = box.mails, box.envelopes
    assert (found["Subject"], found["To"], found["From"]) == (
        "Hello",
        "ada@customer.example",
        "North Cloud <hello@north.example>",
    )
    assert found["Reply-To"] == "help@north.example"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Bcc"] is None
    assert sorted(envelope.rcpt_tos) == ["ada@customer.example", "archive@north.example", "ops@north.example"]
    assert found.get_body(("plain",)).get_content().strip() == "A text."
    assert found.get_body(("html",)).get_content().strip() == "<p>A <b>text</b>.</p>"
    assert state_of(mail_id) is MailState.SENT


def test_without_its_cause_there_is_no_mail(box: Postbox, mail_app: Any) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(db.session):
        outbox.put(event="test", recipient="a@b.example", subject="S", text="T", now=NOW)
        _ = 1 / 0

    assert db.session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_one_event_is_mailed_once(box: Postbox, mail_app: Any) -> None:
    with unit_of_work(db.session):
        told = [
            outbox.put(event="test", recipient="a@b.example", subject="S", text="T", now=NOW, key="test:17")
            for _ in range(2)
        ]

    assert told[0] is not None
    assert told[1] is None


@pytest.mark.parametrize("scope", [Scope(ScopeKind.STOREFRONT, 1), Scope(ScopeKind.CUSTOMER, 1, 1)])
def test_whoever_causes_a_mail_need_not_see_mails(mail_app: Any, scope: Scope) -> None:
    with use_scope(scope), unit_of_work(db.session):
        mail_id = outbox.put(
            event="test", recipient="a@b.example", subject="S", text="T", now=NOW, reseller_id=1
        )

    assert state_of(mail_id or 0) is MailState.WAITING


@pytest.mark.parametrize("field", ["subject", "recipient", "sender", "reply_to", "bcc"])
def test_no_text_begins_a_header_of_its_own(box: Postbox, mail_app: Any, field: str) -> None:
    trick = "x@y.example\r\nBcc: thief@evil.example"
    fields: dict[str, Any] = {"subject": "S", "recipient": "a@b.example"}
    fields[field] = [trick] if field == "bcc" else trick
    mail_id = outbox.put(event="test", text="T", now=utc_now(), **fields)
    db.session.commit()

    sender.send(mail_id or 0)

    assert all(one["Bcc"] is None for one in box.mails)
    assert all("thief@evil.example" not in one.rcpt_tos for one in box.envelopes)


def test_a_link_that_signs_in_is_not_kept_longer_than_needed(box: Postbox, mail_app: Any) -> None:
    mail_id = put("ada@customer.example", has_secret=True)
    assert mail(mail_id).text == "A text."

    sender.send(mail_id)

    assert mail(mail_id).text == ""
    assert "A text." in box.mails[0].as_string()
    with pytest.raises(WrongState):
        outbox.send_again(mail(mail_id), now=NOW)


def test_a_server_that_is_busy_is_asked_again_after_longer_and_longer_pauses(
    box: Postbox, mail_app: Any
) -> None:
    box.answers["recipient"] = "451 Try later"
    moment = NOW
    with frozen_at(NOW):
        mail_id = put("ada@customer.example")

    for pause in outbox.PAUSES:
        with frozen_at(moment):
            assert tasks.sweep() == 1
        found = mail(mail_id)
        assert (found.state, found.last_error) == (MailState.WAITING, "451 Try later")
        assert found.due_at == moment + pause
        with frozen_at(moment + pause - datetime.timedelta(seconds=1)):
            assert tasks.sweep() == 0
        moment += pause
    with frozen_at(moment):
        tasks.sweep()
    assert state_of(mail_id) is MailState.FAILED
    with frozen_at(moment + datetime.timedelta(days=30)):
        assert tasks.sweep() == 0

    box.answers.clear()
    with unit_of_work(db.session):
        outbox.send_again(mail(mail_id), now=moment)
    with frozen_at(moment):
        assert tasks.sweep() == 1
    assert state_of(mail_id) is MailState.SENT
    assert len(box.mails) == 1


def test_an_address_that_does_not_exist_is_not_tried_again(box: Postbox, mail_app: Any) -> None:
    box.answers["recipient"] = "550 No such user"
    mail_id = put("nobody@customer.example")

    sender.send(mail_id)

    found = mail(mail_id)
    assert (found.state, found.last_error, found.attempts) == (MailState.FAILED, "550 No such user", 1)


def test_a_server_that_is_away_fails_no_business(mail_app: Any) -> None:
    mail_app.config["MAIL_PORT"] = 1
    mail_app.extensions["mail"].port = 1
    mail_id = put("ada@customer.example")

    sender.send(mail_id)

    found = mail(mail_id)
    assert found.state is MailState.WAITING
    assert "refused" in found.last_error.lower()


def test_a_server_that_hangs_up_after_it_took_the_mail_has_it_once(box: Postbox, mail_app: Any) -> None:
    box.answers["quit"] = "421 Going away"
    mail_id = put("ada@customer.example")

    sender.send(mail_id)
    tasks.sweep()

    assert state_of(mail_id) is MailState.SENT
    assert len(box.mails) == 1


def test_without_a_mail_server_mails_wait_and_can_be_read(mail_app: Any) -> None:
    mail_app.config["MAIL_SERVER"] = ""
    mail_id = put("ada@customer.example")

    sender.send(mail_id)

    assert tasks.sweep() == 0
    found = mail(mail_id)
    assert (found.state, found.text, found.attempts) == (MailState.WAITING, "A text.", 0)


def test_a_worker_whose_claim_ended_hands_nothing_over(box: Postbox, mail_app: Any) -> None:
    mail_id = put("ada@customer.example")
    with unit_of_work(db.session):
        slow = outbox.take(mail_id, now=utc_now())
    assert slow is not None
    with unit_of_work(db.session):
        other = outbox.take(mail_id, now=utc_now() + 2 * outbox.CLAIM)
    assert other is not None

    with unit_of_work(db.session):
        assert not outbox.begin_handing_over(slow, now=utc_now())
        assert outbox.begin_handing_over(other, now=utc_now())


def test_many_who_take_at_once_take_a_mail_once(mail_app: Any) -> None:
    mail_id = put("ada@customer.example")
    start, won = threading.Barrier(8), []

    def try_it() -> None:
        with mail_app.app_context():
            from app.tenancy.scope import system_scope

            start.wait(30)
            with system_scope("a worker"), unit_of_work(db.session):
                if outbox.take(mail_id, now=utc_now()) is not None:
                    won.append(threading.get_ident())
            db.session.remove()

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)

    assert len(won) == 1
