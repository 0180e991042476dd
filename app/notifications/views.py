"""What was mailed, what waits and what failed, with the text and the reason, and a button to send it again."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.notifications import outbox, sender
from app.notifications.events import EVENTS
from app.notifications.models import AT_REST, OutgoingMail
from app.notifications.queries import STATES, MailFilter, find_mail, mails_query
from app.shell.pages import PageView

STATE_WORDS = {"waiting": _l("Waiting"), "sent": _l("Sent"), "failed": _l("Failed")}

#: Why the product itself gave a mail up. What a server said stands in its own words.
REASONS: dict[str, object] = {
    outbox.LINK_ENDED: _l("Its link had ended before the mail could leave."),
    outbox.REMOVED: _l("Its text was removed before it could leave."),
    outbox.WORKER_DIED: _l("In every try the worker ended before it could note what became of the mail."),
}


def reason_of(mail: OutgoingMail) -> object:
    """Return what went wrong with a mail, in words."""
    return REASONS.get(mail.last_error, mail.last_error)


def event_name(mail: OutgoingMail) -> object:
    """Return what a mail is about."""
    return EVENTS[mail.event].name if mail.event in EVENTS else mail.event


class MailsView(PageView):
    """The outbox of the reseller in scope."""

    route_base = "/settings/mails"
    class_permission_name = "Mails"
    base_permissions = ["can_list", "can_show", "can_send"]
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        wanted = MailFilter(text=request.args.get("q", "").strip()[:200], state=request.args.get("state", ""))
        if wanted.state and wanted.state not in STATES:
            abort(400)
        return self.render_template(
            "notifications/list.html",
            title=_("Mails"),
            endpoint=self.endpoint,
            mails=paginate(db.session, mails_query(wanted), list_page(request.args)),
            wanted=wanted,
            states=STATE_WORDS,
            can_send=sender.can_send(),
            reason_of=reason_of,
            event_name=event_name,
        )

    @expose("/<int:mail_id>/")
    @has_access
    def show(self, mail_id: int) -> Any:
        mail = find_mail(mail_id)
        return self.render_template(
            "notifications/mail.html",
            title=mail.subject or event_name(mail),
            endpoint=self.endpoint,
            mail=mail,
            can_send=sender.can_send(),
            reason_of=reason_of,
            event_name=event_name,
            can_send_again=mail.state in AT_REST and bool(mail.text),
        )

    @expose("/<int:mail_id>/send/", methods=["POST"])
    @has_access
    @permission_name("send")
    def send(self, mail_id: int) -> Response:
        """Put a mail that was sent or given up back among those that wait."""
        try:
            with unit_of_work(db.session):
                mail = find_mail(mail_id)
                outbox.send_again(mail, now=utc_now())
        except WrongState as refusal:
            flash(str(refusal), "danger")
        else:
            flash(_("The mail to %(recipient)s is on its way again.", recipient=mail.recipient), "success")
        return redirect(url_for(f"{self.endpoint}.show", mail_id=mail_id))


class PlatformMailsView(MailsView):
    """The platform's own outbox: mails that belong to no reseller."""

    route_base = "/platform/mails"
    class_permission_name = "PlatformMails"
