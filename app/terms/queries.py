"""Named reads of terms and acceptances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import selectinload, undefer

from app.customers.models import Customer
from app.errors import NotVisible
from app.extensions import db
from app.security.models import User, UserStatus
from app.terms.models import TermsAcceptance, TermsVersion


@dataclass(frozen=True, slots=True)
class AcceptanceFilter:
    """What the report was asked for. ``number`` is a version's, or nothing."""

    text: str = ""
    number: int | None = None


def current_terms() -> TermsVersion | None:
    """Return the version in force of the reseller in scope, None where nothing was published yet."""
    query = (
        select(TermsVersion)
        .where(TermsVersion.number.is_not(None))
        .order_by(TermsVersion.number.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def the_draft() -> TermsVersion | None:
    """Return the draft of the reseller in scope, with its texts."""
    query = select(TermsVersion).where(TermsVersion.number.is_(None)).options(undefer(TermsVersion.texts))
    return db.session.scalars(query).one_or_none()


def published_versions() -> Sequence[TermsVersion]:
    """Return what was published, newest first."""
    query = select(TermsVersion).where(TermsVersion.number.is_not(None)).order_by(TermsVersion.number.desc())
    return db.session.scalars(query).all()


def find_version(version_id: int) -> TermsVersion:
    """Return a published version; raises ``NotVisible`` for drafts and for what the scope in force does not see."""
    found: TermsVersion | None = db.session.get(TermsVersion, version_id) if 0 < version_id < 2**31 else None
    if found is None or found.is_draft:
        raise NotVisible
    return found


def acceptance_counts() -> dict[int, int]:
    """Return version's id -> how many people accepted it."""
    query = select(TermsAcceptance.terms_version_id, func.count(TermsAcceptance.id)).group_by(
        TermsAcceptance.terms_version_id
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def acceptances(wanted: AcceptanceFilter) -> Select[tuple[TermsAcceptance]]:
    """Return acceptances, newest first."""
    query = select(TermsAcceptance).order_by(TermsAcceptance.accepted_at.desc(), TermsAcceptance.id.desc())
    if wanted.text:
        columns = (TermsAcceptance.person_name, TermsAcceptance.person_email, TermsAcceptance.organization)
        query = query.where(or_(*(one.icontains(wanted.text, autoescape=True) for one in columns)))
    if wanted.number is not None:
        query = query.join(TermsAcceptance.terms).where(TermsVersion.number == wanted.number)
    return query


def _has_accepted(terms: TermsVersion) -> Any:
    return exists().where(TermsAcceptance.user_id == User.id, TermsAcceptance.terms_version_id == terms.id)


def people_without(terms: TermsVersion, *, text: str = "") -> Select[tuple[Any]]:
    """Return the customers' people who may sign in and have not accepted ``terms``, by name."""
    query = select(User).where(
        User.customer_id.is_not(None), User.status == UserStatus.ACTIVE, ~_has_accepted(terms)
    )
    if text:
        columns = (User.first_name, User.last_name, User.email)
        companies = select(Customer.id).where(Customer.organization.icontains(text, autoescape=True))
        query = query.where(
            or_(User.customer_id.in_(companies), *(one.icontains(text, autoescape=True) for one in columns))
        )
    return query.options(selectinload(User.roles)).order_by(User.first_name, User.last_name, User.id)


def companies_of(people: Iterable[Any]) -> dict[int, str]:
    """Return what the companies of these people are called, by the customer's id."""
    query = select(Customer.id, Customer.organization).where(
        Customer.id.in_({one.customer_id for one in people})
    )
    return {row.id: row.organization for row in db.session.execute(query)}


def count_people() -> int:
    """Return how many of the customers' people may sign in: whoever a new version is asked of."""
    query = select(func.count(User.id)).where(User.customer_id.is_not(None), User.status == UserStatus.ACTIVE)
    return db.session.scalar(query) or 0


def has_acceptance(user_id: int, terms: TermsVersion) -> bool:
    """Has this login accepted this version?"""
    query = select(TermsAcceptance.id).where(
        TermsAcceptance.user_id == user_id, TermsAcceptance.terms_version_id == terms.id
    )
    return db.session.scalar(query) is not None
