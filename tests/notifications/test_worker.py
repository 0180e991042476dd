"""The real worker against a real mail server: killed at every point of a conversation, it loses and doubles nothing."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

import config
from app.extensions import db
from app.kernel.clock import utc_now
from app.notifications.models import MailState, OutgoingMail
from app.notifications.tasks import SWEEP_SECONDS
from tests.conftest import SECRET, Database
from tests.notifications.conftest import mailing, make_mail_app, put, state_of
from tests.notifications.smtp import POINTS, Postbox

PATIENCE = 60
#: A point of each stage: the mail is not handed over yet, it is being handed over, the server has it.
STAGES = ("recipient", "taken", "quit")


class Worker:
    """A worker process as ``run.py`` starts it, on the test's database, broker and mail server."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--pool=solo", "--beat", f"--schedule={self.folder / 'beat'}", "--loglevel=warning"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "app.worker", "worker", *options],
            cwd=config.ROOT,
            env=os.environ | self.environment,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None


@pytest.fixture
def mail_app(flask_app: Any, database: Database, box: Postbox, tmp_path: Path) -> Iterator[Any]:
    """An application whose broker holds nothing but what the test's mails tell the workers."""
    with mailing(make_mail_app(database, tmp_path, port=box.port)) as app:
        yield app


@pytest.fixture
def worker(mail_app: Any, database: Database, box: Postbox, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(
        {
            "DATABASE_URL": database.url,
            "SECRET_KEY": SECRET,
            "CLOUDTALLY_INSTANCE": str(tmp_path),
            "CLOUDTALLY_MAIL_SERVER": "127.0.0.1",
            "CLOUDTALLY_MAIL_PORT": str(box.port),
            "CLOUDTALLY_MAIL_TLS": "0",
        },
        tmp_path,
    )
    yield made
    made.kill()


def end_claims() -> None:
    """Let the time pass after which a dead worker's mails are due again."""
    past = utc_now() - datetime.timedelta(seconds=1)
    db.session.execute(update(OutgoingMail).where(OutgoingMail.claim.is_not(None)).values(claimed_until=past))
    db.session.commit()


@pytest.mark.stricter
@pytest.mark.parametrize(
    "points", [STAGES, pytest.param(POINTS, marks=pytest.mark.slow)], ids=["stages", "all"]
)
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(
    points: tuple[str, ...], box: Postbox, worker: Worker, mail_app: Any
) -> None:
    """Whoever takes up the mail that a dead worker left is the next one to die."""
    killed, done = threading.Event(), threading.Event()
    worker.start()

    for point in points:
        killed.clear()
        done.clear()

        def die(here: str, point: str = point) -> None:
            if here == point and not killed.is_set():
                worker.kill()
                killed.set()

        box.at = die
        mail_id = put(f"{point}@customer.example")
        assert killed.wait(PATIENCE), point
        if point != "quit":
            assert state_of(mail_id) in (MailState.SENDING, MailState.HANDING_OVER)
            box.at = lambda here: done.set() if here == "quit" else None
            end_claims()
            worker.start()
            assert done.wait(PATIENCE), point
        assert state_of(mail_id) is MailState.SENT

    copies = {
        point: [one for one in box.mails if one["To"] == f"{point}@customer.example"] for point in points
    }
    # The server had the mail and could not say so any more: SMTP's own window. The copies say that they are one mail.
    first, second = copies.pop("taken")
    assert first["Message-ID"] == second["Message-ID"]
    assert {point: len(found) for point, found in copies.items()} == dict.fromkeys(copies, 1)


@pytest.mark.once
def test_a_mail_leaves_as_soon_as_its_cause_is_saved(box: Postbox, worker: Worker, mail_app: Any) -> None:
    """Well before the next sweep: the commit tells the worker."""
    arrived = threading.Event()
    box.at = lambda here: arrived.set() if here == "quit" else None
    put("first@customer.example")
    worker.start()
    assert arrived.wait(PATIENCE)
    arrived.clear()

    put("second@customer.example")

    assert arrived.wait(SWEEP_SECONDS / 2)
    assert [one["To"] for one in box.mails] == ["first@customer.example", "second@customer.example"]


@pytest.mark.slow  # many who take at once are asked in test_outbox.py
def test_two_workers_send_a_mail_once(box: Postbox, worker: Worker, mail_app: Any, tmp_path: Path) -> None:
    second = Worker(worker.environment, tmp_path / "second")
    (tmp_path / "second").mkdir()
    wanted = [f"{number}@customer.example" for number in range(40)]
    arrived = threading.Semaphore(0)
    box.at = lambda here: arrived.release() if here == "quit" else None
    for address in wanted:
        put(address)

    worker.start()
    second.start()
    try:
        for _ in wanted:
            assert arrived.acquire(timeout=PATIENCE)
    finally:
        second.kill()

    assert sorted(one["To"] for one in box.mails) == sorted(wanted)
