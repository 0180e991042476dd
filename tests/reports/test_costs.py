"""What reports are made of: the same amounts as statements, summed by whatever is asked for, never mixed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from app.cloud_accounts.models import AccountPeriod
from app.cloud_accounts.services import link_account
from app.customers.models import Customer
from app.exchange_rates.models import ExchangeRate
from app.extensions import db
from app.rating.commitments import PurchaseMode
from app.rating.money import round_money
from app.reports.costs import By, Costs, Wanted, sums_by, total
from app.reports.figures import quantity_text
from app.reports.leaks import GROUPING, leaks_of, unassigned
from app.reports.reconciliation import Part, reconcile
from app.settings.invoice_options import invoice_options, make_options
from app.statements.models import Kind
from app.statements.month_usage import files_of
from app.statements.rated import rate_one
from app.statements.services.drafts import draft_statement
from app.tenancy.scope import reseller_scope
from app.usage.places import store
from tests.statements.months import ACCOUNTS, arn, generated_lines
from tests.statements.world import (
    NOVEMBER,
    NOW,
    OCTOBER,
    account_of,
    deliver,
    provider,
    usage,
    worked_example,
    working,
)
from tests.worlds import World

WHOLE = Wanted(OCTOBER, datetime.date(2026, 10, 31))
DAY = datetime.date
CREDITS = ("credit", "refund", "discount")


def test_a_report_adds_up_what_the_statement_prices(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        statement = rate_one(customer, OCTOBER).statement

        [by_service, by_customer] = sums_by(WHOLE, (By.SERVICE,), (By.CUSTOMER,))

        assert {key[0]: one.customer for key, one in by_service["EUR"].items()} == {"EC2": 900, "S3": 200}
        own = by_customer["EUR"][customer.id,]
        assert (own.customer, own.seller) == (statement.usage_amount, statement.seller_cost) == (1100, 720)
        assert (own.margin, own.margin_percent) == (statement.margin, Decimal("34.5"))


def test_days_add_up_to_their_month_and_a_span_takes_its_own_days_only(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        deliver(
            [
                usage(account, "EC2", "100", usage_date=DAY(2026, 10, 3)),
                usage(account, "EC2", "40", usage_date=DAY(2026, 10, 30)),
                usage(account, "EC2", "1", usage_date=DAY(2026, 9, 30), is_correction=True),
            ]
        )

        [days, whole] = sums_by(WHOLE, (By.DAY,), ())
        [some] = sums_by(Wanted(DAY(2026, 10, 1), DAY(2026, 10, 5)), ())

        listed = total(whole["EUR"]).customer
        assert sum(one.customer for one in days["EUR"].values()) == listed
        assert [key[0].day for key in sorted(days["EUR"])] == [1, 3, 30]
        assert total(some["EUR"]).customer / listed == Decimal(101) / Decimal(141)


def test_a_report_reads_no_single_line(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        [part] = files_of([worked_example(customer)])
        store().path(part, "lines").unlink()

        [whole, days] = (sums_by(WHOLE, one)[0] for one in ((By.SERVICE,), (By.DAY,)))

        assert total(whole["EUR"]) == total(days["EUR"])


def test_what_was_an_account_of_both_is_shared_by_days(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer)
        period = db.session.scalars(
            db.select(AccountPeriod).where(AccountPeriod.cloud_account_id == account.id)
        ).one()
        period.last_day = DAY(2026, 10, 10)
        db.session.flush()
        deliver(
            [
                usage(account.account_id, "EC2", "10", usage_date=DAY(2026, 10, day), quantity=Decimal(1))
                for day in (9, 10, 11)
            ]
        )

        [found] = sums_by(WHOLE, (By.ACCOUNT,))
        [nobodys] = unassigned(WHOLE)

        [own] = found["EUR"].values()
        assert (own.lines, own.seller, own.quantity) == (2, 12, 2)
        assert (nobodys.amount, nobodys.currency) == (6, "EUR")


def test_other_currencies_count_by_the_rate_of_the_month_and_stay_apart_without_one(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer).account_id
        deliver([usage(account, "EC2", "100", currency="USD"), usage(account, "S3", "10")])

        [apart] = sums_by(WHOLE, ())
        assert {code: total(one).seller for code, one in apart.items()} == {"EUR": 6, "USD": 60}

        db.session.add(
            ExchangeRate(month=OCTOBER, from_currency="USD", to_currency="EUR", rate=Decimal("0.5"))
        )
        db.session.flush()
        [converted] = sums_by(WHOLE, ())
        assert {code: total(one).seller for code, one in converted.items()} == {"EUR": 36}


def test_quantities_are_added_where_units_agree() -> None:
    hours = Costs(quantity=Decimal(1), units=frozenset({"Hrs"}))

    assert (hours + hours).unit == "Hrs"
    assert (hours + Costs(quantity=Decimal(1), units=frozenset({"GB"}))).unit == ""


def test_leaks_name_what_is_sold_under_cost_and_what_has_no_list_price(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        account = account_of(customer).account_id
        deliver(
            [
                usage(account, "EC2", "100", effective_cost=Decimal(95)),
                usage(account, "S3", "10", is_list_missing=True),
            ]
        )
        [sums] = sums_by(WHOLE, GROUPING)

        found = leaks_of(WHOLE, sums, ())

        assert [(one.customer_id, one.amount) for one in found.under_cost] == [(customer.id, 5)]
        assert [(one.text, one.lines) for one in found.fell_back] == [("Amazon Web Services · S3", 1)]


def test_reconciliation_says_what_is_in_whose_it_is_and_what_is_billed(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        part = worked_example(customer)
        part.totals = {"EUR": {"billed": "720"}}
        deliver([usage("999999999999", "EC2", "50")], source="other")
        draft_statement(customer, OCTOBER, now=NOW)

        [row] = [one for one in reconcile(OCTOBER) if one.provider == "aws"]

        assert (row.delivered, row.imported, row.unassigned) == (720, 750, 30)
        assert (row.on_statements, row.on_drafts, row.seller_cost, row.margin) == (1100, 1100, 720, 380)
        assert reconcile(NOVEMBER) == []


def test_a_bill_falls_apart_into_lines_kept_credits_and_all_else_to_the_last_digit(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        own = account_of(customer).account_id
        lines = [
            one | {"account": own if one["account"] in ACCOUNTS[:6] else one["account"], "currency": "EUR"}
            for one in generated_lines(7, 600)
            if one["provider"] == "aws" and not (one["category"] in CREDITS and one["commitment_id"])
        ]
        part = deliver(lines)
        billed = sum(one["billed_cost"] for one in lines)
        part.totals = {"EUR": {"billed": str(billed)}}
        draft_statement(customer, OCTOBER, now=NOW)
        [sums] = sums_by(WHOLE, ())

        [row] = reconcile(OCTOBER)

        assert sum(one.billed for one in row.shares) == row.imported == row.delivered == billed
        assert sum(one.seller for one in row.shares) == row.seller == total(sums["EUR"]).seller
        assert {*row.by_part} >= {Part.ON_STATEMENTS, Part.COMMITMENTS, Part.TAXES, Part.NOBODYS}
        credits = [one for one in lines if one["account"] == own and one["category"] in CREDITS]
        kept = row.by_part[Part.CREDITS_KEPT]
        assert kept.billed == sum(one["billed_cost"] for one in credits) != 0
        assert kept.seller == sum(one["effective_cost"] for one in credits)
        shown = sum(round_money(one.billed, "EUR") for one in row.shares) + row.roundings[0]
        assert shown == round_money(row.imported, "EUR")


def test_fees_that_are_billed_apart_are_on_statements_once_theirs_is(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        options = invoice_options() or make_options()
        options.purchase_mode = PurchaseMode.FEE_SEPARATE
        db.session.add(options)
        account = account_of(customer).account_id
        fee = usage(
            account, "EC2", "0", category="purchase", commitment_id=arn(account), billed_cost=Decimal(90)
        )
        deliver([usage(account, "EC2", "10"), fee])

        def parts() -> dict[Part, Decimal]:
            [row] = reconcile(OCTOBER)
            return {one.part: one.billed for one in row.shares if one.billed}

        draft_statement(customer, OCTOBER, now=NOW)
        assert parts() == {Part.ON_STATEMENTS: 6, Part.WITHOUT_STATEMENT: 90}
        draft_statement(customer, OCTOBER, Kind.FEES, now=NOW)
        assert parts() == {Part.ON_STATEMENTS: 96}


def test_what_an_archived_customer_still_uses_is_a_leak(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        account = account_of(customer)
        deliver([usage(account.account_id, "EC2", "100")])
        customer.archived_on = DAY(2026, 9, 30)
        db.session.flush()

        [row] = reconcile(OCTOBER)

        assert row.by_part[Part.ARCHIVED].billed == row.imported == 60
        [left] = row.left_behind
        assert (left.account_id, left.customer_id, left.billed) == (account.id, customer.id, 60)
        customer.archived_on = OCTOBER  # its own month has a statement still
        db.session.flush()
        assert [*reconcile(OCTOBER)[0].by_part] == [Part.WITHOUT_STATEMENT]


def test_only_the_archived_customers_lines_are_left_behind(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        other = db.session.get(Customer, world.north.other_customer.id)
        assert other is not None
        link_account(other, provider(), account_id="777777777777", name="", support_type="", now=NOW)
        deliver([usage(account_of(customer).account_id, "EC2", "100"), usage("777777777777", "EC2", "10")])
        customer.archived_on = DAY(2026, 9, 30)
        db.session.flush()

        [row] = reconcile(OCTOBER)

        assert {one.customer_id for one in row.left_behind} == {customer.id}
        assert row.by_part[Part.ARCHIVED].customers == {customer.id}
        assert row.by_part[Part.WITHOUT_STATEMENT].customers == {other.id}


def test_a_reseller_reconciles_none_of_anothers_bills(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        deliver([usage(account_of(customer).account_id, "EC2", "100")])
        db.session.flush()

        with reseller_scope(world.south.id):
            assert reconcile(OCTOBER) == []
        assert [row.imported for row in reconcile(OCTOBER)] == [60]


def test_sums_are_those_of_the_printed_lines_to_the_cent(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        account = account_of(customer).account_id
        deliver([usage(account, "EC2", "0.333333"), usage(account, "S3", "0.333333")])

        [found] = sums_by(WHOLE, (By.SERVICE,))

        printed = {
            one.service: one.amount for one in rate_one(customer, OCTOBER).statement.lines if one.service
        }
        assert {key[0]: round_money(one.customer, "EUR") for key, one in found["EUR"].items()} == printed


def test_a_quantity_names_its_unit_as_statements_do(flask_app: Any) -> None:
    with flask_app.test_request_context():
        texts = [quantity_text(Decimal(12), unit) for unit in ("1 Hour", "10K", "Hrs")]

    assert texts == ["12 Hour", "12 × 10K", "12 Hrs"]
