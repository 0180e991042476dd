"""The slices in menu order. Each shows itself on one page: its ``register``."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app import (
    approvals,
    audit,
    charges,
    cloud_accounts,
    credits,
    custom_fields,
    customers,
    exchange_rates,
    home,
    notifications,
    platform_admin,
    portal,
    pricebooks,
    providers,
    reports,
    saved_views,
    settings,
    statements,
    taxes,
    terms,
    usage,
)

SLICES = (
    home,
    saved_views,
    customers,
    cloud_accounts,
    charges,
    credits,
    usage,
    statements,
    reports,
    pricebooks,
    settings,
    approvals,
    terms,
    custom_fields,
    taxes,
    exchange_rates,
    providers,
    audit,
    notifications,
    platform_admin,
    portal,
)


def register_slices(appbuilder: Any) -> None:
    """Register the frame's own screens, then every slice."""
    from app.jobs import work
    from app.jobs.views import JobsView
    from app.security import login_data, profile_views, tasks
    from app.security.personal_views import OwnDataView
    from app.security.views import InvitationView, PasswordView
    from app.shell.views import LanguageView

    login_data.announce()
    for view in (LanguageView, *profile_views.VIEWS, OwnDataView, InvitationView, PasswordView, JobsView):
        appbuilder.add_view_no_menu(view)
    tasks.register(current_app)
    work.register(current_app)
    for slice_ in SLICES:
        slice_.register(appbuilder)
