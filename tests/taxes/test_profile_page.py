"""The Tax section of a customer, and the list of rates, as people use them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from app.customers.models import Customer
from app.extensions import db
from app.taxes.models import TaxRate
from app.taxes.rating import tax_terms_of
from app.tenancy.scope import reseller_scope
from tests.taxes.test_taxes import GOOD, LIST
from tests.worlds import World


def test_suggested_rates_come_first_and_count_only_once_saved(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        db.session.add(TaxRate(name="Aachen levy", country="AT", percent=Decimal(3)))
        db.session.add(
            TaxRate(name="Harbour levy", country="DE", postal_code="20457", percent=Decimal("1.5"))
        )
        db.session.get(Customer, world.north.customer.id).postal_code = "20457"
        db.session.commit()
    client, url = client_for(world.north.ops), f"/customers/{world.north.customer.id}/tax/"

    page, taken = client.get(url).text, client.get(f"{url}?suggested=1").text

    assert page.index("Harbour levy") < page.index("VAT northcanary") < page.index("Aachen levy")
    assert page.count("Suggested</span>") == 2
    assert "19\u00a0% of the amount." in page
    assert "Together 1.5\u00a0% + 19\u00a0% = 20.5\u00a0% of the same amount" in taken
    assert "19\u00a0% of the amount." in client.get(url).text, "looking at a suggestion changes nothing"


def test_tax_is_switched_off_from_a_month_and_the_page_says_what_was_before(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client, url = client_for(world.north.sales), f"/customers/{world.north.customer.id}/tax/"
    page = client.get(url).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)[1]  # type: ignore[index]
    month = re.findall(r'<option value="(\d{4}-\d\d)"', page)[8]

    wrong = client.post(url, {"version": version, "counts_from": "1999-01"})
    saved = client.post(url, {"version": version, "counts_from": month})
    old = client.post(url, {"version": version, "counts_from": month})

    assert (wrong.status_code, saved.status_code, old.status_code) == (422, 302, 409)
    shown = client.get(url).text
    assert "Not taxable: no tax is billed, whatever is ticked." in shown
    assert "What counts when" in shown
    assert "Up to " in shown


def test_a_stranger_customer_has_no_tax_section(flask_app: Any, world: World, client_for: Any) -> None:
    url = f"/customers/{world.south.customer.id}/tax/"

    answer = client_for(world.north.owner).post(url, {"version": "1", "counts_from": "always"})

    assert answer.status_code == 404
    with flask_app.app_context(), reseller_scope(world.south.id):
        from datetime import date

        terms = tax_terms_of([world.south.customer.id], date(2026, 11, 1))
        assert terms[world.south.customer.id].is_taxable


def test_rates_are_found_by_country(world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    client.post(LIST + "add", GOOD)

    there, elsewhere = client.get(f"{LIST}?country=US").text, client.get(f"{LIST}?country=FR").text

    assert "Sales tax" in there
    assert "VAT northcanary" not in there
    assert "No rate matches" in elsewhere
    assert client.get(f"{LIST}?country=%00").status_code == 400


def test_a_rate_says_what_it_was_before(world: World, client_for: Any) -> None:
    client, url = client_for(world.north.ops), f"{LIST}edit/{world.north.tax_rate.id}"
    page = client.get(url).text
    opened = re.search(r'name="opened"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]
    month = re.findall(r'<option value="(\d{4}-\d\d)"', page)[8]
    form = {**GOOD, "name": "VAT", "country": "DE", "opened": opened, "counts_from": month}

    assert client.post(url, {**form, "percent": "20"}).status_code == 302
    page, listed = client.get(url).text, client.get(LIST).text

    assert page.index("20\u00a0%") < page.index("19\u00a0%")
    assert "20\u00a0% from" in listed
