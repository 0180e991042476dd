"""The own login: name and language, password, second factor, sessions, sign-in history."""

from __future__ import annotations

import datetime
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import no_cache, permission_name
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.errors import Invalid
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security import accounts, attempts, second_factor, sessions, totp
from app.security.first_things import FirstThing, own_first_thing
from app.security.forms import ConfirmForm, FirstCodeForm, PasswordForm, ProfileForm, SwitchOffForm
from app.security.limits import limits_of
from app.security.manager import LOGIN
from app.security.own_scope import own_scope
from app.security.sign_ins import last_sign_ins
from app.security.signing_in import visitor
from app.shell.pages import PageView, attempt, submit

#: Session keys: a second factor on its way into the app, and recovery codes on their way to the page that shows them.
SETTING_UP, FRESH_CODES = "second_factor_setting_up", "fresh_recovery_codes"
#: How long the first code may take after the password was entered.
SETTING_UP_LIFETIME = datetime.timedelta(minutes=15)


#: The two forms that stand on one page tell their fields apart by these.
CODES_PREFIX, OFF_PREFIX = "codes-", "off-"


def _me() -> Any:
    return current_user._get_current_object()


def _issuer() -> str:
    """Return the name under which an authenticator app lists the login: customers know their reseller only."""
    return str(current_user.reseller.shown_name) if current_user.customer_id is not None else "Cloudtally"


def _keep_codes(codes: list[str]) -> None:
    """Keep recovery codes for the page that shows them, sealed: a cookie can be read by whoever gets hold of it."""
    session[FRESH_CODES] = totp.seal(" ".join(codes), user_id=current_user.id)


def _take_codes() -> list[str]:
    """Return the recovery codes that were not shown yet, once."""
    sealed = session.pop(FRESH_CODES, None)
    return (totp.unseal(sealed, user_id=current_user.id) or "").split() if isinstance(sealed, str) else []


def _is_confirmed(form: Any) -> bool:
    """Is the form filled in, with the own password in it? A wrong one counts as one at the door."""
    if not form.validate():
        return False
    try:
        attempts.confirm_password(_me(), form.current.data, visitor=visitor(), now=utc_now())
    except Invalid as refusal:
        form.attach(refusal)
        return False
    return True


class ProfileView(PageView):
    """The own name and language."""

    route_base = "/profile"
    class_permission_name = "Profile"

    @expose("/", methods=["GET", "POST"])
    @has_access
    def show(self) -> Any:
        form = self._form(is_new=request.method == "GET")
        with own_scope():
            saved, status = submit(form, lambda: self._save(form))
        if saved is not None:
            flash(_("Your profile was saved."), "success")
            return redirect(url_for("ProfileView.show"))
        return self.render_template("security/profile.html", title=_("Your profile"), form=form), status

    @staticmethod
    def _form(*, is_new: bool) -> ProfileForm:
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


class OwnPasswordView(PageView):
    """Changing the own password; before anything else where somebody else set it or it has expired."""

    route_base = "/profile/password"
    class_permission_name = "Profile"
    # Guessing the current password is as slow as guessing it at the door.
    limits = limits_of("OwnPasswordView.show")

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        first = own_first_thing()
        form = PasswordForm()
        form.password.of(current_user.reseller_id)
        saved, status = None, 200
        if request.method == "POST":
            saved, status = self._changed(form) if _is_confirmed(form) else (None, 422)
        if saved is not None:
            flash(_("Your password was changed. Other browsers were logged out."), "success")
            return redirect("/" if first is not None else url_for("OwnPasswordView.show"))
        if first in (FirstThing.OWN_PASSWORD, FirstThing.NEW_PASSWORD):
            title = (
                _("Choose your own password")
                if first is FirstThing.OWN_PASSWORD
                else _("Choose a new password")
            )
            page = self.render_template("security/own_password.html", title=title, form=form, first=first)
            return page, status
        return self.render_template("security/password.html", title=_("Your profile"), form=form), status

    def _changed(self, form: PasswordForm) -> tuple[Any, int]:
        with own_scope():
            return attempt(form, lambda: self._change(form))

    @staticmethod
    def _change(form: PasswordForm) -> Any:
        user = accounts.change_own_password(_me(), current=form.current.data, new=form.password.data)
        db.session.flush()
        sessions.keep(session[LOGIN], user)
        return user


class SecondFactorView(PageView):
    """The own second factor: set up, looked at, switched off; and its recovery codes."""

    route_base = "/profile/second-factor"
    class_permission_name = "Profile"
    limits = limits_of(*(f"SecondFactorView.{name}" for name in ("begin", "set_up", "codes", "switch_off")))

    @expose("/")
    @has_access
    @permission_name("show")
    @no_cache
    def show(self) -> Any:
        return self._page(), 200

    @expose("/begin/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def begin(self) -> Any:
        """Ask for the password, then show a new secret."""
        if second_factor.has_one(current_user):
            return redirect(url_for("SecondFactorView.show"))
        form = ConfirmForm()
        if not _is_confirmed(form):
            return self._page(begin_form=form), 422
        sealed = totp.seal(totp.new_secret(), user_id=current_user.id)
        session[SETTING_UP] = {"secret": sealed, "at": int(utc_now().timestamp())}
        return redirect(url_for("SecondFactorView.set_up"))

    @expose("/set-up/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @no_cache
    def set_up(self) -> Any:
        """Show the secret to the app, and take the first code."""
        secret = self._secret_being_set_up()
        if secret is None:
            return redirect(url_for("SecondFactorView.show"))
        form = FirstCodeForm()
        with own_scope():
            codes, status = submit(
                form, lambda: second_factor.switch_on(_me(), secret, form.code.data, now=utc_now())
            )
        if codes is not None:
            session.pop(SETTING_UP, None)
            _keep_codes(codes)
            flash(_("From now on you log in with a code of your app too."), "success")
            return redirect(url_for("SecondFactorView.show"))
        page = self.render_template(
            "security/second_factor_set_up.html",
            title=_("Set up your second factor"),
            form=form,
            first=own_first_thing(),
            secret=totp.in_groups(secret),
            qr_code=totp.qr_code(secret, email=current_user.email, issuer=_issuer()),
        )
        return page, status

    @staticmethod
    def _secret_being_set_up() -> str | None:
        kept = session.get(SETTING_UP)
        if not isinstance(kept, dict) or second_factor.has_one(current_user):
            return None
        is_recent = 0 <= utc_now().timestamp() - kept["at"] < SETTING_UP_LIFETIME.total_seconds()
        return totp.unseal(kept["secret"], user_id=current_user.id) if is_recent else None

    @expose("/codes/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def codes(self) -> Any:
        """Make new recovery codes; the old ones stop working."""
        if not second_factor.has_one(current_user):
            abort(409)
        form = ConfirmForm(prefix=CODES_PREFIX)
        status = 422
        if _is_confirmed(form):
            with own_scope():
                codes, status = attempt(form, lambda: second_factor.make_codes(_me()))
            if codes is not None:
                _keep_codes(codes)
                return redirect(url_for("SecondFactorView.show"))
        return self._page(codes_form=form), status

    @expose("/off/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def switch_off(self) -> Any:
        """Ask for no code any longer. Takes the password and a last code."""
        if not second_factor.has_one(current_user):
            abort(409)
        form = SwitchOffForm(prefix=OFF_PREFIX)
        status = 422
        if _is_confirmed(form):
            done, status = self._switched_off(form)
            if done is not None:
                flash(_("You log in with your password alone from now on."), "success")
                return redirect(url_for("SecondFactorView.show"))
        return self._page(off_form=form), status

    def _switched_off(self, form: SwitchOffForm) -> tuple[Any, int]:
        """Take the last code, where it may be the last. A wrong one counts as one at the door."""

        def look() -> Any:
            second_factor.check_can_be_switched_off(current_user)
            return current_user

        def switch_off() -> Any:
            second_factor.switch_off(_me())
            return current_user

        with own_scope():
            may, status = attempt(form, look)
        if may is None:
            return None, status
        me, now = _me(), utc_now()
        if attempts.take_code(me.id, form.code.data, is_recovery=False, visitor=visitor(), now=now) is None:
            sentence = _("This is not the app's present code, or it was used already.")
            form.attach(Invalid(sentence, field="code"))
            return None, 422
        with own_scope():
            return attempt(form, switch_off)

    def _page(
        self,
        *,
        begin_form: ConfirmForm | None = None,
        codes_form: ConfirmForm | None = None,
        off_form: SwitchOffForm | None = None,
    ) -> str:
        first = own_first_thing()
        with own_scope():
            left = second_factor.codes_left(current_user) if second_factor.has_one(current_user) else 0
        page: str = self.render_template(
            "security/second_factor_first.html"
            if first is FirstThing.SECOND_FACTOR
            else "security/second_factor.html",
            title=_("Set up a second factor") if first is FirstThing.SECOND_FACTOR else _("Your profile"),
            form=begin_form or codes_form or off_form,
            begin_form=begin_form or ConfirmForm(formdata=None),
            codes_form=codes_form or ConfirmForm(formdata=None, prefix=CODES_PREFIX),
            off_form=off_form or SwitchOffForm(formdata=None, prefix=OFF_PREFIX),
            since=current_user.totp_since,
            left=left,
            is_demanded=g.login_policy.demands_second_factor(current_user),
            fresh_codes=_take_codes(),
        )
        return page


class SessionsView(PageView):
    """Where the person is signed in."""

    route_base = "/profile/sessions"
    class_permission_name = "Profile"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        with own_scope():
            rows = sessions.own_sessions(current_user, now=utc_now())
        return self.render_template(
            "security/sessions.html", title=_("Your profile"), rows=rows, this=g.get("login_session_id")
        )

    @expose("/<int:session_id>/end/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end(self, session_id: int) -> Response:
        """Sign out one browser."""
        with own_scope(), unit_of_work(db.session):
            sessions.end_own(_me(), session_id, now=utc_now())
        if session_id == g.get("login_session_id"):
            return redirect("/")
        flash(_("That browser was logged out."), "success")
        return redirect(url_for("SessionsView.show"))

    @expose("/end-others/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end_others(self) -> Response:
        """Sign out every browser but this one."""
        with own_scope(), unit_of_work(db.session):
            number = len(sessions.own_sessions(current_user, now=utc_now())) - 1
            accounts.end_sessions(_me())
            db.session.flush()
            record("sessions_ended", _me())
            sessions.keep(session[LOGIN], _me())
        flash(
            ngettext(
                "%(num)s other browser was logged out.", "%(num)s other browsers were logged out.", number
            ),
            "success",
        )
        return redirect(url_for("SessionsView.show"))


class SignInsView(PageView):
    """The last sign-ins and refusals of the own login."""

    route_base = "/profile/sign-ins"
    class_permission_name = "Profile"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        rows = last_sign_ins(current_user)
        return self.render_template("security/sign_ins.html", title=_("Your profile"), rows=rows)


VIEWS = (ProfileView, OwnPasswordView, SecondFactorView, SessionsView, SignInsView)
