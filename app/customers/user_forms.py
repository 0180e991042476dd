"""The form of a customer's user."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from app.security.forms import new_password
from app.security.models import SWITCHES, UserStatus
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, ChoiceField, EmailField, SwitchField, Text

STATUS_CHOICES = [
    (UserStatus.PENDING_EMAIL_VALIDATION.value, _l("Pending email validation")),
    (UserStatus.PENDING_APPROVAL.value, _l("Pending approval")),
    (UserStatus.ACTIVE.value, _l("Active")),
    (UserStatus.SUSPENDED.value, _l("Suspended")),
]


class Switches:
    """What one of a customer's people may do in the portal, as fields of a form."""

    sees_statements = SwitchField(
        _l("Sees statements"),
        default=True,
        description=_l("Off: the person sees none of the company's statements."),
    )
    may_request_accounts = SwitchField(
        _l("May request accounts"),
        default=True,
        description=_l("Off: the person sees the cloud accounts, but cannot ask for any."),
    )
    may_invite = SwitchField(
        _l("May invite colleagues"),
        default=True,
        description=_l(
            "Off: the person cannot invite anybody. Nobody can pass on rights that they do not have."
        ),
    )

    def switches(self: Any) -> dict[str, bool]:
        """Return which of ``SWITCHES`` are on."""
        return {name: bool(self[name].data) for name in SWITCHES}


class NewUserForm(BaseForm, Switches):
    """Add a user: with a password, or without one and with an invitation link."""

    name = Text(_l("Contact name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    email = EmailField(
        _l("Email"),
        required=True,
        description=_l("The address to log in with; unique on the platform."),
        render_kw={"autocomplete": "off"},
    )
    password = new_password(_l("Password"), required=False)
    status = ChoiceField(
        _l("Status"),
        required=True,
        choices=STATUS_CHOICES,
        default=UserStatus.ACTIVE.value,
        description=_l("Only active users can log in. Suspending ends open sessions at the next click."),
    )


class AnonymiseForm(BaseForm):
    """The typed confirmation of what nothing brings back. ``address`` is the one that has to be typed."""

    address = ""

    typed = Text(
        _l("The person's email address"),
        required=True,
        longest=320,
        sentence=_l("Type the address of the login."),
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
            "inputmode": "email",
        },
    )

    def validate_typed(self, field: Any) -> None:
        if (field.data or "").strip().lower() != self.address.lower():
            raise ValidationError(
                _("This is not the address of the login. Type %(address)s.", address=self.address)
            )


class UserForm(RecordForm, Switches):
    """Change a user; the address stays, because it is the login."""

    watched = ("first_name", "last_name", "status", *SWITCHES)

    name = Text(_l("Contact name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    password = new_password(_l("New password"), required=False)
    status = ChoiceField(
        _l("Status"),
        required=True,
        choices=STATUS_CHOICES,
        description=_l("Only active users can log in. Suspending ends open sessions at the next click."),
    )
