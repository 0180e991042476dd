"""Priced months that are kept: no figure is older than what it depends on, and no one else's."""

from __future__ import annotations

import datetime
import os
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask_appbuilder import Model
from sqlalchemy import select, update

from app.charges.models import GlobalAdjustment
from app.cloud_accounts.models import AccountPeriod
from app.customers.models import Customer, ProviderEnablement
from app.errors import WrongState
from app.exchange_rates.models import ExchangeRate
from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.pricebooks.models import Pricebook, PriceRule
from app.rating.commitments import PurchaseMode
from app.reports import price_marks, priced_months, watching
from app.reports.costs import By, Sums, Wanted, sums_by
from app.reports.leaks import unassigned
from app.reports.models import PriceMark
from app.reports.priced_months import months_now
from app.reports.tables import Asked, report_fields, rows_of
from app.settings.invoice_options import invoice_options, make_options
from app.taxes.models import TaxProfile
from app.tenancy.scope import reseller_scope, system_scope
from app.usage.signals import usage_imported
from tests.counting import counting
from tests.statements.world import (
    OCTOBER,
    account_of,
    deliver,
    provider,
    usage,
    worked_example,
    working,
)
from tests.worlds import World

DAY = datetime.date
WHOLE = Wanted(OCTOBER, DAY(2026, 10, 31))


def _sums() -> tuple[Sums, ...]:
    return tuple(sums_by(WHOLE, (By.CUSTOMER, By.ACCOUNT, By.SERVICE)))


def _name() -> str:
    return months_now().months[OCTOBER].name


def _only(model: Any, *conditions: Any) -> Any:
    return db.session.scalars(select(model).where(*conditions)).first()


def _rule(**values: Any) -> None:
    rule = _only(PriceRule, PriceRule.service == "EC2")
    for name, value in values.items():
        setattr(rule, name, value)


def _options(**values: Any) -> None:
    row = invoice_options()
    if row is None:
        row = make_options()
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


def _came_on(customer: Customer, day: datetime.date) -> None:
    period = _only(AccountPeriod, AccountPeriod.customer_id == customer.id)
    period.first_day = day


def _gave_away(customer: Customer) -> None:
    other = _only(Customer, Customer.id != customer.id)
    _only(AccountPeriod, AccountPeriod.customer_id == customer.id).customer_id = other.id


def _terms(customer: Customer, **values: Any) -> None:
    row = _only(ProviderEnablement, ProviderEnablement.customer_id == customer.id)
    for name, value in values.items():
        setattr(row, name, value)


def _delivered(customer: Customer) -> None:
    account = account_of(customer).account_id
    deliver(
        [
            usage(account, "EC2", "1000", usage_date=DAY(2026, 10, 3), billed_cost=Decimal(1)),
            usage(account, "S3", "200", usage_date=DAY(2026, 10, 9), currency="USD"),
            usage(account, "EC2", "-30", category="credit"),
            usage(account, "Shop", "40", is_marketplace=True),
        ]
    )


#: What moves a figure of a report.
MOVING: dict[str, Callable[[Customer], object]] = {
    "a bill": _delivered,
    "an exchange rate": lambda _customer: db.session.add(
        ExchangeRate(month=OCTOBER, from_currency="USD", to_currency="EUR", rate=Decimal("0.5"))
    ),
    "a rule's value": lambda _customer: _rule(value=Decimal(-11)),
    "a rule of many rows": lambda _customer: db.session.execute(
        update(PriceRule).where(PriceRule.service == "EC2").values(value=Decimal(-12))
    ),
    "a rule's months": lambda _customer: _rule(last_month=DAY(2026, 9, 1)),
    "another rule": lambda customer: db.session.add(
        PriceRule(
            pricebook_id=_only(Pricebook, Pricebook.name == "Worked").id, position=9, service="S3", sku="",
            region="", usage_type="", kind=_only(PriceRule).kind, value=Decimal(7),
        )
    ),
    "a book's percentage": lambda _customer: setattr(
        _only(Pricebook, Pricebook.name == "Worked"), "adjustment_percent", Decimal(3)
    ),
    "what is passed on": lambda customer: _terms(customer, pass_provider_credits=True),
    "the book at a provider": lambda customer: _terms(customer, pricebook=None),
    "marketplace": lambda _customer: _options(includes_marketplace=False),
    "seller cost as billed": lambda _customer: _options(billed_cost_providers=["aws"]),
    "the day an account came": lambda customer: _came_on(customer, DAY(2026, 10, 5)),
    "whose an account is": _gave_away,
}  # fmt: skip

#: What moves amounts of statements, or says what things are called, and no price: the same files serve on.
STAYING: dict[str, Callable[[Customer], object]] = {
    "adjustment": lambda customer: setattr(_only(GlobalAdjustment), "percent", Decimal(9)),
    "tax": lambda customer: setattr(_only(TaxProfile), "is_taxable", False),
    "name": lambda customer: setattr(customer, "organization", "Zebra Ltd"),
    "custom field": lambda customer: setattr(customer, "custom_values", {"field_northcanary": "striped"}),
    "account's name": lambda customer: setattr(account_of(customer), "name", "stripes"),
    "notes": lambda customer: _options(notes="Thank you"),
}


def test_whatever_moves_a_figure_is_seen_by_the_next_page(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        before = _sums()
        for what, change in MOVING.items():
            change(customer)
            after = _sums()
            assert after != before, what
            before = after
        shutil.rmtree(priced_months.store().root / ".priced")
        assert _sums() == before


@pytest.mark.once
def test_what_moves_no_price_is_shown_without_pricing_anew(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        _options()
        before, name = _sums(), _name()
        for what, change in STAYING.items():
            change(customer)
            assert _name() == name, what
        assert _sums() == before
        field = next(key for key in report_fields().customer)
        rows, _totals = rows_of(Asked(WHOLE, ("customer", "account"), (field,)), report_fields())
        assert [one.text for one in rows[0].names] == ["Zebra Ltd", "stripes"]
        assert rows[0].fields[field] == "striped"


@pytest.mark.once
def test_fees_billed_apart_are_in_no_figure_twice(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        account = account_of(customer).account_id
        deliver([usage(account, "EC2", "100"), usage(account, "EC2", "40", category="purchase")])
        _options(purchase_mode=PurchaseMode.FEE_SEPARATE)

        [found] = sums_by(WHOLE, ())

        assert (found["EUR"][()].lines, found["EUR"][()].seller) == (2, 84)


def test_two_resellers_never_share_a_month(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        part = worked_example(customer)
        north = months_now().months[OCTOBER]
        _sums()
        with reseller_scope(world.south.id):
            assert sums_by(WHOLE, ()) == [{"EUR": {}}]
            deliver([])
            db.session.scalars(
                select(type(part)).where(type(part).month == OCTOBER)
            ).one().version = part.version
            south = months_now().months[OCTOBER]
            assert south.name != north.name
            assert {world.north.id, world.south.id} == {
                int(one.folder("month").parts[-3]) for one in (north, south)
            }
            with pytest.raises(WrongState):  # the files of the north are not the south's, whatever a row says
                sums_by(WHOLE, ())


@pytest.mark.once
def test_lost_and_damaged_files_are_made_again(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        before = _sums()
        for file in months_now().months[OCTOBER].folder("month").glob("*.parquet"):
            file.write_bytes(b"PAR1")
        assert _sums() == before
        days = sums_by(WHOLE, (By.DAY,))
        shutil.rmtree(months_now().months[OCTOBER].folder("days"))
        assert sums_by(WHOLE, (By.DAY,)) == days


def test_a_change_that_was_taken_back_leaves_nothing(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        db.session.commit()
        before, name = _sums(), _name()
        _rule(value=Decimal(-50))
        assert _sums() != before
        db.session.rollback()
        assert (_sums(), _name()) == (before, name)
        _rule(value=Decimal(-25))
        [found] = sums_by(WHOLE, (By.SERVICE,))
        assert found["EUR"]["EC2",].customer == 750


@pytest.mark.once
def test_a_price_that_changes_while_the_month_is_priced_is_in_it(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, times = priced_months._write_month, []

    def write_and_change(*given: Any) -> None:
        write(*given)
        times.append(1)
        if len(times) == 1:
            _rule(value=Decimal(-50))

    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        monkeypatch.setattr(priced_months, "_write_month", write_and_change)

        [found] = sums_by(WHOLE, (By.SERVICE,))

        assert found["EUR"]["EC2",].customer == 500
        assert len(times) == 2


@pytest.mark.once
def test_two_processes_can_price_the_same_month(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in = priced_months._take_in

    def be_slower(work: Path, folder: Path) -> None:
        shutil.copytree(work, folder)
        take_in(work, folder)

    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        monkeypatch.setattr(priced_months, "_take_in", be_slower)

        [found] = sums_by(WHOLE, ())

        assert found["EUR"][()].customer == 1100
        folder = months_now().months[OCTOBER].folder("month")
        assert [one.name for one in folder.parent.iterdir()] == [folder.name]


@pytest.mark.once
def test_old_files_go_and_the_latest_stays(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        _sums()
        old = months_now().months[OCTOBER].folder("month")
        _rule(value=Decimal(-11))
        _sums()
        new = months_now().months[OCTOBER].folder("month")
        hours_ago = old.stat().st_mtime - 2 * 60 * 60
        for folder in (old, new):
            os.utime(folder, (hours_ago - (folder == old), hours_ago - (folder == old)))

        assert priced_months.clear() == 1
        assert (old.is_dir(), new.is_dir()) == (False, True)

        os.utime(new, (0, 0))
        assert priced_months.clear() == 1


@pytest.mark.once
def test_pricing_reads_no_table_whose_changes_leave_no_mark(flask_app: Any, world: World) -> None:
    tables = set(Model.metadata.tables)
    assert tables >= price_marks.UNPRICED
    assert set(price_marks.UNPRICED_COLUMNS) <= tables
    for table, names in price_marks.UNPRICED_COLUMNS.items():
        assert names <= set(Model.metadata.tables[table].columns.keys()), table
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        _options(purchase_mode=PurchaseMode.FEE_SEPARATE)
        with counting() as statements:
            for level in priced_months.LEVELS:
                priced_months.ready(months_now().months[OCTOBER], level)

    read = {name for one in statements for name in re.findall(r"(?:FROM|JOIN) \"?(\w+)", one)}
    assert {"account_periods", "provider_enablements", "pricebooks", "price_rules", "invoice_options"} <= read
    # Usage and marks are in the name of the file; of the reseller its currency is read, each time anew.
    assert read & price_marks.UNPRICED <= {"usage_parts", "price_marks", "resellers"}


def test_rows_of_the_platform_make_everybodys_months_old(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        name = _name()
        with system_scope("the platform renames a provider's code"):
            provider().code = "amazon"
            db.session.flush()
            assert {one.reseller_id for one in db.session.scalars(select(PriceMark))} >= {
                world.north.id,
                world.south.id,
            }
            provider("amazon").code = "aws"
            db.session.flush()
        assert _name() != name


def test_many_marks_become_one(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        name = _name()
        db.session.add_all(PriceMark(token=number) for number in range(price_marks._MOST + 1))
        db.session.commit()

        assert price_marks.thin_out() == 1
        assert len(db.session.scalars(select(PriceMark)).all()) == 1
        assert _name() != name


@pytest.mark.once
def test_an_import_is_priced_before_anybody_asks(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        _sums()  # somebody reads reports
        part = deliver([usage(account_of(customer).account_id, "EC2", "70")])
        usage_imported.send(part.usage_import, reseller_id=world.north.id, months=[OCTOBER])
        db.session.flush()
        job_id = _only(Job.id, Job.kind == watching.KIND)
    with flask_app.app_context():
        work.run(job_id)

    with working(flask_app, world, kept=False):
        month = months_now().months[OCTOBER]
        assert all(month.folder(level).is_dir() for level in priced_months.LEVELS)


@pytest.mark.once
def test_days_with_usage_stand_for_the_whole_month(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        part = deliver(
            [
                usage(account, "EC2", "10", usage_date=DAY(2026, 10, 3)),
                usage(
                    account, "EC2", "5", usage_date=DAY(2026, 11, 2)
                ),  # counts on the last day of its month
            ]
        )
        part.days = [3]
        month = months_now().months[OCTOBER]

        assert not month.is_whole(OCTOBER, DAY(2026, 10, 20))
        assert month.is_whole(OCTOBER, DAY(2026, 10, 31))
        [some] = sums_by(Wanted(OCTOBER, DAY(2026, 10, 20)), ())
        assert some["EUR"][()].seller == 6


@pytest.mark.once
def test_nobodys_usage_is_what_no_customer_bears(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        deliver([usage(account, "EC2", "10"), usage("999999999999", "EC2", "50")])

        assert [(one.title, one.amount) for one in unassigned(WHOLE)] == [("999999999999", 30)]
