"""Everything that the reseller keeps to itself is planted, then every page of the portal is opened as the customer."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from app.approvals import services
from app.approvals.requests import request_account, request_link, request_provider
from app.charges.models import ChargePlan
from app.custom_fields.models import CustomFieldDefinition
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import create_customer
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.security.models import User
from app.taxes.models import TaxRate
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope
from tests.access.stage import Stage
from tests.access.test_crawl import Crawl
from tests.portal.ground import ACCOUNTS, COMPANY, HOME, REQUESTS, STATEMENTS, USERS
from tests.worlds import EPOCH, World

#: Words of the console, of the platform and of what things cost the reseller: no page of the portal says them.
CONSOLE_WORDS = (
    "reseller",
    "pricebook",
    "price book",
    "margin",
    "seller cost",
    "cloud ops",
    "approve and forward",
    "forwarded",
    "tenant",
    "platform",
    "uplift",
    "custom field",
    "external id",
    "threshold",
    "list price",
    "checklist",
    "customer user",
)
GERMAN_CONSOLE_WORDS = ("reseller", "preisbuch", "marge", "einkaufspreis", "weitergeleitet", "schwellenwert")

PLANTED = (
    "planted-book",
    "planted-plan",
    "planted line",
    "planted-custom",
    "planted_field",
    "planted-external",
    "planted-rate",
    "98765",
    "98,765",
    "37.5",
    "planted-ops",
    "planted-operator",
    "planted-neighbour",
    "planted-operations",
    "planted-legal",
    "planted-tax-number",
)


def _plant(stage: Stage) -> None:
    north = stage.world.north
    with stage.app.app_context(), system_scope("test"):
        db.session.execute(update(User).where(User.id == north.ops.id).values(first_name="planted-ops"))
        db.session.execute(
            update(Reseller)
            .where(Reseller.id == north.id)
            .values(
                operations_email="planted-operations@north.example",
                legal_name="planted-legal",
                tax_number="planted-tax-number",
                support_email="help@north.example",
            )
        )
        db.session.commit()
    with stage.app.app_context(), reseller_scope(north.id, actor=Actor(north.ops.id, "planted-ops")):
        for model, column, word in (
            (Pricebook, "name", "planted-book"),
            (ChargePlan, "name", "planted-plan"),
            (ChargePlan, "line_text", "planted line"),
            (TaxRate, "name", "planted-rate"),
            (CustomFieldDefinition, "label", "planted-custom"),
        ):
            row = db.session.scalars(select(model)).first()
            setattr(row, column, word)
        book = db.session.scalars(select(Pricebook)).first()
        assert book is not None
        book.adjustment_percent = Decimal("-37.5")
        customer = db.session.scalars(select(Customer).where(Customer.id == north.customer.id)).one()
        customer.external_id = "planted-external"
        customer.spend_threshold_amount, customer.spend_threshold_currency = Decimal("98765"), "EUR"
        customer.custom_values = {"field_northcanary": "planted-custom", "planted_field": "planted-custom"}
        neighbour = create_customer(
            {
                "organization": "planted-neighbour AG",
                "contact_name": "planted-neighbour",
                "email": "planted-neighbour@north.example",
                "country": "DE",
                "language": "en",
            },
            now=EPOCH,
        )
        _plant_requests(customer, neighbour)
        db.session.commit()


def _plant_requests(customer: Customer, neighbour: Customer) -> None:
    """Requests in every state, decided and worked on by people whom the customer need not know; and a neighbour's."""
    providers = {one.code: one for one in db.session.scalars(select(Provider))}
    aws = providers["aws"]
    later = EPOCH + datetime.timedelta(days=1)

    def ask(name: str) -> Any:
        details = {"name": name, "root_email": f"{name}@north.example"}
        return request_account(customer=customer, provider=aws, details=details, requester=None, now=EPOCH)

    ask("first")
    services.decline(ask("second"), reason="told: not in this region", now=later)
    services.approve_and_forward(ask("third"), now=later)
    with reseller_scope(customer.reseller_id, actor=Actor(None, "planted-operator")):
        for name, end in (
            ("fourth", lambda one: services.reject(one, reason="told: address in use", now=later)),
            ("fifth", lambda one: services.complete(one, account_id="123412341234", now=later)),
            ("sixth", lambda one: None),
        ):
            request = services.approve_and_forward(ask(name), now=later)
            services.take(request, now=later)
            end(request)
    request_link(
        customer=customer,
        provider=aws,
        details={"account_id": "999988887777"},
        requester=None,
        now=EPOCH,
        is_forwarded=True,
    )
    db.session.add(
        ProviderEnablement(customer_id=neighbour.id, provider=aws, is_authorised=True, currency="EUR")
    )
    db.session.flush()
    request_provider(
        customer=neighbour,
        provider=providers["azure"],
        details={"remark": "planted-neighbour"},
        requester=None,
        now=EPOCH,
    )


def _readable(text: str) -> str:
    """Return what can be read of a page, attributes included, without its scripts' addresses."""
    return re.sub(r"\s+", " ", unescape(text)).casefold()


@pytest.fixture
def planted(stage: Stage) -> Stage:
    _plant(stage)
    return stage


def _pages(stage: Stage) -> dict[str, str]:
    crawl = Crawl(stage, "customer user", keep=True)
    assert crawl.problems == []
    return {url: text for url, text in crawl.texts.items() if url.startswith("/portal/")}


def test_no_page_shows_what_the_reseller_keeps_to_itself(planted: Stage) -> None:
    pages = _pages(planted)

    assert {HOME, ACCOUNTS, REQUESTS, USERS, COMPANY, STATEMENTS} <= set(pages)
    assert sum(url.startswith(REQUESTS) for url in pages) >= 10
    shown = {
        url: found
        for url, text in pages.items()
        if (found := [word for word in PLANTED if word in _readable(text)])
    }
    assert shown == {}
    everything = " ".join(pages.values())
    for told in ("told: not in this region", "told: address in use"):
        assert told in everything, "why not is mailed, and said here too"


def test_no_page_speaks_the_consoles_language(planted: Stage) -> None:
    wrong = {
        url: found
        for url, text in _pages(planted).items()
        if (found := [word for word in CONSOLE_WORDS if word in _readable(text)])
    }

    assert wrong == {}


def test_no_page_speaks_the_consoles_language_in_german(planted: Stage) -> None:
    planted.client("customer user").post("/language/", {"locale": "de"})

    pages = _pages(planted)

    assert "Überblick" in pages[HOME]
    assert {
        url: found
        for url, text in pages.items()
        if (found := [word for word in GERMAN_CONSOLE_WORDS if word in _readable(text)])
    } == {}


@pytest.mark.parametrize("path", ["home", "refused", "nothing"])
def test_refusals_speak_no_console_language_either(path: str, planted: Stage) -> None:
    world: World = planted.world
    client = planted.client("customer user")
    url = {
        "home": "/home/",
        "refused": f"/customers/{world.north.customer.id}/",
        "nothing": f"{REQUESTS}999999/",
    }[path]

    answer = client.get(url)

    assert answer.status_code in (403, 404)
    assert [word for word in (*CONSOLE_WORDS, *PLANTED) if word in _readable(answer.text)] == []
