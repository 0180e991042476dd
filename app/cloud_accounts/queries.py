"""Named reads of cloud accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from app.cloud_accounts.models import CloudAccount
from app.kernel.numbers import compact_account_id


def found_by(text: str) -> list[ColumnElement[bool]]:
    """Return the conditions of a search for a part of the id or of the name; none for an empty one."""
    if not text:
        return []
    columns = (CloudAccount.account_id, CloudAccount.name)
    # SQLite's own comparison knows upper and lower case of ASCII only, hence the second spelling.
    spellings = {text, text.lower(), text.upper(), text.capitalize()} | {compact_account_id(text) or text}
    return [or_(*(column.icontains(one, autoescape=True) for column in columns for one in spellings))]
