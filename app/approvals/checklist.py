"""What to look at before approving: the article's three decisions, and whether the organization is known already.

``BLOCKS`` keeps a request from being approved; ``WARNS`` says what approving all the same will cost.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import gettext as _

from app.approvals.models import ApprovalRequest, RequestType
from app.charges.assignments import support_plans_of
from app.customers.models import Customer, ProviderEnablement


class Verdict(enum.StrEnum):
    """How one point of the list stands."""

    DONE = "done"
    WARNS = "warns"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Check:
    """One point. ``endpoint`` is the section of the customer where it is put right, with ``code`` for one provider."""

    key: str
    verdict: Verdict
    title: str
    text: str
    endpoint: str = ""
    code: str = ""


def checklist_of(request: ApprovalRequest) -> list[Check]:
    """Return the points for a request, those of its customer. Empty where approving needs no preparation."""
    customer = request.customer
    if customer is None or request.type is RequestType.ACCOUNT_DELETE:
        return []
    bought = [one for one in customer.enablements if one.is_authorised and _is_meant(one, request)]
    return [
        _authorised(request, bought),
        _pricebook(request, bought),
        _support_plan(request, customer, bought),
    ]


def _is_meant(enablement: ProviderEnablement, request: ApprovalRequest) -> bool:
    return request.provider_id is None or enablement.provider_id == request.provider_id


def _code(request: ApprovalRequest, bought: list[ProviderEnablement]) -> str:
    """The one provider that a link can lead to, if there is one."""
    if request.provider is not None:
        return request.provider.code
    return bought[0].provider.code if len(bought) == 1 else ""


def _authorised(request: ApprovalRequest, bought: list[ProviderEnablement]) -> Check:
    endpoint, code = "CustomerProvidersView.show", _code(request, bought)
    if bought:
        names = ", ".join(one.provider.name for one in bought)
        return Check("provider", Verdict.DONE, _("Provider authorised"), names, endpoint, code)
    return Check(
        "provider",
        Verdict.BLOCKS,
        _("Authorise %(provider)s", provider=request.provider.name)
        if request.provider
        else _("Authorise a provider"),
        _("Without it the customer can buy nothing, and Cloud Ops has nothing to do."),
        endpoint,
        code,
    )


def _pricebook(request: ApprovalRequest, bought: list[ProviderEnablement]) -> Check:
    endpoint, code = "CustomerProvidersView.show", _code(request, bought)
    on_master = [one.provider.name for one in bought if one.pricebook_id is None]
    if bought and not on_master:
        books = ", ".join(sorted({str(one.pricebook) for one in bought}))
        return Check("pricebook", Verdict.DONE, _("Pricebook set"), books, endpoint, code)
    return Check(
        "pricebook",
        Verdict.WARNS,
        _("No pricebook of your own"),
        _("The provider's list price is billed: your margin is only what the provider grants you."),
        endpoint,
        code,
    )


def _support_plan(request: ApprovalRequest, customer: Customer, bought: list[ProviderEnablement]) -> Check:
    support = support_plans_of([customer])[customer.id]
    endpoint = "CustomerChargesView.show"
    missing = [one.name for one in support.missing if request.provider_id in (None, one.id)]
    if missing:
        text = _(
            "%(providers)s: you are billed for support in the partner program yourself; without a plan it comes out "
            "of your margin.",
            providers=", ".join(missing),
        )
        return Check("support_plan", Verdict.WARNS, _("No support plan"), text, endpoint)
    if support.names:
        return Check("support_plan", Verdict.DONE, _("Support plan set"), ", ".join(support.names), endpoint)
    text = _("Nothing is charged for support. That is fine where you offer none.")
    return Check("support_plan", Verdict.WARNS, _("No support plan"), text, endpoint)
