"""Import of a whole book from CloudHealth's XML: what it says and what it cannot say is shown, then confirmed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.errors import Invalid
from app.kernel.numbers import small_number
from app.pricebooks import services
from app.pricebooks.cloudhealth import LARGEST_FILE, ImportedBook, read_book
from app.pricebooks.rows import LABELS, cells_of, kind_word
from app.pricebooks.rule_views import SHOWN_ROWS, CheckedFileForm
from app.providers.queries import resold_providers
from app.rating.money import ZERO
from app.rating.pricebook import MatchMode
from app.shell.choices import currency_choices
from app.shell.context import current_reseller
from app.shell.fields import ChoiceField, Text
from app.shell.formats import integer_text
from app.shell.pages import PageView, attempt


class BookFileForm(CheckedFileForm):
    """The file, and what it does not say itself."""

    provider_id = ChoiceField(_l("Provider"), required=True, choices=[], coerce=small_number)
    name = Text(_l("Name"), required=True, longest=100, sentence=_l("Enter a name for the pricebook."))
    currency = ChoiceField(_l("Currency"), required=True, choices=[])


class PricebookImportView(PageView):
    """A new book from a file."""

    route_base = "/pricebooks/import"
    class_permission_name = "Pricebooks"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def show(self) -> Any:
        form = BookFileForm()
        form.currency.choices = [*currency_choices()]
        form.provider_id.choices = [(one.id, one.name) for one in resold_providers()]
        if request.method == "GET":
            reseller = current_reseller()
            form.currency.data = reseller.currency if reseller else ""
            return self._page(form)
        was_confirmed = form.is_confirmed
        if not form.validate():
            return self._page(form), 422
        try:
            found = read_book(form.read(LARGEST_FILE))
            if not found.problems and not found.rules:
                raise Invalid(_("The file has no rule that a pricebook can say."), field="file")
        except Invalid as refusal:
            form.content.data = ""
            form.attach(refusal)
            return self._page(form), refusal.status
        if found.problems:
            form.content.data = ""
            return self._page(form, found), 422
        if not was_confirmed:
            return self._page(form, found)
        book, status = attempt(form, lambda: self._create(form, found))
        if book is None:
            return self._page(form, found), status
        count = len(found.rules)
        flash(
            ngettext(
                "%(name)s was added with %(count)s rule.",
                "%(name)s was added with %(count)s rules.",
                count,
                name=book.name,
                count=integer_text(count),
            ),
            "success",
        )
        return redirect(url_for("PricebookRulesView.rules", pk=book.id))

    @staticmethod
    def _create(form: BookFileForm, found: ImportedBook) -> Any:
        return services.create_pricebook(
            provider_id=form.provider_id.data,
            name=form.name.data,
            adjustment_percent=ZERO,
            currency=form.currency.data,
            match_mode=MatchMode.FIRST_BY_POSITION,
            rules=found.rules,
            left_out=[one.as_json() for one in found.left_out],
        )

    def _page(self, form: BookFileForm, found: ImportedBook | None = None) -> str:
        page: str = self.render_template(
            "pricebooks/import_book.html",
            title=_("Import pricebook"),
            form=form,
            found=found,
            rules=[
                (rule.position, name, line, cells_of(rule), kind_word(rule.kind))
                for rule, (name, line) in zip(found.rules, found.named, strict=True)
            ][:SHOWN_ROWS]
            if found
            else [],
            labels=LABELS,
        )
        return page
