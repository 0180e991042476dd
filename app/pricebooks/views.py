"""Billing > Pricebooks: the list, and what a book is besides its rules."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app.errors import WrongState
from app.extensions import db
from app.kernel.numbers import small_number
from app.kernel.unit_of_work import unit_of_work
from app.months.terms import earlier_terms
from app.pricebooks import services
from app.pricebooks.forms import PricebookForm
from app.pricebooks.models import Pricebook
from app.pricebooks.queries import BookFilter, all_books, books_by_provider, months_of
from app.providers.queries import resold_providers
from app.rating.pricebook import MatchMode
from app.shell.choices import currency_choices
from app.shell.context import current_reseller
from app.shell.crud import Interface, lock_row
from app.shell.settings_area import SettingsModelView

STATES = (("active", _l("Active")), ("retired", _l("Retired")))


class PricebookModelView(SettingsModelView):
    """Masters first, read-only, each with the reseller's copies below it."""

    datamodel = Interface(Pricebook)
    route_base = "/pricebooks"
    class_permission_name = "Pricebooks"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    parent_endpoint = None
    form = PricebookForm
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Pricebooks")
    add_title = _l("Add pricebook")
    edit_title = _l("Edit pricebook")
    edit_template = "pricebooks/edit.html"
    add_save_label = _l("Save pricebook")
    edit_save_label = _l("Save pricebook")
    _text = _l("Assigned to a customer per provider. Without a pricebook the master, its list price, holds.")
    _widths = {
        "provider_id": 3,
        "name": 3,
        "currency": 3,
        "match_mode": 3,
        "adjustment_percent": 3,
        "counts_from": 3,
    }
    _fields = ["provider_id", "name", "currency", "match_mode", "adjustment_percent"]
    add_fieldsets = [(_l("Pricebook"), {"fields": _fields, "text": _text, "widths": _widths})]
    edit_fieldsets = [
        (
            _l("Pricebook"),
            {"fields": [*_fields, "counts_from", "is_retired"], "text": _text, "widths": _widths},
        )
    ]

    @expose("/")
    @has_access
    def list(self) -> Any:
        return self._page(_wanted())

    def _page(self, wanted: BookFilter, refusal: object = None) -> str:
        books = all_books()
        groups = books_by_provider(books, wanted)
        page: str = self.render_template(
            "pricebooks/list.html",
            title=self.list_title,
            groups=groups,
            count=sum(len(group.copies) for group in groups),
            wanted=wanted,
            has_books=bool(books),
            providers=sorted({(book.provider.code, book.provider.name) for book in books}),
            currencies=sorted({book.currency for book in books}),
            states=STATES,
            refusal=refusal,
            may={verb: self.can(verb) for verb in ("show", "add", "edit", "delete")},
        )
        return page

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> Any:
        row = self._row_or_404(pk)
        name = row.name
        try:
            with unit_of_work(db.session):
                lock_row(row)
                self.remove(row)
        except WrongState as refusal:
            return self._page(BookFilter(), refusal), refusal.status
        except IntegrityError:  # somebody chose it for a customer at this moment
            used = WrongState(_("%(name)s is in use, so it cannot be removed.", name=name))
            return self._page(BookFilter(), used), used.status
        flash(_("%(name)s was removed.", name=name), "success")
        return redirect(self.list_url())

    def prepare(self, form: Any, row: Any) -> None:
        form.currency.choices = [*currency_choices()]
        if row is not None:
            form.provider_id.choices = [(row.provider_id, _master(row.provider))]
            form.counts_from.offer(months_of(row), given=row.counts_from)
            return
        del form.counts_from
        form.provider_id.choices = [("", "")] + [(one.id, _master(one)) for one in resold_providers()]
        if request.method == "GET":
            reseller = current_reseller()
            form.currency.data = reseller.currency if reseller else ""
            wanted = request.args.get("provider", "")
            if any(str(key) == wanted for key, _name in form.provider_id.choices):
                form.provider_id.data = small_number(wanted)

    def create(self, form: Any) -> Pricebook:
        return services.create_pricebook(
            provider_id=form.provider_id.data,
            name=form.name.data,
            adjustment_percent=form.adjustment_percent.data,
            currency=form.currency.data,
            match_mode=MatchMode(form.match_mode.data),
        )

    def change(self, row: Pricebook, form: Any) -> Pricebook:
        values = form.data | {
            "counts_from": form.counts_from.month,
            "match_mode": MatchMode(form.match_mode.data),
        }
        return services.change_pricebook(row, values)

    def remove(self, row: Pricebook) -> None:
        services.delete_pricebook(row)

    def earlier(self, row: Pricebook) -> Any:
        """Return the percentages that a book had before: (first month, last month, terms)."""
        return earlier_terms(row)

    def tabs(self, row: Pricebook) -> Any:
        """Return the pages of a book."""
        return book_tabs(row, "edit", may_edit=True)


def book_tabs(book: Pricebook, here: str, *, may_edit: bool) -> Any:
    """Return the pages of a book for its tabs: (label, address, is it this one)."""
    pages = [
        ("rules", _("Rules"), url_for("PricebookRulesView.rules", pk=book.id)),
        ("tester", _("Tester"), url_for("PricebookTesterView.show", pk=book.id)),
        ("history", _("History"), url_for("PricebookHistoryView.show", pk=book.id)),
    ]
    if may_edit:
        pages.insert(1, ("edit", _("Details"), url_for("PricebookModelView.edit", pk=book.id)))
    return [(label, url, key == here) for key, label, url in pages]


def _wanted() -> BookFilter:
    args = request.args
    wanted = BookFilter(
        text=args.get("q", "").strip()[:200],
        provider=args.get("provider", ""),
        currency=args.get("currency", ""),
        state=args.get("state", ""),
    )
    if wanted.state not in ("", "active", "retired"):
        abort(400)
    return wanted


def _master(provider: Any) -> str:
    return _("%(provider)s Master", provider=provider.name)
