"""The own data as a file."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_login import current_user

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security.manager import scope_of
from app.security.personal_data import export_of
from app.shell.pages import PageView
from app.tenancy.scope import use_scope


def data_file(user: Any) -> Response:
    """Return what the product holds about a login as a download."""
    with unit_of_work(db.session):
        content = export_of(user, now=utc_now())
    text = current_app.json.dumps(content, indent=2, ensure_ascii=False)
    response = Response(f"{text}\n", mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"personal-data-{user.id}.json")
    return response


class OwnDataView(PageView):
    """Everything that the product holds about whoever is signed in."""

    route_base = "/profile"
    class_permission_name = "Profile"
    default_view = "export"

    @expose("/data.json")
    @has_access
    @permission_name("export")
    def export(self) -> Response:
        # A Platform Admin who has entered a reseller is none of its people.
        with use_scope(scope_of(current_user, address=request.remote_addr or "")):
            return data_file(current_user._get_current_object())
