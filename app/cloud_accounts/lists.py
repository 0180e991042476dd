"""Lists of cloud accounts: what their address asks for, what the page shows, and the same as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, send_file, stream_with_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.log import record
from app.cloud_accounts import registry
from app.cloud_accounts.columns import AccountColumn, chosen_columns, name_title, offered_columns
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.queries import (
    SORTABLE,
    AccountFilter,
    AccountRow,
    account_fields,
    accounts_query,
    open_periods,
)
from app.custom_fields.form_fields import Cell
from app.custom_fields.models import CustomFieldDefinition
from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.pagination import Page, list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.kernel.xlsx import write_xlsx
from app.providers.queries import resold_providers
from app.shell.formats import reader_zone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STATUS_LABELS = {CloudAccountStatus.ACTIVE: _l("Active"), CloudAccountStatus.ARCHIVED: _l("Archived")}

_AT_ONCE = 500


def filter_from_args(customer: Customer | None) -> AccountFilter:
    """Return what the running request asks for; answers 400 to values that no link of ours has."""
    args = request.args
    status, sort, direction = args.get("status", ""), args.get("sort", "account"), args.get("dir", "asc")
    is_known = (
        (not status or status in set(CloudAccountStatus))
        and sort in SORTABLE
        and direction in ("asc", "desc")
    )
    if not is_known:
        abort(400)
    return AccountFilter(
        customer_id=customer.id if customer else None,
        text=" ".join(args.get("q", "")[:200].split()),
        provider=args.get("provider", "")[:60],
        status=status,
        sort=sort,
        is_descending=direction == "desc",
    )


def rows_of(accounts: Sequence[CloudAccount]) -> list[AccountRow]:
    """Return accounts as their list shows them, in a constant number of statements."""
    periods, states = open_periods(accounts), registry.states_of(accounts)
    return [AccountRow(one, periods.get(one.id), states[one.id]) for one in accounts]


def list_context(customer: Customer | None) -> dict[str, Any]:
    """Return everything that the template of a list shows."""
    wanted = filter_from_args(customer)
    found: Page[CloudAccount] = paginate(db.session, accounts_query(wanted), list_page(request.args))
    offered, columns = _columns(customer, account_fields())
    providers = [one.provider for one in customer.enablements] if customer else resold_providers()
    chips = []
    if wanted.provider:
        name = next((one.name for one in providers if one.code == wanted.provider), wanted.provider)
        chips.append(("provider", _("Provider"), name))
    if wanted.status:
        chips.append(("status", _("Status"), STATUS_LABELS[CloudAccountStatus(wanted.status)]))
    return {
        "wanted": wanted,
        "accounts": found,
        "rows": rows_of(found.items),
        "columns": columns,
        "offered": [(one.key, one.label, one in columns) for one in offered],
        "sorting": (wanted.sort, "desc" if wanted.is_descending else "asc"),
        "chips": chips,
        "filter_providers": providers,
        "status_choices": STATUS_LABELS,
    }


def _columns(
    customer: Customer | None, fields: Sequence[CustomFieldDefinition]
) -> tuple[list[AccountColumn], list[AccountColumn]]:
    offered = offered_columns(fields, with_agreed=customer is not None)
    return offered, chosen_columns(offered, request.args.getlist("columns"))


@dataclass(frozen=True, slots=True)
class Export:
    """A table on its way out; ``rows`` reads the database while it is consumed."""

    name: str
    header: list[str]
    rows: Iterator[list[Cell]]


def export(customer: Customer | None, suffix: str) -> Response:
    """Answer with the list as a file, as it is filtered and sorted on the screen; the change log notes it.

    With ``fields=shown`` it has the columns of the list, otherwise every one, those of retired fields included.
    """
    made = _noted(customer, suffix)
    if suffix == "csv":
        response = Response(stream_with_context(stream_csv(made.header, made.rows)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=made.name)
        return response
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, title=_("Cloud Accounts"), header=made.header, rows=made.rows)
    file.seek(0)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=made.name, max_age=0)


def _noted(customer: Customer | None, suffix: str) -> Export:
    wanted = filter_from_args(customer)
    asked = request.args.get("fields", "")
    if asked not in ("", "shown"):
        abort(400)
    offered, columns = _columns(customer, account_fields(with_retired=not asked))
    if not asked:
        columns = offered
    whose = f"C-{customer.number}" if customer else "unassigned"
    name = f"cloud-accounts-{whose}-{utc_now().astimezone(reader_zone()):%Y-%m-%d}.{suffix}"
    changes: dict[str, list[str | None]] = {}
    conditions = [("search", wanted.text), ("provider", wanted.provider), ("status", wanted.status)]
    if text := "; ".join(f"{key}: {value}" for key, value in conditions if value):
        changes["filter"] = [None, text]
    with unit_of_work(db.session):
        record("exported", customer, noun="account_export", name=name, changes=changes)
    columns = [one for one in columns if one.key != "account_id"]
    header = [name_title(), _("Account ID"), *(str(one.label) for one in columns)]
    return Export(name, header, _export_rows(wanted, columns))


def _export_rows(wanted: AccountFilter, columns: Sequence[AccountColumn]) -> Iterator[list[Cell]]:
    query = accounts_query(wanted).execution_options(yield_per=_AT_ONCE)
    for accounts in db.session.scalars(query).partitions():
        for row in rows_of(list(accounts)):
            yield [row.account.name, row.account.account_id, *(one.plain(row) for one in columns)]
