"""Brings logins and browsers into the states that some addresses need: locked, with a second factor, half signed in."""

from __future__ import annotations

import datetime
from typing import Any

import pyotp

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import second_factor, totp
from app.security.limits import HALF
from app.security.models import User
from app.security.profile_views import SETTING_UP
from app.tenancy.scope import system_scope

APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = APP_SECRET) -> str:
    """Return what the app shows now."""
    return pyotp.TOTP(secret).at(utc_now())


def give_second_factor(app: Any, user_id: int, *, secret: str = APP_SECRET) -> list[str]:
    """Give a login a second factor whose codes ``code_now`` knows; returns its recovery codes."""
    with app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        user = db.session.get(User, user_id)
        user.totp_secret, user.totp_since = totp.seal(secret, user_id=user_id), utc_now()
        return second_factor.make_codes(user)


def lock(app: Any, user_id: int) -> None:
    """Lock a login for an hour."""
    with app.test_request_context(), system_scope("test"), unit_of_work(db.session):
        db.session.get(User, user_id).locked_until = utc_now() + datetime.timedelta(hours=1)


def half_sign_in(client: Any, user_id: int, *, next_url: str = "/") -> None:
    """Let a browser be where somebody is whose password was right."""
    with client.http.session_transaction() as session:
        session[HALF] = {
            "user": user_id,
            "version": 1,
            "at": int(utc_now().timestamp()),
            "way": "password",
            "next": next_url,
        }


def begin_set_up(app: Any, client: Any, user_id: int) -> None:
    """Let a browser be where somebody is who has just scanned a secret."""
    with app.app_context():
        sealed = totp.seal(APP_SECRET, user_id=user_id)
    with client.http.session_transaction() as session:
        session[SETTING_UP] = {"secret": sealed, "at": int(utc_now().timestamp())}
