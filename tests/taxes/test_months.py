"""Rates and tax profiles count from a month: what is paid in which one, and what can no longer change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.customers.models import Customer, CustomerTaxRate
from app.customers.tax_profile import profile_of, profile_spans, save_tax_profile
from app.errors import EditConflict, Invalid, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from app.rating.taxes import tax_on
from app.taxes import services
from app.taxes.models import TaxRate
from app.taxes.queries import RateFilter, rate_rows
from app.taxes.rating import tax_terms_of
from app.tenancy.scope import reseller_scope
from tests.counting import counting
from tests.worlds import World

OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
VALUES = {"country": "DE", "region": "", "postal_code": "", "is_retired": False}


@pytest.fixture
def customer(flask_app: Any, world: World) -> Iterator[Customer]:
    """A customer that pays VAT at 19 % in all months."""
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield db.session.get(Customer, world.north.customer.id)
        db.session.rollback()


def rate(name: str, percent: str, from_month: date | None = None, **values: Any) -> TaxRate:
    return services.create_tax_rate(
        {**VALUES, "name": name, "percent": Decimal(percent), **values}, from_month=from_month
    )


def save(customer: Customer, *rates: TaxRate, from_month: date | None, is_taxable: bool = True) -> Any:
    return save_tax_profile(
        customer,
        is_taxable=is_taxable,
        tax_rate_ids=[one.id for one in rates],
        version=profile_of(customer).version,  # type: ignore[union-attr]
        from_month=from_month,
    )


def paid(customer: Customer, month: date, base: str = "1281.00", currency: str = "EUR") -> list[str]:
    """What the customer pays on a sum, as the rules of money compute it from what is stored."""
    terms = tax_terms_of([customer.id], month)[customer.id]
    found = tax_on(Decimal(base), terms.rates, currency, is_taxable=terms.is_taxable)
    return [f"{one.rate.name}: {one.amount}" for one in found]


def test_the_tax_of_the_whole_example_comes_from_stored_rows(customer: Customer) -> None:
    save(customer, rate("VAT", "20"), from_month=None)

    assert paid(customer, NOVEMBER) == ["VAT: 256.20"]


def test_rates_are_added_on_the_same_base_and_each_is_rounded(customer: Customer) -> None:
    save(customer, rate("City", "1.5"), rate("State", "20"), from_month=None)

    assert paid(customer, NOVEMBER, "10.30") == ["City: 0.15", "State: 2.06"]
    assert paid(customer, NOVEMBER, "100.503", "KWD") == ["City: 1.508", "State: 20.101"]
    assert paid(customer, NOVEMBER, "101", "JPY") == ["City: 2", "State: 20"]


def test_another_percentage_counts_from_its_month(customer: Customer) -> None:
    vat = rate("VAT", "19")
    save(customer, vat, from_month=None)

    services.change_tax_rate(vat, {**VALUES, "name": "VAT", "percent": Decimal(20)}, from_month=DECEMBER)

    assert paid(customer, NOVEMBER, "100") == ["VAT: 19.00"]
    assert paid(customer, DECEMBER, "100") == ["VAT: 20.00"]
    [row] = [one for one in rate_rows(RateFilter(), NOVEMBER) if one.rate is vat]
    assert (row.percent, row.is_changing, row.customers) == (Decimal(19), True, 1)


def test_a_rate_that_begins_in_a_month_is_on_no_statement_before(customer: Customer) -> None:
    save(customer, rate("New levy", "2", DECEMBER), from_month=None)

    assert (paid(customer, NOVEMBER), len(paid(customer, DECEMBER))) == ([], 1)


def test_who_is_not_taxable_from_a_month_on_paid_before(customer: Customer) -> None:
    vat = rate("VAT", "20")
    save(customer, vat, from_month=None)
    save(customer, vat, from_month=DECEMBER, is_taxable=False)

    assert (paid(customer, NOVEMBER, "10"), paid(customer, DECEMBER, "10")) == (["VAT: 2.00"], [])
    newest, before = profile_spans(profile_of(customer))
    assert (newest.first_month, newest.is_taxable, newest.rates) == (DECEMBER, False, (vat,))
    assert (before.last_month, before.is_taxable, before.rates) == (NOVEMBER, True, (vat,))


def test_without_a_profile_there_is_no_tax(customer: Customer) -> None:
    assert not tax_terms_of([999_999], NOVEMBER)[999_999].is_taxable


def test_months_on_issued_statements_keep_their_tax(customer: Customer) -> None:
    vat = rate("VAT", "20")
    save(customer, vat, from_month=None)
    lock_month(
        NOVEMBER,
        [Lockable(Subject.CUSTOMER, customer.id), Lockable(Subject.TAX_RATE, vat.id)],
        cause="2026-0001",
        now=NOW,
    )

    for month in (None, OCTOBER, NOVEMBER):
        with pytest.raises(Invalid, match="Choose Dec 2026 or a later month"):
            save(customer, vat, from_month=month, is_taxable=False)
        with pytest.raises(Invalid, match="Choose Dec 2026 or a later month"):
            services.change_tax_rate(vat, {**VALUES, "name": "VAT", "percent": Decimal(21)}, from_month=month)
    assert paid(customer, NOVEMBER, "10") == ["VAT: 2.00"]
    assert save(customer, vat, from_month=DECEMBER, is_taxable=False).counts_from == DECEMBER


def test_a_rate_of_earlier_months_is_not_deleted(customer: Customer) -> None:
    vat, other = rate("VAT", "20"), rate("Other", "7")
    save(customer, vat, from_month=None)
    with pytest.raises(WrongState, match="1 customer pays VAT"):
        services.delete_tax_rate(vat)

    save(customer, other, from_month=DECEMBER)
    with pytest.raises(WrongState, match="1 customer paid VAT in earlier months"):
        services.delete_tax_rate(vat)

    save(customer, other, from_month=None)
    services.delete_tax_rate(vat)
    assert vat.id not in set(db.session.scalars(select(TaxRate.id)))


def test_a_rate_on_an_issued_statement_is_not_deleted(customer: Customer) -> None:
    vat = rate("VAT", "20")
    lock_month(OCTOBER, services.months_of(vat), cause="2026-0001", now=NOW)

    with pytest.raises(WrongState, match="issued statements up to Oct 2026"):
        services.delete_tax_rate(vat)


def test_rates_of_the_profile_are_kept_by_the_database_too(customer: Customer) -> None:
    vat, other = rate("VAT", "20"), rate("Other", "7")
    save(customer, vat, other, from_month=None)
    save(customer, other, from_month=DECEMBER)

    query = select(CustomerTaxRate.tax_rate_id).where(CustomerTaxRate.customer_id == customer.id)
    assert db.session.scalars(query).all() == profile_of(customer).tax_rate_ids == [other.id]  # type: ignore[union-attr]


@pytest.mark.parametrize("wrong", ["foreign", "retired", "none"])
def test_rates_that_cannot_be_chosen(wrong: str, world: World, customer: Customer) -> None:
    ids = {
        "foreign": [world.south.tax_rate.id],
        "retired": [rate("Old", "16", is_retired=True).id],
        "none": [],
    }[wrong]
    with pytest.raises(Invalid) as refusal:
        save_tax_profile(customer, is_taxable=True, tax_rate_ids=ids, version=1)

    assert refusal.value.field == "tax_rate_ids"
    assert profile_of(customer).tax_rate_ids == [world.north.tax_rate.id]  # type: ignore[union-attr]


def test_an_old_form_is_refused(customer: Customer) -> None:
    with pytest.raises(EditConflict):
        save_tax_profile(customer, is_taxable=False, tax_rate_ids=[], version=0)


def test_the_taxes_of_many_customers_take_four_statements(world: World, customer: Customer) -> None:
    other = db.session.get(Customer, world.north.other_customer.id)
    old, new = rate("VAT", "19"), rate("Other", "7")
    for one in (customer, other):
        save(one, old, new, from_month=None)
        save(one, new, from_month=DECEMBER)
    services.change_tax_rate(old, {**VALUES, "name": "VAT", "percent": Decimal(20)}, from_month=DECEMBER)
    db.session.flush()

    with counting() as seen:
        found = tax_terms_of([customer.id, other.id], NOVEMBER)

    assert len(seen) == 4
    assert {tuple(sorted(one.percent for one in terms.rates)) for terms in found.values()} == {
        (Decimal(7), Decimal(19))
    }
