"""Saving the rules of a book: all rows as one change, from a month on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.audit.log import record
from app.errors import EditConflict, NotVisible
from app.extensions import db
from app.months.locks import check_open, first_open_month, hold_months
from app.pricebooks.changes import Plan, plan_changes
from app.pricebooks.log import told_rules
from app.pricebooks.models import Pricebook, PriceRule
from app.pricebooks.queries import months_of, rules_of
from app.pricebooks.rating import rule_of
from app.pricebooks.rows import CELLS, InvalidRules, RuleRow, filled, read_rows


def find_book(book_id: int) -> Pricebook:
    """Return the book with this id; raises ``NotVisible`` when the scope in force does not see it."""
    found: Pricebook | None = db.session.get(Pricebook, book_id) if 0 < book_id < 2**31 else None
    if found is None:
        raise NotVisible
    return found


def shown_rules(book: Pricebook) -> tuple[Sequence[PriceRule], Sequence[PriceRule]]:
    """Return the rules that a grid shows, and those that ended in locked months and can no longer change."""
    rules, first = rules_of(book), first_open_month(months_of(book))
    open_ = [one for one in rules if first is None or one.last_month is None or one.last_month >= first]
    ids = {one.id for one in open_}
    return open_, [one for one in rules if one.id not in ids]


def try_rules(book: Pricebook, rows: Sequence[RuleRow], *, from_month: datetime.date | None) -> Plan:
    """Return what saving these rows would do. Raises ``InvalidRules`` with all that is wrong, cell by cell.

    A row whose rule is none of the book's any more is a new one: it was typed over what somebody else removed.
    """
    shown, hidden = shown_rules(book)
    old = sorted((rule_of(one) for one in [*shown, *hidden]), key=lambda one: (one.position, one.id))
    known = {one.id for one in shown}
    rows = [row if row.id in known else replace(row, id=None) for row in rows]
    read = read_rows(filled(rows))
    if read.problems:
        raise InvalidRules(read.problems)
    plan = plan_changes(old, read, from_month, frozenset(one.id for one in hidden))
    if plan.problems:
        raise InvalidRules(plan.problems)
    return plan


def save_rules(
    book: Pricebook,
    rows: Sequence[RuleRow],
    *,
    from_month: datetime.date | None,
    version: int,
    now: datetime.datetime,
) -> Plan:
    """Make the rows of a grid the rules of a book, from a month on (None: in all months).

    Raises ``EditConflict`` for a grid that was opened in another version, ``Invalid`` where the month is on an issued
    statement, ``InvalidRules`` for cells that cannot be used. Whoever saves a book waits for whoever does so before.
    """
    _hold_book(book)  # before the months, in the order of those who change its details
    if book.version != version:
        raise EditConflict
    hold_months()
    check_open(months_of(book), from_month)
    plan = try_rules(book, rows, from_month=from_month)
    if plan.is_empty:
        return plan
    before = len(rules_of(book))
    _carry_out(book, plan)
    book.updated_at = now
    db.session.flush()
    counts = (before, before + len(plan.added) - len(plan.deleted))
    changes = told_rules([(one.before, one.after) for one in plan.changes], counts)
    if plan.moved:
        changes["rule_order"] = [None, str(plan.moved)]
    record("changed", book, changes=changes)
    return plan


def _hold_book(book: Pricebook) -> None:
    """Lock the book's row until the commit and read it as it is now; raises ``NotVisible`` when it is gone."""
    query = (
        select(Pricebook)
        .where(Pricebook.id == book.id)
        .with_for_update(of=Pricebook, key_share=True)
        .execution_options(populate_existing=True)
    )
    if db.session.scalars(query).one_or_none() is None:
        raise NotVisible


def _carry_out(book: Pricebook, plan: Plan) -> None:
    rows = {row.id: row for row in rules_of(book)}
    added = [
        PriceRule(
            reseller_id=book.reseller_id,
            pricebook_id=book.id,
            **{name: getattr(rule, name) for name in CELLS},
        )
        for rule in plan.added
    ]
    for key, rule in plan.updated.items():
        for name in CELLS:
            if getattr(rows[key], name) != getattr(rule, name):
                setattr(rows[key], name, getattr(rule, name))
    if plan.deleted:
        db.session.execute(delete(PriceRule).where(PriceRule.id.in_(plan.deleted)))
    for position, (kind, key) in enumerate(plan.order, start=1):
        row = rows[key] if kind == "kept" else added[key]
        if row.position != position:
            row.position = position
    db.session.add_all(added)
    db.session.flush()


def saved_text(plan: Plan) -> str:
    """Say what was saved: how many rules were added, changed and removed."""
    if plan.is_empty:
        return _("Nothing was changed.")
    words = {
        "added": _("%(n)s added", n=plan.counts["added"]),
        "changed": _("%(n)s changed", n=plan.counts["changed"]),
        "removed": _("%(n)s removed", n=plan.counts["removed"]),
    }
    parts = [text for key, text in words.items() if plan.counts[key]]
    if plan.moved:
        parts.append(_("%(n)s moved", n=plan.moved))
    return _("Rules were saved: %(what)s.", what=", ".join(parts))
