"""Sign-ups whose address nobody proved are taken away again, with everything that was entered."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import because, discreetly
from app.customers.lifecycle import remove_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.registry import has_history
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.portal.signals import signup_forgotten
from app.portal.signup.models import EmailValidation
from app.security.models import User, UserStatus
from app.tenancy.scope import reseller_scope
from app.terms.models import TermsAcceptance


def forget(validation: EmailValidation, *, now: datetime.datetime) -> bool:
    """Take a sign-up away that nobody proved, with everything that was entered. Needs the system's scope.

    False where its link was used at this very moment: then nothing is taken away.

    A customer with whom the reseller has done something meanwhile stays, without the login. A login that the reseller
    has let in by hand is no sign-up any more: only its link goes.
    """
    still_there = (
        select(EmailValidation.id)
        .where(EmailValidation.id == validation.id)
        .with_for_update(of=EmailValidation)
    )
    if db.session.scalars(still_there).one_or_none() is None:
        return False
    with reseller_scope(validation.reseller_id), discreetly(), because("signup_forgotten"):
        user = db.session.get(User, validation.user_id)
        customer = db.session.get(Customer, validation.customer_id)
        if user is not None and not _is_still_a_signup(user, customer):
            db.session.delete(validation)
            return True
        email = user.email if user is not None else ""
        for row in db.session.scalars(
            select(TermsAcceptance).where(TermsAcceptance.user_id == validation.user_id)
        ):
            db.session.delete(row)
        db.session.delete(validation)
        if user is not None:
            user.roles = []
            db.session.flush()
            db.session.delete(user)
        db.session.flush()
        if customer is not None and customer.status is CustomerStatus.PENDING and not _is_in_use(customer):
            remove_customer(customer)
    signup_forgotten.send(email, reseller_id=validation.reseller_id, now=now)
    return True


def _is_still_a_signup(user: Any, customer: Customer | None) -> bool:
    """Has nobody decided about the login? Who was suspended before the address was proven has proven nothing."""
    if user.status is UserStatus.SUSPENDED:
        return customer is None or customer.status is CustomerStatus.PENDING
    return user.status is UserStatus.PENDING_EMAIL_VALIDATION


def _is_in_use(customer: Customer) -> bool:
    """Has the reseller done something with a customer whose address is not proven?"""
    if db.session.scalar(select(User.id).where(User.customer_id == customer.id).limit(1)) is not None:
        return True
    query = select(Customer.id).where(Customer.id == customer.id, has_history())
    return db.session.scalar(query, {"this_customer": customer.id}) is not None


def keep_unproven(customers: Sequence[Customer]) -> None:
    """Raise ``WrongState`` for customers whose address nobody proved: restored, they would be active undecided."""
    pending = [one.id for one in customers if one.status is CustomerStatus.PENDING]
    if not pending:
        return
    query = (
        select(Customer.organization)
        .join(EmailValidation, EmailValidation.customer_id == Customer.id)
        .where(Customer.id.in_(pending))
    )
    name = db.session.scalars(query.order_by(Customer.id).limit(1)).first()
    if name is not None:
        raise WrongState(
            _(
                "%(name)s signed up and has not confirmed the address yet, so it cannot be archived. Delete it, or "
                "leave it: what nobody confirms is removed by itself.",
                name=name,
            )
        )


def forget_mails_of(customer: Customer) -> None:
    """Have the mails of a sign-up forgotten that somebody deletes before its address is proven."""
    query = (
        select(User.email)
        .join(EmailValidation, EmailValidation.user_id == User.id)
        .where(EmailValidation.customer_id == customer.id)
    )
    for email in db.session.scalars(query).all():
        signup_forgotten.send(email, reseller_id=customer.reseller_id, now=utc_now())


def make_way(user: Any) -> None:
    """Take away the sign-up behind a login whose address nobody proved: it belongs to nobody. In the system's scope."""
    query = select(EmailValidation).where(EmailValidation.user_id == user.id)
    validation = db.session.scalars(query).one_or_none()
    if validation is not None and user.status is UserStatus.PENDING_EMAIL_VALIDATION:
        forget(validation, now=utc_now())


def stale_validations(*, now: datetime.datetime, limit: int = 200) -> Sequence[int]:
    """Return the sign-ups, of all resellers, whose link ended long enough ago. Needs the system's scope."""
    query = (
        select(EmailValidation.id)
        .where(EmailValidation.expires_at < now - current_app.config["UNPROVEN_SIGNUP_KEPT"])
        .order_by(EmailValidation.expires_at)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def forget_stale(validation_id: int, *, now: datetime.datetime) -> bool:
    """Forget one of the above, unless somebody asked for a new link meanwhile. Needs the system's scope."""
    query = (
        select(EmailValidation)
        .where(
            EmailValidation.id == validation_id,
            EmailValidation.expires_at < now - current_app.config["UNPROVEN_SIGNUP_KEPT"],
        )
        .with_for_update(of=EmailValidation, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    validation = db.session.scalars(query).one_or_none()
    if validation is None:
        return False
    return forget(validation, now=now)
