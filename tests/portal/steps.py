"""What tests of the storefront do again and again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.portal.signals import (
    email_validation_asked,
    signup_forgotten,
    signup_known_address,
    signup_received,
)
from app.settings import storefront
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope, system_scope
from app.terms import services as terms

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
SECRET = "seven green kettles in a row"
SENT = "/portal/{}/signup/sent/"


def good(**changes: Any) -> dict[str, Any]:
    """Return a sign-up that can be used."""
    values = {
        "organization": "Castellan Legal LLP",
        "contact_name": "Ruth Castellan",
        "contact_title": "Partner",
        "email": "ruth@castellan.example",
        "phone": "+44 20 7946 0000",
        "street": "Quay 4",
        "postal_code": "EC1A 1BB",
        "city": "London",
        "state": "",
        "country": "GB",
        "password": SECRET,
    }
    return {**values, **changes}


def sign_up(client: Any, nickname: str = "north", **changes: Any) -> Any:
    """Send the form."""
    return client.post(f"/portal/{nickname}/signup/", good(**changes))


def change_settings(app: Any, side: Any, **values: Any) -> None:
    """Decide about a storefront past the screen."""
    with app.test_request_context(), reseller_scope(side.id), unit_of_work(db.session):
        settings = storefront.hold_settings()
        for name, value in values.items():
            setattr(settings, name, value)


def change_reseller(app: Any, side: Any, **values: Any) -> None:
    """Change a reseller past the screen."""
    with app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        reseller = db.session.get(Reseller, side.id)
        for name, value in values.items():
            setattr(reseller, name, value)


def publish(app: Any, side: Any, text: str = "Be nice.", **texts: str) -> int:
    """Publish a version of the terms; return its number."""
    with app.test_request_context(), reseller_scope(side.id), unit_of_work(db.session):
        draft = terms.save_draft({"en": text, **texts}, version=0, now=NOW)
        number = terms.publish(draft, default_language="en", now=NOW).number
    assert number is not None
    return number


class Heard:
    """What the storefront told its hearers."""

    def __init__(self) -> None:
        self.links: list[tuple[str | None, str]] = []
        self.known: list[str] = []
        self.received: list[str] = []
        self.forgotten: list[str] = []

    def on_link(self, user: Any, *, token: str, **_rest: Any) -> None:
        self.links.append((user.email if user is not None else None, token))

    def on_known(self, user: Any, **_rest: Any) -> None:
        self.known.append(user.email)

    def on_received(self, _request: Any, *, user: Any, **_rest: Any) -> None:
        self.received.append(user.email)

    def on_forgotten(self, email: str, **_rest: Any) -> None:
        self.forgotten.append(email)

    @property
    def token(self) -> str:
        """The secret of the last link that somebody got."""
        return next(token for email, token in reversed(self.links) if email is not None)

    @property
    def asked(self) -> list[str | None]:
        """Who was asked to prove an address, None for nobody."""
        return [email for email, _token in self.links]


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear what is told while the block runs."""
    heard = Heard()
    with (
        email_validation_asked.connected_to(heard.on_link),
        signup_known_address.connected_to(heard.on_known),
        signup_received.connected_to(heard.on_received),
        signup_forgotten.connected_to(heard.on_forgotten),
    ):
        yield heard


@contextmanager
def looking(app: Any) -> Iterator[Any]:
    """Look at the database past the guard."""
    with app.app_context(), system_scope("the test looks"):
        yield db.session


def count(app: Any, model: Any, *conditions: Any) -> int:
    """Return how many rows there are."""
    with looking(app) as session:
        return session.scalar(select(func.count(model.id)).where(*conditions)) or 0


def new_entries(app: Any, after: int) -> list[AuditEntry]:
    """Return the entries of the change log that came after the one with this id."""
    with looking(app) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id)))


def last_entry(app: Any) -> int:
    """Return the id of the newest entry of the change log."""
    with looking(app) as session:
        return session.scalar(select(func.max(AuditEntry.id))) or 0
