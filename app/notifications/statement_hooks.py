"""What is mailed about statements: to the customer's people who see them. Runs in the transaction that issues."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from app.customers.models import Customer
from app.extensions import db
from app.notifications import pages
from app.notifications.post import Recipient, mail, recipient_of
from app.notifications.render import language_of
from app.security.models import User, UserStatus
from app.shell.formats import money_text, month_text
from app.statements.models import Statement
from app.statements.signals import statement_issued
from app.statements.words import kind_word


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    statement_issued.connect(mail_statement)


def mail_statement(statement: Statement, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell the customer that a statement can be seen; each in the own language."""
    customer = statement.customer
    for language, people in _readers(customer).items():
        with force_locale(language):
            values = {
                "ORGANIZATION": customer.organization,
                "DOCUMENT": str(kind_word(statement)),
                "STATEMENT": statement.number,
                "MONTH": month_text(statement.month),
                "AMOUNT": money_text(statement.total, statement.currency),
                "LINK": pages.portal_statement(customer.reseller, statement.id),
            }
        mail(
            "statement_published",
            reseller=customer.reseller,
            to=people,
            values=values,
            key=str(statement.id),
            now=now,
        )


def _readers(customer: Customer) -> dict[str, list[Recipient]]:
    """Return who gets a customer's statements, by language: its people who see them, else its own address."""
    query = (
        select(User)
        .where(
            User.customer_id == customer.id,
            User.status == UserStatus.ACTIVE,
            User.sees_statements.is_(True),
        )
        .order_by(User.id)
    )
    people = [recipient_of(one) for one in db.session.scalars(query)]
    found: dict[str, list[Recipient]] = {}
    for one in people or [Recipient(customer.email, customer.contact_name)]:
        # Figures and words of a mail are in one language: who chose none reads the customer's.
        language = language_of(one.language or customer.language, customer.reseller)
        found.setdefault(language, []).append(replace(one, language=language))
    return found
