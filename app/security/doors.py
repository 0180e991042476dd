"""Where people come in. The console has a door, and each reseller's portal has one; each refuses the other's people.

A door says whom it lets in, and where its sign-in page and its first page are. Whoever is sent to "the sign-in page"
is sent to the own door's: ``door_of`` a person, ``door_to`` an address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, session, url_for

#: Session key: the sign-in page of the door that this browser last used. Signing out leads back there.
LAST_DOOR = "last_door"


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. ``admits`` is asked of a person whose password was right; a no is answered like a wrong one.

    ``code_url`` is where the second factor is asked for.
    """

    sign_in_url: str
    code_url: str
    admits: Callable[[Any], bool]


def _is_console_user(user: Any) -> bool:
    return user.customer_id is None


def console_door() -> Door:
    """Return the console's door, which refuses customers."""
    return Door(url_for("SignInView.login"), url_for("SignInView.code"), _is_console_user)


#: Slices with doors of their own say here which one a person uses, and which one guards an address; None for neither.
DOOR_OF: list[Callable[[Any], Door | None]] = []
DOOR_TO: list[Callable[[str], Door | None]] = []


def door_of(user: Any) -> Door:
    """Return the door by which this person comes in."""
    return next((door for find in DOOR_OF if (door := find(user)) is not None), None) or console_door()


def door_to(path: str) -> Door:
    """Return the door behind which the page at ``path`` is."""
    return next((door for find in DOOR_TO if (door := find(path)) is not None), None) or console_door()


def last_sign_in_url() -> str:
    """Return the sign-in page of this host where it has one of its own, else the one used last, or the console's."""
    return str(g.get("door_here") or session.get(LAST_DOOR) or url_for("SignInView.login"))


def init_app(app: Flask) -> None:
    """Let templates lead to the sign-in page."""
    app.jinja_env.globals["last_sign_in_url"] = last_sign_in_url
