"""Settings > Account > Approval Requests: the queue, one request, the reseller's decision (article, last section)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from werkzeug.wrappers import Response

from app.approvals import queries, services
from app.approvals.checklist import Verdict, checklist_of
from app.approvals.forms import ReasonForm
from app.approvals.labels import TYPE_WORDS, asked_providers, labels_of, type_word
from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.approvals.queries import ALL, OPEN, RequestFilter
from app.approvals.registry import mail_of_decline
from app.approvals.sections import note_pending
from app.approvals.steps import steps_of
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.providers.queries import resold_providers
from app.shell.context import current_reseller
from app.shell.pages import PageView, submit

STATE_WORDS: dict[str, object] = {
    OPEN: lazy_pgettext("state of a request", "Open"),
    RequestStatus.PENDING: _l("Pending"),
    RequestStatus.FORWARDED: _l("Approved and forwarded"),
    RequestStatus.IN_PROGRESS: _l("In progress"),
    RequestStatus.COMPLETED: _l("Completed"),
    RequestStatus.REJECTED: _l("Rejected"),
    RequestStatus.DECLINED: _l("Declined"),
    ALL: _l("All"),
}


def filter_from_args(states: Mapping[str, object]) -> RequestFilter:
    """Return what the address asks for; 400 for words that no filter has."""
    args = request.args
    wanted = RequestFilter(
        text=" ".join(args.get("q", "")[:200].split()),
        status=args.get("status", OPEN),
        type=args.get("type", ""),
        provider=args.get("provider", "")[:40],
        reseller=args.get("reseller", "")[:40],
    )
    if wanted.status not in states or (wanted.type and wanted.type not in TYPE_WORDS):
        abort(400)
    return wanted


class ApprovalsView(PageView):
    """What waits for the reseller, and what became of the rest."""

    route_base = "/settings/approvals"
    class_permission_name = "ApprovalRequests"
    base_permissions = ["can_list", "can_show", "can_approve"]
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        wanted = filter_from_args(STATE_WORDS)
        found = paginate(db.session, queries.queue_query(wanted), list_page(request.args))
        providers = resold_providers()
        return self.render_template(
            "approvals/list.html",
            title=_("Approval Requests"),
            requests=found,
            is_unused=not found.items and not wanted.is_narrowed and queries.is_empty(),
            wanted=wanted,
            states=STATE_WORDS,
            types=TYPE_WORDS,
            providers=providers,
            asked_for=lambda one: asked_providers(one, providers),
        )

    @expose("/<int:request_id>/")
    @has_access
    def show(self, request_id: int) -> Any:
        return self._page(services.find_request(request_id))

    @expose("/<int:request_id>/approve/", methods=["POST"])
    @has_access
    def approve(self, request_id: int) -> Any:
        """Approve and forward; the next request that waits follows."""
        try:
            with unit_of_work(db.session):
                decided = services.approve_and_forward(services.find_request(request_id), now=utc_now())
        except (Invalid, WrongState) as refusal:
            return self._page(services.find_request(request_id), str(refusal)), refusal.status
        flash(_approved_words(decided), "success")
        return self._next(decided)

    @expose("/<int:request_id>/decline/", methods=["GET", "POST"])
    @has_access
    @permission_name("approve")
    def decline(self, request_id: int) -> Any:
        """Decline with a reason: a page of its own, because it names what goes."""
        found = services.find_request(request_id)
        if request.method == "GET" and not found.is_pending:
            return redirect(url_for("ApprovalsView.show", request_id=request_id))
        form = ReasonForm()
        declined, status = submit(
            form,
            lambda: services.decline(
                services.find_request(request_id), reason=form.reason.data or "", now=utc_now()
            ),
        )
        if declined is not None:
            flash(
                _(
                    "%(request)s of %(who)s was declined.",
                    request=type_word(declined),
                    who=declined.from_name,
                ),
                "success",
            )
            return self._next(declined)
        found = services.find_request(request_id)
        if not found.is_pending:  # somebody else was faster: there is nothing to fill in any more
            return self._page(found, " ".join(map(str, form.form_errors))), status
        return self.render_template(
            "approvals/decline.html",
            title=_("Decline %(request)s", request=found.number),
            form=form,
            asked=found,
            type_word=type_word(found),
            recipient=_recipient(found),
            mail=mail_of_decline(found),
            logins=_logins(found),
        ), status

    def _page(self, found: ApprovalRequest, refusal: str = "") -> str:
        """Show one request; ``refusal`` says why what was just tried could not be done."""
        requester = queries.requester_of(found)
        checks = checklist_of(found) if found.is_pending else []
        reseller, place = current_reseller(), queries.place_of(found)
        note_pending(place.total)
        page: str = self.render_template(
            "approvals/show.html",
            title=f"{type_word(found)}: {found.from_name}",
            asked=found,
            type_word=type_word(found),
            details=labels_of(found),
            checks=checks,
            blocking=next((one for one in checks if one.verdict is Verdict.BLOCKS), None),
            warnings=sum(one.verdict is Verdict.WARNS for one in checks),
            place=place,
            requester=requester,
            recipient=_recipient(found),
            logins=_logins(found) if found.is_pending else [],
            is_signup=found.type is RequestType.SIGNUP,
            steps=steps_of(found, asked_by=requester.name if requester is not None else found.from_name),
            operations_email=reseller.operations_email if reseller else "",
            refusal=refusal,
        )
        return page

    @staticmethod
    def _next(decided: ApprovalRequest) -> Response:
        """Go to the request that waits next, to the list where none does."""
        following = queries.next_pending(decided)
        if following is None:
            return redirect(url_for("ApprovalsView.list"))
        return redirect(url_for("ApprovalsView.show", request_id=following))


def _approved_words(decided: ApprovalRequest) -> str:
    if decided.type is RequestType.SIGNUP:
        return _(
            "%(who)s is active now and may log in. The request is with Cloud Ops.", who=decided.from_name
        )
    return _(
        "%(request)s of %(who)s was approved and forwarded to Cloud Ops.",
        request=type_word(decided),
        who=decided.from_name,
    )


def _recipient(found: ApprovalRequest) -> str:
    """Return the address of whoever is told of the decision."""
    requester = queries.requester_of(found)
    if requester is not None and requester.customer_id is not None:
        return str(requester.email)
    return found.customer.email if found.customer is not None else ""


def _logins(found: ApprovalRequest) -> Sequence[str]:
    """Return the addresses of the logins that a decision on a sign-up concerns."""
    return queries.login_emails(found) if found.type is RequestType.SIGNUP else ()
