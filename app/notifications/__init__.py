"""Mails: what is written, when and in whose words; the outbox that keeps it, the task that sends it, the screens."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the worker's tasks, listen for what is mailed, show templates and outbox to those who may see them."""
    from app.audit.places import Place, add_place
    from app.notifications import hooks, post, report_hooks, request_hooks, statement_hooks, tasks
    from app.notifications.personal import forget_mails, harm_to_mails, mails_to
    from app.notifications.template_views import EmailTemplatesView, template_address
    from app.notifications.views import MailsView, PlatformMailsView
    from app.security.personal_data import Part, add_part
    from app.shell.context import current_reseller
    from app.shell.navigation import NavItem, add_item

    tasks.register(current_app)
    hooks.connect()
    request_hooks.connect()
    statement_hooks.connect()
    report_hooks.connect()
    add_part(Part("mails", mails_to, forget_mails, harm_to_mails))
    for view in (EmailTemplatesView, MailsView, PlatformMailsView):
        appbuilder.add_view_no_menu(view)
    for noun in ("email_template", "email_text"):
        add_place(noun, ("edit", "EmailTemplates"), Place(template_address))
    current_app.jinja_env.globals["is_mailed"] = lambda event: post.is_mailed(event, current_reseller())
    for item in (
        NavItem(
            "settings.email_templates",
            _l("Email Templates"),
            "envelope-open-text",
            "EmailTemplatesView.list",
            ("list", "EmailTemplates"),
            group="account",
            area="settings",
        ),
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
