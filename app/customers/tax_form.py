"""The tax form, filled from a customer: shown in its own section and beside the charges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import wtforms
from flask import request
from flask_babel import lazy_gettext as _l

from app.customers import tax_profile
from app.customers.models import Customer
from app.customers.tax_profile import ProfileSpan
from app.kernel.numbers import small_number
from app.months.fields import CountsFromField
from app.shell.fields import CheckList, SwitchField, VersionedForm
from app.shell.formats import offered_name, percent_text
from app.taxes.models import TaxProfile, TaxRate
from app.taxes.suggestions import by_fit, suggested


class TaxForm(VersionedForm):
    """Is the customer taxable, and at which rates?

    ``rates`` are those that can be chosen, the best fitting first; ``suggested_ids`` fit the customer's address;
    ``spans`` is what the profile said before.
    """

    audit_parts = ("customer_tax_rate",)

    rates: list[TaxRate]
    suggested_ids: list[int]
    spans: list[ProfileSpan]

    what = wtforms.HiddenField(default="tax")
    is_taxable = SwitchField(
        _l("Is taxable"),
        description=_l("Tax lines are added to this customer's statements. Several rates add up."),
    )
    tax_rate_ids = CheckList(_l("Tax rates"), choices=[], coerce=int)
    counts_from = CountsFromField()

    @property
    def chosen(self) -> list[TaxRate]:
        """The rates that are ticked."""
        ticked = {small_number(str(one)) for one in self.tax_rate_ids.data or ()}
        return [one for one in self.rates if one.id in ticked]

    @property
    def sum_text(self) -> str:
        """``20 % + 2 % = 22 %``: what the ticked rates come to."""
        parts = [one.percent for one in self.chosen]
        total = percent_text(sum(parts, Decimal(0)))
        return f"{' + '.join(map(percent_text, parts))} = {total}" if len(parts) > 1 else total

    @property
    def is_suggestion_taken(self) -> bool:
        """Is just what fits ticked already, and counted?"""
        return bool(self.is_taxable.data) and {one.id for one in self.chosen} >= set(self.suggested_ids)


def tax_rate_label(rate: TaxRate) -> str:
    """Return ``VAT, 20 % (DE)``: what a choice of rates shows."""
    place = " ".join(part for part in (rate.country, rate.region, rate.postal_code) if part)
    return offered_name(f"{rate.name}, {percent_text(rate.percent)} ({place})", is_retired=rate.is_retired)


def tax_form(
    customer: Customer,
    *,
    is_posted: bool,
    takes_suggestion: bool = False,
    beside: CountsFromField | None = None,
) -> TaxForm:
    """Return the form with the rates that can be chosen; filled from the customer unless it was posted.

    ``takes_suggestion``: what fits the customer's address is ticked besides, to be looked at and saved. ``beside``: the
    months of another form on the page of the same customer.
    """
    profile = tax_profile.profile_of(customer)
    assigned = list(profile.tax_rate_ids) if profile else []
    form = TaxForm() if is_posted else TaxForm(formdata=None, obj=profile)
    place = tax_profile.place_of(customer)
    fitting = suggested(rates := by_fit(tax_profile.usable_rates(assigned), place), place)
    form.rates = fitting + [one for one in rates if one not in fitting]
    form.suggested_ids = [one.id for one in fitting]
    form.spans = tax_profile.profile_spans(profile)
    form.tax_rate_ids.choices = [(one.id, tax_rate_label(one)) for one in form.rates]
    form.counts_from.offer(
        tax_profile.months_of(customer), given=profile.counts_from if profile else None, beside=beside
    )
    if not is_posted:
        form.tax_rate_ids.data = assigned
        if takes_suggestion and form.suggested_ids:
            form.is_taxable.data = True
            form.tax_rate_ids.data = sorted({*assigned, *form.suggested_ids})
    return form


def opened_tax_form(customer: Customer, *, beside: CountsFromField | None = None) -> TaxForm:
    """Return the form as it is opened; ``beside`` as ``tax_form`` takes it."""
    takes_suggestion = bool(request.args.get("suggested"))
    return tax_form(customer, is_posted=False, takes_suggestion=takes_suggestion, beside=beside)


def saved_profile(customer: Customer, form: TaxForm) -> Any:
    """Save what was entered."""
    profile: TaxProfile = tax_profile.save_tax_profile(
        customer,
        is_taxable=form.is_taxable.data,
        tax_rate_ids=form.tax_rate_ids.data or [],
        version=form.opened_version,
        from_month=form.counts_from.month,
    )
    return profile
