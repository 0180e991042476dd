"""The words of a document, in the language of whoever gets it: no request, no browser, no reader's settings.

``N_`` marks a text for the catalogues. What is printed goes through a ``Translate``: a function from the English text
to that of the document's language.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

Translate = Callable[[str], str]

_CATALOGS = Path(__file__).parents[3] / "translations"


def N_(text: str) -> str:  # noqa: N802 - the name under which the catalogues look for texts
    """Return the text as it is."""
    return text


@lru_cache(maxsize=32)
def translator(language: str) -> Translate:
    """Return what puts a text into a language; a language without a catalogue gets English."""
    found = gettext.translation("messages", str(_CATALOGS), [language.replace("-", "_")], fallback=True)
    return found.gettext


TITLES = {
    "usage": N_("Statement"),
    "fees": N_("Statement of fees"),
    "credit_note": N_("Credit note"),
}

DRAFT = N_("Draft")
VOID = N_("Void")
ESTIMATED = N_("Estimated")

SAYS_DRAFT = N_("This is a draft. It asks for no payment.")
SAYS_VOID = N_("This document is void. It asks for no payment.")
SAYS_ESTIMATED = N_("The month is not closed by the provider yet. Amounts may still change.")
SAYS_CORRECTS = N_("This document corrects %(number)s.")

NUMBER = N_("Document number")
CUSTOMER_NUMBER = N_("Customer number")
EXTERNAL_ID = N_("Reference")
PERIOD = N_("Billing period")
ISSUED = N_("Issued on")
DUE = N_("Due on")
CORRECTS = N_("Corrects")
CURRENCY = N_("Currency")
BILLED_TO = N_("Billed to")
FIRST_DAY = N_("First day")
LAST_DAY = N_("Last day")

TOTAL_DUE = N_("Total due")
TOTAL = N_("Total")
PAY_BY = N_("Payable by %(date)s")
AT_A_GLANCE = N_("At a glance")
USAGE = N_("Usage")
CHARGES = N_("Charges and support")
DISCOUNTS = N_("Discounts")
CORRECTIONS = N_("Corrections")
CHARGES_AND_DISCOUNTS = N_("Charges and discounts")
ADJUSTMENT = N_("Discount or uplift")
CREDITS = N_("Credits")
FURTHER = N_("Charges, discounts and credits")
BEFORE_TAX = N_("Total before tax")
TAXES = N_("Taxes")
TAX = N_("Tax")
RATE = N_("Rate")
TAXABLE = N_("Taxable amount")
EXCHANGE_RATES = N_("Exchange rates")
NOTES = N_("Notes")

DESCRIPTION = N_("Description")
DETAIL = N_("Detail")
QUANTITY = N_("Quantity")
UNIT = N_("Unit")
UNIT_PRICE = N_("Unit price")
PERCENT = N_("Percent")
AMOUNT = N_("Amount")
SUBTOTAL_OF = N_("Subtotal %(name)s")
TOTAL_OF = N_("Total %(name)s")

PAGE = N_("Page %(page)s of %(pages)s")

PART = N_("Part")
PROVIDER = N_("Provider")
ACCOUNT = N_("Account")
ACCOUNT_ID = N_("Account ID")
DOCUMENT = N_("Document")
STATE = N_("State")
FINAL = N_("Final")
LINES = N_("Lines")
SUMMARY = N_("Summary")
SELLER = N_("Seller")
