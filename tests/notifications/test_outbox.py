"""The outbox: a mail exists if its cause does, is sent once, tried again with pauses, and can be read all the time."""

from __future__ import annotations

import datetime
import email
import email.policy
import re
import threading
from typing import Any

import pytest
from flask_mail import Message
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.errors import WrongState
from app.extensions import db
from app.jobs import queue
from app.jobs.queue import celery_of
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


@pytest.mark.parametrize(
    "subject",
    [
        "Waits for your approval: Access to Google Cloud for Quillfeather Media",
        "Bestätigen Sie Ihre Adresse für die überaus lange Firmenbezeichnung der Nordwind GmbH & Co. KG",
    ],
)
def test_a_long_subject_begins_on_its_own_line(mail_app: Any, subject: str) -> None:
    """Some programs show a subject that is folded behind an empty line as none."""
    message = Message(subject=subject, recipients=["a@b.example"], body="ü", sender="c@d.example")

    content = sender.content_of(message)

    assert re.search(rb"^Subject: \S+ ", content, re.MULTILINE) or b"Subject: =?utf-8?" in content
    assert email.message_from_bytes(content, policy=email.policy.default)["Subject"] == subject
    assert content.count(b"\n") == content.count(b"\r\n")


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


def test_a_mail_is_not_sent_when_the_server_takes_it_for_copies_only(box: Postbox, mail_app: Any) -> None:
    """smtplib is content when anybody gets a mail; its recipient is not."""
    box.refused["ada@customer.example"] = "550 No such user"
    mail_id = put("ada@customer.example", bcc=["archive@north.example"])

    sender.send(mail_id)

    found = mail(mail_id)
    assert (found.state, found.last_error) == (MailState.FAILED, "550 No such user")
    assert box.mails == []


def test_a_copy_that_is_refused_keeps_nobody_from_the_mail(box: Postbox, mail_app: Any) -> None:
    box.refused["archive@north.example"] = "550 No such user"
    mail_id = put("ada@customer.example", bcc=["archive@north.example", "ops@north.example"])

    sender.send(mail_id)

    found = mail(mail_id)
    assert (found.state, found.last_error) == (MailState.SENT, "archive@north.example: 550 No such user")
    assert box.envelopes[0].rcpt_tos == ["ada@customer.example", "ops@north.example"]


def test_a_mail_that_cannot_be_written_keeps_no_other_waiting(
    box: Postbox, mail_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, other = put("poison@customer.example"), put("ada@customer.example")
    write = sender.message_of

    def refuse(row: OutgoingMail) -> Any:
        if row.id == poison:
            raise UnicodeError("not to be encoded")
        return write(row)

    monkeypatch.setattr(sender, "message_of", refuse)

    assert tasks.sweep() == 2
    found = mail(poison)
    assert (found.state, found.last_error, found.attempts) == (MailState.FAILED, "not to be encoded", 1)
    assert state_of(other) is MailState.SENT


def test_what_fails_in_the_midst_of_a_sweep_ends_with_its_mail(
    box: Postbox, mail_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = put("first@customer.example"), put("second@customer.example")
    settle = outbox.settle_sent

    def fail(row: OutgoingMail, **more: Any) -> None:
        if row.id == first:
            raise SQLAlchemyError("the database is away")
        settle(row, **more)

    monkeypatch.setattr(outbox, "settle_sent", fail)

    tasks.sweep()

    assert state_of(first) is MailState.HANDING_OVER, "nobody knows; its claim will end"
    assert state_of(second) is MailState.SENT


def test_a_mail_with_which_every_worker_dies_is_given_up(mail_app: Any) -> None:
    moment = NOW
    with frozen_at(NOW):
        mail_id = put("ada@customer.example")
    for _ in range(outbox.MOST_TRIES):
        with unit_of_work(db.session):
            assert outbox.take(mail_id, now=moment) is not None
        moment += 2 * outbox.CLAIM

    with unit_of_work(db.session):
        assert outbox.take(mail_id, now=moment) is None

    found = mail(mail_id)
    assert (found.state, found.last_error, found.attempts) == (
        MailState.FAILED,
        outbox.WORKER_DIED,
        outbox.MOST_TRIES,
    )


def test_a_link_that_has_ended_is_not_mailed(box: Postbox, mail_app: Any) -> None:
    """A server that was away for a day, or set up after a month, brings nobody dead links."""
    end = utc_now()
    mail_id = put("ada@customer.example", has_secret=True, useful_until=end)

    tasks.sweep()

    found = mail(mail_id)
    assert (found.state, found.last_error, found.text) == (MailState.FAILED, outbox.LINK_ENDED, "")
    assert box.mails == []
    with pytest.raises(WrongState, match="Its link has ended"):
        outbox.send_again(found, now=end)


def test_mails_are_kept_as_long_as_the_setting_says(box: Postbox, mail_app: Any) -> None:
    mail_app.config["CLOUDTALLY_MAIL_KEEP_DAYS"] = 30
    long_ago = NOW - datetime.timedelta(days=31)
    with frozen_at(long_ago):
        sent, failed, waiting = (put(f"{word}@customer.example") for word in ("sent", "failed", "waiting"))
        again = put("again@customer.example")
        sender.send(sent)
        sender.send(again)
        box.answers["recipient"] = "550 No such user"
        sender.send(failed)
        box.answers.clear()
    with frozen_at(NOW - datetime.timedelta(days=29)):
        recent = put("recent@customer.example")
        sender.send(recent)
        with unit_of_work(db.session):
            outbox.send_again(mail(again), now=utc_now())
        sender.send(again)

    with frozen_at(NOW):
        assert tasks.clear_old_mails() == 2

    db.session.rollback()
    left = set(db.session.scalars(select(OutgoingMail.id)))
    assert left == {waiting, recent, again}


def test_old_mails_go_in_steps(mail_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CLEAR_LIMIT", 2)
    with frozen_at(NOW):
        ids = [put(f"{number}@customer.example") for number in range(5)]
    db.session.execute(update(OutgoingMail).values(state=MailState.FAILED))
    db.session.commit()

    with frozen_at(NOW + datetime.timedelta(days=181)):
        assert tasks.clear_old_mails() == len(ids)


def test_the_last_word_is_forgotten_with_its_recipient(box: Postbox, mail_app: Any) -> None:
    mail_id = outbox.put(
        event="signup_declined",
        recipient="ruth@applicant.example",
        subject="Ruth",
        text="Dear Ruth",
        now=utc_now(),
    )
    db.session.commit()
    assert mail_id is not None

    sender.send(mail_id)

    row = mail(mail_id)
    assert [one["To"] for one in box.mails] == ["ruth@applicant.example"]
    assert (row.state, row.subject, row.text) == (MailState.SENT, "", "")
    assert "ruth" not in row.recipient


def test_the_workers_regular_tasks_are_announced(mail_app: Any) -> None:
    celery = celery_of(mail_app)

    assert {tasks.SWEEP_TASK, tasks.CLEAR_TASK} <= set(celery.conf.beat_schedule)
    assert {tasks.SWEEP_TASK, tasks.CLEAR_TASK, outbox.SEND_TASK} <= set(celery.tasks)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that the broker was told of."""
    rows: list[int] = []

    class Broker:
        def send_task(self, _name: str, args: tuple[int, ...]) -> None:
            rows.extend(args)

    monkeypatch.setattr(queue, "celery_of", lambda _app: Broker())
    return rows


def test_the_worker_is_told_after_the_commit_and_not_at_a_savepoint(mail_app: Any, told: list[int]) -> None:
    """It would look for a row that is not there yet, and the mail would wait for the next sweep."""
    put_one = {"event": "test", "recipient": "a@b.example", "subject": "S", "text": "T", "now": NOW}
    with unit_of_work(db.session):
        first = outbox.put(**put_one)
        with db.session.begin_nested():
            second = outbox.put(**put_one)
        assert told == []
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            outbox.put(**put_one)
            _ = 1 / 0
        assert told == []

    assert told[:2] == [first, second], (
        "what came before a savepoint that was taken back is told all the same"
    )


def test_nothing_is_told_of_what_was_taken_back(mail_app: Any, told: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(db.session):
        outbox.put(event="test", recipient="a@b.example", subject="S", text="T", now=NOW)
        _ = 1 / 0
    put("ada@customer.example")

    assert len(told) == 1


def test_a_broker_that_is_away_fails_no_business(mail_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broker:
        def send_task(self, _name: str, args: tuple[int, ...]) -> None:
            raise OSError("away")

    monkeypatch.setattr(queue, "celery_of", lambda _app: Broker())

    assert state_of(put("ada@customer.example")) is MailState.WAITING
