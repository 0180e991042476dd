"""Signing in and out, taking up an invitation, and a forgotten password."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts, sessions
from app.security.attempts import INVITATION, RESET_LINK
from app.security.doors import console_door, door_of, door_to, last_sign_in_url
from app.security.forgotten import ask_for_a_link
from app.security.forms import InvitationForm, ResetForm
from app.security.limits import limits_of, limits_of_links
from app.security.manager import ENTERED, LOGIN
from app.security.signing_in import admit, clear_session, code_at, reword_refusal, sign_in_at
from app.shell.brand import wear_brand_of
from app.shell.context import current_reseller
from app.shell.links import wanted_place
from app.shell.pages import PageView, submit
from app.tenancy.scope import system_scope


class SignInView(AuthDBView):
    """The console's door: email and password. Customers are refused here; their portal has a door of its own."""

    limits = limits_of("SignInView.login", "SignInView.code")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        reword_refusal()
        if current_user.is_authenticated:
            return redirect(self._get_safe_next_url())
        _host, wanted = wanted_place()
        door = door_to(wanted)
        if request.method == "GET" and door.sign_in_url != request.path:
            return redirect(f"{door.sign_in_url}?{urlencode({'next': request.args['next']})}")
        form, on, status = sign_in_at(console_door(), next_url=self._get_safe_next_url())
        if on is not None:
            return on
        page = self.render_template(
            self.login_template, title=_("Log in"), form=form, appbuilder=self.appbuilder
        )
        return page, status

    @expose("/login/code/", methods=["GET", "POST"])
    @no_cache
    def code(self) -> Any:
        """The second step, for whoever has a second factor."""
        form, on, status = code_at(console_door())
        if on is not None:
            return on
        return self.render_template("security/code.html", title=_("Enter the code"), form=form), status

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        """End this browser's session: a copy of its cookie works no longer than the cookie."""
        if current_user.is_authenticated:
            entered = (
                current_reseller() if session.get(ENTERED) and current_user.reseller_id is None else None
            )
            with unit_of_work(db.session):
                if entered is not None:
                    record("left", entered)
                record("signed_out", current_user._get_current_object())
                sessions.end(str(session.get(LOGIN, "")), now=utc_now())
        logout_user()
        clear_session()
        return redirect(last_sign_in_url())


def _whose(user: Any) -> str:
    """Return the name under which the person knows whose login it is."""
    if user.reseller is None:
        return "Cloudtally"
    return str(user.reseller.shown_name if user.customer_id else user.reseller.name)


class InvitationView(PageView):
    """Where an invitation link leads: the invited person sets a password and is in, unless approval is open."""

    route_base = "/invitation"
    class_permission_name = "Invitation"

    @expose("/<string:token>/", methods=["GET", "POST"])
    @no_cache
    def show(self, token: str) -> Any:
        with system_scope("an invited person has no scope before taking up the invitation"):
            user = accounts.invited_user(token, now=utc_now())
            if user is None:
                return self.render_template(
                    "security/invitation_gone.html", title=_("This invitation has ended")
                ), 404
            wear_brand_of(user)
            form = InvitationForm()
            form.password.of(user.reseller_id)
            accepted, status = submit(form, lambda: self._accept(token, form))
            if accepted is not None and accounts.waits_for_approval(accepted):
                flash(
                    _(
                        "Your password is set. %(name)s still has to approve your account.",
                        name=_whose(accepted),
                    ),
                    "warning",
                )
                return redirect(door_of(accepted).sign_in_url)
            if accepted is not None:
                on = admit(accepted, way=INVITATION, next_url="/")
                flash(_("Welcome, %(name)s. Your password is set.", name=accepted.name), "success")
                return on
            page = self.render_template(
                "security/invitation.html",
                title=_("Set your password"),
                form=form,
                user=user,
                whose=_whose(user),
                waits=accounts.waits_for_approval(user),
            )
            return page, status

    @staticmethod
    def _accept(token: str, form: InvitationForm) -> Any:
        return accounts.accept_invitation(
            token, password=form.password.data, now=utc_now(), address=request.remote_addr or ""
        )


class PasswordView(PageView):
    """A forgotten password: a link by mail, and the page on which it sets a new one."""

    route_base = "/password"
    class_permission_name = "ForgottenPassword"
    default_view = "forgotten"
    limits = limits_of_links("PasswordView.forgotten")

    @expose("/forgotten/", methods=["GET", "POST"])
    @no_cache
    def forgotten(self) -> Any:
        """Take an address. The answer is the same whether anybody has it or not."""
        form, is_done, status = ask_for_a_link()
        if is_done:
            return redirect(last_sign_in_url())
        page = self.render_template("security/forgotten.html", title=_("Forgot your password?"), form=form)
        return page, status

    @expose("/reset/<string:token>/", methods=["GET", "POST"])
    @no_cache
    def reset(self, token: str) -> Any:
        """Set a new password, and go on as after the old one: this way in is the one that nobody can lock (ADR 8)."""
        with system_scope("whoever forgot the password has no scope"):
            user = accounts.resetting_user(token, now=utc_now())
            if user is None:
                page = self.render_template("security/reset_gone.html", title=_("This link has ended"))
                return page, 404
            wear_brand_of(user)
            form = ResetForm()
            form.password.of(user.reseller_id)
            done, status = submit(form, lambda: self._reset(token, form))
            if done is not None:
                on = admit(done, way=RESET_LINK, next_url="/")
                flash(_("Your new password is set. Other browsers were logged out."), "success")
                return on
            page = self.render_template(
                "security/reset.html", title=_("Set a new password"), form=form, user=user
            )
            return page, status

    @staticmethod
    def _reset(token: str, form: ResetForm) -> Any:
        return accounts.reset_password(
            token, password=form.password.data, now=utc_now(), address=request.remote_addr or ""
        )
