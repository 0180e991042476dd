"""How fast passwords can be guessed: failures are counted, so that a whole office signs in behind one address.

`CLOUDTALLY_LOGIN_RATE_LIMIT` is the number of failures from one address. A login may fail somewhat more often, counted
from all addresses together: guesses from many places are slowed down, and one place alone cannot shut its owner out.
Failures are counted when the answer is known, so the tries of any kind have a limit too, counted before the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, current_app, request
from flask_appbuilder.utils.limit import Limit
from flask_limiter.util import get_remote_address
from flask_login import current_user

FAILURES_OF_A_LOGIN = 6
TRIES_OF_AN_ADDRESS = 12
#: Links to one mailbox, asked for from anywhere: enough for whoever needs one, too few to be a nuisance.
LINKS_TO_A_LOGIN = "5 per hour"


def limits_of(endpoint: str) -> list[Limit]:
    """Return the limits of an address that asks for a password and answers 422 to a wrong one."""
    return [
        _limit(endpoint, lambda: _times(1), get_remote_address, _has_failed),
        _limit(endpoint, lambda: _times(FAILURES_OF_A_LOGIN), _login, _has_failed),
        _limit(endpoint, lambda: _times(TRIES_OF_AN_ADDRESS), lambda: f"tries {get_remote_address()}"),
    ]


def limits_of_links(endpoint: str) -> list[Limit]:
    """Return the limits of an address that mails a link to whoever is named; every try counts, known or not."""
    return [
        _limit(endpoint, lambda: _times(1), get_remote_address),
        _limit(endpoint, lambda: LINKS_TO_A_LOGIN, lambda: _hashed(request.form.get("email", ""))),
    ]


def _limit(
    endpoint: str,
    value: Callable[[], str],
    key: Callable[[], str],
    deduct_when: Callable[[Response], bool] | None = None,
) -> Limit:
    return Limit(
        limit_value=value,
        key_func=key,
        methods=("POST",),
        exempt_when=lambda: request.endpoint != endpoint,  # signing out, say, is never refused
        deduct_when=deduct_when,
    )


def _times(factor: int) -> str:
    number, _, rest = str(current_app.config["AUTH_RATE_LIMIT"]).partition(" ")
    return f"{factor * int(number)} {rest}"


def _has_failed(response: Response) -> bool:
    return response.status_code == 422


def _login() -> str:
    """Return a word for the login that is tried; what was typed is not kept."""
    name = current_user.email if current_user.is_authenticated else request.form.get("username", "")
    return _hashed(name)


def _hashed(name: str) -> str:
    return "login " + hashlib.sha256(name.strip().lower().encode()).hexdigest()
