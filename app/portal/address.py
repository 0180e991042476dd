"""The address of a company, as the sign-up and the company's own page ask for it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.shell.choices import country_choices
from app.shell.fields import ChoiceField, Text

#: What is said of each address field that is missing where the reseller asks for the address.
MISSING_ADDRESS: dict[str, object] = {
    "street": _l("Enter the street."),
    "postal_code": _l("Enter the postal code."),
    "city": _l("Enter the city."),
}


def address_fields() -> tuple[Any, Any, Any, Any, Any]:
    """Return new fields for street, postal code, city, state and country, which stand in a form where this is called.

    No mixin: its fields would come before all others, in the summary of errors too.
    """
    return (
        Text(_l("Street"), render_kw={"autocomplete": "street-address"}),
        Text(_l("Postal code"), longest=20, render_kw={"autocomplete": "postal-code"}),
        Text(_l("City"), longest=100, render_kw={"autocomplete": "address-level2"}),
        Text(_l("State or region"), longest=100, render_kw={"autocomplete": "address-level1"}),
        ChoiceField(
            _l("Country"),
            required=True,
            choices=country_choices,
            sentence=_l("Choose a country."),
            render_kw={"autocomplete": "country"},
        ),
    )
