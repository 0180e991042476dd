"""Settings > Billing > Invoice Options."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.months.locks import EVERY_CUSTOMER
from app.months.terms import earlier_terms
from app.settings import invoice_options as options
from app.settings.invoice_forms import MODES, InvoiceOptionsForm
from app.settings.numbering import number_text
from app.shell.formats import reader_today
from app.shell.pages import PageView, submit


class InvoiceOptionsView(PageView):
    """How the statements of all customers are made."""

    route_base = "/settings/invoices"
    class_permission_name = "InvoiceOptions"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        row = options.invoice_options()
        form = InvoiceOptionsForm(obj=row if request.method == "GET" else None)
        form.offer(row)
        form.counts_from.offer([EVERY_CUSTOMER], given=row.counts_from if row else None)
        saved, status = submit(form, lambda: self._save(form), record=options.invoice_options)
        if saved is not None:
            flash(_("Invoice Options were saved."), "success")
            return redirect(url_for("InvoiceOptionsView.show"))
        row = options.invoice_options()
        issued = options.options_at_issue()
        page = self.render_template(
            "settings/invoices.html",
            title=_("Invoice Options"),
            form=form,
            example=_example(),
            row=row if row is not None and row.counts_from else None,
            earlier=earlier_terms(row) if row is not None and row.counts_from else [],
            modes=MODES,
            provider_names=dict(form.billed_cost_providers.choices),
            next_text=number_text(issued["number_format"], issued["next_number"], reader_today()),
        )
        return page, status

    @staticmethod
    def _save(form: InvoiceOptionsForm) -> Any:
        return options.save_invoice_options(
            form.values, from_month=form.counts_from.month, version=form.opened_version
        )


def _example() -> list[tuple[Any, ...]]:
    """Return one statement both ways, as docs/pricing.md has it: (line, on, off); None for no line."""
    lines = (
        (_("Usage"), "90.00", "90.00"),
        (_("Credit, before tax"), "-90.00", ""),
        (_("Tax"), "0.00", "18.00"),
        (_("Credit, after tax"), "", "-100.00"),
        (_("Total"), "0.00", "8.00"),
        (_("Carried over"), "10.00", "0.00"),
    )
    return [(label, *(Decimal(one) if one else None for one in (on, off))) for label, on, off in lines]
