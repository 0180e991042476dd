"""Password Requirements as a page: a reseller's in Settings, the platform's in its own console."""

from __future__ import annotations

from typing import Any

import wtforms
from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.security import policy
from app.security.login_models import LoginPolicy, SecondFactorFor
from app.security.policy import LIMITS, POLICY_FIELDS
from app.shell.fields import SwitchField, VersionedForm, WholeNumberField
from app.shell.pages import PageView, submit
from app.tenancy.scope import ScopeKind, current_scope

WHO_NEEDS_ONE = {
    SecondFactorFor.NOBODY: _l("Nobody: each person decides"),
    SecondFactorFor.CONSOLE: _l("Console users"),
    SecondFactorFor.EVERYBODY: _l("Everybody, customers' users too"),
}
ADMINS_NEED_ONE = _l("Every Platform Admin")


def _number(label: object, name: str, hint: object = "") -> Any:
    lowest, highest = LIMITS[name]
    return WholeNumberField(label, lowest=lowest, highest=highest, description=hint)


class LoginPolicyForm(VersionedForm):
    """What is required of passwords and of signing in."""

    minimum_length = _number(
        _l("Minimum length"),
        "minimum_length",
        _l("8 to 64 characters. Longer is what makes a password strong."),
    )
    needs_upper = SwitchField(_l("An upper-case letter"))
    needs_lower = SwitchField(_l("A lower-case letter"))
    needs_digit = SwitchField(_l("A digit"))
    needs_symbol = SwitchField(
        _l("A symbol"), description=_l("Anything but letters and digits, a space too.")
    )
    expires_days = _number(
        _l("Expire after (days)"),
        "expires_days",
        _l("0: never. Whoever's password has expired chooses a new one before anything else."),
    )
    remembered = _number(
        _l("Last passwords refused"),
        "remembered",
        _l("How many of somebody's last passwords cannot be used again, at most 24. 0: no limit."),
    )
    lock_after = _number(_l("Failures"), "lock_after", _l("Failed logins in a row, from wherever they come."))
    lock_minutes = _number(
        _l("Minutes"),
        "lock_minutes",
        _l("Of the first lock. Each further one lasts twice as long, up to a day, until the person logs in."),
    )
    second_factor = wtforms.RadioField(
        _l("Required of"),
        choices=[],
        validators=[InputRequired(_l("Choose one of the list."))],
        description=_l("Who has none yet sets it up before anything else."),
    )

    def offer(self, *, is_platform: bool) -> None:
        """Offer who may have to have a second factor; the platform has console users only."""
        words = dict(WHO_NEEDS_ONE)
        if is_platform:
            del words[SecondFactorFor.CONSOLE]
            words[SecondFactorFor.EVERYBODY] = ADMINS_NEED_ONE
        self["second_factor"].choices = [(key.value, word) for key, word in words.items()]

    def values(self) -> dict[str, Any]:
        """Return what was entered, by column."""
        chosen = {name: self[name].data for name in POLICY_FIELDS}
        return chosen | {"second_factor": SecondFactorFor(chosen["second_factor"])}


class PolicyPage(PageView):
    """The page, for whichever of the two is in scope."""

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        form = LoginPolicyForm(obj=policy.load_policy() if request.method == "GET" else None)
        is_platform = current_scope().kind is ScopeKind.PLATFORM
        form.offer(is_platform=is_platform)
        saved, status = submit(form, lambda: self._save(form), record=policy.load_policy)
        if saved is not None:
            flash(_("The password requirements were saved."), "success")
            return redirect(url_for(f"{type(self).__name__}.show"))
        page = self.render_template(
            "security/password_requirements.html",
            title=_("Password Requirements"),
            form=form,
            is_platform=is_platform,
        )
        return page, status

    @staticmethod
    def _save(form: LoginPolicyForm) -> LoginPolicy:
        return policy.save_policy(form.values(), version=form.opened_version)
