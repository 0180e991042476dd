"""What makes priced months old: every change that a price may depend on leaves a mark, in its own transaction.

A priced month is kept under the marks that there were when it was priced (``priced_months``), so whoever sees a change
sees its mark as well, and looks for another file. The list below is of what prices do *not* depend on: a table that
nobody thought of leaves marks, which costs time and never a wrong figure. What usage there is needs no marks: the
versions of its parts are in the name of the file themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import delete, event, func, insert, inspect, literal, select
from sqlalchemy.orm import ORMExecuteState, Session

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.reports.models import PriceMark
from app.tenancy.guard import GuardedSession
from app.tenancy.models import Reseller
from app.tenancy.scope import ScopeKind, current_scope, reseller_scope, system_scope

#: Tables of whose rows no price of usage depends.
UNPRICED = frozenset(
    {
        # read anew each time it is shown: currencies and their rates, names, fields, which months are closed
        "resellers", "exchange_rates", "custom_field_definitions", "provider_months", "usage_parts",
        # what a statement adds to prices
        "charge_plans", "charge_assignments", "global_adjustments",
        "credits", "credit_entries", "tax_rates", "tax_profiles", "customer_tax_rates",
        # what was made of prices
        "statements", "statement_lines", "statement_uses", "statement_parts", "statement_logos",
        "billing_runs", "billing_outcomes", "month_locks", "budgets", "budget_crossings", "price_marks",
        # work and words
        "jobs", "usage_imports", "customer_imports", "approval_requests", "audit_entries", "saved_views",
        "outgoing_mails", "email_templates", "email_texts", "terms_versions", "terms_acceptances",
        "storefront_settings", "former_nicknames",
        # people
        "ab_user", "ab_role", "ab_permission", "ab_view_menu", "ab_permission_view", "ab_register_user",
        "login_policies", "login_sessions", "recovery_codes", "earlier_passwords", "email_validations",
    }
)  # fmt: skip

#: Columns of other tables of which no price depends either. A new row of these tables changes no price: what leads to
#: it is a row of another table, which leaves a mark itself.
UNPRICED_COLUMNS: dict[str, frozenset[str]] = {
    "customers": frozenset(
        {
            "organization", "organization_key", "external_id", "contact_name", "contact_title", "email", "phone",
            "street", "city", "state", "postal_code", "country", "language", "spend_threshold_amount",
            "spend_threshold_currency", "status", "custom_values", "search_own", "search_accounts", "submission",
            "version", "updated_at",
        }
    ),
    "cloud_accounts": frozenset(
        {
            "customer_id", "name", "support_type", "root_email", "cost_centre", "role_arn", "external_id",
            "custom_values", "status", "archived_on", "archived_spans", "version", "updated_at",
        }
    ),
    "invoice_options": frozenset(
        {
            "payment_term", "payment_days", "number_format", "next_number", "notes", "groups_by_account",
            "shows_custom_fields", "page_size", "version",
        }
    ),
}  # fmt: skip
_NEW_ROWS_COUNT = frozenset({"invoice_options"})

#: Small enough for millions of marks to be added up in 64 bits.
_TOKENS = 2**40
#: A reseller that has more marks than this gets one instead of them.
_MOST = 500


def _token() -> int:
    return secrets.randbelow(_TOKENS)


def state_of_marks() -> dict[str, Any]:
    """Return subqueries that say which changes count for the reseller in scope: how many marks, and their sum."""
    count, total = func.count(PriceMark.id), func.coalesce(func.sum(PriceMark.token), 0)
    return {"marks": select(count).scalar_subquery(), "tokens": select(total).scalar_subquery()}


# -- leaving marks ---------------------------------------------------------------------------------------------------


@event.listens_for(Session, "after_flush")
def mark_changes(session: Session, _context: Any) -> None:
    """Leave a mark for every reseller whose prices this flush may have changed."""
    if not isinstance(session, GuardedSession):
        return
    owners = {
        getattr(row, "reseller_id", None)
        for rows, is_dirty in ((session.new, False), (session.dirty, True), (session.deleted, False))
        for row in rows
        if _may_move_prices(row, is_dirty=is_dirty, is_new=rows is session.new)
    }
    if owners:
        _leave(session, owners)


def _may_move_prices(row: Any, *, is_dirty: bool, is_new: bool) -> bool:
    state = inspect(row)
    table = state.mapper.local_table.name
    if table in UNPRICED:
        return False
    harmless = UNPRICED_COLUMNS.get(table)
    if harmless is None:
        return not is_dirty or any(one.history.has_changes() for one in state.attrs)
    if is_new:
        return table in _NEW_ROWS_COUNT
    if not is_dirty:
        return True
    names = (one.key for one in state.mapper.column_attrs)
    return any(name not in harmless and state.attrs[name].history.has_changes() for name in names)


@event.listens_for(Session, "do_orm_execute")
def mark_bulk_changes(state: ORMExecuteState) -> None:
    """Leave a mark for statements that write many rows at once, whatever they write of a table."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    if not isinstance(state.session, GuardedSession):
        return
    statement: Any = state.statement
    if statement.table.name not in UNPRICED:
        scope = current_scope()
        is_ones = scope.kind in (ScopeKind.RESELLER, ScopeKind.CUSTOMER)
        _leave(state.session, {scope.reseller_id if is_ones else None})


def _leave(session: GuardedSession, owners: Iterable[int | None]) -> None:
    """Write the marks; None: rows of the platform, which all resellers' prices may depend on."""
    known = set(owners)
    run = session.trusted_connection().execute
    table = PriceMark.__table__
    if None in known:
        everybody = select(Reseller.__table__.c.id, literal(_token()))
        run(insert(table).from_select(["reseller_id", "token"], everybody))
    else:
        run(insert(table), [{"reseller_id": one, "token": _token()} for one in sorted(known)])  # type: ignore[type-var]


# -- keeping them few ------------------------------------------------------------------------------------------------


def thin_out() -> int:
    """Leave one mark where a reseller has very many; returns for how many that was. Its months are priced once more."""
    with system_scope("the worker looks who has many marks of changes"):
        counted = func.count(PriceMark.id)
        query = select(PriceMark.reseller_id).group_by(PriceMark.reseller_id).having(counted > _MOST)
        many = db.session.scalars(query).all()
        db.session.rollback()
    for one in many:
        with reseller_scope(one), unit_of_work(db.session):
            db.session.execute(delete(PriceMark).execution_options(synchronize_session=False))
            _leave(cast(GuardedSession, db.session()), {one})
    return len(many)
