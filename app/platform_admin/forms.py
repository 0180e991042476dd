"""Forms of the platform's console."""

from __future__ import annotations

from typing import Any

import wtforms
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import InputRequired

from app.kernel.domains import LONGEST_HOST
from app.security.forms import new_password
from app.shell.choices import currency_choices, time_zone_choices
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, CheckList, ChoiceField, EmailField, Text, VersionedForm

SHORTEST_REASON = 5


class ResellerForm(VersionedForm):
    """A reseller's details; the Owner's fields are there when adding only."""

    audit_fields = {"languages": "language_codes"}

    name = Text(_l("Name"), required=True, sentence=_l("Enter the reseller's name."))
    nickname = Text(
        _l("Nickname"),
        required=True,
        longest=40,
        sentence=_l("Enter a nickname."),
        description=_l("Names the reseller in addresses: 3 to 40 lower-case letters, digits and hyphens."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    operations_email = EmailField(
        _l("Operations address"),
        required=True,
        description=_l("Where requests to Cloud Ops and their answers go."),
        render_kw={"autocomplete": "off"},
    )
    portal_host = Text(
        _l("Portal host name"),
        longest=LONGEST_HOST,
        description=_l(
            "A host name for this reseller's portal alone, such as portal.example.com. Point DNS to this platform and "
            "get a certificate for it first: you vouch for both."
        ),
        render_kw={
            "autocapitalize": "none",
            "spellcheck": "false",
            "autocomplete": "off",
            "inputmode": "url",
        },
    )
    currency = ChoiceField(_l("Currency"), required=True, choices=[])
    time_zone = ChoiceField(_l("Time zone"), required=True, choices=[])
    language_codes = CheckList(_l("Languages"), choices=[])
    default_language = ChoiceField(
        _l("Default language"),
        required=True,
        choices=[],
        description=_l("For mails and for people who chose none."),
    )
    owner_name = Text(
        _l("Owner's name"),
        required=True,
        longest=120,
        sentence=_l("Enter the Owner's name."),
        render_kw={"autocomplete": "off"},
    )
    owner_email = EmailField(
        _l("Owner's email"),
        required=True,
        description=_l("The address to log in with. It is used by nobody else on the platform."),
        render_kw={"autocomplete": "off"},
    )

    def fill_choices(self) -> None:
        """Offer currencies, time zones and languages in the reader's language."""
        languages = [(code, item["name"]) for code, item in current_app.config["LANGUAGES"].items()]
        self.currency.choices = list(currency_choices())
        self.time_zone.choices = list(time_zone_choices())
        self.language_codes.choices = self.default_language.choices = languages
        self.language_codes.flags.required = True

    def validate_language_codes(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one language."))

    def validate_default_language(self, field: Any) -> None:
        if field.data not in (self.language_codes.data or ()):
            raise ValidationError(_("Choose a default among the languages above."))

    def values(self) -> dict[str, str]:
        """Return the reseller's columns; the default language stands first."""
        first = self.default_language.data
        return {
            "name": self["name"].data,
            "nickname": self.nickname.data,
            "operations_email": self.operations_email.data,
            "portal_host": self.portal_host.data or "",
            "currency": self.currency.data,
            "time_zone": self.time_zone.data,
            "languages": ",".join([first, *(code for code in self.language_codes.data if code != first)]),
        }


class EnterForm(BaseForm):
    """Why a reseller's console is entered. The reseller reads it too."""

    reason = Text(
        _l("Reason"),
        required=True,
        longest=200,
        sentence=_l("Say in a few words why you enter this console."),
        description=_l("The reseller sees it in the change log."),
        render_kw={"autocomplete": "off"},
    )

    def validate_reason(self, field: Any) -> None:
        if len(field.data) < SHORTEST_REASON:
            raise ValidationError(_("Say in a few words why you enter this console."))


class AdminForm(RecordForm):
    """A Platform Admin; how the person gets a password is asked when adding only."""

    watched = ("first_name", "last_name", "email")

    name = Text(
        _l("Name"),
        required=True,
        longest=120,
        sentence=_l("Enter a name."),
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(_l("Email"), required=True, render_kw={"autocomplete": "off"})
    start = wtforms.RadioField(
        _l("First login"),
        choices=[
            ("invitation", _l("Invitation link: the person sets a password")),
            ("password", _l("Password set by you, temporary")),
        ],
        default="invitation",
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    password = new_password(_l("Temporary password"), required=False)

    def validate_password(self, field: Any) -> None:
        if self.start.data == "password" and not field.data:
            raise ValidationError(_("Enter a password, or choose the invitation link."))
