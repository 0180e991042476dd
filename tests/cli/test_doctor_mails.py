"""The doctor says when mails do not leave, and when some were given up."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.tenancy.scope import system_scope
from tests.cli.conftest import Run, examine


@pytest.fixture
def server(flask_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(flask_app.config, "MAIL_SERVER", "smtp.example")


def put(app: Any, *, minutes: int, **values: Any) -> None:
    """Write a mail that has been due for some minutes."""
    at = utc_now() - datetime.timedelta(minutes=minutes)
    with app.app_context(), system_scope("the test puts a mail"):
        mail_id = outbox.put(event="test", recipient="a@b.example", subject="S", text="T", now=at)
        db.session.execute(update(OutgoingMail).where(OutgoingMail.id == mail_id).values(due_at=at, **values))
        db.session.commit()


def test_without_a_mail_server_mails_wait_on_purpose(run: Run, flask_app: Any) -> None:
    put(flask_app, minutes=9000)

    assert examine(run) == {}


@pytest.mark.usefixtures("server")
def test_mails_that_no_worker_takes(run: Run, flask_app: Any) -> None:
    put(flask_app, minutes=5)
    assert examine(run) == {}

    put(flask_app, minutes=50)
    ended = utc_now() - datetime.timedelta(minutes=40)
    put(flask_app, minutes=60, state=MailState.HANDING_OVER, claimed_until=ended, claim="x")

    assert examine(run) == {"mails_overdue": ("warning", 2)}
    assert "2 mails are due and do not leave, the oldest since" in run("doctor").output


@pytest.mark.usefixtures("server")
def test_mails_that_were_given_up_of_late(run: Run, flask_app: Any) -> None:
    put(flask_app, minutes=20_000, state=MailState.FAILED, last_error="550 Long ago")
    put(flask_app, minutes=50, state=MailState.FAILED, last_error=outbox.LINK_ENDED)
    assert examine(run) == {}

    put(flask_app, minutes=40, state=MailState.FAILED, last_error="550 No such user.")

    assert examine(run) == {"mails_given_up": ("warning", 1)}
    assert "the last one because of: 550 No such user." in run("doctor").output
