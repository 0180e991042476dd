"""The pages of a sign-up: the form, what comes next, and the link that proves the address."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.errors import WrongState
from app.kernel.clock import utc_now
from app.kernel.rich_text import as_markup
from app.portal.face import offered_providers
from app.portal.public_views import VisitorPage
from app.portal.signup import proof
from app.portal.signup.forms import (
    ProofForm,
    ProofWithPasswordForm,
    SendAgainForm,
    SignupForm,
    was_hasty,
)
from app.portal.signup.links import new_secret
from app.portal.signup.models import EmailValidation
from app.portal.signup.services import sign_up
from app.portal.storefront import storefront
from app.security.limits import limits_of_failures, limits_of_links, limits_of_signups
from app.settings.queries import storefront_settings
from app.shell.pages import submit
from app.tenancy.models import Reseller
from app.terms.queries import current_terms

#: Session key: a secret by which the browser is known that signed up. It is set whatever became of the sign-up.
BROWSER = "signup_browser"


def _language(reseller: Reseller) -> str:
    """Return the language of the page, as long as the reseller works in it."""
    spoken, codes = str(get_locale() or ""), reseller.language_codes
    return spoken if spoken in codes else next(iter(codes), "en")


class SignupView(VisitorPage):
    """A visitor asks to become a customer."""

    class_permission_name = "PortalSignup"
    limits = limits_of_signups("SignupView.show", lambda: was_hasty(request.form.get("opened", "")))

    @expose("/signup/", methods=["GET", "POST"])
    @no_cache
    def show(self) -> Any:
        """Take the form. Whoever sends one that can be used gets the same answer."""
        if current_user.is_authenticated:
            return redirect(url_for("PortalView.show"))
        reseller, settings = storefront(), storefront_settings()
        if not settings.is_signup_open:
            return self.show_public("portal/signup_closed.html", title=_("Sign up")), 404
        form, terms = SignupForm(), current_terms()
        form.fit(settings, terms, offered_providers())
        if request.method == "POST" and form.is_a_trap_sprung:
            return redirect(url_for("SignupView.sent"))
        done, status = submit(form, lambda: self._sign_up(reseller, form))
        if done is not None:
            return redirect(url_for("SignupView.sent"))
        page = self.show_public(
            "portal/signup.html",
            title=_("Sign up"),
            form=form,
            settings=settings,
            terms=terms,
            intro=as_markup(settings.signup_text),
        )
        return page, status

    @staticmethod
    def _sign_up(reseller: Reseller, form: SignupForm) -> bool:
        sign_up(
            reseller=reseller,
            entered=form.entered(_language(reseller)),
            browser=session.setdefault(BROWSER, new_secret()),
            address=request.remote_addr or "",
            now=utc_now(),
        )
        return True

    @expose("/signup/sent/")
    @no_cache
    def sent(self) -> Any:
        """What comes next, the same for everybody."""
        lifetime = current_app.config["EMAIL_VALIDATION_LIFETIME"]
        return self.show_public(
            "portal/signup_sent.html",
            title=_("Thank you"),
            settings=storefront_settings(),
            hours=int(lifetime.total_seconds() // 3600),
        )

    @expose("/signup/confirmed/")
    @no_cache
    def confirmed(self) -> Any:
        """What comes next once the address is proven."""
        return self.show_public(
            "portal/signup_confirmed.html",
            title=_("Your address is confirmed"),
            settings=storefront_settings(),
        )


class ValidationView(VisitorPage):
    """Where the link of a sign-up leads, and where a new one is asked for. Looking changes nothing."""

    class_permission_name = "PortalValidation"
    limits = limits_of_failures("ValidationView.show") + limits_of_links("ValidationView.again")

    @expose("/validate/<string:token>/", methods=["GET", "POST"])
    @no_cache
    def show(self, token: str) -> Any:
        reseller = storefront()
        validation = proof.find_validation(token, reseller=reseller, now=utc_now())
        if validation is None:
            return self._gone()
        organization, form = validation.details.get("organization", ""), self._form(validation)
        user, status = submit(form, lambda: self._prove(token, reseller, form))
        if user is not None:
            return redirect(url_for("SignupView.confirmed"))
        if status == WrongState.status:
            return self._gone()
        page = self.show_public(
            "portal/validate.html",
            title=_("Confirm your address"),
            form=form,
            organization=organization,
            asks_password="password" in form,
        )
        return page, status

    @staticmethod
    def _form(validation: EmailValidation) -> Any:
        is_own = proof.is_from_browser(validation, session.get(BROWSER, ""))
        return ProofForm() if is_own else ProofWithPasswordForm()

    @staticmethod
    def _prove(token: str, reseller: Reseller, form: Any) -> Any:
        return proof.prove_address(
            token,
            reseller=reseller,
            browser=session.get(BROWSER, ""),
            password=form.password.data or "" if "password" in form else "",
            address=request.remote_addr or "",
            now=utc_now(),
        )

    def _gone(self) -> Any:
        page = self.show_public(
            "portal/validate_gone.html",
            title=_("This link has ended"),
            form=SendAgainForm(formdata=None),
        )
        return page, 404

    @expose("/validate/", methods=["GET", "POST"])
    @no_cache
    def again(self) -> Any:
        """Mail a new link. The answer is the same whether anybody waits for one or not."""
        form = SendAgainForm()
        done, status = submit(form, lambda: self._send_again(form))
        if done is not None:
            flash(
                _(
                    "If a sign-up with this address is not confirmed yet, a mail with a new link is on its way."
                )
            )  # of no category: it stays in the page, because it says what to do next
            return redirect(url_for("ValidationView.again"))
        page = self.show_public("portal/validate_again.html", title=_("Get a new link"), form=form)
        return page, status

    @staticmethod
    def _send_again(form: SendAgainForm) -> bool:
        proof.send_again(
            form.email.data, reseller=storefront(), address=request.remote_addr or "", now=utc_now()
        )
        return True
