"""The rules of a book: saved as one, priced as pricing.md says, and never changed in months that are issued."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import EditConflict, Invalid
from app.extensions import db
from app.pricebooks import services, tester
from app.pricebooks.models import PriceRule
from app.pricebooks.rating import book_in
from app.pricebooks.rows import InvalidRules
from app.pricebooks.rule_services import save_rules
from app.rating.pricebook import PriceKey
from app.tenancy.scope import reseller_scope
from tests.counting import counting
from tests.customers.test_concurrency import at_once
from tests.pricebooks.steps import NOW, cells, grid, in_north, lock, month, put, rules, save_all

EC2 = {"service": "Amazon Elastic Compute Cloud"}


def url(world: Any) -> str:
    return f"/pricebooks/{world.north.pricebook.id}/"


@pytest.mark.parametrize(
    ("percent", "given", "key", "price", "quantity", "cost"),
    [
        ("0", [cells(**EC2)], PriceKey("Amazon Elastic Compute Cloud"), "100", "1", "90"),
        (
            "-5",
            [cells(service="S", value="10"), cells(sku="K", value="-50")],
            PriceKey("S", "K"),
            "200",
            "1",
            "100",
        ),
        ("-5", [cells(service="S", value="10")], PriceKey("S", "K"), "200", "1", "220"),
        ("-5", [], PriceKey("S", "K"), "200", "1", "190"),
        (
            "0",
            [cells(kind="delta", value="0.01", **EC2)],
            PriceKey("Amazon Elastic Compute Cloud"),
            "0.10",
            "730",
            "80.30",
        ),
        (
            "0",
            [cells(kind="fixed", value="0.08", **EC2)],
            PriceKey("Amazon Elastic Compute Cloud"),
            "0.10",
            "730",
            "58.40",
        ),
        (
            "-5",
            [cells(service="S", value="10"), cells(sku="K", kind="default", value="")],
            PriceKey("S", "K"),
            "200",
            "1",
            "190",
        ),
    ],
    ids=["EC2 -10 %", "service + SKU + global", "no SKU rule", "no rule", "delta", "fixed", "default"],
)
def test_a_stored_book_prices_as_documented(
    flask_app: Any,
    world: Any,
    percent: str,
    given: list[dict[str, str]],
    key: PriceKey,
    price: str,
    quantity: str,
    cost: str,
) -> None:
    put(flask_app, world, *given)
    with in_north(flask_app, world) as book:
        book.adjustment_percent = Decimal(percent)
        db.session.flush()

        found = tester.tested(
            book_in(book, month("2026-11")), key, month("2026-11"), Decimal(price), Decimal(quantity)
        )

        assert found.price == Decimal(cost)
        db.session.rollback()


def test_the_percent_of_an_earlier_month_is_the_one_that_counted_then(flask_app: Any, world: Any) -> None:
    with in_north(flask_app, world) as book:
        values = {
            "provider_id": book.provider_id,
            "name": book.name,
            "currency": book.currency,
            "match_mode": book.match_mode,
            "is_retired": False,
        }
        services.change_pricebook(
            book, {**values, "adjustment_percent": Decimal("-8"), "counts_from": month("2026-12")}
        )

        assert book_in(book, month("2026-11")).percent == Decimal(-6)
        assert book_in(book, month("2026-12")).percent == Decimal(-8)
        db.session.rollback()


def test_five_hundred_rules_are_saved_at_once_and_with_few_statements(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    rows = [
        cells(service="Amazon Elastic Compute Cloud", usage_type=f"BoxUsage:{n}", value=f"-{n % 90}")
        for n in range(500)
    ]
    assert client.post(url(world), grid(*rows)).status_code == 302
    with in_north(flask_app, world) as book:
        ids = tuple(db.session.scalars(select(PriceRule.id).order_by(PriceRule.position)))
        version = book.version
    changed = [{**row, "value": "3"} for row in rows]

    with counting() as seen:
        saved = client.post(url(world), grid(*changed, ids=ids, version=version))

    page = client.get(url(world)).text
    history = client.get(f"{url(world)}history/").text
    assert saved.status_code == 302
    assert len(seen) < 40  # not one for each rule
    assert page.count('name="rule_id"') == 500 + 3 + 1
    assert {one[2] for one in rules(flask_app, world)} == {Decimal(3)}
    assert "492 more lines" in history  # one entry, every rule in it, the first ones at once
    assert "Percent −89" in history


def test_what_is_wrong_stands_beside_its_cell_and_nothing_is_saved(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    bad = [
        cells(value="-100.5"),
        cells(value="NaN"),
        cells(value="1e400"),
        cells(value="1.000,00"),
        cells(kind="default"),
        cells(kind="fixed", value="-1"),
        cells(usage_type="Box*Usage"),
        cells(service="Amazon*"),
        cells(first_month="2026-12", last_month="2026-11"),
        cells(kind="gift"),
        cells(first_month="December"),
    ]

    answer = client_for(world.north.ops).post(url(world), grid(*bad))

    assert answer.status_code == 422
    places = ("1-value", "2-value", "3-value", "4-value", "5-value", "6-value", "7-usage_type", "8-service")
    for place in (*places, "9-last_month", "10-kind", "11-first_month"):
        assert f'id="r{place}-err"' in answer.text
        assert f'href="#r{place}"' in answer.text
    assert "Rule 1, Value: Enter a percentage of at least −100." in answer.text
    assert rules(flask_app, world) == []


def test_rules_that_never_win_and_unknown_services_are_marked(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    put(flask_app, world, cells(**EC2), cells(**EC2, value="-20"), cells(service="Mystery"))

    page = client_for(world.north.ops).get(url(world)).text

    assert page.count("Never wins: rule 1 names the same") == 1
    assert page.count("Unknown service") == 1


def test_trying_shows_what_would_change_and_saves_nothing(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    answer = client_for(world.north.ops).post(url(world), grid(cells(**EC2), what="try"))

    assert answer.status_code == 200
    assert answer.text.count('name="what"') == 1  # of the button alone: whoever saves next does save
    assert "Rules: 1 added, 0 changed, 0 removed." in answer.text
    assert "2 customers have this pricebook." in answer.text
    assert rules(flask_app, world) == []


def test_the_second_of_two_grids_is_told_who_saved(flask_app: Any, world: Any, client_for: Any) -> None:
    client, other = client_for(world.north.ops), client_for(world.north.owner)
    opened = other.opened(url(world), "opened_at")
    client.post(url(world), grid(cells(**EC2)))

    late = other.post(url(world), grid(cells(service="Amazon S3"), opened_at=opened))

    assert late.status_code == 409
    assert "Ops northcanary saved this record" in late.text
    assert "Amazon S3" in late.text
    assert [one[0] for one in rules(flask_app, world)] == ["Amazon Elastic Compute Cloud"]


def test_a_changed_rule_ends_with_the_locked_month_and_its_successor_begins(
    flask_app: Any, world: Any
) -> None:
    put(flask_app, world, cells(**EC2), cells(service="Amazon S3", value="5"))
    lock(flask_app, world, "2026-10")
    with pytest.raises(Invalid):
        put(flask_app, world, cells(**EC2, value="-12"), keep=False)

    with in_north(flask_app, world) as book:
        first, second = (one.id for one in services.rules_of(book))
    save_all(
        flask_app,
        world,
        [(first, cells(**EC2, value="-12")), (second, cells(service="Amazon S3", value="5"))],
        "2026-11",
    )

    assert rules(flask_app, world) == [
        ("Amazon Elastic Compute Cloud", "percent", Decimal(-10), "", "2026-10"),
        ("Amazon Elastic Compute Cloud", "percent", Decimal(-12), "2026-11", ""),
        ("Amazon S3", "percent", Decimal(5), "", ""),
    ]
    with in_north(flask_app, world) as book:
        for when, cost in (("2026-10", "90"), ("2026-11", "88")):
            found = tester.tested(
                book_in(book, month(when)),
                PriceKey("Amazon Elastic Compute Cloud"),
                month(when),
                Decimal(100),
                Decimal(1),
            )
            assert found.price == Decimal(cost)


def test_a_removed_rule_ends_and_a_new_one_begins_with_the_month(flask_app: Any, world: Any) -> None:
    put(flask_app, world, cells(**EC2))
    lock(flask_app, world, "2026-10")

    save_all(flask_app, world, [(None, cells(service="Amazon S3"))], "2026-12")

    assert [(one[0], *one[3:]) for one in rules(flask_app, world)] == [
        ("Amazon Elastic Compute Cloud", "", "2026-11"),
        ("Amazon S3", "2026-12", ""),
    ]


def test_a_month_before_the_one_that_counts_is_refused_beside_its_cell(flask_app: Any, world: Any) -> None:
    lock(flask_app, world, "2026-10")

    with pytest.raises(InvalidRules) as refused:
        save_all(flask_app, world, [(None, cells(**EC2, first_month="2026-10"))], "2026-11")

    assert [(one.number, one.cell) for one in refused.value.problems] == [(1, "first_month")]


def test_one_entry_tells_every_rule_that_was_touched(flask_app: Any, world: Any) -> None:
    put(flask_app, world, cells(**EC2, usage_type="Box:m5.large"))
    put(flask_app, world, cells(service="Amazon S3", value="5"), keep=False)

    with flask_app.app_context(), reseller_scope(world.north.id):
        query = select(AuditEntry).where(AuditEntry.record_type == "pricebook").order_by(AuditEntry.id.desc())
        last = db.session.scalars(query).first()
        assert last is not None
        assert last.changes == {
            "rule:Amazon S3": [None, "percent 5"],
            "rule:Amazon Elastic Compute Cloud · Box:m5.large": ["percent -10", None],
        }


def test_an_old_version_is_refused(flask_app: Any, world: Any) -> None:
    with in_north(flask_app, world) as book, pytest.raises(EditConflict):
        save_rules(book, [], from_month=None, version=book.version + 1, now=NOW)


def test_currency_and_match_mode_stay_once_a_statement_used_the_book(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    lock(flask_app, world, "2026-10")
    client = client_for(world.north.ops)
    edit = f"/pricebooks/edit/{world.north.pricebook.id}"
    values = {
        "provider_id": "1",
        "name": world.north.pricebook.name,
        "currency": "USD",
        "match_mode": "most_specific",
        "adjustment_percent": "-6",
        "counts_from": "2026-11",
        "opened": client.opened(edit),
    }

    answer = client.post(edit, values)

    assert answer.status_code == 422
    assert 'id="currency-err"' in answer.text


def test_a_duplicate_has_the_rules_and_its_own_percent(flask_app: Any, world: Any, client_for: Any) -> None:
    put(flask_app, world, cells(**EC2), cells(service="Amazon S3", kind="default", value=""))

    answer = client_for(world.north.ops).post(
        f"{url(world)}duplicate/", {"name": "Second", "adjustment_percent": "-3"}
    )

    with in_north(flask_app, world):
        copy = db.session.scalars(select(services.Pricebook).where(services.Pricebook.name == "Second")).one()
        found = [(one.service, one.kind.value) for one in services.rules_of(copy)]
    assert answer.status_code == 302
    assert copy.adjustment_percent == Decimal(-3)
    assert found == [("Amazon Elastic Compute Cloud", "percent"), ("Amazon S3", "default")]


def test_a_book_that_priced_an_earlier_month_is_not_deleted(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    for customer in (world.north.customer, world.north.other_customer):
        page = f"/customers/{customer.id}/providers/aws/"
        form = {"is_authorised": "y", "all_services": "all", "currency": "EUR", "pricebook_id": ""}
        saved = client.post(page, {**form, "counts_from": "2026-12", "version": "1"})
        assert saved.status_code == 302

    refused = client.post(f"/pricebooks/delete/{world.north.pricebook.id}")

    assert refused.status_code == 409
    assert "priced customers in earlier months" in refused.text


def test_the_tester_says_who_won_and_why_the_others_lost(flask_app: Any, world: Any, client_for: Any) -> None:
    put(flask_app, world, cells(**EC2), cells(**EC2, region="eu-central-1", value="-20"), cells(service="S3"))
    page = client_for(world.north.sales).get(
        f"{url(world)}test/?service=Amazon+Elastic+Compute+Cloud&region=eu-central-1&list_price=0.1&quantity=730&month=2026-11"
    )

    assert page.status_code == 200
    assert "0.80 × 73.00 = 58.40" in page.text
    assert "Rule 2 wins" in page.text
    assert "Less specific than the winner: Region" in page.text
    assert "Service is another one" in page.text


def test_a_tester_that_was_asked_nonsense_says_so(world: Any, client_for: Any) -> None:
    page = client_for(world.north.ops).get(f"{url(world)}test/?list_price=abc&quantity=1&month=13/2026")

    assert page.status_code == 422
    assert 'id="list_price-err"' in page.text
    assert 'id="month-err"' in page.text


def test_the_list_is_filtered(flask_app: Any, world: Any, client_for: Any) -> None:
    client, name = client_for(world.north.ops), world.north.pricebook.name

    assert name in client.get("/pricebooks/?provider=aws&currency=EUR&state=active").text
    assert name not in client.get("/pricebooks/?state=retired").text
    assert client.get("/pricebooks/?state=x").status_code == 400


def test_of_two_grids_saved_at_once_one_is_told(flask_app: Any, world: Any, client_for: Any) -> None:
    clients = [client_for(world.north.ops), client_for(world.north.owner)]

    answers = at_once(
        [
            lambda client=client, n=n: client.post(url(world), grid(cells(service=f"S{n}"))).status_code
            for n, client in enumerate(clients)
        ]
    )

    assert sorted(answers) == [302, 409]
    assert len(rules(flask_app, world)) == 1
