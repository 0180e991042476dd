"""What a plan costs, in one line of words."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _

from app.rating.plans import Frequency, Plan, PlanType
from app.shell.formats import money_text, number_text, percent_text


def money_words(currency: str, amount: Decimal | None) -> str:
    """Return ``EUR 1,204.00``, which no line breaks apart."""
    return money_text(amount, currency).replace(" ", "\u00a0", 1)


def price_words(plan: Plan) -> str:
    """Return ``10 %``, ``EUR 49.00 a month`` or ``3 % to 10 %, at least USD 100.00``."""
    if plan.type is PlanType.FIXED:
        amount = money_words(plan.currency, plan.amount)
        price = (
            _("%(amount)s once", amount=amount)
            if plan.frequency is Frequency.ONE_TIME
            else _("%(amount)s a month", amount=amount)
        )
    elif plan.type is PlanType.PERCENT:
        price = percent_text(plan.percent)
    else:
        rates = sorted(one.percent for one in plan.bands if one.percent is not None)
        if not rates:
            price = _("tiered amounts")
        elif rates[0] == rates[-1]:
            price = percent_text(rates[0])
        else:
            price = _("%(low)s to %(high)s", low=number_text(rates[0]), high=percent_text(rates[-1]))
    if plan.minimum is not None:
        price = _(
            "%(price)s, at least %(amount)s", price=price, amount=money_words(plan.currency, plan.minimum)
        )
    return price
