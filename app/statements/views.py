"""Billing > Statements: the list of a month, one statement, how its amounts were computed, what is done with them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import force_locale
from flask_babel import gettext as _

from app.audit.queries import entries_of
from app.audit.words import timeline_entries
from app.customers.models import Customer
from app.customers.workspace import WorkspaceView
from app.errors import DomainError, WrongState
from app.extensions import db
from app.jobs.progress import shown
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.kernel.pagination import PageRequest, list_page, page_of, paginate
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.rating.months import first_day, month_after
from app.shell.formats import money_text, reader_today
from app.shell.pages import PageView, submit
from app.statements import explaining, late, queries, words
from app.statements.documents_answer import document_answer, is_usage, usage_answer
from app.statements.exports import list_as_csv
from app.statements.forms import AmountForm, PaidForm, VoidForm
from app.statements.left_out import left_out
from app.statements.models import COUNTING, GENERATE, ISSUE, Kind, Outcome, SettledBy, State, Statement
from app.statements.printing import image_address, read_paper
from app.statements.readers_words import for_reader
from app.statements.services import drafts, issuing, runs, settling
from app.statements.services import late as settling_late
from app.statements.services.finding import find_statement
from app.statements.services.late import Settled
from app.statements.usage_files import has_usage_file
from app.usage.queries import last_imported_month, live_parts

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
#: How many months the list offers, besides one that was asked for.
MOST_MONTHS = 24
#: How many of the customers without a statement are named beside their number.
MOST_NAMED = PageRequest(size=3)


def asked_month(text: str) -> datetime.date | None:
    """Return the month that an address names as ``2026-10``; None for none."""
    found = _MONTH.fullmatch(text)
    return datetime.date(int(found[1]), int(found[2]), 1) if found else None


class StatementsView(PageView):
    """Statements of a month."""

    route_base = "/billing/statements"
    class_permission_name = "Statements"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        today = reader_today()
        wanted = _filter(today)
        month = wanted.month or first_day(today)
        run = queries.last_run(month)
        job = runs.job_of(run) if run is not None else None
        outcomes = queries.outcomes_of(run) if run is not None else {}
        counts = queries.count_for_tabs(wanted)
        return self.render_template(
            "statements/list.html",
            month=month,
            months=_months(month, today),
            wanted=wanted,
            sorting=(wanted.sort, "desc" if wanted.is_descending else "asc"),
            export_args=request.args.to_dict() | {"month": f"{month:%Y-%m}"},
            rows=queries.statement_page(wanted, list_page(request.args)),
            counts=counts,
            left_out=paginate(db.session, left_out(month), MOST_NAMED) if counts["all"] else None,
            totals=queries.totals_by_currency(wanted),
            has_usage=bool(live_parts(month)),
            run=run,
            progress=shown(job, now=utc_now()) if job is not None else None,
            job=job,
            outcomes={one.value: outcomes.get(one, []) for one in Outcome},
            seen=queries.drafts_of(month)[1],
            late_count=late.count_delivered_again(month),
            words=words,
            today=today,
            rows_before=month_after(month, -1),
            kinds=Kind,
            states=State,
        )

    @expose("/export.csv")
    @has_access
    @permission_name("export")
    def export(self) -> Any:
        """Download the list as it is filtered and sorted; the change log notes it."""
        return list_as_csv(_filter(reader_today()))

    @expose("/generate/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def generate(self) -> Any:
        """Generate the drafts of a month: of one customer, the chosen ones, or all; of all providers or of one."""
        given = request.form if request.method == "POST" else request.args
        month = asked_month(given.get("month", "")) or _usual_month(reader_today())
        chosen = _chosen_ids("customer")
        code = given.get("provider", "")
        provider = next((one for one in resold_providers() if one.code == code), None)
        if request.method == "GET":
            return self._choice(month, code, [])
        if code and provider is None:
            return self._choice(month, "", chosen, _("This provider is not one of yours."))
        which = request.form.get("which", "")
        if which == "chosen" and not chosen:
            return self._choice(month, code, [], _("Select at least one customer."))
        if which == "left_out":
            chosen = [one.id for one in db.session.scalars(left_out(month))]
            if not chosen:
                flash(_("Nobody is without a statement any more."), "info")
                return redirect(url_for("StatementsView.list", month=f"{month:%Y-%m}"))
        return self._start(GENERATE, month, None if which == "all" else chosen or None, provider)

    def _choice(
        self, month: datetime.date, code: str, chosen: Sequence[int], refusal: str = ""
    ) -> tuple[str, int]:
        """Ask for whom and for which providers."""
        text = request.args.get("q", "").strip()[:200]
        everybody = queries.billable_customers(month)
        body = self.render_template(
            "statements/generate.html",
            month=month,
            code=code,
            providers=resold_providers(),
            count=len(everybody),
            customers=page_of(queries.named_like(everybody, text), list_page(request.args)),
            text=text,
            chosen=chosen,
            refusal=refusal,
        )
        return body, 422 if refusal else 200

    @expose("/issue/", methods=["POST"])
    @has_access
    @permission_name("approve")
    def issue_many(self) -> Any:
        """Issue the chosen drafts of a month, or all of them: those that the person saw, and as they were."""
        month = asked_month(request.form.get("month", "")) or _usual_month(reader_today())
        chosen = _chosen_ids("rowid")
        if request.form.get("all"):
            chosen, mark = queries.drafts_of(month)
            if request.form.get("seen") != mark:
                flash(
                    _("The drafts have changed since you looked. Look at them again, then issue."), "warning"
                )
                return redirect(url_for("StatementsView.list", month=f"{month:%Y-%m}"))
        return self._start(ISSUE, month, chosen)

    @staticmethod
    def _start(verb: str, month: datetime.date, chosen: Any, provider: Provider | None = None) -> Any:
        try:
            with unit_of_work(db.session):
                runs.start_run(verb, month, chosen=chosen, provider=provider, now=utc_now())
        except DomainError as refusal:
            flash(str(refusal), "warning")
        return redirect(url_for("StatementsView.list", month=f"{month:%Y-%m}"))

    @expose("/late/")
    @has_access
    @permission_name("list")
    def late(self) -> Any:
        """Show what was delivered again after statements were issued."""
        month = asked_month(request.args.get("month", "")) or _usual_month(reader_today())
        try:
            changes, refusal = late.late_changes(month), ""
        except DomainError as problem:
            changes, refusal = [], str(problem)
        return self.render_template("statements/late.html", month=month, changes=changes, refusal=refusal)

    @expose("/<int:statement_id>/")
    @has_access
    @permission_name("show")
    def show(self, statement_id: int) -> Any:
        return self._page(find_statement(statement_id))

    def _page(self, statement: Statement, refusal: DomainError | None = None) -> Any:
        paper, lines = read_paper(statement), queries.lines_of(statement)
        may = self.appbuilder.sm.has_access
        body = self.render_template(
            "statements/statement.html",
            one=statement,
            paper=for_reader(paper),
            logo=image_address(paper.logo) if paper.logo else None,
            lines=lines,
            to_review=explaining.lines_to_review(statement, lines) if statement.reviews else {},
            corrections=queries.corrections_of(statement),
            corrected=find_statement(statement.corrects_id) if statement.corrects_id else None,
            title=words.title_of(statement),
            words=words,
            today=reader_today(),
            refusal=refusal,
            states=State,
            counting=COUNTING,
            kinds=Kind,
            may_issue=may("can_approve", "Statements"),
            may_edit=may("can_edit", "Statements"),
            may_discard=may("can_delete", "Statements"),
            may_add=may("can_add", "Statements"),
            parts=statement.frozen.get("usage", []),
            provider_names={one.provider.code: one.provider.name for one in explaining.parts_of(statement)},
            has_usage_file=has_usage_file(statement),
            timeline=timeline_entries(entries_of("statement", statement.id, limit=20)),
        )
        return body, refusal.status if refusal else 200

    @expose("/<int:statement_id>/lines/<int:position>/")
    @has_access
    @permission_name("show")
    def line(self, statement_id: int, position: int) -> Any:
        """Show how a line was computed."""
        statement, refusal = find_statement(statement_id), ""
        try:
            found = explaining.explain(statement, position, with_bill=True)
        except DomainError as problem:
            if problem.status == 404:
                raise
            found, refusal = explaining.explain(statement, position, with_bill=False), str(problem)
        return self.render_template(
            "statements/line.html",
            one=statement,
            found=found,
            line=found.line,
            title=words.title_of(statement),
            words=words,
            refusal=refusal,
            most=explaining.MOST_LINES,
        )

    @expose("/<int:statement_id>/document/<kind>")
    @has_access
    @permission_name("show")
    def document(self, statement_id: int, kind: str) -> Any:
        """Download the statement as PDF, CSV or XLSX, or its priced usage as FOCUS."""
        statement = find_statement(statement_id)
        if not is_usage(kind):
            return document_answer(read_paper(statement), kind)
        try:
            return usage_answer(statement, kind)
        except WrongState as refusal:
            return self._page(statement, refusal)

    # -- what is done with one -----------------------------------------------------------------------------------------

    @expose("/<int:statement_id>/generate/", methods=["POST"])
    @has_access
    @permission_name("add")
    def rate(self, statement_id: int) -> Any:
        def change(statement: Statement) -> str:
            again = drafts.draft_statement(
                statement.customer,
                statement.month,
                statement.kind,
                provider=statement.provider,
                now=utc_now(),
            )
            return _("The draft was computed anew.") if again else _("There is nothing to bill any more.")

        return self._do(statement_id, change)

    @expose("/<int:statement_id>/issue/", methods=["POST"])
    @has_access
    @permission_name("approve")
    def issue(self, statement_id: int) -> Any:
        def change(statement: Statement) -> str:
            issued = issuing.issue(statement, now=utc_now())
            return _("Statement %(number)s was issued.", number=issued.number)

        return self._do(statement_id, change)

    @expose("/<int:statement_id>/discard/", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, statement_id: int) -> Any:
        def change(statement: Statement) -> str:
            drafts.discard(statement)
            return _("The draft was discarded.")

        return self._do(statement_id, change, to_list=True)

    @expose("/<int:statement_id>/reopen/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def reopen(self, statement_id: int) -> Any:
        def change(statement: Statement) -> str:
            settling.reopen(statement)
            return _("The statement is open again.")

        return self._do(statement_id, change)

    def _do(self, statement_id: int, change: Callable[[Statement], str], *, to_list: bool = False) -> Any:
        statement = find_statement(statement_id)
        try:
            with unit_of_work(db.session):
                said = change(statement)
        except DomainError as refusal:
            if refusal.status in (403, 404):
                raise
            return self._page(find_statement(statement_id), refusal)
        flash(said, "success")
        if to_list:
            return redirect(url_for("StatementsView.list", month=f"{statement.month:%Y-%m}"))
        return redirect(url_for("StatementsView.show", statement_id=statement_id))

    @expose("/<int:statement_id>/paid/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def paid(self, statement_id: int) -> Any:
        statement, form = find_statement(statement_id), PaidForm()
        if request.method == "GET":
            form.paid_on.data = reader_today()
        return self._form(
            statement,
            form,
            "statements/paid.html",
            lambda: settling.mark_paid(statement, form.paid_on.data, today=reader_today()),
            _("The statement is paid."),
        )

    @expose("/<int:statement_id>/void/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def void(self, statement_id: int) -> Any:
        statement, form = find_statement(statement_id), VoidForm()
        return self._form(
            statement,
            form,
            "statements/void.html",
            lambda: settling.void(statement, form.reason.data or "", now=utc_now()),
            _("The statement is void. It keeps its number."),
        )

    @expose("/<int:statement_id>/credit/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def credit(self, statement_id: int) -> Any:
        statement, form = find_statement(statement_id), AmountForm()
        most = settling.most_to_credit(statement)
        note, status = submit(
            form,
            lambda: settling.credit_note(
                statement, form.amount.data or Decimal(0), form.text.data or "", now=utc_now()
            ),
        )
        if note is not None:
            flash(_("The credit note is a draft. Look at it, then issue it."), "success")
            return redirect(url_for("StatementsView.show", statement_id=note.id))
        statement = find_statement(statement_id)
        return self.render_template(
            "statements/credit.html",
            one=statement,
            form=form,
            title=words.title_of(statement),
            most=money_text(most, statement.currency),
        ), status

    @expose("/<int:statement_id>/settle/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def settle(self, statement_id: int) -> Any:
        """Bill what is open of a late change with the next open month, or give it back."""
        statement, form = find_statement(statement_id), AmountForm()
        settled, status = submit(
            form,
            lambda: settling_late.settle(
                statement, form.amount.data or Decimal(0), form.text.data or "", now=utc_now()
            ),
        )
        if settled is not None:
            flash(words.settled_text(settled), "success")
            return redirect(_place_of(settled, statement))
        statement = find_statement(statement_id)
        change = late.late_change_of(statement)
        if not change.open:
            flash(str(change.fault or _("Nothing of this late change is open any more.")), "info")
            return redirect(url_for("StatementsView.late", month=f"{statement.month:%Y-%m}"))
        if request.method == "GET":
            form.amount.data = change.to_bill if change.open > 0 else -change.open
            with force_locale(statement.customer.language):
                form.text.data = words.late_text(change.open > 0, statement.month)
        return self.render_template(
            "statements/settle.html",
            one=statement,
            form=form,
            title=words.title_of(statement),
            change=change,
            month=settling_late.month_to_bill(statement),
            correction=settling.correction_of(statement),
            words=words,
        ), status

    def _form(
        self, statement: Statement, form: Any, template: str, change: Callable[[], Any], said: str
    ) -> Any:
        done, status = submit(form, change)
        if done is not None:
            flash(said, "success")
            return redirect(url_for("StatementsView.show", statement_id=statement.id))
        statement = find_statement(statement.id)
        return self.render_template(
            template, one=statement, form=form, title=words.title_of(statement)
        ), status


class CustomerStatementsView(WorkspaceView):
    """Statements in the customer workspace: the customer's own, the latest month first."""

    route_base = "/customers/<int:customer_id>/statements"
    class_permission_name = "CustomerStatements"
    section = "statements"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self, customer_id: int) -> Any:
        customer: Customer = self.customer(customer_id)
        today = reader_today()
        wanted = queries.StatementFilter(today=today, customer_id=customer.id)
        return self.page(
            "statements/customer.html",
            customer,
            rows=queries.statement_page(wanted, list_page(request.args)),
            words=words,
            today=today,
            kinds=Kind,
            month=_usual_month(today),
            may_generate=self.appbuilder.sm.has_access("can_add", "Statements"),
        )


def _filter(today: datetime.date) -> queries.StatementFilter:
    """Return what the address asks the list for."""
    tab, sort = request.args.get("tab", ""), request.args.get("sort", "")
    return queries.StatementFilter(
        today=today,
        month=min(asked_month(request.args.get("month", "")) or _usual_month(today), first_day(today)),
        tab=tab if tab in queries.TABS else "all",
        text=request.args.get("q", "").strip()[:200],
        sort=sort if sort in queries.SORTABLE else "customer",
        is_descending=sort in queries.SORTABLE and request.args.get("dir") == "desc",
    )


def _chosen_ids(field: str) -> list[int]:
    found = (small_number(text) for text in request.form.getlist(field))
    return [one for one in found if one]


def _usual_month(today: datetime.date) -> datetime.date:
    """The month that people come for: the latest one with usage that is over, else the last one."""
    return last_imported_month(before=first_day(today)) or month_after(first_day(today), -1)


def _months(month: datetime.date, today: datetime.date) -> list[datetime.date]:
    latest = max(month, first_day(today))
    found = [month_after(latest, -number) for number in range(MOST_MONTHS)]
    return found if month in found else [*found, month]


def _place_of(settled: Settled, statement: Statement) -> str:
    """Return the page on which a settled late change is seen."""
    if settled.by is SettledBy.CREDIT_NOTE:
        return url_for("StatementsView.show", statement_id=settled.subject.id)
    section = "CustomerChargesView.show" if settled.by is SettledBy.CHARGE else "CustomerCreditsView.show"
    return url_for(section, customer_id=statement.customer_id)
