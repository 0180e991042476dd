"""Who saved a record while somebody had a form of it open, and what of it differs from that form.

A customer's people do not read the change log. Of a record of their own they are told what concerns their form: its
fields, and which colleague it was; the reseller's people go by the reseller's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import wtforms
from flask_appbuilder.security.sqla.models import User
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select

from app.audit.log import HIDDEN, as_text
from app.audit.models import AuditEntry
from app.audit.words import field_word, value_word
from app.extensions import db
from app.shell.conflicts import Conflict, Difference
from app.shell.context import current_reseller
from app.shell.fields import AmountField, ExactField, OpenedForm
from app.shell.formats import amount_text, date_text, time_text
from app.tenancy.scope import ScopeKind, current_scope, system_scope

MOST_ENTRIES, LONGEST_TEXT = 100, 200
NOTHING = "–"


def conflict_of(form: Any, row: Any) -> Conflict | None:
    """Return who saved ``row`` since ``form`` was opened, and the fields of it that differ; None where nobody did."""
    opened_at = form.opened_moment if isinstance(form, OpenedForm) else None
    if row is None or opened_at is None:
        return None
    over = form.over(row)  # before the entries are read: it stands for nothing that they do not tell
    if current_scope().kind is ScopeKind.CUSTOMER:
        with system_scope("a customer is told what was saved of the fields of its own form"):
            saves = _saves_since(row, opened_at, form)
        entries = [entry for entry in saves if any(_field_name(form, name) in form for name in entry.changes)]
    else:
        entries = list(_saves_since(row, opened_at, form))
    if not entries:
        return None
    own = [entry for entry in entries if entry.record_type == row.__audit_name__]
    parts = [entry for entry in entries if entry.record_type != row.__audit_name__]
    differences = [
        found
        for name, (before, after) in _net_changes(own).items()
        if before != after and (found := _difference(form, row.__audit_name__, name, after))
    ]
    return Conflict(_sentence(entries[-1]), differences + [_part(entry) for entry in parts], over)


def _saves_since(row: Any, moment: datetime.datetime, form: OpenedForm) -> Sequence[AuditEntry]:
    """Return the changes of ``row`` and of its parts in ``form`` since ``moment``, oldest first."""
    whose = and_(AuditEntry.record_type == row.__audit_name__, AuditEntry.record_id == row.id)
    if form.audit_parts:
        is_part = AuditEntry.record_type.in_(form.audit_parts)
        owner = getattr(row, form.audit_owner, row.id)
        whose = or_(whose, and_(getattr(AuditEntry, form.audit_owner) == owner, is_part))
    query = (
        select(AuditEntry)
        .where(whose, AuditEntry.at >= moment)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST_ENTRIES)
    )
    return [entry for entry in reversed(db.session.scalars(query).all()) if entry.changes]


def _net_changes(entries: Sequence[AuditEntry]) -> dict[str, tuple[str | None, str | None]]:
    """Return field -> (before the first change, after the last one)."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for entry in entries:
        for name, (before, after) in entry.changes.items():
            is_secret = HIDDEN in (before, after)
            found[name] = (None if is_secret else found.get(name, (before, None))[0], after)
    return found


def _sentence(last: AuditEntry) -> str:
    time = time_text(last.at)
    if last.actor_id is not None and last.actor_id == current_scope().actor.user_id:
        return _("You saved this record at %(time)s from another window. Nothing was overwritten.", time=time)
    return _(
        "%(name)s saved this record at %(time)s, while you were editing it. Nothing was overwritten.",
        name=_name_of(last),
        time=time,
    )


def _name_of(entry: AuditEntry) -> str:
    """Return who it was, as the reader may know it."""
    if current_scope().kind is not ScopeKind.CUSTOMER:
        return entry.actor_name
    reseller = current_reseller()
    is_colleague = entry.actor_id is not None and db.session.get(User, entry.actor_id) is not None
    return entry.actor_name if is_colleague or reseller is None else reseller.shown_name


def _field_name(form: OpenedForm, name: str) -> str:
    """Return which field of the form the change log's name means."""
    return form.audit_fields.get(name, name)


def _difference(form: OpenedForm, noun: str, name: str, saved: str | None) -> Difference | None:
    """Return how a changed field differs from what was entered, None where it does not."""
    field_name = _field_name(form, name)
    if field_name not in form:
        if current_scope().kind is ScopeKind.CUSTOMER:
            return None
        return Difference(field_word(noun, name), value_word(noun, name, saved) or NOTHING, NOTHING)
    field = form[field_name]
    label = str(field.label.text)
    if saved == HIDDEN:
        return Difference(label, value_word(noun, name, saved), value_word(noun, name, saved))
    empty = str(form.audit_empty.get(name, NOTHING))
    now = _shown(field, noun, name, saved) or empty
    entered = _shown(field, noun, name, as_text(_stored(form, field_name))) or empty
    return None if now == entered else Difference(label, now, entered)


def _stored(form: OpenedForm, name: str) -> Any:
    data = form.entered(name)
    return getattr(data, "filename", data)


def _shown(field: Any, noun: str, name: str, text: str | None) -> str:
    """Return a stored text as the field shows it: the chosen label, a number and a day in the reader's way."""
    if isinstance(field, wtforms.SelectField | wtforms.SelectMultipleField):
        labels = {str(value): str(label) for value, label in field.choices or ()}
        if isinstance(field, wtforms.SelectMultipleField):
            chosen = [part.strip() for part in (text or "").split(",") if part.strip()]
            return ", ".join(labels.get(one, one) for one in chosen)[:LONGEST_TEXT]
        return labels.get(text or "", text or "")
    try:
        if text and isinstance(field, AmountField):
            number = Decimal(text.partition(" ")[0])  # the currency stands beside the field
            return amount_text(number, is_exact=True)
        if text and isinstance(field, ExactField):
            return str(format_decimal(Decimal(text), format="#,##0.######"))
        if text and isinstance(field, wtforms.DateField):
            return date_text(datetime.date.fromisoformat(text))
    except (InvalidOperation, ValueError):
        pass  # from before the field had this type
    return value_word(noun, name, text)[:LONGEST_TEXT]


def _part(entry: AuditEntry) -> Difference:
    """Return a row that was added (+) or removed (−) with the record."""
    name, (before, after) = next(iter(entry.changes.items()))
    return Difference(field_word(entry.record_type, name), f"+ {after}" if after else f"− {before}", NOTHING)
