"""What a statement keeps of everything it was made of: as JSON that can be read in ten years, with its hash."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import json
import types
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from app.rating.pricebook import Book, RuleKind
from app.rating.pricing import PricedRow
from app.rating.reasons import Reason
from app.rating.usage import LineKind
from app.statements.pricing import Behind
from app.statements.rated import Rated

_T = TypeVar("_T")
#: What a draft may have otherwise when it is issued: credits are used as they are then, and tax follows them.
_MAY_DIFFER = frozenset({LineKind.CREDIT, LineKind.TAX})


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; decimals are text, so that none is rounded."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def number(value: Decimal | None) -> str:
    """Return a decimal as text, exactly and without zeros at its end; "" for none."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(kind: type[_T], value: Any) -> _T:
    """Return what ``plain`` wrote of a dataclass."""
    found: _T = _read(kind, value)
    return found


def _read(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if value is None or kind is Any or origin is Literal:
        return value
    if origin in (Union, types.UnionType):
        [inner] = [one for one in get_args(kind) if one is not type(None)]
        return None if value == "" and inner is Decimal else _read(inner, value)
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], one) for one in value)
        return tuple(_read(one, part) for one, part in zip(inner, value, strict=True))
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints[name], one) for name, one in value.items()})  # type: ignore[operator]
    if kind is Decimal:
        return Decimal(value)
    if kind is datetime.date:
        return datetime.date.fromisoformat(value)
    return value


def hash_of(*values: Any) -> str:
    """Return the SHA-256 of values as canonical JSON."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def frozen_of(rated: Rated) -> dict[str, Any]:
    """Return all that a statement used, by what it is: imports with hashes, books, plans, rates, switches, names."""
    agreed, given = rated.agreed, rated.given
    return plain(
        {
            "format": 1,
            "usage": [
                {
                    "provider": one.provider.code,
                    "source": one.source,
                    "version": one.version,
                    "sha256": one.content_hash,
                    "lines": one.row_count,
                    "is_incomplete": one.is_incomplete,
                }
                for one in rated.own_parts
            ],
            "accounts": [
                {
                    "provider": one.account.provider.code,
                    "id": one.account.account_id,
                    "name": one.account.name,
                    "first_day": one.days.first,
                    "last_day": one.days.last,
                    "book": one.pricebook_id,
                    "fields": one.account.custom_values,
                }
                for one in agreed.held
            ],
            "customer": {
                "number": agreed.customer.account_number,
                "name": agreed.customer.organization,
                "external_id": agreed.customer.external_id,
                "fields": agreed.customer.custom_values,
            },
            "terms": [
                {**plain(dataclasses.replace(one, book=None)), "book": one.book.id if one.book else None}
                for one in given.terms
            ],
            "books": [_book(agreed.books[one]) for one in sorted(agreed.books)],
            "plans": given.assignments,
            "adjustment_percent": given.adjustment_percent,
            "is_taxable": given.is_taxable,
            "tax_rates": given.tax_rates,
            "exchange_rates": rated.statement.exchange_rates,
            "options": agreed.options,
            "purchase_accounts": given.purchase_accounts,
        }
    )  # type: ignore[no-any-return]


def _book(book: Book) -> dict[str, Any]:
    """A book by what tells it from any other; the rules that won stand behind the amounts."""
    return {
        "id": book.id,
        "percent": book.percent,
        "match_mode": book.match_mode,
        "currency": book.currency,
        "rules": len(book.rules),
        "sha256": hash_of(plain(book)),
    }


def fingerprint_of(rated: Rated) -> str:
    """Return what tells whether a draft would be the same today, but for its credits and what they do to tax."""
    lines = [plain(one) for one in rated.statement.lines if one.kind not in _MAY_DIFFER]
    given = rated.given
    others = [given.currency, given.credits_lower_tax, given.is_taxable, given.tax_rates, rated.is_estimated]
    return hash_of(lines, plain(others), [plain(one) for one in rated.statement.exchange_rates])


def reason_in_words(reason: Reason) -> dict[str, Any]:
    """Return a reason as JSON; screens put it into words."""
    return {"code": reason.code.value, **{name: plain(value) for name, value in reason.parameters}}


def behind_of(rated: Rated, names: Mapping[int, str]) -> bytes:
    """Return what each amount of usage is made of, compressed. ``names``: those of the books, by id."""
    rows = [_behind_row(one, rated, names) for one in rated.statement.rows if one.amount or one.seller_cost]
    return zlib.compress(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode())


def read_behind(written: bytes) -> list[dict[str, Any]]:
    """Return what ``behind_of`` wrote."""
    found: list[dict[str, Any]] = json.loads(zlib.decompress(written)) if written else []
    return found


def _behind_row(row: PricedRow, rated: Rated, names: Mapping[int, str]) -> dict[str, Any]:
    line, rule = row.line, row.coefficients.rule
    told = Behind.read(line.reference)
    book_id = dict(row.reason.parameters).get("book")
    return {
        "provider": line.provider,
        "account": line.account,
        "service": line.service,
        "kind": row.treatment.kind.value,
        "is_billed": row.treatment.is_billed,
        "class": told.number,
        "lines": told.lines,
        "unit": told.unit,
        "quantity": number(line.quantity),
        "currency": line.currency,
        "basis_name": row.treatment.basis.value,
        "basis": number(row.basis),
        "why": reason_in_words(row.why),
        "per_cost": number(row.coefficients.per_cost),
        "per_unit": number(row.coefficients.per_unit),
        "rate": number(row.rate),
        "unit_rate": number(row.unit_rate),
        "amount": number(row.amount),
        "seller_cost": number(row.seller_cost),
        "commitment_margin": number(row.commitment_margin),
        "book": names.get(book_id, "") if isinstance(book_id, int) else "",
        "book_source": row.source.value,
        "book_percent": number(_percent_of_book(row)),
        "rule": None if rule is None else {**plain(rule), "has_value": rule.kind is not RuleKind.DEFAULT},
        "is_whole": row.coefficients.is_whole,
        "reviews": [one.value for one in row.reviews],
    }


def _percent_of_book(row: PricedRow) -> Decimal | None:
    found = dict(row.reason.parameters).get("percent")
    return found if isinstance(found, Decimal) else None
