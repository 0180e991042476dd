"""Settings > Billing > Invoice Options."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.months.fields import CountsFromField
from app.months.locks import EVERY_CUSTOMER
from app.months.terms import earlier_terms
from app.settings import invoice_options as options
from app.shell.fields import SwitchField, VersionedForm
from app.shell.pages import PageView, submit


class InvoiceOptionsForm(VersionedForm):
    """How statements are made."""

    credits_lower_tax_base = SwitchField(
        _l("Credits lower the tax base"),
        description=_l(
            "On: a customer's credits are taken off before tax, so less is taxed. Off: tax is on the whole, and "
            "credits pay a part of what is due after it. Ask your tax adviser which one your credits are."
        ),
    )
    counts_from = CountsFromField()


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
        form.counts_from.offer([EVERY_CUSTOMER], given=row.counts_from if row else None)
        if row is None and request.method == "GET":
            form.credits_lower_tax_base.data = options.DEFAULTS["credits_lower_tax_base"]
        saved, status = submit(form, lambda: self._save(form), record=options.invoice_options)
        if saved is not None:
            flash(_("Invoice Options were saved."), "success")
            return redirect(url_for("InvoiceOptionsView.show"))
        row = options.invoice_options()
        page = self.render_template(
            "settings/invoices.html",
            title=_("Invoice Options"),
            form=form,
            example=_example(),
            row=row if row is not None and row.counts_from else None,
            earlier=earlier_terms(row) if row is not None and row.counts_from else [],
        )
        return page, status

    @staticmethod
    def _save(form: InvoiceOptionsForm) -> Any:
        return options.save_invoice_options(
            {"credits_lower_tax_base": bool(form.credits_lower_tax_base.data)},
            from_month=form.counts_from.month,
            version=form.opened_version,
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
