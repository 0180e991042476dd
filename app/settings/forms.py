"""Forms of the reseller's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import InputRequired

from app.errors import Invalid
from app.security.forms import new_password
from app.security.roles import ROLE_PURPOSE, RoleName
from app.settings.services import ACCOUNT_FIELDS, brand_color
from app.shell.choices import country_choices, currency_choices, time_zone_choices
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, CheckList, ChoiceField, EmailField, SwitchField, Text, VersionedForm


def _web_address(_form: Any, field: Any) -> None:
    if not field.data:
        return
    try:
        parts = urlsplit(field.data)
        fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        fits = False
    if not fits or any(character.isspace() for character in field.data):
        raise ValidationError(_("Enter an address such as https://www.example.com."))


def _color(_form: Any, field: Any) -> None:
    try:
        field.data = brand_color(field.data or "")
    except Invalid as refusal:
        raise ValidationError(str(refusal)) from None


class AccountForm(VersionedForm):
    """Account Information."""

    audit_fields = {"languages": "language_codes"}

    name = Text(
        _l("Name"),
        required=True,
        sentence=_l("Enter your company's name."),
        description=_l("As customers know you; on statements and in the portal."),
        render_kw={"autocomplete": "organization"},
    )
    nickname = Text(
        _l("Nickname"),
        required=True,
        longest=40,
        sentence=_l("Enter a nickname of 3 to 40 lower-case letters, digits and hyphens."),
        description=_l("Names you in addresses, such as your portal's. Links with the old one stop working."),
        render_kw={
            "pattern": "[a-z0-9][a-z0-9\\-]{1,38}[a-z0-9]",
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    legal_name = Text(_l("Legal name"), description=_l("If it differs from the name."))
    tax_number = Text(_l("Tax number"), longest=60)
    street = Text(_l("Street"), render_kw={"autocomplete": "street-address"})
    postal_code = Text(_l("Postal code"), longest=20, render_kw={"autocomplete": "postal-code"})
    city = Text(_l("City"), longest=100)
    state = Text(_l("State or region"), longest=100)
    country = ChoiceField(
        _l("Country"), required=True, choices=country_choices, sentence=_l("Choose a country.")
    )
    phone = Text(_l("Phone"), longest=60, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    website = Text(
        _l("Website"), validators=[_web_address], render_kw={"inputmode": "url", "autocomplete": "url"}
    )
    support_email = EmailField(_l("Support email"), description=_l("Where your customers write to."))
    portal_name = Text(
        _l("Name in the portal"),
        longest=100,
        description=_l("What customers read in the portal and in mails, if it differs from the name."),
    )
    brand_color = Text(
        _l("Brand colour"),
        longest=7,
        validators=[_color],
        description=_l(
            "Of buttons, links and marks in the portal, such as #0e6785. Empty: the product's own."
        ),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    currency = ChoiceField(
        _l("Currency"),
        required=True,
        choices=currency_choices,
        description=_l("Of new statements. Amounts that were entered keep their currency."),
    )
    time_zone = ChoiceField(
        _l("Time zone"),
        required=True,
        choices=time_zone_choices,
        description=_l("In which times are shown, and in which your months begin and end."),
    )
    language_codes = CheckList(
        _l("Languages"), choices=[], validators=[InputRequired(_l("Choose at least one language."))]
    )
    logo = wtforms.FileField(
        _l("Logo"),
        description=_l("PNG, JPEG or WebP, at most 512 KB and 2,000 pixels a side."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    remove_logo = SwitchField(_l("Remove the logo"))

    def values(self) -> dict[str, Any]:
        """Return what was entered, by column."""
        return {name: self[name].data or "" for name in ACCOUNT_FIELDS}


#: How a new console user comes to a password.
INVITE, PASSWORD = "invite", "password"


class _RoleChoices:
    """Fills the roles that the signed-in person may grant."""

    def offer_roles(self: Any, roles: tuple[RoleName, ...]) -> None:
        self["role"].choices = [
            (role.value, _("%(role)s: %(purpose)s", role=role.value, purpose=ROLE_PURPOSE[role]))
            for role in roles
        ]


def _role_field() -> Any:
    return wtforms.RadioField(_l("Role"), choices=[], validators=[InputRequired(_l("Choose a role."))])


class NewUserForm(BaseForm, _RoleChoices):
    """A new console user."""

    name = Text(_l("Name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    email = EmailField(
        _l("Email"),
        required=True,
        description=_l("The login. One address has one login on the whole platform."),
        render_kw={"autocomplete": "off"},
    )
    role = _role_field()
    access = wtforms.RadioField(
        _l("First login"),
        choices=[
            (INVITE, _l("Invite by link: the person sets a password of their own")),
            (PASSWORD, _l("Set a temporary password now")),
        ],
        default=INVITE,
        validators=[InputRequired(_l("Choose one of the list."))],
    )
    password = new_password(_l("Temporary password"), required=False)

    def validate_password(self, field: Any) -> None:
        if self["access"].data == PASSWORD and not field.data:
            raise ValidationError(_("Enter a password, or choose to invite by link."))


class UserForm(RecordForm, _RoleChoices):
    """Name and role of a console user."""

    audit_fields = {"roles": "role"}
    watched = ("first_name", "last_name", "role_name")

    name = Text(_l("Name"), required=True, longest=120, sentence=_l("Enter the person's name."))
    role = _role_field()


class SetPasswordForm(BaseForm):
    """A password for somebody else."""

    password = new_password(_l("New password"))
