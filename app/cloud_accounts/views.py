"""Cloud accounts in the customer workspace."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.cloud_accounts import lists, ownership, queries, registry, services
from app.cloud_accounts.forms import MoveForm, account_form, entered_values, link_form
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import buyable_providers
from app.customers.workspace import WorkspaceView
from app.errors import NotVisible, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import counting_text, first_open_month
from app.months.terms import earlier_terms
from app.shell.formats import reader_today
from app.shell.pages import submit


class CustomerAccountsView(WorkspaceView):
    """Cloud Accounts: link accounts that exist, say what is known of them, move them, archive them."""

    route_base = "/customers/<int:customer_id>/accounts"
    class_permission_name = "CustomerAccounts"
    section = "accounts"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        context = lists.list_context(customer)
        buyable = buyable_providers(customer)
        return self.page(
            "cloud_accounts/list.html",
            customer,
            **context,
            may_link=customer.status is CustomerStatus.ACTIVE and bool(buyable),
            ways=registry.head_actions(customer, buyable),
            more_actions={one.id: registry.row_actions(customer, one) for one in context["accounts"]},
            panels=registry.panels(customer),
            earlier=queries.earlier_periods(customer),
            held_words=ownership.held_words,
            archived=CloudAccountStatus.ARCHIVED,
        )

    @expose("/export.csv")
    @has_access
    @permission_name("export")
    def csv(self, customer_id: int) -> Response:
        return lists.export(self.customer(customer_id), "csv")

    @expose("/export.xlsx")
    @has_access
    @permission_name("export")
    def xlsx(self, customer_id: int) -> Response:
        return lists.export(self.customer(customer_id), "xlsx")

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        providers, fields = buyable_providers(customer), queries.account_fields()
        form = link_form(providers, fields)

        def link() -> CloudAccount:
            values = entered_values(form, fields)
            given = {name: one for name, one in values["custom_values"].items() if one}
            return services.link_account(
                customer,
                next(one for one in providers if str(one.id) == form.provider_id.data),
                account_id=form.account_id.data,
                name=values.pop("name"),
                support_type=values.pop("support_type"),
                now=utc_now(),
                more={**values, "custom_values": given},
            )

        account, status = submit(form, link)
        if account is not None:
            flash(_("%(account)s was linked.", account=account), "success")
            return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        return self.page(
            "cloud_accounts/add.html",
            customer,
            form=form,
            choosable=providers,
            fields=fields,
            suggested=queries.unassigned_accounts(providers),
            earliest=ownership.earliest_day(customer),
        ), status

    @expose("/<int:account_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, account_id: int) -> Any:
        customer = self.customer(customer_id)
        account = services.find_account(customer, account_id)
        fields, period = queries.account_fields(), queries.current_period(account)
        form = account_form(account, customer, period, fields)
        saved, status = submit(
            form,
            lambda: services.change_account(
                account,
                entered_values(form, fields),
                from_month=form.counts_from.month,
                version=form.opened_version,
                now=utc_now(),
            ),
            record=lambda: services.find_account(customer, account_id),
        )
        if saved is not None:
            flash(_("%(account)s was saved.", account=saved), "success")
            return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        account = services.find_account(customer, account_id)
        period = queries.current_period(account)
        return self.page(
            "cloud_accounts/form.html",
            customer,
            form=form,
            account=account,
            fields=fields,
            state=registry.states_of([account])[account.id],
            has_roles=account.provider.code == services.HAS_ROLES,
            periods=queries.periods_of([account])[account.id],
            earlier_books=_earlier_books(period),
            held_words=ownership.held_words,
            panels=registry.account_panels(customer, account),
            may_be_deleted=not customer.is_archived and services.can_be_deleted(account),
        ), status

    @expose("/<int:account_id>/move/", methods=["GET", "POST"])
    @has_access
    @permission_name("move")
    def move(self, customer_id: int, account_id: int) -> Any:
        """Give the account to another customer from a day on, or to nobody."""
        customer = self.customer(customer_id)
        account = self._still_here(customer, account_id)
        form = MoveForm()
        if request.method == "GET":
            form.version.data = str(account.version)

        def move() -> CloudAccount:
            is_given = form.to.data == "customer"
            to = ownership.find_active_customer(form.customer.data) if is_given else None
            return ownership.move_account(
                account,
                to,
                from_day=form.first_day,
                reason=form.reason.data,
                version=form.opened_version,
                today=reader_today(),
                now=utc_now(),
            )

        moved, status = submit(form, move, record=lambda: account)
        if moved is not None:
            flash(_moved_words(moved), "success")
            return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        db.session.refresh(account)
        return self.page(
            "cloud_accounts/move.html",
            customer,
            form=form,
            account=account,
            suggested=ownership.suggested_customers(besides=customer),
            counting=counting_text(first_open_month(services.months_of_customer(customer))),
        ), status

    @staticmethod
    def _still_here(customer: Customer, account_id: int) -> CloudAccount:
        """Return the account, also one that has just left: whoever moves it then is told, and not that it never was."""
        account = db.session.get(CloudAccount, account_id) if account_id < 2**31 else None
        if account is None or (account.customer_id != customer.id and not queries.has_had(customer, account)):
            raise NotVisible
        if account.customer_id != customer.id:
            raise WrongState(f"{_moved_words(account)} {_('Nothing was changed.')}")
        return account

    @expose("/<int:account_id>/archive/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def archive(self, customer_id: int, account_id: int) -> Response:
        return self._turn(
            customer_id,
            account_id,
            lambda account: services.archive_account(account, today=reader_today()),
            _("%(account)s was archived."),
        )

    @expose("/<int:account_id>/restore/", methods=["POST"])
    @has_access
    @permission_name("archive")
    def restore(self, customer_id: int, account_id: int) -> Response:
        return self._turn(
            customer_id,
            account_id,
            lambda account: services.restore_account(account, today=reader_today()),
            _("%(account)s is active again."),
        )

    @expose("/<int:account_id>/delete/", methods=["POST"])
    @has_access
    @permission_name("delete")
    def delete(self, customer_id: int, account_id: int) -> Response:
        customer = self.customer(customer_id)
        account = services.find_account(customer, account_id)
        name = str(account)
        with unit_of_work(db.session):
            services.delete_account(account)
        flash(_("%(name)s was deleted.", name=name), "success")
        return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))

    def _turn(self, customer_id: int, account_id: int, service: Any, message: str) -> Response:
        customer = self.customer(customer_id)
        with unit_of_work(db.session):
            account = service(services.find_account(customer, account_id))
        flash(message % {"account": account}, "success")
        return redirect(url_for("CustomerAccountsView.show", customer_id=customer_id))


def _moved_words(account: CloudAccount) -> str:
    if account.customer is None:
        return _("%(account)s is unassigned now.", account=account)
    return _("%(account)s belongs to %(customer)s now.", account=account, customer=account.customer)


def _earlier_books(period: Any) -> list[tuple[Any, Any, str]]:
    """Return which book held before the one of now: (first month, last month, name), the latest first."""
    if period is None:
        return []
    found = earlier_terms(period)
    names = queries.book_names({terms["pricebook_id"] for _first, _last, terms in found})
    return [(first, last, names.get(terms["pricebook_id"], "")) for first, last, terms in found]
