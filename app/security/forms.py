"""Forms around the own login."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired

from app.security.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from app.shell.fields import BaseForm, ChoiceField, EmailField, Text

PASSWORD_HINT = _l(
    "At least 12 characters; a few words in a row are good. "
    "No forced mix of signs and no expiry: both make people choose weaker ones."
)


def new_password(label: object, *, required: bool = True) -> Any:
    """A field for a password that is being set; browsers may offer one and people may paste."""
    validators = [InputRequired(_l("Enter a password."))] if required else []
    return PasswordField(
        label,
        description=PASSWORD_HINT,
        validators=validators,
        render_kw={"autocomplete": "new-password", "minlength": MINIMUM_LENGTH, "maxlength": MAXIMUM_LENGTH},
    )


def repeated_password() -> Any:
    """A field for the same password once more."""
    return PasswordField(
        _l("Repeat the password"),
        validators=[InputRequired(_l("Enter the password once more."))],
        render_kw={"autocomplete": "new-password", "maxlength": MAXIMUM_LENGTH},
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

    current = PasswordField(
        _l("Current password"),
        validators=[InputRequired(_l("Enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )
    password = new_password(_l("New password"))
    repeated = repeated_password()


class ProfileForm(BaseForm):
    """The own name and language."""

    name = Text(_l("Name"), required=True, longest=120, render_kw={"autocomplete": "name"})
    locale = ChoiceField(_l("Language"), choices=[])
