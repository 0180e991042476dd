"""What a change would have meant last month: computed like the statement, and nothing of it is kept."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.charges.dry_run import dry_run
from app.charges.models import ChargeAssignment
from app.charges.rating import plan_now
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.rating.usage import LineKind
from app.statements.kept_usage import KEPT_LINES, Kept
from app.statements.what_if import WhatIf, compare, other_adjustment, other_plan, other_terms
from tests.statements.world import OCTOBER, account_of, deliver, provider, usage, worked_example, working
from tests.worlds import World

KEPT = {"pass_reserved_instances": False, "pass_savings_plans": False, "pass_provider_credits": False}


def figures(found: WhatIf) -> tuple[str, ...]:
    return tuple(
        f"{one:f}" for one in (found.total.before, found.total.after, found.margin.before, found.margin.after)
    )


def test_another_discount_moves_total_tax_and_margin(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)

        found = compare(customer, OCTOBER, other_adjustment(Decimal(-10)))

    # 1,220 with 5 % is 1,281, with -10 % 1,098; tax 20 %; the usage costs 720.
    assert figures(found) == ("1537.20", "1317.60", "561.00", "378.00")
    assert [(one.kind, one.before, one.after) for one in found.moved] == [
        (LineKind.GLOBAL_ADJUSTMENT, Decimal("61.00"), Decimal("-122.00")),
        (LineKind.TAX, Decimal("256.20"), Decimal("219.60")),
    ]
    assert found.kept_count == 3


def test_another_pricebook_reprices_the_usage_and_what_is_charged_on_it(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        book = Pricebook(name="Dear", provider=provider(), adjustment_percent=Decimal(50), currency="EUR")
        db.session.add(book)
        db.session.flush()

        dear = compare(customer, OCTOBER, other_terms(provider(), book, KEPT))
        master = compare(customer, OCTOBER, other_terms(provider(), None, KEPT))

    services = {one.service: (one.before, one.after) for one in dear.moved if one.service}
    assert services == {
        "EC2": (Decimal("900.00"), Decimal("1500.00")), "S3": (Decimal("200.00"), Decimal("300.00")),
    }  # fmt: skip
    assert [one.service for one in master.moved if one.service] == ["EC2"]
    assert dear.total.after > master.total.after > master.total.before == Decimal("1537.20")


def test_a_plan_in_the_place_of_another_changes_its_line_alone(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        row = db.session.scalars(
            select(ChargeAssignment).where(ChargeAssignment.customer_id == customer.id)
        ).one()

        again = compare(customer, OCTOBER, other_plan(row.plan))
        same = compare(customer, OCTOBER, other_plan(row.plan, instead_of=row.id))

    assert not again.moved and not same.moved  # a support plan replaces the one that is there
    assert figures(again) == ("1537.20", "1537.20", "561.00", "561.00")


def test_the_bill_that_was_delivered_last_is_what_counts(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        compare(customer, OCTOBER, other_adjustment(Decimal(0)))
        deliver([usage(account_of(customer).account_id, "EC2", "100")])

        found = compare(customer, OCTOBER, other_adjustment(Decimal(0)))

    # 90 of EC2 and the least that the support plan costs, 100; 5 % and tax on both.
    assert found.total.before == Decimal("239.40")


def test_moving_a_slider_reads_the_usage_once(flask_app: Any, world: World, monkeypatch: Any) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        KEPT_LINES.clear()
        compare(customer, OCTOBER, other_adjustment(Decimal(1)))
        monkeypatch.setattr("app.statements.kept_usage.shared_cursor", None)

        found = compare(customer, OCTOBER, other_adjustment(Decimal(2)))

    assert found.total.after == Decimal("1493.28")


def test_the_oldest_answer_goes_first() -> None:
    kept = Kept(2)
    for name in "aba":
        kept.get(name, lambda: 1)
    kept.get("c", lambda: 1)

    assert [kept.get(name, lambda: 2) for name in "abc"] == [1, 2, 2]


def test_whoever_sees_reports_sees_what_is_left_too(flask_app: Any, world: World, client_for: Any) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        address = f"/customers/{customer.id}/what-if/adjustment/"

    answers = {}
    for who in ("ops", "sales"):
        client = client_for(getattr(world.north, who))
        answers[who] = client.post(f"{address}?part=1", {"percent": "-10"})
    refused = client.post(f"{address}?part=1", {"percent": "-101"})
    page = client.post(address, {"percent": "-10"}).text

    assert all("1,317.60" in one.text and "<html" not in one.text for one in answers.values())
    assert all(">378.00<" in one.text for one in answers.values())
    assert refused.status_code == 422
    assert "1,317.60" in page and "Back to the form" in page
    with working(flask_app, world, kept=False) as customer:
        assert compare(customer, OCTOBER, other_adjustment(Decimal(5))).total.before == Decimal("1537.20")


def test_a_book_is_tried_on_the_month_of_every_customer_that_it_prices(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        book = db.session.scalars(select(Pricebook).where(Pricebook.name == "Worked")).one()
        address, name = f"/pricebooks/{book.id}/what-if/?part=1", customer.organization
    ops = client_for(world.north.ops)

    page = ops.post(address, {"adjustment_percent": "10", "match_mode": "most_specific"}).text

    # S3 has no rule: 200 becomes 220. EC2 stays at 900, and both cost 720.
    total = page[page.index("Total") : page.index(name)]
    assert [f">{one}<" in total for one in ("1,100.00", "1,120.00", "20.00", "400.00")] == [True] * 4
    movers = page[page.index("What moves most") :]
    assert "S3" in movers and "EC2" not in movers


def test_other_terms_of_a_plan_name_the_customers_that_they_hit(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        row = db.session.scalars(
            select(ChargeAssignment).where(ChargeAssignment.customer_id == customer.id)
        ).one()
        dearer = dataclasses.replace(plan_now(row.plan), minimum=Decimal(200))

        found, name = dry_run(row.plan, dearer), customer.organization

    # 120 of support become 200: 80 more, 5 % and 20 % on it.
    assert found is not None and (found.month, found.customers) == (OCTOBER, 1)
    assert [(one.name, one.before, one.change) for one in found.hit] == [
        (name, Decimal("1537.20"), Decimal("100.80"))
    ]
