"""The ledger of credits: what is granted, used, released and reversed, and that nobody changes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.audit.models import AuditEntry
from app.credits import queries, services
from app.credits.models import Credit, CreditEntry
from app.customers import lifecycle
from app.customers.models import Customer
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.months.locks import lock_month
from app.rating.credits import EntryKind
from app.settings.invoice_options import options_in, save_invoice_options
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope
from tests.worlds import World

OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def customer(flask_app: Any, world: World) -> Iterator[Customer]:
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield db.session.get(Customer, world.north.customer.id)
        db.session.rollback()


def grant(
    customer: Customer, amount: str, *, currency: str = "EUR", first_month: date | None = None, day: int = 0
) -> Credit:
    values = {
        "amount": Decimal(amount),
        "currency": currency,
        "comment": "outage",
        "first_month": first_month,
    }
    return services.grant_credit(customer, values, now=NOW + timedelta(days=day))


def use(
    customer: Customer, due: str, statement: str, *, currency: str = "EUR", month: date = NOVEMBER
) -> list[str]:
    plan = services.use_credits_on(
        customer, statement=statement, due=Decimal(due), currency=currency, month=month, now=NOW
    )
    return [f"{one.credit.id}: {one.amount.normalize():f}" for one in plan.uses]


def left(customer: Customer) -> list[str]:
    return [f"{one.id}: {one.remaining.normalize():f}" for one in queries.open_credits(customer.id)]


def test_the_oldest_is_used_first_and_the_rest_is_carried_over(customer: Customer) -> None:
    young, old = grant(customer, "50.00", day=1), grant(customer, "60.00")

    assert use(customer, "90.00", "S-1") == [f"{old.id}: 60", f"{young.id}: 30"]
    assert left(customer) == [f"{young.id}: 20"]
    assert use(customer, "90.00", "S-2", month=DECEMBER) == [f"{young.id}: 20"]
    assert (left(customer), use(customer, "5", "S-3")) == ([], [])


def test_a_credit_note_uses_nothing(customer: Customer) -> None:
    grant(customer, "10")

    assert (use(customer, "-5", "S-1"), use(customer, "0", "S-2")) == ([], [])


def test_a_preview_reserves_nothing(customer: Customer) -> None:
    credit = grant(customer, "100.00")

    for _time in range(2):
        plan = services.preview(customer, Decimal("90.00"), "EUR", NOVEMBER)
        assert [(one.amount, one.remaining) for one in plan.uses] == [(90, 10)]
    assert left(customer) == [f"{credit.id}: 100"]


def test_a_credit_waits_for_its_month_and_for_its_currency(customer: Customer) -> None:
    later, dollars = grant(customer, "10", first_month=DECEMBER), None
    customer.enablements[0].currency = "USD"
    db.session.flush()
    dollars = grant(customer, "20", currency="USD")

    assert use(customer, "90", "S-1") == []
    assert use(customer, "90", "S-2", month=DECEMBER) == [f"{later.id}: 10"]
    assert use(customer, "90", "S-3", currency="USD") == [f"{dollars.id}: 20"]


def test_a_statement_uses_credits_once_and_gives_them_back_once(customer: Customer) -> None:
    credit = grant(customer, "100")
    use(customer, "90", "S-1")
    with pytest.raises(WrongState, match="S-1 has used credits already"):
        use(customer, "5", "S-1")

    assert services.release_credits("S-1", now=NOW) == 90
    assert services.release_credits("S-1", now=NOW) == 0
    assert services.release_credits("never issued", now=NOW) == 0
    assert left(customer) == [f"{credit.id}: 100"]
    assert use(customer, "30", "S-2") == [f"{credit.id}: 30"]
    [row] = queries.rows_of([credit])
    assert (row.used, row.reversed, row.left) == (30, 0, 70)
    assert [(one.statement, one.amount, one.is_released) for one in row.uses] == [
        ("S-1", 90, True),
        ("S-2", 30, False),
    ]


def test_a_wrong_credit_is_taken_back_as_far_as_it_is_left(customer: Customer) -> None:
    credit = grant(customer, "100")
    use(customer, "90", "S-1")
    with pytest.raises(Invalid, match=r"Only EUR 10\.00 is left") as refusal:
        services.reverse_credit(customer, credit.id, Decimal("10.01"), "wrong", now=NOW)
    assert refusal.value.field == "amount"
    with pytest.raises(Invalid, match="Say why"):
        services.reverse_credit(customer, credit.id, Decimal(4), "  ", now=NOW)

    services.reverse_credit(customer, credit.id, Decimal(4), "too much", now=NOW)
    services.reverse_credit(customer, credit.id, Decimal(6), "all of it", now=NOW)

    with pytest.raises(WrongState, match="Nothing is left"):
        services.reverse_credit(customer, credit.id, Decimal(1), "again", now=NOW)
    [row] = queries.rows_of([credit])
    assert (row.used, row.reversed, row.left, row.reasons) == (90, 10, 0, ("too much", "all of it"))
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "credit").order_by(AuditEntry.id.desc())
    ).first()
    assert (entry.action, entry.reason, entry.changes["left"]) == (
        "reversed",
        "all of it",
        ["EUR 6.00", "EUR 0.00"],
    )


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        ("0", "EUR", "above 0"),
        ("-5", "EUR", "above 0"),
        ("NaN", "EUR", "above 0"),
        ("Infinity", "EUR", "above 0"),
        ("1e30", "EUR", "above 0"),
        ("1e12", "EUR", "smaller amount"),
        ("1.005", "EUR", "EUR has 2 decimals"),
        ("1.5", "JPY", "JPY has 0 decimals"),
        ("1.0005", "KWD", "KWD has 3 decimals"),
        ("5", "CHF", "Choose one of the list"),
    ],
)
def test_amounts_that_cannot_be_granted(
    amount: str, currency: str, sentence: str, customer: Customer
) -> None:
    if currency != "CHF":
        db.session.get(Reseller, customer.reseller_id).currency = currency
        db.session.flush()

    with pytest.raises(Invalid, match=sentence) as refusal:
        grant(customer, amount, currency=currency)

    assert refusal.value.field == ("currency" if currency == "CHF" else "amount")
    assert queries.open_credits(customer.id) == []


def test_decimals_of_the_currency_are_kept(customer: Customer) -> None:
    db.session.get(Reseller, customer.reseller_id).currency = "KWD"
    db.session.flush()
    credit = grant(customer, "1.234", currency="KWD")

    assert str(credit) == "KWD 1.234"
    assert queries.open_totals(customer.id) == {"KWD": Decimal("1.234")}


def test_the_first_month_is_an_open_one(customer: Customer) -> None:
    lock_month(NOVEMBER, services.months_of(customer), cause="2026-0001", now=NOW)

    with pytest.raises(Invalid, match="Choose Dec 2026") as refusal:
        grant(customer, "5", first_month=NOVEMBER)
    assert refusal.value.field == "first_month"
    assert grant(customer, "5", first_month=DECEMBER).first_month == DECEMBER


def test_a_form_sent_twice_is_one_credit(customer: Customer) -> None:
    values = {"amount": Decimal(5), "currency": "EUR", "comment": "", "first_month": None}

    first, second = (
        services.grant_credit(customer, values, now=NOW, submission="one form") for _time in range(2)
    )

    assert first is second
    assert len(left(customer)) == 1


def test_credits_of_others_are_not_to_be_found(world: World, customer: Customer) -> None:
    other = db.session.get(Customer, world.north.other_customer.id)
    credit = grant(other, "5")

    with pytest.raises(NotVisible):
        services.reverse_credit(customer, credit.id, Decimal(1), "mine", now=NOW)
    assert use(customer, "5", "S-1") == []
    with reseller_scope(world.south.id), pytest.raises(NotVisible):
        services.find_credit(db.session.get(Customer, world.south.customer.id), credit.id)


def test_a_customer_with_credits_is_not_deleted(world: World, flask_app: Any) -> None:
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        from app.customers.services import create_customer

        fresh = create_customer(
            {"organization": "Fresh", "contact_name": "A", "email": "a@b.example", "country": "DE"}, now=NOW
        )
        grant(fresh, "5")
        with pytest.raises(WrongState, match="has history"):
            lifecycle.delete_customer(fresh)
        lifecycle.archive_customer(fresh, now=NOW)
        with pytest.raises(WrongState, match="archived"):
            grant(fresh, "5")
        db.session.rollback()


@pytest.mark.parametrize("table", ["credits", "credit_entries"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET currency = 'USD'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_them(table: str, statement: str, customer: Customer) -> None:
    grant(customer, "5")
    column = "currency = 'USD'" if table == "credits" else "change = 9"
    order = statement.format(table).replace("currency = 'USD'", column)

    with pytest.raises(DatabaseError, match="never changed or deleted"), db.session.begin_nested():
        db.session().trusted_connection().execute(text(order))


def test_an_entry_says_by_its_sign_what_it_does(customer: Customer) -> None:
    credit = grant(customer, "5")
    wrong = {"credit_id": credit.id, "customer_id": customer.id, "at": NOW, "kind": EntryKind.USED}

    with pytest.raises(DatabaseError), db.session.begin_nested():
        db.session.add(CreditEntry(**wrong, change=Decimal(5), statement="S-1"))
        db.session.flush()


def test_whether_credits_lower_the_tax_base_counts_from_a_month(customer: Customer) -> None:
    assert options_in(NOVEMBER)["credits_lower_tax_base"] is True
    save_invoice_options({"credits_lower_tax_base": False}, from_month=NOVEMBER, version=0)

    assert [options_in(month)["credits_lower_tax_base"] for month in (OCTOBER, NOVEMBER)] == [True, False]
    lock_month(NOVEMBER, services.months_of(customer), cause="2026-0001", now=NOW)
    for month in (None, NOVEMBER):
        with pytest.raises(Invalid, match="Choose Dec 2026"):
            save_invoice_options({"credits_lower_tax_base": True}, from_month=month, version=2)
    save_invoice_options({"credits_lower_tax_base": True}, from_month=DECEMBER, version=2)
    assert options_in(DECEMBER)["credits_lower_tax_base"] is True
