"""What a search finds, what it must not find, and that it reads an index instead of the table."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select, text

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import refresh_search
from app.customers import queries, services
from app.customers.models import Customer
from app.customers.queries import CustomerFilter
from app.extensions import db
from app.kernel.folding import fold
from app.providers.models import Provider
from app.tenancy.scope import reseller_scope, system_scope

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def north(flask_app: Any, world: Any) -> Iterator[Any]:
    """The northern reseller's scope."""
    with flask_app.app_context(), reseller_scope(world.north.id):
        yield world.north


def make(organization: str, **more: Any) -> Customer:
    values = {
        "organization": organization,
        "contact_name": "A. Nonymous",
        "email": "a@b.example",
        "country": "DE",
    }
    customer = services.create_customer(values | more, now=NOW)
    db.session.commit()
    return customer


def found(term: str) -> list[str]:
    wanted = CustomerFilter(text=term)
    found = queries.page_of_customers(wanted, page=0, size=100)
    rows = [one.organization for one in found.customers]
    assert queries.count_customers(wanted) == found.total == len(rows)
    return rows


@pytest.mark.parametrize(
    ("name", "term"),
    [
        pytest.param("Alpha Fährmann Logistik", "hrma", id="in the middle of a word"),
        pytest.param("Alpha Fährmann Logistik", "nn log", id="across two words"),
        pytest.param("Zürich Bau", "zurich", id="accent left out"),
        pytest.param("Zurich Bau", "ZÜRICH", id="accent and capitals too many"),
        pytest.param("ZÜRICH BAU", "zürich", id="small letters"),
        pytest.param("Zu\u0308rich Bau", "z\u00fcrich", id="decomposed"),
        pytest.param("\ufb01nanz AG", "finanz", id="ligature in the name"),
        pytest.param("finanz AG", "\ufb01nanz", id="ligature in the term"),
        pytest.param("Ｗｉｄｅ Media", "wide", id="full width"),
        pytest.param("Straße & Söhne", "STRASSE", id="sharp s"),
        pytest.param("Salt AND Pepper OR NOT", "and pepper or not", id="operators of the index"),
        pytest.param('The "Quoted" Company', '"quoted"', id="double quotes"),
        pytest.param("O'Brien & Sons", "o'brien", id="single quote"),
        pytest.param("Star * Dust", "r * d", id="asterisk"),
        pytest.param("Bindestrich-Werke", "h-w", id="hyphen"),
        pytest.param("Hundred 100% Cotton", "100%", id="percent sign"),
        pytest.param("snake_case labs", "ke_ca", id="underscore"),
        pytest.param("Back\\Slash Inc", "k\\s", id="backslash"),
        pytest.param("col:on (brackets) ^caret", "l:on (b", id="column syntax"),
        pytest.param("Party 🎉🎊🎈 Events", "🎉🎊🎈", id="emoji"),
        pytest.param("Party 🎉 Events", "y 🎉 e", id="emoji among letters"),
        pytest.param("東京電力株式会社", "京電力", id="three Chinese characters"),
        pytest.param("東京電力株式会社", "電力株式", id="four Chinese characters"),
        pytest.param("東京電力株式会社", "東京", id="two, from the beginning"),
        pytest.param("東京電力株式会社", "東", id="one, from the beginning"),
        pytest.param("Überlingen See", "ü", id="one letter"),
        pytest.param("Überlingen See", "UB", id="two letters"),
    ],
)
def test_a_name_is_found(north: Any, name: str, term: str) -> None:
    make(name)

    assert name in found(term)


@pytest.mark.parametrize(
    "term",
    ["%", "%%%", "___", "*", "***", '"', '"""', "AND", "NEAR(a b)", "-x-", "\\\\\\", "'); --", "\x00abc"],
)
def test_signs_of_query_languages_are_only_signs(north: Any, term: str) -> None:
    make("Plain Company")

    assert found(term) == []


@pytest.mark.parametrize("term", ["ox in", "ab", "lain c\nomp"])
def test_a_term_that_no_field_holds_finds_nothing(north: Any, term: str) -> None:
    make("Plain Company", contact_name="Red Fox", email="inbox@plain.example")

    assert found(term) == []


def test_a_term_does_not_match_across_two_fields(north: Any) -> None:
    customer = make("Endswith Foo", contact_name="Barbara Begins")
    words = db.session.scalars(select(Customer.search_own).where(Customer.id == customer.id)).one()

    assert "foo\nbarbara" in words
    assert found("foo barbara") == []
    assert found("foobar") == []
    assert found("oo\nba") == []


def test_email_number_external_id_and_contact_are_found(north: Any) -> None:
    customer = make(
        "Many Ways", email="Rechnung@Wege.Example", external_id="ERP-4711", contact_name="Chloé Martin"
    )

    for term in (
        "rechnung@wege",
        "@WEGE.ex",
        "erp-4711",
        "4711",
        "chloe mar",
        f"C-{customer.number}",
        f"c-{customer.number}",
    ):
        assert "Many Ways" in found(term), term


def test_a_number_of_one_or_two_digits_is_found(north: Any) -> None:
    customer = make("Low Number")
    customer.number = 42
    db.session.commit()

    assert "Low Number" in found("42")


def test_cloud_accounts_are_found_by_id_and_name(north: Any) -> None:
    customer = make("With Account")
    aws = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
    account = CloudAccount(
        customer_id=customer.id, provider=aws, account_id="918273645546", name="Prüf-Umgebung", created_at=NOW
    )
    db.session.add(account)
    db.session.flush()
    refresh_search(customer)
    db.session.commit()

    assert found("8273645") == ["With Account"]
    assert found("9182-7364-5546") == found("9182 7364 55") == ["With Account"]  # as AWS groups it
    assert found("pruf-um") == ["With Account"]
    assert found("546 prüf") == []

    db.session.delete(account)
    db.session.flush()
    refresh_search(customer)
    db.session.commit()

    assert found("8273645") == []


def test_a_renamed_customer_is_found_by_the_new_name_only(north: Any) -> None:
    customer = make("Formerly Known")
    values = {name: getattr(customer, name) for name in services.INFORMATION_FIELDS}
    services.update_customer(
        customer, values | {"organization": "Nowadays"}, version=customer.version, now=NOW
    )
    db.session.commit()

    assert found("formerly") == []
    assert found("fo") == []
    assert found("nowaday") == ["Nowadays"]


def test_a_deleted_customer_leaves_the_index(north: Any) -> None:
    customer = make("Shortlived Venture")
    db.session.delete(customer)
    db.session.commit()

    assert found("shortlived") == []
    with system_scope("the test looks into the index"):
        if db.engine.dialect.name == "sqlite":
            held = db.session.execute(
                text("SELECT count(*) FROM customers_fts WHERE body LIKE '%shortlived%'")
            )
            assert held.scalar_one() == 0


def test_another_resellers_customers_are_never_found(north: Any, world: Any) -> None:
    with reseller_scope(world.south.id):
        make("Secret Southern Star", email="very@secret.example")

    assert found("southern") == []
    assert found("se") == []
    assert found(world.south.name[:5]) == []
    with reseller_scope(world.south.id):
        assert found("southern") == ["Secret Southern Star"]


def _many(side: Any, how_many: int) -> None:
    """Add customers past the services: an index is worth reading only where there is something to skip."""
    rows = []
    for number in range(how_many):
        name = f"{('Logistik', 'Energie', 'Foods', 'Bau')[number % 4]} {side.nickname} {number * 7919 % 100_003:06d}"
        rows.append(
            Customer(
                reseller_id=side.id,
                number=50_000 + number,
                organization=name,
                organization_key=fold(name),
                contact_name="A",
                email="a@b.example",
                country="DE",
                created_at=NOW,
                updated_at=NOW,
                custom_values={},
                search_own=fold(name),
                search_accounts="",
            )
        )
    db.session.bulk_save_objects(rows)


def _plans(wanted: CustomerFilter) -> list[str]:
    """Return how the database answers the statements of a search, a text per statement."""
    held: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        held.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        queries.count_customers(wanted)
        queries.page_of_customers(wanted, page=0, size=25)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    connection = db.session().trusted_connection()
    return [
        "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
        for statement, parameters in held
        if "FROM customers" in statement
    ]


@pytest.fixture
def crowd(north: Any, world: Any) -> None:
    """2,000 customers here and 1,000 there."""
    with system_scope("the test fills both resellers"):
        _many(world.north, 2000)
        _many(world.south, 1000)
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE customers"))
            db.session.commit()


def test_three_characters_and_more_read_the_trigrams(crowd: None) -> None:
    for term in ("0079", "north 07", "07919"):
        plans = _plans(CustomerFilter(text=term))

        assert len(plans) == 2
        for plan in plans:
            if db.engine.dialect.name == "sqlite":
                assert "customers_fts VIRTUAL TABLE" in plan
                assert "SEARCH customers USING INTEGER PRIMARY KEY (rowid=?)" in plan
            else:
                assert "Bitmap Index Scan on ix_customers_trigrams" in plan
                assert "Seq Scan on customers" not in plan


def test_one_or_two_characters_read_a_range_of_the_index(crowd: None) -> None:
    for term in ("l", "lo", "電"):
        for plan in _plans(CustomerFilter(text=term)):
            assert "SCAN customers" not in plan
            assert "Seq Scan on customers" not in plan
            if db.engine.dialect.name == "sqlite":
                assert "organization_key>? AND organization_key<?" in plan


def test_the_index_itself_is_keyed_by_reseller(crowd: None, world: Any) -> None:
    """The other reseller's names are not even read: the index names only the own customers for a word both have."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("on PostgreSQL the trigrams themselves carry the reseller")
    wanted = CustomerFilter(text="logistik")
    condition = queries._conditions(wanted)[0]
    compiled = condition.compile(dialect=db.engine.dialect)
    (match,) = [value for value in compiled.params.values() if isinstance(value, str)]
    with system_scope("the test looks into the index"):
        ids = db.session.scalars(
            text("SELECT rowid FROM customers_fts WHERE customers_fts MATCH :match"), {"match": match}
        ).all()
        owners = set(db.session.scalars(select(Customer.reseller_id).where(Customer.id.in_(ids))))

    assert len(ids) == 500
    assert owners == {world.north.id}


@pytest.mark.parametrize("term", ["logistik", "lo"])
def test_a_page_past_the_end_is_the_last_one(crowd: None, term: str) -> None:
    wanted = CustomerFilter(text=term)
    total = queries.count_customers(wanted)

    last = queries.page_of_customers(wanted, page=total // 25 + 7, size=25)

    assert total > 100
    assert (last.total, last.number) == (total, (total - 1) // 25)
    assert len(last.customers) == total - last.number * 25
