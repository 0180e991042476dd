"""Forms around the own login."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired

from app.security.policy import MAXIMUM_LENGTH, Policy, kinds_asked, policy_of, requirement_text
from app.shell.fields import BaseForm, ChoiceField, EmailField, Text
from app.tenancy.scope import current_scope


class NewPasswordField(PasswordField):
    """A password that is being set: it says what is required of it, and the page gives a hint how strong it is.

    Browsers may offer one and people may paste. The requirements are those of the reseller in scope, unless ``of``
    named another: links that were mailed are followed by people without a scope.
    """

    has_strength = True

    def __init__(self, label: object, *, required: bool = True, **kwargs: Any) -> None:
        validators = [InputRequired(_l("Enter a password."))] if required else []
        keywords = {"autocomplete": "new-password", "maxlength": MAXIMUM_LENGTH}
        super().__init__(label, validators=validators, render_kw=keywords, **kwargs)

    def of(self, reseller_id: int | None) -> None:
        """Show what this reseller requires, the platform without one."""
        self.policy = policy_of(reseller_id)

    @cached_property
    def policy(self) -> Policy:
        """The requirements in force."""
        return policy_of(current_scope().reseller_id)

    @property
    def description(self) -> str:
        return requirement_text(self.policy)

    @description.setter
    def description(self, _text: str) -> None:
        """The base class sets what its author wrote; here the requirements speak for themselves."""

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The rules that a page can check while somebody types: (rule, what is missing in words)."""
        number = self.policy.minimum_length
        return [(f"length:{number}", _("%(n)s characters", n=number)), *kinds_asked(self.policy)]


def new_password(label: object, *, required: bool = True) -> Any:
    """A field for a password that is being set."""
    return NewPasswordField(label, required=required)


def repeated_password() -> Any:
    """A field for the same password once more."""
    return PasswordField(
        _l("Repeat the password"),
        validators=[InputRequired(_l("Enter the password once more."))],
        render_kw={"autocomplete": "new-password", "maxlength": MAXIMUM_LENGTH},
    )


def current_password() -> Any:
    """A field for the password in force, asked for before something that a thief of the session must not do."""
    return PasswordField(
        _l("Current password"),
        validators=[InputRequired(_l("Enter your current password."))],
        render_kw={"autocomplete": "current-password", "maxlength": MAXIMUM_LENGTH},
    )


def one_time_code(label: object) -> Any:
    """A field for a code of the authenticator app; phones offer to fill it in."""
    return Text(
        label,
        required=True,
        longest=10,
        sentence=_l("Enter the six digits that the app shows."),
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
            "autocapitalize": "none",
        },
    )


class _Repeated(BaseForm):
    """The second entry of a new password must be the first again."""

    def validate_repeated(self, field: Any) -> None:
        if field.data != self["password"].data:
            raise ValidationError(_("The two passwords differ."))


class InvitationForm(_Repeated):
    """An invited person sets a password."""

    password = new_password(_l("New password"))
    repeated = repeated_password()


class ForgottenForm(BaseForm):
    """Somebody who forgot the password names the login."""

    email = EmailField(_l("Email"), required=True, render_kw={"autocomplete": "username"})


class ResetForm(_Repeated):
    """Somebody with a link sets a new password."""

    password = new_password(_l("New password"))
    repeated = repeated_password()


class PasswordForm(_Repeated):
    """A signed-in person changes the own password."""

    current = current_password()
    password = new_password(_l("New password"))
    repeated = repeated_password()


class ProfileForm(BaseForm):
    """The own name and language."""

    name = Text(
        _l("Name"),
        required=True,
        longest=120,
        sentence=_l("Enter your name."),
        render_kw={"autocomplete": "name"},
    )
    locale = ChoiceField(_l("Language"), choices=[])


class ConfirmForm(BaseForm):
    """The current password, before the second factor is touched."""

    current = current_password()


class FirstCodeForm(BaseForm):
    """The first code of an app that was just set up."""

    code = one_time_code(_l("Code"))


class SwitchOffForm(BaseForm):
    """Password and a last code, to sign in without the second factor from now on."""

    current = current_password()
    code = one_time_code(_l("Code"))


class CodeForm(BaseForm):
    """The second step of signing in: a code of the app."""

    code = one_time_code(_l("Code"))


class RecoveryForm(BaseForm):
    """The second step of signing in, for whoever has not got the app at hand."""

    code = Text(
        _l("Recovery code"),
        required=True,
        longest=40,
        sentence=_l("Enter one of your recovery codes."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
