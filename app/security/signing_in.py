"""What every door does: take email and password, start a session, forget the one before."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, session
from flask_appbuilder.const import FLAMSG_ERR_SEC_ACCESS_DENIED
from flask_appbuilder.security.forms import LoginForm_db
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user

from app.kernel.clock import utc_now
from app.security.doors import LAST_DOOR, Door, door_of
from app.security.manager import SESSION_VERSION, SIGNED_IN_AT

REFUSAL = _l("Email or password is not right, or the login is not active.")


def clear_session() -> None:
    """Forget whoever was here. The language and the door belong to the browser."""
    kept = {key: session[key] for key in ("locale", LAST_DOOR) if session.get(key)}
    session.clear()
    session.update(kept)


def start_session(user: Any) -> None:
    """Sign ``user`` in on this browser, with nothing left of whoever was there before."""
    clear_session()
    session.permanent = True
    session[LAST_DOOR] = door_of(user).sign_in_url
    session[SESSION_VERSION] = user.session_version
    session[SIGNED_IN_AT] = int(utc_now().timestamp())
    login_user(user)


def reword_refusal() -> None:
    """Say what to do where the framework flashed, in red, that access is denied to whoever is not signed in."""
    flashes = session.pop("_flashes", [])
    denied = str(FLAMSG_ERR_SEC_ACCESS_DENIED)
    kept = [(category, text) for category, text in flashes if text != denied]
    if len(kept) < len(flashes):
        kept.append(("info", _("Sign in to continue.")))
    if kept:
        session["_flashes"] = kept


def sign_in_at(door: Door) -> tuple[LoginForm_db, Any, int]:
    """Take a door's sign-in form: return it, the person who is in now or None, and the page's status.

    Whatever is wrong, the answer is the same, also for people who belong to another door.
    """
    form = LoginForm_db()
    if request.method != "POST":
        return form, None, 200
    if form.validate():
        manager = current_app.extensions["appbuilder"].sm
        user = manager.auth_user_db(form.username.data, form.password.data, admits=door.admits)
        if user is not None:
            start_session(user)
            return form, user, 200
        form.form_errors.append(str(REFUSAL))
    return form, None, 422
