"""Invitation links on their way to the one page that shows them: kept in the session, given out once.

Each waits under a kind and the id that its page goes by, so that pages take their own and leave the others'.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import session

from app.shell.links import external_url

_KEY = "fresh_links"
_AT_MOST = 5  # the session is a cookie; who leaves more links unread makes new ones

CONSOLE_USER = "console_user"  # by user
CUSTOMER_USER = "customer_user"  # by customer
PLATFORM = "platform"  # by user


@dataclass(frozen=True, slots=True)
class FreshLink:
    """A link that was not shown yet, and whom it invites."""

    id: int
    name: str
    url: str


def keep(kind: str, id_: int, token: str, *, name: str = "") -> None:
    """Keep the link with this secret until its page asks for it; it takes the place of an older one."""
    url = external_url("InvitationView.show", token=token)
    others = [one for one in session.get(_KEY, []) if one[:2] != [kind, id_]]
    session[_KEY] = [*others, [kind, id_, name, url]][-_AT_MOST:]


def take(kind: str, *ids: int) -> FreshLink | None:
    """Return the first link that waits for one of these ids, and forget it."""
    kept = session.get(_KEY, [])
    found = next((one for one in kept if one[0] == kind and one[1] in ids), None)
    if found is None:
        return None
    session[_KEY] = [one for one in kept if one is not found]
    return FreshLink(*found[1:])
