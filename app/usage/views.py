"""Billing > Imports: what came in, sending more, and deciding what an import asks."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import DomainError, Invalid, NotVisible, WrongState
from app.extensions import db
from app.jobs.progress import shown
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.numbers import small_number
from app.kernel.pagination import list_page
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.shell.pages import PageView, attempt
from app.tenancy.scope import current_scope
from app.usage import places, queries, services, words
from app.usage.decisions import Question
from app.usage.forms import OrderForm, UploadForm
from app.usage.models import ImportState, Origin, UsageImport

#: How large the pieces are in which a script sends a file.
PIECE_BYTES = 4 * 1024 * 1024


class UsageImportsView(PageView):
    """Imports of usage."""

    route_base = "/billing/imports"
    class_permission_name = "UsageImports"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        imports = queries.imports_page(list_page(request.args))
        codes = {code for one in imports for code in words.codes_in(one.report)}
        return self.render_template(
            "usage/imports.html",
            imports=imports,
            providers=queries.providers_by_code(codes),
            words=words,
            waiting=queries.count_undecided(),
            watched=places.watched_folder() is not None,
        )

    @expose("/upload/", methods=["GET", "POST"])
    @has_access
    @permission_name("import")
    def upload(self) -> Any:
        form, status = UploadForm(), 200
        form.offer()
        if request.method == "POST":
            status = 422
            if form.validate():
                one, status = self._take_whole(form)
                if one is not None:
                    return redirect(url_for("UsageImportsView.show", import_id=one.id))
        return self.render_template(
            "usage/upload.html",
            form=form,
            piece=PIECE_BYTES,
            largest=places.largest_upload(),
            largest_whole=request.max_content_length,
        ), status

    @staticmethod
    def _take_whole(form: UploadForm) -> tuple[UsageImport | None, int]:
        """Keep a file that came with the form, without having it in memory."""
        reseller_id = _reseller_id()
        name = form.file.data.filename or ""
        kept_name = places.new_name(name)
        path = places.kept_path(reseller_id, kept_name)
        with path.open("wb") as target:
            shutil.copyfileobj(form.file.data.stream, target, 1024 * 1024)
        size = path.stat().st_size

        def keep() -> UsageImport:
            one = _noted(form, name, kept_name, size)
            return services.begin(one, now=utc_now())

        one, status = attempt(form, keep)
        if one is None:
            places.forget(reseller_id, kept_name)
        return one, status

    @expose("/begin/", methods=["POST"])
    @has_access
    @permission_name("import")
    def begin(self) -> Any:
        """Announce a file that comes in pieces: answers where they go."""
        form = OrderForm()
        form.offer()
        name, size = (
            request.form.get("file_name", ""),
            small_number(request.form.get("size", ""), largest=2**50),
        )
        if not form.validate():
            return jsonify(errors=_errors(form)), 422
        one, status = attempt(form, lambda: _noted(form, name, places.new_name(name), size or 0))
        if one is None:
            return jsonify(errors=_errors(form)), status
        places.kept_path(one.reseller_id, one.kept_name).touch(mode=0o600)
        return jsonify(url=url_for("UsageImportsView.piece", import_id=one.id), piece=PIECE_BYTES), 201

    @expose("/<int:import_id>/piece/", methods=["POST"])
    @has_access
    @permission_name("import")
    def piece(self, import_id: int) -> Any:
        """Take the next piece. 409 says where to go on; the last one puts the file to work and says where to look."""
        one = services.find_import(import_id)
        at, file = small_number(request.form.get("at", ""), largest=2**50), request.files.get("piece")
        if at is None or file is None:
            return jsonify(errors=[_("A piece of the file is missing. Upload it again.")]), 422
        if one.state is not ImportState.UPLOADING or at != one.received:
            return jsonify(errors=[_("Another piece of this file was expected.")], received=one.received), 409
        content = file.stream.read(PIECE_BYTES + 1)
        if len(content) > PIECE_BYTES or at + len(content) > one.size:
            return jsonify(errors=[_("More arrived than the file has. Upload it again.")]), 422
        places.write_piece(places.kept_path(one.reseller_id, one.kept_name), content, at)
        try:
            with unit_of_work(db.session):
                one = services.find_import(import_id)
                received = services.note_piece(one, at=at, length=len(content))
                if received == one.size:
                    services.begin(one, now=utc_now())
        except DomainError as refusal:
            return jsonify(errors=[str(refusal)], received=one.received), refusal.status
        url = url_for("UsageImportsView.show", import_id=import_id) if received == one.size else None
        return jsonify(received=received, url=url)

    @expose("/<int:import_id>/")
    @has_access
    @permission_name("show")
    def show(self, import_id: int) -> Any:
        return self._page(services.find_import(import_id))

    def _page(self, one: UsageImport, refusal: DomainError | None = None) -> Any:
        report = one.report
        page = self.render_template(
            "usage/import.html",
            one=one,
            state=one.shown_state,
            report=report,
            providers=queries.providers_by_code(words.codes_in(report)),
            progress=shown(one.job, now=utc_now()) if one.job is not None else None,
            words=words,
            refusal=refusal,
            states=ImportState,
            facts=_facts(one),
        )
        return page, refusal.status if refusal else 200

    @expose("/<int:import_id>/rejected.csv")
    @has_access
    @permission_name("show")
    def rejected(self, import_id: int) -> Response:
        rows = services.find_import(import_id).report.get("rejected", [])
        header = [_("File"), _("Line"), _("Column"), _("Cell"), _("What is wrong")]
        lines = [
            [file, line, column, value, words.reason_text(why)] for file, line, column, value, why in rows
        ]
        response = Response(b"".join(stream_csv(header, lines)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename="rejected-rows.csv")
        return response

    @expose("/<int:import_id>/accept/", methods=["POST"])
    @has_access
    @permission_name("import")
    def accept(self, import_id: int) -> Any:
        """Answer every question of the page with yes."""
        answered = [Question(text) for text in request.form.getlist("question") if text in set(Question)]
        try:
            with unit_of_work(db.session):
                services.accept(services.find_import(import_id), answered, now=utc_now())
        except WrongState as refusal:
            return self._page(services.find_import(import_id), refusal)
        flash(_("The import goes on."), "success")
        return redirect(url_for("UsageImportsView.show", import_id=import_id))

    @expose("/<int:import_id>/dismiss/", methods=["POST"])
    @has_access
    @permission_name("import")
    def dismiss(self, import_id: int) -> Any:
        try:
            with unit_of_work(db.session):
                one = services.find_import(import_id)
                kept = services.dismiss(one, now=utc_now())
        except WrongState as refusal:
            return self._page(services.find_import(import_id), refusal)
        places.forget(_reseller_id(), kept)
        flash(_("%(file)s was dismissed. Nothing was changed.", file=one.file_name), "success")
        return redirect(url_for("UsageImportsView.list"))

    @expose("/<int:import_id>/restart/", methods=["POST"])
    @has_access
    @permission_name("import")
    def restart(self, import_id: int) -> Any:
        try:
            with unit_of_work(db.session):
                services.restart(services.find_import(import_id), now=utc_now())
        except WrongState as refusal:
            return self._page(services.find_import(import_id), refusal)
        return redirect(url_for("UsageImportsView.show", import_id=import_id))


def _facts(one: UsageImport) -> list[dict[str, Any]]:
    """Return what an import's report sums up to, by currency: the file's own total beside what was taken over."""
    report = one.report
    own = report.get("file_totals", {})
    return [
        {
            "currency": currency,
            "own": Decimal(own[currency]) if currency in own else None,
            **{kind: Decimal(sums[kind]) for kind in ("list", "effective", "billed")},
        }
        for currency, sums in sorted(report.get("totals", {}).items())
    ]


def _reseller_id() -> int:
    reseller_id = current_scope().reseller_id
    if reseller_id is None:
        raise NotVisible
    return reseller_id


def _noted(form: OrderForm, name: str, kept_name: str, size: int) -> UsageImport:
    services.check_size(size, places.largest_upload())
    code = form.provider.data
    provider = db.session.scalars(select(Provider).where(Provider.code == code)).first() if code else None
    if not name.strip():
        raise Invalid(_("Choose a file."), field="file")
    return services.new_import(
        file_name=name.replace("\\", "/").rsplit("/", 1)[-1],
        kept_name=kept_name,
        size=size,
        origin=Origin.UPLOAD,
        provider=provider,
        month=form.month.data,
        source=form.source.data or "",
        now=utc_now(),
    )


def _errors(form: OrderForm) -> list[str]:
    texts = [str(error) for errors in form.errors.values() for error in errors]
    return texts or [_("This cannot be done.")]
