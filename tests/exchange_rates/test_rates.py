"""Exchange rates: what is accepted, taken over and locked, and who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Invalid, WrongState
from app.exchange_rates import services
from app.exchange_rates.models import ExchangeRate
from app.exchange_rates.queries import rates_in
from app.extensions import db
from app.months.locks import lock_month
from app.rating.money import Money
from app.tenancy.scope import reseller_scope
from tests.worlds import World

LIST = "/settings/exchange-rates/"
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
GOOD = {"month": "2026-10", "from_currency": "GBP", "to_currency": "EUR", "rate": "1.1512"}


@pytest.fixture
def north(flask_app: Any, world: World) -> Iterator[None]:
    """The reseller, which has USD to EUR at 0.92 in January 2026."""
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield
        db.session.rollback()


def january() -> ExchangeRate:
    return db.session.scalars(select(ExchangeRate)).one()


def test_a_rate_converts_the_usage_of_its_month_alone(north: None) -> None:
    rate = rates_in(JANUARY)[0]

    assert rate.convert(Money(Decimal("100"), "USD")) == Money(Decimal("92"), "EUR")
    assert rates_in(FEBRUARY) == ()


def test_ops_adds_a_rate_and_the_list_shows_it(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)

    assert client.post(LIST + "add", GOOD).status_code == 302

    page = client.get(LIST).text
    assert "Oct 2026" in page
    assert "1.1512" in page
    assert "Oct 2026" not in client_for(world.south.owner).get(LIST).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("rate", "0", "at least"),
        ("rate", "-1", "at least"),
        ("rate", "NaN", "Enter a number such as"),
        ("rate", "1,234.5", "Enter a number such as"),
        ("to_currency", "GBP", "Choose two different currencies."),
        ("month", "2026-13", "Choose one of the list."),
        ("from_currency", "XXQ", "Choose one of the list."),
    ],
)
def test_what_is_no_rate_is_refused_beside_its_field(
    world: World, client_for: Any, field: str, value: str, sentence: str
) -> None:
    answer = client_for(world.north.ops).post(LIST + "add", GOOD | {field: value})

    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_pair_has_one_rate_in_a_month(north: None) -> None:
    again = {"month": JANUARY, "from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.93")}

    with pytest.raises(Invalid, match="has a rate from USD to EUR already"):
        services.add_rate(again)

    services.add_rate(again | {"month": FEBRUARY})
    assert [one.rate for one in rates_in(FEBRUARY)] == [Decimal("0.93")]


def test_a_month_takes_the_rates_over_that_it_lacks(north: None) -> None:
    services.add_rate(
        {"month": JANUARY, "from_currency": "GBP", "to_currency": "EUR", "rate": Decimal("1.15")}
    )
    services.add_rate(
        {"month": FEBRUARY, "from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.95")}
    )

    assert services.copy_rates(JANUARY, FEBRUARY) == 1
    assert {one.from_currency: one.rate for one in rates_in(FEBRUARY)} == {
        "GBP": Decimal("1.15"),
        "USD": Decimal("0.95"),
    }
    with pytest.raises(WrongState, match="has every rate"):
        services.copy_rates(JANUARY, FEBRUARY)


def test_a_rate_on_an_issued_statement_never_changes(north: None) -> None:
    rate = january()
    lock_month(JANUARY, [services.lockable(rate)], cause="2026-00001", now=datetime(2026, 2, 3, tzinfo=UTC))
    same = {name: getattr(rate, name) for name in services.FIELDS}

    services.change_rate(rate, same)
    with pytest.raises(WrongState, match="used this rate"):
        services.change_rate(rate, same | {"rate": Decimal("0.99")})
    with pytest.raises(WrongState, match="used this rate"):
        services.delete_rate(rate)
    assert january().rate == Decimal("0.92")


def test_the_list_says_which_rates_are_locked(flask_app: Any, world: World, client_for: Any) -> None:
    assert "Not used yet" in client_for(world.north.ops).get(LIST).text
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        lock_month(JANUARY, [services.lockable(january())], cause="1", now=datetime(2026, 2, 3, tzinfo=UTC))
        db.session.commit()

    page = client_for(world.north.ops).get(LIST).text

    assert "On issued statements" in page
    assert client_for(world.north.ops).post(f"{LIST}delete/{world.north.exchange_rate.id}").status_code == 409
