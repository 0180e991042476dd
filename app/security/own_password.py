"""Until a temporary password is replaced, its person gets no further than choosing an own one (ADR 5)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import NotAllowed

_READS = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})

#: What stays open: choosing the password, signing out, and reading both in one's own language.
_OPEN = {
    "ProfileView.show": _READS,
    "ProfileView.password": _POST,
    "SignInView.logout": _POST,
    "LanguageView.choose": _POST,
}


def own_password_first() -> Response | None:
    """Lead a person with a temporary password to choosing an own one; refuse what is not a page."""
    endpoint = request.endpoint or "static"  # an address that is nowhere is answered as such
    if endpoint.rpartition(".")[2] == "static" or request.method in _OPEN.get(endpoint, ()):
        return None
    if not current_user.is_authenticated or not current_user.has_temporary_password:
        return None
    if request.method in _READS and _wants_page():
        return redirect(url_for("ProfileView.show"))
    raise NotAllowed(_("Somebody else set your password. Choose your own one first."))


def _wants_page() -> bool:
    """Is this a browser that opens a page, rather than a program?"""
    if request.is_json or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    return request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "text/html"
