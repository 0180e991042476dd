"""What to look at before approving: the article's three decisions, and whether somebody has the same already.

``BLOCKS`` keeps a request from being approved; ``WARNS`` says what approving all the same will cost.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select

from app.approvals.labels import asked_providers
from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestType
from app.charges.support import support_plans_of
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer, ProviderEnablement
from app.customers.queries import provider_rows
from app.extensions import db
from app.providers.models import Provider
from app.shell.formats import datetime_text

#: Mail domains that anybody can have an address at: two people who share one have nothing to do with each other.
_PUBLIC_DOMAINS = """
aol.com bluewin.ch fastmail.com freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hotmail.com
icloud.com live.com mail.com mail.de me.com outlook.com outlook.de posteo.de proton.me protonmail.com t-online.de
web.de yahoo.com yahoo.de zoho.com
"""
PUBLIC_DOMAINS = frozenset(_PUBLIC_DOMAINS.split())
#: How many look-alikes are named.
MOST_NAMED = 3


class Verdict(enum.StrEnum):
    """How one point of the list stands. ``LATER`` waits for another point."""

    DONE = "done"
    LATER = "later"
    WARNS = "warns"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Check:
    """One point. ``endpoint`` with ``values`` is where it is put right, ``action`` what is done there."""

    key: str
    verdict: Verdict
    title: str
    text: str
    endpoint: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    action: str = ""


def checklist_of(request: ApprovalRequest) -> list[Check]:
    """Return the points for a request, those of its customer. Empty where approving needs no preparation."""
    customer = request.customer
    if customer is None or request.type is RequestType.ACCOUNT_DELETE:
        return []
    rows = [one for one in provider_rows(customer) if request.provider_id in (None, one.provider.id)]
    bought = [
        one.enablement
        for one in rows
        if one.enablement is not None and one.is_authorised and not one.is_withdrawn
    ]
    checks = [
        _authorised(request, customer, bought, offered=[one.provider for one in rows if one.is_offered]),
        _pricebook(customer, bought),
        _support_plan(request, customer, bought),
    ]
    if request.type is RequestType.SIGNUP:
        checks.extend((_address_is_proven(request, customer), _is_new_here(request, customer)))
    if request.type is RequestType.ACCOUNT_LINK:
        checks.append(_account_is_free(request, customer))
    return checks


def _provider_section(customer: Customer, provider: Provider | None) -> tuple[str, dict[str, Any]]:
    if provider is None:
        return "CustomerProvidersView.show", {"customer_id": customer.id}
    return "CustomerProvidersView.edit", {"customer_id": customer.id, "code": provider.code}


def _authorised(
    request: ApprovalRequest,
    customer: Customer,
    bought: list[ProviderEnablement],
    *,
    offered: list[Provider],
) -> Check:
    if bought:
        only = bought[0].provider if len(bought) == 1 else None
        names = ", ".join(one.provider.name for one in bought)
        place = _provider_section(customer, only)
        if request.type is RequestType.SIGNUP and not any(one.may_request_accounts for one in bought):
            note = _("Requesting accounts is off: the customer cannot ask for any in the portal.")
            names = f"{names}. {note}"
        return Check("provider", Verdict.DONE, _("Provider authorised"), names, *place, _("Open"))
    if request.provider is not None and request.provider not in offered:
        text = _(
            "The platform does not let you sell %(provider)s any more. Decline the request.",
            provider=request.provider.name,
        )
        return Check("provider", Verdict.BLOCKS, _("Provider not available"), text)
    wanted = asked_providers(request, offered)
    only = request.provider or (wanted[0] if len(wanted) == 1 else offered[0] if len(offered) == 1 else None)
    text = _("Without it the customer can buy nothing, and Cloud Ops has nothing to do.")
    if wanted:
        names = ", ".join(one.name for one in wanted)
        asked = _("The applicant asked for %(providers)s.", providers=names)
        text = f"{asked} {text}"
    action = _("Authorise %(provider)s", provider=only.name) if only else _("Choose provider")
    title = action if request.provider else _("Authorise a provider")
    return Check("provider", Verdict.BLOCKS, title, text, *_provider_section(customer, only), action)


def _pricebook(customer: Customer, bought: list[ProviderEnablement]) -> Check:
    if not bought:
        text = _("It is chosen together with the provider.")
        return Check("pricebook", Verdict.LATER, _("Pricebook"), text)
    on_master = [one.provider for one in bought if one.pricebook_id is None]
    if not on_master:
        books = ", ".join(sorted({str(one.pricebook) for one in bought}))
        only = bought[0].provider if len(bought) == 1 else None
        place = _provider_section(customer, only)
        return Check("pricebook", Verdict.DONE, _("Pricebook set"), books, *place, _("Change"))
    return Check(
        "pricebook",
        Verdict.WARNS,
        _("No pricebook of your own"),
        _(
            "%(providers)s: the list price is billed, so your margin is only what the provider grants you.",
            providers=", ".join(one.name for one in on_master),
        ),
        *_provider_section(customer, on_master[0] if len(on_master) == 1 else None),
        _("Choose pricebook"),
    )


def _support_plan(request: ApprovalRequest, customer: Customer, bought: list[ProviderEnablement]) -> Check:
    place = "CustomerChargesView.show", {"customer_id": customer.id}
    if not bought:
        text = _("It is chosen once a provider is authorised.")
        return Check("support_plan", Verdict.LATER, _("Support plan"), text)
    support = support_plans_of([customer])[customer.id]
    without = (*support.missing, *support.undecided)  # an account that is asked for is none yet
    missing = [one.name for one in without if request.provider_id in (None, one.id)]
    if missing:
        text = _(
            "%(providers)s: you are billed for support in the partner program yourself; without a plan it comes out "
            "of your margin.",
            providers=", ".join(missing),
        )
        return Check("support_plan", Verdict.WARNS, _("No support plan"), text, *place, _("Assign plan"))
    if support.names:
        names = ", ".join(support.names)
        return Check("support_plan", Verdict.DONE, _("Support plan set"), names, *place, _("Change"))
    text = _("Nothing is charged for support. That is fine where you offer none.")
    return Check("support_plan", Verdict.WARNS, _("No support plan"), text, *place, _("Assign plan"))


def _address_is_proven(request: ApprovalRequest, customer: Customer) -> Check:
    if request.details.get(ADDRESS_PROVEN):
        when = datetime_text(request.created_at)
        return Check("address", Verdict.DONE, _("Email address confirmed"), f"{customer.email}, {when}")
    text = _(
        "Anybody can have entered %(email)s. Ask there before you approve, or require email validation under "
        "Customer Signup.",
        email=customer.email,
    )
    return Check("address", Verdict.WARNS, _("Email address not confirmed"), text)


def _is_new_here(request: ApprovalRequest, customer: Customer) -> Check:
    """Is the organization known already? By its name, by the address, by the domain of the address."""
    named = str(request.details.get("duplicate_of", ""))
    found = _look_alikes(customer, named)
    if not found and not named:
        text = _("No other customer has this organization's name, email address or mail domain.")
        return Check("duplicate", Verdict.DONE, _("No duplicate found"), text)
    who = ", ".join(f"{one.account_number} {one.organization}" for one in found) or named
    return Check(
        "duplicate",
        Verdict.WARNS,
        _("Organization known already"),
        _(
            "%(who)s. Approving makes a second customer. Decline the sign-up and add a user there instead, if they "
            "are the same.",
            who=who,
        ),
        *(("CustomerInformationView.show", {"customer_id": found[0].id}) if found else ("", {})),
        _("Open %(number)s", number=found[0].account_number) if found else "",
    )


def _look_alikes(customer: Customer, named: str) -> list[Customer]:
    number = named.removeprefix("C-")
    conditions: list[ColumnElement[bool]] = [Customer.email == customer.email]
    if number.isascii() and number.isdigit() and len(number) < 10:
        conditions.insert(0, Customer.number == int(number))
    domain = customer.email.rpartition("@")[2]
    if domain and domain not in PUBLIC_DOMAINS:
        conditions.append(Customer.email.endswith(f"@{domain}", autoescape=True))
    query = (
        select(Customer)
        .where(Customer.id != customer.id, or_(*conditions))
        .order_by(conditions[0].desc(), Customer.id)
        .limit(MOST_NAMED)
    )
    return list(db.session.scalars(query))


def _account_is_free(request: ApprovalRequest, customer: Customer) -> Check:
    query = select(CloudAccount).where(
        CloudAccount.provider_id == request.provider_id,
        CloudAccount.account_id == str(request.details.get("account_id", "")),
        CloudAccount.customer_id != customer.id,
    )
    taken = db.session.scalars(query).first()
    if taken is None:
        text = _("No other customer of yours has an account with this id.")
        return Check("account", Verdict.DONE, _("Account ID free"), text)
    owner = db.session.get(Customer, taken.customer_id)
    return Check(
        "account",
        Verdict.BLOCKS,
        _("Account linked to somebody else"),
        _(
            "%(owner)s has the account with this id. An account belongs to one customer, so no usage is charged twice.",
            owner=owner,
        ),
        "CustomerAccountsView.show",
        {"customer_id": taken.customer_id},
        _("Open %(owner)s", owner=owner),
    )
