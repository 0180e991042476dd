"""Entering a reseller's console for support, with a reason, and leaving it. The reseller reads of both in its log."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.platform_admin.forms import EnterForm
from app.platform_admin.queries import find_reseller
from app.platform_admin.views.reseller_page import render_reseller
from app.security.manager import ENTERED, scope_of
from app.security.roles import RoleName
from app.shell.context import current_reseller
from app.shell.pages import PageView
from app.tenancy.models import Reseller
from app.tenancy.scope import use_scope


def _entered_now() -> Reseller | None:
    return current_reseller() if session.get(ENTERED) and current_user.reseller_id is None else None


def _expire_open_forms() -> None:
    """Make forms that were opened before useless: a tab left open on one reseller must not write into the next."""
    name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
    session.pop(name, None)
    g.pop(name, None)  # flask_wtf's own copy


class EnterView(PageView):
    """Entering and leaving.

    Whoever has entered a reseller works with its Owner's rights, so the right to enter the next one is asked of the
    person's own role here, not of the role in force.
    """

    route_base = "/enter"
    class_permission_name = "Resellers"
    default_view = "leave"

    @expose("/<int:reseller_id>/", methods=["POST"])
    def enter(self, reseller_id: int) -> Any:
        if not current_user.is_authenticated:
            return redirect(url_for("SignInView.login"))
        if current_user.role_name != RoleName.PLATFORM_ADMIN or current_user.reseller_id is not None:
            abort(403)
        before = _entered_now()
        with use_scope(scope_of(current_user, address=request.remote_addr or "")):
            reseller = find_reseller(reseller_id)
            form = EnterForm()
            if not form.validate():
                return render_reseller(self, reseller, enter_form=form), 422
            reason = form.reason.data
            with unit_of_work(db.session):
                if before is not None:
                    record("left", before)
                record("entered", reseller, reason=reason)
            name = reseller.name
        session[ENTERED] = {"id": reseller_id, "reason": reason, "by": current_user.id}
        _expire_open_forms()
        flash(_("You are in the console of %(name)s now. Leave it when you are done.", name=name), "info")
        return redirect(url_for("HomeView.show"))

    @expose("/leave/", methods=["POST"])
    def leave(self) -> Response:
        if not current_user.is_authenticated:
            return redirect(url_for("SignInView.login"))
        reseller = _entered_now()
        if reseller is not None:
            with unit_of_work(db.session):
                record("left", reseller)
        session.pop(ENTERED, None)
        _expire_open_forms()
        return redirect(url_for("StartView.index"))
