"""Column types: exact in, exact out, and refusals instead of silent rounding."""

import enum
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel.types import ExactDecimal, StrEnumType, UtcDateTime, render_for_migration


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


metadata = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})
things = sa.Table(
    "things",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("amount", ExactDecimal(12, 4)),
    sa.Column("at", UtcDateTime()),
    sa.Column("colour", StrEnumType(Colour)),
)
SQLITE: Any = sqlite.dialect()
POSTGRESQL: Any = postgresql.dialect()


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def _stored(connection: sa.Connection, **values: object) -> Any:
    connection.execute(things.insert().values(**values))
    return connection.execute(sa.select(things)).one()


@pytest.mark.parametrize("text", ["0", "0.0001", "-0.0001", "99999999.9999", "-99999999.9999", "1.10", "7"])
def test_amount_comes_back_exactly(connection: sa.Connection, text: str) -> None:
    assert _stored(connection, amount=Decimal(text)).amount == Decimal(text)


def test_amount_is_a_scaled_integer_on_sqlite(connection: sa.Connection) -> None:
    connection.execute(things.insert().values(amount=Decimal("1.5")))

    assert connection.exec_driver_sql("SELECT amount, typeof(amount) FROM things").one() == (15000, "integer")


def test_sums_comparison_and_order_are_exact(connection: sa.Connection) -> None:
    connection.execute(things.insert(), [{"amount": Decimal("0.1")}] * 10 + [{"amount": Decimal("-0.0001")}])
    amount = things.c.amount

    assert connection.scalar(sa.select(sa.func.sum(amount))) == Decimal("0.9999")
    assert connection.scalar(sa.select(sa.func.count()).where(amount < Decimal("0.1"))) == 1
    assert connection.scalar(sa.select(amount).order_by(amount)) == Decimal("-0.0001")
    assert connection.scalar(sa.select(sa.func.sum(amount - Decimal("0.05")))) == Decimal("0.4499")
    assert (
        connection.scalar(sa.select(sa.func.count()).where(amount == sa.literal(Decimal("0.1"), amount.type)))
        == 10
    )


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0.1, TypeError),
        ("1.5", TypeError),
        (True, TypeError),
        (Decimal("0.00001"), ValueError),
        (Decimal("100000000"), ValueError),
        (Decimal("NaN"), ValueError),
        (Decimal("Infinity"), ValueError),
    ],
)
def test_what_is_not_exact_or_not_in_range_is_refused(value: object, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        ExactDecimal(12, 4).checked(value)


def test_products_in_sql_are_refused() -> None:
    for expression in (
        lambda: things.c.amount * 2,
        lambda: 2 * things.c.amount,
        lambda: things.c.amount / 2,
        lambda: 2 / things.c.amount,
    ):
        with pytest.raises(TypeError, match="in Python"):
            expression()


@pytest.mark.parametrize(("precision", "scale"), [(19, 2), (4, 5), (4, -1)])
def test_precision_must_fit_every_engine(precision: int, scale: int) -> None:
    with pytest.raises(ValueError, match="at most 18"):
        ExactDecimal(precision, scale)


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=6, allow_nan=False, allow_infinity=False))
def test_amounts_survive_both_engines(amount: Decimal) -> None:
    column = ExactDecimal(18, 6)

    for dialect in (SQLITE, POSTGRESQL):
        stored = column.process_bind_param(amount, dialect)
        assert column.process_result_value(stored, dialect) == amount


def test_nothing_stays_nothing(connection: sa.Connection) -> None:
    assert _stored(connection, amount=None, at=None, colour=None)[1:] == (None, None, None)


def test_moment_comes_back_as_utc(connection: sa.Connection) -> None:
    berlin = datetime(2026, 11, 22, 10, 18, 3, 250, tzinfo=timezone(timedelta(hours=1)))

    at = _stored(connection, at=berlin).at

    assert at == berlin
    assert at.tzinfo is UTC


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), SQLITE)  # noqa: DTZ001


def test_postgresql_gets_and_gives_aware_moments() -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    stored = UtcDateTime().process_bind_param(moment, POSTGRESQL)

    assert stored is not None
    assert stored.tzinfo is UTC
    assert UtcDateTime().process_result_value(moment, POSTGRESQL) == moment


def test_word_list_stores_values_and_reads_members(connection: sa.Connection) -> None:
    assert _stored(connection, colour=Colour.DARK_BLUE).colour is Colour.DARK_BLUE
    assert connection.exec_driver_sql("SELECT colour FROM things").scalar() == "dark-blue"


def test_unknown_word_is_refused_by_python_and_by_the_database(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.StatementError, match="green"):
        connection.execute(things.insert().values(colour="green"))
    with pytest.raises(sa.exc.IntegrityError, match="ck_things_colour"):
        connection.exec_driver_sql("INSERT INTO things (colour) VALUES ('green')")


def test_word_longer_than_its_column_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="9 characters"):
        StrEnumType(Colour, length=4)


def test_column_types_per_engine() -> None:
    def ddl(column: str, dialect: Any) -> str:
        return str(things.c[column].type.compile(dialect))

    assert (ddl("amount", SQLITE), ddl("amount", POSTGRESQL)) == ("BIGINT", "NUMERIC(12, 4)")
    assert (ddl("at", SQLITE), ddl("at", POSTGRESQL)) == ("DATETIME", "TIMESTAMP WITH TIME ZONE")
    assert ddl("colour", POSTGRESQL) == "VARCHAR(40)"


@pytest.mark.parametrize("column", ["amount", "at", "colour"])
def test_migrations_spell_the_same_types_without_the_product(column: str) -> None:
    original = things.c[column].type

    text = render_for_migration("type", original, None)

    assert isinstance(text, str)
    assert "app." not in text
    spelled = eval(text, {"sa": sa})  # noqa: S307 - text that this function wrote
    for dialect in (SQLITE, POSTGRESQL):
        assert spelled.compile(dialect) == original.compile(dialect)


def test_other_types_are_left_to_alembic() -> None:
    assert render_for_migration("type", sa.String(3), None) is False
    assert render_for_migration("server_default", ExactDecimal(5, 2), None) is False


def test_literals_in_ddl_are_scaled_too() -> None:
    query = sa.select(things.c.id).where(things.c.amount > Decimal("1.5"))

    assert "15000" in str(query.compile(dialect=SQLITE, compile_kwargs={"literal_binds": True}))
    assert "1.5000" in str(query.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True}))
