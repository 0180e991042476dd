"""Settings > Customer Storefront: Customer Signup and Portal Functionality."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.kernel.rich_text import as_markup, rich_text
from app.settings import storefront
from app.settings.queries import storefront_settings
from app.settings.services import load_reseller
from app.settings.storefront_forms import PortalForm, SignupForm
from app.shell.links import portal_urls
from app.shell.pages import PageView, submit


class CustomerSignupView(PageView):
    """Who may sign up on the storefront, and what is asked."""

    route_base = "/settings/signup"
    class_permission_name = "CustomerSignup"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        settings = storefront_settings()
        form = SignupForm(obj=settings if request.method == "GET" else None)
        preview, status = None, 200
        if request.method == "GET":
            form.remember(settings)
            form.show(settings)
        elif request.form.get("what") == "preview":
            status = 200 if form.validate() else 422
            preview = as_markup(rich_text(form.signup_text.data or ""))
        else:
            saved, status = submit(form, lambda: self._save(form), record=storefront_settings)
            if saved is not None:
                flash(_("Customer Signup was saved."), "success")
                return redirect(url_for("CustomerSignupView.show"))
        reseller = load_reseller()
        page = self.render_template(
            "settings/signup.html",
            title=_("Customer Signup"),
            form=form,
            preview=preview,
            nickname=reseller.nickname,
            portal_url=portal_urls(reseller)[0],
        )
        return page, status

    @staticmethod
    def _save(form: SignupForm) -> Any:
        settings = storefront.hold_settings()
        form.check_opened_in(form.state_of(settings))
        return storefront.save_signup(settings, form.values())


class PortalFunctionalityView(PageView):
    """What customers see and may do in the portal."""

    route_base = "/settings/portal"
    class_permission_name = "PortalFunctionality"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        settings = storefront_settings()
        form = PortalForm(obj=settings if request.method == "GET" else None)
        if request.method == "GET":
            form.remember(settings)
        saved, status = submit(form, lambda: self._save(form), record=storefront_settings)
        if saved is not None:
            flash(_("Portal Functionality was saved."), "success")
            return redirect(url_for("PortalFunctionalityView.show"))
        page = self.render_template("settings/portal.html", title=_("Portal Functionality"), form=form)
        return page, status

    @staticmethod
    def _save(form: PortalForm) -> Any:
        settings = storefront.hold_settings()
        form.check_opened_in(form.state_of(settings))
        return storefront.save_portal(settings, form.values())
