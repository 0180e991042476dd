"""Resellers: list, add with the first Owner, details, and which providers they may resell."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.platform_admin.forms import ResellerForm
from app.platform_admin.queries import find_reseller
from app.platform_admin.services import resellers as services
from app.platform_admin.views.reseller_page import render_reseller
from app.providers.forms import GrantsForm, grants_form
from app.providers.queries import provider_offers
from app.providers.services import save_grants
from app.shell import fresh_links
from app.shell.crud import BaseModelView, Interface, lock_row
from app.shell.links import own_hosts
from app.shell.pages import PageView, attempt
from app.tenancy.models import Reseller


class ResellerModelView(BaseModelView):
    """The companies that this platform hosts."""

    datamodel = Interface(Reseller)
    route_base = "/platform/resellers"
    class_permission_name = "Resellers"
    exclude_route_methods = {"download", "action", "action_post", "delete"}
    form = ResellerForm
    list_columns = ["name", "nickname", "currency", "time_zone", "created_at"]
    order_columns = ["name", "nickname", "currency", "created_at"]
    search_columns = ["name", "nickname"]
    base_order = ("name", "asc")
    secondary_columns = ("time_zone",)
    label_columns = {
        "name": _l("Name"),
        "nickname": _l("Nickname"),
        "currency": _l("Currency"),
        "time_zone": _l("Time zone"),
        "created_at": _l("Added"),
    }
    list_title = _l("Resellers")
    list_note = _l("Each reseller has a console, customers and prices of its own.")
    add_title = _l("Add reseller")
    edit_title = _l("Edit reseller")
    add_label = _l("Add reseller")
    empty_icon = "building"
    empty_title = _l("No resellers yet")
    empty_text = _l(
        "A reseller is a company that sells cloud services to its customers. "
        "Adding one invites its first Owner."
    )
    add_template = edit_template = "platform_admin/reseller_form.html"

    def list_url(self) -> str:
        saved = g.get("saved_reseller")
        return url_for("ResellerModelView.show", pk=saved) if saved else url_for("ResellerModelView.list")

    def prepare(self, form: Any, row: Any) -> None:
        form.fill_choices()
        if row is not None:
            del form.owner_name, form.owner_email
            if request.method == "GET":
                form.default_language.data = row.language_codes[0] if row.language_codes else "en"
        elif request.method == "GET":
            form.currency.data, form.time_zone.data = "EUR", "Europe/Berlin"
            form.language_codes.data, form.default_language.data = ["en"], "en"

    def create(self, form: Any) -> Any:
        made = services.create_reseller(
            form.values(),
            owner_name=form.owner_name.data,
            owner_email=form.owner_email.data,
            now=utc_now(),
            own_hosts=own_hosts(),
        )
        fresh_links.keep(fresh_links.PLATFORM, made.owner.id, made.token)
        g.saved_reseller = made.reseller.id
        return made.reseller

    def change(self, row: Any, form: Any) -> Any:
        g.saved_reseller = row.id
        return services.change_reseller(
            row, form.values(), version=form.opened_version, own_hosts=own_hosts()
        )

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> Any:
        return render_reseller(self, self._row_or_404(pk))


class ResellerProvidersView(PageView):
    """Which providers one reseller may resell. Withdrawing one keeps what its customers have with it."""

    route_base = "/platform/resellers/<int:reseller_id>/providers"
    class_permission_name = "ResellerProviders"
    default_view = "save"

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, reseller_id: int) -> Any:
        reseller = find_reseller(reseller_id)
        form = grants_form(provider_offers(reseller.id))
        status = 422
        if form.validate():
            saved, status = attempt(
                form, lambda: self._save(reseller, form), record=lambda: find_reseller(reseller_id)
            )
            if saved is not None:
                flash(_("The providers of %(name)s were saved.", name=reseller.name), "success")
                return redirect(url_for("ResellerModelView.show", pk=reseller_id))
            reseller = find_reseller(reseller_id)
        return render_reseller(self, reseller, grants=form), status

    @staticmethod
    def _save(reseller: Reseller, form: GrantsForm) -> list[str]:
        lock_row(reseller)
        form.check_opened_in(form.state_of(reseller))
        return save_grants(reseller.id, form.choices())


class OwnerInvitationView(PageView):
    """A new link for an Owner who never took up the first one."""

    route_base = "/platform/resellers/<int:reseller_id>/owners"
    class_permission_name = "Resellers"
    default_view = "invite"

    @expose("/<int:user_id>/invitation/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def invite(self, reseller_id: int, user_id: int) -> Response:
        with unit_of_work(db.session):
            token = services.invite_owner_again(find_reseller(reseller_id), user_id, now=utc_now())
        fresh_links.keep(fresh_links.PLATFORM, user_id, token)
        return redirect(url_for("ResellerModelView.show", pk=reseller_id))
