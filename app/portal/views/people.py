"""The colleagues: who may sign in, and inviting them."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page
from app.kernel.unit_of_work import unit_of_work
from app.portal.access import check_may, openings, own_reseller
from app.portal.forms import InviteForm
from app.portal.queries.people import own_colleagues
from app.portal.services import people
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage
from app.security.limits import limits_of_mails
from app.shell.pages import submit


class PortalUsersView(CustomerPage):
    """Users: the own colleagues. Who may invite does; suspending and removing people stays with the reseller."""

    route_base = f"{PREFIX}/users"
    class_permission_name = "PortalUsers"
    limits = limits_of_mails("PortalUsersView.invite", "PortalUsersView.again")

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self) -> Any:
        colleagues = own_colleagues(current_user, list_page(request.args))
        return self.page("portal/users.html", _("Users"), colleagues=colleagues, now=utc_now())

    @expose("/invite/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def invite(self) -> Any:
        check_may(openings().may_invite)
        customer, form = self.customer(), InviteForm()
        form.offer(current_user)
        user, status = submit(
            form,
            lambda: people.invite_colleague(
                customer,
                inviter=current_user,
                name=form.name.data,
                email=form.email.data,
                switches=form.switches(),
                now=utc_now(),
            ),
        )
        if user is not None:
            _tell_of_mail(user)
            return redirect(url_for("PortalUsersView.show"))
        return self.page("portal/invite.html", _("Invite a colleague"), form=form), status

    @expose("/<int:user_id>/invite/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def again(self, user_id: int) -> Response:
        try:
            with unit_of_work(db.session):
                user = people.invite_again(self.customer(), user_id, inviter=current_user, now=utc_now())
        except WrongState as refusal:
            flash(str(refusal), "danger")
        else:
            _tell_of_mail(user)
        return redirect(url_for("PortalUsersView.show"))

    @expose("/<int:user_id>/withdraw/", methods=["POST"])
    @has_access
    @permission_name("delete")
    def withdraw(self, user_id: int) -> Response:
        try:
            with unit_of_work(db.session):
                name = people.withdraw_invitation(self.customer(), user_id, inviter=current_user)
        except WrongState as refusal:
            flash(str(refusal), "danger")
        else:
            flash(_("The invitation of %(name)s was withdrawn.", name=name), "success")
        return redirect(url_for("PortalUsersView.show"))


def _tell_of_mail(user: Any) -> None:
    """Say where the link went. It is shown to nobody here: whoever has it becomes that person."""
    if current_app.config["MAIL_SERVER"]:
        text = _("%(name)s was invited: a mail to %(email)s is on its way.", name=user.name, email=user.email)
        flash(text, "success")
        return
    flash(
        _(
            "%(name)s was invited, but no mail leaves at present. %(support)s can pass the link on.",
            name=user.name,
            support=own_reseller().support_email or own_reseller().name,
        ),
        "warning",
    )
