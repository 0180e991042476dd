"""What can be done to a console user, as buttons and row menus want it: each asks before it is done."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.settings.console_users import UserRow

#: An entry of a row menu; ``is_main`` ones are buttons on the person's page too.
Action = dict[str, Any]


def actions_for(row: UserRow) -> list[Action]:
    """Return what can be done to this person in the present state."""
    user = row.user
    if row.status == "suspended":
        return [_activate(user), _remove(user)]
    found = [_unlock(user)] if row.locked_until else []
    found += [_invite(user), _sign_out(user)]
    found += [_take_factor(user)] if user.totp_since else []
    return [*found, _suspend(user), _remove(user)]


def _action(
    verb: str,
    user: Any,
    label: str,
    icon: str,
    *,
    ask: tuple[str, str, str],
    keep: str = "",
    tone: str = "",
    is_main: bool = False,
) -> Action:
    """Return one entry; ``ask`` is the question's title, its text and the word on the button."""
    title, text, confirm = ask
    return {
        "verb": verb,
        "label": label,
        "icon": icon,
        "url": url_for(f"ConsoleUsersView.{verb}", user_id=user.id),
        "method": "post",
        "is_main": is_main,
        "tone": tone or "default",
        "confirm": {
            "title": title,
            "text": text,
            "verb": confirm,
            "keep": keep or _("Leave as it is"),
            "tone": tone or None,
        },
    }


def _unlock(user: Any) -> Action:
    name = user.name
    ask = (
        _("Unlock %(name)s?", name=name),
        _("%(name)s may try again at once. Find out first whether it was %(name)s who failed.", name=name),
        _("Unlock user"),
    )
    return _action("unlock", user, _("Unlock"), "lock-open", ask=ask, is_main=True)


def _invite(user: Any) -> Action:
    name = user.name
    ask = (
        _("Make a new invitation link for %(name)s?", name=name),
        _("With it, %(name)s sets a password. An older link stops working.", name=name),
        _("Make link"),
    )
    return _action("invite", user, _("New invitation link"), "link", ask=ask, is_main=True)


def _sign_out(user: Any) -> Action:
    name = user.name
    ask = (
        _("Log out %(name)s everywhere?", name=name),
        _("%(name)s has to log in again in every browser. Nothing that was saved is lost.", name=name),
        _("Log out user"),
    )
    return _action("sign_out", user, _("Log out everywhere"), "right-from-bracket", ask=ask)


def _take_factor(user: Any) -> Action:
    name = user.name
    ask = (
        _("Take away the second factor of %(name)s?", name=name),
        _(
            "For somebody who lost the phone and the recovery codes. %(name)s is logged out everywhere and logs in "
            "with the password alone. Make sure that it is %(name)s who asks.",
            name=name,
        ),
        _("Take away second factor"),
    )
    label = _("Take away second factor")
    return _action("reset_second_factor", user, label, "shield-halved", ask=ask, tone="danger")


def _suspend(user: Any) -> Action:
    name = user.name
    ask = (
        _("Suspend %(name)s?", name=name),
        _(
            "%(name)s is logged out everywhere and cannot log in until you activate the login again.",
            name=name,
        ),
        _("Suspend user"),
    )
    return _action("suspend", user, _("Suspend"), "user-lock", ask=ask, is_main=True)


def _activate(user: Any) -> Action:
    name = user.name
    ask = (
        _("Activate %(name)s?", name=name),
        _("%(name)s may log in again, with the same password and role.", name=name),
        _("Activate user"),
    )
    return _action("activate", user, _("Activate"), "user-check", ask=ask, is_main=True)


def _remove(user: Any) -> Action:
    name = user.name
    ask = (
        _("Remove %(name)s?", name=name),
        _("The login of %(name)s is deleted for good. The change log keeps what was done.", name=name),
        _("Remove user"),
    )
    return _action("remove", user, _("Remove"), "trash", ask=ask, keep=_("Keep user"), tone="danger")
