"""Forms of the customer workspace."""

from __future__ import annotations

from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l

from app.months.fields import CountsFromField
from app.shell.choices import country_choices
from app.shell.fields import AmountField, CheckList, ChoiceField, EmailField, SwitchField, Text, VersionedForm

LANGUAGE_CHOICES = [("en", _l("English")), ("de", _l("German"))]


class CustomerForm(VersionedForm):
    """Customer Information (domain, 2.2). Required: organization, contact name, email, country."""

    audit_fields = {"spend_threshold": "spend_threshold_amount"}

    submission = wtforms.HiddenField()
    organization = Text(
        _l("Organization"),
        required=True,
        sentence=_l("Enter the organization's name."),
        render_kw={"autocomplete": "organization"},
    )
    external_id = Text(
        _l("External ID"), longest=100, description=_l("The customer's number in your other systems.")
    )
    contact_name = Text(
        _l("Contact name"),
        required=True,
        longest=120,
        sentence=_l("Enter the contact's name."),
        render_kw={"autocomplete": "name"},
    )
    contact_title = Text(_l("Title"), longest=120)
    email = EmailField(_l("Email"), required=True)
    phone = Text(_l("Phone"), longest=60, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    street = Text(_l("Street"), render_kw={"autocomplete": "street-address"})
    postal_code = Text(_l("Postal code"), longest=20, render_kw={"autocomplete": "postal-code"})
    city = Text(_l("City"), longest=100)
    state = Text(_l("State or region"), longest=100)
    country = ChoiceField(
        _l("Country"), required=True, choices=country_choices, sentence=_l("Choose a country.")
    )
    language = ChoiceField(_l("Language"), choices=LANGUAGE_CHOICES, default="en")
    spend_threshold_amount = AmountField(_l("Amount per month"))

    def values(self) -> dict[str, Any]:
        """Return what was entered, by field name."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in ("csrf_token", "version", "opened_at", "submission")
        }


class ProviderForm(VersionedForm):
    """What a customer may do with one provider (domain, 6)."""

    audit_fields = {"pricebook": "pricebook_id"}
    audit_empty = {"services": _l("All services")}

    is_authorised = SwitchField(
        _l("Authorised"), description=_l("The customer may buy this provider's services through you.")
    )
    all_services = wtforms.RadioField(
        _l("Services"),
        choices=[("all", _l("All services")), ("chosen", _l("Only the chosen ones"))],
        default="all",
    )
    services = CheckList(_l("Chosen services"), choices=[], depends=True)
    pricebook_id = ChoiceField(
        _l("Pricebook"),
        choices=[],
        description=_l(
            "The default for all accounts of this customer with the provider. Master is the list price."
        ),
    )
    currency = ChoiceField(_l("Currency"), required=True, choices=[])
    in_portal = SwitchField(
        _l("Enable provider in customer portal"),
        description=_l("The provider's dashboard and reports appear in the customer portal."),
    )
    may_request_accounts = SwitchField(
        _l("Enable requesting an account"),
        description=_l(
            "The customer may ask for a new account of this provider in the portal. You approve each request."
        ),
    )
    pass_reserved_instances = SwitchField(
        _l("Pass RI optimization to customer"),
        description=_l(
            "Off: only reserved instances that this customer bought keep their price; "
            "what others' reservations save is yours. "
            "On: every reserved instance discount in the bill stays with this customer."
        ),
    )
    pass_savings_plans = SwitchField(
        _l("Pass savings plans to customer"),
        description=_l(
            "The same rule for savings plans: off keeps the savings of plans that the customer did not buy."
        ),
    )
    pass_provider_credits = SwitchField(
        _l("Pass provider credits to customer"),
        description=_l(
            "Credits, refunds and private discounts in the provider's bill. Off: they are yours. "
            "On: the customer's statement has them, whole."
        ),
    )
    counts_from = CountsFromField()

    def entered(self, name: str) -> Any:
        """Return what would be stored of a field: no services of their own where all are sold."""
        if name == "services":
            return list(self.services.data or []) if self.all_services.data == "chosen" else None
        return super().entered(name)
