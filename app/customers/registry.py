"""Where the slices above announce what they show of a customer, so that ``customers`` need not know them.

Sections of the workspace, notices above them, cells of the readiness strip, columns of the customer list, conditions
that put a customer under "needs attention", other tasks and figures on Home, what a customer has of a provider, what
keeps a customer from going, and what happens to their rows when it is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import url_for
from sqlalchemy import ColumnElement, Integer, ScalarSelect, bindparam, or_

from app.audit.places import Place, add_place
from app.customers.models import Customer

if TYPE_CHECKING:
    from app.providers.models import Provider


#: The customer whose page is open: subqueries announced here name it, and whoever runs them says its id.
THIS_CUSTOMER = bindparam("this_customer", type_=Integer)


@dataclass(frozen=True, slots=True)
class Section:
    """An area of the customer workspace. ``right`` is (verb, subject); ``count`` counts for ``THIS_CUSTOMER``.

    ``records`` are the kinds of the change log's entries that lead here.
    """

    key: str
    label: object
    icon: str
    endpoint: str
    right: tuple[str, str]
    position: int
    in_billing_folder: bool = False
    count: ScalarSelect[Any] | None = None
    records: tuple[str, ...] = ()

    def address(self, entry: Any) -> str | None:
        """Return where an entry of the change log leads, None where it belongs to no customer that is left."""
        is_gone = entry.record_type == "customer" and entry.action == "deleted"
        if entry.customer_id is None or is_gone:
            return None
        return url_for(self.endpoint, customer_id=entry.customer_id)


@dataclass(frozen=True, slots=True)
class Readiness:
    """A cell of the strip: one of the three decisions. ``tone``: success, warning or info.

    ``cost``: what leaving it open came to in the last month with usage, in a sentence.
    """

    tone: str
    title: object
    text: object
    action: object = None
    endpoint: str | None = None
    cost: object = None

    @property
    def is_warning(self) -> bool:
        return self.tone == "warning"


@dataclass(frozen=True, slots=True, eq=False)
class ListColumn:
    """A column of the customer list. ``load`` gets the page's customers and returns id -> cell text or Markup.

    ``is_default``: shown unless other columns are chosen. ``sort``: the key by which the list can be sorted. ``style``:
    classes of its cells. ``reads``: the attributes of ``Customer`` it needs. ``plain``: its cells for a file, where
    they are not the texts of the screen.
    """

    key: str
    label: object
    load: Callable[[Sequence[Customer]], dict[int, Any]]
    position: int
    is_number: bool = False
    is_default: bool = True
    sort: str = ""
    style: str = ""
    reads: tuple[Any, ...] = ()
    plain: Callable[[Sequence[Customer]], dict[int, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """A reason why customers need attention. ``condition`` is SQL over ``Customer``; ``sentence`` takes the count."""

    key: str
    tone: str
    icon: str
    condition: Callable[[], ColumnElement[bool] | None]
    sentence: Callable[[int], object]
    consequence: object
    action: object


@dataclass(frozen=True, slots=True)
class Notice:
    """A message above the sections of one customer. ``url`` is empty where the person may not open it.

    ``is_decision``: it decides whether the customer stays, so that archiving and deleting are not offered beside it.
    """

    tone: str
    title: object
    text: object
    action: object = None
    url: str = ""
    is_decision: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Something on Home that waits for somebody and is no state of a customer."""

    tone: str
    icon: str
    title: object
    text: object
    action: object
    url: str


SECTIONS: dict[str, Section] = {}
NOTICES: dict[str, tuple[ScalarSelect[Any], Callable[[Customer, int], Notice | None]]] = {}
ERRANDS: dict[str, tuple[ScalarSelect[Any], Callable[[Any], None]]] = {}
TASKS: dict[str, Callable[[], Task | None]] = {}
KEEPERS: dict[str, Callable[[Sequence[Customer]], None]] = {}
ARCHIVE_KEEPERS: dict[str, Callable[[Sequence[Customer]], None]] = {}
READINESS: dict[str, tuple[int, Callable[[Customer], Readiness]]] = {}
OMISSION_COSTS: dict[str, Callable[[Customer], str]] = {}
MONEY: dict[str, Callable[[], Sequence[dict[str, Any]]]] = {}
ATTENTION_COSTS: dict[str, Callable[[], tuple[str, object] | None]] = {}
LIST_COLUMNS: dict[str, ListColumn] = {}
ATTENTION: dict[str, Attention] = {}
HISTORY: dict[str, ScalarSelect[Any]] = {}
BELONGINGS: dict[str, type[Any]] = {}
FAREWELLS: dict[str, Callable[[Customer], None]] = {}
FIGURES: dict[str, Callable[[], dict[str, Any]]] = {}
PROVIDER_USES: dict[str, Callable[[Customer, Provider], str]] = {}


def add_section(section: Section) -> None:
    """Announce a workspace section."""
    SECTIONS[section.key] = section
    for record_type in section.records:
        add_place(record_type, section.right, Place(section.address, Customer, "customer_id"))


def add_readiness(key: str, position: int, check: Callable[[Customer], Readiness]) -> None:
    """Announce a readiness check."""
    READINESS[key] = (position, check)


def add_omission_cost(key: str, cost: Callable[[Customer], str]) -> None:
    """Announce what leaving a decision of the strip open costs: a sentence, "" while nothing is known of it."""
    OMISSION_COSTS[key] = cost


def add_notice(
    key: str, first: ScalarSelect[Any], notice_of: Callable[[Customer, int], Notice | None]
) -> None:
    """Announce a notice. ``first`` finds a row's id for ``THIS_CUSTOMER``; with one, ``notice_of`` says what of it."""
    NOTICES[key] = (first, notice_of)


def add_errand(key: str, asked: ScalarSelect[Any], deliver: Callable[[Any], None]) -> None:
    """Announce what the frame around every page of a customer wants to know: they ask it with their own counters."""
    ERRANDS[key] = (asked, deliver)


def add_task(key: str, task: Callable[[], Task | None]) -> None:
    """Announce a task on Home: None while there is nothing to do, or for somebody who may not do it."""
    TASKS[key] = task


def add_keeper(key: str, check: Callable[[Sequence[Customer]], None]) -> None:
    """Announce what keeps customers from being archived or deleted: ``check`` raises ``WrongState``, in words."""
    KEEPERS[key] = check


def add_archive_keeper(key: str, check: Callable[[Sequence[Customer]], None]) -> None:
    """Announce what keeps customers from being archived, because restoring would make them more than they were."""
    ARCHIVE_KEEPERS[key] = check


def check_may_go(customers: Sequence[Customer]) -> None:
    """Raise ``WrongState`` when one of the customers is not to be archived or deleted now."""
    for check in KEEPERS.values():
        check(customers)


def check_may_be_archived(customers: Sequence[Customer]) -> None:
    """Raise ``WrongState`` when one of the customers is not to be archived now."""
    check_may_go(customers)
    for check in ARCHIVE_KEEPERS.values():
        check(customers)


def add_list_column(list_column: ListColumn) -> None:
    """Announce a column of the customer list."""
    LIST_COLUMNS[list_column.key] = list_column


def add_attention(attention: Attention) -> None:
    """Announce a reason for attention."""
    ATTENTION[attention.key] = attention


def add_history(key: str, first: ScalarSelect[Any]) -> None:
    """Announce what must outlive a customer: with any of it, the customer is archived, never deleted.

    ``first`` finds one such row's id of ``THIS_CUSTOMER``.
    """
    HISTORY[key] = first


def has_history(*, besides: str = "") -> ColumnElement[bool]:
    """Return the condition: has anything happened, ``besides`` of one kind, that must outlive ``THIS_CUSTOMER``?"""
    return or_(*(first.is_not(None) for key, first in HISTORY.items() if key != besides))


def add_belongings(model: type[Any]) -> None:
    """Announce rows that are mere settings of a customer and go when it is deleted."""
    BELONGINGS[model.__tablename__] = model


def add_farewell(key: str, forget: Callable[[Customer], None]) -> None:
    """Announce what else is forgotten of a customer that is deleted; called while its rows are still there."""
    FAREWELLS[key] = forget


def add_figure(key: str, figure: Callable[[], dict[str, Any]]) -> None:
    """Announce a figure on Home: a callable that returns label, value and, where there is one, note and address."""
    FIGURES[key] = figure


def add_money(key: str, figures: Callable[[], Sequence[dict[str, Any]]]) -> None:
    """Announce figures of money on Home, above the counts; each as ``add_figure`` has it, while there are any."""
    MONEY[key] = figures


def add_attention_cost(key: str, cost: Callable[[], tuple[str, object] | None]) -> None:
    """Announce what a reason for attention costs: an amount and what it is, None while nothing is known of it."""
    ATTENTION_COSTS[key] = cost


def add_provider_use(key: str, count_words: Callable[[Customer, Provider], str]) -> None:
    """Announce what a customer has of a provider beside its authorisation, in words such as ``2 accounts``, or none."""
    PROVIDER_USES[key] = count_words


def provider_uses(customer: Customer, provider: Provider) -> list[str]:
    """Return what stays linked when the customer is no longer authorised for the provider."""
    return [words for count_words in PROVIDER_USES.values() if (words := count_words(customer, provider))]


def ordered_sections() -> list[Section]:
    """Return the sections in tree order."""
    return sorted(SECTIONS.values(), key=lambda section: section.position)


def readiness_of(customer: Customer) -> list[Readiness]:
    """Return the strip's cells for one customer, what is left open with what it costs."""
    found = []
    for key, (_position, check) in sorted(READINESS.items(), key=lambda one: one[1][0]):
        cell = check(customer)
        if cell.tone != "success" and key in OMISSION_COSTS:
            cell = replace(cell, cost=OMISSION_COSTS[key](customer))
        found.append(cell)
    return found


def ordered_columns() -> list[ListColumn]:
    """Return the announced list columns in order."""
    return sorted(LIST_COLUMNS.values(), key=lambda one: one.position)
