"""Proving an address: the link that a sign-up is mailed, and a new one for whoever lost it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from werkzeug.security import check_password_hash

from app.approvals.models import ADDRESS_PROVEN
from app.audit.log import because, discreetly, record
from app.customers.models import Customer, CustomerStatus
from app.errors import Invalid, WrongState
from app.extensions import db
from app.portal.signals import email_validation_asked
from app.portal.signup.links import expiry_of_a_link, hash_of, is_secret_of, new_secret
from app.portal.signup.models import EmailValidation
from app.portal.signup.services import APPLICANT, VISITOR, receive
from app.security.models import User, UserStatus
from app.settings.queries import storefront_settings
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, current_scope, reseller_scope, use_scope

LONGEST_TOKEN = 100


def find_validation(
    token: str, *, reseller: Reseller, now: datetime.datetime, hold: bool = False
) -> EmailValidation | None:
    """Return what an unused, unexpired link of this reseller's storefront proves, None for any other.

    With ``hold`` the row is locked until the commit and read as it is now, for whoever uses the link up.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    query = select(EmailValidation).where(
        EmailValidation.token_hash == hash_of(token), EmailValidation.expires_at > now
    )
    if hold:
        query = query.with_for_update(of=EmailValidation).execution_options(populate_existing=True)
    with reseller_scope(reseller.id):
        return db.session.scalars(query).one_or_none()


def is_from_browser(validation: EmailValidation, browser: str) -> bool:
    """Is this the browser that signed up?"""
    return is_secret_of(browser, validation.browser_hash)


def prove_address(
    token: str,
    *,
    reseller: Reseller,
    browser: str,
    password: str,
    address: str,
    now: datetime.datetime,
) -> Any:
    """Use a link up: the address is proven, and the sign-up goes before the reseller. Returns the login.

    In another browser than the one that signed up ``password`` has to be the one that was chosen there. Raises
    ``WrongState`` for a link that is of no use any more.
    """
    validation = find_validation(token, reseller=reseller, now=now, hold=True)
    if validation is None:
        raise WrongState(_("This link was used already or has expired. Ask for a new one."))
    with reseller_scope(reseller.id):
        user = db.session.get(User, validation.user_id)
        customer = db.session.get(Customer, validation.customer_id)
        if user is None or customer is None or user.status is not UserStatus.PENDING_EMAIL_VALIDATION:
            raise WrongState(_("This link was used already or has expired. Ask for a new one."))
        if not is_from_browser(validation, browser) and not check_password_hash(user.password, password):
            raise Invalid(_("This is not the password that was chosen at sign-up."), field="password")
        with use_scope(replace(current_scope(), actor=Actor(user.id, APPLICANT, address))):
            details = dict(validation.details) | {ADDRESS_PROVEN: "yes"}
            with discreetly(), because("address_proven"):
                user.status = UserStatus.PENDING_APPROVAL
                db.session.delete(validation)
            receive(user, customer, details, storefront_settings(), now=now)
    return user


def take_word_for(user: Any, *, now: datetime.datetime, **_more: Any) -> None:
    """Let the reseller's word prove the address of a sign-up, and put it before the reseller like any other."""
    if user.customer_id is None:  # only customers' people sign up
        return
    query = select(EmailValidation).where(EmailValidation.user_id == user.id)
    validation = db.session.scalars(query).one_or_none()
    customer = db.session.get(Customer, validation.customer_id) if validation is not None else None
    if validation is None or customer is None:
        return
    details = dict(validation.details)
    with discreetly(), because("address_proven"):
        db.session.delete(validation)
        db.session.flush()
    if customer.status is CustomerStatus.PENDING:
        receive(user, customer, details, storefront_settings(), now=now)


def send_again(email: str, *, reseller: Reseller, address: str, now: datetime.datetime) -> None:
    """Mail a new link to whoever signed up here with this address and has not proven it; the old one stops working.

    Nothing tells the asker whether that is so: no answer, and as little as possible how long it takes.
    """
    token = new_secret()
    with reseller_scope(reseller.id, actor=Actor(None, VISITOR, address)):
        record("link_asked", noun="signup")
        query = (
            select(EmailValidation, User)
            .join(User, User.id == EmailValidation.user_id)
            .where(User.email == email, User.status == UserStatus.PENDING_EMAIL_VALIDATION)
        )
        found = db.session.execute(query).one_or_none()
        validation, user = found if found is not None else (None, None)
        db.session.execute(  # for nobody too
            update(EmailValidation)
            .where(EmailValidation.id == (validation.id if validation is not None else 0))
            .values(token_hash=hash_of(token), expires_at=expiry_of_a_link(now))
            .execution_options(synchronize_session=False)
        )
        email_validation_asked.send(user, token=token, expires_at=expiry_of_a_link(now), now=now)
