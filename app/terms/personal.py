"""What a person accepted, as its data: handed out, and kept without the name."""

from __future__ import annotations

from typing import Any

from flask_babel import ngettext
from sqlalchemy import func, select

from app.audit.log import discreetly
from app.extensions import db
from app.security.personal_data import Pseudonym, moment
from app.terms.models import TermsAcceptance


def acceptances_of(user: Any) -> list[dict[str, Any]]:
    """Return which versions the person accepted, when and from where. Customers' people accept terms, nobody else."""
    if user.customer_id is None:
        return []
    query = select(TermsAcceptance).where(TermsAcceptance.user_id == user.id).order_by(TermsAcceptance.id)
    return [
        {
            "version": one.terms.number,
            "accepted_at": moment(one.accepted_at),
            "organization": one.organization,
            "name": one.person_name,
            "email": one.person_email,
            "address": one.address,
        }
        for one in db.session.scalars(query)
    ]


def harm_to_acceptances(user: Any) -> str:
    """Say how many acceptances lose their name."""
    if user.customer_id is None:
        return ""
    query = select(func.count(TermsAcceptance.id)).where(TermsAcceptance.user_id == user.id)
    found = db.session.scalar(query) or 0
    if not found:
        return ""
    return ngettext(
        "%(num)s acceptance of terms keeps version, time and company, and loses name and addresses.",
        "%(num)s acceptances of terms keep version, time and company, and lose name and addresses.",
        found,
    )


def forget_acceptances(user: Any, pseudonym: Pseudonym) -> None:
    """Take name and addresses from what the person accepted. That the company's person accepted it stays."""
    query = select(TermsAcceptance).where(TermsAcceptance.user_id == user.id)
    with discreetly():
        for one in db.session.scalars(query):
            one.person_name, one.person_email, one.address = pseudonym.name, pseudonym.address, ""
