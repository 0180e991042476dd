"""What a change would have meant last month, told beside the form in which somebody thinks of it. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.charges.assignments import assignable_accounts, assignable_plans, find_assignment
from app.charges.models import ChargePlan, Level
from app.cloud_accounts.groups import groups_of
from app.customers.models import Customer
from app.customers.queries import provider_rows, usable_pricebooks
from app.customers.workspace import WorkspaceView
from app.errors import DomainError, Invalid, NotVisible
from app.kernel.numbers import small_number
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.rating.money import ZERO
from app.shell.context import sees_margin
from app.shell.fields import BaseForm, PercentField
from app.shell.formats import reader_today
from app.statements import what_if, words
from app.statements.what_if import Change, WhatIf

#: How many lines that change are shown.
MOST_LINES = 100


class PercentForm(BaseForm):
    """A percentage as it is being entered."""

    percent = PercentField(_l("Global discount or uplift"), required=True, decimals=2, highest=100)


class CustomerWhatIfView(WorkspaceView):
    """What a change would have meant for one customer. With ``?part=1`` only the figures, for the open page."""

    route_base = "/customers/<int:customer_id>/what-if"
    class_permission_name = "CustomerWhatIf"
    section = "charges"

    @expose("/adjustment/", methods=["POST"])
    @has_access
    @permission_name("show")
    def adjustment(self, customer_id: int) -> Any:
        """Another global discount or uplift."""

        def change() -> Change:
            form = PercentForm()
            if not form.validate():
                raise Invalid(str(next(iter(form.percent.errors), _("Enter a percentage from −100 to 100."))))
            return what_if.other_adjustment(form.percent.data or ZERO)

        return self._answer(customer_id, lambda _customer: change(), "CustomerChargesView.show")

    @expose("/provider/<string:code>/", methods=["POST"])
    @has_access
    @permission_name("show")
    def provider(self, customer_id: int, code: str) -> Any:
        """Another pricebook, and other switches, at a provider."""
        names = ("pass_reserved_instances", "pass_savings_plans", "pass_provider_credits")

        def change(customer: Customer) -> Change:
            found = next((one for one in provider_rows(customer) if one.provider.code == code), None)
            if found is None:
                raise NotVisible
            book = _book(found.provider, found.enablement.pricebook_id if found.enablement else None)
            passed = {name: request.form.get(name, "") not in ("", "false", "0") for name in names}
            return what_if.other_terms(found.provider, book, passed)

        return self._answer(customer_id, change, "CustomerProvidersView.edit", code=code)

    @expose("/plan/", methods=["POST"])
    @has_access
    @permission_name("show")
    def plan(self, customer_id: int) -> Any:
        """One more plan, or another one in the place of an assignment (``?assignment=``)."""
        instead_of = small_number(request.args.get("assignment", ""))

        def change(customer: Customer) -> Change:
            row = None if instead_of is None else find_assignment(customer, instead_of)
            plans = {one.id: one for one in assignable_plans(customer)}
            if row is not None:
                plans[row.plan_id] = row.plan
            wanted = request.form.get("plan_id", "")
            if not wanted:  # nothing is chosen yet: the month as it is
                return lambda agreed: agreed
            plan = plans.get(small_number(wanted) or 0)
            if plan is None:
                raise Invalid(_("Choose one of the plans of the list."))
            if row is not None:
                return what_if.other_plan(plan, instead_of=row.id)
            return _assigned(customer, plan)

        if instead_of is None:
            return self._answer(customer_id, change, "CustomerChargesView.add")
        return self._answer(customer_id, change, "CustomerChargesView.edit", assignment_id=instead_of)

    def _answer(
        self, customer_id: int, change_of: Callable[[Customer], Change], back: str, **values: Any
    ) -> Any:
        customer = self.customer(customer_id)
        found: WhatIf | None = None
        refusal, status = "", 200
        missing_rates: list[list[str]] = []
        month = what_if.month_of_comparison(reader_today())
        try:
            change = change_of(customer)
            found = what_if.compare(customer, month, change) if month is not None else None
        except DomainError as refused:
            if refused.status in (403, 404):
                raise
            refusal, status = str(refused), refused.status
            missing_rates = getattr(refused, "missing_rates", [])
        context = {
            "found": found,
            "refusal": refusal,
            "missing_rates": missing_rates,
            "month": month,
            "words": words,
            "most": MOST_LINES,
            "sees_cost": sees_margin(),
        }
        if request.args.get("part"):
            return self.render_template("statements/_what_if.html", **context), status
        back_url = url_for(back, customer_id=customer_id, **values)
        return self.page("statements/what_if.html", customer, back_url=back_url, **context), status


def _book(provider: Provider, current: int | None) -> Pricebook | None:
    wanted = request.form.get("pricebook_id", "")
    if not wanted:
        return None
    books = {str(one.id): one for one in usable_pricebooks(provider, current=current)}
    if wanted not in books:
        raise Invalid(_("Choose one of the pricebooks of the list."))
    return books[wanted]


def _assigned(customer: Customer, plan: ChargePlan) -> Change:
    """Read for what the plan is, as the form that assigns it says."""
    level = request.form.get("level", Level.CUSTOMER.value)
    if level == Level.ACCOUNT.value:
        wanted = set(request.form.getlist("account_ids"))
        chosen = [one for one in assignable_accounts(customer, plan.provider) if str(one.id) in wanted]
        if not chosen:
            raise Invalid(_("Choose the accounts that the plan is for."))
        return what_if.other_plan(plan, level=Level.ACCOUNT, accounts=tuple(chosen))
    if level == Level.GROUP.value:
        group_id = small_number(request.form.get("group_id", ""))
        if group_id not in {one.id for one in groups_of(customer, plan.provider)}:
            raise Invalid(_("Choose one of the groups of the list."))
        return what_if.other_plan(plan, level=Level.GROUP, group_id=group_id)
    return what_if.other_plan(plan)
