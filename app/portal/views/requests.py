"""What the company has asked for, and asking for more: accounts, links, removals, providers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.approvals.forms import AskingForm, DeleteForm, EnablementForm, link_form, provision_form
from app.approvals.models import ApprovalRequest
from app.errors import NotVisible
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page
from app.portal.access import check_may, check_open, has_terms_before_accounts, openings, own_reseller
from app.portal.queries.accounts import own_account
from app.portal.queries.providers import PortalProvider, providers_to_ask_for
from app.portal.queries.requests import own_request, own_requests
from app.portal.services import requests
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage
from app.providers.models import Provider
from app.security.limits import limits_of_mails
from app.shell.pages import submit


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be asked for at a provider: its words, its form and its service."""

    endpoint: str
    title: object
    question: object
    verb: object
    form: Callable[[Provider], AskingForm]
    ask: Callable[..., ApprovalRequest]
    is_for_new_provider: bool = False

    @property
    def is_open(self) -> bool:
        """Does the reseller let its customers ask for it?"""
        return openings().purchasing if self.is_for_new_provider else openings().accounts

    def providers(self) -> list[PortalProvider]:
        """Return the providers at which it can be asked for."""
        with_accounts, new = providers_to_ask_for(openings().authorised)
        return new if self.is_for_new_provider else with_accounts

    @property
    def needs_terms(self) -> bool:
        """Has the person terms to accept first? Only where accounts are added."""
        return not self.is_for_new_provider and has_terms_before_accounts()


ACCOUNT = Kind(
    "account",
    _l("Request a cloud account"),
    _l("At which provider do you need it?"),
    _l("Request account"),
    provision_form,
    requests.ask_for_account,
)
LINK = Kind(
    "link",
    _l("Link an existing account"),
    _l("At which provider is it?"),
    _l("Ask for the link"),
    link_form,
    requests.ask_for_link,
)
PROVIDER = Kind(
    "provider",
    _l("Ask for a provider"),
    _l("Which one would you like to use?"),
    _l("Ask for this provider"),
    lambda _provider: EnablementForm(),
    requests.ask_for_provider,
    is_for_new_provider=True,
)


class PortalRequestsView(CustomerPage):
    """Requests: all of the company's, the way of each, and a form for each kind."""

    route_base = f"{PREFIX}/accounts/requests"
    class_permission_name = "PortalRequests"
    default_view = "list"
    limits = limits_of_mails(
        "PortalRequestsView.account",
        "PortalRequestsView.link",
        "PortalRequestsView.provider",
        "PortalRequestsView.removal",
    )

    @expose("/")
    @has_access
    def list(self) -> Any:
        check_open(openings().accounts)
        found = own_requests(list_page(request.args))
        return self.page("portal/requests.html", _("Requests"), requests=found, now=utc_now())

    @expose("/<int:request_id>/")
    @has_access
    def show(self, request_id: int) -> Any:
        check_open(openings().accounts)
        found = own_request(request_id)
        return self.page("portal/request.html", found.request.what, found=found, now=utc_now())

    @expose("/account/")
    @has_access
    @permission_name("add")
    def where_account(self) -> Any:
        return self._where(ACCOUNT)

    @expose("/account/<string:code>/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def account(self, code: str) -> Any:
        return self._ask(ACCOUNT, code)

    @expose("/link/")
    @has_access
    @permission_name("add")
    def where_link(self) -> Any:
        return self._where(LINK)

    @expose("/link/<string:code>/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def link(self, code: str) -> Any:
        return self._ask(LINK, code)

    @expose("/provider/")
    @has_access
    @permission_name("add")
    def where_provider(self) -> Any:
        return self._where(PROVIDER)

    @expose("/provider/<string:code>/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def provider(self, code: str) -> Any:
        return self._ask(PROVIDER, code)

    @expose("/removal/<int:account_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def removal(self, account_id: int) -> Any:
        """Ask for an account to be removed. What it means stands on the page before the button."""
        opened = openings()
        check_open(opened.accounts)
        account = own_account(account_id, [one for one in opened.authorised if one.takes_requests])
        check_may(opened.may_request)
        form, customer = DeleteForm(), self.customer()
        asked, status = submit(
            form,
            lambda: requests.ask_for_removal(
                customer, account_id, person=current_user, details=form.details(), now=utc_now()
            ),
        )
        if asked is not None:
            return _to_request(asked)
        return self.page("portal/removal.html", _("Ask for removal"), form=form, account=account), status

    def _where(self, kind: Kind) -> Any:
        """Ask which provider is meant; where there is only one for accounts, it is that one."""
        check_open(kind.is_open)
        check_may(openings().may_request)
        if kind.needs_terms:
            return _to_terms()
        providers = kind.providers()
        if len(providers) == 1 and not kind.is_for_new_provider:
            return redirect(url_for(f"PortalRequestsView.{kind.endpoint}", code=providers[0].code))
        return self.page("portal/where.html", kind.title, kind=kind, providers=providers)

    def _ask(self, kind: Kind, code: str) -> Any:
        check_open(kind.is_open)
        shown = next((one for one in kind.providers() if one.code == code), None)
        provider = db.session.get(Provider, shown.id) if shown is not None else None
        if provider is None:
            raise NotVisible
        check_may(openings().may_request)
        if request.method == "GET" and kind.needs_terms:
            return _to_terms()
        customer, form = self.customer(), kind.form(provider)
        asked, status = submit(
            form,
            lambda: kind.ask(customer, provider, person=current_user, details=form.details(), now=utc_now()),
        )
        if asked is not None:
            return _to_request(asked)
        return self.page("portal/ask.html", kind.title, kind=kind, form=form, provider=shown), status


def _to_request(asked: ApprovalRequest) -> Any:
    flash(_("Your request is with %(name)s.", name=own_reseller().name), "success")
    return redirect(url_for("PortalRequestsView.show", request_id=asked.id))


def _to_terms() -> Any:
    """Lead the person to the terms, and from there back to this page."""
    flash(_("Read and accept the terms; then you can ask for accounts."), "warning")
    return redirect(url_for("PortalTermsView.show", next=request.path))
