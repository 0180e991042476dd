"""The list of statements as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, stream_with_context
from flask_babel import gettext as _

from app.audit.log import record
from app.extensions import db
from app.kernel.csv_safe import Cell, stream_csv
from app.kernel.unit_of_work import unit_of_work
from app.rating.money import round_money
from app.shell.status import status
from app.statements import words
from app.statements.queries import StatementFilter, statements_query


def list_as_csv(wanted: StatementFilter) -> Response:
    """Answer with every statement that a list finds, in its order, with plain numbers; the change log notes it."""
    name = f"statements-{wanted.month:%Y-%m}.csv" if wanted.month else "statements.csv"
    conditions = [("tab", wanted.tab if wanted.tab != "all" else ""), ("search", wanted.text)]
    text = "; ".join(f"{key}: {value}" for key, value in conditions if value)
    with unit_of_work(db.session):
        record(
            "exported",
            noun="statement_export",
            name=name,
            changes={"filter": [None, text]} if text else {},
        )
    header = [
        _("Month"),
        _("Customer"),
        _("Account number"),
        _("External ID"),
        _("Statement number"),
        _("Kind"),
        _("Provider"),
        _("Status"),
        _("Estimated"),
        _("To be paid by"),
        _("Paid on"),
        _("Currency"),
        _("Customer cost"),
        _("Charges"),
        _("Discount or uplift"),
        _("Credits"),
        _("Tax"),
        _("Total"),
        _("Seller cost"),
        _("Margin"),
    ]
    answer = Response(stream_with_context(stream_csv(header, _rows(wanted))), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _rows(wanted: StatementFilter) -> Iterator[list[Cell]]:
    for one in db.session.scalars(statements_query(wanted).execution_options(yield_per=500)):
        amounts = (
            one.usage_amount,
            one.charges_amount,
            one.adjustment_amount,
            one.credit_amount,
            one.tax_amount,
            one.total,
            one.seller_cost,
            one.margin,
        )
        yield [
            f"{one.month:%Y-%m}",
            one.customer.organization,
            one.customer.account_number,
            one.customer.external_id,
            one.number or "",
            str(words.KIND_WORDS[one.kind]),
            one.provider.name if one.provider else "",
            str(status(words.badge_of(one, wanted.today)).word),
            _("Yes") if one.is_estimated else _("No"),
            one.due_on,
            one.paid_on,
            one.currency,
            *(round_money(amount, one.currency) for amount in amounts),
        ]
