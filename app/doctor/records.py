"""What is derived from other fields: folded names, searched words, the search index."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import refresh_search
from app.customers.models import Customer
from app.customers.search import own_words
from app.doctor.faults import ERROR, MEND, Fault, of_rows
from app.doctor.schema import is_sqlite, rebuild_search_index, search_index_is_whole
from app.extensions import db
from app.kernel.folding import fold
from app.tenancy.models import Reseller


class _Amiss(NamedTuple):
    """A customer whose derived fields do not fit."""

    customer: Any
    label: str


def check_derived_fields() -> list[Fault]:
    """Do the folded name and the searched words of each customer fit its fields and accounts?"""
    account_words: dict[int, list[str]] = defaultdict(list)
    for customer_id, *words in db.session.execute(
        select(CloudAccount.customer_id, CloudAccount.account_id, CloudAccount.name)
    ):
        account_words[customer_id] += [fold(word) for word in words if word]
    keys: list[_Amiss] = []
    own: list[_Amiss] = []
    accounts: list[_Amiss] = []
    query = select(
        Customer.id,
        Customer.number,
        Customer.organization,
        Customer.organization_key,
        Customer.contact_name,
        Customer.email,
        Customer.external_id,
        Customer.search_own,
        Customer.search_accounts,
        Reseller.nickname,
    ).join(Reseller, Reseller.id == Customer.reseller_id)
    for row in db.session.execute(query.order_by(Customer.id).execution_options(yield_per=2000)):
        amiss = _Amiss(row, f"C-{row.number} of {row.nickname}")
        if row.organization_key != fold(row.organization):
            keys.append(amiss)
        if row.search_own != own_words(row):
            own.append(amiss)
        if sorted(row.search_accounts.split("\n")) != sorted(account_words.get(row.id) or [""]):
            accounts.append(amiss)
    return [
        *of_rows(
            "organization_key_differs",
            [one.label for one in keys],
            "customer is sorted and kept unique by a name that it does not have",
            "customers are sorted and kept unique by names that they do not have",
            f"{MEND} Where two customers of a reseller have the same name, rename one of them first.",
            repair=partial(_mend_keys, keys),
        ),
        *of_rows(
            "search_own_differs",
            [one.label for one in own],
            "customer is found by words that are not its own",
            "customers are found by words that are not their own",
            MEND,
            repair=partial(_mend_own_words, own),
        ),
        *of_rows(
            "search_accounts_differs",
            [one.label for one in accounts],
            "customer is found by words that its cloud accounts do not have",
            "customers are found by words that their cloud accounts do not have",
            MEND,
            repair=partial(_mend_account_words, accounts),
        ),
    ]


def _write(customer_id: int, **values: str) -> None:
    """Write derived fields past the customer's version: mending them is no edit of Customer Information."""
    statement = update(Customer).where(Customer.id == customer_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _mend_keys(amiss: list[_Amiss]) -> None:
    """Give each its key. One whose key another customer holds waits until that one has its own, or stays."""
    while amiss:
        waiting = []
        for one in amiss:
            try:
                with db.session.begin_nested():
                    _write(one.customer.id, organization_key=fold(one.customer.organization))
            except IntegrityError:
                waiting.append(one)
        if len(waiting) == len(amiss):
            return
        amiss = waiting


def _mend_own_words(amiss: list[_Amiss]) -> None:
    for one in amiss:
        _write(one.customer.id, search_own=own_words(one.customer))


def _mend_account_words(amiss: list[_Amiss]) -> None:
    for one in amiss:
        refresh_search(one.customer)


def check_search_index() -> list[Fault]:
    """Has the search index exactly one row for each customer, with its words? PostgreSQL sees to that by itself."""
    if not search_index_is_whole():
        return [
            Fault(
                "search_index_missing",
                ERROR,
                "The search index or what fills it is missing, so searches fail or miss customers.",
                MEND,
                repair=rebuild_search_index,
            )
        ]
    if not is_sqlite():
        return []
    faults = []
    reseller = (
        "char(57344 + ((c.reseller_id >> 20) % 1024), 57344 + ((c.reseller_id >> 10) % 1024), "
        "57344 + (c.reseller_id % 1024))"
    )
    for code, rows, one, many in (
        (
            "search_index_rows_missing",
            "customers c LEFT JOIN customers_fts f ON f.rowid = c.id WHERE f.rowid IS NULL",
            "customer is not in the search index",
            "customers are not in the search index",
        ),
        (
            "search_index_rows_extra",
            "customers_fts f LEFT JOIN customers c ON c.id = f.rowid WHERE c.id IS NULL",
            "row of the search index belongs to no customer",
            "rows of the search index belong to no customer",
        ),
        (
            "search_index_rows_differ",
            "customers c JOIN customers_fts f ON f.rowid = c.id "
            f"WHERE f.body <> c.search_own || char(10) || c.search_accounts OR f.reseller <> {reseller}",
            "customer is in the search index with other words",
            "customers are in the search index with other words",
        ),
    ):
        count = int(db.session.scalar(text(f"SELECT count(*) FROM {rows}")) or 0)  # noqa: S608 - our own text
        if count:
            sentence = f"{count} {one if count == 1 else many}."
            faults.append(Fault(code, ERROR, sentence, MEND, count, rebuild_search_index))
    return faults
