"""Settings > Account > Users: the people who work in the console. Owners only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.kernel.clock import utc_now
from app.kernel.numbers import LARGEST_PAGE, small_number
from app.kernel.pagination import SIZES
from app.security.manager import effective_role
from app.security.roles import ROLE_PURPOSE, RoleName, grantable_roles
from app.settings import console_users
from app.settings.forms import PASSWORD, NewUserForm, SetPasswordForm, UserForm
from app.settings.user_actions import Action, actions_for
from app.shell import fresh_links
from app.shell.pages import PageView, attempt, submit
from app.tenancy.scope import current_scope


def _grantable() -> tuple[RoleName, ...]:
    return grantable_roles(effective_role(current_user))


class ConsoleUsersView(PageView):
    """List, add, edit, and what can be done to a person."""

    route_base = "/settings/users"
    class_permission_name = "ConsoleUsers"
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        rows = console_users.all_users(now=utc_now())
        args = request.args
        wanted = {
            "text": args.get("q", "").strip(),
            "role": args.get("role", ""),
            "status": args.get("status", ""),
        }
        page, size = small_number(args.get("page", "0"), largest=LARGEST_PAGE), args.get("per_page", "25")
        if page is None or size not in {str(one) for one in SIZES}:
            abort(400)
        found = console_users.matching(rows, **wanted)
        start = page * int(size)
        return self.render_template(
            "settings/users.html",
            title=_("Users"),
            counts=console_users.count_users(rows),
            rows=found[start : start + int(size)],
            total=len(found),
            page=page,
            size=int(size),
            wanted=wanted,
            actions=self._actions,
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = NewUserForm()
        form.offer_roles(_grantable())
        done, status = submit(form, lambda: self._add(form))
        if done is not None:
            user, secret = done
            if secret:
                fresh_links.keep(fresh_links.CONSOLE_USER, user.id, secret)
            flash(_("%(name)s was added.", name=user.name), "success")
            return redirect(url_for("ConsoleUsersView.edit", user_id=user.id))
        return self.render_template("settings/user_add.html", title=_("Add user"), form=form), status

    @staticmethod
    def _add(form: NewUserForm) -> Any:
        return console_users.add_user(
            name=form["name"].data,
            email=form["email"].data,
            role=form["role"].data,
            password=form["password"].data if form["access"].data == PASSWORD else None,
            grantable=_grantable(),
            now=utc_now(),
        )

    @expose("/<int:user_id>/", methods=["GET", "POST"])
    @has_access
    def edit(self, user_id: int) -> Any:
        user = console_users.find_user(user_id)
        form = UserForm(obj=user if request.method == "GET" else None)
        form.offer_roles(_grantable())
        if request.method == "GET":
            form["role"].data = user.role_name
            form.remember(user)
        saved, status = submit(
            form, lambda: self._save(user, form), record=lambda: console_users.find_user(user_id)
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=saved.name), "success")
            return redirect(url_for("ConsoleUsersView.list"))
        return self._page(user_id, form=form), status

    @staticmethod
    def _save(user: Any, form: UserForm) -> Any:
        console_users.hold(user)
        form.check_unchanged(user)
        return console_users.change_user(
            user, name=form["name"].data, role=form["role"].data, grantable=_grantable()
        )

    @expose("/<int:user_id>/password", methods=["POST"])
    @has_access
    @permission_name("edit")
    def password(self, user_id: int) -> Any:
        user = console_users.find_user(user_id)
        form = SetPasswordForm()
        status = 422
        if form.validate():
            done, status = attempt(
                form,
                lambda: console_users.set_user_password(user, form["password"].data, grantable=_grantable()),
            )
            if done is not None:
                flash(
                    _("The password of %(name)s was set. Hand it over by a safe way.", name=done.name),
                    "success",
                )
                return redirect(url_for("ConsoleUsersView.edit", user_id=user_id))
        return self._page(user_id, password_form=form), status

    @expose("/<int:user_id>/suspend", methods=["POST"])
    @has_access
    @permission_name("grant")
    def suspend(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            console_users.suspend_user(user, grantable=_grantable())
            return _("%(name)s is suspended and is logged out with the next click.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/activate", methods=["POST"])
    @has_access
    @permission_name("grant")
    def activate(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            console_users.activate_user(user, grantable=_grantable())
            return _("%(name)s may log in again.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/unlock", methods=["POST"])
    @has_access
    @permission_name("grant")
    def unlock(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            console_users.unlock_user(user, grantable=_grantable(), now=utc_now())
            return _("%(name)s is not locked any more.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/sign-out", methods=["POST"])
    @has_access
    @permission_name("grant")
    def sign_out(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            console_users.sign_out_user(user, grantable=_grantable())
            return _("%(name)s was logged out everywhere.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/reset-second-factor", methods=["POST"])
    @has_access
    @permission_name("grant")
    def reset_second_factor(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            console_users.reset_second_factor(user, grantable=_grantable(), now=utc_now())
            return _("%(name)s logs in with the password alone until a new one is set up.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/invite", methods=["POST"])
    @has_access
    @permission_name("grant")
    def invite(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            secret = console_users.invite_user(user, grantable=_grantable(), now=utc_now())
            fresh_links.keep(fresh_links.CONSOLE_USER, user_id, secret)
            return _("There is a new invitation link for %(name)s.", name=user.name)

        return self._act(user_id, change)

    @expose("/<int:user_id>/remove", methods=["POST"])
    @has_access
    @permission_name("delete")
    def remove(self, user_id: int) -> Any:
        def change(user: Any) -> str:
            name = user.name
            console_users.remove_user(user, grantable=_grantable())
            return _("%(name)s was removed. The change log keeps what was done.", name=name)

        return self._act(user_id, change, back="ConsoleUsersView.list")

    def _act(
        self, user_id: int, change: Callable[[Any], str], *, back: str = ""
    ) -> Response | tuple[Any, int]:
        """Do one thing to one person; a refusal is shown on the person's page."""
        user = console_users.find_user(user_id)
        form = UserForm(formdata=None, obj=user)
        message, status = attempt(form, lambda: change(user))
        if message is None:
            refused = [str(text) for texts in form.errors.values() for text in texts]
            return self._page(user_id, refused=refused), status
        flash(message, "success")
        return redirect(url_for(back) if back else url_for("ConsoleUsersView.edit", user_id=user_id))

    def _page(
        self,
        user_id: int,
        *,
        form: UserForm | None = None,
        password_form: SetPasswordForm | None = None,
        refused: tuple[str, ...] | Any = (),
    ) -> Any:
        user = console_users.find_user(user_id)
        if form is None:
            form = UserForm(formdata=None, obj=user)
            form["role"].data = user.role_name
            form.remember(user)
            form.offer_roles(_grantable())
        fresh = fresh_links.take(fresh_links.CONSOLE_USER, user_id)
        row = console_users.describe(user, now=utc_now())
        return self.render_template(
            "settings/user.html",
            title=user.name,
            row=row,
            form=form,
            password_form=password_form or SetPasswordForm(formdata=None),
            refused=refused,
            fresh_link=fresh.url if fresh else None,
            is_self=self._is_self(user),
            actions=self._actions(row),
            purpose=ROLE_PURPOSE.get(user.role_name),
        )

    @staticmethod
    def _is_self(user: Any) -> bool:
        return bool(user.id == current_scope().actor.user_id)

    def _actions(self, row: console_users.UserRow) -> Sequence[Action]:
        """Return what can be done to a person; nothing to oneself."""
        return [] if self._is_self(row.user) else actions_for(row)
