"""What is mailed about budgets: to whom the budget names, else to whom the reseller's mails go."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.extensions import db
from app.notifications import pages
from app.notifications.post import Recipient, mail
from app.reports.models import BudgetCrossing
from app.reports.signals import budget_crossed
from app.shell.formats import days_text, money_text
from app.tenancy.models import Reseller


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    budget_crossed.connect(mail_crossing)


def mail_crossing(
    crossing: BudgetCrossing,
    *,
    name: str,
    whose: str,
    limit: Decimal,
    last: datetime.date,
    recipients: Sequence[str],
    now: datetime.datetime,
    **_more: Any,
) -> None:
    """Tell that a threshold was crossed; once, because a crossing is noted once."""
    reseller = db.session.get_one(Reseller, crossing.reseller_id)
    language = reseller.language_codes[0] if reseller.language_codes else ""
    with force_locale(language or "en"):
        values = {
            "BUDGET": name or _("Spend threshold"),
            "ORGANIZATION": whose or reseller.name,
            "PERIOD": days_text(crossing.first_on, last),
            "SPENT": money_text(crossing.spent, crossing.currency),
            "THRESHOLD": money_text(limit, crossing.currency),
            "LINK": pages.budget_page(crossing.budget_id)
            if crossing.budget_id
            else pages.customer_page(crossing.customer_id or 0),
        }
    mail(
        "budget_exceeded",
        reseller=reseller,
        to=[Recipient(one, language=language) for one in recipients],
        values=values,
        key=str(crossing.id),
        now=now,
    )
