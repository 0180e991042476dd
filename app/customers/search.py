"""Finding customers among 100,000: trigrams for three characters and more, an index range for one or two.

What is searched is folded (``kernel.folding``): organization, contact, email, number, external id, and the ids and
names of the cloud accounts. The database keeps the index itself, keyed by reseller, so that a search never reads
another reseller's names: on SQLite an FTS5 table with the trigram tokenizer, filled by triggers; on PostgreSQL a GIN
index over an array of reseller-prefixed trigrams (``INDEX_DDL``; the test server has no pg_trgm).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, column, func, literal_column, or_, select, table
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from app.customers.models import Customer
from app.extensions import db
from app.kernel.folding import fold
from app.kernel.numbers import compact_account_id, small_number
from app.tenancy.scope import current_scope
from app.tenancy.strays import trust

SHORTEST_TRIGRAM = 3
_LAST_CHARACTER = "\U0010ffff"
# Trusted: each use names the reseller in scope, and only row ids come out, which the entity's criterion limits.
_FTS = table("customers_fts", column("rowid"), column("customers_fts"))
_ROW_ID, _INDEX = trust(_FTS.c.rowid), trust(_FTS.c.customers_fts)


def own_words(customer: Any) -> str:
    """Return the folded text of a customer's own fields, a line each, so that no match crosses two fields."""
    words = (
        customer.organization,
        customer.contact_name,
        customer.email,
        f"C-{customer.number}",
        customer.external_id or "",
    )
    return "\n".join(fold(word) for word in words if word)


def _reseller_token(reseller_id: int) -> str:
    """The reseller as exactly one trigram of characters that no folded text contains (app/customers/search.py)."""
    return "".join(chr(0xE000 + (reseller_id >> shift) % 1024) for shift in (20, 10, 0))


def _by_trigrams(terms: list[str], reseller_id: int) -> ColumnElement[bool]:
    if db.session.get_bind().dialect.name == "sqlite":
        quoted = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        match = f'reseller:"{_reseller_token(reseller_id)}" AND body:({quoted})'
        return Customer.id.in_(select(_ROW_ID).where(_INDEX.op("MATCH")(match)))
    return or_(*(_by_array(term, reseller_id) for term in terms))


def _by_array(term: str, reseller_id: int) -> ColumnElement[bool]:
    # Written as the index has it, to the letter: a parameter would bring a collation, and the index would not fit.
    body = Customer.search_own + trust(literal_column("E'\\n'", Text)) + Customer.search_accounts
    return and_(
        func.cloudtally_trigrams(Customer.reseller_id, body).op("@>")(
            func.cloudtally_trigrams(reseller_id, term)
        ),
        body.contains(term, autoescape=True),
    )


def driven_by_trigrams(query: Select[Any], text: str) -> Select[Any]:
    """Return ``query`` over customers so that the trigram index leads where ``text`` is long enough for it.

    Without statistics SQLite guesses that a reseller has ten customers, and would read all of them rather than the few
    that the trigrams name. ``NOT INDEXED`` leaves it the row ids.
    """
    if len(fold(text)) < SHORTEST_TRIGRAM:
        return query
    return query.with_hint(Customer, "NOT INDEXED", "sqlite")


def _hint_of_a_table(_compiler: Any, _table: Any, text: str | None) -> str | None:
    return text


# SQLAlchemy knows table hints, but has no words for them on SQLite.
SQLiteCompiler.get_from_hint_text = _hint_of_a_table  # type: ignore[method-assign, assignment]


def matching(text: str) -> ColumnElement[bool] | None:
    """Return the condition for customers that ``text`` finds in the scope in force; None for no text at all."""
    term = fold(text)
    if not term:
        return None
    if len(term) < SHORTEST_TRIGRAM:
        prefix = and_(Customer.organization_key >= term, Customer.organization_key < term + _LAST_CHARACTER)
        number = small_number(term)
        return prefix if number is None else or_(prefix, Customer.number == number)
    compact = compact_account_id(term)
    return _by_trigrams([term, compact] if compact else [term], current_scope().reseller_id or 0)
