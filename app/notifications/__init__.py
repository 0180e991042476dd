"""Mails: what is written and when, the outbox that keeps it, the task that sends it, the screen that shows it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the worker's tasks, listen for what is mailed, and show the outbox to those who may read it."""
    from app.notifications import hooks, tasks
    from app.notifications.views import MailsView, PlatformMailsView
    from app.shell.navigation import NavItem, add_item

    tasks.register(current_app)
    hooks.connect()
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
