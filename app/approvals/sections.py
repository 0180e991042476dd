"""What this slice shows elsewhere: of a customer, among its accounts, on Home, in the navigation, in the change log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import func, select

from app.approvals.labels import TYPE_WORDS, progress_of, type_word
from app.approvals.models import STILL_OPEN, ApprovalRequest, RequestStatus, RequestType
from app.approvals.queries import PENDING_COUNT, oldest_pending, requests_of
from app.audit.places import Place, add_place
from app.cloud_accounts import registry as accounts
from app.cloud_accounts.models import CloudAccount
from app.customers import registry
from app.customers.models import Customer, CustomerStatus
from app.customers.registry import THIS_CUSTOMER, Notice, Task
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.providers.models import Provider
from app.shell.context import may
from app.shell.formats import datetime_text, integer_text, waiting_text
from app.shell.navigation import note_count

DECIDES = ("show", "ApprovalRequests")

_ANY_REQUEST = select(ApprovalRequest.id).where(ApprovalRequest.customer_id == THIS_CUSTOMER).limit(1)
_OLDEST_PENDING = select(func.min(ApprovalRequest.id)).where(
    ApprovalRequest.customer_id == THIS_CUSTOMER, ApprovalRequest.status == RequestStatus.PENDING
)


def notice_of(customer: Customer, request_id: int) -> Notice | None:
    """Say above a customer's sections that a request of it waits, with the way back to it for who may decide."""
    request = db.session.get(ApprovalRequest, request_id)
    if request is None:
        return None
    url = url_for("ApprovalsView.show", request_id=request.id) if may(*DECIDES) else ""
    if request.type is RequestType.SIGNUP:
        return Notice(
            "warning",
            _("Signed up on %(when)s; waits for approval.", when=datetime_text(request.created_at)),
            _("Authorise a provider, choose pricebook and support plan, then decide."),
            _("Go to the request"),
            url,
            is_decision=True,
        )
    return Notice(
        "info",
        _("%(request)s: waits for approval.", request=type_word(request)),
        _("Asked %(ago)s ago.", ago=waiting_text(request.created_at)),
        _("Go to the request"),
        url,
    )


def keep_who_waits(customers: Sequence[Customer]) -> None:
    """Raise ``WrongState`` for customers that signed up and wait: the decision on the request is the way."""
    pending = [one.id for one in customers if one.status is CustomerStatus.PENDING]
    if not pending:
        return
    query = select(ApprovalRequest).where(
        ApprovalRequest.customer_id.in_(pending),
        ApprovalRequest.type == RequestType.SIGNUP,
        ApprovalRequest.status == RequestStatus.PENDING,
    )
    waiting = db.session.scalars(query.order_by(ApprovalRequest.id).limit(1)).first()
    if waiting is not None:
        raise WrongState(
            _(
                "%(name)s signed up and waits for approval. Decide under Approval Requests: declining removes it.",
                name=waiting.from_name,
            )
        )


def note_pending(number: int) -> None:
    """Keep how many requests wait for the rest of this request, so that the navigation need not ask."""
    note_count(PENDING_COUNT, number)


def pending_task() -> Task | None:
    """Return what Home says of requests that wait, with the way to the oldest one."""
    found = oldest_pending() if may(*DECIDES) else None
    note_pending(found[1] if found else 0)
    if found is None:
        return None
    request, number = found
    return Task(
        "warning",
        "clipboard-check",
        ngettext(
            "%(count)s request waits for approval",
            "%(count)s requests wait for approval",
            number,
            count=integer_text(number),
        ),
        _(
            "Oldest: %(who)s, %(request)s, for %(time)s",
            who=request.from_name,
            request=TYPE_WORDS[request.type],
            time=waiting_text(request.created_at),
        ),
        _("Decide"),
        url_for("ApprovalsView.show", request_id=request.id),
    )


def ask_for_account(customer: Customer, buyable: Sequence[Provider]) -> dict[str, Any] | None:
    """Offer to ask Cloud Ops for a new account."""
    is_usable = bool(buyable) and customer.status is CustomerStatus.ACTIVE
    if not is_usable or not may("forward", "ApprovalRequests"):
        return None
    return {
        "label": _("Request account"),
        "icon": "paper-plane",
        "url": url_for("CustomerRequestsView.account", customer_id=customer.id),
    }


def ask_for_removal(customer: Customer, account: CloudAccount) -> dict[str, Any] | None:
    """Offer to ask Cloud Ops to remove an account."""
    is_usable = account.is_active and customer.status is CustomerStatus.ACTIVE
    if not is_usable or not may("forward", "ApprovalRequests"):
        return None
    return {
        "label": _("Ask for removal"),
        "icon": "circle-minus",
        "url": url_for("CustomerRequestsView.removal", customer_id=customer.id, account_id=account.id),
    }


def _open_removals(accounts_asked: Sequence[CloudAccount]) -> list[ApprovalRequest]:
    query = select(ApprovalRequest).where(
        ApprovalRequest.cloud_account_id.in_([one.id for one in accounts_asked]),
        ApprovalRequest.type == RequestType.ACCOUNT_DELETE,
        ApprovalRequest.status.in_(STILL_OPEN),
    )
    return list(db.session.scalars(query.order_by(ApprovalRequest.id)))


def removals_asked_for(asked: Sequence[CloudAccount]) -> dict[int, str]:
    """Return the accounts of which somebody waits to be rid, as the portal shows them too."""
    return {
        one.cloud_account_id: "removal_requested" for one in _open_removals(asked) if one.cloud_account_id
    }


def keep_what_is_asked_for(asked: Sequence[CloudAccount]) -> None:
    """Raise ``WrongState`` for accounts whose removal is asked for: first comes the answer."""
    for one in _open_removals(asked):
        raise WrongState(
            _(
                "%(who)s asked for the removal of %(account)s (%(number)s). Settle that request first.",
                who=one.from_name,
                account=next(row for row in asked if row.id == one.cloud_account_id),
                number=one.number,
            )
        )


def requests_panel(customer: Customer) -> Markup:
    """Return the customer's requests for accounts: what is open, and what came to nothing lately."""
    found = requests_of(customer, now=utc_now())
    if not found:
        return Markup()
    lines = [(one, type_word(one), progress_of(one)) for one in found]
    text = render_template("approvals/_of_customer.html", requests=lines, may_open=may(*DECIDES))
    return Markup(text)  # noqa: S704 - the template escapes


def _request_page(endpoint: str) -> Place:
    return Place(
        lambda entry: url_for(endpoint, request_id=entry.record_id) if entry.record_id else None,
        ApprovalRequest,
    )


def announce() -> None:
    """Announce all of it."""
    registry.add_history("requests", _ANY_REQUEST.scalar_subquery())
    registry.add_notice("requests", _OLDEST_PENDING.scalar_subquery(), notice_of)
    registry.add_errand("pending", PENDING_COUNT.scalar_subquery(), note_pending)
    registry.add_keeper("requests", keep_who_waits)
    registry.add_task("requests", pending_task)
    accounts.add_head_action("request", ask_for_account)
    accounts.add_row_action("removal", ask_for_removal)
    accounts.add_panel("requests", requests_panel)
    accounts.add_state("removal", removals_asked_for)
    accounts.add_move_keeper("removal", keep_what_is_asked_for)
    add_place("approval_request", DECIDES, _request_page("ApprovalsView.show"))
    add_place("approval_request", ("show", "Operations"), _request_page("OperationsView.show"))
