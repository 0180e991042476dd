"""The console's search finds cloud accounts: those of customers, and those that are nobody's yet."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.queries import found_by
from app.extensions import db
from app.kernel.numbers import compact_account_id
from app.shell.finding import Hit


def of_customers(text: str, most: int) -> Sequence[Hit]:
    """Return accounts of customers by id and name; the id is exact."""
    return [
        Hit(
            one.name or one.account_id,
            url_for("CustomerAccountsView.edit", customer_id=one.customer_id, account_id=one.id),
            f"{one.account_id} · {one.provider.name} · {one.customer}",
            is_exact=_is_id(one, text),
        )
        for one in _accounts(text, most, CloudAccount.customer_id.is_not(None))
    ]


def of_nobody(text: str, most: int) -> Sequence[Hit]:
    """Return accounts that nobody has yet; they lead to their list, where they are assigned."""
    return [
        Hit(
            one.name or one.account_id,
            url_for("UnassignedAccountsView.list", q=one.account_id),
            f"{one.account_id} · {one.provider.name}",
            is_exact=_is_id(one, text),
        )
        for one in _accounts(text, most, CloudAccount.customer_id.is_(None))
    ]


def _accounts(text: str, most: int, whose: ColumnElement[bool]) -> Sequence[CloudAccount]:
    query = (
        select(CloudAccount)
        .where(whose)
        .options(joinedload(CloudAccount.customer))
        .order_by(CloudAccount.name, CloudAccount.account_id)
        .limit(most)
    )
    ids = {text, text.lower(), compact_account_id(text) or text}
    exact = db.session.scalars(query.where(CloudAccount.account_id.in_(ids))).all()
    return exact or db.session.scalars(query.where(*found_by(text))).all()


def _is_id(one: CloudAccount, text: str) -> bool:
    return one.account_id.lower() in (text.lower(), compact_account_id(text))
