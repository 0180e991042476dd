"""The tax form, filled from a customer: shown in its own section and beside the charges."""

from __future__ import annotations

from app.customers import queries
from app.customers.forms import TaxForm
from app.customers.models import Customer


def tax_form(customer: Customer, *, is_posted: bool) -> TaxForm:
    """Return the form with the rates that can be chosen; filled from the customer unless it was posted."""
    assigned = [link.tax_rate_id for link in customer.tax_links]
    form = TaxForm() if is_posted else TaxForm(formdata=None, obj=customer)
    form.tax_rate_ids.choices = [
        (rate.id, queries.tax_rate_label(rate))
        for rate in queries.usable_tax_rates(assigned, country=customer.country)
    ]
    if not is_posted:
        form.tax_rate_ids.data = assigned
    return form


def opened_tax_form(customer: Customer) -> TaxForm:
    """Return the form as it is opened."""
    return tax_form(customer, is_posted=False)
