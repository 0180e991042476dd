"""Transactions on SQLite: writers wait for each other, and nothing is half saved."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from app.kernel.database import is_about_to_write, write_intent
from app.kernel.unit_of_work import unit_of_work


class Base(DeclarativeBase):
    pass


class Counter(Base):
    __tablename__ = "counters"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'kernel.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Counter(id=1))
        session.commit()
    yield engine
    engine.dispose()


def test_connections_are_prepared_for_safe_concurrent_use(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 20_000, "synchronous": 1}


def test_block_that_ends_well_is_saved(engine: sa.Engine) -> None:
    with Session(engine) as session, unit_of_work(session):
        session.get_one(Counter, 1).value = 7

    with Session(engine) as session:
        assert session.get_one(Counter, 1).value == 7


def test_block_that_raises_saves_nothing(engine: sa.Engine) -> None:
    with Session(engine) as session:
        with pytest.raises(ZeroDivisionError), unit_of_work(session):
            session.get_one(Counter, 1).value = 7
            session.flush()
            raise ZeroDivisionError

        assert session.get_one(Counter, 1).value == 0


def test_units_of_work_do_not_nest(engine: sa.Engine) -> None:
    with (
        Session(engine) as session,
        pytest.raises(RuntimeError, match="already open"),
        unit_of_work(session),
        unit_of_work(session),
    ):
        pass

    with Session(engine) as session, unit_of_work(session):
        session.get_one(Counter, 1).value = 1


def test_scoped_session_is_accepted(engine: sa.Engine) -> None:
    registry = scoped_session(sessionmaker(engine))

    with unit_of_work(registry) as session:
        session.get_one(Counter, 1).value = 3

    assert registry.get_one(Counter, 1).value == 3
    registry.remove()


def test_earlier_reads_are_renewed_before_writing(engine: sa.Engine) -> None:
    with Session(engine) as session:
        mine = session.get_one(Counter, 1)
        with Session(engine) as other, unit_of_work(other):
            other.get_one(Counter, 1).value = 41
        assert session.scalar(sa.select(Counter.value)) == 0, (
            "the snapshot is old until the unit of work begins"
        )
        mine.note = "kept"

        with unit_of_work(session):
            value = session.scalar(sa.select(Counter.value)) or 0
            session.get_one(Counter, 1).value = value + 1

    with Session(engine) as session:
        counter = session.get_one(Counter, 1)
        assert (counter.value, counter.note) == (42, "kept")


def test_clean_objects_loaded_earlier_show_what_others_wrote(engine: sa.Engine) -> None:
    with Session(engine) as session:
        mine = session.get_one(Counter, 1)
        with Session(engine) as other, unit_of_work(other):
            other.get_one(Counter, 1).value = 41

        with unit_of_work(session):
            assert mine.value == 41


def test_what_was_saved_can_be_named_without_asking_again(engine: sa.Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        with unit_of_work(session):
            mine = session.get_one(Counter, 1)
            mine.value = 7

        assert mine.value == 7
        assert not session.in_transaction()


@pytest.mark.parametrize("note", ["", "kept"])
def test_a_second_unit_of_work_sees_what_others_wrote_after_the_first(engine: sa.Engine, note: str) -> None:
    with Session(engine, expire_on_commit=False) as session:
        with unit_of_work(session):
            mine, another = session.get_one(Counter, 1), Counter(id=2)
            session.add(another)
        with Session(engine) as other, unit_of_work(other):
            other.get_one(Counter, 1).value = 41
        if note:  # a change before the block begins a transaction of its own
            another.note = note

        with unit_of_work(session):
            assert mine.value == 41
            assert another.note == note


def test_what_was_flushed_before_the_block_is_not_committed_by_its_beginning(engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.get_one(Counter, 1).value = 5
        session.flush()
        with pytest.raises(ZeroDivisionError), unit_of_work(session):
            raise ZeroDivisionError

    with Session(engine) as session:
        assert session.get_one(Counter, 1).value == 0


def _add_up(engine: sa.Engine, rounds: int, failures: list[BaseException], *, begin_by_reading: bool) -> None:
    for _ in range(rounds):
        try:
            with Session(engine) as session:
                if begin_by_reading:
                    session.scalar(sa.select(sa.func.count()).select_from(Counter))
                with unit_of_work(session):
                    counter = session.get_one(Counter, 1)
                    counter.value = counter.value + 1
        except BaseException as problem:
            failures.append(problem)


@pytest.mark.parametrize("begin_by_reading", [False, True], ids=["fresh session", "session has read before"])
def test_two_threads_that_read_then_write_wait_for_each_other(
    engine: sa.Engine, begin_by_reading: bool
) -> None:
    failures: list[BaseException] = []
    threads = [
        threading.Thread(
            target=_add_up, args=(engine, 40, failures), kwargs={"begin_by_reading": begin_by_reading}
        )
        for _ in range(2)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with Session(engine) as session:
        assert session.get_one(Counter, 1).value == 80


def test_without_a_unit_of_work_the_same_threads_would_fail(engine: sa.Engine) -> None:
    with Session(engine) as first, Session(engine) as second:
        first.get_one(Counter, 1).value += 1
        second.get_one(Counter, 1).value += 1
        first.commit()

        with pytest.raises(OperationalError, match="database is locked"):
            second.commit()


def test_write_intent_ends_with_its_block() -> None:
    assert not is_about_to_write()
    with write_intent():
        assert is_about_to_write()
    assert not is_about_to_write()


@pytest.mark.parametrize(
    ("method", "writes"), [("GET", False), ("HEAD", False), ("POST", True), ("DELETE", True)]
)
def test_changing_requests_write_from_the_start(method: str, writes: bool) -> None:
    with Flask(__name__).test_request_context("/", method=method):
        assert is_about_to_write() is writes


def test_foreign_keys_are_enforced(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parts (counter_id INTEGER REFERENCES counters (id))")

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO parts VALUES (99)")
