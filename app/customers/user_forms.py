"""The form of a customer's user."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.security.forms import new_password
from app.security.models import UserStatus
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, ChoiceField, EmailField, Text

STATUS_CHOICES = [
    (UserStatus.PENDING_EMAIL_VALIDATION.value, _l("Pending email validation")),
    (UserStatus.PENDING_APPROVAL.value, _l("Pending approval")),
    (UserStatus.ACTIVE.value, _l("Active")),
    (UserStatus.SUSPENDED.value, _l("Suspended")),
]


class NewUserForm(BaseForm):
    """Add a user: with a password, or without one and with an invitation link."""

    name = Text(_l("Contact name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    email = EmailField(
        _l("Email"),
        required=True,
        description=_l("The address to sign in with; unique on the platform."),
        render_kw={"autocomplete": "off"},
    )
    password = new_password(_l("Password"), required=False)
    status = ChoiceField(
        _l("Status"),
        required=True,
        choices=STATUS_CHOICES,
        default=UserStatus.ACTIVE.value,
        description=_l("Only active users can sign in. Suspending ends open sessions at the next click."),
    )


class UserForm(RecordForm):
    """Change a user; the address stays, because it is the login."""

    watched = ("first_name", "last_name", "status")

    name = Text(_l("Contact name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    password = new_password(_l("New password"), required=False)
    status = ChoiceField(
        _l("Status"),
        required=True,
        choices=STATUS_CHOICES,
        description=_l("Only active users can sign in. Suspending ends open sessions at the next click."),
    )
