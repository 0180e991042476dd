"""Signing in and out, taking up an invitation, a forgotten password, and the own profile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, flash, redirect, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import no_cache, permission_name
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts
from app.security.doors import console_door, door_of, door_to, last_sign_in_url
from app.security.forms import ForgottenForm, InvitationForm, PasswordForm, ProfileForm, ResetForm
from app.security.limits import limits_of, limits_of_links
from app.security.manager import ENTERED, SESSION_VERSION, scope_of
from app.security.models import UserStatus
from app.security.signing_in import clear_session, reword_refusal, sign_in_at, start_session
from app.shell.context import current_reseller
from app.shell.pages import PageView, attempt, submit
from app.tenancy.scope import system_scope, use_scope


class SignInView(AuthDBView):
    """The console's door: email and password. Customers are refused here; their portal has a door of its own."""

    limits = limits_of("SignInView.login")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        reword_refusal()
        if current_user.is_authenticated:
            return redirect(self._get_safe_next_url())
        door = door_to(urlsplit(request.args.get("next", "")).path)
        if request.method == "GET" and door.sign_in_url != request.path:
            return redirect(f"{door.sign_in_url}?{urlencode({'next': request.args['next']})}")
        form, user, status = sign_in_at(console_door())
        if user is not None:
            return redirect(self._get_safe_next_url())
        page = self.render_template(
            self.login_template, title=_("Sign in"), form=form, appbuilder=self.appbuilder
        )
        return page, status

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        """End all of the person's sessions: a cookie that was copied works no longer than its owner's."""
        if current_user.is_authenticated:
            entered = (
                current_reseller() if session.get(ENTERED) and current_user.reseller_id is None else None
            )
            with unit_of_work(db.session):
                if entered is not None:
                    record("left", entered)
                record("signed_out", current_user._get_current_object())
                with own_scope():
                    accounts.end_sessions(current_user)
                    db.session.flush()
        logout_user()
        clear_session()
        return redirect(last_sign_in_url())


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
            form = InvitationForm()
            accepted, status = submit(form, lambda: self._accept(token, form))
            if accepted is not None and accepted.status is not UserStatus.ACTIVE:
                flash(
                    _(
                        "Your password is set. %(name)s still has to approve your account.",
                        name=accepted.reseller.name if accepted.reseller else "Cloudtally",
                    ),
                    "warning",
                )
                return redirect(door_of(accepted).sign_in_url)
            if accepted is not None:
                start_session(accepted)
                flash(_("Welcome, %(name)s. Your password is set.", name=accepted.name), "success")
                return redirect("/")
            page = self.render_template(
                "security/invitation.html", title=_("Set your password"), form=form, user=user
            )
            return page, status

    @staticmethod
    def _accept(token: str, form: InvitationForm) -> Any:
        now, address = utc_now(), request.remote_addr or ""
        user = accounts.accept_invitation(token, password=form.password.data, now=now, address=address)
        if user.status is UserStatus.ACTIVE:
            accounts.note_sign_in(user, now=now, address=address)
        return user


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
        form = ForgottenForm()
        with system_scope("whoever forgot the password has no scope"):
            done, status = submit(form, lambda: self._forget(form))
        if done is not None:
            hours = int(current_app.config["PASSWORD_RESET_LIFETIME"].total_seconds() // 3600)
            flash(
                ngettext(
                    "If a login with this address exists, a mail with a link is on its way. "
                    "The link works once, for %(num)s hour.",
                    "If a login with this address exists, a mail with a link is on its way. "
                    "The link works once, for %(num)s hours.",
                    hours,
                )
            )  # of no category: it stays in the page, because it says what to do next
            return redirect(last_sign_in_url())
        page = self.render_template("security/forgotten.html", title=_("Forgot your password?"), form=form)
        return page, status

    @staticmethod
    def _forget(form: ForgottenForm) -> bool:
        accounts.forget_password(form.email.data, now=utc_now(), address=request.remote_addr or "")
        return True

    @expose("/reset/<string:token>/", methods=["GET", "POST"])
    @no_cache
    def reset(self, token: str) -> Any:
        with system_scope("whoever forgot the password has no scope"):
            user = accounts.resetting_user(token, now=utc_now())
            if user is None:
                page = self.render_template("security/reset_gone.html", title=_("This link has ended"))
                return page, 404
            form = ResetForm()
            done, status = submit(form, lambda: self._reset(token, form))
            if done is not None:
                flash(_("Your new password is set. Sign in with it."), "success")
                return redirect(door_of(done).sign_in_url)
            page = self.render_template(
                "security/reset.html", title=_("Set a new password"), form=form, user=user
            )
            return page, status

    @staticmethod
    def _reset(token: str, form: ResetForm) -> Any:
        return accounts.reset_password(
            token, password=form.password.data, now=utc_now(), address=request.remote_addr or ""
        )


@contextmanager
def own_scope() -> Iterator[None]:
    """Work on the own login. A Platform Admin who has entered a reseller is none of its people."""
    with use_scope(scope_of(current_user, address=request.remote_addr or "")):
        yield


class ProfileView(PageView):
    """The own name, language and password."""

    route_base = "/profile"
    class_permission_name = "Profile"
    # Guessing the current password is as slow as guessing it at the door.
    limits = limits_of("ProfileView.password")

    @expose("/", methods=["GET", "POST"])
    @has_access
    def show(self) -> Any:
        form = self._profile_form(is_new=request.method == "GET")
        with own_scope():
            saved, status = submit(form, lambda: self._save(form))
        if saved is not None:
            flash(_("Your profile was saved."), "success")
            return redirect(url_for("ProfileView.show"))
        return self._page(form, PasswordForm(formdata=None), form), status

    @expose("/password/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def password(self) -> Any:
        form = PasswordForm()
        status = 422
        was_temporary = current_user.has_temporary_password
        if form.validate():
            with own_scope():
                saved, status = attempt(
                    form,
                    lambda: accounts.change_own_password(
                        current_user._get_current_object(), current=form.current.data, new=form.password.data
                    ),
                )
            if saved is not None:
                session[SESSION_VERSION] = saved.session_version
                flash(_("Your password was changed. Other browsers were signed out."), "success")
                return redirect("/" if was_temporary else url_for("ProfileView.show"))
        return self._page(self._profile_form(is_new=True), form, form), status

    @staticmethod
    def _profile_form(*, is_new: bool) -> ProfileForm:
        form = ProfileForm(obj=current_user, formdata=None) if is_new else ProfileForm()
        form.locale.choices = [("", _("As the browser says"))] + [
            (code, item["name"]) for code, item in current_app.config["LANGUAGES"].items()
        ]
        return form

    @staticmethod
    def _save(form: ProfileForm) -> Any:
        current_user.name = form["name"].data
        current_user.locale = form.locale.data or ""
        return current_user

    def _page(self, profile: ProfileForm, password: PasswordForm, sent: Any) -> str:
        page: str
        if current_user.has_temporary_password:
            title = _("Choose your own password")
            page = self.render_template("security/own_password.html", title=title, form=password)
            return page
        page = self.render_template(
            "security/profile.html",
            title=_("Your profile"),
            form=sent,
            profile_form=profile,
            password_form=password,
        )
        return page
