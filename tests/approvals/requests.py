"""Requests of every kind, and what is heard of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.approvals import requests, services
from app.approvals.models import ApprovalRequest
from app.approvals.signals import (
    approval_declined,
    approval_forwarded,
    approval_requested,
    request_completed,
    request_rejected,
    request_taken,
)
from app.customers.models import Customer
from app.extensions import db
from app.security.models import User
from tests.approvals.steps import (
    LATER,
    NOW,
    ask_account,
    provider_of,
    scope_of,
    working,
)
from tests.worlds import World

SIGNALS = {
    "requested": approval_requested,
    "declined": approval_declined,
    "forwarded": approval_forwarded,
    "taken": request_taken,
    "completed": request_completed,
    "rejected": request_rejected,
}


@contextmanager
def hearing() -> Iterator[list[tuple[str, Any]]]:
    """Note which signals are sent: its name, and what the hearer looks at."""
    heard: list[tuple[str, Any]] = []
    hearers = []
    for name, signal in SIGNALS.items():

        def hear(request: ApprovalRequest, *, now: datetime.datetime, name: str = name) -> None:
            login = db.session.get(User, request.requester_id) if request.requester_id else None
            heard.append((name, login.email if login is not None else None))

        hearers.append(hear)
        signal.connect(hear)
    yield heard
    for signal, hear in zip(SIGNALS.values(), hearers, strict=True):
        signal.disconnect(hear)


def customer_now(world: World) -> Customer:
    return db.session.get(Customer, world.north.customer.id)


def ask(kind: str, world: World, **more: Any) -> ApprovalRequest:
    """Ask for something for the north's first customer; AWS and sensible details unless said otherwise."""
    details = {"name": "data", "root_email": "root@data.example"} if kind == "account" else {}
    given = {
        "customer": customer_now(world),
        "provider": provider_of("azure" if kind == "provider" else "aws"),
        "details": details,
        "requester": None,
        "now": NOW,
    } | more
    return getattr(requests, f"request_{kind}")(**given)


def decline(app: Any, world: World, request_id: int, reason: str = "Only the EU, sorry") -> None:
    with working(app, scope_of(world.north, world.north.owner)):
        services.decline(services.find_request(request_id), reason=reason, now=LATER)


def forwarded(app: Any, world: World, **more: Any) -> int:
    return ask_account(app, world.north, is_forwarded=True, **more)
