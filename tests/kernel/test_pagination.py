"""Pages of a list: right slices, and a clear refusal of nonsense in the address."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
)
from werkzeug.exceptions import BadRequest

from app.kernel.pagination import PageRequest, list_page, paginate


class Base(DeclarativeBase):
    pass


class Leaf(Base):
    __tablename__ = "leaves"
    id: Mapped[int] = mapped_column(primary_key=True)
    twig_id: Mapped[int] = mapped_column(sa.ForeignKey("twigs.id"))


class Twig(Base):
    __tablename__ = "twigs"
    id: Mapped[int] = mapped_column(primary_key=True)
    leaves: Mapped[list[Leaf]] = relationship()


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Twig(id=number) for number in range(1, 61)])
        session.flush()
        session.add_all([Leaf(twig_id=1), Leaf(twig_id=1)])
        session.commit()
        yield session
    engine.dispose()


TWIGS = sa.select(Twig).order_by(Twig.id)


def test_pages_cover_the_list(session: Session) -> None:
    pages = [paginate(session, TWIGS, PageRequest(number)) for number in (1, 2, 3)]

    assert [twig.id for page in pages for twig in page] == list(range(1, 61))
    assert [(page.number, len(page), page.total) for page in pages] == [(1, 25, 60), (2, 25, 60), (3, 10, 60)]


def test_page_behind_the_end_becomes_the_last_one(session: Session) -> None:
    page = paginate(session, TWIGS, PageRequest(99))

    assert (page.number, page.items[0].id, page.items[-1].id) == (3, 51, 60)


def test_empty_list_is_one_empty_page(session: Session) -> None:
    page = paginate(session, TWIGS.where(Twig.id < 0), PageRequest(4))

    assert (page.number, page.total, list(page)) == (1, 0, [])


def test_count_ignores_how_related_objects_are_loaded(session: Session) -> None:
    page = paginate(session, TWIGS.options(selectinload(Twig.leaves)), PageRequest())

    assert page.total == 60
    assert len(page.items[0].leaves) == 2


def test_statement_whose_rows_are_not_its_objects_needs_its_own_count(session: Session) -> None:
    distinct = sa.select(Twig).join(Leaf).distinct().order_by(Twig.id)

    with pytest.raises(ValueError, match="own count"):
        paginate(session, distinct, PageRequest())
    count = sa.select(sa.func.count(sa.distinct(Leaf.twig_id)))
    assert paginate(session, distinct, PageRequest(), count=count).total == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, PageRequest(1, 25)),
        ({"page": "", "per_page": ""}, PageRequest(1, 25)),
        ({"page": "3", "per_page": "200"}, PageRequest(4, 200)),
    ],
)
def test_query_string_is_read(arguments: dict[str, str], expected: PageRequest) -> None:
    assert list_page(arguments) == expected


@pytest.mark.parametrize(
    "text", ["abc", "-1", "1.5", "1e3", "²", "٣", "9" * 40, "1000001", " 1", "1\n", "\0"]
)
def test_nonsense_page_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        list_page({"page": text})

    assert "page number" in str(caught.value.description)


@pytest.mark.parametrize("text", ["26", "1000", "x", "-25", "٢٥", "9" * 10])
def test_size_that_is_not_offered_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        list_page({"per_page": text})

    assert "25, 50, 100, 200" in str(caught.value.description)
