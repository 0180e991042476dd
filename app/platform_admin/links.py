"""An invitation link on its way to the one page that shows it: kept in the session, given out once."""

from __future__ import annotations

from flask import current_app, session, url_for

_KEY = "new_invitation"


def keep_link(user_id: int, token: str) -> None:
    """Keep the link until the next page asks for it."""
    path = url_for("InvitationView.show", token=token)
    base = current_app.config.get("CLOUDTALLY_PUBLIC_URL") or ""
    link = base.rstrip("/") + path if base else url_for("InvitationView.show", token=token, _external=True)
    session[_KEY] = {"user": user_id, "link": link}


def take_link(*user_ids: int) -> tuple[int, str] | None:
    """Return (user, link) when a link for one of these users waits, and forget it."""
    kept = session.get(_KEY)
    if not kept or kept["user"] not in user_ids:
        return None
    session.pop(_KEY)
    return int(kept["user"]), str(kept["link"])
