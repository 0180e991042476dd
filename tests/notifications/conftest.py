"""An application that sends mails to a real server on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.tenancy.scope import system_scope
from tests.conftest import Database, close_connections, make_settings
from tests.notifications.smtp import Postbox, postbox


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as made:
        yield made


@pytest.fixture
def mail_app(flask_app: Any, database: Database, box: Postbox, tmp_path: Path) -> Iterator[Any]:
    """The application with a mail server and a broker of its own."""
    app = create_app(
        make_settings(
            database.url,
            CLOUDTALLY_INSTANCE=str(tmp_path),
            CELERY_BROKER_URL=f"sqla+sqlite:///{tmp_path / 'broker.db'}",
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=box.port,
            MAIL_USE_TLS=False,
        )
    )
    with app.app_context(), system_scope("the test puts mails"):
        yield app
    close_connections(app)


def put(recipient: str, **more: Any) -> int:
    mail_id = outbox.put(
        event="test",
        recipient=recipient,
        subject="Hello",
        text="A text.",
        now=utc_now(),
        **more,
    )
    db.session.commit()
    assert mail_id is not None
    return mail_id


def state_of(mail_id: int) -> MailState:
    db.session.rollback()
    state = db.session.scalars(select(OutgoingMail.state).where(OutgoingMail.id == mail_id)).one()
    db.session.rollback()  # a worker goes on writing: no later write may start from what was seen here
    return state
