"""What a statement asks of settings, each in one place with what holds until somebody decides."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from app.providers.models import Provider
from app.rating.commitments import PurchaseMode, SellerCost
from app.rating.exchange import ExchangeRate
from app.settings import invoice_options
from app.statements.paper import PageSize


@dataclass(frozen=True, slots=True)
class Options:
    """How the statements of a month are made.

    ``term_days``: to be paid so many days after the day of issue. ``number_format``: ``{number}`` is the next of the
    reseller's numbers, ``{year}`` and ``{month}`` those of the day of issue. ``header_fields``: names of the customer's
    custom fields.
    """

    credits_lower_tax: bool = True
    purchase_mode: PurchaseMode = PurchaseMode.AMORTISED
    term_days: int = 30
    notes: str = ""
    number_format: str = "S-{number:05}"
    first_number: int = 1
    groups_by_account: bool = True
    header_fields: tuple[str, ...] = ()
    page_size: PageSize = "A4"


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """How one provider's usage is billed, for all customers."""

    includes_marketplace: bool = True
    seller_cost: SellerCost = SellerCost.EFFECTIVE


def options_in(month: datetime.date) -> Options:
    """Return the options that count in a month."""
    said = invoice_options.options_in(month)
    return Options(credits_lower_tax=bool(said["credits_lower_tax_base"]))


def exchange_rates_in(month: datetime.date) -> tuple[ExchangeRate, ...]:
    """Return the exchange rates of a month, of every pair that has one."""
    return ()


def provider_options_in(provider: Provider, month: datetime.date) -> ProviderOptions:
    """Return how a provider's usage is billed in a month."""
    return ProviderOptions()
