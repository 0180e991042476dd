"""The exported customer list: the list's filter and order, every field, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers import lifecycle, services
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.csv_safe import UTF8_BOM
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import reseller_scope, system_scope

LATE = datetime.datetime(2026, 11, 30, 23, 30, tzinfo=datetime.UTC)  # already December in Berlin


@pytest.fixture
def sales(client_for: Any, world: Any) -> Any:
    return client_for(world.north.sales)


def download(client: Any, url: str) -> Any:
    """GET ``url`` and read the whole answer, as browsers do: a half-read stream would keep its request open."""
    return client.get(url, buffered=True)


def table(client: Any, arguments: str = "") -> list[dict[str, str]]:
    answer = download(client, f"/customers/export.csv{arguments}")
    assert answer.status_code == 200
    assert answer.data.startswith(UTF8_BOM)
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def sheet(client: Any, arguments: str = "") -> list[dict[str, Any]]:
    answer = download(client, f"/customers/export.xlsx{arguments}")
    assert answer.status_code == 200
    rows = openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    header = next(rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def add_customer(app: Any, reseller_id: int, organization: str, **more: Any) -> int:
    values = {"organization": organization, "contact_name": "Ann", "email": "ann@a.example", "country": "DE"}
    custom = more.pop("custom", {})
    with app.app_context(), reseller_scope(reseller_id), unit_of_work(db.session):
        customer = services.create_customer(values | more, now=LATE)
        customer.custom_values = custom
        db.session.flush()
        return customer.id


def add_field(app: Any, reseller_id: int, name: str, kind: FieldType, **more: Any) -> None:
    with app.app_context(), reseller_scope(reseller_id), unit_of_work(db.session):
        db.session.add(
            CustomFieldDefinition(
                name=name, label=name, type=kind, target=FieldTarget.CUSTOMER, choices=[], **more
            )
        )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("ops", 200), ("sales", 200), ("customer_user", 403)]
)
def test_the_console_exports_and_customers_do_not(
    client_for: Any, world: Any, role: str, status: int, kind: str
) -> None:
    answer = download(client_for(getattr(world.north, role)), f"/customers/export.{kind}")

    assert answer.status_code == status
    assert client_for().get(f"/customers/export.{kind}").status_code == 302


def test_nothing_of_another_reseller_is_in_it(world: Any, sales: Any) -> None:
    text = download(sales, "/customers/export.csv").text
    cells = [str(cell) for row in sheet(sales) for cell in (*row, *row.values())]

    assert world.north.customer.name in text
    assert "southcanary" not in text
    assert not any("southcanary" in cell for cell in cells)


def test_every_field_has_its_column(flask_app: Any, world: Any, sales: Any) -> None:
    row = next(row for row in table(sales) if row["organization"] == world.north.customer.name)

    assert list(row)[: len(services.INFORMATION_FIELDS) + 4] == [
        "number",
        *services.INFORMATION_FIELDS,
        "spend_threshold_currency",
        "status",
        "added_on",
    ]
    assert row["number"].startswith("C-")
    assert row["status"] == "active"
    assert row["added_on"] == "2026-11-01"
    assert row["field_northcanary"] == "value customer northcanary"
    assert "Book northcanary" in row["pricebooks"]
    assert row["providers"]


def test_a_provider_without_pricebook_says_master(flask_app: Any, world: Any, sales: Any) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        customer = db.session.get(Customer, world.north.customer.id)
        customer.enablements[0].pricebook = None

    row = next(row for row in table(sales) if row["organization"] == world.north.customer.name)

    assert row["pricebooks"] == f"{row['providers']}: Master"


def test_days_are_those_of_the_reseller(flask_app: Any, world: Any, sales: Any, client_for: Any) -> None:
    add_customer(flask_app, world.north.id, "Late Ltd")

    row = next(row for row in sheet(sales) if row["organization"] == "Late Ltd")

    assert row["added_on"] == datetime.datetime(2026, 12, 1)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert "1 Dec 2026" in sales.get("/customers/list/?q=Late").text
    with frozen_at(LATE):
        answer = client_for(world.north.sales).get("/customers/export.csv?q=Late")
    assert "customers-2026-12-01.csv" in answer.headers["Content-Disposition"]


def test_filter_and_order_are_those_of_the_list(flask_app: Any, world: Any, sales: Any) -> None:
    for name in ("Zebra", "Zephyr", "Aardvark"):
        add_customer(flask_app, world.north.id, name)
    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        zephyr = db.session.scalars(select(Customer).where(Customer.organization == "Zephyr")).one()
        lifecycle.archive_customer(zephyr, now=LATE)

    assert [row["organization"] for row in table(sales, "?q=ze")] == ["Zebra"]
    assert [row["organization"] for row in table(sales, "?status=archived")] == ["Zephyr"]
    assert next(row["organization"] for row in table(sales)) == "Aardvark"
    assert next(row["organization"] for row in table(sales, "?sort=organization&dir=desc")) == "Zebra"
    assert next(row["organization"] for row in sheet(sales, "?sort=number&dir=desc")) == "Aardvark"
    assert len(table(sales, "?per_page=25&page=7")) == len(table(sales))


@pytest.mark.parametrize(
    "arguments", ["?status=gone", "?sort=password", "?dir=up", "?per_page=3", "?page=abc"]
)
def test_arguments_that_no_list_has(sales: Any, arguments: str) -> None:
    assert sales.get(f"/customers/export.csv{arguments}").status_code == 400
    assert sales.get(f"/customers/export.xlsx{arguments}").status_code == 400


def test_formulas_stay_text_and_negative_numbers_stay_numbers(flask_app: Any, world: Any, sales: Any) -> None:
    add_field(flask_app, world.north.id, "balance", FieldType.NUMBER)
    add_field(flask_app, world.north.id, "since", FieldType.DATE)
    add_customer(
        flask_app,
        world.north.id,
        "=cmd|' /C calc'!A0",
        contact_name="@SUM(1)",
        phone="+49 40 1",
        street="-2+3",
        custom={"balance": "-12.50", "since": "2026-01-31"},
    )

    row = table(sales, "?sort=number&dir=desc")[0]
    cell = sheet(sales, "?sort=number&dir=desc")[0]

    assert row["organization"] == "'=cmd|' /C calc'!A0"
    assert (row["contact_name"], row["phone"], row["street"]) == ("'@SUM(1)", "'+49 40 1", "'-2+3")
    assert (row["balance"], row["since"]) == ("-12.50", "2026-01-31")
    assert cell["organization"] == "=cmd|' /C calc'!A0"
    assert (cell["balance"], cell["since"].date()) == (-12.5, datetime.date(2026, 1, 31))


def test_formulas_are_no_formulas_in_the_sheet(flask_app: Any, world: Any, sales: Any) -> None:
    add_customer(flask_app, world.north.id, "=1+1")

    data = download(sales, "/customers/export.xlsx?sort=number&dir=desc").data
    found = openpyxl.load_workbook(io.BytesIO(data)).active["B2"]

    assert (found.value, found.data_type) == ("=1+1", "s")


def test_values_that_no_longer_fit_their_type_are_kept(flask_app: Any, world: Any, sales: Any) -> None:
    add_field(flask_app, world.north.id, "seats", FieldType.NUMBER)
    add_customer(flask_app, world.north.id, "Old Value", custom={"seats": "a dozen"})

    row = next(row for row in sheet(sales) if row["organization"] == "Old Value")

    assert row["seats"] == "a dozen"


def test_retired_fields_come_along_while_they_hold_values(flask_app: Any, world: Any, sales: Any) -> None:
    add_field(flask_app, world.north.id, "held", FieldType.TEXT, is_retired=True)
    add_field(flask_app, world.north.id, "never_used", FieldType.TEXT, is_retired=True)
    add_customer(flask_app, world.north.id, "Keeper", custom={"held": "17"})

    rows = table(sales)

    assert next(row for row in rows if row["organization"] == "Keeper")["held"] == "17"
    assert "never_used" not in rows[0]
    assert "held" not in table(sales, f"?q={world.north.customer.name[:8]}")[0]


def test_the_change_log_says_who_took_how_many(flask_app: Any, world: Any, sales: Any) -> None:
    count = len(table(sales, "?status=active"))
    sheet(sales)

    with flask_app.app_context(), system_scope("tests look"):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.id)
        ).all()
        told = [(one.actor_id, one.reseller_id, one.changes) for one in entries]
        names = [one.record_name for one in entries]
        assert {one.record_type for one in entries} == {"customer_export"}
    assert told == [
        (
            world.north.sales.id,
            world.north.id,
            {"row_count": [None, str(count)], "filter": [None, "status: active"]},
        ),
        (world.north.sales.id, world.north.id, {"row_count": [None, str(count)]}),
    ]
    assert [name.rpartition(".")[2] for name in names] == ["csv", "xlsx"]


def test_an_exported_file_can_be_imported_elsewhere(
    flask_app: Any, world: Any, sales: Any, client_for: Any
) -> None:
    add_customer(flask_app, world.north.id, "=Rätsel; GmbH", phone="+49 40 1", custom={})
    content = download(sales, "/customers/export.csv?sort=number&dir=desc").data
    owner = client_for(world.south.owner)

    answer = owner.post(
        "/customers/import/", {"file": (io.BytesIO(content), "north.csv")}, content_type="multipart/form-data"
    )
    done = owner.post(f"{answer.location}apply/")

    assert done.status_code == 302
    with flask_app.app_context(), reseller_scope(world.south.id):
        copy = db.session.scalars(select(Customer).where(Customer.organization == "=Rätsel; GmbH")).one()
        assert copy.phone == "+49 40 1"


def test_a_long_list_takes_few_statements(flask_app: Any, world: Any, sales: Any) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        for number in range(60):
            values = {
                "organization": f"Firm {number}",
                "contact_name": "A",
                "email": "a@a.example",
                "country": "DE",
            }
            services.create_customer(values, now=LATE)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert len(table(sales)) == 62
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([one for one in statements if "FROM customers" in one]) <= 3
    assert len(statements) < 25


def test_these_columns_are_those_of_the_list_and_all_fields_stay_the_default(
    flask_app: Any, world: Any, sales: Any
) -> None:
    add_field(flask_app, world.north.id, "seats", FieldType.NUMBER)
    add_customer(flask_app, world.north.id, "Acme <b>", city="=1+1", custom={"seats": "12.5"})
    chosen = "columns=organization&columns=cf_seats&columns=city&columns=support_plan&columns=added"

    rows = table(sales, f"?q=acme&{chosen}&fields=shown")
    usual = table(sales, "?fields=shown&sort=organization&dir=desc")
    everything = table(sales, f"?q=acme&{chosen}")

    assert rows == [
        {
            "Account number": "C-1003",
            "Organization": "Acme <b>",
            "Contact name": "Ann",
            "Support plan": "",
            "Added": "2026-12-01",
            "City": "'=1+1",
            "seats": "12.5",
        }
    ]
    assert list(usual[0]) == [
        "Account number",
        "Organization",
        "Contact name",
        "Status",
        "Providers",
        "Support plan",
        "Accounts",
        "Email",
        "Added",
    ]
    assert [one["Organization"] for one in usual] == [
        world.north.other_customer.name,
        world.north.customer.name,
        "Acme <b>",
    ]
    assert (usual[0]["Status"], usual[0]["Providers"], usual[0]["Accounts"]) == (
        "Active",
        "Amazon Web Services",
        "1",
    )
    assert list(everything[0])[:2] == ["number", "organization"]
    assert sheet(sales, f"?q=acme&{chosen}&fields=shown")[0]["Added"].date() == datetime.date(2026, 12, 1)
    assert sales.get("/customers/export.csv?fields=some").status_code == 400
    assert "southcanary" not in download(sales, "/customers/export.csv?fields=shown").text


def test_these_columns_say_so_in_the_readers_language(sales: Any) -> None:
    sales.post("/language/", {"locale": "de"})

    assert "Organisation" in table(sales, "?fields=shown")[0]
