"""The customer's own pages. Nothing here is shared with the console, so no cost or rule can slip through."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.kernel.pagination import list_page
from app.kernel.places import country_name
from app.portal.queries import own_accounts, own_company, own_providers
from app.shell.context import build_shell, current_reseller
from app.shell.pages import PageView
from app.tenancy.scope import ScopeKind, current_scope


def brand() -> dict[str, Any]:
    """Put the reseller's logo and support address into the frame of every page that a customer sees."""
    reseller = current_reseller() if current_scope().kind is ScopeKind.CUSTOMER else None
    if reseller is not None:
        shell = build_shell()
        shell.logo_url = url_for("PortalView.logo") if reseller.logo_type else None
        shell.scope_note = reseller.support_email
    return {}


class PortalView(PageView):
    """The customer's start page: company, providers switched on for the portal, cloud accounts of those."""

    route_base = "/portal"
    class_permission_name = "Portal"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        company = own_company()
        providers = own_providers()
        reseller = current_reseller()
        return self.render_template(
            "portal/home.html",
            title=_("Overview"),
            company=company,
            country=country_name(company.country, str(get_locale() or "en")),
            first_name=current_user.name.partition(" ")[0],
            providers=providers,
            accounts=own_accounts(providers, list_page(request.args)),
            support_email=reseller.support_email if reseller else "",
            reseller_name=reseller.name if reseller else "",
        )

    @expose("/logo")
    @has_access
    @permission_name("show")
    def logo(self) -> Any:
        """The logo of the own reseller; there is no address for anybody else's."""
        reseller = current_reseller()
        if reseller is None or not reseller.logo:
            abort(404)
        response = Response(reseller.logo, mimetype=reseller.logo_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=300"
        response.add_etag()
        return response.make_conditional(request)
