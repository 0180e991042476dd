"""The change log: searchable, and exportable exactly as filtered."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from flask import Response, abort, request, stream_with_context
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, select

from app.audit.log import record
from app.audit.models import AuditEntry
from app.audit.places import addresses_of
from app.audit.queries import AuditFilter, entries_query
from app.audit.vocabulary import KINDS, VERBS
from app.audit.words import change_lines, options, sentence
from app.extensions import db
from app.kernel.csv_safe import stream_csv
from app.kernel.numbers import LARGEST_PAGE, small_number
from app.kernel.pagination import SIZES
from app.kernel.request_id import LONGEST
from app.kernel.unit_of_work import unit_of_work
from app.shell.crud import BaseModelView, Interface
from app.shell.formats import reader_zone
from app.tenancy.scope import ScopeKind, current_scope


def _day(name: str) -> datetime.date | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        abort(400)


def _filter() -> AuditFilter:
    args = request.args
    return AuditFilter(
        text=args.get("q", "")[:200],
        actor=args.get("actor", "")[:200],
        record_type=args.get("type", ""),
        action=args.get("action", ""),
        request_id=args.get("request", "").strip()[:LONGEST],
        since=_day("since"),
        until=_day("until"),
    )


def _note_export(wanted: AuditFilter, count: int) -> None:
    """Leave an entry of its own: how many entries left, and which filter chose them."""
    chosen = [(one.name, getattr(wanted, one.name)) for one in fields(wanted)]
    conditions = "; ".join(f"{name}: {value}" for name, value in chosen if value)
    changes: dict[str, list[str | None]] = {"row_count": [None, str(count)]}
    if conditions:
        changes["filter"] = [None, conditions[:500]]
    record("exported", noun="change_log", name="cloudtally-changes.csv", changes=changes)


class AuditView(BaseModelView):
    """Every change of the reseller in scope, newest first; the platform's own changes on the platform."""

    datamodel = Interface(AuditEntry)
    route_base = "/audit"
    class_permission_name = "Audit"
    base_permissions = ["can_list", "can_export"]
    exclude_route_methods = {"download", "action", "action_post", "show", "add", "edit", "delete"}
    list_columns = ["at"]
    search_columns = ["record_name"]
    list_title = _l("Change log")

    def _may(self, verb: str) -> bool:
        subject = "PlatformAudit" if current_scope().kind is ScopeKind.PLATFORM else "Audit"
        return bool(self.appbuilder.sm.has_access(f"can_{verb}", subject))

    @expose("/list/")
    def list(self) -> Any:
        if not current_user.is_authenticated:
            return self.appbuilder.sm.lm.unauthorized()
        if not self._may("list"):
            abort(403)
        wanted = _filter()
        query = entries_query(wanted, zone=reader_zone())
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        page = small_number(request.args.get("page", "0"), largest=LARGEST_PAGE)
        size = request.args.get("per_page", "50")
        if page is None or size not in {str(one) for one in SIZES}:
            abort(400)
        rows = db.session.scalars(query.offset(page * int(size)).limit(int(size))).all()
        return self.render_template(
            "audit/list.html",
            title=self.list_title,
            wanted=wanted,
            rows=[
                (row, sentence(row), change_lines(row), address)
                for row, address in zip(rows, addresses_of(rows), strict=True)
            ],
            total=total,
            page=page,
            size=int(size),
            nouns=options(KINDS),
            verbs=options(VERBS),
            may_export=self._may("export"),
        )

    @expose("/export.csv")
    @permission_name("export")
    def export(self) -> Any:
        if not current_user.is_authenticated:
            return self.appbuilder.sm.lm.unauthorized()
        if not self._may("export"):
            abort(403)
        titles = [
            _("Time (UTC)"),
            _("Who"),
            _("Address"),
            _("Action"),
            _("Record"),
            _("Name"),
            _("Reason"),
            _("Changes"),
            _("Request"),
        ]

        wanted = _filter()
        query = entries_query(wanted, zone=reader_zone())
        found = query.order_by(None).subquery()
        count, newest = db.session.execute(
            select(func.count(), func.max(found.c.id)).select_from(found)
        ).one()
        with unit_of_work(db.session):
            _note_export(wanted, count)
        # The file ends before its own entry.
        query = query.where(AuditEntry.id <= (newest or 0)).execution_options(yield_per=500)

        def cells() -> Iterator[list[Any]]:
            for entry in db.session.scalars(query):
                changes = "; ".join(
                    f"{field}: {before} → {after}" for field, before, after in change_lines(entry)
                )
                yield [
                    entry.at.isoformat(timespec="seconds"),
                    entry.actor_name,
                    entry.address,
                    str(VERBS.get(entry.action, entry.action)),
                    str(KINDS.get(entry.record_type, entry.record_type)),
                    entry.record_name,
                    entry.reason,
                    changes,
                    entry.request_id or "",
                ]

        body = stream_with_context(stream_csv(titles, cells()))
        return Response(
            body,
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="cloudtally-changes.csv"'},
        )
