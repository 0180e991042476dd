"""Settings > Email Templates: what is mailed, how it is sent, and in which words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.audit.log import record
from app.errors import EditConflict
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.notifications import services
from app.notifications.addresses import domains_for
from app.notifications.events import AUDIENCE_WORDS, EVENTS, GROUPS, Event
from app.notifications.post import mail_test, recipient_of, reply_to_of, sender_of, usual_addresses
from app.notifications.preview import framed_html
from app.notifications.queries import TemplateFilter, find_template, find_text, template_rows
from app.notifications.render import render, samples
from app.notifications.template_forms import SendingForm, WordsForm
from app.notifications.wording import Sending, Words, default_words, sending_of
from app.shell.context import current_reseller
from app.shell.headers import csp_nonce
from app.shell.pages import PageView, submit
from app.tenancy.models import Reseller

STATES = {"on": _l("On"), "off": _l("Off")}
WORDINGS = {"default": _l("Default text"), "changed": _l("Changed text")}


def template_address(entry: Any) -> str | None:
    """Return where an entry of the change log leads: to the template, or to its words in one language."""
    key, _blank, rest = str(entry.record_name).partition(" ")
    language = rest.strip("()")
    if key not in EVENTS:
        return None
    if language not in current_app.config["LANGUAGES"]:
        return url_for("EmailTemplatesView.sending", event=key)
    return url_for("EmailTemplatesView.words", event=key, language=language)


class EmailTemplatesView(PageView):
    """The reseller's email templates."""

    route_base = "/settings/email-templates"
    class_permission_name = "EmailTemplates"
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        wanted = TemplateFilter(
            text=request.args.get("q", "").strip()[:200],
            state=request.args.get("state", ""),
            words=request.args.get("words", ""),
            audience=request.args.get("to", ""),
        )
        for value, known in (
            (wanted.state, STATES),
            (wanted.words, WORDINGS),
            (wanted.audience, AUDIENCE_WORDS),
        ):
            if value and value not in known:
                abort(400)
        rows = template_rows(wanted)
        groups = [(label, [row for row in rows if row.event.group == key]) for key, label in GROUPS.items()]
        return self.render_template(
            "notifications/templates.html",
            title=_("Email Templates"),
            groups=[(label, found) for label, found in groups if found],
            count=len(rows),
            wanted=wanted,
            states=STATES,
            wordings=WORDINGS,
            audiences=AUDIENCE_WORDS,
            language=_languages()[0],
        )

    @expose("/<string:event>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def sending(self, event: str) -> Any:
        found, reseller = _event(event), _reseller()
        form = SendingForm().fit(found)
        if request.method == "GET":
            form.show(_sending(found))
        saved, status = submit(
            form, lambda: self._save_sending(found, form), record=lambda: find_template(found)
        )
        if saved is not None:
            flash(_("“%(name)s” was saved.", name=found.name), "success")
            return redirect(url_for("EmailTemplatesView.sending", event=event))
        sending = sending_of(found, reseller_id=reseller.id)
        page = self._page(
            "notifications/template_sending.html",
            found,
            form=form,
            sender=sender_of(found, sending, reseller),
            answers=reply_to_of(found, sending, reseller),
            usual=usual_addresses(reseller) if found.takes_addresses else (),
            domains=_domains(reseller),
            operations_email=reseller.operations_email,
        )
        return page, status

    @staticmethod
    def _save_sending(event: Event, form: SendingForm) -> Any:
        services.hold_templates()
        form.check_opened_in(form.state_of(_sending(event)))
        return services.save_sending(
            event,
            form.wanted(),
            domains=_domains(_reseller()),
            sender=current_app.config["MAIL_DEFAULT_SENDER"],
        )

    @expose("/<string:event>/<string:language>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def words(self, event: str, language: str) -> Any:
        """Show and save the words; ``do`` says what a button wants of what was entered: save, preview or test."""
        found, language = _event(event), _language(language)
        form = WordsForm()
        form.event = found
        if request.method == "GET":
            form.show(_words(found, language))
        wish = request.form.get("do", "save")
        if request.method == "POST" and wish == "preview":
            form.validate()
            if request.headers.get("X-Requested-With") == "XMLHttpRequest":
                preview = self._preview(found, language, form.wanted())
                return self.render_template("notifications/_preview.html", preview=preview, form=form)
            return self._words_page(found, language, form)
        if request.method == "POST" and wish == "test":
            sent, status = submit(form, lambda: self._send_test(found, language, form))
            return self._words_page(found, language, form, tested=bool(sent)), status
        saved, status = submit(
            form, lambda: self._save_words(found, language, form), record=lambda: find_text(found, language)
        )
        if saved is not None:
            flash(_("“%(name)s” was saved.", name=found.name), "success")
            return redirect(url_for("EmailTemplatesView.words", event=event, language=language))
        return self._words_page(found, language, form), status

    @staticmethod
    def _save_words(event: Event, language: str, form: WordsForm) -> bool:
        services.hold_templates()
        form.check_opened_in(form.state_of(_words(event, language)))
        services.save_words(event, language, form.wanted(), default=default_words(event, language))
        return True

    @staticmethod
    def _send_test(event: Event, language: str, form: WordsForm) -> bool:
        reseller = _reseller()
        services.check_words(event, form.wanted())
        mail_test(
            event,
            form.wanted(),
            to=recipient_of(current_user),
            language=language,
            reseller=reseller,
            values=samples(event, reseller),
            now=utc_now(),
        )
        record("tested", noun="email_text", name=f"{event.key} ({language})")
        return True

    @expose("/<string:event>/<string:language>/default/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore(self, event: str, language: str) -> Response:
        found, language = _event(event), _language(language)
        try:
            with unit_of_work(db.session):
                services.hold_templates()
                form = WordsForm()
                form.event = found
                form.check_opened_in(form.state_of(_words(found, language)))
                is_restored = services.restore_default(found, language)
        except EditConflict as refusal:
            flash(str(refusal), "danger")
        else:
            if is_restored:
                flash(_("“%(name)s” has its default text again.", name=found.name), "success")
        return redirect(url_for("EmailTemplatesView.words", event=event, language=language))

    def _words_page(self, event: Event, language: str, form: WordsForm, *, tested: bool = False) -> str:
        return self._page(
            "notifications/template_words.html",
            event,
            language=language,
            form=form,
            is_own=find_text(event, language) is not None,
            state=form.state_of(_words(event, language)),
            preview=self._preview(event, language, form.wanted()),
            tested=tested,
        )

    @staticmethod
    def _preview(event: Event, language: str, words: Words) -> Any:
        """Return the mail as it would be with made-up values. What may not stand in it is left out."""
        reseller = _reseller()
        values = samples(event, reseller)
        letter = render(event, language=language, reseller=reseller, values=values, words=words)
        return SimpleNamespace(
            subject=letter.subject, text=letter.text, frame=framed_html(letter.html, csp_nonce())
        )

    def _page(self, template: str, event: Event, **context: Any) -> str:
        reseller = _reseller()
        page: str = self.render_template(
            template,
            title=event.name,
            event=event,
            sending=sending_of(event, reseller_id=reseller.id),
            audience=AUDIENCE_WORDS[event.audience],
            group=GROUPS[event.group],
            languages=[(code, current_app.config["LANGUAGES"][code]["name"]) for code in _languages()],
            **context,
        )
        return page


def _event(key: str) -> Event:
    if key not in EVENTS:
        abort(404)
    return EVENTS[key]


def _language(code: str) -> str:
    if code not in current_app.config["LANGUAGES"]:
        abort(404)
    return code


def _languages() -> list[str]:
    """Return the product's languages, the reseller's own before the others: a person may have chosen any of them."""
    own = _reseller().language_codes
    known = list(current_app.config["LANGUAGES"])
    return [code for code in own if code in known] + [code for code in known if code not in own]


def _reseller() -> Reseller:
    reseller = current_reseller()
    assert reseller is not None  # noqa: S101 - the right to this page is a reseller's
    return reseller


def _domains(reseller: Reseller) -> Any:
    return domains_for(current_app.config["CLOUDTALLY_MAIL_DOMAINS"], reseller.nickname)


def _sending(event: Event) -> Any:
    """Return how the event's mails are sent as far as the scope sees it: the reseller's row, else the default."""
    return find_template(event) or Sending(event.is_fixed or event.is_on)


def _words(event: Event, language: str) -> Any:
    return find_text(event, language) or default_words(event, language)
