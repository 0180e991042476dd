"""The rules of a book: the grid, its file, and another book with the same rules."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import wtforms
from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from app.errors import DomainError, Invalid
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.pricebooks import csv_files, services
from app.pricebooks.changes import Plan
from app.pricebooks.cloudhealth import LeftOut
from app.pricebooks.dry_run import DryRun, dry_run_with, last_month
from app.pricebooks.forms import DuplicateForm, RulesForm
from app.pricebooks.marks import is_unknown_service, rules_that_never_win
from app.pricebooks.models import Pricebook
from app.pricebooks.queries import customers_with, months_of
from app.pricebooks.rating import book_of
from app.pricebooks.rows import (
    CELLS,
    KINDS,
    LABELS,
    MOST_RULES,
    CellProblem,
    InvalidRules,
    RuleRow,
    cells_of,
    filled,
    read_rows,
)
from app.pricebooks.rule_services import find_book, save_rules, saved_text, shown_rules, try_rules
from app.pricebooks.views import book_tabs
from app.shell.fields import BaseForm, VersionedForm
from app.shell.pages import PageView, attempt

#: Empty rows below the rules, to type into without script.
SPARE_ROWS = 3
#: How much of a long list a page shows.
SHOWN_PROBLEMS, SHOWN_DIFFERENCES, SHOWN_ROWS = 50, 20, 200


@dataclass(slots=True)
class GridRow:
    """A row as the page draws it: what is wrong by cell, what hides it, whether its service is known."""

    number: int
    id: int | None
    cells: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    hidden_by: str = ""
    is_unknown: bool = False


class BookView(PageView):
    """Base of the pages of one book."""

    class_permission_name = "Pricebooks"
    here = ""

    def may(self, verb: str) -> bool:
        """May the signed-in person do ``verb`` with pricebooks?"""
        return bool(self.appbuilder.sm.has_access(f"can_{verb}", "Pricebooks"))

    def page(self, template: str, book: Pricebook, **context: Any) -> str:
        """Render a page of a book below its tabs."""
        page: str = self.render_template(
            template,
            title=book.name,
            book=book,
            tabs=book_tabs(book, self.here, may_edit=self.may("edit")),
            may={verb: self.may(verb) for verb in ("add", "edit")},
            **context,
        )
        return page


class PricebookRulesView(BookView):
    """The grid: every rule that can still change, saved as one."""

    route_base = "/pricebooks/<int:pk>"
    here = "rules"

    @expose("/")
    @has_access
    @permission_name("show")
    def rules(self, pk: int) -> Any:
        book = find_book(pk)
        return self._grid(book, _form(book, is_opened=True))

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, pk: int) -> Any:
        book = find_book(pk)
        form, rows = _form(book), _posted_rows()
        if not form.validate():
            return self._grid(book, form, rows), 422
        try:
            if request.form.get("what") == "try":
                plan = try_rules(book, rows, from_month=form.counts_from.month)
                return self._grid(book, form, rows, plan=plan)
            problems: list[CellProblem] = []
            plan, status = attempt(
                form,
                lambda: _saved(book, rows, form, problems),
                record=lambda: find_book(pk),
            )
        except InvalidRules as refusal:
            form.attach(refusal)
            return self._grid(book, form, rows, problems=refusal.problems), refusal.status
        except DomainError as refusal:
            form.attach(refusal)
            return self._grid(book, form, rows), refusal.status
        if plan is None:
            if form.conflict is not None:
                kept = list(form.conflict.differences)[:SHOWN_DIFFERENCES]
                form.conflict = replace(form.conflict, differences=kept)
            return self._grid(find_book(pk), form, rows, problems=problems), status
        flash(saved_text(plan), "success")
        return redirect(url_for("PricebookRulesView.rules", pk=pk))

    def _grid(
        self,
        book: Pricebook,
        form: RulesForm,
        rows: Sequence[RuleRow] | None = None,
        *,
        problems: Sequence[CellProblem] = (),
        plan: Plan | None = None,
    ) -> str:
        shown, locked = shown_rules(book)
        entered = csv_files.grid_rows(shown) if rows is None else filled(rows)
        grid = _drawn(book, entered, problems)
        return self.page(
            "pricebooks/rules.html",
            book,
            form=form,
            rows=grid,
            spare=range(len(grid) + 1, len(grid) + 1 + SPARE_ROWS),
            locked=[cells_of(one) for one in locked],
            cells=CELLS,
            labels=LABELS,
            kinds=[(kind.value, word) for kind, word in KINDS.items()],
            problems=problems[:SHOWN_PROBLEMS],
            more_problems=max(0, len(problems) - SHOWN_PROBLEMS),
            plan=plan,
            customers=customers_with(book),
            tried=_tried(book, entered) if plan is not None else None,
            last_month=last_month(book),
            left_out=[LeftOut(**one) for one in book.left_out],
        )

    @expose("/rules.csv")
    @has_access
    @permission_name("show")
    def export(self, pk: int) -> Response:
        book = find_book(pk)
        shown, _locked = shown_rules(book)
        response = Response(b"".join(csv_files.rules_csv(shown)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=f"pricebook-{book.id}.csv")
        return response

    @expose("/duplicate/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def duplicate(self, pk: int) -> Any:
        book = find_book(pk)
        form = DuplicateForm()
        status = 200
        if request.method == "GET":
            form.name.data = _("%(name)s (copy)", name=book.name)[:100]
            form.adjustment_percent.data = book.adjustment_percent
        elif form.validate():
            made, status = attempt(
                form,
                lambda: services.duplicate_pricebook(
                    find_book(pk), name=form.name.data, adjustment_percent=form.adjustment_percent.data
                ),
            )
            if made is not None:
                flash(_("%(name)s was added.", name=made.name), "success")
                return redirect(url_for("PricebookRulesView.rules", pk=made.id))
        else:
            status = 422
        return self.page("pricebooks/duplicate.html", find_book(pk), form=form), status


def _form(book: Pricebook, *, is_opened: bool = False) -> RulesForm:
    form = RulesForm(formdata=None if is_opened else request.form)
    form.counts_from.offer(months_of(book))
    if is_opened:
        form.version.data = str(book.version)
    return form


def _saved(book: Pricebook, rows: Sequence[RuleRow], form: Any, problems: list[CellProblem]) -> Plan:
    try:
        return save_rules(
            book, rows, from_month=form.counts_from.month, version=form.opened_version, now=utc_now()
        )
    except InvalidRules as refusal:
        problems += refusal.problems
        raise


def _posted_rows() -> list[RuleRow]:
    """Return the rows of the grid: nine lists of one length. It needs no script, and no limit is in its way."""
    columns = {name: request.form.getlist(name) for name in ("rule_id", *CELLS)}
    length = len(columns["rule_id"])
    if any(len(column) != length for column in columns.values()):
        abort(400)
    return [
        RuleRow(
            place + 1,
            {name: columns[name][place] for name in CELLS},
            small_number(columns["rule_id"][place]) if columns["rule_id"][place] else None,
        )
        for place in range(length)
    ]


def _drawn(book: Pricebook, rows: Sequence[RuleRow], problems: Sequence[CellProblem]) -> list[GridRow]:
    read = read_rows(rows) if len(rows) <= MOST_RULES else None
    rules = [rule for rule in read.rules if rule is not None] if read else []
    hidden = rules_that_never_win(book_of(book, rules))
    known = book.provider.services or []
    drawn = []
    for place, row in enumerate(rows):
        cells = {name: row.cells.get(name, "") for name in CELLS}
        one = GridRow(
            place + 1, row.id, cells, is_unknown=is_unknown_service(cells["service"].strip(), known)
        )
        rule = read.rules[place] if read else None
        if rule is not None and rule.id in hidden:
            by, is_duplicate = hidden[rule.id]
            one.hidden_by = (
                _("Never wins: rule %(n)s names the same", n=by.position)
                if is_duplicate
                else _("Never wins: rule %(n)s comes first", n=by.position)
            )
        drawn.append(one)
    for problem in problems:
        if problem.row < len(drawn):
            drawn[problem.row].errors.setdefault(problem.cell, problem.text)
    return drawn


def _tried(book: Pricebook, rows: Sequence[RuleRow]) -> DryRun | None:
    """Return what these rows would have meant in the last imported month, as if they had counted then."""
    return dry_run_with(book, rules=tuple(rule for rule in read_rows(filled(rows)).rules if rule is not None))


class FileChosen:
    """Refuses a form without a file, unless the checked one comes along."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data and not form.content.data:
            raise wtforms.validators.StopValidation(_("Choose a file."))


class CheckedFileForm(VersionedForm):
    """A file: chosen first, then sent again as it was checked."""

    file = FileField(_l("File"), validators=[FileChosen()])
    content = wtforms.HiddenField()

    @property
    def is_confirmed(self) -> bool:
        """Does the person save what was shown?"""
        return bool(self.content.data)

    def read(self, most: int) -> bytes:
        """Return the file, one byte more than ``most`` where it is larger; it travels on in ``content``."""
        if not self.is_confirmed:
            content: bytes = self.file.data.stream.read(most + 1)
            self.content.data = base64.b64encode(content).decode() if len(content) <= most else ""
            return content
        try:
            return base64.b64decode(self.content.data, validate=True)
        except (binascii.Error, ValueError):
            raise Invalid(_("Choose the file again."), field="file") from None


class RuleFileForm(CheckedFileForm):
    """Rules from a CSV file."""

    mode = wtforms.RadioField(
        _l("Rules of the file"),
        choices=[
            ("replace", _l("Replace the rules of the pricebook")),
            ("add", _l("Are added below them")),
        ],
        default="replace",
    )


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong in a file, by line."""

    line: int
    column: str
    text: str


class PricebookFileView(BookView):
    """Import of rules: checked first, saved as a whole or not at all."""

    route_base = "/pricebooks/<int:pk>/import"
    here = "rules"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, pk: int) -> Any:
        book = find_book(pk)
        form, months = RuleFileForm(), RulesForm()
        months.counts_from.offer(months_of(book))
        if request.method == "GET":
            form.version.data = str(book.version)
            return self._page(book, form, months)
        was_confirmed = form.is_confirmed
        if not form.validate() or (was_confirmed and not months.counts_from.validate(months)):
            return self._page(book, form, months), 422
        try:
            found = csv_files.read_file(form.read(csv_files.LARGEST_FILE))
        except Invalid as refusal:
            form.content.data = ""
            form.attach(refusal)
            return self._page(book, form, months), refusal.status
        rows = self._rows(book, found, form.mode.data)
        if was_confirmed:
            return self._save(book, form, months, found, rows)
        try:
            plan = try_rules(book, rows, from_month=months.counts_from.month)
        except InvalidRules as refusal:
            form.content.data = ""
            return self._page(book, form, months, found, refusal=refusal), 422
        except Invalid as refusal:
            form.content.data = ""
            form.attach(refusal)
            return self._page(book, form, months), 422
        return self._page(book, form, months, found, plan=plan)

    @staticmethod
    def _rows(book: Pricebook, found: csv_files.RuleFile, mode: str) -> list[RuleRow]:
        shown, _locked = shown_rules(book)
        if mode == "add":
            return [*csv_files.grid_rows(shown), *found.rows]
        return csv_files.replacing(shown, found.rows)

    def _save(
        self,
        book: Pricebook,
        form: RuleFileForm,
        months: RulesForm,
        found: csv_files.RuleFile,
        rows: Sequence[RuleRow],
    ) -> Any:
        months.version.data = form.version.data
        problems: list[CellProblem] = []
        plan, status = attempt(form, lambda: _saved(book, rows, months, problems))
        if plan is None:
            refusal = InvalidRules(problems) if problems else None
            return self._page(find_book(book.id), form, months, found, refusal=refusal), status
        flash(saved_text(plan), "success")
        return redirect(url_for("PricebookRulesView.rules", pk=book.id))

    def _page(
        self,
        book: Pricebook,
        form: BaseForm,
        months: RulesForm,
        found: csv_files.RuleFile | None = None,
        *,
        plan: Plan | None = None,
        refusal: InvalidRules | None = None,
    ) -> str:
        problems = [
            FileProblem(one.number, one.cell, one.text) for one in (refusal.problems if refusal else ())
        ]
        rows = found.rows if found else []
        return self.page(
            "pricebooks/import.html",
            book,
            form=form,
            months=months,
            found=found,
            plan=plan,
            problems=problems,
            rows=_drawn(book, rows[:SHOWN_ROWS], ()) if plan is not None else [],
            row_count=len(rows),
            cells=CELLS,
            labels=LABELS,
            kinds={kind.value: word for kind, word in KINDS.items()},
            customers=customers_with(book),
        )
