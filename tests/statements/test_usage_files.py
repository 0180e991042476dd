"""The usage of a statement as a file: it adds up to what is billed, and shows what is the customer's alone."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.errors import WrongState
from app.exchange_rates.services import add_rate
from app.extensions import db
from app.pricebooks.models import PriceRule
from app.settings.invoice_options import make_options
from app.statements.models import Statement
from app.statements.printing import read_paper
from app.statements.services.drafts import draft_statement
from app.statements.services.issuing import issue
from app.statements.services.settling import void
from app.statements.usage_files import usage_file
from tests.statements.world import NOW, OCTOBER, account_of, deliver, usage, worked_example, working
from tests.worlds import World

D = Decimal


def rows_of(statement: Statement) -> list[dict[str, str]]:
    with usage_file(statement, "csv") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode())))


def issued(customer: Any) -> Statement:
    draft = draft_statement(customer, OCTOBER, now=NOW)
    assert draft is not None
    return issue(draft, now=NOW)


def test_the_lines_add_up_to_the_statement(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        statement = issued(customer)

        rows = rows_of(statement)

        assert sum(D(one["BilledCost"]) for one in rows) == statement.total == D("1537.20")
        used = {one["ServiceName"]: one for one in rows if one["ChargeCategory"] == "Usage"}
        assert (used["EC2"]["BilledCost"], used["EC2"]["ListCost"]) == ("900", "1000")
        assert used["EC2"]["SubAccountId"] == account_of(customer).account_id
        assert {one["InvoiceId"] for one in rows} == {"2026-00001"}
        with usage_file(statement, "parquet") as file:
            assert file.read(4) == b"PAR1"


def test_costs_in_another_currency_are_exchanged_and_parts_of_a_cent_are_a_row_of_their_own(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        add_rate({"month": OCTOBER, "from_currency": "USD", "to_currency": "EUR", "rate": D("0.9137")})
        account = account_of(customer).account_id
        deliver([usage(account, "S3", "10.005", currency="USD"), usage(account, "EC2", "0.0333")])
        statement = draft_statement(customer, OCTOBER, now=NOW)
        assert statement is not None

        rows = rows_of(statement)

        assert {one["ServiceName"]: one["ListCost"] for one in rows}["S3"] == "9.1415685"
        assert "Rounding" in {one["ChargeDescription"] for one in rows}
        assert sum(D(one["BilledCost"]) for one in rows) == statement.total


def test_prices_that_changed_after_a_statement_was_taken_back_make_no_file(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        statement = issued(customer)
        void(statement, "Wrong price", now=NOW)
        db.session.execute(db.update(PriceRule).values(value=D(-20)))

        with pytest.raises(WrongState, match="priced by has changed"):
            usage_file(statement, "csv")


def test_custom_fields_are_words_on_paper_and_exact_in_the_file(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        customer.language = "de"
        for target, name, label, kind in (
            (FieldTarget.CUSTOMER, "until", "Contract until", FieldType.DATE),
            (FieldTarget.CUSTOMER, "framed", "Framework", FieldType.YES_NO),
            (FieldTarget.CLOUD_ACCOUNT, "order", "Purchase order", FieldType.TEXT),
        ):
            db.session.add(CustomFieldDefinition(target=target, name=name, label=label, type=kind))
        customer.custom_values = {"until": "2027-03-31", "framed": "yes"}
        account_of(customer).custom_values = {"order": "PO-7"}
        make_options().shows_custom_fields = True
        statement = issued(customer)

        paper, [row, *_] = read_paper(statement), rows_of(statement)

        assert dict(paper.header_fields) == {"Contract until": "31.03.2027", "Framework": "Ja"}
        assert paper.groups[0].accounts[0].fields == (("Purchase order", "PO-7"),)
        exact = {name: row[name] for name in row if name.startswith("x_")}
        assert exact == {"x_ContractUntil": "2027-03-31", "x_Framework": "yes", "x_PurchaseOrder": "PO-7"}


def test_a_customer_downloads_the_usage_of_its_own_statements(
    flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        number = issued(customer).id
    path = f"statements/{number}/document/focus-csv"
    portal = "/portal/north/"

    answer = client_for(world.north.customer_user).get(portal + path)

    assert answer.text.startswith("BilledCost,")
    assert "2026-00001-focus.csv" in answer.headers["Content-Disposition"]
    console = client_for(world.north.ops).get(f"/billing/{path}")
    assert console.text == answer.text
