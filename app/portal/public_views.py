"""The portal's pages for visitors: its front, its door, and the way to a new password."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext as _
from flask_login import current_user

from app.portal.face import public_face
from app.portal.storefront import StorefrontPage, portal_door, storefront
from app.providers.queries import resold_providers
from app.security.forgotten import ask_for_a_link
from app.security.limits import limits_of, limits_of_links
from app.security.signing_in import code_at, sign_in_at
from app.shell.links import wanted_place


class VisitorPage(StorefrontPage):
    """A page of the portal for people who are not signed in: it shows the reseller's public face."""

    def show_public(self, template: str, *, title: str, **values: Any) -> str:
        """Return the page."""
        page: str = self.render_template(template, title=title, face=public_face(), **values)
        return page


def visitors_see_the_front(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a page of customers show the portal's front to everybody else, in place of the way to the door."""

    @wraps(view)
    def show(self: Any, *args: Any, **kwargs: Any) -> Any:
        if current_user.is_authenticated:
            return view(self, *args, **kwargs)
        face = public_face()
        return self.render_template("portal/front.html", title=_("Welcome"), face=face)

    return show


class PortalSignInView(VisitorPage):
    """The portal's door. People of other resellers and of the console are refused as if the password were wrong."""

    class_permission_name = "PortalSignIn"
    default_view = "login"
    limits = limits_of("PortalSignInView.login", "PortalSignInView.code")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        reseller = storefront()
        if current_user.is_authenticated:
            return redirect(self._next_url())
        form, on, status = sign_in_at(portal_door(reseller.nickname), next_url=self._next_url())
        if on is not None:
            return on
        return self.show_public("portal/login.html", title=_("Log in"), form=form), status

    @expose("/login/code/", methods=["GET", "POST"])
    @no_cache
    def code(self) -> Any:
        """The second step, for whoever has a second factor."""
        form, on, status = code_at(portal_door(storefront().nickname))
        if on is not None:
            return on
        return self.show_public("security/code.html", title=_("Enter the code"), form=form), status

    @staticmethod
    def _next_url() -> str:
        """Where the person wanted to go, as long as that is a page of this portal."""
        home = url_for("PortalView.show")
        _host, path = wanted_place()
        return path if path.startswith(home) and path != request.path else home


class PortalPasswordView(VisitorPage):
    """A password that a customer forgot. The link in the mail leads to the page that all logins share."""

    class_permission_name = "PortalForgottenPassword"
    default_view = "forgotten"
    limits = limits_of_links("PortalPasswordView.forgotten")

    @expose("/password/forgotten/", methods=["GET", "POST"])
    @no_cache
    def forgotten(self) -> Any:
        """Take an address. The answer is the same whether anybody has it or not."""
        form, is_done, status = ask_for_a_link()
        if is_done:
            return redirect(url_for("PortalSignInView.login"))
        return self.show_public("portal/forgotten.html", title=_("Forgot your password?"), form=form), status


class PortalProviderLogoView(StorefrontPage):
    """The logos of the providers that the reseller sells, for visitors."""

    class_permission_name = "PortalProviderLogo"
    default_view = "logo"

    @expose("/providers/<int:provider_id>/logo")
    def logo(self, provider_id: int) -> Any:
        provider = next((one for one in resold_providers() if one.id == provider_id), None)
        if provider is None or not provider.logo:
            abort(404)
        response = Response(provider.logo, mimetype=provider.logo_type)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=300"
        response.add_etag()
        response.make_conditional(request)
        return response
