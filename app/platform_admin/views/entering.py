"""The platform's start page, and entering a reseller's console."""

from __future__ import annotations

from typing import Any

from flask import redirect, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_login import current_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security.manager import ENTERED
from app.shell.context import current_reseller
from app.shell.pages import PageView


class PlatformHomeView(PageView):
    """Where a Platform Admin starts."""

    route_base = "/platform"
    class_permission_name = "PlatformHome"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        return self.render_template("platform_admin/home.html", title="Platform")


class EnterView(PageView):
    """Entering and leaving a reseller's console for support."""

    route_base = "/enter"
    class_permission_name = "Resellers"
    default_view = "leave"

    @expose("/leave/", methods=["POST"])
    def leave(self) -> Response:
        if session.get(ENTERED) and current_user.is_authenticated:
            reseller = current_reseller()
            with unit_of_work(db.session):
                record("left", reseller)
            session.pop(ENTERED, None)
        return redirect(url_for("StartView.index"))
