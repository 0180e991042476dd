"""An application that sends mails to a real server on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


def make_mail_app(database: Database, folder: Path, *, port: int = 0) -> Any:
    """Return an application with a mail server and a broker of its own."""
    return create_app(
        make_settings(
            database.url,
            CLOUDTALLY_INSTANCE=str(folder),
            CELERY_BROKER_URL=f"sqla+sqlite:///{folder / 'broker.db'}",
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=port,
            MAIL_USE_TLS=False,
        )
    )


@contextmanager
def mailing(app: Any) -> Iterator[Any]:
    """Let a test put mails in ``app``."""
    with app.app_context(), system_scope("the test puts mails"):
        yield app
    close_connections(app)


@pytest.fixture(scope="session")
def _mail_app(flask_app: Any, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_mail_app(database, tmp_path_factory.mktemp("mails"))


@pytest.fixture
def mail_app(_mail_app: Any, box: Postbox) -> Iterator[Any]:
    """An application that sends to ``box``; what a test sets in it holds for that test."""
    mail, settings = _mail_app.extensions["mail"], dict(_mail_app.config)
    state = dict(vars(mail))
    mail.port = _mail_app.config["MAIL_PORT"] = box.port
    with mailing(_mail_app):
        yield _mail_app
    _mail_app.config.clear()
    _mail_app.config.update(settings)
    vars(mail).update(state)


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
