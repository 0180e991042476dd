"""The Cloud Ops queue: what resellers have forwarded to the platform, and what becomes of it (domain, 0.5).

The platform sees a request's own row here and nothing else of its reseller: neither its customers nor its people.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.approvals import queries, services
from app.approvals.effects import MAKES_ACCOUNT
from app.approvals.forms import CompletionForm, ReasonForm, completion_form
from app.approvals.labels import TYPE_WORDS, labels_of, type_word
from app.approvals.models import WITH_OPS, ApprovalRequest, RequestStatus, RequestType
from app.approvals.queries import ALL, OPEN
from app.approvals.steps import steps_of
from app.approvals.views import filter_from_args
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.shell.pages import PageView, attempt, submit
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope

STATE_WORDS: dict[str, object] = {
    OPEN: lazy_pgettext("state of a request", "Open"),
    RequestStatus.FORWARDED: _l("Waiting"),
    RequestStatus.IN_PROGRESS: _l("In progress"),
    RequestStatus.COMPLETED: _l("Completed"),
    RequestStatus.REJECTED: _l("Rejected"),
    ALL: _l("All"),
}


class OperationsView(PageView):
    """Forwarded requests of all resellers."""

    route_base = "/platform/operations"
    class_permission_name = "Operations"
    base_permissions = ["can_list", "can_show", "can_complete"]
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        wanted = filter_from_args(STATE_WORDS)
        found = paginate(db.session, queries.operations_query(wanted), list_page(request.args))
        return self.render_template(
            "approvals/operations.html",
            title=_("Cloud Ops queue"),
            requests=found,
            is_unused=not found.items and not wanted.is_narrowed and queries.is_empty(),
            wanted=wanted,
            states=STATE_WORDS,
            types=TYPE_WORDS,
            resellers=db.session.execute(
                select(Reseller.nickname, Reseller.name).order_by(Reseller.name)
            ).all(),
        )

    @expose("/<int:request_id>/")
    @has_access
    def show(self, request_id: int) -> Any:
        return self._page(services.find_request(request_id))

    @expose("/<int:request_id>/take/", methods=["POST"])
    @has_access
    @permission_name("complete")
    def take(self, request_id: int) -> Any:
        """Say that the signed-in person works on it."""
        try:
            with unit_of_work(db.session):
                services.take(services.find_request(request_id), now=utc_now())
        except WrongState as refusal:
            return self._page(services.find_request(request_id), refusal=str(refusal)), refusal.status
        flash(_("The request is yours now."), "success")
        return redirect(url_for("OperationsView.show", request_id=request_id))

    @expose("/<int:request_id>/complete/", methods=["POST"])
    @has_access
    def complete(self, request_id: int) -> Any:
        """Note that the provider's side is done; for an account with its id, which makes it active."""
        form = completion_form(services.find_request(request_id))
        status = 422
        if form.validate():
            done, status = attempt(
                form,
                lambda: services.complete(services.find_request(request_id), now=utc_now(), **form.values()),
            )
            if done is not None:
                return self._back(done, _("%(request)s of %(who)s is completed."))
        found = services.find_request(request_id)
        if found.status not in WITH_OPS:
            return self._page(found, refusal=" ".join(map(str, form.form_errors))), status
        return self._page(found, form), status

    @expose("/<int:request_id>/reject/", methods=["GET", "POST"])
    @has_access
    @permission_name("complete")
    def reject(self, request_id: int) -> Any:
        """Reject with a reason: a page of its own, because it says who reads it."""
        found = services.find_request(request_id)
        if request.method == "GET" and found.status not in WITH_OPS:
            return redirect(url_for("OperationsView.show", request_id=request_id))
        form = ReasonForm()
        rejected, status = submit(
            form,
            lambda: services.reject(
                services.find_request(request_id), reason=form.reason.data or "", now=utc_now()
            ),
        )
        if rejected is not None:
            return self._back(rejected, _("%(request)s of %(who)s was rejected."))
        found = services.find_request(request_id)
        if found.status not in WITH_OPS:
            return self._page(found, refusal=" ".join(map(str, form.form_errors))), status
        return self.render_template(
            "approvals/reject.html",
            title=_("Reject %(request)s", request=found.number),
            form=form,
            asked=found,
            type_word=type_word(found),
            is_signup=found.type is RequestType.SIGNUP,
        ), status

    def _page(self, found: ApprovalRequest, form: CompletionForm | None = None, *, refusal: str = "") -> str:
        me = current_scope().actor.name
        is_open = found.status in WITH_OPS
        page: str = self.render_template(
            "approvals/operation.html",
            title=f"{type_word(found)}: {found.from_name}",
            asked=found,
            type_word=type_word(found),
            details=labels_of(found),
            steps=steps_of(found, asked_by=found.from_name),
            form=(form or completion_form(found, formdata=None)) if is_open else None,
            makes_account=found.type in MAKES_ACCOUNT,
            is_removal=found.type is RequestType.ACCOUNT_DELETE,
            is_open=is_open,
            is_mine=found.taken_by == me,
            refusal=refusal,
        )
        return page

    @staticmethod
    def _back(done: ApprovalRequest, words: str) -> Response:
        flash(words % {"request": type_word(done), "who": done.from_name}, "success")
        return redirect(url_for("OperationsView.list"))
