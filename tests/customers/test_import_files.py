"""What a file of customers may hold: rows, values, and files as programs write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.custom_fields.models import FieldType
from app.custom_fields.values import BadValue
from app.customers import imports, services
from app.customers.import_cells import country_code
from app.customers.import_models import CustomerImport
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.csv_safe import UTF8_BOM
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import reseller_scope
from tests.customers.uploads import GOOD, HEAD, PAGE, add_field, apply, checked, customers, text_of, upload


@pytest.fixture
def ops(client_for: Any, world: Any) -> Any:
    return client_for(world.north.ops)


# -- rows ---------------------------------------------------------------------------------------------------------

BAD_ROWS = {
    "no name": (",Ann,ann@a.example,DE", "organization", "Enter a value"),
    "no letters": ("\u200b,Ann,ann@a.example,DE", "organization", "letters or digits"),
    "long": (f"{'x' * 201},Ann,ann@a.example,DE", "organization", "at most 200 characters; these are 201"),
    "tab": ("A\tB,Ann,ann@a.example,DE", "organization", "control characters"),
    "override": ("A\u202eB,Ann,ann@a.example,DE", "organization", "control characters"),
    "line break": ('"A\nB",Ann,ann@a.example,DE', "organization", "line breaks"),
    "email": ("Acme,Ann,ann-at-acme,DE", "email", "name@example.com"),
    "country": ("Acme,Ann,ann@a.example,Atlantis", "country", "two-letter code such as DE"),
    "no country": ("Acme,Ann,ann@a.example,", "country", "Enter a value"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_an_error_names_line_column_and_what_to_do(ops: Any, case: str) -> None:
    row, column, words = BAD_ROWS[case]

    page = text_of(ops.get(checked(ops, f"{GOOD}{row}\n")))

    assert re.search(rf" 4 {column} .*{re.escape(words)}", page), page


def test_same_organization_twice_in_the_file_and_in_the_database(world: Any, ops: Any) -> None:
    known = world.north.customer.name
    content = f"{GOOD}ÁCME,Ann,a@a.example,DE\n{known.upper()},Ann,b@b.example,DE\n"

    page = text_of(ops.get(checked(ops, content)))

    assert "Line 2 has the same organization" in page
    assert f"{known} is a customer already" in page


def test_organizations_of_another_reseller_do_not_matter(flask_app: Any, world: Any, ops: Any) -> None:
    name = world.south.customer.name

    answer = apply(ops, checked(ops, f"{HEAD}\n{name},Ann,a@a.example,DE\n"))

    assert answer.status_code == 302
    assert name in customers(flask_app, world.north.id)


def test_all_errors_are_counted_the_first_shown_and_all_downloaded(ops: Any) -> None:
    rows = "".join(f"Firm {n},Ann,nobody,DE\n" for n in range(350))

    report = checked(ops, f"{HEAD}\n{rows}")

    page = text_of(ops.get(report))
    assert "The first 200 of 350 are shown here" in page
    lines = ops.get(f"{report}errors.csv").text.splitlines()
    assert len(lines) == 351
    assert lines[-1].startswith("351,email,nobody,")


def test_the_error_download_is_safe_from_formulas(ops: Any) -> None:
    report = checked(ops, f"{HEAD}\nFirm,Ann,=HYPERLINK(1),DE\n")

    assert "'=HYPERLINK(1)" in ops.get(f"{report}errors.csv").text


def test_markup_in_a_cell_stays_text(ops: Any) -> None:
    report = checked(
        ops, f"{HEAD},<b>x</b>\n<script>alert(1)</script>,Ann,nobody,DE,1\n<i>fine</i>,A,a@a.example,DE,2\n"
    )

    page = ops.get(report).text
    assert "<script>alert(1)" not in page
    assert "<i>fine" not in page
    assert "<b>x</b>" not in page


# -- values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("DE", "DE"),
        ("Germany", "DE"),
        ("DEUTSCHLAND", "DE"),
        ("osterreich", "AT"),
        ("USA", "US"),
        ("UK", "GB"),
    ],
)
def test_countries_by_code_and_by_name(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["EU", "XX", "Germoney", "D"])
def test_unknown_countries_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        country_code(text)


def test_every_standard_column_arrives(flask_app: Any, world: Any, ops: Any) -> None:
    names = services.INFORMATION_FIELDS
    cells = [
        "Full Set",
        "K-1",
        "Ann",
        "CFO",
        "Ann@Full.Example",
        "+49 40 1",
        "Kai 1",
        "Hamburg",
        "HH",
        "20457",
    ]
    content = f"{','.join(names)}\n{','.join([*cells, 'Deutschland', 'Deutsch', '1500.50'])}\n"

    apply(ops, checked(ops, content))

    with flask_app.app_context(), reseller_scope(world.north.id):
        row = db.session.scalars(select(Customer).where(Customer.organization == "Full Set")).one()
        stored = [getattr(row, name) for name in names]
    assert stored == [*cells[:4], "ann@full.example", *cells[5:], "DE", "de", Decimal("1500.50")]


@pytest.mark.parametrize("amount", ["-1", "1.234,50", "12.345", "many", "NaN", "1e5"])
def test_amounts_that_are_none(ops: Any, amount: str) -> None:
    content = f'{HEAD},spend_threshold_amount\nAcme,Ann,a@a.example,DE,"{amount}"\n'

    assert "Enter an amount of at least 0" in text_of(ops.get(checked(ops, content)))


CUSTOM = {
    "number": (FieldType.NUMBER, {}, "-12,5", "-12.5", "twelve", "Enter a number"),
    "date": (FieldType.DATE, {}, "31.12.2026", "2026-12-31", "2026-02-30", "Enter a date"),
    "yes_no": (FieldType.YES_NO, {}, "Ja", "yes", "perhaps", "Enter yes or no"),
    "choice": (
        FieldType.CHOICE,
        {"choices": ["Gold", "Silver"]},
        "gold",
        "Gold",
        "Tin",
        "Enter one of: Gold, Silver",
    ),
    "text": (FieldType.TEXT, {}, "K 17", "K 17", "x" * 501, "at most 500 characters"),
}


@pytest.mark.parametrize("case", CUSTOM)
def test_custom_fields_are_checked_by_their_type(flask_app: Any, world: Any, ops: Any, case: str) -> None:
    kind, more, good, stored, bad, words = CUSTOM[case]
    add_field(flask_app, world.north.id, "extra", kind, **more)

    refused = text_of(ops.get(checked(ops, f'{HEAD},Extra\nAcme,Ann,a@a.example,DE,"{bad}"\n')))
    answer = apply(ops, checked(ops, f'{HEAD},Extra\nAcme,Ann,a@a.example,DE,"{good}"\n'))

    assert words in refused
    assert answer.status_code == 302
    assert customers(flask_app, world.north.id)["Acme"].custom_values == {"extra": stored}


def test_a_required_custom_field_is_needed_where_its_column_is(flask_app: Any, world: Any, ops: Any) -> None:
    add_field(flask_app, world.north.id, "cost_centre", FieldType.TEXT, is_required=True)

    refused = text_of(ops.get(checked(ops, f"{HEAD},cost_centre\nAcme,Ann,a@a.example,DE,\n")))
    answer = apply(ops, checked(ops, GOOD))

    assert "this custom field is required" in refused
    assert answer.status_code == 302


def test_a_custom_field_named_like_a_standard_column_has_its_own(
    flask_app: Any, world: Any, ops: Any
) -> None:
    add_field(flask_app, world.north.id, "city", FieldType.TEXT)

    apply(ops, checked(ops, f"{HEAD},city,cf_city\nAcme,Ann,a@a.example,DE,Bonn,Cologne\n"))

    assert customers(flask_app, world.north.id)["Acme"].custom_values == {"city": "Cologne"}


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(",", ";"),
        UTF8_BOM + GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        "EMAIL,Contact Name,ORGANIZATION,country\na@a.example,Ann,Acme,DE\nb@b.example,Bob,Bolt,FR\n",
        GOOD + ",,,\n\n",
    ],
    ids=["semicolon", "byte order mark", "windows lines", "titles in other case and order", "blank lines"],
)
def test_files_as_spreadsheets_write_them(flask_app: Any, world: Any, ops: Any, content: Any) -> None:
    answer = apply(ops, checked(ops, content))

    assert answer.status_code == 302
    assert {"Acme", "Bolt"} <= set(customers(flask_app, world.north.id))


def test_unknown_columns_are_ignored_and_named(ops: Any) -> None:
    page = text_of(ops.get(checked(ops, f"{HEAD},shoe size\nAcme,Ann,a@a.example,DE,44\n")))

    assert "Ignored" in page
    assert "shoe size" in page


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty"),
    "only titles": (HEAD.encode(), "no rows"),
    "missing column": (b"organization,email\nAcme,a@a.example\n", "no column contact_name, country"),
    "doubled column": (
        f"{HEAD},Email\nA,B,c@d.example,DE,x\n".encode(),
        "The columns email and Email mean the same",
    ),
    "same title twice": (f"{HEAD},email\nA,B,c@d.example,DE,x\n".encode(), "appears twice"),
    "latin-1": (f"{GOOD}Käse,Ann,a@k.example,DE\n".encode("latin-1"), "Line 4 is not UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), "UTF-16"),
    "spreadsheet": (b"PK\x03\x04" + b"\0" * 60, "spreadsheet file, not CSV"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8"),
    "too few cells": (f"{GOOD}Acme,Ann\n".encode(), "Line 4 has 2 columns"),
    "open quote": (f'{GOOD}"Acme,Ann,a@a.example,DE\n'.encode(), "Line 4"),
    "nul": (f"{HEAD}\nA\0cme,Ann,a@a.example,DE\n".encode(), "NUL"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_files_that_are_no_customer_table(flask_app: Any, world: Any, ops: Any, case: str) -> None:
    content, words = BAD_FILES[case]

    answer = upload(ops, content)

    assert answer.status_code == 422
    assert words in text_of(answer)
    with flask_app.app_context(), reseller_scope(world.north.id):
        assert db.session.scalar(select(func.count(CustomerImport.id))) == 0


def test_no_file_at_all(ops: Any) -> None:
    answer = ops.post(PAGE, {}, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "Choose a CSV file" in text_of(answer)


def test_too_many_rows_and_too_many_bytes(ops: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 1)
    many = upload(ops, GOOD)
    monkeypatch.setattr(imports, "LARGEST_FILE", 20)
    large = upload(ops, GOOD)

    assert (many.status_code, large.status_code) == (422, 422)
    assert "more than 1 rows" in text_of(many)
    assert "larger than" in text_of(large)


def test_a_file_name_cannot_leave_its_folder_or_grow(ops: Any) -> None:
    answer = upload(ops, GOOD, "..\\..\\" + "x" * 400 + "\t.csv")

    assert answer.status_code == 302
    page = ops.get(answer.location).text
    assert "..\\" not in page
    assert "x" * 201 not in page


def test_the_template_has_every_column_and_can_be_used(flask_app: Any, world: Any, ops: Any) -> None:
    add_field(flask_app, world.north.id, "segment", FieldType.TEXT)

    template = ops.get(f"{PAGE}template.csv")

    titles = template.data.removeprefix(UTF8_BOM).decode().strip().split(",")
    assert titles[: len(services.INFORMATION_FIELDS)] == list(services.INFORMATION_FIELDS)
    assert "segment" in titles
    assert upload(ops, template.data).status_code == 422
    assert not any(name in template.text for name in ("southcanary",))


def test_files_that_nobody_applied_are_forgotten_after_a_week(flask_app: Any, world: Any, ops: Any) -> None:
    checked(ops, GOOD)
    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        old = db.session.scalars(select(CustomerImport)).one()
        old.created_at = utc_now() - imports.KEPT_FOR * 2

    checked(ops, GOOD)

    with flask_app.app_context(), reseller_scope(world.north.id):
        assert db.session.scalar(select(func.count(CustomerImport.id))) == 1


LONG = "\ufdfa" * 200


def test_a_name_too_long_to_compare_is_said_on_its_line(ops: Any) -> None:
    page = ops.get(checked(ops, f"{HEAD}\n{LONG},Ann,ann@acme.example,DE\n")).text
    assert "Use a shorter name." in page
