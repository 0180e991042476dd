"""The catalogue on the platform, and the logos for everybody who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.extensions import db
from app.providers.forms import ProviderForm
from app.providers.models import Provider
from app.providers.services import change_provider, create_provider, set_logo
from app.shell.crud import LARGEST_ID, BaseModelView, Interface
from app.shell.pages import PageView


class ProviderCatalogView(BaseModelView):
    """The cloud providers that resellers may be granted."""

    datamodel = Interface(Provider)
    route_base = "/platform/providers"
    class_permission_name = "ProviderCatalog"
    exclude_route_methods = {"download", "action", "action_post", "delete", "show"}
    base_permissions = ["can_list", "can_add", "can_edit"]
    form = ProviderForm
    list_columns = [
        "name",
        "code",
        "account_label",
        "account_example",
        "services",
        "has_reserved_instances",
        "position",
        "is_active",
        "logo_type",
    ]
    order_columns = ["name", "code", "position"]
    search_columns = ["name"]
    base_order = ("position", "asc")
    page_size = 100
    label_columns = {
        "name": _l("Name"),
        "code": _l("Code"),
        "account_label": _l("Account id"),
        "services": _l("Services"),
        "has_reserved_instances": _l("Reserved instances"),
        "position": _l("Order"),
        "is_active": _l("Status"),
    }
    list_title = _l("Provider catalogue")
    list_note = _l(
        "What resellers can be allowed to resell. Who may resell what is set on the reseller's page."
    )
    add_title = _l("Add provider")
    edit_title = _l("Edit provider")
    add_label = _l("Add provider")
    empty_icon = "cloud"
    empty_title = _l("No providers yet")
    empty_text = _l("Add the cloud providers that resellers of this platform sell.")
    list_template = "providers/list.html"
    add_template = edit_template = "providers/form.html"

    def list_url(self) -> str:
        return url_for("ProviderCatalogView.list")

    def prepare(self, form: Any, row: Any) -> None:
        if row is not None:
            del form.code
        if row is None or not row.logo_type:
            del form.remove_logo

    def create(self, form: Any) -> Any:
        provider = create_provider(form.values(), code=form.code.data)
        self._take_logo(form, provider)
        return provider

    def change(self, row: Any, form: Any) -> Any:
        change_provider(row, form.values())
        self._take_logo(form, row)
        return row

    @staticmethod
    def _take_logo(form: Any, provider: Provider) -> None:
        data = form.logo_bytes()
        if data:
            set_logo(provider, data)
        elif "remove_logo" in form and form.remove_logo.data:
            set_logo(provider, None)


class ProviderLogoView(PageView):
    """``/providers/<id>/logo``: a public mark, shown to people of every role who are signed in."""

    route_base = "/providers"
    class_permission_name = "ProviderLogo"
    default_view = "logo"

    @expose("/<int:provider_id>/logo")
    def logo(self, provider_id: int) -> Any:
        if not current_user.is_authenticated:
            return redirect(url_for("SignInView.login", next=request.url))
        provider = db.session.get(Provider, provider_id) if 0 < provider_id <= LARGEST_ID else None
        if provider is None or not provider.logo:
            abort(404)
        g.pop("csp_nonce", None)
        response = Response(provider.logo, mimetype=provider.logo_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=300"
        response.add_etag()
        return response.make_conditional(request)
