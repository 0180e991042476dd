"""Account groups in the customer workspace, below Cloud Accounts."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.cloud_accounts import groups
from app.cloud_accounts.group_forms import GroupForm
from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer
from app.customers.queries import buyable_providers
from app.customers.workspace import WorkspaceView
from app.errors import DomainError
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.shell.pages import submit


class CustomerGroupsView(WorkspaceView):
    """Groups of accounts that are charged together: made, renamed, filled, deleted."""

    route_base = "/customers/<int:customer_id>/groups"
    class_permission_name = "CustomerGroups"
    section = "accounts"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        return self.page(
            "cloud_accounts/groups.html",
            customer,
            rows=groups.group_rows(customer),
            may_add=not customer.is_archived and bool(buyable_providers(customer)),
        )

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        providers = buyable_providers(customer)
        provider = next(
            (one for one in providers if one.code == request.args.get("provider")),
            providers[0] if providers else None,
        )
        form = GroupForm()
        if provider is not None:
            form.provider_id.choices = [(str(provider.id), provider.name)]
            form.provider_id.data = str(provider.id)
            self._offer(form, customer, provider, None)
        group, status = submit(
            form,
            lambda: groups.add_group(
                customer,
                next(one for one in providers if str(one.id) == form.provider_id.data),
                name=form.name.data,
                account_ids=[int(one) for one in form.account_ids.data or ()],
                from_month=form.counts_from.month,
            ),
        )
        if group is not None:
            flash(_("%(name)s was added.", name=group.name), "success")
            return redirect(url_for("CustomerGroupsView.show", customer_id=customer_id))
        return self.page(
            "cloud_accounts/group.html",
            self.customer(customer_id),
            form=form,
            group=None,
            provider=provider,
            choosable=providers,
        ), status

    @expose("/<int:group_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, group_id: int) -> Any:
        customer = self.customer(customer_id)
        group = groups.find_group(customer, group_id)
        form = GroupForm(obj=group if request.method == "GET" else None)
        form.provider_id.choices = [(str(group.provider_id), group.provider.name)]
        form.provider_id.data = str(group.provider_id)
        form.provider_id.raw_data = [form.provider_id.data]  # it stays: the form does not ask for it
        self._offer(form, customer, group.provider, group)
        saved, status = submit(
            form,
            lambda: groups.change_group(
                group,
                customer=customer,
                name=form.name.data,
                account_ids=[int(one) for one in form.account_ids.data or ()],
                from_month=form.counts_from.month,
                version=form.opened_version,
            ),
            record=lambda: groups.find_group(customer, group_id),
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=saved.name), "success")
            return redirect(url_for("CustomerGroupsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        group = groups.find_group(customer, group_id)
        return self.page(
            "cloud_accounts/group.html",
            customer,
            form=form,
            group=group,
            provider=group.provider,
            choosable=[],
        ), status

    @staticmethod
    def _offer(form: GroupForm, customer: Customer, provider: Provider, group: AccountGroup | None) -> None:
        query = (
            select(CloudAccount)
            .where(
                CloudAccount.customer_id == customer.id,
                CloudAccount.provider_id == provider.id,
                CloudAccount.status == CloudAccountStatus.ACTIVE,
            )
            .order_by(CloudAccount.name, CloudAccount.account_id)
        )
        accounts = db.session.scalars(query).all()
        members = groups.members_of(customer, provider)
        form.account_ids.choices = [
            (str(one.id), one.in_full + _in_other(members.get(one.id), group)) for one in accounts
        ]
        if group is not None and request.method == "GET":
            form.account_ids.data = [
                str(one.id) for one in accounts if one.id in members and members[one.id].id == group.id
            ]
        form.counts_from.offer(groups.months_of(customer))

    @expose("/<int:group_id>/delete/", methods=["POST"])
    @has_access
    @permission_name("delete")
    def delete(self, customer_id: int, group_id: int) -> Response:
        customer = self.customer(customer_id)
        group = groups.find_group(customer, group_id)
        name = group.name
        try:
            with unit_of_work(db.session):
                groups.delete_group(group, customer=customer)
        except DomainError as refusal:
            if refusal.status in (403, 404):
                raise
            flash(str(refusal), "danger")
        else:
            flash(_("%(name)s was removed.", name=name), "success")
        return redirect(url_for("CustomerGroupsView.show", customer_id=customer_id))


def _in_other(member_of: AccountGroup | None, group: AccountGroup | None) -> str:
    """Say which other group an account would leave."""
    if member_of is None or member_of is group:
        return ""
    return f" – {_('in %(group)s', group=member_of.name)}"
