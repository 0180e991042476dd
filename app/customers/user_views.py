"""Users of a customer in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.customers import users
from app.customers.models import Customer
from app.customers.user_forms import NewUserForm, UserForm
from app.customers.workspace import WorkspaceView
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page, page_of
from app.kernel.unit_of_work import unit_of_work
from app.security import locks
from app.security.models import SWITCHES, UserStatus
from app.security.roles import RoleName
from app.shell import fresh_links
from app.shell.pages import submit


class CustomerUsersView(WorkspaceView):
    """Users: the portal's logins of one customer, their four states, passwords and invitations."""

    route_base = "/customers/<int:customer_id>/users"
    class_permission_name = "CustomerUsers"
    section = "users"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        fresh = fresh_links.take(fresh_links.CUSTOMER_USER, customer_id)
        shown = page_of(users.users_of(customer), list_page(request.args))
        now = utc_now()
        rows = [
            (user, users.status_word(user), users.switched_off(user), locks.locked_until(user, now=now))
            for user in shown
        ]
        return self.page("customers/users.html", customer, rows=rows, shown=shown, fresh=fresh)

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        form = NewUserForm()
        done, status = submit(
            form,
            lambda: users.add_user(
                customer,
                name=form.name.data,
                email=form.email.data,
                status=UserStatus(form.status.data),
                password=form.password.data or None,
                switches=form.switches(),
                now=utc_now(),
            ),
        )
        if done is not None:
            user, token = done
            self._keep_link(customer_id, user, token)
            flash(_("%(name)s was added.", name=user.name), "success")
            return redirect(url_for("CustomerUsersView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        return self.page(
            "customers/user.html", customer, form=form, user=None, role=RoleName.CUSTOMER
        ), status

    @expose("/<int:user_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, user_id: int) -> Any:
        customer = self.customer(customer_id)
        user = users.find_user(customer, user_id)
        form = UserForm()
        if request.method == "GET":
            form.name.data, form.status.data = user.name, user.status.value
            for switch in SWITCHES:
                form[switch].data = getattr(user, switch)
            form.remember(user)
        saved, status = submit(
            form, lambda: self._save(customer, user, form), record=lambda: users.find_user(customer, user_id)
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=saved.name), "success")
            return redirect(url_for("CustomerUsersView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        user = users.find_user(customer, user_id)
        return self.page(
            "customers/user.html", customer, form=form, user=user, role=RoleName.CUSTOMER
        ), status

    @staticmethod
    def _save(customer: Customer, user: Any, form: UserForm) -> Any:
        users.hold(user)
        form.check_unchanged(user)
        return users.change_user(
            customer,
            user,
            name=form.name.data,
            status=UserStatus(form.status.data),
            password=form.password.data or None,
            switches=form.switches(),
        )

    @expose("/<int:user_id>/invite/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def invite(self, customer_id: int, user_id: int) -> Response:
        def change(customer: Customer, user: Any) -> str:
            token = users.invite_user(customer, user, now=utc_now())
            self._keep_link(customer_id, user, token)
            return ""

        return self._act(customer_id, user_id, change)

    @expose("/<int:user_id>/unlock/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def unlock(self, customer_id: int, user_id: int) -> Response:
        def change(customer: Customer, user: Any) -> str:
            users.unlock_user(customer, user, now=utc_now())
            return _("%(name)s is not locked any more.", name=user.name)

        return self._act(customer_id, user_id, change)

    @expose("/<int:user_id>/sign-out/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def sign_out(self, customer_id: int, user_id: int) -> Response:
        def change(customer: Customer, user: Any) -> str:
            users.sign_out_user(customer, user)
            return _("%(name)s was logged out everywhere.", name=user.name)

        return self._act(customer_id, user_id, change)

    @expose("/<int:user_id>/reset-second-factor/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def reset_second_factor(self, customer_id: int, user_id: int) -> Response:
        def change(customer: Customer, user: Any) -> str:
            users.reset_second_factor(customer, user, now=utc_now())
            return _("%(name)s logs in with the password alone until a new one is set up.", name=user.name)

        return self._act(customer_id, user_id, change)

    def _act(self, customer_id: int, user_id: int, change: Callable[[Customer, Any], str]) -> Response:
        """Do one thing to one person and go back to the list, which says what was done or why not."""
        customer = self.customer(customer_id)
        try:
            with unit_of_work(db.session):
                message = change(customer, users.find_user(customer, user_id))
        except WrongState as refusal:
            flash(str(refusal), "danger")
        else:
            if message:
                flash(message, "success")
        return redirect(url_for("CustomerUsersView.show", customer_id=customer_id))

    @expose("/<int:user_id>/remove/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, customer_id: int, user_id: int) -> Response:
        customer = self.customer(customer_id)
        with unit_of_work(db.session):
            user = users.find_user(customer, user_id)
            name = user.name
            users.remove_user(customer, user)
        flash(_("%(name)s was removed.", name=name), "success")
        return redirect(url_for("CustomerUsersView.show", customer_id=customer_id))

    @staticmethod
    def _keep_link(customer_id: int, user: Any, token: str | None) -> None:
        if token is not None:
            fresh_links.keep(fresh_links.CUSTOMER_USER, customer_id, token, name=user.name)
