"""The customer's own credits: amounts and where they went, never the reseller's comment."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from app.credits.queries import CreditRow, credit_page, open_totals
from app.kernel.pagination import Page, PageRequest
from app.shell.formats import money_text
from app.tenancy.scope import current_scope


@dataclass(frozen=True, slots=True)
class PortalCredit:
    """A credit as the portal shows it; amounts are texts with their currency."""

    granted_at: datetime.datetime
    first_month: datetime.date | None
    amount: str
    used: str
    left: str
    statements: tuple[str, ...]


def open_credit_text() -> str:
    """Return ``EUR 110.00``: what is left of all credits of the signed-in person's company; empty for nothing."""
    customer_id = current_scope().customer_id
    totals = open_totals(customer_id) if customer_id else {}
    return " + ".join(money_text(total, currency) for currency, total in totals.items())


def own_credits(wanted: PageRequest) -> Page[PortalCredit]:
    """Return one page of the company's credits, the newest first. What was taken back counts as never granted."""
    page = credit_page(current_scope().customer_id or 0, wanted, without_reversed=True)
    return Page(page.number, page.size, page.total, [_shown(one) for one in page.items])


def _shown(row: CreditRow) -> PortalCredit:
    credit = row.credit
    return PortalCredit(
        credit.granted_at,
        credit.first_month,
        money_text(credit.amount - row.reversed, credit.currency),
        money_text(row.used, credit.currency) if row.used else "",
        money_text(row.left, credit.currency),
        tuple(one.statement for one in row.uses if not one.is_released),
    )
