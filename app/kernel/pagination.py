"""One page of a longer list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _
from sqlalchemy import Executable, Select, func
from sqlalchemy.orm import Session, scoped_session
from werkzeug.exceptions import BadRequest

T = TypeVar("T")

SIZES = (25, 50, 100, 200)


@dataclass(frozen=True)
class PageRequest:
    """Which page is wanted: counted from 1, and one of the offered sizes."""

    number: int = 1
    size: int = SIZES[0]

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Page(Generic[T]):
    """The items of one page, and where it lies in the whole list."""

    number: int
    size: int
    total: int
    items: Sequence[T]

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def list_page(arguments: Mapping[str, str]) -> PageRequest:
    """The page that a list's address asks for, counted from 0 (`?page=0&per_page=25`); BadRequest for nonsense."""
    text = arguments.get("page", "")
    if text and not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadRequest(_("The page number in the address (%(key)s) must be a whole number", key="page"))
    return PageRequest(int(text or 0) + 1, _size(arguments.get("per_page", "")))


def page_of(rows: Sequence[T], wanted: PageRequest) -> Page[T]:
    """The wanted page of rows that are here already; a page behind the end becomes the last one."""
    number = min(wanted.number, max(1, -(-len(rows) // wanted.size)))
    start = (number - 1) * wanted.size
    return Page(number, wanted.size, len(rows), rows[start : start + wanted.size])


def _size(text: str) -> int:
    if not text:
        return SIZES[0]
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) not in SIZES:
        raise BadRequest(
            _(
                "The number of rows in the address (%(key)s) must be one of %(sizes)s",
                key="per_page",
                sizes=", ".join(map(str, SIZES)),
            )
        )
    return int(text)


def paginate(
    session: Session | scoped_session[Any],
    statement: Select[Any],
    wanted: PageRequest,
    *,
    count: Executable | None = None,
) -> Page[Any]:
    """The wanted page of `statement`'s first column; a page behind the end becomes the last one.

    `statement` must have a total order. `count` counts its rows: needed where the statement groups or is distinct,
    and useful where a cheaper count is known.
    """
    counting = _count_of(statement) if count is None else count
    items = session.scalars(statement.limit(wanted.size).offset(wanted.offset)).unique().all()
    if 0 < len(items) < wanted.size or (not items and wanted.number == 1):
        # The list ends on this page: nothing has to be counted.
        return Page(wanted.number, wanted.size, wanted.offset + len(items), items)
    total = session.execute(counting).scalar_one()
    number = min(wanted.number, max(1, -(-total // wanted.size)))
    if number != wanted.number:
        items = (
            session.scalars(statement.limit(wanted.size).offset((number - 1) * wanted.size)).unique().all()
        )
    return Page(number=number, size=wanted.size, total=total, items=items)


def _count_of(statement: Select[Any]) -> Executable:
    """How many rows `statement` has. Its entity stays visible in it, so that row-level rules apply to the count too."""
    if statement._group_by_clauses or statement._distinct:
        raise ValueError("A statement that groups or is distinct needs its own count")
    counting = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    # How related objects are loaded does not concern a count.
    counting._with_options = ()
    return counting
