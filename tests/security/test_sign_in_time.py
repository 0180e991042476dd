"""How long a refusal takes tells nothing: unknown, wrong, locked and suspended take as long (quality S8)."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

import config
from app.extensions import db
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.passwords import hash_password
from app.tenancy.scope import system_scope
from tests.access.logins import lock
from tests.client import Client
from tests.security.helpers import change
from tests.worlds import PASSWORD, World

ROUNDS = 40


@pytest.mark.slow
def test_every_refusal_takes_as_long(flask_app: Any, world: World) -> None:
    """With the method that the product stores passwords with; in turn, so that a busy machine slows all alike."""
    method = flask_app.config["FAB_PASSWORD_HASH_METHOD"]
    flask_app.config["FAB_PASSWORD_HASH_METHOD"] = config.load({})["FAB_PASSWORD_HASH_METHOD"]
    flask_app.config.pop("_DECOY_HASH", None)
    north = world.north
    try:
        with flask_app.app_context(), system_scope("test"):
            stored = hash_password(PASSWORD)
            for person in (north.owner, north.ops, north.sales):
                db.session.get(User, person.id).password = stored
            db.session.commit()
        lock(flask_app, north.ops.id)
        change(flask_app, north.sales, lambda user: accounts.set_status(user, UserStatus.SUSPENDED))
        kinds = {
            "unknown": ("nobody@nowhere.example", "wrong"),
            "wrong": (north.owner.email, "wrong"),
            "locked": (north.ops.email, PASSWORD),
            "suspended": (north.sales.email, PASSWORD),
        }
        taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(ROUNDS + 2):
            for kind, (email, password) in kinds.items():
                if kind == "wrong":
                    change(flask_app, north.owner, lambda user: setattr(user, "fail_login_count", 0))
                client = Client(flask_app)
                values = {"username": email, "password": password, "csrf_token": client.token}
                start = time.perf_counter()
                answer = client.post("/login/", values)
                if number >= 2:  # the first ones fill caches
                    taken[kind].append(time.perf_counter() - start)
                assert answer.status_code == 422
    finally:
        flask_app.config["FAB_PASSWORD_HASH_METHOD"] = method
        flask_app.config.pop("_DECOY_HASH", None)

    medians = {kind: statistics.median(times) for kind, times in taken.items()}
    print("\n", {kind: f"{1000 * value:.1f} ms" for kind, value in medians.items()})  # noqa: T201
    assert max(medians.values()) / min(medians.values()) < 1.1, medians
