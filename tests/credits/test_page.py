"""The Credits section of a customer, and what the customer sees of it in the portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.credits.models import Credit
from app.customers.models import Customer
from app.extensions import db
from app.settings.models import InvoiceOptions
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope
from tests.portal.ground import HOME, STATEMENTS
from tests.worlds import World

GOOD = {"amount": "1200,50", "currency": "EUR", "first_month": "", "comment": "for the outage"}


def url_of(world: World, rest: str = "", side: str = "north") -> str:
    return f"/customers/{getattr(world, side).customer.id}/credits/{rest}"


def credits(app: Any, side: Any) -> list[Credit]:
    with app.app_context(), reseller_scope(side.id):
        return list(db.session.scalars(select(Credit).order_by(Credit.id)))


def test_a_credit_is_added_seen_and_taken_back(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    empty = client.get(url_of(world)).text

    added = client.post(url_of(world, "add/"), GOOD)
    [credit] = credits(flask_app, world.north)
    listed = client.get(url_of(world)).text
    asked = client.get(url_of(world, f"{credit.id}/reverse/")).text
    back = client.post(url_of(world, f"{credit.id}/reverse/"), {"amount": "200.50", "reason": "too much"})

    assert "No credits" in empty
    assert (added.status_code, back.status_code) == (302, 302)
    assert "EUR 1,200.50" in listed
    assert "for the outage" in listed
    assert "pays up to EUR 1,200.50 more" in asked
    page = client.get(url_of(world)).text
    assert re.search(r"Left in all:</span>\s*<b class=\"tnum\">EUR 1,000.00", page)
    assert "too much" in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "", "Enter a number."),
        ("amount", "1.200,50", "without thousands separators"),
        ("amount", "1e400", "Enter a number such as"),
        ("amount", "0", "Enter an amount above 0."),
        ("amount", "-3", "Enter an amount above 0."),
        ("amount", "1.005", "EUR has 2 decimals"),
        ("currency", "CHF", "Choose one of the list."),
        ("first_month", "1999-01", "Choose one of the list."),
        ("comment", "x" * 501, "at most 500 characters"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, world: World, client_for: Any, field: str, value: str, sentence: str
) -> None:
    answer = client_for(world.north.ops).post(url_of(world, "add/"), {**GOOD, field: value})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-err"' in answer.text
    assert credits(flask_app, world.north) == []


def test_sales_reads_and_strangers_find_nothing(flask_app: Any, world: World, client_for: Any) -> None:
    client_for(world.north.ops).post(url_of(world, "add/"), GOOD)
    client_for(world.south.ops).post(url_of(world, "add/", "south"), GOOD)
    [own], [foreign] = credits(flask_app, world.north), credits(flask_app, world.south)
    form = {"amount": "1", "reason": "mine"}
    sales = client_for(world.north.sales)

    assert "for the outage" in sales.get(url_of(world)).text
    assert "credits/add/" not in sales.get(url_of(world)).text
    assert sales.post(url_of(world, "add/"), GOOD).status_code == 403
    assert sales.post(url_of(world, f"{own.id}/reverse/"), form).status_code == 403
    owner = client_for(world.north.owner)
    other = f"/customers/{world.north.other_customer.id}/credits/{own.id}/reverse/"
    for url in (
        other,
        url_of(world, f"{foreign.id}/reverse/"),
        url_of(world, f"{foreign.id}/reverse/", "south"),
    ):
        assert owner.post(url, form).status_code == 404
        assert owner.get(url).status_code == 404
    assert owner.post(url_of(world, "add/", "south"), GOOD).status_code == 404


def test_the_customer_sees_what_is_left_and_no_comment(flask_app: Any, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    ops.post(url_of(world, "add/"), GOOD)
    ops.post(url_of(world, "add/"), {**GOOD, "amount": "77.77"})
    wrong = credits(flask_app, world.north)[1]
    ops.post(url_of(world, f"{wrong.id}/reverse/"), {"amount": "77.77", "reason": "entered twice"})
    customer, other = client_for(world.north.customer_user), client_for(world.north.other_user)

    home, statements = customer.get(HOME).text, customer.get(STATEMENTS).text

    assert "EUR 1,200.50" in home
    assert "EUR 1,200.50" in statements
    assert "1–1 of 1" in statements
    assert not [one for one in ("for the outage", "77.77", "entered twice") if one in home + statements]
    assert "1,200.50" not in other.get(HOME).text + other.get(STATEMENTS).text


def test_who_sees_no_statements_sees_no_credit(flask_app: Any, world: World, client_for: Any) -> None:
    from app.security.models import User

    client_for(world.north.ops).post(url_of(world, "add/"), GOOD)
    with flask_app.app_context(), reseller_scope(world.north.id):
        db.session.get(User, world.north.customer_user.id).sees_statements = False
        db.session.commit()

    assert "1,200.50" not in client_for(world.north.customer_user).get(HOME).text


def test_yen_have_no_decimals_on_the_page(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        db.session.get(Reseller, world.north.id).currency = "JPY"
        db.session.commit()
    client = client_for(world.north.ops)

    refused = client.post(url_of(world, "add/"), {**GOOD, "currency": "JPY", "amount": "5.5"})
    client.post(url_of(world, "add/"), {**GOOD, "currency": "JPY", "amount": "5000"})

    assert "JPY has 0 decimals" in refused.text
    assert "JPY 5,000<" in client.get(url_of(world)).text


def test_invoice_options_say_in_numbers_what_the_switch_does(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client, url = client_for(world.north.ops), "/settings/invoices/"
    page = client.get(url).text

    given = {
        "counts_from": "always",
        "version": "0",
        "purchase_mode": "amortised",
        "payment_term": "on_receipt",
        "payment_days": "0",
        "number_format": "{number}",
        "next_number": "1",
        "page_size": "A4",
    }

    saved = client.post(url, given)
    old = client.post(url, given | {"credits_lower_tax_base": "y"})

    assert re.search(r'name="credits_lower_tax_base"[^>]*checked', page)
    assert "−100.00" in page
    assert (saved.status_code, old.status_code) == (302, 409)
    assert not re.search(r'name="credits_lower_tax_base"[^>]*checked', client.get(url).text)
    with flask_app.app_context(), reseller_scope(world.south.id):
        assert db.session.scalars(select(InvoiceOptions)).all() == []
        assert db.session.get(Customer, world.north.customer.id) is None
