"""Mails: the outbox that keeps them, the worker's task that sends them, and the screen that shows both."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the worker's tasks, and show the outbox to those who may read it."""
    from app.notifications import tasks
    from app.notifications.views import MailsView, PlatformMailsView
    from app.shell.navigation import NavItem, add_item

    tasks.register(current_app)
    for view in (MailsView, PlatformMailsView):
        appbuilder.add_view_no_menu(view)
    for item in (
        NavItem(
            "settings.mails",
            _l("Mails"),
            "envelope",
            "MailsView.list",
            ("list", "Mails"),
            group="account",
            area="settings",
        ),
        NavItem(
            "platform_mails",
            _l("Mails"),
            "envelope",
            "PlatformMailsView.list",
            ("list", "PlatformMails"),
            group="manage",
            area="platform",
        ),
    ):
        add_item(current_app, item)
