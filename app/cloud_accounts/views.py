"""Cloud accounts in the customer workspace."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.cloud_accounts import registry, services
from app.cloud_accounts.forms import AccountForm, LinkAccountForm
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.queries import found_by
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import buyable_providers
from app.customers.workspace import WorkspaceView
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.shell.pages import submit


def _support_choices(providers: list[Provider]) -> list[tuple[str, str]]:
    names = dict.fromkeys(name for provider in providers for name in provider.support_types)
    return [("", _("Not known")), *((name, name) for name in names)]


class CustomerAccountsView(WorkspaceView):
    """Cloud Accounts: link accounts that exist, rename them, archive them."""

    route_base = "/customers/<int:customer_id>/accounts"
    class_permission_name = "CustomerAccounts"
    section = "accounts"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        text = " ".join(request.args.get("q", "")[:200].split())
        query = (
            select(CloudAccount)
            .where(CloudAccount.customer_id == customer.id, *found_by(text))
            .order_by(
                CloudAccount.status, CloudAccount.provider_id, CloudAccount.name, CloudAccount.account_id
            )
        )
        accounts = paginate(db.session, query, list_page(request.args))
        buyable = self._authorised(customer)
        return self.page(
            "cloud_accounts/list.html",
            customer,
            accounts=accounts,
            text=text,
            may_link=customer.status is CustomerStatus.ACTIVE and bool(buyable),
            ways=registry.head_actions(customer, buyable),
            more_actions={one.id: registry.row_actions(customer, one) for one in accounts},
            panels=registry.panels(customer),
            archived=CloudAccountStatus.ARCHIVED,
        )

    @staticmethod
    def _authorised(customer: Customer) -> list[Provider]:
        return buyable_providers(customer)

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        providers = self._authorised(customer)
        form = LinkAccountForm()
        form.provider_id.choices = [("", ""), *((str(one.id), one.name) for one in providers)]
        form.support_type.choices = _support_choices(providers)
        if request.method == "GET" and len(providers) == 1:
            form.provider_id.data = str(providers[0].id)
        account, status = submit(
            form,
            lambda: services.link_account(
                customer,
                next(one for one in providers if str(one.id) == form.provider_id.data),
                account_id=form.account_id.data,
                name=form.name.data,
                support_type=form.support_type.data or "",
                now=utc_now(),
            ),
        )
        if account is not None:
            flash(_("%(account)s was linked.", account=account), "success")
            return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
        return self.page(
            "cloud_accounts/form.html", customer, form=form, account=None, choosable=providers
        ), status

    @expose("/<int:account_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, account_id: int) -> Any:
        customer = self.customer(customer_id)
        account = services.find_account(customer, account_id)
        form = AccountForm(obj=account if request.method == "GET" else None)
        form.support_type.choices = _support_choices([account.provider])
        saved, status = submit(
            form,
            lambda: services.change_account(
                account,
                name=form.name.data,
                support_type=form.support_type.data or "",
                version=form.opened_version,
            ),
            record=lambda: services.find_account(customer, account_id),
        )
        if saved is not None:
            flash(_("%(account)s was saved.", account=saved), "success")
            return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        account = services.find_account(customer, account_id)
        return self.page(
            "cloud_accounts/form.html", customer, form=form, account=account, choosable=[]
        ), status

    @expose("/<int:account_id>/archive/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def archive(self, customer_id: int, account_id: int) -> Response:
        return self._turn(customer_id, account_id, services.archive_account, _("%(account)s was archived."))

    @expose("/<int:account_id>/restore/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def restore(self, customer_id: int, account_id: int) -> Response:
        return self._turn(
            customer_id, account_id, services.restore_account, _("%(account)s is active again.")
        )

    def _turn(self, customer_id: int, account_id: int, service: Any, message: str) -> Response:
        customer = self.customer(customer_id)
        with unit_of_work(db.session):
            account = service(services.find_account(customer, account_id))
        flash(message % {"account": account}, "success")
        return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
