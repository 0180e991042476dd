"""The screens of the customer import: the format, the dry run's report, the application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField
from sqlalchemy.exc import IntegrityError
from wtforms.validators import StopValidation

from app.customers import imports
from app.customers.import_cells import Column, sentence
from app.customers.import_models import CustomerImport
from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.unit_of_work import unit_of_work
from app.shell.fields import BaseForm
from app.shell.formats import integer_text
from app.shell.pages import PageView, attempt

SHOWN_ERRORS = 200

_MEANINGS: dict[str, object] = {
    "organization": _l("The company's name. It must not be a customer yet, nor stand in the file twice."),
    "external_id": _l("The customer's number in your other systems."),
    "contact_name": _l("Whom you write to."),
    "contact_title": _l("The contact's title or position."),
    "email": _l("The contact's address, in the form name@example.com."),
    "country": _l("Two-letter code such as DE, or the English or German name."),
    "language": _l("en or de; empty means en."),
    "spend_threshold_amount": _l("Amount per month such as 1500 or 1500.50, without thousands separators."),
}


class Chosen:
    """Refuses a form without a file."""

    field_flags = {"required": True}

    def __call__(self, _form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation(_("Choose a CSV file."))


class UploadForm(BaseForm):
    """The file to check."""

    file = FileField(
        _l("CSV file"),
        validators=[Chosen()],
        render_kw={"accept": ".csv,text/csv"},
    )


class CustomerImportView(PageView):
    """Import of customers: nothing is created before a dry run was seen."""

    route_base = "/customers/import"
    class_permission_name = "Customers"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("import")
    def show(self) -> Any:
        form, status = UploadForm(), 200
        if request.method == "POST":
            status = 422
            if form.validate():
                upload, status = self._check(form)
                if upload is not None:
                    return redirect(url_for("CustomerImportView.report", import_id=upload.id))
        columns = imports.file_columns()
        page = self.render_template(
            "customers/import.html",
            title=_("Import customers"),
            form=form,
            columns=[(column, _meaning(column)) for column in columns],
            recent=imports.recent_imports(),
            most_rows=imports.MOST_ROWS,
            largest=imports.LARGEST_FILE // 1024 // 1024,
        )
        return page, status

    @staticmethod
    def _check(form: UploadForm) -> tuple[CustomerImport | None, int]:
        """Run the dry run; the file is read between two transactions, so that nobody waits for it."""
        file = form.file.data
        content = file.stream.read(imports.LARGEST_FILE + 1)
        columns = imports.file_columns()
        db.session.rollback()
        try:
            checked = imports.read_file(content, columns)
        except Invalid as refusal:
            form.attach(refusal)
            return None, refusal.status
        return attempt(form, lambda: imports.keep(file.filename or "", content, checked, now=utc_now()))

    @expose("/template.csv")
    @has_access
    @permission_name("import")
    def template(self) -> Response:
        titles = [column.title for column in imports.file_columns()]
        return _csv("customers-template.csv", stream_csv(titles, []))

    @expose("/<int:import_id>/")
    @has_access
    @permission_name("import")
    def report(self, import_id: int) -> Any:
        return self._report(imports.find_import(import_id))

    def _report(self, upload: CustomerImport, refusal: object = None) -> str:
        found = upload.report
        page: str = self.render_template(
            "customers/import_report.html",
            title=upload.file_name,
            upload=upload,
            found=found,
            errors=[
                (line, column, value, sentence(code, more))
                for line, column, code, value, more in found["errors"][:SHOWN_ERRORS]
            ],
            kept_errors=len(found["errors"]),
            refusal=refusal,
        )
        return page

    @expose("/<int:import_id>/errors.csv")
    @has_access
    @permission_name("import")
    def errors(self, import_id: int) -> Response:
        kept = imports.find_import(import_id).report["errors"]
        rows = ([line, column, value, sentence(code, more)] for line, column, code, value, more in kept)
        header = [_("Line"), _("Column"), _("Cell"), _("What to do")]
        return _csv("customers-errors.csv", stream_csv(header, list(rows)))

    @expose("/<int:import_id>/apply/", methods=["POST"])
    @has_access
    @permission_name("import")
    def apply(self, import_id: int) -> Any:
        upload = imports.find_import(import_id)
        try:
            imports.check_can_apply(upload)
            content, columns = upload.content, imports.file_columns()
            db.session.rollback()
            checked = _read_again(content, columns)
            with unit_of_work(db.session):
                imports.apply(imports.find_import(import_id), checked, now=utc_now())
        except imports.NoLongerFits as refusal:
            with unit_of_work(db.session):
                imports.keep_findings(imports.find_import(import_id), refusal.checked)
            return self._report(imports.find_import(import_id), refusal), refusal.status
        except IntegrityError:
            raced = WrongState(
                _(
                    "Somebody added one of these customers at this very moment. Nothing was created. Apply it again."
                )
            )
            return self._report(imports.find_import(import_id), raced), raced.status
        except WrongState as refusal:
            db.session.rollback()
            return self._report(imports.find_import(import_id), refusal), refusal.status
        count = checked.row_count
        added = ngettext(
            "%(count)s customer was added.",
            "%(count)s customers were added.",
            count,
            count=integer_text(count),
        )
        flash(added, "success")
        return redirect(url_for("CustomerImportView.report", import_id=import_id))


def _read_again(content: bytes, columns: list[Column]) -> imports.Checked:
    """Return the file as it is judged now; a file that cannot be read any more is one in the wrong state."""
    try:
        return imports.read_file(content, columns)
    except Invalid as problem:
        raise WrongState(problem.message) from None


def _meaning(column: Column) -> object:
    if column.custom_name:
        return _("Custom field")
    return _MEANINGS.get(column.title, "")


def _csv(name: str, chunks: Iterator[bytes]) -> Response:
    response = Response(b"".join(chunks), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
