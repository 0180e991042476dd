"""What this slice shows of a customer: its section, with the number of credits that something is left of."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.credits.models import Credit, CreditEntry
from app.customers.registry import THIS_CUSTOMER, Section, add_history, add_section
from app.rating.money import ZERO

_OPEN = (
    select(CreditEntry.credit_id)
    .where(CreditEntry.customer_id == THIS_CUSTOMER)
    .group_by(CreditEntry.credit_id)
    .having(func.sum(CreditEntry.change) > ZERO)
)
_OPEN_CREDITS = select(func.count(Credit.id)).where(Credit.customer_id == THIS_CUSTOMER, Credit.id.in_(_OPEN))
_FIRST_CREDIT = select(Credit.id).where(Credit.customer_id == THIS_CUSTOMER).limit(1)


def announce() -> None:
    """Announce all of it. A customer with credits has history: it is archived, never deleted."""
    add_section(
        Section(
            "credits",
            _l("Credits"),
            "coins",
            "CustomerCreditsView.show",
            ("show", "CustomerCredits"),
            80,
            in_billing_folder=True,
            count=_OPEN_CREDITS.scalar_subquery(),
            records=("credit",),
        )
    )
    add_history("credits", _FIRST_CREDIT.scalar_subquery())
