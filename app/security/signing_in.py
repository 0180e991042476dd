"""What every door does: take email and password, then a code where there is a second factor, then start a session.

Between the two steps nobody is signed in: the browser's cookie says whose password was right, for five minutes, and
that opens the page for the code and nothing else.
"""

from __future__ import annotations

import datetime
from typing import Any

from flask import current_app, flash, redirect, request, session
from flask_appbuilder.const import FLAMSG_ERR_SEC_ACCESS_DENIED
from flask_appbuilder.security.forms import LoginForm_db
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import login_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.kernel.clock import utc_now
from app.security import attempts, second_factor
from app.security.accounts import may_sign_in
from app.security.attempts import CODE, PASSWORD, RECOVERY_CODE, Visitor
from app.security.doors import LAST_DOOR, Door, door_of
from app.security.forms import CodeForm, RecoveryForm
from app.security.limits import HALF
from app.security.manager import LOGIN
from app.security.models import User
from app.tenancy.scope import system_scope

REFUSAL = _l("Email or password is not right, or the login is not active.")
CODE_REFUSAL = _l("This code is not right, or it was used already.")

#: How long somebody may be between the steps.
HALF_LIFETIME = datetime.timedelta(minutes=5)


def visitor() -> Visitor:
    """Return where this request comes from."""
    return Visitor(request.remote_addr or "", request.user_agent.string)


def clear_session() -> None:
    """Forget whoever was here. The language and the door belong to the browser."""
    kept = {key: session[key] for key in ("locale", LAST_DOOR) if session.get(key)}
    session.clear()
    session.update(kept)


def admit(user: Any, *, way: str, next_url: str) -> Response:
    """Go on with somebody who took the first step in some ``way``: to the code, or in and to ``next_url``."""
    clear_session()
    session[LAST_DOOR] = door_of(user).sign_in_url
    if not second_factor.has_one(user):
        _start_session(user, (way,))
        return redirect(next_url)
    session[HALF] = {
        "user": user.id,
        "version": user.session_version,
        "at": int(utc_now().timestamp()),
        "way": way,
        "next": next_url,
    }
    return redirect(door_of(user).code_url)


def _start_session(user: Any, ways: tuple[str, ...]) -> None:
    token = attempts.come_in(user, ways=ways, visitor=visitor(), now=utc_now())
    clear_session()
    session.permanent = True
    session[LOGIN] = token
    with system_scope("whoever comes in has no scope before the next request"):
        db.session.refresh(user)
        login_user(user)


def reword_refusal() -> None:
    """Say what to do where the framework flashed, in red, that access is denied to whoever is not signed in."""
    flashes = session.pop("_flashes", [])
    denied = str(FLAMSG_ERR_SEC_ACCESS_DENIED)
    kept = [(category, text) for category, text in flashes if text != denied]
    if len(kept) < len(flashes):
        kept.append(("info", _("Log in to continue.")))
    if kept:
        session["_flashes"] = kept


def sign_in_at(door: Door, *, next_url: str) -> tuple[LoginForm_db, Response | None, int]:
    """Take a door's sign-in form: return it, where whoever gave the right password goes on, and the page's status.

    Whatever is wrong, the answer is the same, also for people who belong to another door.
    """
    form = LoginForm_db()
    if request.method != "POST":
        return form, None, 200
    if form.validate():
        manager = current_app.extensions["appbuilder"].sm
        user = manager.auth_user_db(form.username.data, form.password.data, admits=door.admits)
        if user is not None:
            with system_scope("whoever logs in has no scope yet"):
                return form, admit(user, way=PASSWORD, next_url=next_url), 200
        form.form_errors.append(str(REFUSAL))
    return form, None, 422


def code_at(door: Door) -> tuple[Any, Response | None, int]:
    """Take a door's form for the second step: return it, where to go on, and the page's status.

    ``?use=recovery`` asks for a recovery code instead. Whoever has not taken the first step is sent back to it.
    """
    is_recovery = request.args.get("use") == "recovery"
    form = RecoveryForm() if is_recovery else CodeForm()
    half = session.get(HALF) or {}
    user = half_signed_in(door)
    if user is None:
        session.pop(HALF, None)
        flash(_("Enter your password once more: the code has to follow within five minutes."), "info")
        return form, redirect(door.sign_in_url), 200
    if request.method != "POST":
        return form, None, 200
    if form.validate():
        taken = attempts.take_code(
            user.id, form.code.data, is_recovery=is_recovery, visitor=visitor(), now=utc_now()
        )
        if taken is not None:
            second = RECOVERY_CODE if is_recovery else CODE
            _start_session(taken, (str(half["way"]), second))
            if is_recovery:
                _say_how_many_are_left(taken)
            return form, redirect(str(half["next"])), 200
        form.code.errors = [*form.code.errors, str(CODE_REFUSAL)]
    return form, None, 422


def half_signed_in(door: Door) -> Any:
    """Return whose password was right in this browser a moment ago, None for nobody."""
    half = session.get(HALF)
    if not isinstance(half, dict):
        return None
    age = utc_now().timestamp() - half["at"]
    if not 0 <= age < HALF_LIFETIME.total_seconds():
        return None
    with system_scope("between the steps of logging in there is no scope"):
        user = db.session.get(User, half["user"])
        if user is None or user.session_version != half["version"]:
            return None
        is_welcome = door.admits(user) and may_sign_in(user) and second_factor.has_one(user)
        return user if is_welcome else None


def _say_how_many_are_left(user: Any) -> None:
    with system_scope("whoever comes in has no scope before the next request"):
        left = second_factor.codes_left(user)
    flash(
        ngettext(
            "You logged in with a recovery code; %(num)s is left. Make new ones in your profile.",
            "You logged in with a recovery code; %(num)s are left. Make new ones in your profile.",
            left,
        ),
        "warning",
    )
