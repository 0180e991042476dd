"""How fast passwords can be guessed: failures are counted, so that a whole office signs in behind one address.

`CLOUDTALLY_LOGIN_RATE_LIMIT` is the number of failures from one address. A login may fail somewhat more often, counted
from all addresses together: guesses from many places are slowed down, and one place alone cannot shut its owner out.
Failures are counted when the answer is known, so the tries of any kind have a limit too, counted before the work.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable

from flask import Response, current_app, request, session
from flask_appbuilder.utils.limit import Limit
from flask_limiter.util import get_remote_address
from flask_login import current_user

from app.kernel.domains import without_tag
from app.shell.fields import normal_email

#: Session key of whoever has given the right password and is asked for a code (``signing_in``).
HALF = "half_signed_in"

FAILURES_OF_A_LOGIN = 6
TRIES_OF_AN_ADDRESS = 12
#: Links to one mailbox, asked for from anywhere: enough for whoever needs one, too few to be a nuisance.
LINKS_TO_A_LOGIN = "5 per hour"
#: What one signed-in person has mailed to others at one address: invitations to colleagues, requests to the reseller.
MAILS_OF_A_PERSON = "30 per hour"
#: Sign-up forms from one address that were filled in faster than people do.
HASTY_SIGNUPS = "5 per hour"


def limits_of(*endpoints: str) -> list[Limit]:
    """Return the limits of addresses that ask for a password or a code and answer 422 to a wrong one."""
    return [
        _limit(endpoints, lambda: _times(1), get_remote_address, _has_failed),
        _limit(endpoints, lambda: _times(FAILURES_OF_A_LOGIN), _login, _has_failed),
        _limit(endpoints, lambda: _times(TRIES_OF_AN_ADDRESS), lambda: f"tries {get_remote_address()}"),
    ]


def limits_of_links(endpoint: str) -> list[Limit]:
    """Return the limits of an address that mails a link to whoever is named; every try counts, known or not."""
    return [
        _limit((endpoint,), lambda: _times(1), get_remote_address),
        _limit((endpoint,), lambda: LINKS_TO_A_LOGIN, lambda: _hashed(_named())),
    ]


def limits_of_mails(*endpoints: str) -> list[Limit]:
    """Return the limit of each of these addresses, by which a signed-in person has something mailed to others."""
    return [
        Limit(
            limit_value=lambda: MAILS_OF_A_PERSON,
            key_func=lambda: f"mails {current_user.get_id() or get_remote_address()}",
            methods=("POST",),
            exempt_when=lambda: request.endpoint not in endpoints,
        )
    ]


def limits_of_failures(endpoint: str) -> list[Limit]:
    """Return the limit of an address that answers 422 to what was guessed wrong, and knows no login to count for."""
    return [_limit((endpoint,), lambda: _times(1), get_remote_address, _has_failed)]


def limits_of_signups(endpoint: str, is_hasty: Callable[[], bool]) -> list[Limit]:
    """Return the limits of an address at which people sign up with an email address.

    What was done counts, from one network address and for one mailbox; corrections of a form count with the tries.
    ``is_hasty`` says that the form was sent sooner than a person can fill it in: that is let through a few times an
    hour, so that nobody's password manager is in the way, and no program goes on for long.
    """
    return [
        _limit((endpoint,), lambda: _times(1), get_remote_address, _is_done),
        _limit((endpoint,), lambda: LINKS_TO_A_LOGIN, _mailbox, _is_done),
        _limit((endpoint,), lambda: _times(TRIES_OF_AN_ADDRESS), lambda: f"tries {get_remote_address()}"),
        _limit(
            (endpoint,),
            lambda: HASTY_SIGNUPS,
            lambda: f"hasty {get_remote_address()}",
            only_when=is_hasty,
        ),
    ]


def _limit(
    endpoints: tuple[str, ...],
    value: Callable[[], str],
    key: Callable[[], str],
    deduct_when: Callable[[Response], bool] | None = None,
    *,
    only_when: Callable[[], bool] = lambda: True,
) -> Limit:
    return Limit(
        limit_value=value,
        key_func=key,
        methods=("POST",),
        # Signing out, say, is never refused.
        exempt_when=lambda: request.endpoint not in endpoints or not only_when(),
        deduct_when=deduct_when,
    )


def _times(factor: int) -> str:
    number, _, rest = str(current_app.config["AUTH_RATE_LIMIT"]).partition(" ")
    return f"{factor * int(number)} {rest}"


def _has_failed(response: Response) -> bool:
    return response.status_code == 422


def _is_done(response: Response) -> bool:
    return response.status_code == 302


def _mailbox() -> str:
    """Return a word for the mailbox that was named: tags behind a plus sign lead to the same one."""
    return _hashed(without_tag(_named()))


def _named() -> str:
    """Return the address that was named as it is stored: it can be spelled in many ways that lead to one mailbox."""
    typed = unicodedata.normalize("NFC", request.form.get("email", "")).strip()
    try:
        return normal_email(typed)
    except ValueError:
        return typed


def _login() -> str:
    """Return a word for the login that is tried; what was typed is not kept."""
    if current_user.is_authenticated:
        return _hashed(current_user.email)
    if (request.endpoint or "").endswith(".code"):
        return f"code {(session.get(HALF) or {}).get('user')}"
    return _hashed(request.form.get("username", ""))


def _hashed(name: str) -> str:
    return "login " + hashlib.sha256(name.strip().lower().encode()).hexdigest()
