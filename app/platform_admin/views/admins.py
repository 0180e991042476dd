"""The platform's own people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.platform_admin.forms import AdminForm
from app.platform_admin.services import admins as services
from app.security import locks
from app.security.models import User, UserStatus
from app.shell import fresh_links
from app.shell.crud import BaseModelView, Interface
from app.shell.formats import badge


def state_of(user: Any) -> str:
    """Return the state to show: an active login without a password is an invitation not taken up."""
    return "invited" if user.status is UserStatus.ACTIVE and not user.password else str(user.status.value)


def _invite(user: Any) -> None:
    fresh_links.keep(fresh_links.PLATFORM, user.id, services.invite_admin(user, now=utc_now()))


class AdminInterface(Interface):
    """Adds the state to what lists can show, a lock after failures included."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col != "state":
            return Interface._get_attr_value(item, col)
        return "locked" if locks.locked_until(item, now=utc_now()) else state_of(item)


class PlatformUserView(BaseModelView):
    """Platform Admins. The platform's scope shows the logins that belong to no reseller, and no others."""

    datamodel = AdminInterface(User)
    route_base = "/platform/users"
    class_permission_name = "PlatformUsers"
    form = AdminForm
    list_columns = ["name", "email", "state", "last_login"]
    order_columns = ["email", "last_login"]
    search_columns = ["email"]
    base_order = ("email", "asc")
    formatters_columns = {"state": badge}
    secondary_columns = ("last_login",)
    label_columns = {
        "name": _l("Name"),
        "email": _l("Email"),
        "state": _l("Status"),
        "last_login": _l("Last login"),
    }
    list_title = _l("Platform users")
    list_note = _l("Platform Admins see no reseller's records until they enter its console, with a reason.")
    add_title = _l("Add Platform Admin")
    edit_title = _l("Edit Platform Admin")
    add_label = _l("Add Platform Admin")
    delete_text = _l("The person is logged out at once. What the person did stays in the change log.")
    add_template = edit_template = "platform_admin/user_form.html"

    def row_name(self, row: Any) -> str:
        return str(row.name or row.email)

    def list_url(self) -> str:
        saved = g.get("saved_user")
        return url_for("PlatformUserView.show", pk=saved) if saved else url_for("PlatformUserView.list")

    def prepare(self, form: Any, row: Any) -> None:
        if row is not None:
            del form.start, form.password

    def create(self, form: Any) -> Any:
        is_invited = form.start.data == "invitation"
        user = services.add_admin(
            name=form["name"].data, email=form.email.data, password=None if is_invited else form.password.data
        )
        if is_invited:
            _invite(user)
        g.saved_user = user.id
        return user

    def change(self, row: Any, form: Any) -> Any:
        g.saved_user = row.id
        return services.change_admin(row, name=form["name"].data, email=form.email.data)

    def remove(self, row: Any) -> None:
        services.remove_admin(row, actor_id=current_user.id)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> Any:
        user = self._row_or_404(pk)
        link = fresh_links.take(fresh_links.PLATFORM, user.id)
        return self.render_template(
            "platform_admin/user.html",
            title=user.name or user.email,
            crumbs=[(_("Platform users"), url_for("PlatformUserView.list")), (user.name, None)],
            item=user,
            state=state_of(user),
            is_self=user.id == current_user.id,
            locked_until=locks.locked_until(user, now=utc_now()),
            link=link.url if link else None,
        )

    @expose("/suspend/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def suspend(self, pk: Any) -> Response:
        return self._act(
            pk, lambda user: services.suspend_admin(user, actor_id=current_user.id), self._suspended
        )

    @expose("/activate/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def activate(self, pk: Any) -> Response:
        return self._act(pk, services.activate_admin, self._activated)

    @expose("/unlock/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def unlock(self, pk: Any) -> Response:
        return self._act(pk, lambda user: services.unlock_admin(user, now=utc_now()), self._unlocked)

    @expose("/sign-out/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def sign_out(self, pk: Any) -> Response:
        return self._act(
            pk, lambda user: services.sign_out_admin(user, actor_id=current_user.id), self._signed_out
        )

    @expose("/reset-second-factor/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def reset_second_factor(self, pk: Any) -> Response:
        return self._act(
            pk,
            lambda user: services.reset_second_factor(user, actor_id=current_user.id, now=utc_now()),
            self._factor_taken,
        )

    @expose("/invite/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def invite(self, pk: Any) -> Response:
        return self._act(pk, _invite, None)

    @staticmethod
    def _suspended(name: str) -> str:
        return _("%(name)s was suspended and logged out.", name=name)

    @staticmethod
    def _unlocked(name: str) -> str:
        return _("%(name)s is not locked any more.", name=name)

    @staticmethod
    def _signed_out(name: str) -> str:
        return _("%(name)s was logged out everywhere.", name=name)

    @staticmethod
    def _factor_taken(name: str) -> str:
        return _("%(name)s logs in with the password alone until a new one is set up.", name=name)

    @staticmethod
    def _activated(name: str) -> str:
        return _("%(name)s is active again.", name=name)

    def _act(self, pk: Any, change: Callable[[Any], Any], message: Callable[[str], str] | None) -> Response:
        user = self._row_or_404(pk)
        name = self.row_name(user)
        try:
            with unit_of_work(db.session):
                change(user)
        except DomainError as refusal:
            flash(str(refusal), "danger")
        else:
            if message:
                flash(message(name), "success")
        return redirect(url_for("PlatformUserView.show", pk=pk))
