"""Statements on screen: for the reseller with everything behind them, for the customer without."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import force_locale

from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.statements.left_out import left_out
from app.statements.models import State, Statement
from app.statements.paper import PaperLine
from app.statements.printing import read_paper
from app.statements.readers_words import for_reader
from app.statements.services.drafts import draft_statement
from app.statements.services.issuing import issue
from app.tenancy.scope import system_scope
from tests.statements.world import (
    NOW,
    OCTOBER,
    account_of,
    deliver,
    many_customers,
    usage,
    worked_example,
    working,
)
from tests.worlds import World

LIST = "/billing/statements/?month=2026-10"


def prepared(app: Any, world: World, *, issued: bool = False) -> int:
    with working(app, world) as customer:
        worked_example(customer)
        draft = draft_statement(customer, OCTOBER, now=NOW)
        assert draft is not None
        if issued:
            issue(draft, now=NOW)
        return draft.id


def run_jobs(app: Any) -> None:
    with app.app_context():
        with system_scope("test"):
            ids = list(db.session.scalars(db.select(Job.id)))
            db.session.rollback()
        for one in ids:
            work.run(one)


def test_a_month_is_generated_and_issued_with_two_clicks(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
    ops = client_for(world.north.ops)

    ops.post("/billing/statements/generate/", {"month": "2026-10"})
    run_jobs(flask_app)
    page = ops.get(LIST).text
    assert "EUR 1,537.20" in page
    every = {"month": "2026-10", "all": "1"}
    ops.post("/billing/statements/issue/", every)  # of a page that is older than the drafts
    assert "have changed since you looked" in ops.get(LIST).text
    seen = re.findall('name="seen" value="([^"]+)"', page)[0]
    ops.post("/billing/statements/issue/", every | {"seen": seen})
    run_jobs(flask_app)

    page = ops.get(LIST + "&tab=open").text
    assert "2026-00001" in page
    ops.post("/billing/statements/generate/", {"month": "2026-10"})
    run_jobs(flask_app)
    assert "failed" not in ops.get(LIST).text  # what is issued is left alone
    with flask_app.app_context(), system_scope("test"):
        assert {one.state for one in db.session.scalars(db.select(Statement))} == {State.OPEN}


def test_a_missing_exchange_rate_is_one_click_away(flask_app: Any, world: World, client_for: Any) -> None:
    statement_id = prepared(flask_app, world)
    with working(flask_app, world) as customer:
        deliver([usage(account_of(customer).account_id, "EC2", "10", currency="USD")], source="dollars")
    ops, here = client_for(world.north.ops), f"/billing/statements/{statement_id}/"
    way = "/settings/exchange-rates/add?month=2026-10&from=USD&to=EUR"

    ops.post("/billing/statements/generate/", {"month": "2026-10"})
    run_jobs(flask_app)
    pages = [ops.get(LIST).text, ops.post(f"{here}generate/").text]
    form = ops.get(way).text

    for page in pages:
        assert f'href="{way.replace("&", "&amp;")}"' in page
    for chosen in ("2026-10", "USD", "EUR"):
        assert re.search(
            f'<option[^>]* value="{chosen}"[^>]* selected|<option selected value="{chosen}"', form
        )
    assert ops.get("/settings/exchange-rates/add?from=XXQ&to=EUR").status_code == 400


def test_a_late_change_that_lacks_an_exchange_rate_leads_to_it_too(
    flask_app: Any, world: World, client_for: Any
) -> None:
    prepared(flask_app, world, issued=True)
    with working(flask_app, world) as customer:
        part = deliver(
            [usage(account_of(customer).account_id, "EC2", "10", currency="USD")], source="dollars"
        )
        part.imported_at = NOW + datetime.timedelta(days=1)

    late = "/billing/statements/late/?month=2026-10"
    way = 'href="/settings/exchange-rates/add?month=2026-10&amp;from=USD&amp;to=EUR"'
    assert way in client_for(world.north.ops).get(late).text
    assert way not in client_for(world.north.sales).get(late).text  # who may not enter rates


def test_a_draft_says_what_is_to_be_looked_at_and_where(
    flask_app: Any, world: World, client_for: Any
) -> None:
    one = prepared(flask_app, world)
    with working(flask_app, world) as customer:
        account = account_of(customer).account_id
        deliver([usage(account, "S3", "10", is_list_missing=True)], source="bare")
    ops = client_for(world.north.ops)

    assert "No list price" not in ops.get(f"/billing/statements/{one}/").text
    ops.post(f"/billing/statements/{one}/generate/")
    page = ops.get(f"/billing/statements/{one}/").text

    [told] = re.findall(r"<li>No list price: priced at effective cost: (.*?)</li>", page)
    assert re.findall(r">([^<]+)</a>", told) == ["S3"]


def test_every_line_says_how_it_was_computed(flask_app: Any, world: World, client_for: Any) -> None:
    one = prepared(flask_app, world)
    ops = client_for(world.north.ops)

    page = ops.get(f"/billing/statements/{one}/").text
    for part in ("EC2", "EUR 900.00", "AWS Business", "VAT 20", "EUR 1,537.20", "Estimated"):
        assert part in page
    ec2 = ops.get(f"/billing/statements/{one}/lines/1/").text
    for part in (
        "Worked: EC2 -10",
        "1,000.00 × 0.90 = 900.00",
        "Usage counts at list price",
        "1 line of the provider",
    ):
        assert part in ec2.replace("−", "-"), part
    assert "Tiers of the basis" in ops.get(f"/billing/statements/{one}/lines/3/").text
    assert ops.get(f"/billing/statements/{one}/lines/99/").status_code == 404
    assert ops.get(f"/billing/statements/{one}/document/pdf").data.startswith(b"%PDF")


def test_quantities_are_told_in_the_units_of_the_statement(
    flask_app: Any, world: World, client_for: Any
) -> None:
    one = prepared(flask_app, world)
    with working(flask_app, world) as customer:
        account = account_of(customer).account_id
        deliver([usage(account, "Machines", "10", unit="1 Hour")], source="hours")
    ops, base = client_for(world.north.ops), f"/billing/statements/{one}/"
    ops.post(f"{base}generate/")

    [line] = re.findall(r"<td[^>]*>Machines.*?(/billing/statements/\d+/lines/\d+/)", ops.get(base).text, re.S)
    page = ops.get(line).text

    assert len(re.findall(r">10(?:\.00)? Hour<", page)) == 2  # the price, and the line of the bill
    assert "1 Hour" not in page


def test_a_statement_is_paid_reopened_credited_and_void(
    flask_app: Any, world: World, client_for: Any
) -> None:
    one = prepared(flask_app, world, issued=True)
    ops = client_for(world.north.ops)
    base = f"/billing/statements/{one}"

    assert ops.post(f"{base}/paid/", {"paid_on": "2026-11-20"}).status_code == 302
    assert ops.post(f"{base}/void/", {"reason": "no"}).status_code == 409
    assert ops.post(f"{base}/reopen/").status_code == 302
    assert ops.post(f"{base}/credit/", {"amount": "5000", "text": "x"}).status_code == 422
    drafted = ops.post(f"{base}/credit/", {"amount": "100", "text": "Outage"}).headers["Location"]
    page = ops.get(drafted).text
    assert "Corrections" in page and "Issue the credit note of" in page
    assert "Discounts" not in page and "Seller cost" not in page
    assert ops.post(f"{drafted}issue/").status_code == 302
    assert re.search(r"2026-00002<span[^>]*>Credit note<", ops.get(LIST).text)
    assert ops.post(f"{drafted}void/", {"reason": "Too much"}).status_code == 302
    told = ops.get(f"{base}/").text.split("Corrected by", 1)[1].split("</div>", 1)[0]
    assert "Credit note 2026-00002" in told
    assert "Void" in told
    assert ops.post(f"{base}/void/", {"reason": ""}).status_code == 422
    assert ops.post(f"{base}/void/", {"reason": "Wrong book"}).status_code == 302
    page = ops.get(f"{base}/").text
    assert "Wrong book" in page
    assert "2026-00001" in page
    assert ops.get(f"/customers/{world.north.customer.id}/statements/").status_code == 200


def test_the_customer_sees_issued_ones_without_what_is_behind(
    flask_app: Any, world: World, client_for: Any
) -> None:
    one = prepared(flask_app, world)
    person = client_for(world.north.customer_user)
    path = f"/portal/north/statements/{one}/"

    assert person.get(path).status_code == 404
    assert "1,537.20" not in person.get("/portal/north/statements/").text
    with working(flask_app, world):
        issue(db.session.get_one(Statement, one), now=NOW)
    assert "2026-00001" in person.get("/portal/north/statements/").text
    page = person.get(path).text
    assert "EUR 900.00" in page
    for hidden in ("720.00", "1,000.00", "Worked", "lines/1", "90 %"):
        assert hidden not in page, hidden
    assert person.get(f"/billing/statements/{one}/").status_code in (302, 403, 404)


def test_a_page_is_in_the_language_of_whoever_reads_it(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        customer.language = "de"
        customer.country = "DE"
        worked_example(customer)
        draft = draft_statement(customer, OCTOBER, now=NOW)
        assert draft is not None
        paper = replace(read_paper(draft), credits=(PaperLine("Guthaben", Decimal(-1)),))

        with force_locale("en"):
            english = for_reader(paper)
        with force_locale("de"):
            assert for_reader(paper) is paper

        assert (paper.buyer.address_lines[-1], english.buyer.address_lines[-1]) == ("Deutschland", "Germany")
        assert [one.adjustment[0].text.split()[0] for one in (paper, english)] == ["Zuschlag", "Surcharge"]
        assert english.credits[0].text == "Credit"
        assert english.charges == paper.charges


def test_drafts_are_generated_for_chosen_customers_and_one_provider(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        name, number = customer.organization, customer.id
    ops = client_for(world.north.ops)

    page = ops.get("/billing/statements/generate/?month=2026-10").text
    assert name in page
    assert name not in ops.get("/billing/statements/generate/?month=2026-10&q=nobody").text
    chosen = {"month": "2026-10", "which": "chosen"}
    path = "/billing/statements/generate/"
    assert "Select at least one customer" in ops.post(path, chosen).text
    assert ops.post(path, chosen | {"customer": number, "provider": "nope"}).status_code == 422
    ops.post(path, chosen | {"customer": number, "provider": "aws"})
    run_jobs(flask_app)

    with flask_app.app_context(), system_scope("test"):
        [draft] = db.session.scalars(db.select(Statement))
        assert draft.provider is not None
        assert draft.provider.code == "aws"


def test_the_list_says_who_was_left_out_until_they_are_generated_or_have_nothing(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        first = customer.id
    [second] = many_customers(flask_app, world, 1)
    [idle] = many_customers(flask_app, world, 1, called="Idle", code="azure")
    path, month = "/billing/statements/generate/", {"month": "2026-10"}
    ops, told = client_for(world.north.ops), "customers have an account but no statement of Oct 2026"

    assert told not in ops.get(LIST).text  # where there is none at all, the page says so
    ops.post(path, month | {"which": "chosen", "customer": str(first)})
    run_jobs(flask_app)
    page = ops.get(LIST).text
    assert f"2 {told}" in page  # the second customer of the world has an account without usage
    assert "Buyer 00" in page
    assert "Idle 00" not in page  # no provider of this customer's accounts delivered anything

    with working(flask_app, world):
        deliver([usage("unknown", "VM", "1")], code="azure", source="other")
    assert f"3 {told}" in ops.get(LIST).text
    ops.post(path, month | {"which": "left_out"})
    run_jobs(flask_app)
    assert (
        "no statement of Oct" not in ops.get(LIST).text
    )  # one has a draft, and there is nothing to bill to the other
    with flask_app.app_context(), system_scope("test"):
        assert set(db.session.scalars(db.select(Statement.customer_id))) == {first, second}
    ops.post(path, month | {"which": "left_out"})
    assert "Nobody is without a statement any more" in ops.get(LIST).text

    with working(flask_app, world):
        later = deliver([usage("unknown", "VM", "2")], code="azure", source="other")
        later.imported_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        assert [one.id for one in db.session.scalars(left_out(OCTOBER))] == [idle]  # who knows what came


def test_who_was_left_out_is_told_to_their_own_reseller_and_generated_by_who_may(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        draft_statement(customer, OCTOBER, now=NOW)
    many_customers(flask_app, world, 1)
    left_out_ones = {"month": "2026-10", "which": "left_out"}

    assert "Buyer 00" not in client_for(world.south.ops).get(LIST).text
    client_for(world.south.ops).post("/billing/statements/generate/", left_out_ones)
    assert (
        client_for(world.north.sales).post("/billing/statements/generate/", left_out_ones).status_code == 403
    )
    with flask_app.app_context(), system_scope("test"):
        assert not db.session.scalars(db.select(Job.id)).all()
    client_for(world.north.ops).post("/billing/statements/generate/", left_out_ones)
    with flask_app.app_context(), system_scope("test"):
        assert [one.reseller_id for one in db.session.scalars(db.select(Job))] == [world.north.id]


def test_a_month_that_has_not_begun_is_neither_shown_nor_generated(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
    ops = client_for(world.north.ops)

    ops.post("/billing/statements/generate/", {"month": "2099-01"})
    page = ops.get("/billing/statements/?month=2099-02").text
    assert "Jan 2099 has not begun." in page
    assert "Feb 2099" not in page
    with flask_app.app_context(), system_scope("test"):
        assert not db.session.scalars(db.select(Job.id)).all()


def test_the_list_goes_out_as_it_is_filtered_and_sorted(
    flask_app: Any, world: World, client_for: Any
) -> None:
    prepared(flask_app, world, issued=True)
    ops = client_for(world.north.ops)

    page = ops.get(LIST + "&sort=total&dir=desc").text
    assert 'aria-sort="descending"' in page
    file = ops.get("/billing/statements/export.csv?month=2026-10&tab=open&sort=total")
    assert "2026-00001" in file.text
    assert "1537.20" in file.text
    assert "2026-00001" not in ops.get("/billing/statements/export.csv?month=2026-10&tab=draft").text
    assert "attachment" in file.headers["Content-Disposition"]


def test_what_was_missing_is_billed_from_the_list_of_late_changes(
    flask_app: Any, world: World, client_for: Any
) -> None:
    one = prepared(flask_app, world, issued=True)
    with working(flask_app, world) as customer:
        part = deliver([usage(account_of(customer).account_id, "S3", "2000")])
        part.imported_at = NOW + datetime.timedelta(days=1)
    ops = client_for(world.north.ops)
    path = f"/billing/statements/{one}/settle/"

    assert path in ops.get("/billing/statements/late/?month=2026-10").text
    page = ops.get(path).text
    assert "Late usage of Oct 2026" in page
    assert 'value="980' in page
    assert ops.post(path, {"amount": "0", "text": "x"}).status_code == 422
    assert ops.post(path, {"amount": "980", "text": "Late usage"}).status_code == 302
    assert "Late usage" in ops.get(f"/customers/{world.north.customer.id}/charges/").text
    assert path not in ops.get("/billing/statements/late/?month=2026-10").text
    assert "was delivered again" not in ops.get("/billing/statements/?month=2026-10").text
    assert ops.get(path).status_code == 302  # nothing is open any more


def test_numbers_that_are_none_choose_nothing(flask_app: Any, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    for verb, field in (("generate", "customer"), ("issue", "rowid")):
        assert ops.post(f"/billing/statements/{verb}/", {"month": "2026-10", field: "²"}).status_code == 302
