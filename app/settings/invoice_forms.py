"""The form of Invoice Options."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from app.months.fields import CountsFromField
from app.providers.queries import resold_providers
from app.rating.commitments import PurchaseMode
from app.settings import invoice_options as options
from app.settings.models import InvoiceOptions, PageSize, PaymentTerm
from app.settings.numbering import LARGEST_NUMBER, LONGEST_FORMAT
from app.shell.fields import (
    CheckList,
    ChoiceField,
    LongText,
    SwitchField,
    Text,
    VersionedForm,
    WholeNumberField,
)

MODES: dict[PurchaseMode, object] = {
    PurchaseMode.AMORTISED: _l("Spread: the usage that a commitment covers carries its fee"),
    PurchaseMode.FEE_IN_STATEMENT: _l("As a fee in the month's statement"),
    PurchaseMode.FEE_SEPARATE: _l("As a fee on a statement of its own"),
    PurchaseMode.NOT_BILLED: _l("Not billed"),
}
TERMS: dict[PaymentTerm, object] = {
    PaymentTerm.ON_RECEIPT: _l("On receipt"),
    PaymentTerm.AFTER_ISSUE: _l("Days after the statement is issued"),
    PaymentTerm.AFTER_MONTH: _l("Days after the end of that month"),
}


class InvoiceOptionsForm(VersionedForm):
    """How statements are made: what moves money, what is printed, how they are numbered, when they are due."""

    purchase_mode = ChoiceField(
        _l("Fees of reserved instances and savings plans"),
        choices=[(mode.value, label) for mode, label in MODES.items()],
        required=True,
        description=_l(
            "What a customer's account paid for a commitment. With either fee, covered usage carries only what is paid "
            "month by month, so nothing is billed twice."
        ),
    )
    includes_marketplace = SwitchField(
        _l("Marketplace fees are on the statement"),
        description=_l("Third parties' products that customers buy through a provider's marketplace."),
    )
    credits_lower_tax_base = SwitchField(
        _l("Credits lower the tax base"),
        description=_l(
            "On: a customer's credits are taken off before tax, so less is taxed. Off: tax is on the whole, and "
            "credits pay a part of what is due after it. Ask your tax adviser which one your credits are."
        ),
    )
    billed_cost_providers = CheckList(
        _l("Seller cost as billed"),
        depends=True,
        choices=[],
        description=_l(
            "For these providers your cost is what a month's bill says. For all others a fee paid in advance is spread "
            "over the months it is for."
        ),
    )
    counts_from = CountsFromField()

    payment_term = ChoiceField(
        _l("Due"), choices=[(term.value, label) for term, label in TERMS.items()], required=True
    )
    payment_days = WholeNumberField(_l("Days"), lowest=0, highest=365)
    number_format = Text(
        _l("Number format"),
        required=True,
        longest=LONGEST_FORMAT,
        sentence=_l("Enter a format such as {year}-{number:5}."),
        description=_l(
            "{number:5} is the counter with five digits; {year} and {month} are those of the day of issue."
        ),
    )
    next_number = WholeNumberField(
        _l("Next number"),
        lowest=1,
        highest=LARGEST_NUMBER,
        description=_l("The counter goes up by one with every statement, and never back."),
    )
    notes = LongText(
        _l("Notes"),
        longest=2000,
        description=_l("Printed at the end of every statement: how to pay, your bank, your tax number."),
    )
    groups_by_account = SwitchField(
        _l("Group lines by cloud account"), description=_l("Each account has its own lines and its own sum.")
    )
    shows_custom_fields = SwitchField(
        _l("Custom fields on the statement"),
        description=_l(
            "Those that are in reports: the customer's in the header, those of accounts beside each."
        ),
    )
    page_size = ChoiceField(_l("Paper"), choices=[(one.value, one.value) for one in PageSize], required=True)

    def offer(self, row: InvoiceOptions | None) -> None:
        """Fill the providers in, and, for a first look, what holds until the reseller decides otherwise."""
        self.billed_cost_providers.choices = [(one.code, one.name) for one in resold_providers()]
        if row is None and request.method == "GET":
            for name, value in {**options.DEFAULTS, **options.ISSUE_DEFAULTS}.items():
                self[name].data = value
        for name in ("purchase_mode", "payment_term", "page_size"):
            self[name].data = getattr(self[name].data, "value", self[name].data)

    @property
    def values(self) -> dict[str, Any]:
        """What was chosen, by the names of the columns."""
        return {
            **{name: self[name].data for name in (*options.DEFAULTS, *options.ISSUE_DEFAULTS)},
            "purchase_mode": PurchaseMode(self.purchase_mode.data),
            "payment_term": PaymentTerm(self.payment_term.data),
            "page_size": PageSize(self.page_size.data),
            "billed_cost_providers": sorted(self.billed_cost_providers.data or []),
            "notes": self.notes.data or "",
        }
