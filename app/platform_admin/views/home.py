"""The platform's start page."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.approvals.queries import count_for_ops
from app.audit.queries import recent_entries
from app.audit.words import timeline_entries
from app.platform_admin.queries import platform_counts
from app.shell.pages import PageView


class PlatformHomeView(PageView):
    """Where a Platform Admin starts: how much there is, and what the platform's people did last."""

    route_base = "/platform"
    class_permission_name = "PlatformHome"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        counts, queue = platform_counts(), count_for_ops()
        return self.render_template(
            "platform_admin/home.html",
            title=_("Platform"),
            is_new=not counts["resellers"],
            counts=[
                {
                    "label": _("Requests waiting"),
                    "value": queue.waiting,
                    "url": url_for("OperationsView.list"),
                    "note": _("%(n)s in progress", n=queue.in_progress),
                },
                {
                    "label": _("Resellers"),
                    "value": counts["resellers"],
                    "url": url_for("ResellerModelView.list"),
                },
                {
                    "label": _("Providers in the catalogue"),
                    "value": counts["providers"],
                    "url": url_for("ProviderCatalogView.list"),
                },
                {
                    "label": _("Platform Admins"),
                    "value": counts["admins"],
                    "url": url_for("PlatformUserView.list"),
                },
            ],
            recent=timeline_entries(recent_entries(limit=10)),
        )
