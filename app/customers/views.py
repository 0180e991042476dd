"""Screens of customers: the list, adding one, and the sections of the workspace that this slice owns."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.audit.queries import recent_entries
from app.audit.words import timeline_entries
from app.customers import lifecycle, queries, services, tax_profile
from app.customers.fields_form import custom_fields_form, stored_values
from app.customers.forms import CustomerForm, ProviderForm
from app.customers.list_args import filter_from_args, list_context
from app.customers.models import Customer
from app.customers.registry import ordered_sections, provider_uses
from app.customers.tax_form import opened_tax_form, saved_profile, tax_form
from app.customers.workspace import WorkspaceView
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.kernel.unit_of_work import unit_of_work
from app.shell.choices import currency_choices
from app.shell.context import current_reseller
from app.shell.crud import BaseModelView, Interface
from app.shell.formats import integer_text, offered_name, words_list
from app.shell.pages import submit


class CustomerModelView(BaseModelView):
    """The customer list and the first step of a new customer."""

    datamodel = Interface(Customer)
    route_base = "/customers"
    class_permission_name = "Customers"
    exclude_route_methods = {"download", "action", "action_post", "show", "edit", "delete"}
    base_permissions = ["can_list", "can_add", "can_archive", "can_export", "can_import"]
    search_columns = ["organization"]
    list_columns = ["organization"]
    form = CustomerForm
    list_title = _l("Customers")
    add_title = _l("Add customer")

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        wanted, page, size = filter_from_args()
        return self.render_template(
            "customers/list.html", title=self.list_title, **list_context(wanted, page, size)
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = CustomerForm()
        if request.method == "GET":
            form.submission.data = secrets.token_urlsafe(24)
            reseller = current_reseller()
            form.country.data = reseller.country if reseller else ""
        token = str(form.submission.data or "")[:64] or None
        customer, status = submit(
            form, lambda: services.create_customer(form.values(), now=utc_now(), submission=token)
        )
        if customer is not None:
            flash(
                _("%(name)s was added. The other sections are open now.", name=customer.organization),
                "success",
            )
            return redirect(url_for("CustomerInformationView.show", customer_id=customer.id))
        later = [one for one in ordered_sections() if one.key not in ("information", "timeline")]
        return self.render_template(
            "customers/add.html", title=self.add_title, form=form, later=later
        ), status

    @expose("/archive", methods=["POST"])
    @has_access
    @permission_name("archive")
    def archive_many(self) -> Response:
        """Archive the selected customers, or all that the address's filter finds: all of them or none."""
        with unit_of_work(db.session):
            number = lifecycle.archive_all(self._chosen(), now=utc_now())
        flash(
            ngettext(
                "%(count)s customer was archived.",
                "%(count)s customers were archived.",
                number,
                count=integer_text(number),
            ),
            "success",
        )
        return self._back_to_list()

    @expose("/restore", methods=["POST"])
    @has_access
    @permission_name("archive")
    def restore_many(self) -> Response:
        """Bring back the selected customers, or all that the address's filter finds: all of them or none."""
        with unit_of_work(db.session):
            number = lifecycle.restore_all(self._chosen(), now=utc_now())
        flash(
            ngettext(
                "%(count)s customer is active again.",
                "%(count)s customers are active again.",
                number,
                count=integer_text(number),
            ),
            "success",
        )
        return self._back_to_list()

    @staticmethod
    def _chosen() -> Sequence[Customer]:
        if request.form.get("all"):
            wanted, _page, _size = filter_from_args()
            return queries.all_customers(wanted, limit=lifecycle.MOST_AT_ONCE + 1)
        ids = [small_number(text) for text in request.form.getlist("rowid")[:1000]]
        return [services.find_customer(one or 0) for one in ids]

    @staticmethod
    def _back_to_list() -> Response:
        """Go back to where the order was given: the form's address carries the list's filter and page."""
        query = urlencode(list(request.args.items(multi=True)))
        return redirect(url_for("CustomerModelView.list") + (f"?{query}" if query else ""))


class CustomerInformationView(WorkspaceView):
    """Customer Information: who the customer is."""

    route_base = "/customers/<int:customer_id>"
    class_permission_name = "Customers"
    section = "information"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        form = CustomerForm(obj=customer if request.method == "GET" else None)
        saved, status = submit(
            form,
            lambda: services.update_customer(
                customer, form.values(), version=form.opened_version, now=utc_now()
            ),
            record=lambda: customer,
        )
        if saved is not None:
            flash(_("Customer Information was saved."), "success")
            return redirect(url_for("CustomerInformationView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        return self.page("customers/information.html", customer, form=form), status

    @expose("/jump/")
    @has_access
    @permission_name("edit")
    def jump(self, customer_id: int) -> Response:
        """Follow the small screens' choice of an area, without script too."""
        self.customer(customer_id)
        return redirect(get_safe_redirect(request.args.get("to", "")))

    @expose("/archive/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def archive(self, customer_id: int) -> Response:
        with unit_of_work(db.session):
            customer = lifecycle.archive_customer(self.customer(customer_id), now=utc_now())
        flash(_("%(name)s was archived. Its history stays.", name=customer.organization), "success")
        return redirect(url_for("CustomerInformationView.show", customer_id=customer_id))

    @expose("/delete/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def delete(self, customer_id: int) -> Response:
        customer = self.customer(customer_id)
        name = customer.organization
        with unit_of_work(db.session):
            lifecycle.delete_customer(customer)
        flash(_("%(name)s was deleted.", name=name), "success")
        return redirect(url_for("CustomerModelView.list"))

    @expose("/restore/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def restore(self, customer_id: int) -> Response:
        with unit_of_work(db.session):
            customer = lifecycle.restore_customer(self.customer(customer_id), now=utc_now())
        flash(_("%(name)s is active again.", name=customer.organization), "success")
        return redirect(url_for("CustomerInformationView.show", customer_id=customer_id))


class CustomerFieldsView(WorkspaceView):
    """Custom Fields: what this reseller wants to know beyond the standard."""

    route_base = "/customers/<int:customer_id>/custom-fields"
    class_permission_name = "CustomerFields"
    section = "custom_fields"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        fields = queries.customer_fields()
        form = custom_fields_form(fields, customer)
        saved, status = submit(
            form,
            lambda: services.save_custom_values(
                customer, stored_values(form, fields), version=form.opened_version
            ),
            record=lambda: customer,
        )
        if saved is not None:
            flash(_("Custom fields were saved."), "success")
            return redirect(url_for("CustomerFieldsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        may_define = self.appbuilder.sm.has_access("can_add", "CustomFieldDefinitions")
        return self.page(
            "customers/custom_fields.html", customer, form=form, fields=fields, may_define=may_define
        ), status


class CustomerProvidersView(WorkspaceView):
    """Cloud Providers: what the customer may buy, at which pricebook."""

    route_base = "/customers/<int:customer_id>/providers"
    class_permission_name = "CustomerProviders"
    section = "providers"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        return self.page("customers/providers.html", customer, rows=queries.provider_rows(customer))

    @expose("/<string:code>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, code: str) -> Any:
        customer = self.customer(customer_id)
        found = next((one for one in queries.provider_rows(customer) if one.provider.code == code), None)
        if found is None:
            raise services.NotVisible
        provider, reseller = found.provider, current_reseller()
        currency = reseller.currency if reseller else "EUR"
        with db.session.no_autoflush:
            row = services.enablement_of(customer, provider, currency=currency)
        form = self._form(customer, provider, row)
        saved, status = submit(
            form,
            lambda: services.save_enablement(
                customer,
                provider,
                _enablement_values(form),
                version=form.opened_version,
                currency=currency,
                from_month=form.counts_from.month,
            ),
            record=lambda: services.enablement_of(customer, provider, currency=currency),
        )
        if saved is not None:
            flash(
                _(
                    "%(provider)s was saved for %(name)s.",
                    provider=provider.name,
                    name=customer.organization,
                ),
                "success",
            )
            return redirect(url_for("CustomerProvidersView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        linked = provider_uses(customer, provider)
        return self.page(
            "customers/provider.html",
            customer,
            form=form,
            found=found,
            linked=words_list(linked),
            earlier=queries.earlier_books(found.enablement),
        ), status

    @staticmethod
    def _form(customer: Any, provider: Any, row: Any) -> ProviderForm:
        form = ProviderForm(obj=row if request.method == "GET" else None)
        form.services.choices = [(name, name) for name in provider.services]
        form.pricebook_id.choices = [("", _("%(provider)s Master (list price)", provider=provider.name))] + [
            (str(book.id), offered_name(book.name, is_retired=book.is_retired))
            for book in queries.usable_pricebooks(provider, current=row.pricebook_id)
        ]
        form.currency.choices = list(currency_choices())
        form.counts_from.offer(services.months_of(customer), given=row.counts_from)
        if request.method == "GET":
            form.version.data = str(row.version or 0)
            form.pricebook_id.data = str(row.pricebook_id or "")
            form.all_services.data = "all" if row.services is None else "chosen"
            form.services.data = row.services or []
        return form


def _enablement_values(form: ProviderForm) -> dict[str, Any]:
    values = {
        name: form[name].data
        for name in (
            "is_authorised",
            "in_portal",
            "may_request_accounts",
            "currency",
            "pass_reserved_instances",
            "pass_savings_plans",
            "pass_provider_credits",
        )
    }
    values["services"] = form.entered("services")
    values["pricebook_id"] = int(form.pricebook_id.data) if form.pricebook_id.data else None
    return values


class CustomerTimelineView(WorkspaceView):
    """Timeline: the customer's part of the change log."""

    route_base = "/customers/<int:customer_id>/timeline"
    class_permission_name = "CustomerTimeline"
    section = "timeline"
    page_length = 50

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        entries = recent_entries(
            limit=self.page_length + 1,
            customer_id=customer_id,
            before=small_number(request.args.get("before", "")),
        )
        more = entries[self.page_length - 1].id if len(entries) > self.page_length else None
        shown = timeline_entries(entries[: self.page_length])
        return self.page("customers/timeline.html", customer, entries=shown, more=more)


class CustomerTaxView(WorkspaceView):
    """Tax: is the customer taxable, and at which rates."""

    route_base = "/customers/<int:customer_id>/tax"
    class_permission_name = "CustomerTax"
    section = "tax"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        is_posted = request.method == "POST"
        form = tax_form(customer, is_posted=True) if is_posted else opened_tax_form(customer)
        saved, status = submit(
            form,
            lambda: saved_profile(customer, form),
            record=lambda: tax_profile.profile_of(customer),
        )
        if saved is not None:
            flash(_("The tax profile was saved."), "success")
            return redirect(url_for("CustomerTaxView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        may_define = self.appbuilder.sm.has_access("can_add", "TaxRates")
        return self.page("customers/tax.html", customer, form=form, may_define=may_define), status
