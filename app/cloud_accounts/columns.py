"""The columns of lists of cloud accounts: which there are, what stands in them on screen and in a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cloud_accounts.models import AccountType
from app.cloud_accounts.queries import AccountRow
from app.custom_fields.form_fields import PREFIX, Cell, cell_text, custom_cell
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.shell.formats import badge, date_text, provider_mark, reader_zone
from app.shell.status import status

#: The first column, which is always there.
NAME = "account"

NOTHING = Markup('<span class="ct-subtle">–</span>')

TYPE_WORDS: dict[AccountType, object] = {
    AccountType.RESALE: _l("Resale"),
    AccountType.SUBSCRIPTION: _l("Subscription"),
}


@dataclass(frozen=True, slots=True, eq=False)
class AccountColumn:
    """A column. ``plain`` is what a file holds; ``shown``, what the screen does where that is not the same as text.

    ``is_default``: shown unless other columns are chosen. ``sort``: the key by which the list can be sorted.
    ``is_agreed``: it says what was agreed for the customer that has the account.
    """

    key: str
    label: object
    plain: Callable[[AccountRow], Cell]
    shown: Callable[[AccountRow], Any] | None = None
    is_default: bool = True
    is_agreed: bool = False
    is_number: bool = False
    sort: str = ""
    style: str = ""

    def cell(self, row: AccountRow) -> Any:
        """Return what the screen shows."""
        if self.shown is not None:
            return self.shown(row)
        value = self.plain(row)
        if isinstance(value, datetime.date):
            return date_text(value)
        return NOTHING if value in (None, "") else value


def _added_on(row: AccountRow) -> datetime.date:
    return row.account.created_at.astimezone(reader_zone()).date()


def _book(row: AccountRow) -> str:
    book = row.period.pricebook if row.period else None
    return book.name if book else ""


_DAY = "nowrap tnum"

_COLUMNS = (
    AccountColumn(
        "provider",
        _l("Provider"),
        lambda row: row.account.provider.name,
        lambda row: Markup('<span class="ct-row">{}{}</span>').format(
            provider_mark(row.account.provider, labelled=False), row.account.provider.name
        ),
        sort="provider",
    ),
    AccountColumn(
        "account_id",
        _l("Account ID"),
        lambda row: row.account.account_id,
        is_default=False,
        sort="account_id",
        style="tnum",
    ),
    AccountColumn("support_type", _l("Support type"), lambda row: row.account.support_type),
    AccountColumn("pricebook", _l("Own pricebook"), _book, is_agreed=True),
    AccountColumn(
        "since",
        _l("Customer's since"),
        lambda row: row.period.first_day if row.period else None,
        is_default=False,
        is_agreed=True,
        style=_DAY,
    ),
    AccountColumn(
        "billing_starts_on",
        _l("Billing starts on"),
        lambda row: row.period.billing_starts_on if row.period else None,
        is_default=False,
        is_agreed=True,
        style=_DAY,
    ),
    AccountColumn(
        "status",
        _l("Status"),
        lambda row: str(status(row.state).word),
        lambda row: badge(row.state),
    ),
    AccountColumn(
        "account_type",
        _l("Account type"),
        lambda row: str(TYPE_WORDS[row.account.account_type]),
        is_default=False,
    ),
    AccountColumn("root_email", _l("Root email"), lambda row: row.account.root_email, is_default=False),
    AccountColumn("cost_centre", _l("Cost centre"), lambda row: row.account.cost_centre, is_default=False),
    AccountColumn("role_arn", _l("Role ARN"), lambda row: row.account.role_arn, is_default=False),
    AccountColumn(
        "external_id", _l("External ID"), lambda row: row.account.external_id or "", is_default=False
    ),
    AccountColumn("added", _l("Added"), _added_on, is_default=False, sort="added", style=_DAY),
)


def _custom_column(definition: CustomFieldDefinition) -> AccountColumn:
    cell, kind = custom_cell(definition), definition.type
    return AccountColumn(
        f"{PREFIX}{definition.name}",
        definition.label,
        lambda row: cell(row.account.custom_values),
        lambda row: cell_text(cell(row.account.custom_values), kind) or NOTHING,
        is_default=False,
        is_number=kind is FieldType.NUMBER,
        style=_DAY if kind is FieldType.DATE else "",
    )


def offered_columns(
    fields: Sequence[CustomFieldDefinition], *, with_agreed: bool = True
) -> list[AccountColumn]:
    """Return every column that can be shown beside the name, in order."""
    standard = [one for one in _COLUMNS if with_agreed or not one.is_agreed]
    return [*standard, *(_custom_column(one) for one in fields)]


def chosen_columns(offered: Sequence[AccountColumn], keys: Sequence[str]) -> list[AccountColumn]:
    """Return those of ``offered`` that ``keys`` name, the usual ones without any key; unknown keys are passed over."""
    return [one for one in offered if (one.key in keys if keys else one.is_default)]


def name_title() -> str:
    """Return the title of the first column."""
    return _("Account")
