"""What a book's other pages show: one price explained, and everything that was changed."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import wtforms
from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import InputRequired

from app.audit.queries import entries_of
from app.audit.words import change_lines, sentence
from app.errors import Invalid
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.pricebooks.rating import book_in
from app.pricebooks.rows import month_cell, read_month
from app.pricebooks.rule_services import find_book
from app.pricebooks.rule_views import BookView
from app.pricebooks.tester import months_text, rule_text, tested
from app.rating.months import first_day
from app.rating.pricebook import PriceKey
from app.rating.problems import required
from app.shell.fields import BaseForm, ExactField, Text

PAGE_LENGTH = 30
#: So many lines of an entry are shown at once; the others unfold.
LINES_AT_ONCE = 8


class MonthText(wtforms.StringField):
    """A month as people write it."""

    def pre_validate(self, form: Any) -> None:
        try:
            month = read_month((self.data or "").strip())
        except Invalid as problem:
            raise ValidationError(str(problem)) from None
        form.read_month = month


class TesterForm(BaseForm):
    """A price to explain. It is sent as an address: nothing is saved."""

    class Meta(BaseForm.Meta):
        """An address carries no token."""

        csrf = False

    service = Text(_l("Service"))
    sku = Text(_l("SKU"))
    region = Text(_l("Region"))
    usage_type = Text(_l("Usage type"))
    list_price = ExactField(
        _l("List price per unit"), digits=8, decimals=10, lowest=Decimal(0), required=True
    )
    quantity = ExactField(_l("Quantity"), digits=12, decimals=10, required=True, default=Decimal(1))
    month = MonthText(
        _l("Month"),
        validators=[InputRequired(_l("Enter a month such as 2026-11."))],
        render_kw={"maxlength": 10, "placeholder": "2026-11"},
    )


class PricebookTesterView(BookView):
    """Type a price, see the customer's, the rule that won and why the others lost."""

    route_base = "/pricebooks/<int:pk>/test"
    here = "tester"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        book = find_book(pk)
        is_asked = "list_price" in request.args
        form = TesterForm(formdata=request.args if is_asked else None)
        found, status = None, 200
        if not is_asked:
            form.month.data = month_cell(first_day(utc_now().date()))
        elif form.validate():
            key = PriceKey(form.service.data, form.sku.data, form.region.data, form.usage_type.data)
            month = form.read_month
            price, quantity = (required(one.data, one.name) for one in (form.list_price, form.quantity))
            found = tested(book_in(book, month), key, month, price, quantity)
        else:
            status = 422
        return self.page(
            "pricebooks/tester.html",
            book,
            form=form,
            found=found,
            rule_text=rule_text,
            months_text=months_text,
        ), status


class PricebookHistoryView(BookView):
    """Every change of a book and its rules: who, when, before and after."""

    route_base = "/pricebooks/<int:pk>/history"
    here = "history"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        book = find_book(pk)
        before = request.args.get("before", "")
        key = small_number(before) if before else None
        if before and key is None:
            abort(400)
        entries = entries_of("pricebook", book.id, limit=PAGE_LENGTH + 1, before=key)
        shown = [
            SimpleNamespace(
                actor_name=one.actor_name,
                actor_kind=one.actor_kind,
                sentence=sentence(one),
                at=one.at,
                changes=change_lines(one, limit=len(one.changes)) if one.action != "created" else [],
            )
            for one in entries[:PAGE_LENGTH]
        ]
        return self.page(
            "pricebooks/history.html",
            book,
            entries=shown,
            more=entries[PAGE_LENGTH - 1].id if len(entries) > PAGE_LENGTH else None,
            at_once=LINES_AT_ONCE,
        )
