"""From what a reseller stored to the statement of docs/pricing.md#order: what billing has to put together, once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.charges.adjustments import adjustment_of, save_adjustment
from app.charges.assignments import assign_plan, assignments_of, change_assignment, take_plan_away
from app.charges.overview import charge_inputs
from app.charges.services import change_plan, delete_plan
from app.cloud_accounts.groups import add_group, change_group
from app.cloud_accounts.ownership import move_account
from app.cloud_accounts.queries import accounts_of
from app.cloud_accounts.services import archive_account, change_account, delete_account, restore_account
from app.credits.queries import open_credits
from app.credits.services import grant_credit, preview, release_credits, use_credits_on
from app.customers.lifecycle import archive_customer, delete_customer, restore_customer
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import save_enablement
from app.customers.tax_profile import profile_of, save_tax_profile
from app.errors import DomainError
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from app.months.terms import terms_in
from app.pricebooks.models import Pricebook
from app.pricebooks.rating import books_in
from app.pricebooks.rows import RuleRow
from app.pricebooks.rule_services import save_rules
from app.pricebooks.services import change_pricebook, create_pricebook, delete_pricebook
from app.rating.commitments import ProviderTerms
from app.rating.months import Days
from app.rating.plans import Band
from app.rating.pricebook import MatchMode, PriceRule, RuleKind
from app.rating.statement import RatedStatement, StatementInput, rate_statement
from app.rating.usage import LineKind, UsageLine
from app.settings.invoice_options import invoice_options, options_in, save_invoice_options
from app.taxes.models import TaxRate
from app.taxes.rating import tax_terms_of
from app.taxes.services import change_tax_rate, create_tax_rate, delete_tax_rate
from tests.charges.steps import DECEMBER, NOVEMBER, NOW, OCTOBER, add_plan, provider, without_plans, working
from tests.cloud_accounts.ground import assign, move, noted
from tests.pricebooks.steps import cells
from tests.worlds import World

# The same on both engines, and long.
pytestmark = pytest.mark.stricter

D = Decimal
#: day of use, service, list cost
Usage = tuple[datetime.date, str, str]
USAGE: tuple[Usage, ...] = (
    (datetime.date(2026, 11, 3), "EC2", "600"),
    (datetime.date(2026, 11, 20), "EC2", "400"),
    (datetime.date(2026, 11, 30), "S3", "200"),
)


def stored_input(
    customer: Customer, month: datetime.date, usage: dict[str, tuple[Usage, ...]], currency: str = "USD"
) -> StatementInput:
    """Put together what is stored of a customer and month, with usage by account id."""
    held = accounts_of(customer, month)
    by_account = {one.account.id: one.account for one in held}
    enablements = db.session.scalars(
        select(ProviderEnablement).where(ProviderEnablement.customer_id == customer.id)
    ).all()
    agreed = {one.provider.code: terms_in(one, month) or {} for one in enablements}
    chosen = {one.pricebook_id for one in held} | {one.get("pricebook_id") for one in agreed.values()}
    books = books_in(db.session.scalars(select(Pricebook).where(Pricebook.id.in_(chosen))).all(), month)
    inputs = charge_inputs(customer, list(by_account.values()), month)
    own = {(one.account.provider.code, one.account.account_id): one for one in held}
    adjustment = adjustment_of(customer)
    percent = terms_in(adjustment, month) if adjustment else None
    taxes = tax_terms_of([customer.id], month)[customer.id]
    return StatementInput(
        month=month,
        currency=currency,
        accounts=tuple(
            replace(
                one,
                book=books.get(own[one.provider, one.id].pricebook_id or 0),
                held_from=own[one.provider, one.id].days.first,
                held_to=own[one.provider, one.id].days.last,
            )
            for one in inputs.accounts
        ),
        lines=tuple(
            UsageLine(
                provider="aws",
                account=one.account.account_id,
                service=service,
                quantity=D(1),
                currency=currency,
                list_cost=D(cost),
                effective_cost=D(cost) / 2,
                billed_cost=D(cost) / 2,
            )
            for one in held
            for day, service, cost in usage.get(one.account.account_id, ())
            if one.days.covers(Days(day, day))
        ),
        terms=tuple(
            ProviderTerms(
                code,
                book=books.get(terms.get("pricebook_id") or 0),
                passes_reserved=terms.get("pass_reserved_instances", False),
                passes_savings_plans=terms.get("pass_savings_plans", False),
                passes_credits=terms.get("pass_provider_credits", False),
            )
            for code, terms in agreed.items()
        ),
        assignments=inputs.assignments,
        adjustment_percent=percent["percent"] if percent else D(0),
        tax_rates=taxes.rates,
        is_taxable=taxes.is_taxable,
        credits=tuple(open_credits(customer.id)),
        credits_lower_tax=options_in(month)["credits_lower_tax_base"],
    )


def agree_on_everything(customer: Customer) -> Pricebook:
    """Store the terms of the worked example, for all months, through the services that screens call."""
    without_plans(customer)
    for one in accounts_of(customer, NOVEMBER):  # what else the customer has would pay a minimum
        move(one.account, None, None)
    rule = PriceRule(1, 1, RuleKind.PERCENT, D(-10), service="EC2")
    book = create_pricebook(
        provider_id=provider().id,
        name="EC2 less ten",
        adjustment_percent=D(0),
        currency="USD",
        match_mode=MatchMode.MOST_SPECIFIC,
        rules=[rule],
    )
    values = {"is_authorised": True, "services": None, "in_portal": True, "may_request_accounts": True}
    terms = {"currency": "USD", "pricebook_id": book.id}
    save_enablement(customer, provider(), values | terms, version=1, currency="USD")
    assign_plan(customer, add_plan("AWS Business", template="aws-business").id)
    save_adjustment(customer, D(5), from_month=None, version=1)
    place = {"country": "DE", "region": "", "postal_code": "", "is_retired": False}
    vat = create_tax_rate({"name": "VAT", "percent": D(20), **place})
    save_tax_profile(
        customer, is_taxable=True, tax_rate_ids=[vat.id], version=version_of(profile_of(customer))
    )
    return book


def version_of(row: Any) -> int:
    return row.version if row is not None else 0


def amounts(found: RatedStatement) -> dict[str, str]:
    kinds = (LineKind.USAGE, LineKind.CHARGE, LineKind.GLOBAL_ADJUSTMENT, LineKind.TAX)
    return {one.value: str(found.sum_of(one)) for one in kinds}


def test_the_worked_example_from_stored_records(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        agree_on_everything(customer)
        [account] = assign(noted(), customer)

        found = rate_statement(stored_input(customer, NOVEMBER, {account.account_id: USAGE}))

        assert amounts(found) == {
            "usage": "1100.00",
            "charge": "120.00",
            "global_adjustment": "61.00",
            "tax": "256.20",
        }
        assert (str(found.total), str(found.margin)) == ("1537.20", "500.00")


def test_a_draft_an_issue_and_a_void_agree_on_credits(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        agree_on_everything(customer)
        [account] = assign(noted(), customer)
        for amount in ("281", "1500"):
            values = {"amount": D(amount), "currency": "USD", "comment": "", "first_month": None}
            grant_credit(customer, values, now=NOW)

        draft = rate_statement(stored_input(customer, NOVEMBER, {account.account_id: USAGE}))
        due = {"due": D(1281), "currency": "USD", "month": NOVEMBER}
        shown = preview(customer, **due)
        issued = use_credits_on(customer, statement="ST-1", now=NOW, **due)

        assert [(str(one.amount), str(one.remaining)) for one in issued.uses] == [
            ("281.00", "0.00"),
            ("1000.00", "500.00"),
        ]
        assert draft.credits == shown == issued
        assert (str(draft.credit_amount), str(draft.tax_amount), str(draft.total)) == (
            "-1281.00",
            "0.00",
            "0.00",
        )
        assert [str(one.remaining) for one in open_credits(customer.id)] == ["500.0000"]
        assert release_credits("ST-1", now=NOW) == 1281
        assert [str(one.remaining) for one in open_credits(customer.id)] == ["281.0000", "1500.0000"]


def test_a_locked_month_stays_as_it_was_whatever_anybody_changes(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        book = agree_on_everything(customer)
        other = db.session.get_one(Customer, world.north.other_customer.id)
        account, later = assign(noted("600000000001", "600000000002"), customer, "10-01")
        move(later, None, "11-01")
        group = add_group(customer, provider(), name="Production", account_ids=[account.id])
        usage = {account.account_id: USAGE, later.account_id: USAGE}
        [assignment] = assignments_of(customer)
        plan, [rate] = assignment.plan, tax_terms_of([customer.id], NOVEMBER)[customer.id].rates
        vat = db.session.get_one(TaxRate, rate.id)
        dearer = add_plan("Dearer", percent=D(50))
        used = [
            Lockable(Subject.CUSTOMER, customer.id),
            Lockable(Subject.PRICEBOOK, book.id),
            Lockable(Subject.CHARGE_PLAN, plan.id),
            Lockable(Subject.TAX_RATE, vat.id),
        ]
        lock_month(NOVEMBER, used, cause="ST-1", now=NOW)
        frozen = amounts(rate_statement(stored_input(customer, NOVEMBER, usage)))
        assert frozen["usage"] == "1100.00"

        def details(month: datetime.date | None, **more: Any) -> None:
            names = ("provider_id", "name", "currency", "match_mode", "is_retired")
            values = {name: getattr(book, name) for name in names} | {"adjustment_percent": D(0)}
            change_pricebook(book, values | {"counts_from": month} | more)

        def rules(month: datetime.date | None) -> None:
            rows = [RuleRow(1, cells(value="-50"))]
            save_rules(book, rows, from_month=month, version=book.version, now=NOW)

        def enable(month: datetime.date | None, **more: Any) -> None:
            row = next(one for one in customer.enablements if one.provider.code == "aws")
            values = {
                "is_authorised": True,
                "services": None,
                "in_portal": True,
                "may_request_accounts": True,
            }
            terms = {"currency": "USD", "pricebook_id": None, "pass_provider_credits": True} | more
            save_enablement(
                customer, provider(), values | terms, version=row.version, currency="USD", from_month=month
            )

        def tables(month: datetime.date | None, **more: Any) -> None:
            names = ("name", "is_support_plan", "is_retired", *plan.__terms__)
            values = {name: getattr(plan, name) for name in names}
            bands = (Band(D(0), None, percent=D(50)),)
            change_plan(
                plan, provider_id=plan.provider_id, values=values | {"bands": bands} | more, from_month=month
            )

        def rated_vat(month: datetime.date | None) -> None:
            names = ("name", "country", "region", "postal_code", "is_retired")
            change_tax_rate(
                vat, {name: getattr(vat, name) for name in names} | {"percent": D(1)}, from_month=month
            )

        def of_account(month: datetime.date | None, **values: Any) -> None:
            change_account(
                account, {"custom_values": {}, **values}, from_month=month, version=account.version, now=NOW
            )

        def exchange(month: datetime.date | None) -> None:
            change_assignment(
                assignment, customer=customer, plan_id=dearer.id, first_month=month, last_month=None
            )

        def fill(month: datetime.date | None, *accounts: int) -> None:
            change_group(
                group,
                customer=customer,
                name="New",
                account_ids=accounts,
                from_month=month,
                version=group.version,
            )

        def untaxed(month: datetime.date | None) -> None:
            version = version_of(profile_of(customer))
            save_tax_profile(customer, is_taxable=False, tax_rate_ids=[], version=version, from_month=month)

        def adjusted(month: datetime.date | None) -> None:
            save_adjustment(customer, D(50), from_month=month, version=version_of(adjustment_of(customer)))

        def options(month: datetime.date | None) -> None:
            version = version_of(invoice_options())
            save_invoice_options({"credits_lower_tax_base": False}, from_month=month, version=version)

        refused: dict[str, Callable[[], Any]] = {
            "currency of the book": lambda: details(DECEMBER, currency="JPY"),
            "match mode": lambda: details(DECEMBER, match_mode=MatchMode.FIRST_BY_POSITION),
            "delete the book": lambda: delete_pricebook(book),
            "delete the plan": lambda: delete_plan(plan),
            "delete the rate": lambda: delete_tax_rate(vat),
            "delete the account": lambda: delete_account(account),
            "delete the customer": lambda: delete_customer(customer),
            "move the account": lambda: move(account, other, "11-15"),
            "give it back": lambda: move(account, None, "11-20"),
            "take the other one": lambda: assign([later], customer, "11-20"),
            "bill from later": lambda: of_account(None, billing_starts_on=datetime.date(2026, 11, 15)),
            "a plan for all": lambda: assign_plan(None, dearer.id, first_month=NOVEMBER),
            "one more plan": lambda: assign_plan(customer, dearer.id),
            "end the plan before": lambda: change_assignment(
                assignment, customer=customer, plan_id=plan.id, first_month=None, last_month=OCTOBER
            ),
            "a credit of the month": lambda: grant_credit(
                customer,
                {"amount": D(5), "currency": "USD", "comment": "", "first_month": NOVEMBER},
                now=NOW,
            ),
        }
        monthly: tuple[Callable[[datetime.date | None], Any], ...] = (
            lambda month: details(month, adjustment_percent=D(-50)),
            rules,
            enable,
            tables,
            rated_vat,
            lambda month: of_account(month, pricebook_id=world.north.pricebook.id),
            exchange,
            fill,
            untaxed,
            adjusted,
            options,
        )
        for number, change in enumerate(monthly):
            for month in (None, OCTOBER, NOVEMBER):
                refused[f"{number} from {month}"] = lambda change=change, month=month: change(month)  # type: ignore[misc]
        allowed: dict[str, Callable[[], Any]] = {}
        for number, change in enumerate(monthly):
            allowed[f"{number} from December"] = lambda change=change: change(DECEMBER)  # type: ignore[misc]
        allowed |= {
            "retire the book": lambda: details(None, is_retired=True),
            "retire and rename the plan": lambda: tables(DECEMBER, name="Old", is_retired=True),
            "take the plan away": lambda: take_plan_away(customer, assignment.id),
            "no longer authorised": lambda: enable(DECEMBER, is_authorised=False),
            "archive the account": lambda: archive_account(account, today=NOW.date()),
            "restore the account": lambda: restore_account(account),
            "archive and restore the customer": lambda: (
                archive_customer(customer, now=NOW),
                restore_customer(customer, now=NOW),
            ),
            "move it later": lambda: move_account(
                account,
                other,
                from_day=DECEMBER,
                reason="sold",
                version=account.version,
                today=DECEMBER,
                now=NOW,
            ),
            "group it with the other": lambda: add_group(
                other, provider(), name="Theirs", account_ids=[account.id]
            ),
        }

        for is_refused, attempts in ((True, refused), (False, allowed)):
            for name, attempt in attempts.items():
                told: Exception | None = None
                outer = db.session.begin_nested()
                try:
                    with db.session.begin_nested():
                        attempt()
                except DomainError as refusal:
                    told = refusal
                now = amounts(rate_statement(stored_input(customer, NOVEMBER, usage)))
                is_kept = not is_refused and not name.endswith("from December")
                (outer.commit if is_kept else outer.rollback)()
                assert now == frozen, name
                assert (told is not None) is is_refused, (name, told)
