"""What a statement asks of settings, in one place: Invoice Options and exchange rates, as they count."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from app.custom_fields.models import CustomFieldDefinition
from app.exchange_rates.queries import rates_in, stored_rates
from app.providers.models import Provider
from app.rating.commitments import PurchaseMode, SellerCost
from app.rating.exchange import ExchangeRate
from app.settings import invoice_options
from app.settings.models import PaymentTerm
from app.statements.paper import PageSize


@dataclass(frozen=True, slots=True)
class Options:
    """How the statements of a month are made; what moves money as it counts in the month, the rest as it is today."""

    credits_lower_tax: bool
    purchase_mode: PurchaseMode
    includes_marketplace: bool
    billed_cost_providers: frozenset[str]
    payment_term: PaymentTerm
    payment_days: int
    notes: str
    groups_by_account: bool
    shows_custom_fields: bool
    page_size: PageSize

    def seller_cost(self, provider: Provider) -> SellerCost:
        """Return what counts as the reseller's cost at a provider."""
        is_billed = provider.code in self.billed_cost_providers
        return SellerCost.BILLED if is_billed else SellerCost.EFFECTIVE

    def due_on(self, issued_on: datetime.date) -> datetime.date:
        """Return when a statement that is issued on a day has to be paid."""
        return invoice_options.due_on(issued_on, self.payment_term, self.payment_days)


def options_in(month: datetime.date) -> Options:
    """Return the options for the statements of a month that are issued now."""
    said, at_issue = invoice_options.options_in(month), invoice_options.options_at_issue()
    size: PageSize = "Letter" if at_issue["page_size"].value.lower() == "letter" else "A4"
    return Options(
        credits_lower_tax=bool(said["credits_lower_tax_base"]),
        purchase_mode=PurchaseMode(said["purchase_mode"]),
        includes_marketplace=bool(said["includes_marketplace"]),
        billed_cost_providers=frozenset(said["billed_cost_providers"]),
        payment_term=at_issue["payment_term"],
        payment_days=at_issue["payment_days"],
        notes=at_issue["notes"],
        groups_by_account=at_issue["groups_by_account"],
        shows_custom_fields=at_issue["shows_custom_fields"],
        page_size=size,
    )


def billed_cost_providers(months: Iterable[datetime.date]) -> set[str]:
    """Return the codes of the providers whose cost counts as billed in any of some months."""
    return {
        code for said in invoice_options.options_of(months).values() for code in said["billed_cost_providers"]
    }


def exchange_rates_in(month: datetime.date) -> tuple[ExchangeRate, ...]:
    """Return the exchange rates of a month, of every pair that has one."""
    return rates_in(month)


def rate_ids(month: datetime.date, used: tuple[ExchangeRate, ...]) -> list[int]:
    """Return the rows of the rates that a statement used, so that they are locked with it."""
    pairs = {(one.from_currency, one.to_currency) for one in used}
    return [one.id for one in stored_rates(month) if (one.from_currency, one.to_currency) in pairs]


def is_printed(field: CustomFieldDefinition) -> bool:
    """Does a custom field of customers stand in the head of statements, where they are shown at all?"""
    return field.in_billing_reports and not field.is_retired


def take_number(issued_on: datetime.date) -> str:
    """Return the reseller's next number; whoever comes next waits for the commit, so none is skipped or given twice."""
    return invoice_options.take_number(issued_on)
