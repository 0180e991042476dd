"""Forms of the portal. What is asked for has its forms in ``approvals``, shared with the console."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.customers.forms import LANGUAGE_CHOICES
from app.portal.address import MISSING_ADDRESS, address_fields
from app.portal.services.company import CONTACT_FIELDS
from app.security.models import SWITCHES
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, ChoiceField, EmailField, SwitchField, Text, require


class CompanyForm(RecordForm):
    """The company's contact data. Refused when one of these fields was saved meanwhile, here or by the reseller."""

    watched = CONTACT_FIELDS

    contact_name = Text(
        _l("Contact name"),
        required=True,
        longest=120,
        sentence=_l("Enter the contact's name."),
        render_kw={"autocomplete": "name"},
    )
    contact_title = Text(_l("Title"), longest=120, render_kw={"autocomplete": "organization-title"})
    email = EmailField(
        _l("Email"),
        required=True,
        description=_l("Notices go here. Changing it changes nobody's login."),
    )
    phone = Text(_l("Phone"), longest=60, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    street, postal_code, city, state, country = address_fields()
    language = ChoiceField(
        _l("Language"),
        required=True,
        choices=LANGUAGE_CHOICES,
        description=_l("Of notices to the company. Your own language is in your profile."),
    )

    def require_address(self) -> None:
        """Ask for the address as the sign-up does."""
        for name, sentence in MISSING_ADDRESS.items():
            require(self[name], sentence)

    def values(self) -> dict[str, str]:
        """Return what was entered, by field name."""
        return {name: self[name].data or "" for name in CONTACT_FIELDS}


class InviteForm(BaseForm):
    """Invite a colleague. ``offer`` leaves the switches that the inviter can pass on."""

    name = Text(
        _l("Name"),
        required=True,
        longest=120,
        sentence=_l("Enter the person's name."),
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("Email"),
        required=True,
        description=_l("The invitation goes to this address, and the person logs in with it."),
        render_kw={"autocomplete": "off"},
    )
    sees_statements = SwitchField(
        _l("Sees statements"),
        default=True,
        description=_l("The company's statements and what is to be paid."),
    )
    may_request_accounts = SwitchField(
        _l("May request accounts"),
        default=True,
        description=_l("Ask for new cloud accounts, for links and removals."),
    )
    may_invite = SwitchField(
        _l("May invite colleagues"), default=True, description=_l("Send invitations such as this one.")
    )

    def offer(self, person: Any) -> None:
        """Leave the switches that ``person`` has: nobody invites to more."""
        for name in SWITCHES:
            if not getattr(person, name):
                del self[name]

    def switches(self) -> dict[str, bool]:
        """Return which of ``SWITCHES`` are to be on."""
        return {name: name in self and bool(self[name].data) for name in SWITCHES}
