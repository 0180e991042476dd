"""What a sign-up does, and what it tells nobody.

Whoever signs up gets the same answer after about the same work, whether the address is new, has a login anywhere on the
platform, or may not sign up: what a new customer needs is then written for nobody and taken back. Inside, each case
leaves what helps: a pending customer; a mail to the login that is there; an entry in the change log.

An address is compared without a tag (``ada+x@example.com`` is ``ada@example.com``). One that nobody has proven belongs
to nobody: the next sign-up with it, here or at another reseller, takes its place.

Until a sign-up is approved the change log holds neither its names nor its values (``discreetly``).
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.approvals.models import ApprovalRequest, RequestType
from app.approvals.services import open_request
from app.audit.log import because, discreetly, record
from app.customers.lifecycle import activate_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer, free_organization
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.domains import domain_of, without_tag
from app.portal.signals import email_validation_asked, signup_known_address, signup_received
from app.portal.signup.forgetting import forget
from app.portal.signup.links import expiry_of_a_link, hash_of, new_secret
from app.portal.signup.models import EmailValidation
from app.security import accounts
from app.security.models import User, UserStatus
from app.security.passwords import check_password
from app.security.policy import policy_of
from app.security.roles import RoleName
from app.settings.models import StorefrontSettings
from app.settings.queries import storefront_settings
from app.settings.storefront import may_sign_up
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, current_scope, reseller_scope, system_scope, use_scope
from app.terms.models import TermsVersion
from app.terms.queries import current_terms
from app.terms.services import accept

#: How the change log names people whose names it must not keep, and what nobody decided.
VISITOR, APPLICANT, AUTOMATIC = "Visitor", "Applicant", "Automatic approval"

#: What the form asks for, as ``customers.services.INFORMATION_FIELDS`` calls it.
FIELDS = (
    "organization",
    "contact_name",
    "contact_title",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "state",
    "country",
)
REQUIRED_ADDRESS = ("street", "postal_code", "city")


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody filled in. ``values`` holds ``FIELDS``, ``providers`` codes, ``terms_id`` what was accepted."""

    values: Mapping[str, str]
    password: str
    language: str
    providers: Sequence[str] = ()
    terms_id: int | None = None

    @property
    def email(self) -> str:
        return self.values["email"]


def sign_up(
    *, reseller: Reseller, entered: Entered, browser: str, address: str, now: datetime.datetime
) -> None:
    """Take a sign-up at this reseller's storefront. Tells nothing of what became of it.

    ``browser`` is a secret that this browser keeps. Raises ``Invalid`` for what anybody may know to be wrong, and
    ``WrongState`` where the storefront takes no sign-ups.
    """
    with reseller_scope(reseller.id, actor=Actor(None, VISITOR, address)):
        settings, terms = storefront_settings(), current_terms()
        _check(entered, settings, terms)
        organization, namesake = free_organization(entered.values["organization"])
        details = _details(entered, terms, namesake)
        applicant = _Applicant(entered, organization, details, terms, browser)
        if not may_sign_up(settings, domain_of(entered.email)):
            _for_nobody(applicant, settings, now=now)
            email_validation_asked.send(None, token=new_secret(), expires_at=expiry_of_a_link(now), now=now)
            record("signup_refused", noun="signup", reason=domain_of(entered.email))
            return
        holder = _holder_of(entered.email, now=now)
        if holder is None:
            try:
                with db.session.begin_nested():
                    _enter(applicant, settings, now=now)
                return
            except (IntegrityError, Invalid) as problem:  # somebody else took the address at this very moment
                if getattr(problem, "field", "email") != "email":
                    raise
                holder = _login_of(entered.email)
        _for_nobody(applicant, settings, now=now)
        _tell_holder(holder, now=now)


@dataclass(frozen=True, slots=True)
class _Applicant:
    """What a sign-up is made of, with what was found out about it."""

    entered: Entered
    organization: str
    details: Mapping[str, str]
    terms: TermsVersion | None
    browser: str


def _check(entered: Entered, settings: StorefrontSettings, terms: TermsVersion | None) -> None:
    """Raise where something is wrong that has nothing to do with who has signed up before."""
    values = entered.values
    if not settings.is_signup_open:
        raise WrongState(_("New customers cannot sign up here at the moment."))
    for name in REQUIRED_ADDRESS if settings.requires_address else ():
        if not values.get(name):
            raise Invalid(_("Fill in this field."), field=name)
    if settings.requires_terms and terms is not None and entered.terms_id != terms.id:
        raise Invalid(_("Read the terms and accept them."), field="accepts_terms")
    about = (values["contact_name"], values["organization"], entered.email, entered.email.partition("@")[0])
    try:
        check_password(entered.password, about=about, policy=policy_of(current_scope().reseller_id))
    except Invalid as refusal:
        refusal.field = "password"
        raise


def _details(entered: Entered, terms: TermsVersion | None, namesake: Customer | None) -> dict[str, str]:
    """Return what was entered as the approval request keeps it: by field name, as text, without what is empty."""
    known = {name: entered.values.get(name) or "" for name in FIELDS}
    more = {
        "language": entered.language,
        "providers": ", ".join(entered.providers),
        "terms": str(terms.number) if terms is not None and entered.terms_id == terms.id else "",
        "duplicate_of": namesake.account_number if namesake is not None else "",
    }
    return {name: value for name, value in {**known, **more}.items() if value}


# -- whose address is it -----------------------------------------------------------------------------------------------


def _login_of(email: str) -> Any:
    with system_scope("an email address is unique over the whole platform"):
        return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def _holder_of(email: str, *, now: datetime.datetime) -> Any:
    """Return the login that has this address or the mailbox behind it; a sign-up that nobody proved makes way."""
    with system_scope("an email address is unique over the whole platform"):
        query = select(User).where(User.email.in_({email, without_tag(email)}))
        logins = {one.email: one for one in db.session.scalars(query)}
        ids = [one.id for one in logins.values()]
        validations = db.session.scalars(select(EmailValidation).where(EmailValidation.user_id.in_(ids)))
        unproven = {one.user_id: one for one in validations}
        own = logins.pop(email, None)
        if own is not None and not _is_unproven(own, unproven):
            return own
        if own is not None and not forget(unproven[own.id], now=now):
            db.session.refresh(own)
            return own
    return next((one for one in logins.values() if not _is_unproven(one, unproven)), None)


def _is_unproven(user: Any, validations: Mapping[int, EmailValidation]) -> bool:
    return user.status is UserStatus.PENDING_EMAIL_VALIDATION and user.id in validations


def _tell_holder(holder: Any, *, now: datetime.datetime) -> None:
    """Have the person told who has this address already, or take as long for nobody."""
    with system_scope("a mail to somebody's login, wherever it belongs"):
        waits = holder is not None and holder.status is UserStatus.PENDING_APPROVAL
        if holder is not None and (waits or accounts.may_sign_in(holder)):
            signup_known_address.send(holder, now=now)
            return
    email_validation_asked.send(None, token=new_secret(), expires_at=expiry_of_a_link(now), now=now)


# -- entering ----------------------------------------------------------------------------------------------------------


class _TakenBack(Exception):
    """Ends the writing for nobody."""


def _for_nobody(applicant: _Applicant, settings: StorefrontSettings, *, now: datetime.datetime) -> None:
    """Write a sign-up and take it back: what must not be written takes as long as what may be."""
    nobody = secrets.token_hex(16)
    entered = replace(
        applicant.entered, values={**applicant.entered.values, "email": f"{nobody}@nobody.invalid"}
    )
    try:
        with db.session.begin_nested():
            _enter(replace(applicant, entered=entered, organization=nobody), settings, now=now, tells=False)
            raise _TakenBack
    except _TakenBack:
        pass


def _enter(
    applicant: _Applicant, settings: StorefrontSettings, *, now: datetime.datetime, tells: bool = True
) -> None:
    """Write a pending customer with its login, and what comes next for it."""
    entered = applicant.entered
    waits_for = (
        UserStatus.PENDING_EMAIL_VALIDATION
        if settings.requires_email_validation
        else UserStatus.PENDING_APPROVAL
    )
    with discreetly(), because("signed_up"):
        customer = create_customer(
            {**entered.values, "organization": applicant.organization, "language": entered.language},
            now=now,
            status=CustomerStatus.PENDING,
        )
        user = _create_login(applicant, customer, waits_for)
        if applicant.terms is not None and entered.terms_id == applicant.terms.id:
            scope = current_scope()
            accept(
                user,
                applicant.terms,
                organization=customer.organization,
                address=scope.actor.address,
                now=now,
            )
    if settings.requires_email_validation:
        _ask_for_proof(applicant, customer, user, now=now, tells=tells)
    else:
        receive(user, customer, applicant.details, settings, now=now)


def _create_login(applicant: _Applicant, customer: Customer, status: UserStatus) -> Any:
    entered = applicant.entered
    try:
        user = accounts.create_user(
            name=entered.values["contact_name"],
            email=entered.email,
            role=RoleName.CUSTOMER,
            reseller_id=customer.reseller_id,
            customer_id=customer.id,
            status=status,
            password=entered.password,
        )
    except Invalid as refusal:
        refusal.field = {None: "password", "name": "contact_name"}.get(refusal.field, refusal.field)
        raise
    user.locale = entered.language
    return user


def _ask_for_proof(
    applicant: _Applicant, customer: Customer, user: Any, *, now: datetime.datetime, tells: bool
) -> None:
    token = new_secret()
    db.session.add(
        EmailValidation(
            customer_id=customer.id,
            user_id=user.id,
            token_hash=hash_of(token),
            browser_hash=hash_of(applicant.browser),
            expires_at=expiry_of_a_link(now),
            details=dict(applicant.details),
            created_at=now,
        )
    )
    db.session.flush()
    if tells:
        email_validation_asked.send(user, token=token, expires_at=expiry_of_a_link(now), now=now)


def receive(
    user: Any,
    customer: Customer,
    details: Mapping[str, str],
    settings: StorefrontSettings,
    *,
    now: datetime.datetime,
) -> ApprovalRequest:
    """Put a sign-up before the reseller, or approve it at once where the reseller wants that.

    The checklist that blocks a person's approval does not block this one: nobody can have authorised a provider for a
    customer that did not exist a moment ago. The customer is active and buys nothing until somebody does.
    """
    if not settings.approves_automatically:
        request = open_request(
            RequestType.SIGNUP, customer=customer, requester=user, details=details, now=now
        )
        signup_received.send(request, user=user, now=now)
        return request
    nobody = Actor(None, AUTOMATIC, current_scope().actor.address)
    with use_scope(replace(current_scope(), actor=nobody)):
        activate_customer(customer, now=now)
        accounts.set_status(user, UserStatus.ACTIVE)
        db.session.flush()
        return open_request(
            RequestType.SIGNUP,
            customer=customer,
            requester=user,
            details=details,
            now=now,
            is_forwarded=True,
        )
