"""What is mailed about sign-ups and requests: to the customer's person, the reseller, and Cloud Ops.

Hearers run in the scope of whoever acted, which may see neither the applicant nor the customer: what a mail needs of
them is read past the guard, by the request's own keys.
"""

from __future__ import annotations

import datetime
import hashlib
from types import SimpleNamespace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.approvals.labels import FIELD_LABELS, labels_of
from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestType
from app.approvals.registry import DECLINE_MAILS, ShownMail
from app.approvals.signals import (
    approval_declined,
    approval_forwarded,
    approval_requested,
    request_completed,
    request_rejected,
)
from app.customers.models import Customer
from app.extensions import db
from app.notifications import pages
from app.notifications.events import EVENTS
from app.notifications.personal import forget_mails_about, forget_mails_to
from app.notifications.post import Recipient, is_mailed, mail, recipient_of, usual_addresses
from app.notifications.render import language_of, render
from app.portal.signals import (
    email_validation_asked,
    signup_forgotten,
    signup_known_address,
    signup_received,
)
from app.security.models import User
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope


def connect() -> None:
    """Listen; a second application in the same process adds nothing."""
    email_validation_asked.connect(mail_validation)
    signup_received.connect(mail_sign_up_received)
    signup_known_address.connect(mail_known_address)
    signup_forgotten.connect(forget_sign_up)
    approval_requested.connect(mail_requested)
    approval_declined.connect(mail_declined)
    approval_forwarded.connect(mail_forwarded)
    request_completed.connect(mail_completed)
    request_rejected.connect(mail_rejected)
    DECLINE_MAILS["mails"] = shown_decline


# -- signing up --------------------------------------------------------------------------------------------------------


def mail_validation(
    user: Any, *, token: str, expires_at: datetime.datetime, now: datetime.datetime, **_more: Any
) -> None:
    """Mail the link that proves an address. For nobody the same is done and taken back, so that it takes as long."""
    if user is not None:
        _mail_validation(user, token, expires_at, now)
        return
    attempt = db.session().trusted_connection().begin_nested()
    _mail_validation(_NOBODY, token, expires_at, now)
    attempt.rollback()


#: Stands in for the person whom no link is sent to.
_NOBODY = SimpleNamespace(id=0, name="", email="", locale="", reseller_id=None, customer_id=None)


def _mail_validation(user: Any, token: str, expires_at: datetime.datetime, now: datetime.datetime) -> None:
    reseller = db.session.get(Reseller, user.reseller_id) if user.reseller_id is not None else None
    customer = _customer(user.customer_id, user.reseller_id)
    mail(
        "signup_validate_email",
        reseller=reseller,
        to=[recipient_of(user)],
        values={
            "ORGANIZATION": customer.organization if customer is not None else "",
            "LINK": pages.validation_page(reseller or _NO_STOREFRONT, token),
            "EXPIRES": expires_at,
        },
        key=f"{user.id}:{hashlib.sha256(token.encode()).hexdigest()[:16]}",
        useful_until=expires_at,
        now=now,
    )


_NO_STOREFRONT: Any = SimpleNamespace(nickname="none", portal_host=None)


def mail_sign_up_received(
    request: ApprovalRequest, *, user: Any, now: datetime.datetime, **_more: Any
) -> None:
    """Tell an applicant that the reseller looks at the sign-up."""
    _mail(request, "signup_received", now, to=[recipient_of(user)])


def mail_known_address(user: Any, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell whoever signed up with the address of a login that there is one; once an hour, however often it is tried."""
    reseller = db.session.get(Reseller, user.reseller_id) if user.reseller_id is not None else None
    has_portal = reseller is not None and user.customer_id is not None
    mail(
        "signup_known_address",
        reseller=reseller,
        to=[recipient_of(user)],
        values={"LINK": pages.portal_door(reseller) if has_portal and reseller else pages.console_door()},
        key=f"{user.id}:{now:%Y-%m-%dT%H}",
        now=now,
    )


def forget_sign_up(email: str, *, reseller_id: int, **_more: Any) -> None:
    """Blank the mails of a sign-up that was taken away, and send none of them any more."""
    with reseller_scope(reseller_id):
        forget_mails_to(email)


# -- the queue ---------------------------------------------------------------------------------------------------------


def mail_requested(request: ApprovalRequest, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell the reseller that something waits, and whoever asked that it has arrived."""
    if request.type is RequestType.SIGNUP:
        _mail(request, "signup_needs_approval", now)
        return
    _mail(request, f"{request.type.value}_requested", now)
    _mail(request, f"{request.type.value}_received", now, to=_people(request))


def mail_declined(request: ApprovalRequest, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell whoever asked that the reseller said no, and why. A declined sign-up is forgotten, its mails too."""
    if request.type is RequestType.SIGNUP:
        for one in _people(request):
            forget_mails_about(one.address)
    _mail(request, f"{request.type.value}_declined", now, to=_people(request))


def mail_forwarded(request: ApprovalRequest, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell whoever asked that the reseller said yes, and Cloud Ops that there is something to do."""
    if not _is_resellers_own(request):
        _mail(request, f"{request.type.value}_approved", now, to=_people(request))
    _mail(request, f"{request.type.value}_forwarded", now)


def mail_completed(request: ApprovalRequest, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell the customer's person that it is done, also where the reseller asked for it, and the reseller."""
    _mail(request, f"{request.type.value}_completed", now, to=_people(request))
    _mail(request, f"{request.type.value}_completed_reseller", now)


def mail_rejected(request: ApprovalRequest, *, now: datetime.datetime, **_more: Any) -> None:
    """Tell the reseller that Cloud Ops could not, and whoever asked. Who signed up stays active, and is not told."""
    if request.type is RequestType.SIGNUP:
        _mail(request, "signup_rejected", now)
        return
    if not _is_resellers_own(request):
        _mail(request, f"{request.type.value}_rejected", now, to=_people(request))
    _mail(request, f"{request.type.value}_rejected_reseller", now)


def _mail(
    request: ApprovalRequest, event: str, now: datetime.datetime, *, to: list[Recipient] | None = None
) -> None:
    reseller: Reseller | None = db.session.get(Reseller, request.reseller_id)
    assert reseller is not None  # noqa: S101 - the row names it by a foreign key
    values = _values(request, event, reseller)
    if to:
        values |= _guarded(request, to[0])
    mail(event, reseller=reseller, to=to or (), values=values, key=str(request.id), now=now)


def _guarded(request: ApprovalRequest, person: Recipient) -> dict[str, Any]:
    """Return what stands for the words of an applicant whose address nobody has proven.

    A stranger who signs up with somebody's address must not write to that person in the reseller's name.
    """
    if request.type is not RequestType.SIGNUP or request.details.get(ADDRESS_PROVEN):
        return {}
    return {"NAME": person.address, "ORGANIZATION": _l("your organization")}


def _values(request: ApprovalRequest, event: str, reseller: Reseller) -> dict[str, Any]:
    asker = _asker(request, reseller)
    return {
        "ORGANIZATION": request.from_name,
        "APPLICANT": asker.name,
        "APPLICANT_EMAIL": asker.address,
        "REQUESTER": asker.name,
        "REQUESTER_EMAIL": asker.address,
        "PROVIDER": request.provider.name if request.provider is not None else "",
        "PROVIDERS": _Told(request, "providers"),
        "ACCOUNT": _account(request),
        "DETAILS": _Told(request),
        "REASON": request.reason,
        "LINK": _link(request, event, reseller),
    }


def shown_decline(request: ApprovalRequest) -> ShownMail | None:
    """Return the mail that declining would write, before there is a reason; None where it is switched off."""
    event, people = EVENTS[f"{request.type.value}_declined"], _people(request)
    reseller: Reseller | None = db.session.get(Reseller, request.reseller_id)
    if reseller is None or not people or not is_mailed(event.key, reseller):
        return None
    letter = render(
        event,
        language=language_of(people[0].language, reseller),
        reseller=reseller,
        values=_values(request, event.key, reseller)
        | {"NAME": people[0].name, "EMAIL": people[0].address, "REASON": "…"}
        | _guarded(request, people[0]),
    )
    return ShownMail(letter.subject, letter.text)


def _link(request: ApprovalRequest, event: str, reseller: Reseller) -> str:
    if event.endswith("_forwarded"):
        return pages.ops_page(request.id)
    if event.endswith(("_requested", "_needs_approval", "_reseller")) or event == "signup_rejected":
        return pages.request_page(request.id)
    if request.type is RequestType.SIGNUP:
        return pages.portal_home(reseller)
    if event.endswith("_completed"):
        return pages.portal_accounts(reseller)
    return pages.portal_request(reseller, request.id)


class _Told:
    """What was entered, in the language of whoever reads the mail: a line each, or the value of one field."""

    def __init__(self, request: ApprovalRequest, field: str = "") -> None:
        self.request, self.field = request, field

    def __str__(self) -> str:
        labels = labels_of(self.request)
        if self.field:
            return dict(labels).get(str(FIELD_LABELS[self.field]), "")
        return "\n".join(f"{label}: {' '.join(value.split())}" for label, value in labels)


def _is_resellers_own(request: ApprovalRequest) -> bool:
    """Did the reseller ask itself? Such a request is forwarded in the moment in which it is made."""
    return request.type is not RequestType.SIGNUP and request.decided_at == request.created_at


def _people(request: ApprovalRequest) -> list[Recipient]:
    """Return who is told: the customer's person who asked, else the customer's contact."""
    asker = _login(request)
    if asker is not None and asker.customer_id is not None:
        return [Recipient(asker.email, _full_name(asker), asker.locale)]
    customer = _customer(request.customer_id, request.reseller_id)
    return (
        [Recipient(customer.email, customer.contact_name, customer.language)] if customer is not None else []
    )


def _asker(request: ApprovalRequest, reseller: Reseller) -> Recipient:
    """Return who asked, for the reseller and Cloud Ops to read. The reseller itself answers at its usual address."""
    asker = _login(request)
    if asker is not None:
        return Recipient(asker.email, _full_name(asker))
    if _is_resellers_own(request):
        return Recipient(next(iter(usual_addresses(reseller)), ""), request.decided_by)
    customer = _customer(request.customer_id, request.reseller_id)
    return Recipient(customer.email, customer.contact_name) if customer is not None else Recipient("")


def _full_name(row: Any) -> str:
    return f"{row.first_name} {row.last_name}".strip()


def _login(request: ApprovalRequest) -> Any:
    users: Any = User.__table__
    query = select(
        users.c.email, users.c.first_name, users.c.last_name, users.c.locale, users.c.customer_id
    ).where(users.c.id == (request.requester_id or 0), users.c.reseller_id == request.reseller_id)
    return db.session().trusted_connection().execute(query).one_or_none()


def _customer(customer_id: int | None, reseller_id: int | None) -> Any:
    customers: Any = Customer.__table__
    query = select(
        customers.c.organization, customers.c.email, customers.c.contact_name, customers.c.language
    ).where(customers.c.id == (customer_id or 0), customers.c.reseller_id == (reseller_id or 0))
    return db.session().trusted_connection().execute(query).one_or_none()


def _account(request: ApprovalRequest) -> str:
    """Return a request's cloud account by name and id, as far as there is one yet."""
    accounts: Any = ApprovalRequest.cloud_account.property.mapper.local_table
    query = select(accounts.c.name, accounts.c.account_id).where(
        accounts.c.id == (request.cloud_account_id or 0), accounts.c.reseller_id == request.reseller_id
    )
    row = db.session().trusted_connection().execute(query).one_or_none()
    name, id_ = (row.name, row.account_id) if row is not None else (request.details.get("name", ""), "")
    id_ = id_ or request.details.get("account_id", "")
    return f"{name} ({id_})" if name and id_ else name or id_
