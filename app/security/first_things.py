"""What somebody has to do before anything else: replace a password, then set up a second factor.

A password that somebody else chose is replaced (ADR 5), and one that is older than the requirements allow. Where they
demand a second factor, whoever has none sets it up. Until then every page leads there and nothing else is taken.
"""

from __future__ import annotations

import enum
from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import NotAllowed
from app.kernel.clock import utc_now
from app.security import second_factor
from app.security.policy import Policy

_READS = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})


class FirstThing(enum.StrEnum):
    """What comes first."""

    OWN_PASSWORD = "own_password"  # noqa: S105 - a word, no secret
    NEW_PASSWORD = "new_password"  # noqa: S105
    SECOND_FACTOR = "second_factor"


#: What stays open besides: signing out, and reading the page in one's own language.
_ALWAYS_OPEN = {"SignInView.logout": _POST, "LanguageView.choose": _POST}
_PASSWORD_PAGE = {"OwnPasswordView.show": _READS | _POST}
_OPEN = {
    FirstThing.OWN_PASSWORD: _PASSWORD_PAGE,
    FirstThing.NEW_PASSWORD: _PASSWORD_PAGE,
    FirstThing.SECOND_FACTOR: {
        "SecondFactorView.show": _READS,
        "SecondFactorView.begin": _POST,
        "SecondFactorView.set_up": _READS | _POST,
    },
}


def first_thing(user: Any, policy: Policy) -> FirstThing | None:
    """Return what this person has to do before anything else, None for nothing."""
    if user.has_temporary_password:
        return FirstThing.OWN_PASSWORD
    if policy.is_expired(user, now=utc_now()):
        return FirstThing.NEW_PASSWORD
    return FirstThing.SECOND_FACTOR if second_factor.must_set_up(user, policy) else None


def own_first_thing() -> FirstThing | None:
    """Return what the signed-in person has to do first."""
    if not current_user.is_authenticated:
        return None
    policy: Policy = g.login_policy
    return first_thing(current_user, policy)


def first_things_first() -> Response | None:
    """Lead a person to what comes first; refuse what is not a page."""
    endpoint = request.endpoint or "static"  # an address that is nowhere is answered as such
    if endpoint.rpartition(".")[2] == "static" or request.method in _ALWAYS_OPEN.get(endpoint, ()):
        return None
    thing = own_first_thing()
    if thing is None or request.method in _OPEN[thing].get(endpoint, ()):
        return None
    if request.method in _READS and _wants_page():
        return redirect(page_of(thing))
    raise NotAllowed(_refusal(thing))


def page_of(thing: FirstThing) -> str:
    """Return the page on which it is done."""
    return url_for("SecondFactorView.show" if thing is FirstThing.SECOND_FACTOR else "OwnPasswordView.show")


def _refusal(thing: FirstThing) -> str:
    if thing is FirstThing.OWN_PASSWORD:
        return _("Somebody else set your password. Choose your own one first.")
    if thing is FirstThing.NEW_PASSWORD:
        return _("Your password has expired. Choose a new one first.")
    return _("Your login needs a second factor. Set it up first.")


def _wants_page() -> bool:
    """Is this a browser that opens a page, rather than a program?"""
    if request.is_json or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    return request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "text/html"
