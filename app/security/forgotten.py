"""What every page for a forgotten password does: take an address, and answer the same whoever has it."""

from __future__ import annotations

from flask import current_app, flash, request
from flask_babel import ngettext

from app.kernel.clock import utc_now
from app.security import accounts
from app.security.forms import ForgottenForm
from app.shell.pages import submit
from app.tenancy.scope import system_scope


def ask_for_a_link() -> tuple[ForgottenForm, bool, int]:
    """Take the form of this request: return it, whether an address was given, and the page's status."""
    form = ForgottenForm()
    with system_scope("whoever forgot the password has no scope"):
        done, status = submit(form, lambda: _forget(form))
    if done is not None:
        hours = int(current_app.config["PASSWORD_RESET_LIFETIME"].total_seconds() // 3600)
        flash(
            ngettext(
                "If a login with this address exists, a mail with a link is on its way. "
                "The link works once, for %(num)s hour.",
                "If a login with this address exists, a mail with a link is on its way. "
                "The link works once, for %(num)s hours.",
                hours,
            )
        )  # of no category: it stays in the page, because it says what to do next
    return form, done is not None, status


def _forget(form: ForgottenForm) -> bool:
    accounts.forget_password(form.email.data, now=utc_now(), address=request.remote_addr or "")
    return True
