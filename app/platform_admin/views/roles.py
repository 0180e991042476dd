"""The five roles and their rights, to look at: rights are code (``app.security.roles``) and change with a release."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.platform_admin.rights_table import rights_of, rights_table
from app.security.models import Role
from app.security.roles import ROLE_PURPOSE, RoleName
from app.shell.crud import Interface, ReadOnlyModelView


class RoleView(ReadOnlyModelView):
    """Who may do what."""

    datamodel = Interface(Role)
    route_base = "/platform/roles"
    class_permission_name = "FabRoles"
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Roles")

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        ids = {role.name: role.id for role in self.datamodel.query(page_size=100)[1]}
        return self.render_template(
            "platform_admin/roles.html",
            title=self.list_title,
            roles=[
                {"name": role.value, "id": ids.get(role.value), "purpose": ROLE_PURPOSE[role]}
                for role in RoleName
            ],
            table=rights_table(),
        )

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> Any:
        row = self._row_or_404(pk)
        role = next((one for one in RoleName if one.value == row.name), None)
        return self.render_template(
            "platform_admin/role.html",
            title=row.name,
            crumbs=[(_("Roles"), url_for("RoleView.list")), (row.name, None)],
            purpose=ROLE_PURPOSE[role] if role else "",
            rights=rights_of(role) if role else [],
        )
