"""Two small screens of the frame: choosing the language, and the start page's fork."""

from __future__ import annotations

from flask import abort, current_app, redirect, request, session, url_for
from flask_appbuilder import BaseView, IndexView, expose
from flask_appbuilder.utils.base import get_safe_redirect
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import ScopeKind, current_scope, system_scope

START_OF = {
    ScopeKind.RESELLER: "HomeView.show",
    ScopeKind.PLATFORM: "PlatformHomeView.show",
    ScopeKind.CUSTOMER: "PortalView.show",
}


class StartView(IndexView):
    """``/``: sends everybody to the page where their work begins."""

    @expose("/")
    def index(self) -> Response:
        if not current_user.is_authenticated:
            return redirect(url_for("SignInView.login"))
        start = START_OF.get(current_scope().kind)
        if start is None:  # a login that belongs nowhere
            abort(403)
        return redirect(url_for(start))


class LanguageView(BaseView):
    """Stores the language in the profile, and in the browser's session before sign-in."""

    route_base = "/language"
    default_view = "choose"

    @expose("/", methods=["POST"])
    def choose(self) -> Response:
        code = request.form.get("locale", "")
        if code in current_app.config["LANGUAGES"]:
            session["locale"] = code
            if current_user.is_authenticated:
                # A Platform Admin who has entered a reseller is none of its people, so its scope does not do.
                with system_scope("the own login's language"), unit_of_work(db.session):
                    current_user.locale = code
        return redirect(get_safe_redirect(request.form.get("next", "/")))
