"""Column types that mean the same on SQLite and on PostgreSQL: exact numbers, UTC moments, closed word lists."""

import enum
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.kernel.clock import as_utc

# A signed 64-bit integer, which is what SQLite stores, holds every number of 18 digits.
_SQLITE_DIGITS = 18


class _SumsOnly(TypeDecorator.Comparator[Decimal]):
    """Comparison, order, SUM, plus and minus are exact on every engine; a product of scaled integers is not."""

    def operate(self, op: operators.OperatorType, *other: Any, **kwargs: Any) -> Any:
        if op in (operators.mul, operators.truediv, operators.floordiv, operators.mod):
            raise TypeError("Multiply and divide exact amounts in Python, not in SQL")
        return super().operate(op, *other, **kwargs)

    def reverse_operate(self, op: operators.OperatorType, other: Any, **kwargs: Any) -> Any:
        if op in (operators.mul, operators.truediv, operators.floordiv, operators.mod):
            raise TypeError("Multiply and divide exact amounts in Python, not in SQL")
        return super().reverse_operate(op, other, **kwargs)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number that comes back exactly as it went in.

    NUMERIC on PostgreSQL, a scaled integer on SQLite (whose own NUMERIC goes through a binary fraction). Takes
    Decimal and int; refuses floats, numbers with more than `scale` decimals and numbers out of range.
    """

    impl = sa.Numeric
    cache_ok = True
    comparator_factory = _SumsOnly

    def __init__(self, precision: int, scale: int) -> None:
        if not 0 <= scale <= precision <= _SQLITE_DIGITS:
            raise ValueError(
                f"An exact decimal has at most {_SQLITE_DIGITS} digits, of which {scale} decimals"
            )
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale
        self._unit = Decimal(1).scaleb(-scale)
        self._limit = Decimal(10) ** (precision - scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric(self.precision, self.scale, asdecimal=True))

    def checked(self, value: object) -> Decimal:
        """`value` as a Decimal of this column's scale, or ValueError / TypeError saying what is wrong."""
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise TypeError(f"An exact decimal takes Decimal or int, not {type(value).__name__}")
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError("An exact decimal must be finite")
        if abs(number) >= self._limit:
            raise ValueError(f"{number} has more than {self.precision - self.scale} digits before the point")
        quantized = number.quantize(self._unit)
        if quantized != number:
            raise ValueError(f"{number} has more than {self.scale} decimals")
        return quantized

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        number = self.checked(value)
        return int(number.scaleb(self.scale)) if dialect.name == "sqlite" else number

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return "NULL" if value is None else str(self.process_bind_param(value, dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return Decimal(value).scaleb(-self.scale)
        return Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out; refuses a naive datetime."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = as_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class MonthDate(TypeDecorator[date]):
    """A month, as the date of its first day; refuses any other day."""

    impl = sa.Date
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> date | None:
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date) or value.day != 1:
            raise ValueError(f"A month is the date of its first day, not {value!r}")
        return value


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def StrEnumType(choices: type[enum.Enum], *, name: str | None = None, length: int = 40) -> sa.Enum:  # noqa: N802
    """A closed list of words as VARCHAR with a named CHECK; Python sees the enum's members.

    The column stores the members' values. `name` ends up in the CHECK's name and has to differ where one table
    uses the same enum twice.
    """
    longest = max(len(str(member.value)) for member in choices)
    if longest > length:
        raise ValueError(f"{choices.__name__} needs {longest} characters")
    return sa.Enum(
        choices,
        name=name or _snake_case(choices.__name__),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=length,
        values_callable=lambda members: [str(member.value) for member in members],
    )


def render_for_migration(kind: str, item: Any, _context: Any) -> str | bool:
    """Alembic's `render_item`: plain SQLAlchemy types, so that migrations import nothing of the product."""
    if kind != "type":
        return False
    if isinstance(item, ExactDecimal):
        return f"sa.Numeric({item.precision}, {item.scale}).with_variant(sa.BigInteger(), 'sqlite')"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True).with_variant(sa.DateTime(), 'sqlite')"
    if isinstance(item, MonthDate):
        return "sa.Date()"
    if isinstance(item, sa.Enum) and not item.native_enum:
        words = ", ".join(repr(word) for word in item.enums)
        return f"sa.Enum({words}, name={item.name!r}, native_enum=False, create_constraint=True, length={item.length})"
    return False
