"""The portal's door and the customer's own pages. Nothing here is the console's: no cost or rule can slip through."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import no_cache, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.kernel.pagination import list_page
from app.kernel.places import country_name
from app.portal.queries import own_accounts, own_company, own_providers
from app.portal.storefront import StorefrontPage, current_storefront, portal_door, storefront
from app.security.limits import limits_of
from app.security.signing_in import sign_in_at
from app.shell.context import build_shell, current_reseller
from app.tenancy.scope import ScopeKind, current_scope


def brand() -> dict[str, Any]:
    """Put the reseller's name, logo and support address into the frame of every page of its portal."""
    reseller = current_storefront()
    if reseller is not None:
        build_shell().home_url = url_for("PortalView.show")
    elif current_scope().kind is ScopeKind.CUSTOMER:
        reseller = current_reseller()
    if reseller is not None:
        shell = build_shell()
        shell.scope_name = reseller.shown_name
        shell.logo_url = (
            url_for("PortalView.logo", nickname=reseller.nickname) if reseller.logo_type else None
        )
        shell.scope_note = reseller.support_email
    return {}


class PortalSignInView(StorefrontPage):
    """The portal's door. People of other resellers and of the console are refused as if the password were wrong."""

    class_permission_name = "PortalSignIn"
    default_view = "login"
    limits = limits_of("PortalSignInView.login")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        reseller = storefront()
        if current_user.is_authenticated:
            return redirect(self._next_url())
        form, user, status = sign_in_at(portal_door(reseller.nickname))
        if user is not None:
            return redirect(self._next_url())
        page = self.render_template("portal/login.html", title=_("Sign in"), form=form, reseller=reseller)
        return page, status

    @staticmethod
    def _next_url() -> str:
        """Where the person wanted to go, as long as that is a page of this portal."""
        home = url_for("PortalView.show")
        path = urlsplit(request.args.get("next", "")).path
        return path if path.startswith(home) and path != request.path else home


class PortalView(StorefrontPage):
    """The customer's start page: company, providers switched on for the portal, cloud accounts of those."""

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
    def logo(self) -> Any:
        """The logo of the portal's reseller: part of its public face."""
        reseller = storefront()
        if not reseller.logo:
            abort(404)
        response = Response(reseller.logo, mimetype=reseller.logo_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=300"
        response.add_etag()
        return response.make_conditional(request)
