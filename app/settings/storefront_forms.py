"""Forms of Settings > Customer Storefront. Each field says in a sentence what it does."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.kernel.rich_text import as_typed
from app.settings.models import StorefrontSettings
from app.settings.storefront import PORTAL_SWITCHES, SIGNUP_SWITCHES, SIGNUP_TEXTS, shown_domains
from app.shell.crud import RecordForm
from app.shell.fields import LongText, SwitchField

LONGEST_LIST, LONGEST_TEXT = 20_000, 5_000


class _SettingsForm(RecordForm):
    """A form of a part of the settings: somebody who saves the other part meanwhile is in nobody's way."""

    watched: ClassVar[tuple[str, ...]] = ()

    def values(self) -> dict[str, Any]:
        """Return what was entered, by column."""
        return {name: self[name].data or "" for name in self.watched}


class SignupForm(_SettingsForm):
    """Customer Signup."""

    watched = (*SIGNUP_SWITCHES, *SIGNUP_TEXTS)

    is_signup_open = SwitchField(
        _l("Offer sign-up"),
        description=_l(
            "New customers can ask for an account on your portal. Off: the portal has a login only, and you add "
            "customers yourself."
        ),
    )
    requires_email_validation = SwitchField(
        _l("Require email validation"),
        description=_l(
            "You hear of a sign-up only after the person has followed a link to the address. Off: anybody can sign up "
            "with anybody's address."
        ),
    )
    requires_address = SwitchField(
        _l("Require address fields"),
        description=_l(
            "Street, postal code and city have to be filled in. "
            "Off: they can be left empty; the country is always asked."
        ),
    )
    requires_terms = SwitchField(
        _l("Require acceptance of the terms"),
        description=_l(
            "Whoever signs up accepts the terms in force, and your customers' people accept a new version before "
            "they go on. Nothing is asked as long as no terms are published."
        ),
    )
    approves_automatically = SwitchField(
        _l("Approve automatically"),
        description=_l(
            "A sign-up becomes an active customer at once and goes to Cloud Ops without your checklist. Off, which we "
            "recommend: you decide under Approval Requests."
        ),
    )
    green_domains = LongText(
        _l("Green list"),
        longest=LONGEST_LIST,
        description=_l(
            "Only addresses of these domains may sign up; what stands below them counts too. Empty: everybody who is "
            "not on the red list."
        ),
        render_kw={"spellcheck": "false", "autocapitalize": "none", "placeholder": "example.com"},
    )
    red_domains = LongText(
        _l("Red list"),
        longest=LONGEST_LIST,
        description=_l(
            "Addresses of these domains may not sign up. They get the same answer as everybody; you find the try in "
            "the change log."
        ),
        render_kw={"spellcheck": "false", "autocapitalize": "none", "placeholder": "example.com"},
    )
    signup_text = LongText(
        _l("Your text above the form"),
        longest=LONGEST_TEXT,
        description=_l(
            "Such as who may sign up and how long it takes. Visitors read it as it stands, whatever language they "
            "chose: with several languages write one below the other. A blank line begins a paragraph. Of tags, p, "
            "br, strong, em, a, ul, ol and li are kept."
        ),
        render_kw={"rows": 6, "spellcheck": "true"},
    )

    def show(self, settings: StorefrontSettings) -> None:
        """Write domains and text as people do."""
        self.green_domains.data = shown_domains(settings.green_domains)
        self.red_domains.data = shown_domains(settings.red_domains)
        self.signup_text.data = as_typed(settings.signup_text)


class PortalForm(_SettingsForm):
    """Portal Functionality."""

    watched = PORTAL_SWITCHES

    shows_catalog = SwitchField(
        _l("Catalog"),
        description=_l("Visitors of your portal's first page see which providers you sell."),
    )
    shows_dashboard = SwitchField(
        _l("Dashboard"),
        description=_l(
            "Customers for whose portal a provider is switched on find a page with what they spend. It says what will "
            "be there until usage is billed."
        ),
    )
    shows_reports = SwitchField(
        _l("Reports"),
        description=_l("The same customers find a page with their usage, line by line."),
    )
    allows_purchasing = SwitchField(
        _l("Purchasing"),
        description=_l(
            "Customers find a tile for each provider that you sell, and ask there for those they do not have yet. Off: "
            "they use the providers that you opened for them. It needs Cloud Accounts, where requests are followed."
        ),
    )
    shows_statements = SwitchField(
        _l("Statements"),
        description=_l(
            "The same customers find a page with their issued statements. Each person's switch decides who sees it."
        ),
    )
    shows_accounts = SwitchField(
        _l("Cloud Accounts"),
        description=_l(
            "Customers see their cloud accounts and requests, and ask for accounts where you enabled that for a "
            "provider."
        ),
    )
    shows_company = SwitchField(
        _l("Company Information"),
        description=_l("Customers see their company's details and keep them up to date."),
    )
    requires_terms_for_accounts = SwitchField(
        _l("Require acceptance of the terms for accounts"),
        description=_l(
            "Whoever asks for an account has to have accepted the terms in force. Nothing is asked as long as no terms "
            "are published."
        ),
    )
