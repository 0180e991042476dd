"""Settings > Account > Terms: the draft, the versions, and the report of who accepted what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, stream_with_context, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.audit.log import record
from app.errors import WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.numbers import small_number
from app.kernel.pagination import list_page, paginate
from app.kernel.rich_text import LONG_TAGS, as_markup, as_typed, rich_text
from app.kernel.unit_of_work import unit_of_work
from app.shell.context import current_reseller
from app.shell.pages import PageView, attempt
from app.terms import queries, services
from app.terms.forms import _DraftForm, draft_form
from app.terms.models import TermsAcceptance
from app.terms.queries import AcceptanceFilter

FILE_NAME = "cloudtally-terms.csv"


@dataclass(frozen=True, slots=True)
class Text:
    """The terms in one language, as they are read."""

    language: str
    code: str
    html: Any


def _languages() -> dict[str, str]:
    """Return the reseller's languages, code -> name, the default first."""
    reseller = current_reseller()
    if reseller is None:
        abort(404)
    known = current_app.config["LANGUAGES"]
    return {code: known[code]["name"] for code in reseller.language_codes if code in known}


def _read(texts: dict[str, Any]) -> list[Text]:
    """Return texts as they are read, in the reseller's order; languages that it left stay readable."""
    names = {code: item["name"] for code, item in current_app.config["LANGUAGES"].items()}
    order = [*_languages(), *(code for code in texts if code not in _languages())]
    return [Text(names.get(code, code), code, as_markup(texts[code])) for code in order if texts.get(code)]


def _filter() -> AcceptanceFilter:
    text = request.args.get("version", "")
    number = small_number(text) if text else None
    if text and number is None:
        abort(400)
    return AcceptanceFilter(text=request.args.get("q", "").strip()[:200], number=number)


class TermsView(PageView):
    """What customers accept: versions that never change once they are published."""

    route_base = "/settings/terms"
    class_permission_name = "Terms"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        current = queries.current_terms()
        counts = queries.acceptance_counts()
        waiting = 0
        if current is not None:
            missing = queries.people_without(current).order_by(None).subquery()
            waiting = db.session.scalar(select(func.count()).select_from(missing)) or 0
        return self.render_template(
            "terms/versions.html",
            title=_("Terms"),
            current=current,
            draft=queries.the_draft(),
            versions=queries.published_versions(),
            counts=counts,
            waiting=waiting,
        )

    @expose("/<int:version_id>/")
    @has_access
    @permission_name("show")
    def version(self, version_id: int) -> Any:
        draft = queries.the_draft()
        if draft is not None and draft.id == version_id:  # the change log leads here
            return redirect(url_for("TermsView.draft"))
        found = queries.find_version(version_id)
        return self.render_template(
            "terms/version.html",
            title=_("Version %(number)s", number=found.number),
            terms=found,
            texts=_read(found.texts),
            is_current=found == queries.current_terms(),
        )

    @expose("/draft/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def draft(self) -> Any:
        """Edit the draft; the buttons below it save, show or publish it."""
        languages = _languages()
        form = draft_form(languages) if request.method == "POST" else self._opened(languages)
        status, preview = 200, None
        what = request.form.get("what", "save")
        if request.method == "POST":
            status = 422
            if form.validate() and what == "preview":
                preview = _read(
                    {code: rich_text(text, tags=LONG_TAGS) for code, text in form.texts().items()}
                )
                status = 200
            elif not form.errors:
                saved, status = attempt(form, lambda: self._save(form, what), record=queries.the_draft)
                if saved is not None:
                    if what == "publish":
                        flash(_("Version %(number)s is published.", number=saved.number), "success")
                        return redirect(url_for("TermsView.show"))
                    flash(_("The draft was saved. Customers do not see it yet."), "success")
                    return redirect(url_for("TermsView.draft"))
        page = self.render_template(
            "terms/draft.html",
            title=_("Draft of the terms"),
            form=form,
            draft=queries.the_draft(),
            preview=preview,
            people=queries.count_people(),
            next_number=(getattr(queries.current_terms(), "number", None) or 0) + 1,
        )
        return page, status

    @staticmethod
    def _opened(languages: dict[str, str]) -> _DraftForm:
        """Return the form with the draft, or with the version in force where there is no draft."""
        draft = queries.the_draft()
        source = draft or queries.current_terms()
        texts = source.texts if source is not None else {}
        data = {f"text_{code}": as_typed(texts.get(code, "")) for code in languages}
        return draft_form(languages, formdata=None, data={**data, "version": draft.version if draft else 0})

    @staticmethod
    def _save(form: _DraftForm, what: str) -> Any:
        now = utc_now()
        draft = services.save_draft(form.texts(), version=form.opened_version, now=now)
        if what == "publish":
            services.publish(draft, default_language=next(iter(form.languages)), now=now)
        return draft

    @expose("/draft/discard/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def discard(self) -> Response:
        try:
            with unit_of_work(db.session):
                services.discard_draft()
        except WrongState as refusal:
            flash(str(refusal), "danger")
        else:
            flash(_("The draft was discarded. What is in force stays in force."), "success")
        return redirect(url_for("TermsView.show"))  # type: ignore[return-value]

    @expose("/acceptances/")
    @has_access
    @permission_name("list")
    def acceptances(self) -> Any:
        wanted = _filter()
        current = queries.current_terms()
        is_missing = request.args.get("show") == "missing" and current is not None
        query = (
            queries.people_without(current, text=wanted.text)
            if is_missing and current is not None
            else queries.acceptances(wanted)
        )
        rows = paginate(db.session, query, list_page(request.args))
        return self.render_template(
            "terms/acceptances.html",
            title=_("Who accepted the terms"),
            rows=rows,
            companies=queries.companies_of(rows) if is_missing else {},
            wanted=wanted,
            current=current,
            is_missing=is_missing,
            versions=queries.published_versions(),
        )

    @expose("/acceptances.csv")
    @has_access
    @permission_name("export")
    def export(self) -> Any:
        wanted = _filter()
        query = queries.acceptances(wanted)
        found = query.order_by(None).subquery()
        count, newest = db.session.execute(
            select(func.count(), func.max(found.c.id)).select_from(found)
        ).one()
        chosen = f"{wanted.text} {wanted.number or ''}".strip()
        with unit_of_work(db.session):
            changes: dict[str, list[str | None]] = {"row_count": [None, str(count)]}
            if chosen:
                changes["filter"] = [None, chosen]
            record("exported", noun="terms_acceptance", name=FILE_NAME, changes=changes)
        titles = [
            _("Time (UTC)"),
            _("Version"),
            _("Name"),
            _("Email"),
            _("Organization"),
            _("Network address"),
            _("Login"),
        ]
        there, gone = _("there"), _("removed")
        query = query.where(TermsAcceptance.id <= (newest or 0)).execution_options(yield_per=500)

        def cells() -> Iterator[list[Any]]:
            for one in db.session.scalars(query):
                yield [
                    one.accepted_at.isoformat(timespec="seconds"),
                    one.terms.number,
                    one.person_name,
                    one.person_email,
                    one.organization,
                    one.address,
                    there if one.user_id is not None else gone,
                ]

        return Response(
            stream_with_context(stream_csv(titles, cells())),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
        )
