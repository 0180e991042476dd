"""The company's own data."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.customers.models import Customer
from app.kernel.clock import utc_now
from app.portal.access import check_open, openings, portal_settings
from app.portal.forms import CompanyForm
from app.portal.queries.company import own_company
from app.portal.services.company import change_contact
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage
from app.shell.pages import submit


class PortalCompanyView(CustomerPage):
    """Company: the contact data, which the company keeps itself; its name and number are the reseller's."""

    route_base = f"{PREFIX}/company"
    class_permission_name = "PortalCompany"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        check_open(openings().company)
        customer = self.customer()
        form = CompanyForm(obj=customer if request.method == "GET" else None)
        if portal_settings().requires_address:
            form.require_address()
        if request.method == "GET":
            form.remember(customer)
        saved, status = submit(form, lambda: self._save(customer, form), record=lambda: customer)
        if saved is not None:
            flash(_("The company's data was saved."), "success")
            return redirect(url_for("PortalCompanyView.show"))
        return self.page("portal/company.html", _("Company"), form=form, company=own_company()), status

    @staticmethod
    def _save(customer: Customer, form: CompanyForm) -> Customer:
        form.check_unchanged(customer)
        return change_contact(customer, form.values(), now=utc_now())
