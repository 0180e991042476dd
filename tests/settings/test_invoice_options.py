"""Invoice Options: numbers, due dates, and what counts from a month."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.errors import Invalid
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import Lockable, Subject, lock_month
from app.rating.commitments import PurchaseMode
from app.settings import invoice_options as options
from app.settings.models import PaymentTerm
from app.settings.numbering import check_number_format, number_text
from app.tenancy.scope import reseller_scope
from tests.worlds import World

URL = "/settings/invoices/"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
ISSUED = date(2026, 11, 26)


@pytest.fixture
def north(flask_app: Any, world: World) -> Iterator[World]:
    """The reseller, which never decided anything."""
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield world
        db.session.rollback()


def save(values: dict[str, Any], *, from_month: date | None = None) -> Any:
    row = options.invoice_options()
    return options.save_invoice_options(values, from_month=from_month, version=row.version if row else 0)


@pytest.mark.parametrize(
    ("number_format", "printed"),
    [
        ("{year}-{number:5}", "2026-00042"),
        ("HC-{year}{month}-{number}", "HC-202611-42"),
        ("{number:1}", "42"),
        ("No. {number:3}", "No. 042"),
    ],
)
def test_a_number_is_printed_as_its_format_says(number_format: str, printed: str) -> None:
    check_number_format(number_format)

    assert number_text(number_format, 42, ISSUED) == printed


@pytest.mark.parametrize(
    "number_format",
    ["", "{year}", "{number}{number}", "{number:0}", "{day}-{number}", "a/{number}", "{number"],
)
def test_what_is_no_format_is_refused(flask_app: Any, number_format: str) -> None:
    with flask_app.test_request_context(), pytest.raises(Invalid):
        check_number_format(number_format)


@pytest.mark.parametrize(
    ("term", "days", "due"),
    [
        (PaymentTerm.ON_RECEIPT, 30, date(2026, 11, 26)),
        (PaymentTerm.AFTER_ISSUE, 30, date(2026, 12, 26)),
        (PaymentTerm.AFTER_MONTH, 0, date(2026, 11, 30)),
        (PaymentTerm.AFTER_MONTH, 15, date(2026, 12, 15)),
    ],
)
def test_a_statement_is_due_when_the_term_says(term: PaymentTerm, days: int, due: date) -> None:
    assert options.due_on(ISSUED, term, days) == due


def test_numbers_follow_each_other_whatever_the_format(north: World) -> None:
    first = options.take_number(ISSUED)
    save({"number_format": "S{number}", "next_number": 7})

    assert [first, options.take_number(ISSUED), options.take_number(ISSUED)] == ["2026-00001", "S7", "S8"]


def test_the_counter_never_goes_back(north: World) -> None:
    save({"next_number": 5})
    options.take_number(ISSUED)

    with pytest.raises(Invalid, match="Numbers below 6 are taken"):
        save({"next_number": 5})


def test_two_at_once_never_take_the_same_number(flask_app: Any, world: World) -> None:
    taken: list[str] = []

    def take() -> None:
        with flask_app.test_request_context(), reseller_scope(world.north.id):
            for _round in range(5):
                with unit_of_work(db.session):
                    number = options.take_number(ISSUED)
                taken.append(number)
            db.session.remove()

    with flask_app.test_request_context(), reseller_scope(world.north.id):
        save({"next_number": 1})
        db.session.commit()
        db.session.remove()
    people = [threading.Thread(target=take) for _number in range(4)]
    for one in people:
        one.start()
    for one in people:
        one.join()

    assert sorted(taken) == [f"2026-{number:05}" for number in range(1, 21)]


def test_what_moves_money_counts_from_a_month(north: World) -> None:
    save({"purchase_mode": PurchaseMode.FEE_SEPARATE, "billed_cost_providers": ["aws"]}, from_month=NOVEMBER)

    assert options.options_in(OCTOBER)["purchase_mode"] is PurchaseMode.AMORTISED
    assert options.options_in(OCTOBER)["billed_cost_providers"] == []
    assert options.options_in(NOVEMBER)["purchase_mode"] is PurchaseMode.FEE_SEPARATE
    assert options.options_in(NOVEMBER)["billed_cost_providers"] == ["aws"]


def test_a_month_on_issued_statements_keeps_its_options_and_paper_does_not(north: World) -> None:
    customer = Lockable(Subject.CUSTOMER, north.north.customer.id)
    lock_month(OCTOBER, [customer], cause="1", now=datetime(2026, 11, 3, tzinfo=UTC))

    save({"notes": "Thank you", "includes_marketplace": True})
    with pytest.raises(Invalid, match="is on issued statements"):
        save({"includes_marketplace": False}, from_month=OCTOBER)
    assert options.options_at_issue()["notes"] == "Thank you"


def test_the_form_saves_everything_it_shows(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)

    answer = client.post(
        URL,
        {
            "purchase_mode": "fee_in_statement",
            "includes_marketplace": "",
            "credits_lower_tax_base": "y",
            "billed_cost_providers": ["aws"],
            "counts_from": "always",
            "payment_term": "after_month",
            "payment_days": "10",
            "number_format": "N-{number:4}",
            "next_number": "12",
            "notes": "Bank: DE00",
            "groups_by_account": "",
            "shows_custom_fields": "y",
            "page_size": "Letter",
            "version": "0",
        },
    )

    assert answer.status_code == 302
    page = client.get(URL).text
    assert "N-0012" in page
    assert "Bank: DE00" in page
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        issued = options.options_at_issue()
        assert (issued["payment_term"], issued["payment_days"]) == (PaymentTerm.AFTER_MONTH, 10)
        assert issued["groups_by_account"] is False
        assert options.options_in(OCTOBER)["includes_marketplace"] is False
        assert options.options_in(OCTOBER)["billed_cost_providers"] == ["aws"]
    assert "N-0012" not in client_for(world.south.owner).get(URL).text


def test_a_bad_format_is_refused_beside_its_field(world: World, client_for: Any) -> None:
    answer = client_for(world.north.ops).post(
        URL,
        {
            "purchase_mode": "amortised",
            "payment_term": "on_receipt",
            "payment_days": "0",
            "counts_from": "always",
            "number_format": "{year}",
            "next_number": "1",
            "page_size": "A4",
            "version": "0",
        },
    )

    assert answer.status_code == 422
    assert 'id="number_format-err"' in answer.text


def test_custom_fields_stay_inside_until_the_reseller_decides_otherwise(north: World) -> None:
    assert options.options_at_issue()["shows_custom_fields"] is False
    assert options.make_options().shows_custom_fields is False
