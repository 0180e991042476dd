"""Dashboards, the start page and customers' pages: figures that belong together agree, and narrow down together."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.charges.models import ChargeAssignment
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import ResellerProvider
from app.reports.dashboard import spending_of
from app.reports.narrowing import narrowing_from
from app.reports.periods import Period, PeriodKey, named_period
from app.reports.tables import Asked, report_fields, rows_of
from app.tenancy.scope import system_scope
from tests.statements.world import NOVEMBER, OCTOBER, account_of, deliver, usage, worked_example, working
from tests.worlds import World

DAY = datetime.date
TODAY = DAY(2026, 11, 26)


@pytest.mark.once
def test_a_span_of_months_counts_every_month_once(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        for month, listed in ((OCTOBER, "100"), (NOVEMBER, "50")):
            deliver([usage(account, "EC2", listed, usage_date=month)], month)

        found = spending_of(Period(PeriodKey.CUSTOM, DAY(2026, 9, 1), DAY(2026, 11, 30)), TODAY)

        total = found.spending.total
        assert total > 0
        assert sum(bar.total for bar in found.spending.chart.bars) == total
        for top in (found.spending.top_providers, found.spending.top_services, found.top_customers):
            assert sum(one.amount for one in top) == total


@pytest.mark.once
def test_a_running_month_is_compared_with_as_many_days_as_it_has(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        for month, last in ((OCTOBER, 31), (NOVEMBER, 24)):
            days = [month.replace(day=day) for day in range(1, last + 1)]
            deliver([usage(account, "EC2", "10", usage_date=day) for day in days], month)

        found = spending_of(named_period(PeriodKey.MONTH_TO_DATE, TODAY), TODAY).spending

        assert (found.compared.first, found.compared.last) == (OCTOBER, DAY(2026, 10, 24))
        assert (found.last_day, found.change_percent) == (DAY(2026, 11, 24), 0)
        assert found.forecast is not None
        assert found.forecast.amount == found.total / 24 * 30


def _field(target: FieldTarget, name: str, **given: Any) -> None:
    db.session.add(
        CustomFieldDefinition(
            name=name, label=name, type=FieldType.TEXT, target=target, choices=[], position=1, **given
        )
    )


def test_custom_fields_of_customers_and_accounts_narrow_down_and_sort(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer)
        _field(FieldTarget.CUSTOMER, "region_of")
        _field(FieldTarget.CLOUD_ACCOUNT, "stage_of")
        _field(FieldTarget.CUSTOMER, "secret_of", in_billing_reports=False)
        customer.custom_values = {"region_of": "North"}
        account.custom_values = {"stage_of": "Production"}
        deliver([usage(account.account_id, "EC2", "100")])
        fields = report_fields()
        october = Period(PeriodKey.CUSTOM, OCTOBER, DAY(2026, 10, 31))

        def left(**asked: str) -> int:
            narrowing = narrowing_from(MultiDict(asked), fields)
            question = Asked(
                narrowing.wanted(october), ("customer", "cf_region_of"), (), accounts=narrowing.accounts
            )
            found = spending_of(october, TODAY, narrowing=narrowing).spending
            rows, _totals = rows_of(question, fields)
            assert bool(rows) == bool(found.total)
            return len(rows)

        assert "cf_secret_of" not in fields.all
        with pytest.raises(BadRequest):
            left(cf_secret_of="North")
        assert (left(), left(cf_region_of="north"), left(cf_region_of="South")) == (1, 1, 0)
        assert (left(af_stage_of="Prod", cf_region_of="North"), left(af_stage_of="Test")) == (1, 0)


@pytest.mark.once
def test_everybody_keeps_what_the_own_dashboard_opens_with(world: World, client_for: Any) -> None:
    sales, ops, person = (
        client_for(one) for one in (world.north.sales, world.north.ops, world.north.customer_user)
    )
    chosen = '<option value="last_quarter" selected>'

    assert sales.post("/dashboard/default/?period=last_quarter").status_code == 302
    assert person.post("/portal/north/dashboard/default/?period=last_year").status_code == 302

    assert chosen in sales.get("/dashboard/").text
    assert chosen not in sales.get("/dashboard/?period=last_month").text
    assert chosen not in ops.get("/dashboard/").text
    assert sales.post("/dashboard/default/", {"forget": "1"}).status_code == 302
    assert chosen not in sales.get("/dashboard/").text


@pytest.mark.once
def test_home_and_the_customer_say_in_money_what_is_left_open(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), system_scope("the test"), unit_of_work(db.session):
        for one in db.session.scalars(db.select(ResellerProvider)):
            one.in_solution_provider_program = True
    with working(flask_app, world) as customer:
        worked_example(customer)
        customer_id = customer.id
        for assigned in db.session.scalars(db.select(ChargeAssignment)):
            db.session.delete(assigned)
    sales = client_for(world.north.sales)

    home, page = sales.get("/home/").text, sales.get(f"/customers/{customer_id}/").text

    assert "1,100.00" in home
    assert "380.00" in home
    assert "about EUR 100.00, by the table of AWS Business Support" in page
    margin = sales.get("/reports/margin/?period=custom&from=2026-10-01&to=2026-10-31").text
    assert "about, by the table of AWS Business Support" in margin
