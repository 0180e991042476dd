"""Downloads of the customer list, exactly as it is filtered and sorted on the screen."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Response, abort, request, send_file, stream_with_context
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.customers.exports import Export, described, export_customers, export_shown, note_export
from app.customers.list_args import columns_from_args, filter_from_args
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.unit_of_work import unit_of_work
from app.kernel.xlsx import write_xlsx
from app.shell.context import current_reseller
from app.shell.formats import reader_zone
from app.shell.pages import PageView

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CustomerExportView(PageView):
    """The list as CSV and as a spreadsheet. Takes the list's own arguments.

    With ``fields=shown`` the file has the columns of the list, otherwise every field.
    """

    route_base = "/customers"
    default_view = "csv"
    class_permission_name = "Customers"

    @expose("/export.csv")
    @has_access
    @permission_name("export")
    def csv(self) -> Response:
        export, name = self._noted("csv")
        response = Response(stream_with_context(stream_csv(export.header, export.rows)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return response

    @expose("/export.xlsx")
    @has_access
    @permission_name("export")
    def xlsx(self) -> Response:
        export, name = self._noted("xlsx")
        file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        write_xlsx(file, title=_("Customers"), header=export.header, rows=export.rows)
        file.seek(0)
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)

    @staticmethod
    def _noted(suffix: str) -> tuple[Export, str]:
        """Return the table and its file name, after the change log has them."""
        wanted, _page, _size = filter_from_args()
        reseller = current_reseller()
        name = f"customers-{utc_now().astimezone(reader_zone()):%Y-%m-%d}.{suffix}"
        fields = request.args.get("fields", "")
        if fields == "shown":
            export = export_shown(wanted, columns_from_args()[1])
        elif fields:
            abort(400)
        else:
            export = export_customers(wanted, time_zone=reseller.time_zone if reseller else "UTC")
        with unit_of_work(db.session):
            note_export(export, file_name=name, conditions=described(wanted))
        return export, name
