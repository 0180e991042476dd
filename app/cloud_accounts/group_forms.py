"""The form of an account group."""

from __future__ import annotations

from typing import ClassVar

from flask_babel import lazy_gettext as _l

from app.months.fields import CountsFromField
from app.shell.fields import CheckList, ChoiceField, Text, VersionedForm


class GroupForm(VersionedForm):
    """A group's name, and the accounts that are in it from a month on."""

    audit_parts: ClassVar[tuple[str, ...]] = ()

    provider_id = ChoiceField(_l("Cloud provider"), required=True, choices=[])
    name = Text(
        _l("Name"),
        required=True,
        longest=100,
        sentence=_l("Enter a name, such as Production."),
        description=_l("Unique among the groups of this customer and provider."),
    )
    account_ids = CheckList(
        _l("Accounts"),
        choices=[],
        description=_l("An account is in one group at most: one that is in another group leaves it."),
    )
    counts_from = CountsFromField()
