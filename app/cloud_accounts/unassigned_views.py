"""Cloud Accounts > Unassigned: accounts that bills named before anybody said whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.cloud_accounts import lists, ownership, queries, services
from app.cloud_accounts.forms import AssignForm
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.errors import NotVisible
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.kernel.unit_of_work import unit_of_work
from app.shell.formats import reader_today
from app.shell.pages import PageView, submit

#: How many of the chosen accounts the page names; the others are counted.
MOST_NAMED = 12


class UnassignedAccountsView(PageView):
    """The list, and giving what is chosen in it to a customer."""

    route_base = "/cloud-accounts/unassigned"
    class_permission_name = "UnassignedAccounts"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        return self.render_template(
            "cloud_accounts/unassigned.html",
            **lists.list_context(None),
            most_at_once=ownership.MOST_AT_ONCE,
            archived=CloudAccountStatus.ARCHIVED,
        )

    @expose("/export.csv")
    @has_access
    @permission_name("export")
    def csv(self) -> Response:
        return lists.export(None, "csv")

    @expose("/export.xlsx")
    @has_access
    @permission_name("export")
    def xlsx(self) -> Response:
        return lists.export(None, "xlsx")

    @expose("/assign/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def assign(self) -> Any:
        """Give the chosen accounts, or all that the address's filter finds, to a customer: all of them or none."""
        accounts = self._chosen()
        form = AssignForm()

        def assign() -> tuple[Sequence[CloudAccount], Any]:
            customer = ownership.find_active_customer(form.customer.data)
            return ownership.assign_accounts(
                accounts,
                customer,
                from_day=form.first_day,
                reason=form.reason.data or "",
                today=reader_today(),
                now=utc_now(),
            ), customer

        done, status = submit(form, assign)
        if done is not None:
            assigned, customer = done
            flash(ownership.assigned_words(len(assigned), customer), "success")
            return redirect(url_for("UnassignedAccountsView.list"))
        return self.render_template(
            "cloud_accounts/assign.html",
            form=form,
            accounts=accounts,
            named=accounts[:MOST_NAMED],
            suggested=ownership.suggested_customers(),
        ), status

    @staticmethod
    def _chosen() -> Sequence[CloudAccount]:
        """Return the accounts by id, as they are in the address or the form; 404 for what nobody sees here."""
        if request.method == "GET" and request.args.get("all"):
            query = queries.accounts_query(lists.filter_from_args(None)).limit(ownership.MOST_AT_ONCE + 1)
            return db.session.scalars(query).all()
        texts = (request.form if request.method == "POST" else request.args).getlist("rowid")
        ids = {small_number(text) or 0 for text in texts[: ownership.MOST_AT_ONCE + 1]}
        query_of = queries.accounts_by_id(ids)
        found = db.session.scalars(query_of).all()
        if len(found) < len(ids):
            raise NotVisible
        return found

    @expose("/<int:account_id>/archive/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def archive(self, account_id: int) -> Response:
        """Put an account aside that is no customer's: the reseller's own, say."""
        with unit_of_work(db.session):
            account = services.archive_account(services.find_unassigned(account_id), today=reader_today())
        flash(_("%(account)s was archived.", account=account), "success")
        return redirect(url_for("UnassignedAccountsView.list"))

    @expose("/<int:account_id>/restore/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore(self, account_id: int) -> Response:
        with unit_of_work(db.session):
            account = services.restore_account(services.find_unassigned(account_id), today=reader_today())
        flash(_("%(account)s is active again.", account=account), "success")
        return redirect(url_for("UnassignedAccountsView.list"))
