"""What the lists below Settings have in common: their address, their breadcrumb, no page of its own per record."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import has_request_context, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import ngettext

from app.extensions import db
from app.kernel.references import count_owners_of
from app.shell.crud import BaseModelView


class SettingsModelView(BaseModelView):
    """A generated list with add, edit and delete. Its address is ``route_base`` itself, without ``/list/``."""

    base_permissions: ClassVar[list[str]] = ["can_list", "can_add", "can_edit", "can_delete"]
    exclude_route_methods: ClassVar[set[str]] = {"download", "action", "action_post", "show"}
    #: The entry above the list in the breadcrumb; None for a list that is a module of its own.
    parent_endpoint: str | None = "SettingsView.show"

    @property
    def crumbs(self) -> list[tuple[object, str | None]]:  # type: ignore[override]
        """Settings / list / this page."""
        above: list[tuple[object, str | None]] = []
        if not has_request_context():  # the framework looks at every attribute while it registers the view
            return above
        if self.parent_endpoint:
            above.append((_("Settings"), url_for(self.parent_endpoint)))
        page = (request.endpoint or "").rpartition(".")[2]
        if page in ("add", "edit"):
            return [*above, (self.list_title, self.list_url()), (getattr(self, f"{page}_title"), None)]
        return [*above, (self.list_title, None)] if above else []

    def use_of(self, row: Any) -> str:
        found = count_owners_of(db.session, row)
        if not found:
            return ""
        return ngettext(
            "%(num)s customer uses it and keeps it when you retire it.",
            "%(num)s customers use it and keep it when you retire it.",
            found,
        )

    @expose("/")
    @has_access
    def list(self) -> Any:
        return super().list()
