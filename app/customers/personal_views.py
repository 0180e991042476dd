"""A customer's person: its data as a file, and taking away for good who it was."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.customers import users
from app.customers.models import Customer
from app.customers.user_forms import AnonymiseForm
from app.customers.workspace import WorkspaceView
from app.kernel.clock import utc_now
from app.security import personal_data
from app.security.personal_views import data_file
from app.shell.pages import submit


class CustomerPersonView(WorkspaceView):
    """What the reseller answers when a customer's person asks for the own data, or to be forgotten."""

    route_base = "/customers/<int:customer_id>/users/<int:user_id>"
    class_permission_name = "CustomerUsers"
    section = "users"
    default_view = "export"

    @expose("/data.json")
    @has_access
    @permission_name("export")
    def export(self, customer_id: int, user_id: int) -> Response:
        return data_file(users.find_user(self.customer(customer_id), user_id))

    @expose("/anonymise/", methods=["GET", "POST"])
    @has_access
    @permission_name("anonymise")
    def anonymise(self, customer_id: int, user_id: int) -> Any:
        customer = self.customer(customer_id)
        user = users.find_user(customer, user_id)
        personal_data.check_not_anonymised(user)
        form = AnonymiseForm()
        form.address = user.email
        name = user.name
        done, status = submit(form, lambda: self._anonymise(customer, user))
        if done is not None:
            flash(_("%(name)s was anonymised.", name=name), "success")
            return redirect(url_for("CustomerUsersView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        user = users.find_user(customer, user_id)
        page = self.page(
            "customers/anonymise.html",
            customer,
            form=form,
            user=user,
            harm=personal_data.harm_of(user),
            is_contact=customer.email == user.email,
        )
        return page, status

    @staticmethod
    def _anonymise(customer: Customer, user: Any) -> Any:
        users.hold(user)
        return personal_data.anonymise(user, now=utc_now())
