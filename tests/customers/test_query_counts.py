"""How many SQL statements a page takes: few, and no more of them with twenty customers than with three."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.audit.log import record
from app.charges.models import ChargeAssignment, ChargePlan, PlanKind, PlanType
from app.cloud_accounts.models import CloudAccount
from app.customers import services
from app.customers.models import CustomerTaxRate, ProviderEnablement
from app.customers.registry import SECTIONS
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.taxes.models import TaxRate
from app.tenancy.scope import reseller_scope
from tests.counting import MOST, counting
from tests.worlds import World

#: Pages that are several forms at once, or show accounts with their periods, states and own fields.
MORE = {"accounts": 13, "second page of accounts": 13, "charges": 11}
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


def _fill(how_many: int) -> None:
    """Add customers with everything that a list or a section shows of one."""
    provider = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
    book, plan = (db.session.scalars(select(model)).first() for model in (Pricebook, ChargePlan))
    rate = db.session.scalars(select(TaxRate)).first()
    for number in range(how_many):
        customer = services.create_customer(
            {
                "organization": f"Crowd {how_many} {number} Logistik",
                "contact_name": "A B",
                "email": f"a{number}@b.example",
                "country": "DE",
            },
            now=NOW,
        )
        customer.custom_values = {"field_northcanary": "known"}
        common = {"customer_id": customer.id, "provider": provider}
        db.session.add_all(
            [
                ProviderEnablement(
                    **common, pricebook=book, is_authorised=True, currency="EUR", services=None
                ),
                CloudAccount(
                    **common, account_id=f"77{customer.id:010d}", name=f"work {number}", created_at=NOW
                ),
                ChargeAssignment(**common, plan=plan),
                CustomerTaxRate(customer_id=customer.id, tax_rate=rate),
            ]
        )
        record("exported", customer)
    db.session.commit()


def _give_much(customer_id: int) -> None:
    """Give one customer every provider at a book of its own, and more plans, accounts and tax rates than a page has."""
    for provider in db.session.scalars(select(Provider)):
        book = Pricebook(name="Own", provider=provider, adjustment_percent=Decimal(-1), currency="EUR")
        common = {"customer_id": customer_id, "provider": provider}
        if provider.code != "aws":
            db.session.add(ProviderEnablement(**common, pricebook=book, is_authorised=True, currency="EUR"))
        for number in range(10):
            plan = ChargePlan(
                name=f"Plan {number}",
                provider=provider,
                kind=PlanKind.CHARGE,
                type=PlanType.PERCENT,
                percent=Decimal(5),
                currency="EUR",
                is_support_plan=not number,
            )
            account_id = f"{number:012d}"
            db.session.add_all(
                [
                    ChargeAssignment(**common, plan=plan),
                    CloudAccount(**common, account_id=account_id, name=f"work {number}", created_at=NOW),
                ]
            )
    for number in range(30):
        rate = TaxRate(name=f"Rate {number}", country="FR", percent=Decimal(number))
        db.session.add(CustomerTaxRate(customer_id=customer_id, tax_rate=rate))
    db.session.commit()


def _statements(client: Any, url: str) -> list[str]:
    client.get(url)
    with counting() as seen:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return seen


PAGES = {
    "list": "/customers/list/?per_page=100",
    "search": "/customers/list/?per_page=100&q=logistik",
    "short search": "/customers/list/?per_page=100&q=cr",
    "needs attention": "/customers/list/?per_page=100&attention=any",
    "add": "/customers/add",
    "home": "/home/",
    "audit": "/audit/list/",
}


@pytest.fixture
def section_urls(flask_app: Any, world: Any) -> dict[str, str]:
    """The address of each section of one customer."""
    with flask_app.test_request_context():
        from flask import url_for

        return {
            key: url_for(section.endpoint, customer_id=world.north.customer.id)
            for key, section in SECTIONS.items()
        }


def test_pages_take_few_statements_whatever_the_number_of_customers(
    flask_app: Any, world: Any, client_for: Any, section_urls: dict[str, str]
) -> None:
    client = client_for(world.north.owner)
    pages = PAGES | section_urls
    counts: list[dict[str, int]] = []
    told: dict[str, list[str]] = {}
    for more in (1, 17):  # the world has two already
        with flask_app.app_context(), reseller_scope(world.north.id):
            _fill(more)
        told = {page: _statements(client, url) for page, url in pages.items()}
        counts.append({page: len(seen) for page, seen in told.items()})

    assert counts[0] == counts[1]
    assert not {page: told[page] for page, number in counts[1].items() if number > MORE.get(page, MOST)}


def test_the_sections_of_a_customer_with_much_of_everything_take_few_too(
    flask_app: Any, world: World, client_for: Any, section_urls: dict[str, str]
) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        _give_much(world.north.customer.id)
    client = client_for(world.north.owner)
    urls = section_urls | {"second page of accounts": f"{section_urls['accounts']}?page=1"}

    told = {page: _statements(client, url) for page, url in urls.items()}

    assert not {page: seen for page, seen in told.items() if len(seen) > MORE.get(page, MOST)}


def test_nothing_is_asked_again_after_a_customer_was_saved(world: Any, client_for: Any) -> None:
    client = client_for(world.north.owner)
    form = {
        "organization": "Quick Ltd",
        "contact_name": "A B",
        "email": "a@quick.example",
        "country": "DE",
        "language": "en",
        "version": "0",
    }
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def committed(_connection: Any) -> None:
        seen.append("COMMIT")

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", committed)
    try:
        answer = client.post("/customers/add", form)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", committed)

    assert answer.status_code == 302
    assert seen[-1] == "COMMIT"
    assert len([one for one in seen if one.startswith("SELECT")]) <= 3
