"""Figures of reports as people and files read them: the head of a column names what its amounts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.rating.money import round_money
from app.rating.months import first_day
from app.reports.costs import Costs, Wanted
from app.reports.tables import figure_of
from app.shell.formats import integer_text, money_text, number_text, share_text
from app.statements.ports import billed_cost_providers
from app.statements.words import unit_word

_QUANTITY = Decimal("0.0001")


def figure_words() -> dict[str, str]:
    """Return what the columns of figures are called."""
    return {
        "seller_cost": _("Seller cost"),
        "customer_cost": _("Customer cost"),
        "margin": _("Margin"),
        "margin_percent": _("Margin, percent"),
        "quantity": _("Quantity"),
        "lines": _("Lines of the bill"),
    }


def basis_words(wanted: Wanted) -> dict[str, str]:
    """Return what the figures are made of: the seller cost as Invoice Options have it for the days asked for."""
    ends = {first_day(wanted.first), first_day(wanted.last)}
    billed = billed_cost_providers(ends)
    if wanted.provider is not None:
        seller = _("as billed") if wanted.provider.code in billed else _("effective, amortised")
    elif billed:
        seller = _("effective; some as billed")
    else:
        seller = _("effective, amortised")
    return {
        "seller_cost": seller,
        "customer_cost": _("priced by pricebook"),
        "margin": _("customer less seller cost"),
        "margin_percent": _("of customer cost"),
        "quantity": _("where units agree"),
        "lines": _("summed up"),
    }


def figure_text(costs: Costs, column: str, currency: str) -> str:
    """Return a figure as it stands in a table, without its currency, which the head names."""
    if column == "margin_percent":
        return share_text(costs.margin_percent) or "–"
    if column == "quantity":
        return quantity_text(costs.quantity, costs.unit)
    if column == "lines":
        return integer_text(costs.lines)
    return amount_in(figure_of(costs, column), currency)


def quantity_text(quantity: Decimal | None, unit: str) -> str:
    """Return a quantity with its unit; a dash where units differ."""
    if not unit or quantity is None:
        return "–"
    return f"{number_text(quantity.quantize(_QUANTITY))} {unit_word(unit)}"


def amount_in(value: Decimal, currency: str) -> str:
    """Return an amount with as many decimals as its currency has, the currency left to the head."""
    return money_text(round_money(value, currency), currency).removeprefix(f"{currency} ")


def figure_cell(costs: Costs, column: str) -> Any:
    """Return a figure as a file holds it: exact, as it was added up."""
    if column == "quantity":
        return plain_number(costs.quantity) if costs.unit else None
    if column == "margin_percent":
        return costs.margin_percent
    value = figure_of(costs, column)
    return value if isinstance(value, int) else plain_number(value)


def plain_number(value: Decimal) -> Decimal:
    """Return the number without zeros at its end."""
    shorter = value.normalize()
    exponent = shorter.as_tuple().exponent
    return shorter.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else shorter


def file_head(columns: Sequence[str], basis: dict[str, str]) -> list[str]:
    """Return the titles of the columns of figures in a file, with what they are made of."""
    words = figure_words()
    found = []
    for one in columns:
        found.append(f"{words[one]} ({basis[one]})")
        if one == "quantity":
            found.append(_("Unit"))
    return found
