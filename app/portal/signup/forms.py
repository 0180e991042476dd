"""The sign-up form, by the reseller's settings. It says what is wrong with an entry, never who has signed up before."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import wtforms
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer
from wtforms import ValidationError
from wtforms.validators import InputRequired

from app.kernel.clock import utc_now
from app.portal.address import MISSING_ADDRESS, address_fields
from app.portal.queries.providers import PortalProvider
from app.portal.signup.services import FIELDS, REQUIRED_ADDRESS, Entered
from app.security.forms import new_password
from app.settings.models import StorefrontSettings
from app.shell.fields import BaseForm, CheckList, EmailField, Text, require
from app.terms.models import TermsVersion

#: Nobody fills the form in within these seconds; programs do, and password managers with somebody's help.
HASTY_SECONDS = 3


def opened_seal() -> URLSafeSerializer:
    """Return what seals when a sign-up form was opened."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="signup-opened")


def was_hasty(sealed: str) -> bool:
    """Was the form sent sooner than a person can fill it in? So is one that does not say when it was opened."""
    try:
        moment = datetime.datetime.fromisoformat(opened_seal().loads(sealed))
    except (BadData, TypeError, ValueError):
        return True
    return utc_now() - moment < datetime.timedelta(seconds=HASTY_SECONDS)


class SignupForm(BaseForm):
    """Who wants to become a customer. ``fit`` makes it the reseller's."""

    opened = wtforms.HiddenField()
    terms_id = wtforms.HiddenField()

    organization = Text(
        _l("Organization"),
        required=True,
        sentence=_l("Enter your organization's name."),
        render_kw={"autocomplete": "organization"},
    )
    contact_name = Text(
        _l("Your name"),
        required=True,
        longest=120,
        sentence=_l("Enter your name."),
        render_kw={"autocomplete": "name"},
    )
    contact_title = Text(_l("Title"), longest=120, render_kw={"autocomplete": "organization-title"})
    email = EmailField(_l("Work email"), required=True)
    phone = Text(_l("Phone"), longest=60, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    street, postal_code, city, state, country = address_fields()
    providers = CheckList(_l("Which clouds are you interested in?"), choices=[])
    password = new_password(_l("Password"))
    accepts_terms = wtforms.BooleanField(_l("I accept the terms"))
    subject = wtforms.StringField(
        _l("Leave this field empty"), render_kw={"autocomplete": "off", "tabindex": "-1"}
    )

    def fit(
        self,
        settings: StorefrontSettings,
        terms: TermsVersion | None,
        providers: Sequence[PortalProvider],
    ) -> None:
        """Ask for what this reseller asks for."""
        if settings.requires_address:
            for name in REQUIRED_ADDRESS:
                require(self[name], MISSING_ADDRESS[name])
        self.providers.choices = [(one.code, one.name) for one in providers]
        if not providers:
            del self.providers
        if terms is None or not settings.requires_terms:
            del self.accepts_terms, self.terms_id
        elif self.terms_id.data != str(terms.id):  # a new form, or terms that were replaced while it was open
            self.terms_id.data, self.accepts_terms.data = str(terms.id), False
        if not self.is_submitted():
            self.opened.data = opened_seal().dumps(utc_now().isoformat())

    def validate_accepts_terms(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Read the terms and accept them."))

    @property
    def is_a_trap_sprung(self) -> bool:
        """Did somebody fill in the field that people neither see nor reach?"""
        return bool(self.subject.data)

    def entered(self, language: str) -> Entered:
        """Return what was filled in."""
        accepted = "accepts_terms" in self and self.accepts_terms.data
        terms_id = self.terms_id.data if accepted else ""
        return Entered(
            values={name: self[name].data or "" for name in FIELDS},
            password=self.password.data or "",
            language=language,
            providers=tuple(self.providers.data or ()) if "providers" in self else (),
            terms_id=int(terms_id) if terms_id and terms_id.isascii() and terms_id.isdigit() else None,
        )


class ProofForm(BaseForm):
    """The button of the link that a sign-up was mailed."""


class ProofWithPasswordForm(BaseForm):
    """The same in another browser: the password tells whose sign-up it is."""

    password = wtforms.PasswordField(
        _l("Your password from sign-up"),
        validators=[InputRequired(_l("Enter the password that you chose at sign-up."))],
        render_kw={"autocomplete": "current-password"},
    )


class SendAgainForm(BaseForm):
    """Somebody who lost the link names the address."""

    email = EmailField(_l("Email"), required=True)
