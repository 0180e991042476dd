"""What the reseller asks Cloud Ops for, for one customer (article, step 8): a new account, the removal of one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.approvals.forms import DeleteForm, provision_form
from app.approvals.requests import request_account, request_removal, requestable_providers
from app.cloud_accounts.services import find_account
from app.customers.services import check_is_active
from app.customers.workspace import WorkspaceView
from app.kernel.clock import utc_now
from app.providers.models import Provider
from app.shell.context import current_reseller
from app.shell.pages import submit


class CustomerRequestsView(WorkspaceView):
    """Requests that the reseller makes itself: they go straight to Cloud Ops."""

    route_base = "/customers/<int:customer_id>/requests"
    class_permission_name = "ApprovalRequests"
    section = "accounts"
    default_view = "account"

    @expose("/account/", methods=["GET", "POST"])
    @has_access
    @permission_name("forward")
    def account(self, customer_id: int) -> Any:
        """Ask for a new account. The provider is chosen first, because each needs something else."""
        customer = self.customer(customer_id)
        providers = requestable_providers(customer)
        provider = _chosen(providers)
        if provider is None:
            check_is_active(customer)
            return self.page("approvals/choose_provider.html", customer, choosable=providers)
        form = provision_form(provider)
        asked, status = submit(
            form,
            lambda: request_account(
                customer=self.customer(customer_id),
                provider=provider,
                details=form.details(),
                requester=_requester(),
                now=utc_now(),
                is_forwarded=True,
            ),
        )
        if asked is not None:
            return _done(customer_id)
        return self.page(
            "approvals/ask_account.html",
            self.customer(customer_id),
            form=form,
            provider=provider,
            choosable=providers,
            operations_email=_operations_email(),
        ), status

    @expose("/removal/<int:account_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("forward")
    def removal(self, customer_id: int, account_id: int) -> Any:
        """Ask for an account to be removed."""
        customer = self.customer(customer_id)
        find_account(customer, account_id)
        form = DeleteForm()
        asked, status = submit(
            form,
            lambda: request_removal(
                customer=self.customer(customer_id),
                account=find_account(customer, account_id),
                details=form.details(),
                requester=_requester(),
                now=utc_now(),
                is_forwarded=True,
            ),
        )
        if asked is not None:
            return _done(customer_id)
        customer = self.customer(customer_id)
        return self.page(
            "approvals/ask_removal.html",
            customer,
            form=form,
            account=find_account(customer, account_id),
            operations_email=_operations_email(),
        ), status


def _chosen(providers: list[Provider]) -> Provider | None:
    """Return the provider that the address names, or the only one there is."""
    code = request.args.get("provider", "")
    named = next((one for one in providers if one.code == code), None)
    return named or (providers[0] if len(providers) == 1 else None)


def _requester() -> Any:
    """Return the person as one of the reseller's; a Platform Admin who has entered it is none."""
    return current_user if current_user.reseller_id is not None else None


def _operations_email() -> str:
    reseller = current_reseller()
    return reseller.operations_email if reseller else ""


def _done(customer_id: int) -> Response:
    flash(_("The request is with Cloud Ops. You see here how it goes on."), "success")
    return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
