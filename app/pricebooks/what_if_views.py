"""What another percentage of a book would have meant last month, told beside its details. Nothing is saved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.pricebooks.dry_run import dry_run, last_month
from app.pricebooks.forms import MATCH_MODES
from app.pricebooks.rating import book_in
from app.pricebooks.rule_services import find_book
from app.pricebooks.rule_views import BookView
from app.rating.pricebook import MatchMode
from app.shell.fields import BaseForm, ChoiceField, PercentField


class DetailsForm(BaseForm):
    """What of a book moves prices, as it is being entered."""

    adjustment_percent = PercentField(_l("Adjustment"), required=True)
    match_mode = ChoiceField(_l("Which rule wins"), required=True, choices=MATCH_MODES)


class PricebookWhatIfView(BookView):
    """Last month with the details as they are in the form. With ``?part=1`` only the figures, for the open page."""

    route_base = "/pricebooks/<int:pk>/what-if"
    here = "edit"

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def show(self, pk: int) -> Any:
        book = find_book(pk)
        form = DetailsForm()
        is_good, month = form.validate(), last_month(book)
        tried = None
        if is_good and month is not None:
            before = book_in(book, month)
            after = replace(
                before,
                percent=form.adjustment_percent.data or Decimal(0),
                match_mode=MatchMode(form.match_mode.data),
            )
            tried = dry_run(book, before, after)
        refusal = "" if is_good else _("Enter a percentage to see what it means.")
        status = 200 if is_good else 422
        if request.args.get("part"):
            return self.render_template("pricebooks/_what_if.html", tried=tried, refusal=refusal), status
        return self.page("pricebooks/what_if.html", book, tried=tried, refusal=refusal), status
